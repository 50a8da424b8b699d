"""Waves: what takes members of a group away never takes them all at once, and a failed wave stops the next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.model.marks import OPEN, RESTART, key_of
from ecsplan.planner.rollout import max_unavailable, refuse_without_room
from tests.builders import KINDS, a_box, a_live, a_resource, a_stack, an_object, at, changes_of, ref
from tests.planner.layout import laid_out, runs_before, steps_of, the_step, told

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


# Members that are away already


def away(
    count: int,
    unavailable: str | None = None,
    *,
    off=(),
    marked=(),
    missing=(),
    rising=(),
    half_done=(),
    begun=(),
    **more,
):
    """A group whose members all get a bigger motor; the steps, and what each change is blocked by."""
    lifecycle = {"max_unavailable": unavailable}
    boxes = [a_box(f"box.a[{n}]", motor="big", lifecycle=lifecycle, **more) for n in range(count)]
    live = {}
    for box in boxes:
        n = box.address.key
        status = "Off" if n in (*off, *marked) else "Pending" if n in rising else "On"
        state = "stopped" if status == "Off" else "running"
        tags = {key_of("box", RESTART): "true"} if n in marked else {key_of("box", OPEN): "2:x"} if n in begun else {}
        motor = "big" if n in half_done else "small"
        colour = {"colour": "blue"} if n in half_done else {}
        if n not in missing:
            live[str(box.address)] = a_live(
                box, f"bx-{n}", motor=motor, status=status, state=state, tags=tags, **colour
            )
    retired = tuple((at(f"box.a[{n}]"), an_object(f"box.a[{n}]", f"old-{n}", retired=True)) for n in half_done)
    stack = a_stack(SHELF, *boxes)
    found = changes_of(stack, {"shelf.main": a_live(SHELF), **live}, retired=retired)
    changes = refuse_without_room(tuple(found.values()), KINDS, stack.by_address())
    blocked = {str(change.address): change.blocked for change in changes if change.blocked}
    return laid_out(changes, stack.by_address()), blocked


def waves(steps, operation: str = "ChangeMotor") -> list[int]:
    found = {
        str(a): step.wave
        for step in steps
        for a in step.addresses
        if step.calls and step.calls[0].operation == operation
    }
    return [found[name] for name in sorted(found)]


def test_a_member_that_we_left_off_comes_first_and_the_others_wait_for_it():
    steps, blocked = away(3, "1", marked=(2,))
    assert waves(steps) == [2, 3, 1] and not blocked
    assert runs_before(steps, "StartBoxes box.a[2]", "StopBoxes box.a[0]")
    assert runs_before(steps, "ChangeMotor box.a[2]", "StopBoxes box.a[0]")


def test_a_member_that_is_still_to_be_made_comes_first():
    steps, _ = away(3, "1", missing=(1,))
    assert runs_before(steps, "RunBoxes box.a[1]", "StopBoxes box.a[0]")
    assert waves(steps) == [2, 3]


def test_a_member_that_a_cut_off_run_left_half_done_comes_first():
    steps, _ = away(2, "1", half_done=(1,), colour="red")
    assert runs_before(steps, "ModifyBox box.a[1]", "StopBoxes box.a[0]")


def test_a_member_that_a_cut_off_run_has_begun_to_change_comes_first():
    steps, blocked = away(3, "1", begun=(2,))
    assert waves(steps) == [2, 3, 1] and not blocked
    assert runs_before(steps, "ChangeMotor box.a[2]", "StopBoxes box.a[0]")


def test_a_member_on_its_way_up_is_waited_for():
    steps, blocked = away(2, "1", rising=(1,))
    assert not blocked and runs_before(steps, "StartBoxes box.a[1]", "StopBoxes box.a[0]")


def test_a_member_that_stays_off_leaves_no_room():
    _, blocked = away(3, "1", off=(1,))
    assert set(blocked) == {"box.a[0]", "box.a[2]"}
    assert "box.a[1] is away already, and max_unavailable is 1" in blocked["box.a[0]"][0]


def test_a_member_that_stays_off_takes_a_place_of_each_wave():
    steps, blocked = away(5, "2", off=(4,))
    assert not blocked and waves(steps) == [1, 2, 3, 4, 0]


def test_members_that_are_brought_back_share_their_wave_as_far_as_there_is_room():
    steps, _ = away(4, "2", marked=(3,))
    assert waves(steps) == [1, 2, 2, 1]


def test_members_that_are_meant_to_be_off_are_not_away():
    _, blocked = away(2, "1", off=(0, 1), state="stopped")
    assert not blocked


def test_where_all_may_be_away_nothing_waits():
    steps, blocked = away(3, "all", off=(0,), marked=(1,))
    assert not blocked and all(step.wave == 0 for step in steps)


def test_a_member_that_another_needs_moves_before_it():
    """box.a[0] is told the address of box.a[1]: its wave cannot be the first."""
    lids = {"box.a[0]": (ref("box.a[1]"),)}
    boxes = [a_box(f"box.a[{n}]", material="steel", lids=lids.get(f"box.a[{n}]", ())) for n in range(2)]
    live = {str(b.address): a_live(b, f"bx-{b.address.key}", material="tin", lids=()) for b in boxes}
    steps = steps_of(a_stack(SHELF, *boxes), {"shelf.main": a_live(SHELF), **live})
    assert runs_before(steps, "RunBoxes box.a[1]", "JoinLid box.a[0]")
    assert the_step(steps, "RunBoxes box.a[1]").wave == 1


@given(
    count=st.integers(2, 9),
    unavailable=st.sampled_from([None, "1", "2", "3", "50%"]),
    state=st.lists(st.sampled_from(["on", "off", "marked", "missing"]), min_size=9, max_size=9),
)
def test_never_more_are_away_than_may_be(count, unavailable, state):
    """Whatever is away to begin with: wave by wave, no more of those that are there are taken away."""
    told_of = {word: tuple(n for n in range(count) if state[n] == word) for word in ("off", "marked", "missing")}
    steps, blocked = away(count, unavailable, **told_of)
    limit = max_unavailable(unavailable, count)
    gone, back = set(told_of["off"]), set(told_of["marked"]) | set(told_of["missing"])
    if len(gone) >= limit:
        return
    assert not blocked
    moving = {n for n in range(count) if state[n] == "on"}
    of_wave: dict[int, set[int]] = {}
    for step in steps:
        if step.calls and step.calls[0].operation in ("ChangeMotor", "RunBoxes"):
            for address in step.addresses:
                of_wave.setdefault(step.wave, set()).add(address.key)
    for wave in sorted(of_wave):
        taken = of_wave[wave] & moving
        assert len(taken | gone | back) <= max(limit, len(gone | back))
        back -= of_wave[wave]


@pytest.mark.parametrize("size", [10, 40])
def test_waves_have_an_edge_for_each_member_and_not_for_each_pair(size):
    """Two waves of mark, stop, change, start, unmark and tag, and one barrier between the two."""
    steps = rolled(size, "50%", motor=("small", "big"))
    assert sum(len(step.comes_after) for step in steps) < 6 * size
