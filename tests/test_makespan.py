"""How long an apply takes, in virtual time: what the cloud itself takes, and little more.

The emulator's transitions take the same time each, so that the critical path is a number of them: a VPC, then a
vSwitch, then machines; back, machines take one, and a vSwitch and a VPC half of one each.
"""

from pathlib import Path

import pytest

from ecsplan.model.plan import Plan
from tests.benchmarks.growth import fleet
from tests.kinds.cloud import Cloud

FACTOR, LIMIT = 1.15, 1.0  # of the critical path; seconds for sending, and for polls that cannot be shorter
MADE, GONE = 3, 2  # transitions, one after the other


@pytest.mark.parametrize(("machines", "settle"), [(1, 1.0), (1, 10.0), (1, 40.0), (250, 10.0)])
def test_an_apply_takes_little_longer_than_the_cloud_does(machines: int, settle: float, tmp_path: Path) -> None:
    cloud = Cloud(tmp_path, settle=settle)
    stack = cloud.load(fleet(machines))
    assert taken(cloud, cloud.plan(stack)) <= FACTOR * MADE * settle + LIMIT
    cloud.clock.sleep(200.0)  # what lists may lag is over
    assert taken(cloud, cloud.plan(stack, destroy=True)) <= FACTOR * GONE * settle + LIMIT


def taken(cloud: Cloud, plan: Plan) -> float:
    began = cloud.clock.now()
    cloud.apply(plan)
    return cloud.clock.now() - began
