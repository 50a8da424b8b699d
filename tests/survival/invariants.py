"""Watches the emulator's account, call by call, for what must never be. Used by world.py; the tool has no part here."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ecsplan import engine
from ecsplan.emulator.account import Account, Thing
from ecsplan.executor.lock import PREFIX as LOCK
from ecsplan.model.address import Address, Part, Place, Span, parse_place
from ecsplan.model.change import Action, Change
from ecsplan.model.plan import Plan

_WORDS = {"networkinterface": "eni", "autosnapshotpolicy": "snapshotpolicy",
          "commonbandwidthpackage": "bandwidthpackage"}  # fmt: skip
KINDS = {_WORDS.get(word, word): name for name in engine.kinds() for word in [name.replace("_", "")]}
"""The emulator's words and ours. Primary interfaces and route tables come and go with what they belong to."""

READS = ("Describe", "List", "Get")
REMOVALS = ("Delete", "Release")
LISTS = ("InstanceIds", "KeyPairNames", "DiskIds")


SERVED = ("clb", "vservergroup", "albgroup", "nlbgroup")
PARENTS = {
    "snatentry": ("natgateway", "NatGatewayId"),
    "forwardentry": ("natgateway", "NatGatewayId"),
    "routeentry": ("routetable", "RouteTableId"),
    "routetable": ("vpc", "VpcId"),
}


def public_id(thing: Thing) -> str:
    """The id as the API has it: that of a key pair is its name."""
    return str(thing.get("KeyName")) if thing.kind == "keypair" else thing.id


def is_system(thing: Thing) -> bool:
    """The route table that comes with its VPC."""
    return thing.get("RouteTableType") == "System"


def is_lock(thing: Thing) -> bool:
    return thing.kind == "keypair" and public_id(thing).startswith(LOCK)


def mark_of(thing: Thing) -> tuple[str, Place] | None:
    """Stack and place, as the mark of its own kind says; a disk may have only that of the machine it was born with."""
    text = thing.tags.get(f"ecsplan:{KINDS.get(thing.kind, '')}") or thing.tags.get("ecsplan:instance")
    if not text:
        return None
    stack, _, place = text.partition("/")
    return stack, parse_place(place)


def stack_of(thing: Thing) -> str:
    found = mark_of(thing)
    return found[0] if found else ""


def owned_address(thing: Thing) -> Address | None:
    found = mark_of(thing)
    place = found[1] if found else None
    return place.owner if isinstance(place, Part) else place.group if isinstance(place, Span) else place


def is_part(thing: Thing) -> bool:
    """A disk that carries the marks of its instance."""
    address = owned_address(thing)
    return address is not None and address.kind != KINDS.get(thing.kind)


def is_retired(thing: Thing) -> bool:
    return f"ecsplan:{KINDS.get(thing.kind)}:retired" in thing.tags


def member(thing: Thing) -> tuple[str, str, str]:
    """Stack, address, and which of the batch where the mark is shared by its members."""
    found = mark_of(thing)
    assert found is not None
    shared = isinstance(found[1], Span)
    return (found[0], str(owned_address(thing)), str(thing.get("InstanceName")) if shared else "")


@dataclass(slots=True)
class Watch:
    """`approved` are ids that an approved plan deletes, `named` those that stacks name or adopt, `foreign` made by
    others. `violations` are texts that start with the number of the invariant."""

    account: Account
    approved: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
    released: set[str] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)
    writes: int = 0
    promised: list[Change] = field(default_factory=list)  # what the approved plans declare, the last one's at its end
    imaged: set[str] = field(default_factory=set)  # snapshots that the service takes for an image, without any tag
    _before: dict[tuple[str, str], str] = field(default_factory=dict)  # the stacks that owned things

    def approve(self, plan: Plan) -> None:
        """Notes what a plan says it deletes, as a person would read it, and what it says it does.

        Every plan can be saved and read back.
        """
        engine.load_plan(engine.save_plan(plan))
        self.promised += [change for change in plan.changes if change.action is not Action.NOOP]
        for change in plan.changes:
            if change.before is not None and change.action in (Action.DELETE, Action.REPLACE):
                self.approved.add(change.before.id)
            if change.before is not None and change.action is Action.RELEASE:
                self.released.add(change.before.id)
        for step in plan.steps:
            for call in step.calls:
                if call.operation.startswith(REMOVALS):
                    self.approved |= {target for target in call.targets if isinstance(target, str)}

    def before(self, action: str) -> None:
        self.account.touched = set()
        if not action.startswith(READS):
            self._before = {(t.kind, t.id): self._whose(t) for t in self.account.all()}

    def after(self, stack: str, action: str, params: Mapping[str, str]) -> None:
        """Looks at what a call changed; the account says it, not the tool."""
        if action.startswith(READS):
            return
        if action.startswith(REMOVALS):
            self._check_removal(stack, action, params)
        if self.account.touched:
            self.writes += 1
            self._check_trespass(stack, action)
            self.look()

    def look(self) -> None:
        """The state as a whole: no duplicate, no orphan."""
        seen: dict[tuple[str, str, str], Thing] = {}
        for image in self.account.everywhere("image"):
            self.imaged.update(image.get("SnapshotIds", ()))
        nobodys = self.foreign | self.released | self.named | self.imaged
        self._look_inside()
        for thing in self.account.all():
            if thing.kind not in KINDS or is_lock(thing) or public_id(thing) in self.foreign or is_system(thing):
                continue
            if not stack_of(thing):
                if self._is_converted(thing):
                    continue
                if public_id(thing) not in nobodys and not self._was_born_with_another(thing):
                    self.say(f"I2 {thing.kind} {public_id(thing)} carries no owner")
                continue
            if is_part(thing) or is_retired(thing):
                continue
            other = seen.setdefault(member(thing), thing)
            if other is not thing:
                ids = f"{public_id(other)} and {public_id(thing)}"
                self.say(f"I1 two of {' '.join(member(thing)).strip()}: {ids}")

    def _look_inside(self) -> None:
        """I8: no machine runs one text twice."""
        seen: dict[tuple[str, str, str], str] = {}
        for run in self.account.everywhere("invocation"):
            for row in run["Results"]:
                one = (str(row["InstanceId"]), str(run["CommandId"]), str(run["Parameters"]))
                if seen.setdefault(one, run.id) != run.id:
                    self.say(f"I8 {one[0]} ran {one[1]} twice: {seen[one]} and {run.id}")

    def _was_born_with_another(self, thing: Thing) -> bool:
        """An interface that RunInstances made, as long as it hangs there: only the primary one takes the tags. And the
        system disk that ReplaceSystemDisk made, without any: it is a part of its machine by what it is."""
        if _is_system_disk(thing):
            machine = self.account.get("instance", str(thing.get("InstanceId", "")))
            return machine is not None and bool(stack_of(machine))
        if thing.kind == "snapshot":  # one of a group, whose tags are its own alone
            return any(stack_of(group) for group in self.account.where("snapshotgroup", "SnapshotIds", thing.id))
        if thing.kind != "eni":
            return False
        machine = self.account.get("instance", str(thing.get("InstanceId", "")))
        goes_with_it = machine is not None and bool(stack_of(machine)) and bool(thing.get("DeleteOnRelease", True))
        return thing["Type"] == "Primary" or goes_with_it or thing.status == "Deleting"

    def say(self, text: str) -> None:
        if text not in self.violations:
            self.violations.append(text)

    def _check_removal(self, stack: str, action: str, params: Mapping[str, str]) -> None:
        things = {public_id(thing): thing for thing in self.account.all()}
        for target in targets(params):
            thing = things.get(target)
            if thing is None or target in self.approved:
                continue
            if thing.kind in PARENTS and self._whose(thing) == stack and "RouteTable" not in action:
                continue  # entries of what is its own
            if is_lock(thing) and target.removeprefix(LOCK).partition(":")[0] == stack:
                continue
            self.say(f"I5 {action} of {target}, which no approved plan deletes")

    def _whose(self, thing: Thing) -> str:
        """The stack of a thing; entries have no tags and are whose their gateway or table is, and that of a VPC too."""
        if thing.kind == "ipv6bandwidth":  # that of an address, which a machine or an interface has
            holder = self.account.get("instance", thing["HolderId"]) or self.account.get("eni", thing["HolderId"])
            return stack_of(holder) if holder is not None else ""
        if thing.kind == "snapshot" and not stack_of(thing):
            groups = self.account.where("snapshotgroup", "SnapshotIds", thing.id)
            return next((stack for stack in map(stack_of, groups) if stack), "")
        kind, field_ = PARENTS.get(thing.kind, ("", ""))
        if not kind or (thing.kind == "routetable" and not is_system(thing)):
            return stack_of(thing)
        parent = self.account.get(kind, str(thing.get(field_, "")))
        return self._whose(parent) if parent is not None else ""

    def _check_trespass(self, stack: str, action: str) -> None:
        for key in self.account.touched & self._before.keys():
            thing = self.account.get(*key)
            owner = self._before[key]
            name = key[1].rpartition("/")[2]
            if owner == stack or key[1] in self.named or name in self.named:
                continue
            if key[0] == "keypair" and name.startswith(LOCK + stack):
                continue
            if key[0] in SERVED:
                continue  # members of several stacks are in one group
            if thing is not None and (self._belongs(thing, stack) or (not owner and self._is_converted(thing))):
                continue
            self.say(f"I3 {action} changed {key[0]} {name} of {owner or 'nobody'}, not of {stack}")

    def _is_converted(self, thing: Thing) -> bool:
        """An EIP that was the address of an instance's own is born without tags; bound, it is not forgotten."""
        parent = self.account.get("instance", str(thing.get("InstanceId", ""))) if thing.kind == "eip" else None
        return parent is not None and bool(stack_of(parent))

    def _belongs(self, thing: Thing, stack: str) -> bool:
        """Whether it hangs on something of the stack: an interface on its instance, a route table in its VPC."""
        parents = (("instance", "InstanceId"), ("vpc", "VpcId"), ("vswitch", "VSwitchId"))
        may_belong = thing.kind not in KINDS or thing.kind == "eni" or _is_system_disk(thing)
        for kind, name in parents if may_belong else ():
            parent = self.account.get(kind, str(thing.get(name, "")))
            if parent is not None and stack_of(parent) == stack:
                return True
        return False


def _is_system_disk(thing: Thing) -> bool:
    return thing.kind == "disk" and thing["Type"] == "system"


def targets(params: Mapping[str, str]) -> Iterable[str]:
    """Every id that a request names."""
    for name, text in params.items():
        if name in LISTS and text.startswith("["):
            yield from json.loads(text)
        else:
            yield text
