"""How long it takes to tell what a plan opens and closes: groups of many rules, each with machines of its own.

Two shapes: 1,000 rules over 100 groups, and 100 groups of 1,000 rules each (as many as an interface takes). In each of
them one rule of every group changes, and then all of them.

Usage: python -m tests.benchmarks.reachability
"""

import random
import time
from collections.abc import Iterator

from ecsplan.engine.reaching import reach_of
from ecsplan.model.address import Address, Ref
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.resource import LiveObject, Resource

Rules = tuple[tuple[tuple[str, object], ...], ...]
GROUPS = 100


def rules(count: int, seed: int) -> Rules:
    """Like those of real groups: most for one port of a small network, a few for all ports of a large one."""
    draw = random.Random(seed)
    found = []
    for _ in range(count):
        is_wide = draw.random() < 0.05
        ports = draw.choice(("1-65535", "8000-9000")) if is_wide else str(draw.randrange(1, 9000))
        cidr = f"10.{draw.randrange(250)}.0.0/16" if is_wide else f"10.{draw.randrange(250)}.{draw.randrange(250)}.0/24"
        policy = "drop" if draw.random() < 0.05 else "accept"
        priority = draw.randrange(1, 5)
        rule = {"cidr": cidr, "policy": policy, "ports": ports, "priority": priority, "protocol": "tcp"}
        found.append(tuple(sorted(rule.items())))
    return tuple(dict.fromkeys(found))


def changes(count: int, all_of_them: bool) -> Iterator[Change]:
    for number in range(GROUPS):
        group, machine = Address("security_group", "g", number), Address("instance", "m", number)
        before = rules(count, number)
        after = rules(count, number + GROUPS) if all_of_them else (*before[1:], *rules(1, number + GROUPS))
        live = LiveObject("security_group", f"sg-{number}", "g", "", attributes={"ingress": before, "egress": ()})
        line = AttributeChange("ingress", before, after)
        yield Change(group, Action.UPDATE, live, Resource(group, {"ingress": after}, "g"), (line,))
        host = LiveObject("instance", f"i-{number}", "m", "Running", attributes={"security_groups": (f"sg-{number}",)})
        yield Change(machine, Action.NOOP, host, Resource(machine, {"security_groups": (Ref(group),)}, "m"))


def main() -> None:
    for count in (10, 1000):
        for all_of_them in (False, True):
            made = tuple(changes(count, all_of_them))
            started = time.process_time()
            found = reach_of(made)
            seconds = time.process_time() - started
            lines = sum(len(reach.opened) + len(reach.closed) for reach in found)
            what = "all rules change" if all_of_them else "one rule of each changes"
            print(f"{GROUPS} groups of {count:>5} rules, {what:<25} {seconds:7.3f} s of CPU, {lines:,} lines")


if __name__ == "__main__":
    main()
