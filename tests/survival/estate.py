"""Random stacks and random edits of them, for the simulation: always valid, and told apart by a seed alone."""

import json
import random
from collections.abc import Callable
from typing import Any

from tests.survival.stacks import IMAGE, KEY, OTHER_IMAGE

ZONE = "cn-hangzhou-h"
TYPES = ("ecs.g7.large", "ecs.g7.xlarge", "ecs.c7.large")
OWNED = {"vswitch": "vpc", "security_group": "vpc"}
RENAMED = ("vswitch", "security_group", "disk", "eip", "auto_snapshot_policy")
MOST_ADDRESSES = 10
MOST = 60


class Estate:
    """What a stack declares: attributes by kind and name. `moved` are the renames since the last text."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.things: dict[str, dict[str, dict[str, Any]]] = {}
        self.moved: list[tuple[str, str]] = []
        self.count = 0
        self.subnets = 0

    # The text

    def text(self) -> str:
        lines = []
        for kind in sorted(self.things):
            if self.things[kind]:
                lines.append(f"  {kind}:")
                lines += [f"    {name}: {json.dumps(attrs)}" for name, attrs in sorted(self.things[kind].items())]
        return "\n".join(lines) + "\n"

    def head(self) -> str:
        there = [(old, new) for old, new in self.moved if new.partition(".")[2] in self.of(new.partition(".")[0])]
        entries = [f"  - {{from: {old}, to: {new}}}" for old, new in there]
        return "moved:\n" + "\n".join(entries) + "\n" if entries else ""

    @property
    def size(self) -> int:
        return sum(attrs.get("count", 1) for named in self.things.values() for attrs in named.values())

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        return self.things.setdefault(kind, {})

    # The first stack

    def begin(self) -> None:
        size = self.chance.choice((1, 2, 4, 6, 8, 12, 12, 20, 30, MOST))
        self.add_vpc()
        while self.size < size:
            self.add()

    def add(self) -> None:
        """One more resource of a kind that can be."""
        adders: list[Callable[[], None]] = [self.add_key_pair, self.add_policy, self.add_disk, self.add_eip]
        adders += [self.add_vswitch, self.add_group]
        if self.of("vswitch") and self.of("security_group"):
            adders += [self.add_instance, self.add_machines, self.add_machines, self.add_interface]
        if len(self.of("vpc")) < 3 and self.chance.random() < 0.2:
            adders = [self.add_vpc]
        self.chance.choice(adders)()

    def put(self, kind: str, prefix: str, attrs: dict[str, Any]) -> str:
        self.count += 1
        name = f"{prefix}{self.count}"
        self.of(kind)[name] = attrs
        return name

    def add_vpc(self) -> None:
        self.put("vpc", "net", {"cidr_block": "10.0.0.0/8"})

    def add_vswitch(self) -> None:
        vpc = self.chance.choice(sorted(self.of("vpc")))
        self.put("vswitch", "sub", {"vpc": vpc, "zone": ZONE, "cidr_block": self.subnet()})

    def subnet(self) -> str:
        self.subnets += 1
        return f"10.{self.subnets // 250}.{self.subnets % 250}.0/24"

    def add_group(self) -> None:
        vpc = self.chance.choice(sorted(self.of("vpc")))
        self.put("security_group", "sg", {"vpc": vpc, "ingress": self.rules()})

    def rules(self) -> list[dict[str, Any]]:
        ports = self.chance.sample((22, 80, 443, 8080, 9000), self.chance.randint(0, 3))
        return [{"protocol": "tcp", "ports": port, "cidr": "0.0.0.0/0"} for port in sorted(ports)]

    def add_key_pair(self) -> None:
        self.put("key_pair", "key", {"public_key": KEY})

    def add_policy(self) -> None:
        hours = sorted(self.chance.sample(range(24), 2))
        self.put("auto_snapshot_policy", "pol", {"hours": hours, "weekdays": [1, 5], "retention_days": 7})

    def add_disk(self) -> None:
        attrs: dict[str, Any] = {"zone": ZONE, "category": "cloud_essd", "size": self.chance.randrange(40, 200, 20)}
        if self.singles() and self.chance.random() < 0.5:
            attrs["instance"] = self.chance.choice(self.singles())
        self.put("disk", "vol", attrs)

    def add_eip(self) -> None:
        if len(self.of("eip")) >= MOST_ADDRESSES:
            return self.add_disk()
        attrs: dict[str, Any] = {"bandwidth": self.chance.randint(1, 50), "charge_type": "PayByTraffic"}
        free = [name for name in self.singles() if all(e.get("instance") != name for e in self.of("eip").values())]
        if free and self.chance.random() < 0.5:
            attrs["instance"] = self.chance.choice(free)
        self.put("eip", "ip", attrs)
        return None

    def singles(self) -> list[str]:
        return sorted(name for name, attrs in self.of("instance").items() if "count" not in attrs)

    def place(self) -> tuple[str, list[str]] | None:
        """A vSwitch and a group of one VPC."""
        pairs = [
            (name, [group])
            for name, attrs in sorted(self.of("vswitch").items())
            for group, other in sorted(self.of("security_group").items())
            if other["vpc"] == attrs["vpc"]
        ]
        return self.chance.choice(pairs) if pairs else None

    def machine(self) -> dict[str, Any] | None:
        place = self.place()
        if place is None:
            return None
        attrs: dict[str, Any] = {
            "instance_type": self.chance.choice(TYPES),
            "image": IMAGE,
            "vswitch": place[0],
            "security_groups": place[1],
            "system_disk": {"category": "cloud_essd", "size": 40},
            "lifecycle": {"on_image_change": "replace"},
        }
        if self.of("key_pair") and self.chance.random() < 0.5:
            attrs["key_pair"] = self.chance.choice(sorted(self.of("key_pair")))
        if self.chance.random() < 0.3:
            attrs["data_disks"] = {"data": {"category": "cloud_essd", "size": 60}}
        if self.chance.random() < 0.2:
            attrs["network_interfaces"] = self.interfaces(attrs)
        return attrs

    def interfaces(self, machine: dict[str, Any]) -> dict[str, Any]:
        """Up to two slots: that is what the smallest type has room for."""
        slots = self.chance.sample(("control", "backup", "spare"), self.chance.randint(0, 2))
        place = {"vswitch": machine["vswitch"], "security_groups": machine["security_groups"]}
        return {slot: {**place, "description": f"words {self.chance.randint(1, 9)}"} for slot in sorted(slots)}

    def add_instance(self) -> None:
        attrs = self.machine()
        if attrs is None:
            return self.add_group()
        self.put("instance", "one", attrs)
        return None

    def add_machines(self) -> None:
        attrs = self.machine()
        if attrs is None:
            return self.add_vswitch()
        room = max(1, min(12, MOST - self.size))
        self.put("instance", "many", {**attrs, "count": self.chance.randint(1, room)})
        return None

    def add_interface(self) -> None:
        place = self.place()
        if place is None:
            return self.add_group()
        self.put("network_interface", "nic", {"vswitch": place[0], "security_groups": place[1]})
        return None

    # Edits

    def edit(self) -> str:
        """One of each kind of edit; its name, or `nothing` where it found nothing to do."""
        self.moved = []
        edits = (self.add, self.remove, self.change, self.change, self.replace, self.rename, self.scale)
        done = []
        for _ in range(self.chance.randint(1, 3)):
            edit = self.chance.choice(edits)
            if self.size < MOST or edit != self.add:
                edit()
                done.append(edit.__name__)
        return ", ".join(done) or "nothing"

    def users(self, kind: str, name: str) -> list[tuple[dict[str, Any], str]]:
        """Where a resource is named, and as what."""
        found = []
        whole = [attrs for named in self.things.values() for attrs in named.values()]
        whole += [slot for attrs in whole for slot in attrs.get("network_interfaces", {}).values()]
        for attrs in whole:
            for key, value in attrs.items():
                if (key, value) == (kind, name) or (key == f"{kind}s" and isinstance(value, list) and name in value):
                    found.append((attrs, key))
        return found

    def any(self, kinds: tuple[str, ...] | None = None) -> tuple[str, str] | None:
        names = [(kind, name) for kind in sorted(kinds or self.things) for name in sorted(self.of(kind))]
        return self.chance.choice(names) if names else None

    def remove(self) -> None:
        free = [
            (kind, name)
            for kind in sorted(self.things)
            for name in sorted(self.of(kind))
            if not self.users(kind, name) and (kind != "vpc" or len(self.of("vpc")) > 1)
        ]
        if free:
            kind, name = self.chance.choice(free)
            del self.of(kind)[name]

    def change(self) -> None:
        found = self.any()
        assert found is not None
        kind, name = found
        attrs, chance = self.of(kind)[name], self.chance
        if chance.random() < 0.3:
            attrs["tags"] = {"team": chance.choice(("web", "shop", "ops")), "cost": str(chance.randint(1, 5))}
        elif kind == "security_group":
            attrs["ingress"] = self.rules()
        elif kind == "eip":
            attrs["bandwidth"] = chance.randint(1, 50)
        elif kind == "disk":
            attrs["size"] += 20
        elif kind == "instance" and "network_interfaces" in attrs and chance.random() < 0.6:
            attrs["network_interfaces"] = self.interfaces(attrs)
        elif kind == "instance":
            attrs["instance_type"] = chance.choice(TYPES)
        elif kind == "auto_snapshot_policy":
            attrs["retention_days"] = chance.randint(1, 30)
        elif kind != "key_pair":
            attrs["description"] = f"words {chance.randint(1, 9)}"

    def replace(self) -> None:
        found = self.any(("instance", "vswitch", "network_interface"))
        if found is None:
            return
        kind, name = found
        attrs = self.of(kind)[name]
        if kind == "instance":
            attrs["image"] = OTHER_IMAGE if attrs["image"] == IMAGE else IMAGE
        elif kind == "vswitch":
            attrs["cidr_block"] = self.subnet()
        else:
            place = self.place()
            if place is not None:
                attrs["vswitch"], attrs["security_groups"] = place

    def rename(self) -> None:
        found = self.any(RENAMED)
        if found is None or any(f"{found[0]}.{found[1]}" == new for _, new in self.moved):
            return
        kind, old = found
        self.count += 1
        new = f"new{self.count}"
        for attrs, key in self.users(kind, old):
            attrs[key] = [new if one == old else one for one in attrs[key]] if isinstance(attrs[key], list) else new
        self.of(kind)[new] = self.of(kind).pop(old)
        self.moved.append((f"{kind}.{old}", f"{kind}.{new}"))

    def scale(self) -> None:
        groups = sorted(name for name, attrs in self.of("instance").items() if "count" in attrs)
        if groups:
            attrs = self.of("instance")[self.chance.choice(groups)]
            attrs["count"] = max(1, min(attrs["count"] + self.chance.randint(-4, 6), attrs["count"] + MOST - self.size))
