"""What a plan shows of live objects, and what it never does."""

from typing import Any

from ecsplan import engine
from ecsplan.model.address import Address
from ecsplan.model.change import Action, Change
from ecsplan.model.resource import LiveObject
from ecsplan.planner.showable import with_live_values

DB = Address("instance", "db")


def told(action: Action = Action.UPDATE, **live: Any) -> dict[str, Any]:
    change = Change(DB, action, LiveObject("instance", "i-1", "db", "Running", attributes=live))
    return dict(with_live_values(change, engine.kinds()).live_values)


def test_what_a_file_can_declare_is_shown() -> None:
    assert told(instance_type="ecs.g7.large", tags=(("a", "b"),)) == {
        "instance_type": "ecs.g7.large",
        "tags": (("a", "b"),),
    }


def test_secrets_and_what_may_hold_one_are_not() -> None:
    assert told(password="hunter2", user_data="#!/bin/sh\nTOKEN=hunter2\n") == {}


def test_what_the_cloud_decides_is_not() -> None:
    assert told(public_ip="47.98.1.2", cpu=2) == {}


def test_what_does_not_change_is_not_shown() -> None:
    assert told(Action.NOOP, instance_type="ecs.g7.large") == {}
    assert told(Action.DELETE, instance_type="ecs.g7.large")
