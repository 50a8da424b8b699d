"""Every value that a stack file can come to has the form of its type; others are told."""

from pathlib import Path
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.model.address import Address, Ref, Template
from ecsplan.model.canonical import mistake_in
from ecsplan.model.composites import MapOf, NamedRef, Record, Reference, SetOf
from ecsplan.model.values import Choice, Integer, Text
from tests.config.workshop import fixed

ROOT = Path(__file__).parent.parent.parent
STACKS = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "examples" / "kinds").glob("*.yaml"))]
KINDS = engine.kinds()


@pytest.mark.parametrize("text", STACKS, ids=lambda text: text.partition("stack: ")[2].partition("\n")[0])
def test_what_the_examples_say_has_the_right_form(text: str, tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text(text, encoding="utf-8")
    for resource in engine.load(str(tmp_path / "stack.yaml")).resources:
        known = {attribute.name: attribute.type for attribute in KINDS[resource.address.kind].attributes}
        for name, value in resource.attributes.items():
            assert mistake_in(known[name], value) == "", (resource.address, name, value)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_samples_of_every_attribute_have_the_right_form(kind: str) -> None:
    for attribute in KINDS[kind].attributes:
        for sample in attribute.samples:
            found = _resolved(attribute.type.parse(sample))
            assert mistake_in(attribute.type, found) == "", (attribute.name, sample)


def _resolved(value: Any) -> Any:
    """As it is once plain names have been found."""
    if isinstance(value, NamedRef):
        return Ref(Address(value.kinds[0], "a"))
    return tuple(map(_resolved, value)) if isinstance(value, tuple) else value


RECORD = Record("a rule", fixed("port", Integer(1, 9)), fixed("note", Text()))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Text(), 7), (Text(), None), (Text(), ()), (Integer(), "7"), (Integer(), True), (Choice("a"), "b"),
        (SetOf(Text()), "a"), (SetOf(Text()), (7,)), (MapOf(Text()), ("a",)), (MapOf(Text()), (("a", 7),)),
        (MapOf(Text()), ((7, "a"),)), (RECORD, (("nope", 1),)), (RECORD, (("port", "x"),)), (RECORD, {"port": 1}),
        (Reference("box", prefixes=("bx-",)), 7), (Text(), Template(("only text",))),
    ],
)  # fmt: skip
def test_what_is_of_another_form_is_told(kind, value) -> None:
    assert mistake_in(kind, value)


def test_what_is_known_later_fits_anywhere() -> None:
    later = Ref(Address("box", "a"))
    assert mistake_in(Integer(), later) == mistake_in(Text(), Template(("a", later))) == ""
