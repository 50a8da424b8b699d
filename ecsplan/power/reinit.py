"""Which disks a person means, who may lose what is on them. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from ecsplan.model.address import means
from ecsplan.model.diagnostic import Diagnostic, Rejected, Severity
from ecsplan.model.reinit import SLOT, SYSTEM_DISK, Disk, ReinitPlan
from ecsplan.model.stack import Stack

_PART = re.compile(rf"^(?P<owner>.*)\.(?P<part>{SYSTEM_DISK}|{re.escape(SLOT)}[^.\]]+)$")


def meant(patterns: Iterable[str], disks: Iterable[Disk]) -> tuple[Disk, ...]:
    """The disks that addresses, groups and patterns mean. Raises Rejected where one means nothing.

    A disk inside an instance is meant by its part alone: `instance.*` names no disk, so that nobody loses one by it.
    """
    disks = sorted(disks, key=lambda disk: (disk.address, disk.part))
    found: dict[str, Disk] = {}
    problems = []
    for pattern in patterns:
        hits = [disk for disk in disks if _means(pattern, disk)]
        if not hits:
            problems.append(_nothing(pattern, disks))
        found |= {disk.id: disk for disk in hits}
    if problems:
        raise Rejected(problems)
    return tuple(disk for disk in disks if disk.id in found)


def _means(pattern: str, disk: Disk) -> bool:
    halves = _PART.match(pattern)
    owner, part = (halves["owner"], halves["part"]) if halves else (pattern, "")
    if not disk.part or not part:
        return disk.part == part and means(owner, disk.address)
    return means(owner, disk.address) and _fits(part, disk.part)


def _fits(pattern: str, part: str) -> bool:
    spelled = ".*".join(re.escape(piece) for piece in pattern.split("*"))
    return re.fullmatch(spelled, part) is not None


def _nothing(pattern: str, disks: Sequence[Disk]) -> Diagnostic:
    known = list(dict.fromkeys(disk.names[1] for disk in disks))
    some = ", ".join(known[:5]) + (", …" if len(known) > 5 else "")
    detail = f"its disks are {some}" if known else "it has none; write disk.NAME, or instance.NAME.system_disk"
    return Diagnostic(f"{pattern} is not a disk of this stack", detail)


def protected(plan: ReinitPlan, stack: Stack) -> list[Diagnostic]:
    """The disks of what `prevent_destroy` guards, in the file or on the live resource."""
    declared = stack.by_address()
    found = []
    for disk in plan.disks:
        resource = declared.get(disk.address)
        if disk.owner.is_protected or (resource is not None and resource.lifecycle.prevent_destroy):
            summary = f"{disk.address} is protected (prevent_destroy): {_of(disk)} is not put back"
            found.append(Diagnostic(summary, "apply prevent_destroy: false first, if that is meant"))
    return found


def _of(disk: Disk) -> str:
    return f"its {disk.part}" if disk.part else "it"


def unconsented(
    plan: ReinitPlan, *, approved: bool, allow: Collection[str], allow_destroy: int | None
) -> list[Diagnostic]:
    """As where an apply loses data: without a yes at the prompt, each resource (or its disk) has to be allowed."""
    if approved or (allow_destroy is not None and allow_destroy >= len(plan.disks)):
        return []
    left = [d for d in plan.disks if not {*d.names, str(d.address), str(d.address.group)} & set(allow)]
    detail = f"approve it at the prompt, or say --allow ADDRESS for each (or --allow-destroy {len(plan.disks)})"
    return [Diagnostic(f"the data on {disk} would be lost", detail) for disk in left]


def warnings(disks: Iterable[Disk], plan: ReinitPlan, stack: Stack) -> Iterator[Diagnostic]:
    declared = stack.by_address()
    for address in sorted({disk.address for disk in disks} - set(declared)):
        summary = "the stack file no longer declares it: the next apply deletes it"
        yield Diagnostic(summary, address=address, severity=Severity.WARNING)
    for host in plan.stopped:
        if host.ran and host.is_spot:
            summary = "a spot instance: the service may take it back before it runs again"
            yield Diagnostic(summary, address=host.address, severity=Severity.WARNING)
