"""One call: a busy object is looked at, as it may be where it was to go already, and only the rest is asked again."""

import pytest

from ecsplan.apply.blind import VISIBILITY_LAG
from ecsplan.apply.sending import LONGEST_CONFLICT, SENDS_BY_TAGS
from ecsplan.model.call import ApiError, ErrorClass, Merge, Replay, Wait, until
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


LOST = refusal("Timeout", ErrorClass.TRANSIENT, unknown=True)
MARKS = [{"Key": "ecsplan:stack", "Value": "lab"}, {"Key": "ecsplan:address", "Value": "box.a"}]
BLIND = {"params": {"Tag": MARKS}, "token": False, "replay": Replay.NEVER}


def carried_out(cloud, *lost: ApiError | None) -> None:
    """The next creates are carried out, and their answers are lost."""
    waiting = list(lost)

    def send(request):
        if request.operation == "Create" and waiting:
            cloud._made(request)
            cloud.refusals = {"Create": [waiting.pop(0)]}

    cloud.before_send = send


@pytest.mark.parametrize("hidden", [0, 1, 9])
def test_a_create_without_a_token_whose_answer_is_lost_is_found_by_its_tags(world, cloud, hidden):
    cloud.hidden = hidden
    carried_out(cloud, LOST)
    report = world.run(a_plan(a_step("create box.a", **BLIND)))
    assert report.is_complete and len(cloud.sent) == 1
    assert list(report.ids.values()) == list(cloud.objects)


def test_it_is_sent_again_only_when_no_list_shows_it_for_as_long_as_lists_may_lag(world, cloud):
    cloud.refusals = {"Create": [LOST]}
    assert world.run(a_plan(a_step("create box.a", **BLIND))).is_complete
    (first, _), (second, _) = cloud.sent
    assert second - first >= VISIBILITY_LAG


def test_two_lost_answers_of_it_are_enough(world, cloud):
    cloud.refusals = {"Create": [LOST] * 9}
    assert only_failure(world.run(a_plan(a_step("create box.a", **BLIND))))[0] == "Timeout"
    assert len(cloud.sent) == SENDS_BY_TAGS


@pytest.mark.parametrize("tags", [[MARKS[0]], [*MARKS, {"Key": "ecsplan:retired", "Value": "1"}], []])
def test_what_carries_other_tags_is_not_taken_for_it(world, cloud, tags):
    cloud.objects["old"] = {"ready": 0, "hidden": 0, "Tag": tags}
    carried_out(cloud, LOST)
    assert "old" not in world.run(a_plan(a_step("create box.a", **BLIND))).ids.values()


def test_nothing_is_sent_again_after_a_ctrl_c(world, cloud):
    cloud.refusals = {"Create": [LOST]}
    world.stopped = lambda: len(cloud.sent) > 0
    assert not world.run(a_plan(a_step("create box.a", **BLIND))).is_complete
    assert len(cloud.sent) == 1 and len(cloud.polls) == 1


def test_a_change_that_must_not_be_guessed_at_is_looked_at_after_a_lost_answer(world, cloud):
    there(cloud, "id-a", "id-b")
    cloud.refusals = {"Stop": [LOST]}
    assert world.run(a_plan(a_step("stop box.a", replay=Replay.NEVER, **STOP))).is_complete
    assert len(cloud.sent) == 1


def test_and_sent_again_where_it_is_not_yet_as_it_should_be(world, cloud, clock):
    there(cloud, "id-a", "id-b", ready=clock.time + 5)
    cloud.refusals = {"Stop": [LOST, BUSY]}
    cloud.before_send = lambda request: clock.sleep(2)
    assert world.run(a_plan(a_step("stop box.a", replay=Replay.NEVER, **STOP))).is_complete
    assert len(cloud.sent) == 2
