"""Whether a value is one that parsing could have come to. For values from a saved plan, which anybody can have written.

See values.py for what canonical means.
"""

from typing import Any

from ecsplan.model.address import ForeignRef, Lookup, Ref, Secret, Template
from ecsplan.model.algebra import is_fields
from ecsplan.model.attribute import Attribute
from ecsplan.model.composites import ListOf, MapOf, Record, Reference
from ecsplan.model.quoting import shown
from ecsplan.model.values import Mistake, ValueType

_LATER = (Ref, Secret, ForeignRef, Lookup)


def mistake_in_attribute(attribute: Attribute, value: object) -> str:
    """See `mistake_in`; of one that may be none, None says so."""
    return "" if value is None and attribute.optional else mistake_in(attribute.type, value)


def mistake_in(kind: ValueType, value: object) -> str:
    """What is wrong with the form of a value; empty where it is right."""
    if isinstance(value, _LATER):
        return ""
    if isinstance(value, Template):
        return "" if any(isinstance(part, Ref) for part in value.parts) else "a template without a reference"
    if isinstance(kind, MapOf):
        return _in_pairs(kind, value)
    if isinstance(kind, ListOf):
        if not isinstance(value, tuple):
            return f"{shown(value)} is not a list"
        return next(filter(None, (mistake_in(kind.item, item) for item in value)), "")
    if isinstance(kind, Record):
        return _in_record(kind, value)
    if isinstance(kind, Reference):
        return "" if isinstance(value, str) else f"{shown(value)} refers to nothing"
    try:
        kind.parse(value)
    except Mistake as mistake:
        return mistake.summary
    return ""


def _in_pairs(kind: MapOf, value: Any) -> str:
    if value != () and not is_fields(value):
        return f"{shown(value)} is not a mapping"
    return next(filter(None, (mistake_in(kind.item, item) for _, item in value)), "")


def _in_record(kind: Record, value: Any) -> str:
    if value != () and not is_fields(value):
        return f"{shown(value)} is not {kind.says}"
    for name, item in value:
        if name not in kind.by_name:
            return f"there is no {name} in {kind.says}"
        mistake = mistake_in_attribute(kind.by_name[name], item)
        if mistake:
            return f"{name}: {mistake}"
    return ""
