"""One call: what is asked, what the journal is told, and when somebody has to look before it is asked again.

A busy object may be where it was to go already; a create without a token may have been carried out.
"""

import json

import pytest

from ecsplan.executor.blind import VISIBILITY_LAG
from ecsplan.executor.journal import digest_of
from ecsplan.executor.sending import LINGERING, LONGEST_CONFLICT, SENDS, SENDS_BY_TAGS
from ecsplan.executor.wait import VISIBLE_WITHIN
from ecsplan.model.address import Secret
from ecsplan.model.call import ApiError, Call, ErrorClass, Find, Merge, Product, Replay, Wait, until
from ecsplan.model.resource import LiveObject
from tests.builders import a_plan, a_step, ref
from tests.executor.world import START, only_failure, refusal

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


@pytest.mark.parametrize(("first", "seconds"), [("delete box.a", LONGEST_CONFLICT), ("create box.a", LINGERING)])
def test_what_nothing_in_this_run_removes_is_not_waited_for(world, cloud, clock, first, seconds):
    """The group of a machine that this run deletes may linger; of one that somebody else keeps, it stays."""
    there(cloud, "id-g", ready=0.0)
    held = refusal("DependencyViolation", ErrorClass.CONFLICT)
    cloud.refusals = {"Remove": [held] * 9}
    cloud.before_send = lambda request: (
        clock.sleep(request.conflict_deadline) if request.operation == "Remove" else None
    )
    gone = {"operation": "Remove", "wait": Wait(absent=True), "targets": ("id-g",), "absent_is_done": True}
    began = clock.time
    report = world.run(a_plan(a_step(first), a_step("delete shelf.g", first, **gone)))
    assert only_failure(report)[0] == "DependencyViolation"
    assert clock.time - began == pytest.approx(seconds, abs=60)


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


REPLAYED = refusal("OperationConflict", ErrorClass.NEW_TOKEN)
CREATE = {"operation": "Create", "token": True, "replay": Replay.TOKEN}


def sent_tokens(cloud) -> list[str | None]:
    return [request.client_token for _, request in cloud.sent]


def test_a_refusal_that_the_service_replays_is_left_behind_with_the_token(world, cloud):
    cloud.refusals = {"Create": [REPLAYED, REPLAYED]}
    assert world.run(a_plan(a_step("create box.a", **CREATE))).is_complete
    assert len(set(sent_tokens(cloud))) == 3


def test_such_a_refusal_ends_with_the_time_for_it(world, cloud, clock):
    cloud.refusals = {"Create": [REPLAYED] * 999}
    assert only_failure(world.run(a_plan(a_step("create box.a", timeout=300.0, **CREATE))))[0] == "OperationConflict"
    assert clock.time - START == pytest.approx(300, abs=10)


def test_the_token_stays_while_the_first_send_may_have_been_carried_out(world, cloud):
    cloud.refusals = {"Create": [refusal("OperationConflict", ErrorClass.NEW_TOKEN, unknown=True)]}
    world.run(a_plan(a_step("create box.a", **CREATE)))
    assert len(set(sent_tokens(cloud))) == 1


def test_the_journal_holds_the_token_that_is_in_use(world, cloud):
    cloud.refusals = {"Create": [REPLAYED, LOST]}
    world.run(a_plan(a_step("create box.a", **CREATE)))
    assert [intent["token"] for intent in records(world, "intent")] == sent_tokens(cloud)


@pytest.mark.parametrize(("operation", "count"), [("Create", 2), ("RunInstances", 1)])
def test_what_stays_busy_goes_on_under_another_token_but_for_the_one_that_needs_none(world, cloud, operation, count):
    cloud.refusals = {operation: [BUSY]}
    world.run(a_plan(a_step("create box.a", **{**CREATE, "operation": operation})))
    assert len(cloud.sent) == 2 and len(set(sent_tokens(cloud))) == count


LOST = refusal("Timeout", ErrorClass.TRANSIENT, unknown=True)
MARKS = [{"Key": "ecsplan:box", "Value": "lab/box.a"}]
OTHER = [{"Key": "ecsplan:box", "Value": "lab/box.b"}]
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


@pytest.mark.parametrize("tags", [OTHER, [*MARKS, {"Key": "ecsplan:box:retired", "Value": "1"}], []])
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


@pytest.mark.parametrize("lost", [1, SENDS - 1])
def test_such_a_change_is_sent_a_few_times(world, cloud, lost):
    there(cloud, "id-a", "id-b", ready=START + 1000)
    cloud.refusals = {"Stop": [LOST] * lost}
    assert world.run(a_plan(a_step("stop box.a", replay=Replay.NEVER, timeout=5000, **STOP))).is_complete
    assert len(cloud.sent) == lost + 1


def test_and_then_no_more(world, cloud):
    there(cloud, "id-a", "id-b", ready=START + 1000)
    cloud.refusals = {"Stop": [LOST] * 9}
    assert only_failure(world.run(a_plan(a_step("stop box.a", replay=Replay.NEVER, **STOP))))[0] == "Timeout"
    assert len(cloud.sent) == SENDS


NAMED = {"params": {"Name": "a", "Tag": MARKS}, "token": False, "replay": Replay.NAME, "names": ("a",), "wait": None}
EXISTS = refusal("KeyPair.AlreadyExist", ErrorClass.ALREADY)


def named(cloud, hidden: int = 0, tags=tuple(MARKS)) -> None:
    """A thing of that name is there, seen after so many reads."""
    cloud.objects["a"] = {"ready": 0, "hidden": hidden, "Tags": {"Tag": list(tags)}}


@pytest.mark.parametrize("error", [LOST, EXISTS])
def test_a_create_whose_name_is_its_own_is_found_by_that_name(world, cloud, error):
    named(cloud)
    cloud.refusals = {"Create": [error]}
    report = world.run(a_plan(a_step("create box.a", **NAMED)))
    assert report.is_complete and list(report.ids.values()) == ["a"]
    assert len(cloud.sent) == 1 and cloud.polls[0] == (START + 1, "box", ("a",))


def test_what_is_said_to_exist_is_waited_for_until_it_is_seen(world, cloud):
    named(cloud, hidden=9)
    cloud.refusals = {"Create": [EXISTS]}
    assert world.run(a_plan(a_step("create box.a", **NAMED))).is_complete
    assert len(cloud.sent) == 1 and cloud.polls[9][0] == START + 10


def test_and_no_longer_than_new_things_take_to_be_seen(world, cloud, clock):
    cloud.refusals = {"Create": [EXISTS]}
    assert only_failure(world.run(a_plan(a_step("create box.a", **NAMED))))[0] == EXISTS.code
    assert len(cloud.sent) == 1
    assert clock.time - START == pytest.approx(VISIBLE_WITHIN)


@pytest.mark.parametrize("tags", [[], OTHER, [{"Key": "ecsplan:box", "Value": "other/box.a"}]])
def test_what_somebody_else_gave_that_name_is_not_ours(world, cloud, tags):
    named(cloud, tags=tags)
    cloud.refusals = {"Create": [EXISTS]}
    assert only_failure(world.run(a_plan(a_step("create box.a", **NAMED))))[0] == EXISTS.code


def test_a_create_without_marks_of_its_own_takes_nothing_for_its_own(world, cloud):
    named(cloud, tags=[])
    cloud.refusals = {"Create": [EXISTS]}
    assert not world.run(a_plan(a_step("create box.a", **{**NAMED, "params": {"Name": "a"}}))).is_complete


def test_what_no_look_finds_after_a_lost_answer_is_sent_again_a_few_times(world, cloud):
    cloud.refusals = {"Create": [LOST] * (SENDS - 1)}
    assert world.run(a_plan(a_step("create box.a", **NAMED))).is_complete
    assert [time - START for time, _ in cloud.sent] == list(range(SENDS))
    cloud.sent.clear()
    cloud.refusals = {"Create": [LOST] * 9}
    assert not world.run(a_plan(a_step("create box.a", **NAMED)), "two").is_complete
    assert len(cloud.sent) == SENDS


def test_a_look_by_name_that_fails_is_taken_again(world, cloud):
    named(cloud)
    cloud.refusals, cloud.poll_refusals = {"Create": [EXISTS]}, [refusal("Timeout", ErrorClass.TRANSIENT)] * 2
    assert world.run(a_plan(a_step("create box.a", **NAMED))).is_complete
    assert len(cloud.sent) == 1 and cloud.polls[2][0] == START + 3


def test_a_list_that_fails_is_read_again(world, cloud):
    cloud.poll_refusals = [refusal("Timeout", ErrorClass.TRANSIENT)] * 2
    carried_out(cloud, LOST)
    assert world.run(a_plan(a_step("create box.a", **BLIND))).is_complete
    assert len(cloud.sent) == 1 and {kind for _, kind, _ in cloud.polls} == {"box"}


def test_without_marks_there_is_nothing_to_look_for(world, cloud):
    cloud.objects["other"] = {"ready": 0, "hidden": 0}
    cloud.refusals = {"Create": [LOST] * 9}
    assert not world.run(a_plan(a_step("create box.a", **{**BLIND, "params": {"Name": "a"}}))).is_complete
    assert not cloud.polls


@pytest.mark.parametrize("fault", [refusal("Forbidden"), refusal("NoStock", ErrorClass.CAPACITY)])
@pytest.mark.parametrize("call", [NAMED, BLIND])
def test_a_create_that_was_refused_is_not_looked_for(world, cloud, call, fault):
    named(cloud)
    cloud.refusals = {"Create": [fault]}
    assert only_failure(world.run(a_plan(a_step("create box.a", **call))))[0] == fault.code
    assert not cloud.polls


def test_one_of_several_that_is_gone_is_left_out_and_the_others_are_asked_again(world, cloud, clock):
    there(cloud, "id-b")
    gone = {"operation": "Delete", "targets": ("id-a", "id-b"), "merge": Merge("Ids", 9), "absent_is_done": True}
    cloud.refusals = {"Delete": [refusal("NotFound", ErrorClass.ABSENT)]}
    step = a_step("delete box.a", params={"Ids": ["id-a", "id-b"]}, wait=Wait(absent=True), **gone)
    assert world.run(a_plan(step)).is_complete
    assert [request.params["Ids"] for _, request in cloud.sent] == [["id-a", "id-b"], ["id-b"]]


def test_an_absence_that_is_not_what_was_wanted_fails(world, cloud):
    cloud.refusals = {"Stop": [refusal("NotFound", ErrorClass.ABSENT)]}
    assert only_failure(world.run(a_plan(a_step("stop box.a", **STOP))))[0] == "NotFound"


def test_a_busy_object_is_looked_at_as_the_kind_and_for_the_state_that_is_waited_for(world, cloud):
    cloud.objects["id-a"] = {"ready": 0, "hidden": 0, "Shelf": "new-1"}
    cloud.refusals = {"Move": [BUSY]}
    wait = until("Ready", kind="shelf", Shelf=ref("shelf.a"))
    plan = a_plan(a_step("create shelf.a"), a_step("move box.a", "create shelf.a", wait=wait, targets=("id-a",)))
    assert world.run(plan).is_complete
    assert cloud.operations == ["Create", "Move"]
    assert {kind for _, kind, ids in cloud.polls if "id-a" in ids} == {"shelf"}


def test_after_that_only_the_rest_is_looked_at(world, cloud, clock):
    there(cloud, "id-a")
    there(cloud, "id-b", ready=clock.time + 1000)
    cloud.refusals = {"Stop": [BUSY, BUSY]}
    world.run(a_plan(a_step("stop box.a", params={"Ids": ["id-a", "id-b"]}, timeout=5000, **STOP)))
    assert [ids for _, _, ids in cloud.polls[:2]] == [("id-a", "id-b"), ("id-b",)]


def test_a_call_that_cannot_be_made_smaller_is_sent_again_as_it_is(world, cloud, clock):
    there(cloud, "id-a")
    there(cloud, "id-b", ready=clock.time + 1)
    cloud.refusals = {"Stop": [BUSY]}
    assert world.run(a_plan(a_step("stop box.a", params={"Id": "x"}, **{**STOP, "merge": None}))).is_complete
    assert [request.params for _, request in cloud.sent] == [{"Id": "x"}] * 2


def test_however_short_its_time_a_busy_object_is_waited_for_a_second(world, cloud):
    world.run(a_plan(a_step("stop box.a", timeout=0.1)))
    assert cloud.sent[0][1].conflict_deadline == 1.0


def test_a_call_for_one_object_is_sent_again_as_it_is(world, cloud, clock):
    there(cloud, "id-a", ready=clock.time + 1)
    cloud.refusals = {"Stop": [BUSY]}
    assert world.run(a_plan(a_step("stop box.a", params={"Id": "id-a"}, wait=until("Ready")))).is_complete
    assert [request.params for _, request in cloud.sent] == [{"Id": "id-a"}] * 2


@pytest.mark.parametrize(
    ("replay", "asked"),
    [
        (Replay.TOKEN, Replay.TOKEN),
        (Replay.NATURAL, Replay.NATURAL),
        (Replay.NEVER, Replay.NEVER),
        (Replay.NAME, Replay.NEVER),
    ],
)
def test_the_client_is_told_all_that_it_must_know(world, cloud, replay, asked):
    world.run(a_plan(a_step("create box.a", product=Product.VPC, region="there", replay=replay, timeout=120)))
    ((_, request),) = cloud.sent
    assert (request.operation, request.product, request.region) == ("Create", Product.VPC, "there")
    assert request.write is True and request.replay is asked and request.conflict_deadline <= 120


def tokens(world, *plans) -> list[str | None]:
    world.cloud.sent.clear()
    for plan in plans:
        world.run(plan, f"run-{len(list(world.folder.glob('journal/*')))}")
    return [request.client_token for _, request in world.cloud.sent]


def test_a_token_is_sent_only_where_the_action_takes_one(world):
    assert tokens(world, a_plan(a_step("create box.a", token=False))) == [None]


def test_a_token_repeats_with_the_plan_and_is_another_for_another_plan_step_call_or_parameter(world):
    plain = a_plan(a_step("create box.a"))
    first, again = tokens(world, plain, plain)
    assert first == again and first is not None
    calls = tuple(
        Call("Create", {"Name": "a"}, kind="box", creates=(ref(name).address,), id_path="Id", token=True)
        for name in ("box.a", "box.b")
    )
    twice = a_plan(a_step("create box.a", calls=calls))
    other = (a_plan(a_step("create box.b", params={"Name": "a"})), a_plan(a_step("create box.a", params={"Name": "b"})))
    found = tokens(world, plain, twice, *other, a_plan(a_step("create box.a"), digest="sha256:other"))
    assert len(set(found)) == len(found) - 1  # the first of the two calls is the plain one


def test_a_token_of_an_earlier_life_is_another(world):
    plan = a_plan(a_step("create box.a"))
    world.run(plan, "one")
    world.salt = "lab-one.jsonl"
    world.run(plan, "two")
    (_, first), (_, second) = world.cloud.sent
    assert first.client_token != second.client_token


def records(world, what: str) -> list[dict]:
    texts = [path.read_text() for path in (world.folder / "journal").glob("*")]
    lines = [json.loads(line) for text in texts for line in text.splitlines()]
    return [line[what] for line in lines if what in line]


def test_the_journal_holds_what_it_takes_to_send_a_create_again(world, cloud):
    world.secrets = {"PW": "canary"}
    params = {"Name": "a", "Password": Secret(1, env="PW")}
    world.run(a_plan(a_step("create box.a", params=params, product=Product.VPC, region="there")))
    (intent,) = records(world, "intent")
    ((_, request),) = cloud.sent
    assert intent.pop("body") == digest_of(intent["params"])
    assert intent == {
        "number": 1, "step": "create box.a", "operation": "Create", "product": "vpc", "kind": "box", "id_path": "Id",
        "params": {"Name": "a", "Password": {"$secret": {"version": 1, "env": "PW", "file": None, "template": []}}},
        "token": request.client_token, "creates": ["box.a"], "removes": [], "at": START, "region": "there",
    }  # fmt: skip
    assert records(world, "answer") == [{"number": 1, "ids": {"box.a": "new-1"}, "error": ""}]


def test_the_journal_holds_refusals_and_leaves_lost_answers_open(world, cloud):
    cloud.refusals = {"Create": [refusal("NoStock", ErrorClass.CAPACITY)], "Change": [LOST]}
    world.run(a_plan(a_step("create box.a", token=False), a_step("change box.b")))
    assert [intent["token"] for intent in records(world, "intent")] == ["", ""]
    assert records(world, "answer") == [{"number": 1, "ids": {}, "error": "NoStock"}]


def test_an_answer_that_names_fewer_things_is_kept_as_far_as_it_goes(world, cloud):
    both = (ref("box.a").address, ref("box.b").address)
    world.run(a_plan(a_step("create box.a", creates=both)), "one")
    assert [answer["ids"] for answer in records(world, "answer")] == [{"box.a": "new-1"}]


def test_the_answer_of_a_change_names_nothing_new(world, cloud):
    cloud._made = lambda request: {"Id": "bx-1", "RequestId": "r"}
    world.run(a_plan(a_step("create box.a", creates=(), wait=None)))
    assert records(world, "answer") == [{"number": 1, "ids": {}, "error": ""}]


GOING = {"operation": "Delete", "absent_is_done": True, "wait": Wait(absent=True)}


@pytest.mark.parametrize(
    ("call", "removes"),
    [
        (GOING, ["id-a"]),
        ({**GOING, "absent_is_done": False}, []),
        ({**GOING, "wait": None}, []),
        ({**GOING, "wait": until("Ready")}, []),
    ],
)
def test_the_journal_names_what_a_delete_takes_away(world, call, removes):
    world.run(a_plan(a_step("delete box.a", **call)))
    assert records(world, "intent")[0]["removes"] == removes


def test_it_does_so_by_the_id_that_the_run_itself_made(world, cloud):
    plan = a_plan(
        a_step("create box.a"), a_step("delete box.b", "create box.a", **{**GOING, "targets": (ref("box.a"),)})
    )
    world.run(plan)
    assert records(world, "intent")[1]["removes"] == ["new-1"]


CONVERT = {
    "operation": "Convert", "creates": (ref("box.a").address,), "id_path": "Id", "wait": None, "replay": Replay.NEVER,
    "find": Find({"Bound": "i-1"}, (("Ip", "1.2.3.4"),)),
}  # fmt: skip


def seen_after(world, reads: int) -> list[tuple]:
    """What `search` is asked; it shows the converted thing after so many reads."""
    asked: list[tuple] = []
    there(world.cloud, "bx-1")

    def search(kind, find):
        asked.append((world.clock.now() - START, kind, find))
        return [] if len(asked) <= reads else [LiveObject("box", "bx-1", "", "InUse")]

    world.search = search
    return asked


@pytest.mark.parametrize("reads", [0, 1, 20])
def test_what_a_create_made_whose_answer_does_not_say_it_is_searched_for(world, cloud, reads):
    asked = seen_after(world, reads)
    report = world.run(a_plan(a_step("convert box.a", **CONVERT)))
    assert report.ids == {ref("box.a").address: "bx-1"} and len(cloud.sent) == 1
    assert asked[0][1:] == ("box", CONVERT["find"]) and len(asked) == reads + 1
    assert records(world, "answer")[0]["ids"] == {"box.a": "bx-1"}


def test_what_cannot_be_found_for_long_fails_its_step_and_stays_open_in_the_journal(world, cloud, clock):
    seen_after(world, 10_000)
    _, message = only_failure(world.run(a_plan(a_step("convert box.a", **CONVERT))))
    assert message == "Convert was carried out, and what it made cannot be seen yet; apply again"
    assert clock.time - START == pytest.approx(VISIBLE_WITHIN) and not records(world, "answer")


def test_nobody_who_asked_to_stop_waits_for_it(world, cloud, clock):
    asked = seen_after(world, 10_000)
    world.stopped = lambda: bool(cloud.sent)
    assert not world.run(a_plan(a_step("convert box.a", **CONVERT))).is_complete
    assert len(asked) == 1


def test_a_conversion_whose_answer_is_lost_is_looked_for_once_and_sent_again(world, cloud):
    asked = seen_after(world, 1)
    cloud.refusals = {"Convert": [LOST]}
    assert world.run(a_plan(a_step("convert box.a", **CONVERT))).is_complete
    assert [at for at, *_ in asked] == [1, 1] and len(cloud.sent) == 2


def test_one_that_is_refused_for_good_may_have_been_done_and_is_looked_for_as_long_as_lists_lag(world, cloud):
    asked = seen_after(world, 9)
    cloud.refusals = {"Convert": [refusal("NothingToConvert")]}
    assert world.run(a_plan(a_step("convert box.a", **CONVERT))).is_complete
    assert len(cloud.sent) == 1 and len(asked) == 10
    assert records(world, "answer") == [{"number": 1, "ids": {}, "error": "NothingToConvert"}]


def test_and_no_longer(world, cloud, clock):
    seen_after(world, 10_000)
    cloud.refusals = {"Convert": [refusal("NothingToConvert")]}
    assert only_failure(world.run(a_plan(a_step("convert box.a", **CONVERT))))[0] == "NothingToConvert"
    assert clock.time - START == pytest.approx(VISIBILITY_LAG + 1)


def test_nor_where_somebody_asked_to_stop(world, cloud, clock):
    asked = seen_after(world, 10_000)
    cloud.refusals, world.stopped = {"Convert": [refusal("NothingToConvert")]}, lambda: bool(cloud.sent)
    assert not world.run(a_plan(a_step("convert box.a", **CONVERT))).is_complete
    assert len(asked) == 1


def test_a_busy_one_is_not_searched_for(world, cloud):
    asked = seen_after(world, 0)
    cloud.refusals = {"Convert": [BUSY]}
    assert world.run(a_plan(a_step("convert box.a", targets=("id-a",), **CONVERT))).is_complete
    assert len(cloud.sent) == 2 and len(asked) == 1


def test_a_create_that_stays_busy_is_asked_for_until_its_own_time_is_up(world, cloud, clock):
    """It ends in the service's own refusal: there is no object to look at, and none that an answer left out."""
    cloud.refusals = {"Create": [BUSY] * 100}
    cloud.before_send = lambda request: clock.sleep(request.conflict_deadline)  # the client waits so long
    code, message = only_failure(world.run(a_plan(a_step("create box.a", timeout=2000.0))))
    assert (code, message) == ("IncorrectInstanceStatus", "no")
    assert 1990 < clock.time - START < 2100


def test_time_in_a_queue_is_no_time_of_waiting_for_what_is_busy(world, cloud, clock):
    """The budget may let a call through after minutes; the object is waited for from the first refusal on."""
    waits = iter([1500.0, *[0.0] * 200])
    cloud.refusals = {"Create": [BUSY] * 20}
    cloud.before_send = lambda request: clock.sleep(next(waits) or request.conflict_deadline)
    assert world.run(a_plan(a_step("create box.a", timeout=1000.0))).failed
    assert 2400 < clock.time - START < 2600


def test_a_create_that_was_busy_for_a_while_is_made(world, cloud):
    cloud.refusals = {"Create": [BUSY] * 3}
    assert world.run(a_plan(a_step("create box.a"))).is_complete
    assert len(cloud.sent) == 4


def test_nobody_who_asked_to_stop_waits_for_a_busy_create(world, cloud):
    cloud.refusals = {"Create": [BUSY] * 3}
    world.stopped = lambda: bool(cloud.sent)
    assert world.run(a_plan(a_step("create box.a"))).failed and len(cloud.sent) == 1


@pytest.mark.parametrize(("error", "again"), [(ErrorClass.CAPACITY, False), (ErrorClass.TRANSIENT, True)])
def test_a_failed_step_says_what_the_refusal_means_and_whether_it_may_go_well_again(world, cloud, error, again):
    answer = ApiError("Create", "SomeCode", "no", request_id="R1", error_class=error)
    cloud.refusals = {"Create": [answer] * 9}
    (failed,) = world.run(a_plan(a_step("create box.a"))).failed
    assert (failed.error, failed.can_be_repeated) == (error, again)
    assert failed.request_ids == ("R1",)
