"""Waves: what takes members of a group away never takes them all at once, and a failed wave stops the next."""

import pytest

from ecsplan.plan.rollout import max_unavailable
from tests.builders import a_box, a_live, a_resource, a_stack
from tests.plan.layout import runs_before, steps_of, the_step, told

SHELF = a_resource()


def rolled(count: int, unavailable: str | None = None, **changed):
    lifecycle = {"max_unavailable": unavailable}
    before, after = {name: pair[0] for name, pair in changed.items()}, {name: pair[1] for name, pair in changed.items()}
    boxes = [a_box(f"box.a[{number}]", lifecycle=lifecycle, **after) for number in range(count)]
    live = {str(b.address): a_live(b, f"bx-{b.address.key}", **before) for b in boxes}
    return steps_of(a_stack(SHELF, *boxes), {"shelf.main": a_live(SHELF), **live})


MOTOR = {"motor": ("small", "big")}


@pytest.mark.parametrize(
    ("text", "size", "count"),
    [(None, 3, 1), (None, 40, 4), ("2", 9, 2), ("0", 9, 1), ("25%", 8, 2), ("1%", 8, 1), ("all", 8, 8)],
)
def test_how_many_may_be_away_at_once(text, size, count):
    assert max_unavailable(text, size) == count


def test_members_are_stopped_one_after_the_other():
    steps = rolled(3, **MOTOR)
    assert runs_before(steps, "StartBoxes box.a[0]", "StopBoxes box.a[1]")
    assert runs_before(steps, "StartBoxes box.a[1]", "StopBoxes box.a[2]")
    assert [the_step(steps, f"StopBoxes box.a[{n}]").wave for n in range(3)] == [1, 2, 3]


def test_a_wave_may_hold_several():
    assert "StopBoxes box.a[0] ×2" in told(rolled(4, "2", **MOTOR))


def test_all_at_once_is_no_wave():
    steps = rolled(2, "all", **MOTOR)
    assert told(steps)[:2] == ["TagResources box.a[0] ×2", "StopBoxes box.a[0] ×2"] and steps[1].wave == 0


def test_what_disturbs_nobody_does_not_roll():
    assert all(step.wave == 0 for step in rolled(3, colour=("blue", "red")))


def test_replacements_roll_too():
    steps = rolled(2, material=("tin", "steel"))
    assert runs_before(steps, "RunBoxes box.a[0]", "DeleteBoxes box.a[1]")
