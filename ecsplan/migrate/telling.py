"""The report on every entry of another tool: in the report, and above the file. Pure."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from ecsplan.migrate.sorting import Fold, Sorted, Target
from ecsplan.migrate.values import has_password
from ecsplan.model.address import Address
from ecsplan.model.export import LeftOut
from ecsplan.model.migration import Entry, Fate, MigrationOutcome, Note

MOST_REMARKS = 40


def outcomes(
    entries: Sequence[Entry],
    found: Sorted,
    addresses: Mapping[Target, Address],
    parts: Mapping[str, str],
    reasons: Mapping[Target, str],
) -> tuple[MigrationOutcome, ...]:
    """One for each entry, in the order of the input. `parts` says by its id where a disk of a machine stands.

    `reasons` are why objects were left.
    """
    order = {entry.place: number for number, entry in enumerate(entries)}
    made = [(entry, _outcome(entry, Fate.LEFT, why=reason)) for entry, reason in found.left]
    for target, entry in found.objects.items():
        address = addresses.get(target)
        why = "" if address else reasons.get(target, "no stack file can say it")
        made.append((entry, _outcome(entry, Fate.BROUGHT if address else Fate.LEFT, str(address or ""), why)))
    made += [(fold.entry, _folded(fold, addresses, parts, found)) for fold in found.folds]
    return tuple(outcome for _, outcome in sorted(made, key=lambda one: order[one[0].place]))


def _outcome(entry: Entry, fate: Fate, to: str = "", why: str = "") -> MigrationOutcome:
    return MigrationOutcome(entry.address, entry.type, entry.id, fate, to, why, entry.is_data or entry.is_foreign)


def _folded(
    fold: Fold, addresses: Mapping[Target, Address], parts: Mapping[str, str], found: Sorted
) -> MigrationOutcome:
    into, missing = [], []
    for target, attribute in fold.targets:
        place = str(addresses.get(target) or (parts.get(target[1], "") if target[0] == "disk" else ""))
        if place:
            into.append(f"{place}.{attribute}")
        elif target in found.objects:
            missing.append(f"{found.objects[target].address} is left")
        else:
            missing.append(f"the {target[0].replace('_', ' ')} {target[1]} is not in the state")
    if missing and not into:
        return _outcome(fold.entry, Fate.LEFT, why=f"it belongs to something else: {missing[0]}")
    return _outcome(fold.entry, Fate.FOLDED, ", ".join(into))


def parts_of(name: str, slots: Mapping[str, str], system_disk: object) -> Iterator[tuple[str, str]]:
    """Where the disks of an instance stand in the file, by id: in a slot, or as its system disk."""
    if system_disk is not None:
        yield str(system_disk), f"{name}.system_disk"
    for own, slot in slots.items():
        yield own, f"{name}.data_disks.{slot}"


def unsaid(
    left_out: Sequence[LeftOut], addresses: Mapping[Target, Address], theirs: Collection[tuple[Target, str]]
) -> tuple[Note, ...]:
    """Attributes of objects of the file that it does not say; `theirs` are told as those of the other tool."""
    return tuple(
        Note(str(addresses[one.kind, one.id]), f"{one.attribute}: {one.why}")
        for one in left_out
        if one.attribute and (one.kind, one.id) in addresses and ((one.kind, one.id), one.attribute) not in theirs
    )


def secrets(found: Sorted, addresses: Mapping[Target, Address], stack: str) -> tuple[Note, ...]:
    """What a person has to supply, since it is never copied."""
    notes = []
    for target, entry in found.objects.items():
        address = addresses.get(target)
        if address is None or target[0] != "instance":
            continue
        if has_password(entry):
            words = [stack, address.name, *([str(address.key)] if address.key is not None else []), "password"]
            name = "".join(c if c.isascii() and c.isalnum() else "_" for c in "_".join(words)).upper()
            text = f"its password; to manage it, write password: {{env: {name}, version: 1}}"
            notes.append(Note(str(address), text))
        if entry.attributes.get("user_data"):
            text = "its user data, which may hold secrets; to manage it, write user_data: {file: PATH}"
            notes.append(Note(str(address), text))
    return tuple(notes)


def remarks(found: Sorted, absent: Mapping[Target, str]) -> tuple[str, ...]:
    """Above the file: what lives and is not in it."""
    left = [(entry, why) for entry, why in found.left if entry.id and not entry.is_data]
    left += [(found.objects[target], why) for target, why in absent.items()]
    if not left:
        return ()
    lines = [f"  {entry.address} ({entry.id}): {why}" for entry, why in left[:MOST_REMARKS]]
    more = [f"  and {len(left) - MOST_REMARKS} more: see the report"] if len(left) > MOST_REMARKS else []
    return ("Not in this file:", *lines, *more)


def referring(entries: Sequence[Entry], found: Sorted, addresses: Mapping[Target, Address]) -> tuple[Note, ...]:
    """What stays with the other tool and names what goes: there the id has to be written."""
    going = {target[1]: found.objects[target].address for target in addresses if target in found.objects}
    left = {entry.place for entry, _ in found.left}
    notes = []
    for entry in entries:
        if entry.place in left and not (entry.is_data or entry.is_foreign):
            named = sorted({text for text in _texts_in(entry.attributes) if text in going and text != entry.id})
            notes += [Note(entry.address, f"names {going[text]}: write {text} there") for text in named]
    return tuple(notes)


def _texts_in(value: object) -> Iterator[str]:
    """All strings of a value, however deep."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


_ZONE = re.compile(r"(?P<region>[a-z]{2}-[a-z]+(?:-[a-z]{3,})*(?:-[0-9]+)?)-?[a-z]\Z")


def region_in(entries: Sequence[Entry]) -> str:
    """The region of most objects, by their zones; empty where none has one."""
    zones = (entry.attributes.get(name) for entry in entries for name in ("zone_id", "availability_zone"))
    found = Counter(m["region"] for zone in zones if isinstance(zone, str) and (m := _ZONE.match(zone)))
    return found.most_common(1)[0][0] if found else ""
