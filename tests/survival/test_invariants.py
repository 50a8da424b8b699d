"""The watch itself: each invariant catches the bug that was planted for it, and a sound tool breaks none."""

import textwrap
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
import yaml

from ecsplan import engine
from ecsplan.api import retry
from ecsplan.api.client import Client
from ecsplan.engine import applying
from ecsplan.executor import commanding, sending
from ecsplan.model import marks
from ecsplan.model.address import Address
from ecsplan.model.attribute import Impact
from ecsplan.model.call import Call, Replay
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind
from ecsplan.model.plan import Plan, Step, StepId
from ecsplan.model.resource import Owner
from ecsplan.planner import calls, diff
from tests.survival.stacks import (
    ABROAD,
    BACKUPS,
    BIG,
    CHANGED,
    FIRST,
    KEY,
    REGION_ABROAD,
    TOLD,
    example,
    group,
    stack_of,
)
from tests.survival.world import Boundary, Death, Run, World

POLICY = "  auto_snapshot_policy:\n    nightly: {hours: [3], weekdays: [1, 5], retention_days: 7}\n"
ALL_KINDS = BACKUPS + f"  key_pair:\n    ops: {{public_key: {KEY}}}\n  eip:\n    ip: {{bandwidth: 5}}\n"
_ALL = yaml.safe_load("resources:\n" + ALL_KINDS)["resources"]
for _kind in sorted(engine.kinds().keys() - _ALL.keys()):
    for _name, _blocks in yaml.safe_load("resources:\n" + example(_kind))["resources"].items():
        _ALL[_name] = {**_blocks, **_ALL.get(_name, {})}
ALL_KINDS = textwrap.indent(yaml.safe_dump(_ALL), "  ")


@pytest.fixture
def world() -> Iterator[World]:
    with World(seed=7) as made:
        yield made


def caught(world: World, number: str) -> bool:
    return any(text.startswith(number) for text in world.watch.violations)


def test_a_sound_tool_breaks_none(world: World) -> None:
    for text in (FIRST, group(4), BIG, CHANGED):
        run = world.apply(stack_of(text))
        assert run.is_complete, str(run)
        world.check_settled(stack_of(text))
    assert world.watch.violations == []


def test_i1_a_second_one_after_a_lost_answer(world: World) -> None:
    """Planted: every send of a create has a token of its own."""
    world.faults({"fault": "drop_after_commit", "action": "RunInstances"})
    real = Client._exchange

    def fickle(client: Client, job: Any) -> Any:
        if "ClientToken" in job.params:
            job.params = {**job.params, "ClientToken": f"token-{client.calls}"}
        return real(client, job)

    with mock.patch.object(Client, "_exchange", fickle):
        world.apply(stack_of(FIRST))
    assert caught(world, "I1")


def test_i1_a_second_one_where_nothing_but_a_list_tells(world: World) -> None:
    """Planted: a create without a token, whose answer was lost, is sent again without a look."""
    world.faults({"fault": "drop_after_commit", "action": "CreateAutoSnapshotPolicy"})
    with mock.patch.object(sending, "look_for", lambda *_: None):
        world.apply(stack_of(FIRST + POLICY))
    assert caught(world, "I1")


@pytest.mark.parametrize("kind", sorted(engine.kinds()))
def test_i2_made_without_a_mark(world: World, kind: str) -> None:
    """Planted: the create of one kind carries no tags."""
    real = calls.birth_tags

    def bare(of: Kind, *more: Any) -> Any:
        return [] if of.name == kind else real(of, *more)

    world.put_image(ABROAD, REGION_ABROAD)
    with mock.patch.object(calls, "birth_tags", bare):
        world.apply(stack_of(ALL_KINDS))
    assert caught(world, "I2")


def test_i3_what_another_stack_owns(world: World) -> None:
    """Planted: every owner is read as this stack."""
    world.apply(stack_of(FIRST, name="other"))
    real = marks.read_owner

    def ours(text: str) -> Owner | None:
        owner = real(text)
        return replace(owner, stack="shop") if owner else None

    with mock.patch.object(marks, "read_owner", ours):
        world.apply(stack_of(CHANGED))
    assert caught(world, "I3")


def test_i4_said_to_be_done(world: World) -> None:
    """Planted: the rules of a group are left out of what is carried out, and the report is content."""
    real = applying.carry_out

    def lazy(work: Any, plan: Plan) -> Any:
        kept = tuple(replace(step, calls=()) if step.id.verb == "finish" else step for step in plan.steps)
        return real(work, replace(plan, steps=kept))

    with mock.patch.object(applying, "carry_out", lazy):
        run = world.apply(stack_of(FIRST))
    assert run.is_complete
    world.check_settled(stack_of(FIRST))
    assert caught(world, "I4")


def test_i5_what_nobody_approved(world: World) -> None:
    """Planted: a delete is slipped in after the plan was approved."""
    world.apply(stack_of(FIRST))
    real = applying.carry_out

    def sly(work: Any, plan: Plan) -> Any:
        address = Address.parse("instance.web")
        machine = next(change.before.id for change in plan.changes if change.address == address and change.before)
        params = {"InstanceId": [machine], "Force": True}
        call = Call("DeleteInstances", params, kind="instance", targets=(machine,), replay=Replay.NATURAL)
        extra = Step(StepId(str(address), "delete"), (address,), (call,))
        return real(work, replace(plan, steps=(*plan.steps, extra)))

    with mock.patch.object(applying, "carry_out", sly):
        world.apply(stack_of(FIRST.replace("ports: 443", "ports: 444")))
    assert caught(world, "I5")


def test_i6_a_run_that_does_not_end(world: World) -> None:
    """Planted: throttling is waited out for ever."""
    world.faults({"fault": "throttle", "action": "CreateVpc", "limit": 0, "window": 1})
    with mock.patch.object(retry, "THROTTLE_PATIENCE", 1e9):
        run = world.apply(stack_of(FIRST))
    assert run.died
    assert caught(world, "I6")


@pytest.mark.parametrize(
    ("impacts", "line"),
    [
        (frozenset(), "I7 stop_start of instance was not declared"),
        (frozenset({Impact.DATA_LOSS}), "I7 data_loss of instance was dec"),
    ],
)
def test_i7_what_happens_is_not_what_was_declared(world: World, impacts: frozenset[Impact], line: str) -> None:
    """Planted: the plan says something else of a change of type than that the machine is stopped and started."""
    world.apply(stack_of(group(1)))
    with mock.patch.object(diff, "impacts_in_place", lambda kind, change: impacts):
        run = world.apply(stack_of(group(1, "ecs.g7.xlarge")))
    assert run.is_complete, str(run)
    assert caught(world, line)


def test_i8_a_command_that_is_run_a_second_time(world: World) -> None:
    """Planted: nobody looks whether an earlier run, whose journal is gone, has asked for it."""
    text = stack_of(TOLD)
    asked = next(n for n, action in enumerate(_actions(text), start=1) if action == "InvokeCommand")
    world.apply(text, death=Death(asked, Boundary.COMMITTED))
    world.forget_journals()
    world.wait(620.0)
    with mock.patch.object(commanding.Running, "_take_up_earlier", lambda running: None):
        world.apply(text)
    assert caught(world, "I8")


def _actions(text: Any) -> tuple[str, ...]:
    with World(seed=7) as world:
        return tuple(world.apply(text).actions)


def test_the_same_seed_takes_the_same_path() -> None:
    def path() -> Run:
        with World(seed=3) as world:
            world.faults({"fault": "error", "code": "ServiceUnavailable", "status": 503, "probability": 0.2})
            return world.apply(stack_of(BIG))

    first, second = path(), path()
    assert first.actions == second.actions
    assert first.seconds == second.seconds
