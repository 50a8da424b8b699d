"""The disks of a stack with the machines that they hang on, read for putting them back. Used by reinitialising.py."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from ecsplan.engine.in_service import in_service
from ecsplan.inventory.decode import bare, decoded
from ecsplan.inventory.match import Match, match
from ecsplan.inventory.read import chunks, read_lists
from ecsplan.kinds import _reinit
from ecsplan.model.address import Address
from ecsplan.model.algebra import Raw
from ecsplan.model.capabilities.holding import HoldsData
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.marks import RESTART
from ecsplan.model.reinit import Disk, Host, ReinitPlan, TooMany
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.model.safety import SafetySnapshot
from ecsplan.model.stack import Stack
from ecsplan.planner.safety import Policies, snapshot_of
from ecsplan.power.reinit import meant, warnings
from ecsplan.provider.protocol import Provider

INSTANCE, DISK, SNAPSHOT = "instance", "disk", "snapshot"


class LiveDisks(Struct, frozen=True):
    """All disks that the stack owns, and all machines of the region by id."""

    disks: tuple[Disk, ...]
    machines: Mapping[str, Host]


def read_plan(
    stack: Stack,
    source: Provider,
    kinds: Kinds,
    patterns: Iterable[str],
    snapshot: str | None,
    now: float,
    *,
    drains: bool = True,
) -> ReinitPlan:
    """What is meant, after all that stands against it has been looked for. Raises Rejected with every objection."""
    live = _live(stack, source, kinds)
    disks = meant(patterns, live.disks)
    if snapshot is not None and len(disks) > 1:
        named = ", ".join(map(str, disks[:3])) + (", …" if len(disks) > 3 else "")
        summary = f"--snapshot is of one disk, and {len(disks)} are named: {named}"
        raise TooMany([Diagnostic(summary, "name one of them")])
    row = _snapshot(snapshot, stack, source, kinds) if snapshot is not None else None
    ids = sorted({disk.machine for disk in disks} & set(live.machines))
    hosts = {one: live.machines[one] for one in ids}
    theirs = list(source.reading.map(lambda disk: _snapshots_of(source, kinds[SNAPSHOT], disk), disks))
    kept = dict(_kept(disks, theirs, stack, kinds, now))
    problems = [
        Diagnostic(f"{disk}: {summary}", detail)
        for disk, found in zip(disks, _objections(disks, hosts, row, theirs, kept, source, kinds, now), strict=True)
        for summary, detail in found
    ]
    if problems:
        raise Rejected(problems)
    plan = ReinitPlan(stack.name, stack.region, disks, hosts, str(row["SnapshotId"]) if row else None)
    running = [(host.address, host.owner) for host in plan.stopped if host.address is not None and host.owner]
    served = in_service(stack, source, kinds, running) if drains else {}
    return replace(plan, warnings=tuple(warnings(disks, plan, stack)), kept=kept, served=served)


def _kept(
    disks: Iterable[Disk], theirs: Iterable[Iterable[Raw]], stack: Stack, kinds: Kinds, now: float
) -> Iterator[tuple[str, SafetySnapshot]]:
    """What the file wants kept before it is put back."""
    policies = Policies.of_stack(stack)
    for disk, rows in zip(disks, theirs, strict=True):
        holds, policy = kinds[disk.address.kind].capability(HoldsData), policies.of(disk.address, disk.owner)
        risk = holds.put_back(disk.live, disk.part) if holds is not None else None
        if holds is not None and risk is not None and policy is not None and policy.covers(risk) and not risk.cannot:
            taken = tuple(holds.taken(stack.name, [bare(kinds[SNAPSHOT], row) for row in rows]))
            yield disk.id, snapshot_of(risk, policy, taken, now)


def _live(stack: Stack, source: Provider, kinds: Kinds) -> LiveDisks:
    """Two lists: machines with their disks, and disks."""
    machine = kinds[INSTANCE]
    disks_only = tuple(detail for detail in machine.listing.details if detail.into == "@disks")
    lists = [replace(machine, listing=replace(machine.listing, details=disks_only)), kinds[DISK]]
    raws = read_lists(source, lists, source.reading.map)
    owned = dict(_owned(match(raws, kinds, _part_of(stack, INSTANCE, DISK)), kinds))
    declared = stack.by_address()
    disks = []
    for address, obj in owned.items():
        disks += [Disk(address, part, obj, live) for part, live in _reinit.disks_of(obj)]
    own = {obj.id: (address, obj) for address, obj in owned.items() if obj.kind == INSTANCE}
    hosts = [_reinit.host(raw) for raw in raws[INSTANCE]]
    return LiveDisks(tuple(disks), {host.id: _placed(host, own.get(host.id), declared) for host in hosts})


def _part_of(stack: Stack, *names: str) -> Stack:
    return replace(stack, resources=tuple(r for r in stack.resources if r.address.kind in names))


def _owned(found: Match, kinds: Kinds) -> Iterator[tuple[Address, LiveObject]]:
    """What carries the stack's tags and is an address of its own."""
    for address, obj in (*found.orphans, *found.matched.items()):
        if obj.owner is not None and not obj.owner.is_part_of(obj.kind):
            yield address, decoded(kinds, obj)


def _placed(host: Host, own: tuple[Address, LiveObject] | None, declared: Mapping[Address, Resource]) -> Host:
    """With what the stack says of it, where it is the stack's."""
    if own is None:
        return host
    address, obj = own
    resource = declared.get(address)
    state = resource.attributes.get("state") if resource and not resource.lifecycle.ignores("state") else None
    is_marked = RESTART in obj.marks
    ran = is_marked or host.status not in ("Stopped", "Stopping")
    return replace(host, address=address, ran=ran, is_marked=is_marked, is_meant_off=state == "stopped", owner=obj)


def _snapshot(text: str, stack: Stack, source: Provider, kinds: Kinds) -> Raw:
    """The row of a snapshot, by its id or by its address in the stack."""
    kind = kinds[SNAPSHOT]
    if text.startswith(kind.id_prefixes):
        row = source.read(kind.name, [text]).get(text)
    else:
        raws = source.list([kind.name])
        found = dict(_owned(match(raws, kinds, _part_of(stack, SNAPSHOT)), kinds))
        ids = {obj.id for address, obj in found.items() if str(address) == text}
        row = next((raw for raw in raws[SNAPSHOT] if raw[kind.listing.id] in ids), None)
    if row is None:
        raise Rejected([Diagnostic(f"--snapshot {text}: there is no such snapshot", "write s-…, or snapshot.NAME")])
    return row


def _objections(
    disks: Sequence[Disk],
    hosts: Mapping[str, Host],
    snapshot: Raw | None,
    theirs: Iterable[Sequence[Raw]],
    kept: Mapping[str, SafetySnapshot],
    source: Provider,
    kinds: Kinds,
    now: float,
) -> Iterator[list[tuple[str, str]]]:
    """Of each disk, all that stands against putting it back."""
    is_roll_back = snapshot is not None
    minute = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%MZ")
    ours = {one.live for one in kept.values()}  # waited for
    alive = set() if is_roll_back else _alive(disks, source, kinds[SNAPSHOT])
    for disk, snapshots in zip(disks, theirs, strict=True):
        others = [row for row in snapshots if row["SnapshotId"] not in ours]
        found = list(_reinit.objections(disk, hosts.get(disk.machine), is_roll_back, minute))
        found += _reinit.of_its_snapshots(others, is_roll_back)
        found += _reinit.of_the_snapshot(disk, snapshot) if snapshot else _reinit.of_its_beginning(disk, alive)
        yield found


def _snapshots_of(source: Provider, kind: Kind, disk: Disk) -> Sequence[Raw]:
    listing, request = kind.listing, _reinit.snapshots_of(kind, disk)
    return source.pages(request, listing.items, listing.paging, listing.page_size, listing.id)


def _alive(disks: Sequence[Disk], source: Provider, snapshot: Kind) -> set[str]:
    """Which images and snapshots that they were made of are still there."""
    images, snapshots = _reinit.beginnings(disks)
    alive = set(source.read(snapshot.name, snapshots)) if snapshots else set()
    for part in chunks(images, _reinit.IMAGES):
        alive |= _reinit.image_ids(source.ask(_reinit.images(part)))
    return alive
