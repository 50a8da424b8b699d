"""One poll for all who wait: what an answer says to whom, and when is looked again."""

import pytest

from ecsplan.apply.wait import FEW, REFUSED_FOR, SAMPLE, SLOWEST, VANISHED_AFTER, VISIBLE_WITHIN, Poller, Waiter
from ecsplan.model.call import ApiError, ErrorClass, Wait, until
from ecsplan.model.look import Look

READY, GONE = until("Ready"), Wait(absent=True)


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
    for _ in range(16):
        due, _ = poller.next_due(())
        pauses, now = [*pauses, due - now], due
        poller.take("box", ["a"], Look(), now)
    assert pauses == sorted(pauses) and pauses[0] < 0.5 and pauses[-1] == pytest.approx(SLOWEST)
    poller.add(a_waiter("b"), now)
    assert poller.next_due(())[0] - now < 0.5


def test_many_who_come_one_after_another_do_not_put_the_look_off():
    poller = Poller()
    for number in range(FEW * 5):
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
    assert poller.ids("box") == ["b"] and not poller.is_idle


def test_an_id_of_which_nothing_was_told_is_not_gone():
    poller = Poller()
    poller.add(a_waiter("a", wait=GONE), 0)
    poller.add(a_waiter("b", wait=GONE), 0)
    through = poller.take("box", "ab", a_failed_look("a", error_class=ErrorClass.TRANSIENT), 1.0)
    assert poller.ids("box") == ["a"] and len(through) == 1 and not through[0].problem


def test_a_read_that_is_refused_for_long_ends_the_waiting_for_it_alone():
    poller = Poller()
    poller.add(a_waiter("a"), 0)
    poller.add(a_waiter("b"), 0)
    refused = a_failed_look("a", error_class=ErrorClass.FATAL)
    assert not poller.take("box", "ab", refused, 1.0)
    through = poller.take("box", "ab", refused, 1.0 + REFUSED_FOR)
    assert [waiter.refusal and waiter.refusal.code for waiter in through] == ["Code"] and poller.ids("box") == ["b"]


def test_a_refusal_that_passes_is_forgotten():
    waiter = a_waiter("a")
    waiter.refuse(a_failed_look("a", error_class=ErrorClass.FATAL).unknown, 1.0)
    waiter.refuse({}, 2.0)
    waiter.refuse(a_failed_look("a", error_class=ErrorClass.FATAL).unknown, 2.0 + REFUSED_FOR)
    assert not waiter.problem


def of_many(wait: Wait) -> Poller:
    poller = Poller()
    for batch in range(3):
        poller.add(a_waiter(*(f"{batch}-{n:03}" for n in range(100)), wait=wait), 0.0)
    return poller


def test_of_many_that_are_to_go_a_sample_is_asked_about_until_some_have_gone():
    poller = of_many(GONE)
    first = poller.ids("box")
    assert len(first) == SAMPLE and {one[0] for one in first} == set("012")
    poller.take("box", first, Look({one: {} for one in first}), 1.0)
    second = poller.ids("box")
    assert len(second) == SAMPLE and set(second).isdisjoint(first) and poller.due["box"] > 1.0
    poller.take("box", second, Look(), 3.0)
    assert poller.due["box"] == 3.0 and len(poller.ids("box")) == 200
    assert len(poller.take("box", poller.ids("box"), Look(), 3.1)) == 3 and poller.is_idle


def test_many_that_are_to_be_there_are_all_asked_about():
    assert len(of_many(READY).ids("box")) == 300
