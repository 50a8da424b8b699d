"""Stacks whose changes the service takes before it shows them, and accounts that show each field late at random."""

import random
from typing import Any

from tests.survival.estate import Estate

LONGEST = {
    "billing": 40.0,
    "public_address": 20.0,
    "private_address": 20.0,
    "snapshot_policies": 20.0,
    "images": 20.0,
    "names": 20.0,
    "lists": 8.0,
}
"""Seconds. Lists within what every run allows for: an object that is unseen for longer is taken not to be there."""


def account(seed: int) -> dict[str, Any]:
    """The settings of an account in which everything lags, each by itself, and which is otherwise one of several."""
    chance = random.Random(f"account {seed}")
    return {
        "lag": {name: (0.0, chance.uniform(0.0, longest)) for name, longest in LONGEST.items()},
        "young_renewal": chance.choice((0.0, 30.0)),
        "first_policy_stays": chance.random() < 0.5,
        "snapshot_policies_per_disk": chance.choice((1, 3)),
        "economical_mode": chance.random() < 0.5,
    }


class LaggingEstate(Estate):
    """Has subscriptions, public addresses, snapshot policies, names and images besides."""

    def add_eip(self) -> None:
        """Bound to a machine that has no public address of its own and is no subscription."""
        names = [name for name in self.singles() if "internet" in self.of("instance")[name]]
        super().add_eip()
        for attrs in self.of("eip").values():
            if attrs.get("instance") in names:
                del attrs["instance"]

    def add(self) -> None:
        if self.singles() and self.chance.random() < 0.1:
            self.put("image", "img", {"instance": self.chance.choice(self.singles())})
        else:
            super().add()

    def machine(self) -> dict[str, Any] | None:
        attrs = super().machine()
        if attrs is not None and self.chance.random() < 0.5:
            attrs["description"] = "words 0"
        return attrs

    def add_disk(self) -> None:
        super().add_disk()
        if self.of("auto_snapshot_policy"):
            newest = max(self.of("disk"), key=lambda name: int(name.removeprefix("vol")) if name[:3] == "vol" else 0)
            self.of("disk")[newest]["snapshot_policy"] = self.chance.choice(sorted(self.of("auto_snapshot_policy")))

    def users(self, kind: str, name: str) -> list[tuple[dict[str, Any], str]]:
        found = super().users(kind, name)
        if kind == "auto_snapshot_policy":
            disks = self.of("disk").values()
            found += [(attrs, "snapshot_policy") for attrs in disks if attrs.get("snapshot_policy") == name]
        return found

    def edit(self) -> str:
        """A subscription is given up before anything else: what is bought for a month can be neither deleted nor
        replaced."""
        bought = [attrs for attrs in self.of("instance").values() if attrs.get("charge_type") == "PrePaid"]
        if bought:
            self.moved = []
            for attrs in bought:
                del attrs["period"], attrs["renewal"]
                attrs["charge_type"] = "PostPaid"
            return "given up"
        return super().edit()

    def change(self) -> None:
        changes = (super().change, self.subscribe, self.widen, self.schedule, self.describe)
        self.chance.choice(changes)()

    def free(self) -> list[dict[str, Any]]:
        """Machines on their own that no EIP is bound to."""
        bound = {attrs.get("instance") for attrs in self.of("eip").values()}
        return [self.of("instance")[name] for name in self.singles() if name not in bound]

    def subscribe(self) -> None:
        machines = [attrs for attrs in self.free() if "internet" not in attrs]
        if machines:
            renewal = {"status": "AutoRenewal", "period": self.chance.choice((1, 2, 3))}
            self.chance.choice(machines).update({"charge_type": "PrePaid", "period": 1, "renewal": renewal})

    def widen(self) -> None:
        """A public address comes, or has more bandwidth; it never goes."""
        if self.free():
            attrs = self.chance.choice(self.free())
            old = attrs.get("internet", {"max_bandwidth_out": 0})["max_bandwidth_out"]
            attrs["internet"] = {"max_bandwidth_out": old + self.chance.randint(1, 5), "charge_type": "PayByTraffic"}

    def schedule(self) -> None:
        disks, policies = sorted(self.of("disk")), sorted(self.of("auto_snapshot_policy"))
        if disks and policies:
            self.of("disk")[self.chance.choice(disks)]["snapshot_policy"] = self.chance.choice(policies)

    def describe(self) -> None:
        found = self.any(("instance", "disk", "vpc", "vswitch"))
        if found is not None:
            self.of(found[0])[found[1]]["description"] = f"words {self.chance.randint(1, 9)}"
