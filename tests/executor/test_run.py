"""Walking a plan under a virtual clock: order, lanes, failures, shared waits, lost and late objects, interruptions."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecsplan.executor.wait import REFUSED_FOR, VISIBLE_WITHIN
from ecsplan.model.address import Secret
from ecsplan.model.call import Call, ErrorClass, Late, Wait
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.plan import BRIEF, Status
from tests.builders import a_plan, a_step, at, ref
from tests.executor.world import START, Cloud, VirtualClock, World, only_failure, refusal, statuses


def waits_for(*names: str) -> dict:
    return {"targets": names, "params": {"Ids": list(names)}}


def test_a_step_runs_after_what_it_needs(world, cloud):
    """create shelf.a → create box.b → create box.c"""
    plan = a_plan(
        a_step("create shelf.a"), a_step("create box.b", "create shelf.a"), a_step("create box.c", "create box.b")
    )
    report = world.run(plan)
    assert [request.params["Name"] for _, request in cloud.sent] == ["a", "b", "c"]
    assert report.is_complete and report.ids[at("box.c")] == "new-3"


def test_the_longest_path_starts_first(world, cloud):
    """box.long → box.tail takes longer than box.short"""
    world.parallelism = 1
    steps = (a_step("create box.short"), a_step("create box.long"), a_step("create box.tail", "create box.long"))
    world.run(a_plan(*steps))
    assert cloud.sent[0][1].params["Name"] == "long"


def test_a_later_step_sends_the_id_that_an_earlier_one_made(world, cloud):
    plan = a_plan(
        a_step("create shelf.a"), a_step("create box.b", "create shelf.a", params={"ShelfId": ref("shelf.a")})
    )
    world.run(plan)
    assert cloud.sent[1][1].params == {"ShelfId": "new-1"}


def test_steps_of_one_lane_never_overlap(world, cloud):
    steps = tuple(a_step(f"create box.{name}", lane="shelf one") for name in "abc")
    assert world.run(a_plan(*steps)).is_complete
    times = [time for time, _ in cloud.sent]
    assert all(later - earlier >= cloud.settle for earlier, later in pairwise(times))


def test_a_failure_skips_what_needs_it_and_nothing_else(world, cloud):
    """shelf.a (fails) → box.b → box.c ; shelf.x → box.y"""
    cloud.refusals = {"Create": [refusal("NoStock", ErrorClass.CAPACITY)]}
    chain = (a_step("create shelf.a"), a_step("create box.b", "create shelf.a"), a_step("create box.c", "create box.b"))
    report = world.run(a_plan(*chain, a_step("create shelf.x"), a_step("create box.y", "create shelf.x")))
    done = {step for step, status in statuses(report).items() if status == "done"}
    assert done == {"create shelf.x", "create box.y"}
    assert {str(o.because) for o in report.skipped} == {"create shelf.a"}
    assert report.failed[0].advice.startswith("there is none of this type")


def barrier(*needs):
    return replace(a_step("members shelf.row", *needs), calls=(), seconds=0.0)


def test_a_barrier_lets_go_when_all_before_it_is_done_and_is_told_nowhere(world, cloud):
    """shelf.a, shelf.b → barrier → box.c"""
    first = (a_step("create shelf.a"), a_step("create shelf.b"))
    last = a_step("create box.c", "members shelf.row")
    report = world.run(a_plan(*first, barrier("create shelf.a", "create shelf.b"), last))
    assert [request.params["Name"] for _, request in cloud.sent][-1] == "c"
    assert report.is_complete and len(report.outcomes) == 3
    assert not any("members" in str(event) for event in world.events)


def test_what_waits_behind_a_barrier_is_skipped_for_the_step_that_failed(world, cloud):
    cloud.refusals = {"Create": [refusal("NoStock", ErrorClass.CAPACITY)]}
    last = a_step("create box.c", "members shelf.row")
    report = world.run(a_plan(a_step("create shelf.a"), barrier("create shelf.a"), last))
    assert [(str(o.step), str(o.because)) for o in report.skipped] == [("create box.c", "create shelf.a")]


def test_all_who_wait_share_one_poll(world, cloud):
    cloud.settle = 10
    report = world.run(a_plan(*(a_step(f"create box.{name}") for name in "abcdefgh")))
    assert report.is_complete
    shared = len(cloud.polls)
    assert max(len(ids) for _, _, ids in cloud.polls) == 8
    cloud.polls.clear()
    world.run(a_plan(a_step("create box.alone")), "two")
    assert shared == len(cloud.polls), "eight take as many looks as one"


def test_a_wait_that_never_ends_ends_with_its_timeout(world, cloud, clock):
    cloud.settle = 10_000
    code, message = only_failure(world.run(a_plan(a_step("create box.a", timeout=60.0))))
    assert code == "HopelessWait" and message == "timed out after 60 s waiting for new-1 to be Ready"


def test_a_failed_state_ends_the_wait_at_once(world, cloud, clock):
    cloud.status = "CreateFailed"
    wait = Wait((("Status", ("Ready",)),), failed=("CreateFailed",))
    code, message = only_failure(world.run(a_plan(a_step("create box.a", wait=wait))))
    assert (code, message) == ("HopelessWait", "new-1 went to CreateFailed")
    assert clock.time < 1_000_010


@pytest.mark.parametrize("reads", [1, 3, 10])
def test_what_was_just_made_may_be_invisible_for_some_reads(world, cloud, reads):
    cloud.hidden = reads
    assert world.run(a_plan(a_step("create box.a"))).is_complete
    assert len(cloud.sent) == 1


def test_a_token_that_answers_a_deleted_thing_is_asked_again_with_another(world, cloud):
    cloud.send(world_request := first_request(world, cloud))
    cloud.objects.clear()
    report = world.run(a_plan(a_step("create box.a")))
    tokens = [request.client_token for _, request in cloud.sent[1:]]
    assert tokens[0] == world_request.client_token and len(set(tokens)) == 2
    assert report.is_complete and report.ids[at("box.a")] in cloud.objects


def first_request(world: World, cloud: Cloud):
    """What a run of the same plan sends, with nothing kept of that run."""
    world.run(a_plan(a_step("create box.a")), "earlier")
    request = cloud.sent[0][1]
    cloud.sent.clear(), cloud.remembered.clear(), cloud.objects.clear(), cloud.polls.clear()
    return request


def test_a_deleted_answer_is_believed_three_times_at_most(world, cloud):
    cloud.hidden = 10_000
    code, message = only_failure(world.run(a_plan(a_step("create box.a", timeout=5000.0))))
    assert len(cloud.sent) == 3
    assert "was answered as made and cannot be found" in message and code == "HopelessWait"


def test_members_that_are_there_are_never_made_again_for_one_that_is_not(world, cloud):
    """Of two members made together one stays invisible: another RunInstances would double the first."""
    many = {"creates": (at("box.a[0]"), at("box.a[1]")), "names": ("a-0", "a-1"), "id_path": "Ids"}
    step = a_step("create box.a", **many, wait=Wait())
    cloud._made = lambda request: {"Ids": ["one", "two"]}
    cloud.objects["one"] = {"Name": "a-0", "hidden": 0, "ready": 0}
    _, message = only_failure(world.run(a_plan(step)))
    assert len(cloud.sent) == 1 and "two was answered as made" in message


def test_a_partial_answer_fails_the_step_and_names_what_was_made(world, cloud):
    many = {"creates": (at("box.a[0]"), at("box.a[1]")), "id_path": "Ids"}
    cloud._made = lambda request: {"Ids": ["one"]}
    assert only_failure(world.run(a_plan(a_step("create box.a", **many)))) == (
        "PartialAnswer",
        "the answer names 1 new objects instead of 2: one",
    )


def test_members_made_together_are_told_apart_by_name(world, cloud):
    many = {"creates": (at("box.a[0]"), at("box.a[1]")), "names": ("a-0", "a-1"), "id_path": "Ids"}
    cloud._made = lambda request: {"Ids": ["two", "one"]}
    cloud.objects = {"one": {"Name": "a-0", "hidden": 0, "ready": 0}, "two": {"Name": "a-1", "hidden": 0, "ready": 0}}
    assert world.run(a_plan(a_step("create box.a", **many))).ids == {at("box.a[0]"): "one", at("box.a[1]"): "two"}


def test_a_poll_that_fails_is_no_absence(world, cloud):
    cloud.poll_refusals = [refusal("ServiceUnavailable", ErrorClass.TRANSIENT)] * 5
    assert world.run(a_plan(a_step("create box.a"))).is_complete


def test_a_poll_that_may_not_be_made_ends_the_wait(world, cloud):
    cloud.poll_refusals = [refusal("Forbidden.RAM")] * 100
    assert only_failure(world.run(a_plan(a_step("create box.a"))))[0] == "Forbidden.RAM"
    assert REFUSED_FOR <= world.clock.now() - START < REFUSED_FOR + 10


def test_a_poll_that_is_refused_once_fails_none_of_those_who_wait(world, cloud):
    cloud.poll_refusals = [refusal("InvalidBoxId.Malformed")]
    assert world.run(a_plan(a_step("create box.a"), a_step("create box.b"))).is_complete


def test_polls_that_fail_for_ever_end_with_the_timeout(world, cloud, clock):
    cloud.poll_refusals = [refusal("Timeout", ErrorClass.TRANSIENT, unknown=True)] * 1000
    assert "timed out" in only_failure(world.run(a_plan(a_step("create box.a", timeout=100.0))))[1]
    assert clock.time < 1_000_110


def test_a_delete_waits_until_the_thing_is_gone(world, cloud):
    cloud.objects["id-a"] = {"ready": 0, "hidden": 0}
    report = world.run(a_plan(a_step("delete box.a", **waits_for("id-a"), wait=Wait(absent=True), absent_is_done=True)))
    assert report.is_complete and not cloud.objects


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ({"absent_is_done": True}, refusal("InvalidBoxId.NotFound", ErrorClass.ABSENT)),
        ({"done_on": ("AlreadyJoined",)}, refusal("AlreadyJoined")),
    ],
)
def test_a_refusal_that_means_done_is_done(world, cloud, call, error):
    cloud.refusals = {"Delete": [error]}
    assert world.run(a_plan(a_step("delete box.a", **call))).is_complete


def test_a_call_that_cannot_see_what_was_just_made_is_sent_again(world, cloud):
    cloud.refusals = {"Create": [None, refusal("InvalidShelfId.NotFound", ErrorClass.ABSENT)]}
    plan = a_plan(
        a_step("create shelf.a"), a_step("create box.b", "create shelf.a", params={"ShelfId": ref("shelf.a")})
    )
    assert world.run(plan).is_complete
    assert len(cloud.sent) == 3


def test_a_call_that_cannot_see_it_for_long_gives_up(world, cloud, clock):
    cloud.refusals = {"Create": [None, *[refusal("InvalidShelfId.NotFound", ErrorClass.ABSENT)] * 100]}
    plan = a_plan(
        a_step("create shelf.a"), a_step("create box.b", "create shelf.a", params={"ShelfId": ref("shelf.a")})
    )
    assert only_failure(world.run(plan))[0] == "InvalidShelfId.NotFound"
    assert VISIBLE_WITHIN < clock.time - 1_000_000 < VISIBLE_WITHIN + 10


def test_an_absence_of_something_older_fails_at_once(world, cloud):
    cloud.refusals = {"Create": [refusal("InvalidShelfId.NotFound", ErrorClass.ABSENT)]}
    report = world.run(a_plan(a_step("create box.b", params={"ShelfId": "sh-old"})))
    assert len(cloud.sent) == 1 and report.failed[0].advice.endswith("plan again")


def test_an_absence_of_what_the_run_did_not_make_fails_at_once_beside_new_things(world, cloud):
    cloud.refusals = {"Create": [None, refusal("InvalidImageId.NotFound", ErrorClass.ABSENT)]}
    plan = a_plan(
        a_step("create shelf.a"),
        a_step("create box.b", "create shelf.a", params={"ShelfId": ref("shelf.a"), "ImageId": "m-old"}),
    )
    report = world.run(plan)
    assert len(cloud.sent) == 2 and "catalog images" in report.failed[0].advice


def test_what_is_waited_for_is_told_once_in_a_while_and_why(world, cloud):
    cloud.refusals = {"Create": [None, *[refusal("InvalidShelfId.NotFound", ErrorClass.ABSENT)] * 12]}
    plan = a_plan(
        a_step("create shelf.a"), a_step("create box.b", "create shelf.a", params={"ShelfId": ref("shelf.a")})
    )
    assert world.run(plan).is_complete
    told = [event for event in world.events if event["type"] == "apply_retry"]
    assert 1 <= len(told) <= 3
    assert told[0]["address"] == "box.b" and "InvalidShelfId.NotFound" in told[0]["message"]


def test_a_secret_that_is_not_there_fails_its_step_by_name(world, cloud):
    def missing(secret):
        raise Rejected([Diagnostic(f"the {secret.source} is not set", "export it")])

    secret = Late(Secret(1, env="PW"), str, is_sensitive=True)
    world.secrets = type("Gone", (dict,), {"__getitem__": lambda self, key: missing(Secret(1, env=key))})()
    report = world.run(a_plan(a_step("create box.a", params={"Password": secret}), a_step("create box.b")))
    assert only_failure(report) == ("Rejected", "the environment variable PW is not set")
    assert cloud.sent[0][1].params == {"Name": "b"}


def test_what_nothing_has_made_is_never_sent(world, cloud):
    assert only_failure(world.run(a_plan(a_step("create box.b", params={"X": ref("shelf.a")}))))[0] == "Unfilled"
    assert not cloud.sent


def test_several_calls_of_a_step_follow_each_other(world, cloud):
    step = a_step("update box.a")
    calls = tuple(Call(name, kind="box", targets=("id-a",)) for name in ("One", "Two", "Three"))
    world.run(a_plan(a_step("update box.a", calls=calls, id=step.id)))
    assert cloud.operations == ["One", "Two", "Three"]


def test_no_more_calls_than_allowed_are_under_way(world, cloud):
    world.parallelism = 2
    assert world.run(a_plan(*(a_step(f"update box.{name}") for name in "abcdef"))).is_complete


CHAIN = (a_step("create shelf.a"), a_step("create box.b", "create shelf.a"), a_step("create box.c", "create box.b"))


@pytest.mark.parametrize("sent", [0, 1, 2, 3])
def test_after_a_first_interruption_no_new_call_is_sent(world, cloud, sent):
    world.stopped = lambda: len(cloud.sent) >= sent
    report = world.run(a_plan(*CHAIN))
    assert len(cloud.sent) == sent
    assert report.interrupted == (sent < 3 or not report.is_complete)
    assert all(o.code == "Interrupted" for o in report.skipped)


def test_what_was_sent_and_still_settles_is_told_so(world, cloud):
    cloud.settle = 1000
    world.stopped = lambda: world.clock.time > 1_000_005
    report = world.run(a_plan(*CHAIN))
    assert report.skipped[0].message == "sent; it was still settling when the run was stopped"
    assert report.skipped[1].message == "not started"


def test_an_interruption_after_everything_is_done_interrupts_nothing(world, cloud):
    world.stopped = lambda: any(event["type"] == "apply_done" for event in world.events)
    assert not world.run(a_plan(a_step("create box.a"))).interrupted


def test_a_lost_lock_ends_the_writing_at_once(world, cloud):
    world.may_write = lambda: "the lock was lost to other" if len(cloud.sent) == 1 else None
    report = world.run(a_plan(*CHAIN))
    assert len(cloud.sent) == 1 and not report.interrupted and not report.is_complete
    assert {outcome.code for outcome in report.outcomes} == {"LockLost"}


def test_a_lock_that_cannot_be_checked_ends_the_writing_with_a_report(world, cloud):
    def may_write():
        raise refusal("ServiceUnavailable", ErrorClass.TRANSIENT)

    world.may_write = may_write
    report = world.run(a_plan(*CHAIN))
    assert not cloud.sent and "the lock cannot be checked (ServiceUnavailable)" in report.outcomes[0].message


def test_the_lock_is_kept_while_there_is_nothing_to_write(world, cloud, clock):
    asked = []
    world.may_write = lambda: asked.append(clock.time)
    cloud.settle = 900
    world.run(a_plan(a_step("create box.a")))
    assert max(b - a for a, b in pairwise(asked)) < 30


def test_an_unknown_outcome_stays_open_in_the_journal(world, cloud, tmp_path):
    cloud.refusals = {"Create": [refusal("Timeout", ErrorClass.TRANSIENT, unknown=True)]}
    report = world.run(a_plan(a_step("create box.a")))
    text = next((tmp_path / "journal").glob("*.jsonl")).read_text()
    assert report.failed[0].advice.endswith("what was made is found and not made twice")
    assert '"intent"' in text and '"answer"' not in text


def test_events_tell_of_every_step(world, cloud):
    cloud.refusals = {"Create": [None, refusal("NoStock")]}
    world.run(a_plan(*CHAIN))
    told = [(event["type"], event["address"]) for event in world.events]
    assert told == [
        ("apply_start", "shelf.a"),
        ("apply_done", "shelf.a"),
        ("apply_start", "box.b"),
        ("apply_failed", "box.b"),
        ("apply_skipped", "box.c"),
    ]


@given(seed=st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_any_graph_ends_with_every_step_accounted_for(tmp_path_factory, seed):
    """Random graphs, lanes and failures: a step is sent after all its needs are done, or skipped."""
    world = World(tmp_path_factory.mktemp("world"), VirtualClock())
    plan = a_random_plan(Random(seed))
    outcomes = [refusal("No") if Random(seed + n).random() < 0.15 else None for n in range(50)]
    world.cloud.refusals = {"Create": outcomes}
    report = world.run(plan)
    found = {outcome.step: outcome.status for outcome in report.outcomes}
    order = [request.params["Name"] for _, request in world.cloud.sent]
    for step in plan.steps:
        needs_done = all(found[need] is Status.DONE for need in step.needs)
        assert (found[step.id] is Status.SKIPPED) == (not needs_done)
        assert (step.addresses[0].name in order) == needs_done
        assert all(
            order.index(need.address[4:]) < order.index(step.addresses[0].name) for need in step.needs if needs_done
        )


def a_random_plan(chance: Random):
    names = [f"n{i}" for i in range(chance.randint(1, 14))]
    steps = []
    for place, name in enumerate(names):
        needs = [f"create box.{other}" for other in names[:place] if chance.random() < 0.25]
        lane = chance.choice([None, None, "one", "two", f"{BRIEF}three"])
        steps.append(a_step(f"create box.{name}", *needs, lane=lane, seconds=chance.random()))
    return a_plan(*steps)
