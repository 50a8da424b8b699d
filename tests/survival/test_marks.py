"""What happens to marks: for each kind of object, each thing that people, the cloud and other tools do to them.

A deed is done to every marked object of an estate that has all kinds, alone and as parts of machines, with the journals
of the folder and without them. Whatever it is: nothing is deleted, replaced or made beside what is there without a yes,
and what is not ours is left alone by a destroy too.
"""

import copy
import pickle
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import pytest

from ecsplan import engine
from ecsplan.emulator.account import Thing
from ecsplan.emulator.storage import export
from ecsplan.emulator.storage import replace as replace_account
from ecsplan.model.address import Address
from ecsplan.model.change import Action
from ecsplan.model.copying import replace
from ecsplan.model.plan import Plan
from ecsplan.model.stack import Move, Stack
from tests.kinds.cloud import Cloud
from tests.survival.replacing import LINKED, renamed
from tests.survival.sizes import FULL, Tally

INSIDE = "network_interfaces: {inside: {vswitch: app, security_groups: [db]}}"
SLOTS = "data_disks: {scratch: {category: cloud_essd, size: 40}, kept: {category: cloud_essd, size: 50, keep: true}}"
ESTATE = "resources:\n" + LINKED.replace(INSIDE, f"{INSIDE}, {SLOTS}")
NAMES = {
    "vpc": "VpcName", "vswitch": "VSwitchName", "securitygroup": "SecurityGroupName", "instance": "InstanceName",
    "disk": "DiskName", "eni": "NetworkInterfaceName", "eip": "Name", "snapshot": "SnapshotName", "image": "ImageName",
    "snapshotpolicy": "AutoSnapshotPolicyName",
}  # fmt: skip
"""The emulator's kinds, and the field of the name. A key pair is its name."""
TIMES = ("CreationTime", "AllocationTime", "CreateTime")
TAGS = {"TagResources", "UntagResources", "UnTagResources"}
RENAMING = {"ModifyInstanceAttribute"}  # members of groups: their names are put back

Sweep = Callable[[str], AbstractContextManager[Tally]]
Undo = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Scene:
    """An estate at rest. `goes` is what a destroy deletes."""

    cloud: Cloud
    stack: Stack
    goes: frozenset[str]
    account: bytes

    def marked(self) -> list[Thing]:
        """Everything with marks, and the interface that is born without any."""
        kinds = (*NAMES, "keypair")
        things = [thing for kind in kinds for thing in self.cloud.things(kind)]
        return [t for t in things if any(key.startswith("ecsplan:") for key in t.tags) or called(t) == "inside"]

    def each_kind(self) -> list[Thing]:
        """Of what is alike (first interfaces, system disks, members, groups) one."""
        found = {
            (t.kind, t.get("Type"), t.get("Portable"), bool(t.get("InstanceId")), len(called(t))): t
            for t in self.marked()
        }
        return self.marked() if FULL else list(found.values())

    @contextmanager
    def without_journals(self) -> Iterator[None]:
        """As from a fresh checkout."""
        here, aside = self.cloud.folder / ".ecsplan", self.cloud.folder / "aside"
        here.rename(aside)
        yield
        shutil.rmtree(here, ignore_errors=True)
        aside.rename(here)

    @contextmanager
    def for_a_while(self) -> Iterator[None]:
        """What is applied meanwhile is taken back, in the account and in the folder."""
        kept = self.cloud.folder / "kept"
        shutil.copytree(self.cloud.folder / ".ecsplan", kept)
        yield
        replace_account(self.cloud.service.account, pickle.loads(self.account))
        self.cloud.service.lifecycle.reload()
        shutil.rmtree(self.cloud.folder / ".ecsplan", ignore_errors=True)
        kept.rename(self.cloud.folder / ".ecsplan")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    cloud = Cloud(tmp_path_factory.mktemp("marks"))
    stack = cloud.settled(ESTATE)
    cloud.clock.advance(3600)
    goes = frozenset(deleted(cloud.plan(stack, destroy=True)))
    yield Scene(cloud, stack, goes, pickle.dumps(export(cloud.service.account)))
    cloud.service.close()


def called(thing: Thing) -> str:
    return str(thing.get(NAMES.get(thing.kind, "KeyName")) or "")


def is_bare(thing: Thing) -> bool:
    """System disks and first interfaces are nothing of their own: a machine is not there without them."""
    return thing.get("Type") in ("system", "Primary")


def deleted(plan: Plan) -> set[str]:
    """The ids that a plan deletes, apart from what the service takes along with a machine."""
    return {change.id_text for change in plan.changes if change.action in (Action.DELETE, Action.REPLACE)}


def operations(plan: Plan) -> set[str]:
    return {call.operation for step in plan.steps for call in step.calls}


def standing(plan: Plan) -> set[str]:
    """The guards that stop whoever has not looked (--auto-approve)."""
    return {guard.name for guard in engine.blocked(plan, engine.ApplyOptions(approved=False))}


# Deeds


def stripped(scene: Scene, thing: Thing) -> Undo:
    """A clean-up of tags that nobody knows."""
    return retagged(scene, thing, {key: text for key, text in thing.tags.items() if not key.startswith("ecsplan:")})


def retagged(scene: Scene, thing: Thing, tags: Mapping[str, str]) -> Undo:
    account, before = scene.cloud.service.account, dict(thing.tags)
    account.set_tags(thing, tags)
    return lambda: account.set_tags(thing, before)


def garbled(scene: Scene, thing: Thing) -> Undo:
    tags = {key: "§/[" if key.startswith("ecsplan:") else text for key, text in thing.tags.items()}
    return retagged(scene, thing, tags)


def claimed_by_another_stack(scene: Scene, thing: Thing) -> Undo:
    marks = {key: text.replace("demo/", "theirs/") for key, text in thing.tags.items()}
    return retagged(scene, thing, marks)


def renamed_in_the_console(scene: Scene, thing: Thing) -> Undo:
    account, field = scene.cloud.service.account, NAMES[thing.kind]
    before = thing.get(field)
    account.change(thing, **{field: "payments"})
    return lambda: account.change(thing, **{field: before})


def tagged_by_a_policy(scene: Scene, thing: Thing) -> Undo:
    return retagged(scene, thing, {**thing.tags, "team": "ops", "cost": "7"})


def marked_by_a_rule(scene: Scene, thing: Thing) -> Undo:
    """The Tag service copies the tags of a machine over what hangs on it."""
    machine = scene.cloud.service.account.get("instance", str(thing.get("InstanceId")))
    return retagged(scene, thing, {**thing.tags, **(machine.tags if machine is not None else {}), "team": "ops"})


def copied(name: str = "") -> Callable[[Scene, Thing], Undo]:
    def deed(scene: Scene, thing: Thing) -> Undo:
        account, data = scene.cloud.service.account, copy.deepcopy(thing.data)
        for field in TIMES:
            if field in data:
                data[field] = data[field].replace("2026-", "2027-")
        if name:
            data[NAMES[thing.kind]] = name
        if thing.kind in ("disk", "eni", "eip"):
            data |= {"InstanceId": "", "Status": "Available"}
        made = account.add(thing.kind, thing.region, copy_of(thing), data, dict(thing.tags))
        return lambda: account.remove(made)

    return deed


def copy_of(thing: Thing) -> str:
    return f"{thing.id[:-4]}copy"


# What has to come of them


def nothing(scene: Scene, thing: Thing, plan: Plan, destroy: Plan) -> Iterator[str]:
    if not plan.is_empty or standing(plan):
        yield f"not empty: {shown(plan)}"
    if deleted(destroy) != scene.goes:
        yield f"a destroy deletes {sorted(deleted(destroy) ^ scene.goes)} otherwise"


def at_most_its_name(scene: Scene, thing: Thing, plan: Plan, destroy: Plan) -> Iterator[str]:
    is_asked = standing(plan) == {"twin"} and thing.id in told(plan)  # one of several that the slot could be
    if (operations(plan) - TAGS - RENAMING or standing(plan)) and not is_asked:
        yield f"more than a name: {shown(plan)}"
    if deleted(destroy) != scene.goes:
        yield f"a destroy deletes {sorted(deleted(destroy) ^ scene.goes)} otherwise"


def left_alone(scene: Scene, thing: Thing, plan: Plan, destroy: Plan) -> Iterator[str]:
    """A copy: named, and touched by nothing."""
    if not plan.is_empty or standing(plan):
        yield f"not empty: {shown(plan)}"
    if copy_of(thing) not in " ".join(warning.summary for warning in plan.warnings) and not is_bare(thing):
        yield f"nothing is said of the copy: {[warning.summary for warning in plan.warnings]}"
    if deleted(destroy) - scene.goes or any(one.id == copy_of(thing) for c in destroy.changes for one in c.parts):
        yield f"a destroy deletes {sorted(deleted(destroy) - scene.goes)}"


def asked(scene: Scene, thing: Thing, plan: Plan, destroy: Plan) -> Iterator[str]:
    """It is not known to be ours: nothing is made in its place without a yes, and it is not deleted."""
    if not (plan.is_empty or standing(plan) & {"twin", "blocked"}):
        yield f"nothing is asked: {shown(plan)}"
    if not (plan.is_empty or thing.id.partition("/")[2] in told(plan) or thing.id in told(plan)):
        yield f"{thing.id} is not named: {told(plan)}"
    if thing.id in deleted(destroy):
        yield "a destroy deletes it"


def only_with_a_journal(scene: Scene, thing: Thing, plan: Plan, destroy: Plan) -> Iterator[str]:
    """Another stack's marks are on it: where no journal knows better, it is that stack's."""
    if thing.id in deleted(plan) | deleted(destroy):
        yield "it is deleted"
    if (scene.cloud.folder / ".ecsplan").exists() and not is_bare(thing) and not is_born(thing):
        yield from asked(scene, thing, plan, destroy)


def is_born(thing: Thing) -> bool:
    """A part that was made with its machine, whose id no journal has."""
    return (
        thing.kind in ("disk", "eni")
        and f"ecsplan:{'disk' if thing.kind == 'disk' else 'network_interface'}" not in thing.tags
    )


def told(plan: Plan) -> str:
    texts = [text for change in plan.changes for text in (*change.notes, *change.blocked)]
    return " ".join([*texts, *(warning.summary for warning in plan.warnings)])


def shown(plan: Plan) -> str:
    changes = [f"{change.action.name} {change.address}" for change in plan.changes if change.action is not Action.NOOP]
    return f"{changes} {sorted(operations(plan))} {[guard.summary for guard in plan.guards]}"


TABLE = {
    "stripped of its marks": (stripped, asked),
    "garbled": (garbled, asked),
    "claimed by another stack": (claimed_by_another_stack, only_with_a_journal),
    "renamed in the console": (renamed_in_the_console, at_most_its_name),
    "tagged by a policy": (tagged_by_a_policy, nothing),
    "marked like its machine by a rule": (marked_by_a_rule, nothing),
    "copied with its tags": (copied("payments"), left_alone),
    "copied with its tags and its name": (copied(), left_alone),
}


@pytest.mark.parametrize("deed", TABLE)
def test_a_deed_to_each_kind_of_object(scene: Scene, deed: str, sweep: Sweep) -> None:
    do, check = TABLE[deed]
    with sweep("marks") as tally:
        for thing in scene.each_kind():
            if not (does_apply(deed, thing)):
                continue
            undo = do(scene, thing)
            case = f"{deed}: {thing.kind} {called(thing)} {thing.id}"
            tally.add(case, list(check(scene, thing, *plans(scene))))
            with scene.without_journals():
                tally.add(f"{case}, no journal", list(check(scene, thing, *plans(scene))))
            undo()
        assert scene.cloud.plan(scene.stack).is_empty


def does_apply(deed: str, thing: Thing) -> bool:
    if deed.startswith(("renamed", "copied")):
        has_marks = any(key.startswith("ecsplan:") for key in thing.tags)
        return thing.kind in NAMES and (has_marks or deed.startswith("renamed"))
    return deed != "marked like its machine by a rule" or bool(thing.get("InstanceId"))


def plans(scene: Scene) -> tuple[Plan, Plan]:
    return scene.cloud.plan(scene.stack), scene.cloud.plan(scene.stack, destroy=True)


# The file's own words


def elsewhere(stack: Stack, old: Address) -> tuple[Stack, Stack]:
    """The stack with a block under another name: with the entry that says so, and later without."""
    after = renamed(stack, old)
    return replace(after, moved=(Move(old, replace(old, name=f"{old.name}-new")),)), after


@pytest.mark.parametrize("is_cut_off", [False, True] if FULL else [True])
@pytest.mark.parametrize("is_known", [True, False] if FULL else [False])
def test_a_moved_entry_for_each_kind(scene: Scene, is_known: bool, is_cut_off: bool, sweep: Sweep) -> None:
    with sweep("marks moved") as tally:
        for old in sorted({resource.address.group for resource in scene.stack.resources}):
            with scene.for_a_while():
                tally.add(f"moved {old}", list(moved(scene, old, is_known, is_cut_off)))


def moved(scene: Scene, old: Address, is_known: bool, is_cut_off: bool) -> Iterator[str]:
    cloud = scene.cloud
    before = {thing.id for thing in scene.marked()}
    with_entry, after = elsewhere(scene.stack, old)
    plan = cloud.plan(with_entry)
    if operations(plan) - TAGS - RENAMING or standing(plan):
        yield f"more than tags: {shown(plan)}"
        return
    if is_cut_off:
        fault = {"fault": "error", "code": "Forbidden.RAM", "status": 403, "probability": 0.5}
        cloud.faults(*({**fault, "action": action} for action in TAGS | RENAMING))
        cloud.try_apply(plan)
        cloud.service.faults.clear()
    if not is_known:
        shutil.rmtree(cloud.folder / ".ecsplan")
    cloud.apply(with_entry)
    for stack in (with_entry, after):
        plan = cloud.plan(stack)
        if not plan.is_empty:
            yield f"not empty afterwards: {shown(plan)}"
    if {thing.id for thing in scene.marked()} != before:
        yield "made or deleted something"
