"""A value as Terraform's JSON has it: what is known of it, what is known only after apply, what is secret."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from ecsplan.model.address import ForeignRef, Lookup, Ref, Template
from ecsplan.model.algebra import is_fields
from ecsplan.model.change import Never, Unknown
from ecsplan.model.composites import refs_in
from ecsplan.render.values import Hidden, plain

_ABSENT = object()
_MAPS = frozenset({"tags"})


class Side(Struct, frozen=True):
    """An object before or after. `unknown` and `sensitive` have the shape of the object, and True at such leaves.

    `refers` are the references of its attributes, by attribute.
    """

    known: dict[str, Any] = field(default_factory=dict)
    unknown: dict[str, Any] = field(default_factory=dict)
    sensitive: dict[str, Any] = field(default_factory=dict)
    refers: dict[str, list[Ref]] = field(default_factory=dict)


def side_of(values: Mapping[str, Any]) -> Side:
    found = Side()
    for name, value in values.items():
        if name in _MAPS and value == ():
            value = {}
        known, unknown, sensitive = _split(value)
        if known is not _ABSENT:
            found.known[name] = known
        if unknown:
            found.unknown[name] = unknown
        if sensitive:
            found.sensitive[name] = sensitive
        if refs := refs_in(value):
            found.refers[name] = list(refs)
    return found


def _split(value: Any) -> tuple[Any, Any, Any]:
    if isinstance(value, (Ref, Template, ForeignRef, Lookup)):
        return _ABSENT, True, False
    if isinstance(value, Hidden):
        return None, False, True
    if isinstance(value, (Unknown, Never)):
        return _ABSENT, False, False
    if isinstance(value, Mapping) or is_fields(value):
        return _split_map(dict(value))
    if isinstance(value, (tuple, list)):
        return _split_list(value)
    return plain(value), False, False


def _split_map(fields: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    side = side_of(fields)
    return side.known, side.unknown, side.sensitive


def _split_list(values: Any) -> tuple[Any, Any, Any]:
    """Lists keep their length: what is not known of an item is null."""
    split = [_split(value) for value in values]
    known = [None if item is _ABSENT else item for item, _, _ in split]
    unknown, sensitive = [item for _, item, _ in split], [item for _, _, item in split]
    return known, unknown if any(unknown) else False, sensitive if any(sensitive) else False
