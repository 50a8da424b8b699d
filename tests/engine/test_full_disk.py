"""The disk fills up while a stack is applied: what is sent is known, and the next run ends the work."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import INSTANCE, NETWORK, Cloud, stack_of

STACK = stack_of(NETWORK, "instance:\n  web:\n    count: 3\n    " + INSTANCE.strip("\n").replace("\n", "\n    "))


@contextmanager
def room(size: int) -> Iterator[None]:
    """No file may grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.door("full disk")
@pytest.mark.parametrize("size", [0, 100, 400, 900, 1_500, 2_500, 4_000, 6_000, 8_000])
def test_nothing_is_made_twice_after_a_full_disk(cloud: Cloud, size: int) -> None:
    plan = cloud.plan(STACK)
    try:
        with room(size):
            report = cloud.try_apply(plan)
        assert size >= 4_000 or not report.is_complete, "the case: there was room"
    except Rejected as rejected:
        assert "File too large" in str(rejected)
    cloud.clock.advance(900)
    cloud.apply(STACK)
    cloud.assert_settled(STACK)
    made = {kind: len(cloud.things(kind)) for kind in ("vpc", "vswitch", "securitygroup", "instance")}
    assert made == {"vpc": 1, "vswitch": 1, "securitygroup": 1, "instance": 3}
