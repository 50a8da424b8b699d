"""What a region takes of a kind, counted for the whole plan from the lists alone."""

import pytest

from ecsplan.model.preflight import Counted, Level
from ecsplan.preflight.quota_center import judged
from ecsplan.preflight.world import Answers, World
from tests.builders import at


@pytest.mark.parametrize(
    ("kind", "live", "more", "level"),
    [
        ("vpc", 8, 2, None),
        ("vpc", 8, 3, Level.WARN),
        ("eip", 20, 1, Level.WARN),
        ("key_pair", 499, 1, None),
        ("key_pair", 499, 2, Level.FAIL),
        ("prefix_list", 100, 1, Level.FAIL),
        ("auto_snapshot_policy", 100, 1, Level.FAIL),
        ("launch_template", 29, 1, None),
        ("launch_template", 29, 2, Level.WARN),
    ],
)
def test_a_limit_is_counted_for_the_whole_plan(kind: str, live: int, more: int, level: Level | None) -> None:
    needs = [Counted(at(f"box.a[{number}]"), kind) for number in range(more)]
    found = list(judged(needs, World(used={kind: live}), Answers()))
    assert [one.level for one in found if one is not None] == ([level] if level else [])


def test_what_is_given_back_is_room_that_may_come_too_late() -> None:
    needs = [Counted(at("box.a"), "key_pair"), Counted(at("box.b"), "key_pair", -1)]
    (found,) = judged(needs, World(used={"key_pair": 500}), Answers())
    assert found is not None and found.level is Level.WARN and "if that comes first" in found.summary
