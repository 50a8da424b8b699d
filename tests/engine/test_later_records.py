"""A record of a later version is left alone, also beside members of its group that have no record at all."""

from itertools import permutations

import pytest

from tests.kinds.cloud import Cloud, stack_of

GROUPS = {
    "eip": "eip:\n  a: {count: 3, bandwidth: 5, charge_type: PayByTraffic}\n",
    "disk": "disk:\n  a: {for_each: [x, y, z], zone: cn-hangzhou-h, category: cloud_essd, size: 40}\n",
    "vpc": "vpc:\n  a: {count: 3, cidr_block: 10.0.0.0/8}\n",
}


@pytest.mark.parametrize("kind", GROUPS)
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_missing_record_is_written_and_a_later_one_is_not(
    cloud: Cloud, kind: str, order: tuple[int, int, int]
) -> None:
    stack = stack_of(GROUPS[kind])
    cloud.settled(stack)
    without, later, _ = (cloud.things(kind)[place] for place in order)
    mark = f"ecsplan:{kind}:applied"
    was = without.tags.pop(mark)
    later.tags[mark] = unread = f"z9:{later.tags[mark]}"

    cloud.apply(stack)

    assert without.tags[mark] == was
    assert later.tags[mark] == unread
