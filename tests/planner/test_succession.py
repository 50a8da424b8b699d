"""A retired machine that runs is all that serves, as long as the one that took its place is off."""

import pytest

from ecsplan.model.marks import RESTART, key_of
from ecsplan.planner.succession import keep_until_the_new_one_runs
from tests.builders import KINDS, a_box, a_live, a_resource, a_stack, an_object, at, changes_of

SHELF = a_resource()


def blocked(new: str, *, old: str = "On", tags: dict[str, str] | None = None, **more: str) -> tuple[str, ...]:
    """What keeps the old box of a replacement, by the status of the new one and its own."""
    state = {"On": "running", "Off": "stopped"}
    heir = a_live(a_box(**more), "bx-new", status=new, state=state[new], tags=tags or {})
    retired = ((at("box.a"), an_object("box.a", "bx-old", status=old, retired=True)),)
    found = changes_of(a_stack(SHELF, a_box(**more)), {"shelf.main": a_live(SHELF), "box.a": heir}, retired=retired)
    (change,) = [c for c in keep_until_the_new_one_runs(tuple(found.values()), KINDS) if c.after is None]
    return change.blocked


def test_the_old_one_stays_while_the_new_one_is_off() -> None:
    (reason,) = blocked("Off")
    assert "bx-new, which takes the place of bx-old, is Off: start it first (ecsplan start 'box.a')" in reason


@pytest.mark.parametrize(
    "more",
    [
        {"new": "On"},
        {"new": "Off", "old": "Off"},
        {"new": "Off", "state": "stopped"},
        {"new": "Off", "state": "running"},
        {"new": "Off", "tags": {key_of("box", RESTART): "true"}},
    ],
)
def test_it_goes_where_the_new_one_runs_is_started_or_is_meant_to_be_off(more: dict) -> None:
    assert blocked(**more) == ()
