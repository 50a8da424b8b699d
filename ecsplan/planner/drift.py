"""The changes of a plan told apart: what moved in the cloud since the last apply, and what is merely pending.

Called by the engine; pure. There is no state file, so that a thing was once there is told by traces: the journal of
this folder, the records of those that were applied with it, its parts, its group. Without any, nobody can tell.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ecsplan.model.address import Address
from ecsplan.model.change import Action, AttributeChange, Cause, Change
from ecsplan.model.composites import refs_in
from ecsplan.model.copying import replace
from ecsplan.model.drift import DriftFinding, Moved
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Kinds
from ecsplan.model.quoting import shown
from ecsplan.model.stack import Stack
from ecsplan.planner.recording import references

_MOVED = (Cause.DRIFT, Cause.BOTH, Cause.UNKNOWN)
_ASKED = (Cause.PENDING, Cause.BOTH)  # what the file asks for, whether or not it moved outside too


@dataclass(frozen=True)
class Traces:
    """What tells that a thing was there. `born`: the ids that the journal of this folder knows, by address."""

    stack: Stack
    inventory: Inventory
    born: Mapping[Address, str]
    kinds: Kinds

    def absence(self, address: Address) -> DriftFinding | None:
        """What became of a declared thing that is not there; None when it was never made, or is being replaced."""
        if any(address == old for old, _ in self.inventory.retired):
            return None  # our own replacement of it did not come to its end
        recorded = self.born.get(address)
        if recorded is not None:
            return self._recorded(address, recorded)
        trace = next(self._traces(address), None)
        if trace is not None:
            return DriftFinding(address, Moved.DELETED, detail=trace)
        live = [obj for obj in self.inventory.matched.values() if obj.owner is not None]
        ours = set(self.born.values())
        if not live or any(obj.id in ours for obj in live):
            return None  # a new stack, or one whose births are on record here: this one is not among them
        return DriftFinding(address, Moved.MISSING, detail="deleted outside, or never applied: no record here tells")

    def _recorded(self, address: Address, object_id: str) -> DriftFinding:
        there = next((o for o in self.inventory.objects if (o.kind, o.id) == (address.kind, object_id)), None)
        if there is not None and there.owner is None:
            return DriftFinding(address, Moved.DISOWNED, object_id, detail="it is live, its ecsplan: tags are gone")
        return DriftFinding(address, Moved.DELETED, object_id, detail=f"the journal has it as {object_id}")

    def _traces(self, address: Address) -> Iterator[str]:
        for part_of, obj in self.inventory.orphans:
            if part_of in (address, address.group) and obj.kind != address.kind:
                yield f"its {obj.kind} {obj.id} is still there"
        if address in self._applied_with:
            yield f"{self._applied_with[address]} was applied with it"
        if isinstance(address.key, int) and self._last_members.get(address.group, -1) > address.key:
            yield f"later members of {address.group} are there"

    @cached_property
    def _applied_with(self) -> Mapping[Address, Address]:
        """What live objects refer to in what was applied last, and one that does. While that is being changed, what it
        refers to may be gone by our own hand."""
        found: dict[Address, Address] = {}
        for resource in self.stack.resources:
            obj = self.inventory.matched.get(resource.address)
            record = obj.applied if obj is not None else None
            for name, of, value in references(self.kinds[resource.address.kind], resource) if record else ():
                if record is not None and record.opened(name) is None and record.holds(name, of, value):
                    found |= {ref.address: resource.address for ref in refs_in(value)}
        return found

    @cached_property
    def _last_members(self) -> Mapping[Address, int]:
        found: dict[Address, int] = {}
        for address in self.inventory.matched:
            if isinstance(address.key, int):
                found[address.group] = max(address.key, found.get(address.group, -1))
        return found


def drift(changes: Iterable[Change], traces: Traces) -> tuple[tuple[DriftFinding, ...], tuple[Change, ...]]:
    """What moved, and the rest of what the next apply would do."""
    findings: list[DriftFinding] = []
    pending: list[Change] = []
    for change in changes:
        if change.action is Action.NOOP:
            continue
        if change.action is Action.CREATE:
            gone = traces.absence(change.address)
            findings += [gone] if gone else []
            pending += [] if gone else [change]
            continue
        moved, rest = _parted(change)
        findings += [moved] if moved else []
        pending += [rest] if rest else []
    findings += [
        DriftFinding(address, Moved.STRANGER, obj.id, detail=f"{shown(obj.name)} is the name of no member")
        for address, obj in traces.inventory.strangers
    ]
    return tuple(sorted(findings, key=lambda f: (f.address, f.id))), tuple(pending)


def _parted(change: Change) -> tuple[DriftFinding | None, Change | None]:
    """The lines that moved outside, and the change without them."""
    assert change.before is not None
    lines = change.attributes if change.before.owner is not None else ()  # what is only being adopted has no past
    moved = tuple(line for line in lines if any(cause in _MOVED for cause in _causes(line)))
    if not moved:
        return None, change
    finding = DriftFinding(
        change.address, Moved.CHANGED, change.before.id, replace(change, attributes=moved), _doubt(moved)
    )
    left = tuple(line for line in change.attributes if any(cause in _ASKED for cause in _causes(line)))
    stays = change.action in (Action.DELETE, Action.MOVE, Action.RELEASE)
    return finding, replace(change, attributes=left) if left or stays else None


def _causes(line: AttributeChange) -> tuple[Cause, ...]:
    """Of a map or set, those of its pieces: a key may have moved while another is pending."""
    return tuple(part.cause for part in line.parts) or (line.cause,)


def _doubt(lines: Sequence[AttributeChange]) -> str:
    unknown = all(line.cause is Cause.UNKNOWN for line in lines)
    return (
        "what was applied last is not recorded: whether the file or the cloud changed cannot be told" if unknown else ""
    )
