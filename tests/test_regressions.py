"""What a plan and an apply cost, by counters that no busy machine moves: API calls exactly, work loosely.

Whoever makes one of them cheaper, or has a reason for more, writes the new figure here, with the reason in the commit.
The figures at a thousand and more, in seconds and megabytes: tests/benchmarks/fleet.py.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecsplan import engine
from ecsplan.model.kind import Kinds
from tests.benchmarks.growth import fleet, plan
from tests.kinds.cloud import Cloud
from tests.test_growth import Row, cost

SIZE = 60  # one RunInstances: the polls of several depend on which is answered first
KINDS: Kinds = engine.kinds()
LISTS = Counter({kind.listing.operation for kind in KINDS.values()} | {"GetCallerIdentity"})
CALLER = Counter(GetCallerIdentity=1)  # whose journals are read
LOCK = Counter(ImportKeyPair=1, DescribeKeyPairs=1, DeleteKeyPairs=1)
# Beside the lists: by what, and how often. An apply of a plan reads them twice, to plan and to see that it still holds.
MORE = {
    "apply": Counter(
        CreateVpc=1, CreateVSwitch=1, CreateSecurityGroup=1, RunInstances=1, DescribeImages=2,
        DescribeAvailableResource=2, DescribeAccountAttributes=2, DescribeInstanceTypes=2, DescribePrice=2,
        # Twice the proof that an empty list is one; the others are polls.
        DescribeVpcs=2 + 4, DescribeVSwitches=2 + 4, DescribeSecurityGroups=2 + 1, DescribeInstances=2 + 1,
    ),
    "plan": Counter(),
    "destroy": Counter(
        DeleteInstances=1, DeleteSecurityGroup=1, DeleteVSwitch=1, DeleteVpc=1, DescribePrice=2,
        DescribeRouteEntryList=2, DescribeSecurityGroupReferences=2, DescribeNatGateways=2,
        DescribeVpcs=4, DescribeVSwitches=4, DescribeSecurityGroups=2, DescribeInstances=3,
    ),
}  # fmt: skip
# Functions that a plan without changes calls, for each machine more.
WORK_OF_A_MACHINE = 7400  # 6,450 when this was written


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Counter[str]]]:
    cloud = Cloud(tmp_path_factory.mktemp("counted"))
    stack = cloud.load(fleet(SIZE))
    found = {}
    for name, run in (("apply", cloud.apply), ("plan", cloud.plan), ("destroy", cloud.destroy)):
        cloud.forget()
        run(stack)
        found[name] = Counter(str(call["action"]) for call in cloud.service.log.calls())
    yield found


@pytest.mark.parametrize("command", MORE)
def test_an_apply_and_a_plan_send_exactly_these_calls(counted: dict[str, Counter[str]], command: str) -> None:
    readings = 1 if command == "plan" else 2  # that each list is read no less: tests/test_call_counts.py
    found = counted[command] - Counter(dict.fromkeys(LISTS, readings))
    assert found == (MORE[command] if command == "plan" else MORE[command] + CALLER + LOCK)


def test_a_plan_without_changes_does_no_more_work_for_a_machine(tmp_path: Path) -> None:
    row = Row("no changes", plan(fleet, fleet), SIZE, lambda size: 0)
    (_, few), (_, many) = (cost(row, tmp_path / str(size), size) for size in (SIZE, 2 * SIZE))
    assert (many - few) / SIZE <= WORK_OF_A_MACHINE
