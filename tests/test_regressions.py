"""What a plan and an apply cost, by counters that no busy machine moves: API calls exactly, work loosely.

Whoever makes one of them cheaper, or has a reason for more, writes the new figure here, with the reason in the commit.
The figures at a thousand and more, in seconds and megabytes: tests/benchmarks/fleet.py.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ecsplan import engine
from ecsplan.engine import ApplyOptions, PlanOptions
from ecsplan.model.kind import Kinds
from ecsplan.model.stack import Stack
from tests.benchmarks.growth import fleet, plan
from tests.kinds.cloud import Cloud
from tests.test_growth import Row, cost

SIZE = 60  # one RunInstances: the polls of several depend on which is answered first
KINDS: Kinds = engine.kinds()
LISTS = Counter({kind.listing.operation for kind in KINDS.values()} | {"GetCallerIdentity"})
LOCK = Counter(ImportKeyPair=1, DescribeKeyPairs=1, DeleteKeyPairs=1)
AHEAD = Counter(
    DescribeImages=1, DescribeAvailableResource=1, DescribeAccountAttributes=1, DescribeInstanceTypes=1, DescribePrice=1
)
EMPTY = Counter(DescribeVpcs=1, DescribeVSwitches=1, DescribeSecurityGroups=1, DescribeInstances=1)  # proof that it is
MADE = Counter(CreateVpc=1, CreateVSwitch=1, CreateSecurityGroup=1, RunInstances=1)
GONE = Counter(DeleteInstances=1, DeleteSecurityGroup=1, DeleteVSwitch=1, DeleteVpc=1)
HELD = Counter(DescribeRouteEntryList=1, DescribeSecurityGroupReferences=1, DescribePrice=1)
POLLS = Counter(DescribeVpcs=1, DescribeVSwitches=1, DescribeSecurityGroups=1, DescribeInstances=1)
# What is sent beside the first reading of the lists. Under the lock a stack is read and planned once; what a saved plan
# touches is read and asked again, since hours may lie between: the second look sees what was made, changed, sold out or
# got dearer meanwhile, and everything in between the two is somebody else's.
MORE = {
    "apply": MADE + AHEAD + EMPTY + POLLS + LOCK,
    "plan": Counter(),
    "destroy": GONE + HELD + POLLS + LOCK,
    "apply of a saved plan": MADE + AHEAD + EMPTY + POLLS + LOCK + LISTS + AHEAD + EMPTY + Counter(GetCallerIdentity=1),
}
# Functions that a plan without changes calls, for each machine more.
WORK_OF_A_MACHINE = 7400  # 6,450 when this was written


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory, first_look: None) -> Iterator[dict[str, Counter[str]]]:
    cloud = Cloud(tmp_path_factory.mktemp("counted"))
    stack = cloud.load(fleet(SIZE))
    found = {}

    def count(name: str, run: Callable[[], object]) -> None:
        cloud.forget()
        run()
        found[name] = Counter(str(call["action"]) for call in cloud.service.log.calls())

    count("apply", lambda: at_once(cloud, stack))
    count("plan", lambda: cloud.plan(stack))
    count("destroy", lambda: at_once(cloud, stack, destroy=True))
    count("apply of a saved plan", lambda: cloud.apply(stack))
    yield found


def at_once(cloud: Cloud, stack: Stack, **asked: bool) -> None:
    options = ApplyOptions(state_dir=str(cloud.folder / ".ecsplan"), approved=True, allow_destroy=SIZE + 3)
    plan_options = PlanOptions(state_dir=options.state_dir, **asked)
    _, report = engine.session(stack, cloud.api, plan_options, options, lambda plan: True)
    assert report is not None and report.is_complete


@pytest.mark.parametrize("command", MORE)
def test_a_command_sends_exactly_these_calls(counted: dict[str, Counter[str]], command: str) -> None:
    assert counted[command] == LISTS + MORE[command]


def test_a_plan_without_changes_does_no_more_work_for_a_machine(tmp_path: Path) -> None:
    row = Row("no changes", plan(fleet, fleet), SIZE, lambda size: 0)
    (_, few), (_, many) = (cost(row, tmp_path / str(size), size) for size in (SIZE, 2 * SIZE))
    assert (many - few) / SIZE <= WORK_OF_A_MACHINE
