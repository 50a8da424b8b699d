from typing import Any

import pytest

from ecsplan.config.resources.stack_digest import digest_of
from ecsplan.model.address import Address, ForeignRef, Lookup, Ref, Secret, Template
from ecsplan.model.resource import Resource
from ecsplan.model.stack import Stack


def digest(value: Any) -> str:
    resource = Resource(Address("box", "a"), {"value": value}, "demo-a")
    return digest_of(Stack("demo", "cn-hangzhou", (resource,)))


REF = Ref(Address("net", "a"))
VALUES = [
    "a", 1, True, None, ("a",), {"a": "b"}, frozenset({"a", "b"}), REF, Ref(Address("net",
    "a"), "ip"), Template(("a", REF)),
    ForeignRef("s", Address("net", "a")), Lookup("net",
    "a"), Secret(1, env="A"), Secret(2, env="A"), Secret(1, file="A"),
    Secret(1, template=("x", Secret(1, env="A"))), Secret(1, template=("y", Secret(1, env="A"))),
]  # fmt: skip


def test_every_value_has_a_digest_of_its_own() -> None:
    assert len({digest(value) for value in VALUES}) == len(VALUES)
    assert digest(frozenset({"b", "a"})) == digest(frozenset({"a", "b"}))


def test_a_value_of_another_type_is_a_bug() -> None:
    with pytest.raises(TypeError, match="object is not a canonical value"):
        digest(object())
