"""Parts of an instance by slot, as inventory/identity has told them. Used by the instance's disks and interfaces.

A part hangs on the machine, or is ours and hangs nowhere (a run died between making and attaching it), or still hangs
on a machine that this one replaces.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import TypeVar

from ecsplan.model.algebra import Raw, Value, ValueOrUnknown, Values, fields
from ecsplan.model.composites import Record
from ecsplan.model.decoder import Decoder
from ecsplan.model.marks import read_marks, read_tags
from ecsplan.model.resource import RemoteObject
from ecsplan.model.slots import FOREIGN, SLOT_OF, SLOTS_OF
from ecsplan.model.values import Text

SLOT = Text(2, 64, r"^[A-Za-z][A-Za-z0-9_-]*$", "a slot name of 2 to 64 letters, digits, _ and -, like data")

Part = Raw
T = TypeVar("T")


def slots(value: ValueOrUnknown) -> dict[str, dict[str, Value]]:
    return {slot: fields(part) for slot, part in fields(value).items()}


def changes(record: Record, live: Values, desired: Values) -> dict[str, Value]:
    """The declared members of a slot that the live part does not have."""
    return {
        name: value for name, value in desired.items() if not record.by_name[name].type.matches(value, live.get(name))
    }


def known(record: Record, wanted: Values) -> dict[str, Value]:
    """Of what a resource of its own declares, what a slot can declare too."""
    return {name: value for name, value in wanted.items() if name in record.by_name}


def matches(record: Record, desired: Value, live: Value) -> bool:
    """Only what a slot declares is compared."""
    wanted, found = slots(desired), slots(live)
    return set(wanted) == set(found) and all(not changes(record, found[slot], wanted[slot]) for slot in wanted)


def is_marked(part: Part, kind: str) -> bool:
    """Whether a part has a mark of its own kind."""
    marks = read_marks(read_tags((part.get("Tags") or {}).get("Tag")), kind, "instance")
    return marks.owner is not None and marks.owner.part is not None


def is_nobodys(part: Part, kind: str) -> bool:
    """Whether no stack owns it, itself or with its machine."""
    return read_marks(read_tags((part.get("Tags") or {}).get("Tag")), kind, "instance").owner is None


def locks(row: Raw, inner: str) -> Iterator[str]:
    """Why the service has locked it; `inner` is the name of one entry of OperationLocks."""
    for one in (row.get("OperationLocks") or {}).get(inner) or ():
        yield str(one.get("LockReason"))


def hangs_here(raw: Raw, part: Part) -> bool:
    """Not so for a part that hangs nowhere, or still on the machine that this one replaces."""
    place = part.get("InstanceId")
    return bool(place) and place == raw.get("InstanceId", place)


def by_slot(raw: Raw, attribute: str, parts: Iterable[Part], part_id: str) -> dict[str, Part]:
    """Each live part under its slot; `part_id` is the field of its id."""
    by_id = {str(part.get(part_id)): part for part in parts}
    found = (raw.get(SLOTS_OF) or {}).get(attribute) or {}
    return {slot: by_id[one] for slot, one in found.items() if one in by_id}


def foreign(raw: Raw, parts: Iterable[Part], part_id: str) -> list[Part]:
    """What hangs on the machine, and is no part of it."""
    ids: Collection[str] = raw.get(FOREIGN) or ()
    return [part for part in parts if str(part.get(part_id)) in ids]


@Decoder
def _slot(raw: Raw) -> str:
    return str(raw.get(SLOT_OF) or "")


def left_by(parts: Iterable[RemoteObject], kind: str, decoded: Decoder[T]) -> dict[str, T]:
    """Parts of a machine that is gone, under the slots that they had."""
    return {slot: part.fact(decoded) for part in parts if part.kind == kind and (slot := part.fact(_slot))}
