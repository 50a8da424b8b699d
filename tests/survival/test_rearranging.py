"""Rearranging is free: names and structure of a file change, and nothing in the cloud but tags and names does.

    ECSPLAN_SEEDS=17,4711 pytest tests/survival/test_rearranging.py      these seeds alone

Each seed is a life of one estate: machines become singles, numbered groups and groups by keys, disks and interfaces are
slots and blocks in turn, things are renamed, released and adopted again; in one apply, by targets first, or with some
of the calls refused, now and then from a fresh checkout. After each step every object is what the file says, nothing
was made or deleted, and the plan is empty, with the entries of `moved` and `adopt` and without them.
"""

import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Refused
from tests.kinds.cloud import Cloud
from tests.survival.sizes import FULL, Tally

SEEDS = 500 if FULL else 8
BLOCK = 100 if FULL else 4
GIVEN = [int(text) for text in os.environ.get("ECSPLAN_SEEDS", "").split(",") if text]
ROUNDS = 4
HARMLESS = {
    "TagResources",
    "UntagResources",
    "UnTagResources",
    "ModifyInstanceAttribute",  # names
    "ModifyDiskAttribute",  # that a disk outlives the machine whose slot it was
    "ModifyNetworkInterfaceAttribute",
}
MACHINE = {
    "instance_type": "ecs.g7.large",
    "image": "ubuntu_22_04_x64_20G_alibase_20260522.vhd",
    "system_disk": {"category": "cloud_essd", "size": 40},
}
KINDS = ("instance", "disk", "eip", "eni", "vpc", "vswitch", "securitygroup")


Sweep = Callable[[str], AbstractContextManager[Tally]]


@dataclass(slots=True)
class Thing:
    """One live object: what it is in the file now, and was before this step. `on` is the machine that it hangs on."""

    kind: str
    size: int = 0
    on: "Thing | None" = None
    address: str = ""
    before: str = ""
    id: str = ""
    is_free: bool = False  # released: in no file, with no mark

    @property
    def is_slot(self) -> bool:
        return ".data_disks." in self.address or ".network_interfaces." in self.address


@dataclass(slots=True)
class Estate:
    """What there is, and the file that declares it. Names are used once."""

    chance: random.Random
    things: list[Thing] = field(default_factory=list)
    used: int = 0

    def __post_init__(self) -> None:
        machines = [Thing("instance") for _ in range(5)]
        disks = [Thing("disk", 40 + 10 * n, machines[n]) for n in (3, 4, 0, 3)]
        others = [Thing("eip", on=machines[1]), Thing("network_interface", on=machines[4])]
        self.things = [Thing("vpc"), Thing("vswitch"), Thing("security_group"), *machines, *disks, *others]

    def fresh(self, prefix: str) -> str:
        self.used += 1
        return f"{prefix}{self.used}"

    def of(self, kind: str) -> list[Thing]:
        return [thing for thing in self.things if thing.kind == kind]

    def one(self, kind: str) -> str:
        return self.of(kind)[0].address.partition(".")[2]

    # A new arrangement

    def rearrange(self, *, is_first: bool = False) -> None:
        for thing in self.things:
            thing.before = "" if thing.is_free else thing.address
            if thing.kind in ("vpc", "vswitch", "security_group", "eip") and (is_first or self.chance.random() < 0.3):
                thing.address = f"{thing.kind}.{self.fresh('n')}"
        self._machines(is_first)
        for thing in (*self.of("disk"), *self.of("network_interface")):
            self._part(thing, is_first)
        for thing in self.things:
            thing.is_free = False

    def _machines(self, is_first: bool) -> None:
        """Groups of those that are declared alike: with slots, each is a block of its own."""
        plain = self.of("instance")[:3]
        if is_first or self.chance.random() < 0.7:
            self.chance.shuffle(plain)
            cut = self.chance.randint(0, 3)
            self._group(plain[:cut])
            self._group(plain[cut:])
        for machine in self.of("instance")[3:]:
            if is_first or self.chance.random() < 0.5:
                self._group([machine])

    def _group(self, machines: list[Thing]) -> None:
        name = self.fresh("m")
        shape = self.chance.choice(("single", "count", "keys"))
        for number, machine in enumerate(machines):
            if shape == "single" or (shape == "count" and len(machines) == 1):
                machine.address = f"instance.{name if number == 0 else self.fresh('m')}"
            elif shape == "count":
                machine.address = f"instance.{name}[{number}]"
            else:
                machine.address = f'instance.{name}["k{number}"]'

    def _part(self, thing: Thing, is_first: bool) -> None:
        machine = thing.on
        assert machine is not None
        attribute = "data_disks" if thing.kind == "disk" else "network_interfaces"
        may_be_slot = not thing.is_free and machine.before + machine.address != "" and "[" not in machine.address
        if thing.is_slot and may_be_slot and self.chance.random() < 0.5 and not is_first:
            slot = thing.address.rpartition(".")[2]
            thing.address = f"{machine.address}.{attribute}.{slot}"
        elif may_be_slot and self.chance.random() < 0.5:
            thing.address = f"{machine.address}.{attribute}.{self.fresh('s')}"
        elif thing.is_slot or thing.is_free or is_first or self.chance.random() < 0.3:
            thing.address = f"{thing.kind}.{self.fresh('d')}"

    # The file

    def text(self, *, entries: bool, stack: str = "demo", without: "Thing | None" = None) -> str:
        declared = [thing for thing in self.things if thing is not without]
        document: dict[str, Any] = {"apiVersion": "ecsplan/v1", "stack": stack, "region": "cn-hangzhou"}
        document["resources"] = self._resources(declared, entries)
        if entries and (moved := list(self._moved(declared))):
            document["moved"] = moved
        if without is not None:
            document["released"] = [without.address]
        return yaml.safe_dump(document, sort_keys=False)

    def _moved(self, declared: list[Thing]) -> Iterator[dict[str, str]]:
        for thing in declared:
            owner_before = thing.on.before if thing.on is not None else ""
            follows = thing.is_slot and thing.before == thing.address.replace(thing.on.address, owner_before, 1)  # type: ignore[union-attr]
            if thing.before and thing.before != thing.address and not follows:
                yield {"from": thing.before, "to": thing.address}

    def _resources(self, declared: list[Thing], entries: bool) -> dict[str, Any]:
        found: dict[str, dict[str, Any]] = {}
        for thing in declared:
            if not thing.is_slot:
                kind, _, name = thing.address.partition(".")
                block, _, key = name.partition("[")
                self._add(found.setdefault(kind, {}).setdefault(block, {}), thing, key.rstrip("]"), declared, entries)
        return found

    def _add(self, block: dict[str, Any], thing: Thing, key: str, declared: list[Thing], entries: bool) -> None:
        block.update(self._attributes(thing, declared))
        if key.startswith('"'):
            block.setdefault("for_each", []).append(key.strip('"'))
        elif key:
            block["count"] = max(block.get("count", 0), int(key) + 1)
        if entries and thing.id and not thing.before:
            if key:
                block.setdefault("adopt", {})[key.strip('"')] = thing.id
            else:
                block["adopt"] = thing.id

    def _attributes(self, thing: Thing, declared: list[Thing]) -> dict[str, Any]:
        on = thing.on.address.partition(".")[2] if thing.on is not None else ""
        place = {"vswitch": self.one("vswitch"), "security_groups": [self.one("security_group")]}
        if thing.kind == "instance":
            slots: dict[str, Any] = {"data_disks": {}, "network_interfaces": {}}
            for part in declared:
                if part.on is thing and part.is_slot:
                    attribute, slot = part.address.split(".")[-2:]
                    slots[attribute][slot] = {"category": "cloud_essd", "size": part.size} if part.size else place
            return {**MACHINE, **place, **{name: found for name, found in slots.items() if found}}
        return {
            "vpc": {"cidr_block": "10.0.0.0/8"},
            "vswitch": {"vpc": self.one("vpc"), "zone": "cn-hangzhou-h", "cidr_block": "10.0.1.0/24"},
            "security_group": {"vpc": self.one("vpc")},
            "eip": {"bandwidth": 5, "instance": on},
            "disk": {"zone": "cn-hangzhou-h", "category": "cloud_essd", "size": thing.size, "instance": on},
            "network_interface": {**place, "instance": on},
        }[thing.kind]


@dataclass(slots=True)
class Life:
    cloud: Cloud
    estate: Estate
    chance: random.Random
    said: list[str] = field(default_factory=list)

    def live(self) -> list[str]:
        """Everything there is, by id."""
        return sorted(thing.id for kind in KINDS for thing in self.cloud.things(kind))

    def learn(self, text: str) -> None:
        """The ids of what was made."""
        known = {str(c.address): c.before for c in self.cloud.plan(text).changes if c.before is not None}
        for thing in self.estate.things:
            if thing.is_slot and thing.on is not None:
                inside = known[thing.on.address].attributes
                thing.id = inside[".".join(thing.address.split(".")[-2:])]
            else:
                thing.id = known[thing.address].id

    def problems(self, text: str) -> Iterator[str]:
        """What is not so: the plan is empty, and each object is what the file says."""
        plan = self.cloud.plan(text)
        changes = [
            f"{change.action.name} {change.address}" for change in plan.changes if change.action is not Action.NOOP
        ]
        if not plan.is_empty:
            yield f"not empty: {changes} {[guard.summary for guard in plan.guards]}"
        known = {str(change.address): change.before for change in plan.changes}
        for thing in self.estate.things:
            found = known.get(thing.on.address if thing.is_slot and thing.on is not None else thing.address)
            part = ".".join(thing.address.split(".")[-2:])
            got = None if found is None else found.attributes.get(part) if thing.is_slot else found.id
            if got != thing.id:
                yield f"{thing.address} is {got}, and was {thing.id}"

    def step(self) -> Iterator[str]:
        self.forget_some()
        before = self.live()
        if self.chance.random() < 0.3:
            yield from self.release_one()
        self.estate.rearrange()
        text = self.estate.text(entries=True)
        self.said.append(text)
        self.cloud.forget()
        yield from self.apply(text)
        written = set(self.cloud.writes()) - HARMLESS
        if written or self.live() != before:
            yield f"wrote {sorted(written)}, made or deleted {sorted(set(before) ^ set(self.live()))}"
        yield from self.problems(text)
        self.forget_some()
        yield from (f"without the entries: {p}" for p in self.problems(self.estate.text(entries=False)))

    def release_one(self) -> Iterator[str]:
        """It is adopted again by what follows."""
        candidates = [t for t in self.estate.things if t.kind in ("disk", "network_interface", "eip") and not t.is_slot]
        if candidates:
            thing = self.chance.choice(candidates)
            text = self.estate.text(entries=False, without=thing)
            self.said.append(text)
            yield from self.apply(text)
            thing.is_free = True

    def apply(self, text: str) -> Iterator[str]:
        """In one go, some targets first, or with a share of the tags refused at first."""
        way = self.chance.choice(("whole", "targets", "refused"))
        plan = self.cloud.plan(text)
        touched = [str(change.address) for change in plan.changes if change.action is not Action.NOOP]
        if way == "targets" and touched and not plan.guards:
            some = tuple(self.chance.sample(touched, self.chance.randint(1, len(touched))))
            self.said.append(f"# --target {some}")
            self.cloud.try_apply(self.cloud.plan(text, targets=some))
            self.forget_some()
        elif way == "refused" and not plan.guards:
            self.said.append("# some refused")
            fault = {"fault": "error", "code": "Forbidden.RAM", "status": 403, "probability": 0.4}
            self.cloud.faults(*({**fault, "action": action} for action in HARMLESS))
            self.cloud.try_apply(plan)
            self.cloud.service.faults.clear()
            self.forget_some()
        plan = self.cloud.plan(text)
        try:
            report = self.cloud.try_apply(plan)
        except Refused as refused:
            yield f"refused: {refused}"
            return
        if not report.is_complete:
            yield f"failed: {[o.message for o in report.outcomes if o.message]}"

    def forget_some(self) -> None:
        """A fresh checkout, now and then."""
        if self.chance.random() < 0.4:
            shutil.rmtree(self.cloud.folder / ".ecsplan", ignore_errors=True)


def live(folder: Path, seed: int) -> list[str]:
    chance = random.Random(seed)
    folder.mkdir()
    life = Life(Cloud(folder), Estate(chance), chance)
    life.estate.rearrange(is_first=True)
    first = life.estate.text(entries=False)
    life.said.append(first)
    life.cloud.apply(first)
    life.learn(first)
    for number in range(ROUNDS):
        problems = list(life.step())
        if problems:
            return [f"step {number}: {problem}" for problem in problems] + ["\n".join(life.said[-4:])]
    return []


def blocks() -> list[list[int]]:
    seeds = GIVEN or list(range(SEEDS))
    return [seeds[at : at + BLOCK] for at in range(0, len(seeds), BLOCK)]


@pytest.mark.parametrize("seeds", blocks(), ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
def test_rearranging_writes_nothing_but_tags_and_names(tmp_path: Path, seeds: list[int], sweep: Sweep) -> None:
    with sweep("rearranging") as tally:
        for seed in seeds:
            tally.add(f"seed {seed}", live(tmp_path / str(seed), seed), seed)
