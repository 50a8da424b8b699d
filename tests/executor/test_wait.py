"""One poll for all who wait: what an answer says to whom, and when is looked again."""

import pytest

from ecsplan.executor.wait import (
    KNOWN,
    LATE,
    QUICK,
    REFUSED_FOR,
    SAMPLE,
    SLOWEST,
    USUAL,
    VANISHED_AFTER,
    VISIBLE_WITHIN,
    Poller,
    Waiter,
)
from ecsplan.model.call import ApiError, ErrorClass, Wait, until
from ecsplan.model.look import Look

pytestmark = pytest.mark.usefixtures("first_look")

READY, GONE = until("Ready"), Wait(absent=True)
NOW = 60.0  # by when all have waited long enough for a look


def a_waiter(*ids: str, wait: Wait = READY, **more) -> Waiter:
    return Waiter(
        **{"step": object(), "kind": "box", "ids": set(ids), "wait": wait, "since": 0.0, "deadline": 500.0, **more}
    )


def test_it_is_over_when_every_id_holds():
    waiter = a_waiter("a", "b")
    assert not waiter.look("ab", {"a": {"Status": "Ready"}, "b": {"Status": "Pending"}}, 1)
    assert waiter.look("b", {"b": {"Status": "Ready"}}, 2) and not waiter.problem


@pytest.mark.parametrize(
    ("wait", "raw", "holds"),
    [
        (until("Ready", Size=40), {"Status": "Ready", "Size": 40}, True),
        (until("Ready", Size=40), {"Status": "Ready", "Size": "40"}, True),
        (until("Ready", Size=40), {"Status": "Ready", "Size": 20}, False),
        (until(Meta__Tokens="required"), {"Meta": {"Tokens": "required"}}, True),
        (until(Meta__Tokens="required"), {"Meta": None}, False),
        (Wait(), {}, True),
    ],
)
def test_conditions_look_into_the_answer(wait, raw, holds):
    assert a_waiter("a", wait=wait).look("a", {"a": raw}, 1) is holds


def test_a_poll_that_never_asked_for_an_id_says_nothing_of_it():
    waiter = a_waiter("a", wait=GONE)
    assert not waiter.look("b", {}, 1)
    assert waiter.look("ab", {}, 2)


def test_one_read_without_it_is_no_proof_that_it_went():
    waiter = a_waiter("a")
    waiter.look("a", {"a": {"Status": "Pending"}}, 1)
    assert not waiter.look("a", {}, 2)
    assert waiter.look("a", {}, 2 + VANISHED_AFTER) and waiter.problem == "a vanished"


def test_what_was_not_asked_about_for_long_has_not_vanished_at_the_first_miss():
    waiter = a_waiter("a", "b")
    waiter.look("ab", {"a": {}, "b": {}}, 1)
    assert not waiter.look("a", {}, 100)
    assert not waiter.look("a", {"a": {}}, 105), "it was seen again"
    assert not waiter.look("a", {}, 100 + VANISHED_AFTER)


def test_what_was_never_seen_is_lost_after_a_while_and_only_a_birth_is_tried_again():
    born, changed = a_waiter("a", is_birth=True), a_waiter("a")
    assert born.look("a", {}, VISIBLE_WITHIN + 1) and born.is_lost
    assert changed.look("a", {}, VISIBLE_WITHIN + 1) and not changed.is_lost
    assert changed.problem == "a cannot be found"


@pytest.mark.parametrize(
    ("wait", "target"),
    [(READY, "Ready"), (GONE, "gone"), (Wait(), "visible"), (until("On", "Off", Size=1), "On/Off, 1")],
)
def test_a_timeout_says_what_was_waited_for(wait, target):
    waiter = a_waiter("a", wait=wait)
    asked = {"a": {"Status": "Odd"}} if wait.conditions or wait.absent else {}
    waiter.look("a", asked, 0)
    assert waiter.is_over(500.0) and waiter.problem.endswith(f"waiting for a to be {target}")


def test_looks_grow_rarer_until_somebody_new_waits():
    poller, now = Poller(), 0.0
    poller.add(a_waiter("a"), now)
    pauses = []
    for _ in range(40):
        due, _ = poller.next_due(())
        pauses, now = [*pauses, round(due - now, 6)], due
        assert pauses[-1] <= max(QUICK, LATE * now), "it is late by no more, however long it takes"
        poller.take("box", ["a"], Look({"a": {}}), now)
    assert pauses == sorted(pauses) and pauses[0] < 0.5 and pauses[-1] == pytest.approx(SLOWEST)
    poller.add(a_waiter("b", since=now), now)
    assert poller.next_due(())[0] - now < 0.5


@pytest.mark.parametrize(
    ("waiter", "first"),
    [
        (a_waiter("a", usual=3.0), 0.6),
        (a_waiter("a", usual=20.0), USUAL),
        (a_waiter("a", wait=GONE, usual=0.5), QUICK),
        (a_waiter("a", wait=Wait(), usual=20.0), QUICK),
    ],
    ids=["soon done", "long", "at once", "only to be seen"],
)
def test_the_first_look_comes_after_a_part_of_what_the_action_usually_takes(waiter, first):
    poller = Poller()
    poller.add(waiter, 0.0)
    assert poller.next_due(())[0] == pytest.approx(first)


def test_what_an_action_took_before_is_waited_for_without_a_look_the_next_time():
    poller = Poller()
    poller.add(a_waiter("a", action="Make"), 0.0)
    poller.take("box", "a", Look({"a": {"Status": "Ready"}}), 7.0)
    poller.add(a_waiter("b", action="Make", since=10.0), 10.0)
    assert poller.next_due(())[0] == pytest.approx(10.0 + KNOWN * 7.0)


def test_many_who_come_one_after_another_do_not_put_the_look_off():
    poller = Poller()
    for number in range(SAMPLE):
        poller.add(a_waiter(f"id-{number}"), number * 0.1)
    assert poller.next_due(())[0] < 1.0


def test_nobody_is_looked_at_twice_at_once():
    poller = Poller()
    poller.add(a_waiter("a"), 0)
    assert poller.next_due(("box",)) is None


def a_failed_look(*ids: str, error_class: ErrorClass) -> Look:
    return Look(unknown=dict.fromkeys(ids, ApiError("Describe", "Code", "words", error_class=error_class)))


def test_a_failed_poll_ends_only_those_whose_time_is_up():
    poller = Poller()
    poller.add(a_waiter("a", deadline=10.0), 0)
    poller.add(a_waiter("b", deadline=99.0), 0)
    through = poller.take("box", "ab", a_failed_look("a", "b", error_class=ErrorClass.TRANSIENT), 20.0)
    assert [waiter.deadline for waiter in through] == [10.0]
    assert poller.asked("box", NOW).ids == ["b"] and not poller.is_idle


def test_an_id_of_which_nothing_was_told_is_not_gone():
    poller = Poller()
    poller.add(a_waiter("a", wait=GONE), 0)
    poller.add(a_waiter("b", wait=GONE), 0)
    through = poller.take("box", "ab", a_failed_look("a", error_class=ErrorClass.TRANSIENT), 1.0)
    assert poller.asked("box", NOW).ids == ["a"] and len(through) == 1 and not through[0].problem


def test_a_read_that_is_refused_for_long_ends_the_waiting_for_it_alone():
    poller = Poller()
    poller.add(a_waiter("a"), 0)
    poller.add(a_waiter("b"), 0)
    refused = a_failed_look("a", error_class=ErrorClass.FATAL)
    assert not poller.take("box", "ab", refused, 1.0)
    through = poller.take("box", "ab", refused, 1.0 + REFUSED_FOR)
    assert [waiter.refusal and waiter.refusal.code for waiter in through] == ["Code"]
    assert poller.asked("box", NOW).ids == ["b"]


def test_a_refusal_that_passes_is_forgotten():
    waiter = a_waiter("a")
    waiter.refuse(a_failed_look("a", error_class=ErrorClass.FATAL).unknown, 1.0)
    waiter.refuse({}, 2.0)
    waiter.refuse(a_failed_look("a", error_class=ErrorClass.FATAL).unknown, 2.0 + REFUSED_FOR)
    assert not waiter.problem


BOXES = [f"{batch}-{n:03}" for batch in range(3) for n in range(100)]


def of_many(wait: Wait) -> Poller:
    poller = Poller()
    for batch in range(3):
        poller.add(a_waiter(*BOXES[batch * 100 : batch * 100 + 100], wait=wait), 0.0)
    return poller


@pytest.mark.parametrize("wait", [GONE, READY], ids=["to go", "to be there"])
def test_of_many_a_sample_is_asked_about_until_some_are_as_wanted(wait):
    poller = of_many(wait)
    first = poller.asked("box", NOW)
    assert len(first.ids) == SAMPLE and {one[0] for one in first.ids} == set("012")
    assert first.is_sample and first.are_to_go is wait.absent
    poller.take("box", first.ids, Look({one: {} for one in first.ids}), 1.0)
    second = poller.asked("box", NOW).ids
    assert len(second) == SAMPLE and set(second).isdisjoint(first.ids) and poller.due["box"] > 1.0
    found = Look() if wait.absent else Look({one: {"Status": "Ready"} for one in BOXES})
    poller.take("box", second, found, 3.0)
    whole = poller.asked("box", NOW)
    assert poller.due["box"] == 3.0 and len(whole.ids) == 200 and not whole.is_sample
    assert len(poller.take("box", whole.ids, found, 3.1)) == 3 and poller.is_idle


def test_one_that_waits_beside_many_is_in_every_sample():
    poller = of_many(READY)
    poller.add(a_waiter("one", wait=READY), 0.0)
    for now in (1.0, 2.0, 3.0):
        asked = poller.asked("box", NOW).ids
        assert "one" in asked
        poller.take("box", asked, Look({one: {} for one in asked}), now)


def test_a_sample_that_is_refused_says_nothing_of_those_who_were_not_asked_about():
    poller = of_many(READY)
    poller.add(a_waiter("one", wait=READY), 0.0)
    refused = a_failed_look("one", error_class=ErrorClass.FATAL)
    poller.take("box", ["one"], refused, 1.0)
    poller.take("box", ["0-000"], Look({"0-000": {}}), 2.0)
    through = poller.take("box", ["one"], refused, 1.0 + REFUSED_FOR)
    assert [waiter.refusal and waiter.refusal.code for waiter in through] == ["Code"]


@pytest.mark.parametrize(
    ("is_needed", "share", "is_whole"), [(True, 5, True), (False, 5, False), (False, 89, False), (False, 95, True)]
)
def test_a_look_at_all_waits_until_nearly_all_are_there_unless_others_go_on_with_some(is_needed, share, is_whole):
    poller = of_many(READY)
    poller.waiters["box"][0].is_needed = is_needed
    asked = poller.asked("box", NOW).ids
    poller.take("box", asked, Look({one: {"Status": "Ready"} for one in asked[:share]}), 1.0)
    assert poller.asked("box", NOW).is_sample is not is_whole


def in_two_times(young_since: float, **more) -> Poller:
    """Two hundred that began at 0, and a hundred later; the same action took a second before."""
    poller = Poller(took={"make": 1.0})
    for batch, since in enumerate((0.0, 0.0, young_since)):
        ids = BOXES[batch * 100 : batch * 100 + 100]
        poller.add(a_waiter(*ids, since=since, action="make", usual=1.0, **more), since)
    poller.moving.add("box")
    return poller


def test_those_whose_time_has_not_come_are_not_asked_about():
    found = in_two_times(9.5, is_needed=True).asked("box", 10.0)
    assert {one[0] for one in found.ids} == set("01") and len(found.ids) == 200 and not found.is_sample


def test_where_nothing_goes_on_with_some_all_are_looked_at_together():
    poller = in_two_times(9.5)
    found = poller.asked("box", 10.0)
    assert found.is_sample and len(found.ids) == SAMPLE and {one[0] for one in found.ids} == set("01")
    assert len(poller.asked("box", 11.0).ids) == 300


def test_of_few_all_are_asked_about_at_once():
    poller = Poller(took={"make": 1.0})
    poller.add(a_waiter("old", action="make"), 0.0)
    poller.add(a_waiter("young", since=9.9, action="make"), 9.9)
    assert poller.asked("box", 10.0).ids == ["old", "young"]


def test_what_goes_is_asked_about_whole():
    poller = in_two_times(9.5, wait=GONE)
    assert len(poller.asked("box", 10.0).ids) == 300


def test_after_a_look_at_some_the_next_is_when_nearly_all_are_ripe():
    poller = in_two_times(9.5)
    asked = poller.asked("box", 10.0).ids
    poller.take("box", asked, Look({one: {"Status": "Ready"} for one in asked}), 10.0)
    assert poller.due["box"] == pytest.approx(9.5 + KNOWN)
    rest = poller.asked("box", poller.due["box"])
    assert len(rest.ids) == 200 and not rest.is_sample


def test_once_nearly_all_are_ripe_the_others_follow_a_look_at_some_at_once():
    poller = in_two_times(0.0)
    poller.moving.clear()
    asked = poller.asked("box", 10.0)
    assert asked.is_sample
    poller.take("box", asked.ids, Look({one: {"Status": "Ready"} for one in asked.ids}), 10.1)
    assert poller.due["box"] == 10.1 and len(poller.asked("box", 10.1).ids) == 200
