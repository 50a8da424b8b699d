"""What a larger stack costs: each way to grow at n and at 4n, by what the emulator counts and by what is computed.

Calls of functions are counted, not seconds: the same on every machine. What is done for each pair takes sixteen times
as much for four times the size, what is done for each thing four times.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from ecsplan import engine
from ecsplan.engine.sharing import in_turns
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Rejected
from tests.benchmarks.growth import (
    NETWORK,
    Work,
    apply,
    bound,
    chain,
    described,
    disks,
    drift_after_many,
    fleet,
    key_pairs,
    keyed,
    listed,
    lookups,
    plan,
    references,
    renamed,
    routes,
    validate,
)
from tests.kinds.cloud import Cloud

LINEAR = 1.2  # the exponent that still counts as such: what is shared by all makes it smaller, sorting a little larger


def renamed_to(name: str) -> Callable[[int], str]:
    return lambda size: renamed(size, name)


def moved(size: int) -> str:
    rows = "".join(f"  - {{from: disk.old{n}, to: disk.new{n}}}\n" for n in range(size))
    return renamed(size, "new") + "moved:\n" + rows


def small_among_others(cloud: Cloud, size: int) -> Callable[[], object]:
    """What grows is all that belongs to others."""
    for number in range(size):
        cloud.call("CreateDisk", RegionId="cn-hangzhou", ZoneId="cn-hangzhou-h", DiskCategory="cloud_essd", Size=40,
                   DiskName=f"other-{number}")  # fmt: skip
    stack = cloud.load(described(2, "ours"))
    cloud.apply(stack)
    return lambda: cloud.plan(stack)


def many_stacks(cloud: Cloud, size: int) -> Callable[[], object]:
    """Of four disks each; all of them are read in one command."""
    stacks = []
    for number in range(size):
        stack = replace(cloud.load(described(4, f"stack {number}").replace(" a:", f" a{number}:")), name=f"s{number}")
        cloud.apply(stack)
        stacks.append(stack)
    turn = in_turns(lambda region: cloud.api)
    return lambda: [engine.plan(stack, turn(stack.region)) for stack in stacks]


@dataclass(frozen=True, slots=True)
class Row:
    """`calls(n)` is the most that the emulator may count."""

    name: str
    work: Work
    size: int
    calls: Callable[[int], float]
    exponent: float = LINEAR


def pages(count: float, per_page: int = 50) -> int:
    return math.ceil(count / per_page)


KINDS = len(engine.kinds())
READS = 10 + KINDS  # a list of each kind, the account, the lock, questions: the same for every size
SHOWN = 8  # reads at the end of an apply until they show what it changed, and the price of the plan before
ROWS = (
    Row("200 key pairs are made", apply(key_pairs), 50, lambda n: READS + 2 * n),
    Row("n depend on a group of n", plan(lambda n: disks(n, ", depends_on: [disk.a]")), 50, lambda n: READS),
    Row("look-ups, two a machine", plan(lookups, lambda n: f"resources:\n{NETWORK}"), 50, lambda n: READS),
    Row("one member as target", plan(lambda n: fleet(n, "ecs.g7.xlarge"), fleet, targets=("instance.web[3]",)), 50,
        lambda n: READS + 4 * pages(n)),
    Row("all but one member", plan(lambda n: fleet(n, "ecs.g7.xlarge"), fleet, excludes=("instance.web[3]",)), 50,
        lambda n: READS + 4 * pages(n)),
    Row("a rolling change", plan(lambda n: fleet(n, "ecs.g7.xlarge"), fleet), 50, lambda n: READS + 4 * pages(n)),
    Row("journals of earlier runs", drift_after_many, 8, lambda n: READS),
    Row("machines that a disk each names", apply(bound), 50, lambda n: READS + 4 * n + 20 * pages(n)),
    Row("no changes", plan(fleet, fleet), 50, lambda n: READS + 4 * pages(n)),
    Row("all of it goes", plan(fleet, fleet, destroy=True), 50, lambda n: READS + 4 * pages(n)),
    Row("vSwitches and groups that need each other", plan(chain), 20, lambda n: READS),
    Row("all are renamed", plan(renamed_to("new"), renamed_to("old")), 40, lambda n: READS),
    Row("all are moved", plan(moved, renamed_to("old")), 40, lambda n: READS),
    Row("a small stack among what others made", small_among_others, 50, lambda n: READS + 4 * pages(n)),
    Row("stacks of one region, one after the other", many_stacks, 4, lambda n: READS + pages(4 * n)),
    Row("routes of a table", plan(routes), 20, lambda n: READS),
    Row("wrong references", validate(references), 50, lambda n: 0),
    Row("for_each over a list", validate(listed), 200, lambda n: 0),
    Row("names of key pairs that are not there", plan(keyed), 50, lambda n: READS),
    Row("alike disks are described anew", apply(lambda n: described(n, "two"), lambda n: described(n, "one")), 60,
        lambda n: 2 * KINDS + 3 * pages(n, 100) + 2 * pages(n) + SHOWN),  # 2: planned, and read again to be applied
)  # fmt: skip


def cost(row: Row, folder: Path, size: int) -> tuple[int, int]:
    """API calls, and calls of functions."""
    folder.mkdir()
    cloud = Cloud(folder)
    work = row.work(cloud, size)
    cloud.forget()
    called = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal called
        called += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    except Rejected:
        pass
    finally:
        sys.setprofile(None)
    return len(cloud.service.log.calls()), called


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_cost_grows_with_the_work_and_no_faster(row: Row, tmp_path: Path) -> None:
    (few, small), (many, large) = (cost(row, tmp_path / str(size), size) for size in (row.size, 4 * row.size))
    told = f"{few} and {many} API calls; {small:,} and {large:,} calls of functions"
    print(f"{row.name}: {told}, exponent {math.log(large / small, 4):.2f}")
    assert few <= row.calls(row.size) and many <= row.calls(4 * row.size), told
    assert math.log(large / small, 4) <= row.exponent, told
