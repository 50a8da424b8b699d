"""Holds what a plan declares against what the emulator saw happen.

A class of effect is a function of what was seen of one object (`GET /_emulator/effects`); its name is that of the
plan's impact. A new class needs one line in CLASSES.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ecsplan.emulator.account import Account, Thing
from ecsplan.model.change import Action, Change

Row = Mapping[str, Any]
GONE = (Action.DELETE, Action.REPLACE)
WITH_IT = ("stop_start", "stop", "reboot", "unplug", "access", "billing", "new_address")


def _given_up(row: Row) -> bool:
    """Addresses that somebody may rely on: of what goes as a whole public ones, and those of a running machine."""
    all_count = "ended" not in row or _unplugged(row)
    return any(a["from"] and (all_count or a["what"] in ("public", "eip")) for a in row.get("addresses", ()))


def _was_off(row: Row) -> bool:
    return "not_running" in row and "ended" not in row


def _made_public(row: Row) -> bool:
    """From now on it can be reached from the internet."""
    return any(a["what"] == "public" and a["to"] and not a["from"] for a in row.get("addresses", ()))


def _unplugged(row: Row) -> bool:
    return any(plug["way"] == "out" for plug in row.get("plugged", ()))


def _left_its_machine(row: Row) -> bool:
    """With its addresses, by which that was reached."""
    return row["kind"] == "eni" and _unplugged(row) and "ended" not in row and not _given_up(row)


CLASSES: Mapping[str, Callable[[Row], bool]] = {
    "run": lambda row: bool(row.get("runs")),
    "unplug": lambda row: row["kind"] == "disk" and _unplugged(row),
    "reboot": lambda row: bool(row.get("reboots")),
    "stop_start": lambda row: _was_off(row) and not row["not_running"]["still"] and row.get("stops"),
    "stop": lambda row: _was_off(row) and row["not_running"]["still"],
    "new_address": _given_up,
    "data_loss": lambda row: any(not lost.get("empty") for lost in row.get("lost", ())),
    "billing": lambda row: "ended" not in row and bool(row.get("billing") or row.get("orders")),
    "access": lambda row: bool(row.get("ports")) or _made_public(row) or _left_its_machine(row),
}
# What may be declared though nothing was seen: a plan cannot know that a disk is empty.
# An image is data, also where its snapshots stay.
POSSIBLE: Mapping[str, Callable[[Row], bool]] = {
    "data_loss": lambda row: bool(row.get("lost")) or (row["kind"] == "image" and "ended" in row)
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What happened to things, and for which others each of them counts."""

    rows: Mapping[str, Row]
    near: Mapping[str, Collection[str]]

    @classmethod
    def of(cls, report: Row, *near: Mapping[str, Collection[str]]) -> "Seen":
        """Of an answer of the emulator."""
        rows = report["objects"]
        told = {id_: {lost["of"] for lost in row.get("lost", ())} for id_, row in rows.items()}
        return cls(rows, {id_: {other for side in (*near, told) for other in side.get(id_, ())} for id_ in rows})

    def concerns(self, id_: str, change: Change) -> bool:
        """Whether an effect on this object can be meant by what the change declares."""
        own = ids_of(change)
        return id_ in own or bool(own & set(self.near.get(id_, ())))


def neighbours(account: Account) -> dict[str, set[str]]:
    """Which things stand for each other: a machine for its parts, addresses and groups, and these for the machine."""
    found: dict[str, set[str]] = {}

    def link(one: str, other: str) -> None:
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)

    for thing in account.all():
        if thing.kind in ("disk", "eni", "eip") and thing.get("InstanceId"):
            link(thing.id, thing["InstanceId"])
            place = thing.tags.get(f"ecsplan:{thing.kind}", "").partition("/")[2]
            link(place or thing.id, thing["InstanceId"])  # what is made has no id in a plan yet
        elif thing.kind == "instance" and (place := thing.tags.get("ecsplan:instance", "").partition("/")[2]):
            for member in _members(place):
                link(member, thing.id)  # nor has a machine, in which commands run when it is made
        for name in ("SecurityGroupIds", "SnapshotIds"):
            for other in thing.get(name) or ():
                link(thing.id, other)
    return found


def _members(place: str) -> Iterator[str]:
    """Those that were made by one call have one tag: `instance.web[0..3]`."""
    group, _, keys = place.removesuffix("]").partition("[")
    first, dots, last = keys.partition("..")
    if not dots:
        yield place
    for number in range(int(first), int(last) + 1) if dots else ():
        yield f"{group}[{number}]"


def public_id(thing: Thing) -> str:
    """The id as the API has it: that of a key pair is its name."""
    return str(thing.get("KeyName")) if thing.kind == "keypair" else thing.id


def ids_of(change: Change) -> set[str]:
    whole = {change.before.id if change.before is not None else str(change.address)}
    named = {v for line in change.attributes for v in (line.before, line.after) if isinstance(v, str)}
    return whole | {part.id for part in change.parts} | named


# Kinds whose entries lead traffic; the emulator does not follow it.
WAYS = ("nat_gateway", "vpc", "route_table", "vswitch", "network_acl", "ipv6_gateway")
HALVES = {"stop", "stop_start"}


def declared(change: Change) -> set[str]:
    """The names of its classes; a new id is said by the action itself."""
    return {impact.name.lower() for impact in change.impacts} - {"new_identity"}


def differences(changes: Iterable[Change], seen: Seen) -> list[str]:
    """Effects that no change declared, and declared ones that did not come, each as a line."""
    changes = list(changes)
    return undeclared(changes, seen) + missing(changes, seen)


def undeclared(changes: Collection[Change], seen: Seen) -> list[str]:
    """What was born since is nothing that a plan could harm."""
    # An address that becomes an EIP is paid for there, and no longer with its machine.
    converts = any(change.kind == "eip" and change.desired("convert_public_ip") for change in changes)
    found = {
        f"{name} of {row['kind']} was not declared"
        for id_, row in seen.rows.items()
        for name in _classes(row)
        if not row["born"]
        and not (converts and name == "billing" and row["kind"] == "instance")
        and not any(
            _covers(change, name) or _is_half_given_up(change, name, row)
            for change in changes
            if seen.concerns(id_, change)
        )
    }
    return sorted(found)


def missing(changes: Iterable[Change], seen: Seen) -> list[str]:
    found = {
        f"{name} of {change.address.kind} was declared and did not come"
        for change in changes
        for name in declared(change)
        if not _came(change, name, [row for id_, row in seen.rows.items() if seen.concerns(id_, change)])
    }
    return sorted(found)


def _classes(row: Row) -> list[str]:
    return [name for name, test in CLASSES.items() if test(row)]


def _covers(change: Change, name: str) -> bool:
    """What goes as a whole may be stopped and unplugged before, and takes with it what hangs on it.

    A run that was cut off has done half of a stop and start, and the one that starts the machine again the other half.
    """
    said = declared(change)
    return name in said or (change.action in GONE and name in WITH_IT) or (name in HALVES and bool(said & HALVES))


def _is_half_given_up(change: Change, name: str, row: Row) -> bool:
    """An interface that is to go with its address leaves its machine first: a run that was cut off then has done half.

    Where the other half does not come, what was declared is missing.
    """
    is_all = name == "access" and _left_its_machine(row) and not row.get("ports") and not _made_public(row)
    return is_all and "new_address" in declared(change)


def _came(change: Change, name: str, rows: Collection[Row]) -> bool:
    if name in ("new_address", "unplug") and change.action in GONE:
        return (
            True  # of what goes as a whole, addresses count that nobody has, and it is stopped before it is unplugged
        )
    if name == "access" and change.kind in ("security_group", "eip", "network_interface", *WAYS):
        return True  # without members, or bound to nothing that runs, nobody is reached; ways are not followed
    return any(CLASSES[name](row) or POSSIBLE.get(name, CLASSES[name])(row) for row in rows)
