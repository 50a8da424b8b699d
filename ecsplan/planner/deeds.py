"""Attributes that say what is to be done with an object, where only its record says what was done. Pure.

Each is a map of records (`commands`). What a run had begun and did not get done counts as not done: whoever does it
looks first whether it was.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ecsplan.model.attribute import Attribute
from ecsplan.model.change import AttributeChange, Cause, Piece
from ecsplan.model.composites import MapOf, Record
from ecsplan.model.record import Applied
from ecsplan.model.resource import RemoteObject, Resource

POWER, OFF = "state", "stopped"


def deed_change(
    attribute: Attribute, resource: Resource, obj: RemoteObject, desired: tuple[tuple[str, Any], ...]
) -> AttributeChange | None:
    """What is still to be done. Of an object without a record (one that is adopted) nobody knows: nothing is done."""
    if obj.applied is None or not obj.applied.is_exact or is_put_off(resource):
        return None
    done = tuple((key, item) for key, item in desired if _is_done(obj.applied, attribute, key, dict(item)))
    if len(done) == len(desired):
        return None
    known = dict(done)
    parts = tuple(Piece(key, Cause.PENDING) for key, _ in desired if key not in known)
    return AttributeChange(attribute.name, done, desired, source=resource.source_of(attribute.name), parts=parts)


def is_put_off(resource: Resource) -> bool:
    """Whether it waits until the object runs again: it can be done only then."""
    return resource.attributes.get(POWER) == OFF


def _is_done(record: Applied, attribute: Attribute, key: str, item: Mapping[str, object]) -> bool:
    """By its text, under whichever name it was done; by its name, where it has no text."""
    assert isinstance(attribute.type, MapOf) and isinstance(attribute.type.item, Record)
    text = item.get("text")
    if text is None:
        label = f"{attribute.name}.{key}"
        return record.has_any(label) is True and not any(_is_open(record, name) for name in _under(record, label))
    of = attribute.type.item.by_name["text"].type
    names = (name for name in _under(record, attribute.name) if name.endswith(".text"))
    return any(record.holds(name, of, text) and not _is_open(record, name) for name in names)


def _under(record: Applied, label: str) -> Iterator[str]:
    return (name for name in record.names() if name.startswith(f"{label}."))


def _is_open(record: Applied, name: str) -> bool:
    return record.opened(name) is not None
