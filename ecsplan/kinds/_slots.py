"""Parts of an instance by slot: which live part is which, by tag, by name, or by what is left.

Used by _instance_disks.py and _instance_interfaces.py. A part hangs on the machine, or carries its ownership tags and
hangs nowhere (a run died between making and attaching it).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ecsplan.model.composites import Record
from ecsplan.model.marks import read_marks, read_tags
from ecsplan.model.resource import Owner
from ecsplan.model.values import Text

SLOT = Text(2, 64, r"^[A-Za-z][A-Za-z0-9_-]*$", "a slot name of 2 to 64 letters, digits, _ and -, like data")

Part = Mapping[str, Any]
Fits = Callable[[str, Mapping[str, Any], Part, Sequence[Part]], bool]
"""Whether a part is that of a slot with these wanted members; the last are all parts without a slot so far."""


def slots(value: Any) -> dict[str, dict[str, Any]]:
    return {slot: dict(part) for slot, part in value or ()}


def changes(record: Record, live: Mapping[str, Any], desired: Mapping[str, Any]) -> dict[str, Any]:
    """The declared members of a slot that the live part does not have."""
    return {
        name: value for name, value in desired.items() if not record.by_name[name].type.matches(value, live.get(name))
    }


def matches(record: Record, desired: Any, live: Any) -> bool:
    """Only what a slot declares is compared."""
    wanted, found = slots(desired), slots(live)
    return set(wanted) == set(found) and all(not changes(record, found[slot], wanted[slot]) for slot in wanted)


def owner_of(part: Part) -> Owner | None:
    """Who owns a disk or an interface; None for one of nobody."""
    kind = "disk" if "DiskId" in part else "network_interface"
    return read_marks(read_tags((part.get("Tags") or {}).get("Tag")), kind, "instance").owner


def slot_of(part: Part) -> str:
    """The slot that its mark says; empty for one without."""
    owner = owner_of(part)
    return owner.part.slot if owner is not None and owner.part is not None else ""


def owner_kind(part: Part) -> str:
    """The kind of the resource that owns it; empty for a part of nobody."""
    owner = owner_of(part)
    return owner.address.kind if owner is not None else ""


def hangs_here(raw: Mapping[str, Any], part: Part) -> bool:
    """Not so for a part that hangs nowhere, or still on the machine that this one replaces."""
    place = part.get("InstanceId")
    return bool(place) and place == raw.get("InstanceId", place)


def assign(
    wanted: Mapping[str, Mapping[str, Any]], parts: Iterable[Part], fits: Sequence[Fits], name: str, part_id: str
) -> dict[str, Part]:
    """Each part under its slot, the surest way first; those without one under their tag, their name or their id.

    `name` and `part_id` are the fields of a part.
    """
    left = list(parts)
    found: dict[str, Part] = {}
    for fit in fits:
        for slot in wanted:
            hit = None if slot in found else next((p for p in left if fit(slot, wanted[slot], p, left)), None)
            if hit is not None:
                found[slot] = hit
                left.remove(hit)
    for part in left:
        key = slot_of(part) or str(part.get(name) or part.get(part_id))
        found[key if key not in found else str(part.get(part_id))] = part
    return found


def marked(slot: str, wanted: Mapping[str, Any], part: Part, left: Sequence[Part]) -> bool:
    return slot_of(part) == slot


def only_one(slot: str, wanted: Mapping[str, Any], part: Part, left: Sequence[Part]) -> bool:
    return not slot_of(part) and len(left) == 1
