"""What a run that died left behind: asked for again as the plan of today has it, waited for, and dealt with once."""

import os
from collections.abc import Callable

import pytest

from ecsplan.executor.blind import VISIBILITY_LAG
from ecsplan.executor.history import read_history
from ecsplan.executor.journal import SHOWN, Journal, file_name, open_journal
from ecsplan.executor.records import Intent, Start
from ecsplan.executor.recover import STALE, Rescue, recover
from ecsplan.executor.seal import Seal, holder_of
from ecsplan.model.call import ApiError, ErrorClass, Replay, Request
from tests.builders import a_plan, a_step
from tests.executor.test_journal import an_intent, answers, history, intends, only, written
from tests.executor.world import KEY, PROOF, START, World, refusal

HOLDER = holder_of(PROOF)


def as_planned(intent: Intent) -> Request:
    """A plan of today that makes the same thing."""
    return Request(
        intent.operation, {"Name": "today"}, write=True, replay=Replay.TOKEN, client_token=intent.token,
        region=intent.region,
    )  # fmt: skip


def recovered(
    world: World, taken_from: str = HOLDER, key: bytes = KEY, today: Callable[[Intent], Request | None] = as_planned,
    live: tuple[str, ...] = (),
) -> bool:  # fmt: skip
    """As the one who took the lock over from `taken_from`."""
    cloud = world.cloud
    rescue = Rescue(
        cloud, cloud.tagged, cloud.shown, world.clock, today, lambda intent: live, world.events.append,
        frozenset(("box", "shelf")), key,
    )  # fmt: skip
    return recover(read_history(world.folder, "lab", "here", key), rescue, taken_from)


def test_a_lost_create_is_sent_again_with_its_token_and_once(world, cloud):
    cloud.refusals = {"Create": [refusal("Timeout", ErrorClass.TRANSIENT, unknown=True)]}
    world.run(a_plan(a_step("create box.a")))
    recovered(world)
    recovered(world)
    (_, first), (_, second) = cloud.sent
    assert first.client_token == second.client_token
    assert world.events[-1]["message"].startswith("a run that was cut off had sent Create for box.a")


def test_what_is_sent_is_the_request_of_todays_plan_and_not_the_journals(world, cloud):
    written(world.folder, intends(params={"Name": "from the journal"}, at=START))
    assert recovered(world)
    assert [request.params for _, request in cloud.sent] == [{"Name": "today"}]


def test_what_todays_plan_does_not_make_is_not_sent_and_waited_out(world, cloud, clock):
    written(world.folder, intends(at=START))
    assert recovered(world, today=lambda intent: None)
    assert not cloud.sent and clock.time - START == VISIBILITY_LAG


def test_what_todays_plan_finds_live_is_neither_sent_nor_waited_for(world, cloud, clock):
    written(world.folder, intends(at=START))
    assert recovered(world, today=lambda intent: None, live=("bx-1",))
    assert not cloud.sent and clock.time == START


@pytest.mark.door("journals")
@pytest.mark.parametrize("start", ["of another key", "of no key", "under another name"])
def test_nothing_of_a_journal_that_is_not_authentic_is_sent(world, cloud, start):
    key = {"of another key": b"another", "of no key": b""}.get(start, KEY)
    path = written(world.folder, intends(at=START), key=key)
    if start == "under another name":
        path.rename(path.with_name("lab-zz.jsonl"))
    assert not recovered(world) and not cloud.sent and not cloud.polls


def test_a_planted_journal_without_a_holder_sends_nothing_when_the_lock_is_free(world, cloud, clock):
    """Neither does an authentic one: whoever holds no lock has taken it from no one."""
    written(world.folder, intends(at=START + 10**8), proof="")
    assert not recovered(world, taken_from="") and not cloud.sent
    assert clock.time - START <= VISIBILITY_LAG


def test_a_time_far_ahead_is_waited_for_no_longer_than_the_lag(world, cloud, clock):
    written(world.folder, intends(at=START + 10**8), intends(token="", at=START + 10**8))
    assert recovered(world, today=lambda intent: None)
    assert clock.time - START <= 2 * VISIBILITY_LAG


def test_what_is_of_no_kind_that_there_is_is_not_read(world, cloud):
    written(world.folder, intends(kind="nope"), answers(1, **{"nope.a": "n-1"}), intends(kind="nope", token=""))
    assert recovered(world) and not cloud.polls


@pytest.mark.parametrize("end", ["", "complete"])
def test_a_run_of_another_key_is_waited_out(world, cloud, clock, end):
    """What it made must be in the lists, as nobody knows the ids."""
    path = written(world.folder, intends(at=START), key=b"a key that was rotated", end=end)
    os.utime(path, (START, START))
    assert not recovered(world)
    assert clock.time - START == VISIBILITY_LAG
    assert not recovered(world) and clock.time - START == pytest.approx(VISIBILITY_LAG, abs=0.01)


def test_a_file_that_may_not_be_ours_is_told(world):
    path = written(world.folder, intends())
    path.chmod(0o666)
    assert not recovered(world)
    assert world.events[-1]["message"] == f"{path} can be written by others: nothing of it is used"


def test_what_was_made_is_waited_for_until_it_can_be_seen(world, cloud, clock):
    cloud.hidden = 4
    written(world.folder, intends(at=START))
    assert recovered(world)
    assert 4 <= clock.time - START < VISIBILITY_LAG


def test_what_a_read_by_id_shows_is_waited_for_until_lists_do(world, cloud, clock):
    """A plan is made of lists: it would make what they lack a second time."""
    cloud.unlisted = 4
    written(world.folder, intends(at=START))
    assert recovered(world) and cloud.read("box", list(cloud.objects))
    assert 4 <= clock.time - START < VISIBILITY_LAG


@pytest.mark.parametrize(
    ("end", "looks"), [(SHOWN, 0), ("complete", 1), ("in part", 1), ("", 1)], ids=["shown", "unseen", "in part", "died"]
)
def test_what_an_earlier_run_saw_in_the_lists_itself_is_not_looked_for_there_again(world, cloud, end, looks):
    cloud.objects["bx-1"] = {"ready": 0, "hidden": 0}
    written(world.folder, intends(at=START), answers(1, **{"box.a": "bx-1"}), end=end, ended=START)
    recovered(world, taken_from="")
    assert len(cloud.polls) == looks


def test_what_is_asked_for_again_is_known_by_its_id_afterwards(world, cloud):
    written(world.folder, intends(at=START))
    recovered(world)
    assert only(world.folder).births.made == dict.fromkeys(cloud.objects, "box") != {}


def test_so_is_what_is_found_by_its_tags(world, cloud):
    cloud.objects["bx-1"] = {"ready": 0, "hidden": 0, "Tag": MARKS}
    written(world.folder, intends(token="", params={"Tag": MARKS}, at=START))
    recovered(world)
    assert only(world.folder).births.made == {"bx-1": "box"}


def test_what_is_never_seen_is_waited_for_no_longer_than_the_lag(world, cloud, clock):
    cloud.hidden = 1000
    written(world.folder, intends(at=START))
    recovered(world)
    assert VISIBILITY_LAG <= clock.time - START < VISIBILITY_LAG + 2


def test_only_new_ids_of_the_answer_are_waited_for(world, cloud):
    cloud._made = lambda request: {"Id": "bx-1", "RouterId": "vrt-1", "RequestId": "r"}
    cloud.objects["bx-1"] = {"ready": 0, "hidden": 0}
    written(world.folder, intends(at=START))
    recovered(world)
    assert [ids for _, _, ids in cloud.polls] == [("bx-1",)]


def test_what_that_run_deleted_itself_is_not_waited_for(world, cloud):
    made = answers(1, **{"box.a": "bx-1"})
    written(world.folder, intends(), made, intends(creates=[], token="", removes=["bx-1"]))
    recovered(world)
    assert not cloud.polls


def test_a_create_of_long_ago_is_not_sent_again(world, cloud):
    """Its token may be forgotten, and then a second one would be made; the lists show the first by now."""
    written(world.folder, intends(at=START - STALE - 1))
    assert recovered(world) and not cloud.sent
    assert not only(world.folder).unanswered


def test_a_refusal_settles_it(world, cloud):
    cloud.refusals = {"Create": [refusal("InvalidParameter")]}
    written(world.folder, intends(at=START))
    assert recovered(world) and recovered(world)
    assert len(cloud.sent) == 1


def test_of_a_run_that_died_after_its_end_all_is_known(world, cloud):
    """It was cut off while it gave its lock back."""
    written(world.folder, intends(), answers(1, **{"box.a": "bx-1"}), end="complete")
    assert recovered(world) and not cloud.sent


def test_another_lost_answer_stops_everything_and_is_asked_for_the_next_time(world, cloud):
    cloud.refusals = {"Create": [refusal("Timeout", ErrorClass.TRANSIENT, unknown=True)]}
    written(world.folder, intends(at=START))
    with pytest.raises(ApiError):
        recovered(world)
    assert recovered(world) and len(cloud.sent) == 2


@pytest.mark.parametrize("error_class", [ErrorClass.CONFLICT, ErrorClass.NEW_TOKEN, ErrorClass.THROTTLE])
def test_a_service_that_is_busy_with_it_says_nothing_of_what_was_made(world, cloud, error_class):
    cloud.refusals = {"Create": [refusal("OperationConflict", error_class)]}
    written(world.folder, intends(at=START))
    with pytest.raises(ApiError):
        recovered(world)
    assert recovered(world) and cloud.sent[0][1].may_be_done
    assert len({request.client_token for _, request in cloud.sent}) == 1


MARKS = [{"Key": "ecsplan:box", "Value": "lab/box.a"}]


def test_a_create_without_a_token_is_looked_for_until_it_is_seen(world, cloud, clock):
    cloud.objects["bx-1"] = {"ready": 0, "hidden": 5, "Tag": MARKS}
    written(world.folder, intends(token="", params={"Tag": MARKS}, at=START))
    assert recovered(world) and not cloud.sent
    assert 5 <= clock.time - START < VISIBILITY_LAG


def test_and_no_longer_than_lists_may_lag(world, cloud, clock):
    written(world.folder, intends(token="", params={"Tag": MARKS}, at=START - 5))
    assert recovered(world) and not cloud.sent
    assert VISIBILITY_LAG - 5 <= clock.time - START < VISIBILITY_LAG - 3


@pytest.mark.parametrize(("ago", "left"), [(0, 15), (5, 10), (VISIBILITY_LAG, 0), (1000, 0), (-1000, 15)])
def test_what_is_born_without_tags_is_given_the_time_that_lists_may_lag(world, cloud, clock, ago, left):
    """A clock that was ahead when it was sent is no reason to wait for longer."""
    written(world.folder, intends(token="", at=START - ago))
    assert recovered(world) and not cloud.sent
    assert clock.time - START == pytest.approx(left, abs=0.01)


def test_a_finished_run_leaves_nothing_to_do(world, cloud):
    world.run(a_plan(a_step("create box.a")))
    world.clock.sleep(3600)
    cloud.sent.clear(), cloud.polls.clear()
    assert recovered(world) and not cloud.sent and not cloud.polls


def test_what_a_finished_run_made_a_moment_ago_is_waited_for(world, cloud):
    world.run(a_plan(a_step("create box.a")))
    cloud.polls.clear()
    recovered(world)
    assert len(cloud.polls) == 1


def test_what_a_run_wanted_to_make_whose_lock_is_gone_is_left_to_the_lists(world, cloud, clock):
    """Somebody else may have made it meanwhile, with another token: it is waited for, and not made again."""
    written(world.folder, intends(at=START))
    assert not recovered(world, taken_from="somebody else")
    assert not cloud.sent and clock.time - START == VISIBILITY_LAG
    assert recovered(world, taken_from="") is False
    assert clock.time - START == VISIBILITY_LAG


def test_one_that_still_runs_is_left_alone(world, cloud):
    """It runs without a lock, as we do."""
    with open_journal(world.folder, "lab", "1") as stream:
        journal = Journal(stream, Seal(KEY, file_name("lab", "1")))
        journal.start(Start("lab", "here", PROOF, "apply", START))
        journal.intend(**an_intent(at=START))
        assert not recovered(world) and not cloud.sent
    assert recovered(world) and len(cloud.sent) == 1


def test_what_is_dealt_with_is_told_in_one_line(world):
    written(world.folder, intends(), answers(1, **{"box.a": "bx-1"}), intends(step="create box.b", at=START))
    recovered(world)
    past = only(world.folder)
    assert past.is_ended and past.births.made == {"bx-1": "box", "new-1": "box"} and not past.unanswered
    assert history(world.folder).last_finished == "lab-1.jsonl"
