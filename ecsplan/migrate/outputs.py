"""The output blocks of `.tf` files: plain references become outputs of the stack file, the rest is told. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ecsplan.migrate.code import Code, place_of
from ecsplan.migrate.sorting import Target
from ecsplan.model.address import NAME_PATTERN
from ecsplan.model.capabilities.terraform import kinds_by_type
from ecsplan.model.kind import Kinds
from ecsplan.model.migration import Entry, Note

Meant = tuple[Target, str]
"""An object, and one of its attributes."""

_REFERENCE = re.compile(
    r"\$\{\s*(?P<type>alicloud_\w+)\.(?P<name>[\w-]+)"
    r"(?:\[(?:(?P<number>[0-9]{1,6})|\"(?P<key>[^\"]*)\")\])?\.(?P<attribute>\w+)\s*\}\Z",
    re.ASCII,
)


def outputs_of(code: Code, objects: Mapping[Target, Entry], kinds: Kinds) -> dict[str, Meant]:
    """Outputs by name, as far as each is one attribute of one object that is brought over."""
    found = {name: _meant(body, objects, kinds) for name, body in code.outputs.items() if NAME_PATTERN.match(name)}
    return {name: meant for name, meant in found.items() if meant is not None}


def not_taken(code: Code, taken: Mapping[str, Meant]) -> Iterator[Note]:
    for name in code.outputs:
        if name not in taken:
            yield Note(f"output.{name}", "not one attribute of what is brought over: write it in outputs: by hand")


def _meant(body: Mapping[str, Any], objects: Mapping[Target, Entry], kinds: Kinds) -> Meant | None:
    value = body.get("value")
    found = _REFERENCE.match(value) if isinstance(value, str) and body.get("sensitive") is not True else None
    if found is None:
        return None
    key = int(found["number"]) if found["number"] is not None else found["key"]
    for target, entry in objects.items():
        if (*place_of(entry), entry.key) == ((), found["type"], found["name"], key):
            attribute = _ours(found["type"], found["attribute"], kinds)
            return (target, attribute) if attribute else None
    return None


def _ours(kind: str, theirs: str, kinds: Kinds) -> str | None:
    ours, of = kinds_by_type(kinds)[kind]
    attributes = {attribute.name: attribute for attribute in ours.attributes}
    named = of.ours(theirs) or of.present_name(theirs)
    is_told = named in attributes and not attributes[named].sensitive and attributes[named].read_as is not False
    return named if theirs == "id" or is_told else None
