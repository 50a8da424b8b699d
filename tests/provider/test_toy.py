"""The provider layer holds: stacks of another cloud are planned and applied by the same engine."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ecsplan.config.stack_reader import read_stack
from ecsplan.engine import ApplyOptions, PlanOptions
from ecsplan.engine.applying import apply_saved, apply_stack
from ecsplan.engine.planning import make_plan
from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Refused
from ecsplan.model.plan import Plan, Report
from ecsplan.model.stack import Stack
from ecsplan.provider.protocol import Provider
from tests.provider.toy import KINDS, Toy

HOUSE = """\
apiVersion: ecsplan/v1
stack: house
region: eu-attic-1
resources:
  room:
    study: {size: 12}
  lamp:
    desk: {room: study, colour: green}
"""


@pytest.fixture
def toy() -> Toy:
    return Toy()


Read = Callable[[str], Stack]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def reading(text: str) -> Stack:
        (tmp_path / "stack.yaml").write_text(text)
        return read_stack(str(tmp_path / "stack.yaml"), KINDS)

    return reading


@pytest.fixture
def options(tmp_path: Path) -> ApplyOptions:
    return ApplyOptions(approved=True, allow_destroy=9, lock=False, state_dir=str(tmp_path / ".ecsplan"), environ={})


def applied(stack: Stack, toy: Toy, options: ApplyOptions, **asked: bool) -> Report:
    _, report = apply_stack(stack, toy, KINDS, PlanOptions(**asked), options, lambda plan: True, None, None)
    assert report is not None and report.is_complete
    return report


def actions(plan: Plan) -> dict[str, Action]:
    return {str(change.address): change.action for change in plan.changes if change.action is not Action.NOOP}


def test_it_is_a_provider(toy: Toy) -> None:
    assert isinstance(toy, Provider)


def test_what_is_declared_is_made_in_order_and_nothing_is_left(toy: Toy, read: Read, options: ApplyOptions) -> None:
    stack = read(HOUSE)
    plan = make_plan(stack, toy, KINDS, PlanOptions())
    assert actions(plan) == {"room.study": Action.CREATE, "lamp.desk": Action.CREATE} and plan.account == "42"

    applied(stack, toy, options)

    assert toy.done == ["MakeRoom", "MakeLamp"]
    lamp = toy.objects["lamp-2"]
    assert lamp["RoomId"] == "room-1" and lamp["tags"]["ecsplan:lamp"] == "house/lamp.desk"
    assert make_plan(stack, toy, KINDS, PlanOptions()).is_empty


def test_a_change_is_made_in_place_and_drift_is_told(toy: Toy, read: Read, options: ApplyOptions) -> None:
    applied(read(HOUSE), toy, options)
    stack = read(HOUSE.replace("green", "red"))
    applied(stack, toy, options)
    assert toy.done[2:] == ["ChangeLamp"] and toy.objects["lamp-2"]["Colour"] == "red"

    toy.objects["lamp-2"]["Colour"] = "blue"
    (change,) = (c for c in make_plan(stack, toy, KINDS, PlanOptions()).changes if c.attributes)
    assert [(line.before, line.after, line.cause.value) for line in change.attributes] == [("blue", "red", "drift")]


def test_a_saved_plan_is_refused_where_the_cloud_has_moved(toy: Toy, read: Read, options: ApplyOptions) -> None:
    applied(read(HOUSE), toy, options)
    plan = make_plan(read(HOUSE.replace("12", "14")), toy, KINDS, PlanOptions())
    toy.objects["room-1"]["Size"] = 13
    with pytest.raises(Refused, match="size"):
        apply_saved(plan, toy, KINDS, options, None, None)


def test_everything_goes_in_the_other_order(toy: Toy, read: Read, options: ApplyOptions) -> None:
    stack = read(HOUSE)
    applied(stack, toy, options)
    applied(stack, toy, options, destroy=True)
    assert toy.done[2:] == ["RemoveLamp", "RemoveRoom"] and not toy.objects
