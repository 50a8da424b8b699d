"""One call: a busy object is looked at, as it may be where it was to go already, and only the rest is asked again."""

import pytest

from ecsplan.apply.sending import LONGEST_CONFLICT
from ecsplan.model.call import ErrorClass, Merge, Wait, until
from tests.apply.world import only_failure, refusal
from tests.builders import a_plan, a_step

BUSY = refusal("IncorrectInstanceStatus", ErrorClass.CONFLICT)
STOP = {"operation": "Stop", "wait": until("Ready"), "targets": ("id-a", "id-b"), "merge": Merge("Ids", 9)}


def there(cloud, *names: str, ready: float = 0.0) -> None:
    for name in names:
        cloud.objects[name] = {"ready": ready, "hidden": 0}


def test_what_is_where_it_was_to_go_is_done(world, cloud):
    there(cloud, "id-a", "id-b")
    cloud.refusals = {"Stop": [BUSY]}
    assert world.run(a_plan(a_step("stop box.a", **STOP))).is_complete
    assert len(cloud.sent) == 1


def test_only_what_is_not_there_yet_is_asked_again(world, cloud, clock):
    there(cloud, "id-a")
    there(cloud, "id-b", ready=clock.time + 1)
    cloud.refusals = {"Stop": [BUSY]}
    assert world.run(a_plan(a_step("stop box.a", params={"Ids": ["id-a", "id-b"]}, **STOP))).is_complete
    assert [request.params["Ids"] for _, request in cloud.sent] == [["id-a", "id-b"], ["id-b"]]


def test_what_stays_busy_fails_in_the_end(world, cloud, clock):
    there(cloud, "id-a", "id-b", ready=clock.time + 10_000)
    cloud.refusals = {"Stop": [BUSY] * 9}
    cloud.before_send = lambda request: clock.sleep(request.conflict_deadline)
    assert only_failure(world.run(a_plan(a_step("stop box.a", **STOP))))[0] == "IncorrectInstanceStatus"
    assert clock.time - 1_000_000 == pytest.approx(LONGEST_CONFLICT, abs=40)


def test_a_look_that_fails_tells_nothing(world, cloud):
    there(cloud, "id-a", "id-b")
    cloud.refusals, cloud.poll_refusals = {"Stop": [BUSY]}, [refusal("Timeout", ErrorClass.TRANSIENT)]
    assert world.run(a_plan(a_step("stop box.a", **STOP))).is_complete
    assert len(cloud.sent) == 2


@pytest.mark.parametrize("wait", [None, Wait()])
def test_a_call_that_waits_for_nothing_is_simply_sent_again(world, cloud, wait):
    there(cloud, "id-a", "id-b")
    cloud.refusals = {"Stop": [BUSY]}
    world.run(a_plan(a_step("stop box.a", **{**STOP, "wait": wait})))
    assert len(cloud.sent) == 2 and not [poll for poll in cloud.polls if wait is None]


def test_no_other_refusal_is_looked_into(world, cloud):
    cloud.refusals = {"Stop": [refusal("Forbidden")]}
    assert only_failure(world.run(a_plan(a_step("stop box.a", **STOP))))[0] == "Forbidden"
    assert not cloud.polls
