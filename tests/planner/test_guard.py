"""What stops an apply though the plan is shown, and what lifts it."""

import pytest

from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action, Change, Going, Purchase
from ecsplan.model.plan import Guard
from ecsplan.planner.guard import guards, lifted
from tests.builders import a_box, an_object, at


def changes(count: int, action: Action = Action.DELETE, start: int = 0, **more) -> list[Change]:
    numbers = range(start, start + count)
    return [Change(at(f"box.a[{n}]"), action, an_object(f"box.a[{n}]"), a_box(f"box.a[{n}]"), **more) for n in numbers]


def names(found: list[Change], *, is_destroy: bool = False, is_empty: bool = False) -> list[str]:
    return [guard.name for guard in guards(found, stack="lab", is_destroy=is_destroy, is_empty=is_empty)]


@pytest.mark.parametrize(
    ("going", "staying", "guarded"),
    [(3, 0, False), (4, 9, True), (4, 10, False), (4, 0, True), (30, 71, False), (31, 69, True)],
)
def test_more_than_three_and_more_than_a_third_is_guarded(going, staying, guarded):
    found = [*changes(going), *changes(staying, Action.NOOP, going)]
    assert ("share" in names(found)) is guarded


def test_replacements_count_and_what_was_replaced_before_does_not():
    assert "share" in names(changes(4, Action.REPLACE))
    retired = changes(4, going=Going.RETIRED, impacts=frozenset({Impact.DATA_LOSS}))
    assert names([*retired, *changes(1, Action.NOOP, 4)]) == []


@pytest.mark.parametrize(
    ("action", "more", "guarded"),
    [
        (Action.DELETE, {"impacts": frozenset({Impact.DATA_LOSS})}, True),
        (Action.UPDATE, {"impacts": frozenset({Impact.DATA_LOSS})}, True),
        (Action.DELETE, {"impacts": frozenset({Impact.NEW_ADDRESS}), "loses": ("the address 1.2.3.4",)}, True),
        (Action.REPLACE, {"impacts": frozenset({Impact.NEW_IDENTITY})}, False),
        (Action.UPDATE, {"impacts": frozenset({Impact.STOP_START})}, False),
        (Action.NOOP, {"impacts": frozenset({Impact.DATA_LOSS})}, False),
    ],
)
def test_what_is_lost_for_good_is_guarded(action, more, guarded):
    assert ("loss" in names(changes(1, action, **more))) is guarded


@pytest.mark.parametrize(("months", "guarded"), [(1, False), (12, True)])
def test_a_year_is_not_bought_by_a_yes_to_everything(months, guarded):
    found = changes(1, Action.UPDATE, buys=Purchase(f"{months} months", months))
    (guard,) = guards(found, stack="web", is_destroy=False, is_empty=False) or (None,)
    assert (guard is not None and guard.name == "purchase") is guarded
    for yes, given in ((False, {}), (True, {"approved": True}), (True, {"allow": {found[0].address}})):
        asked = {"approved": False, "allow": (), "allow_destroy": None, **given}
        assert guard is None or lifted(guard, **asked) is yes


@pytest.mark.door("tags")
def test_the_words_of_a_reason_exempt_nothing():
    lost = frozenset({Impact.DATA_LOSS})
    found = changes(4, reason="replaced by a newer one in a run that was cut off", impacts=lost)
    assert {"share", "loss"} <= set(names(found))


def test_destroying_is_exempt_but_not_from_protection_and_doubt():
    found = changes(9, impacts=frozenset({Impact.DATA_LOSS}), blocked=("it is protected",), is_doubtful=True)
    assert set(names(found, is_destroy=True)) == {"blocked", "doubt"}


def test_a_file_that_declares_nothing_deletes_nothing():
    assert "empty" in names(changes(1), is_empty=True)
    assert names(changes(1, Action.RELEASE), is_empty=True) == names([], is_empty=True) == []


@pytest.mark.parametrize(
    ("others", "guarded"),
    [
        ((), True),
        ((Change(at("shelf.new"), Action.CREATE),), True),
        (tuple(changes(1, Action.NOOP, 7)), False),
        (tuple(changes(1, Action.REPLACE, 7)), False),
        (tuple(changes(1, Action.RELEASE, 7)), False),
    ],
)
def test_a_file_that_has_nothing_of_what_is_live_is_taken_for_the_wrong_one(others, guarded):
    assert ("gone" in names([*changes(1), *others])) is guarded


def test_what_would_be_made_beside_its_twin_is_guarded():
    twin = an_object(owner=None)
    assert names([Change(at("shelf.main"), Action.CREATE, twins=(twin,))]) == ["twin"]


@pytest.mark.door("tags")
def test_a_part_that_is_taken_up_by_its_tags_alone_is_guarded():
    assert names(changes(1, Action.UPDATE, is_doubtful=True)) == ["doubt"]


NAMES = ("share", "loss", "blocked", "empty", "gone", "doubt", "twin")
GUARDS = {name: Guard(name, "", "", (at("box.a[0]"), at("box.a[1]"))) for name in NAMES}


@pytest.mark.parametrize(
    ("name", "options", "is_lifted"),
    [
        ("share", {"allow_destroy": 2}, True),
        ("share", {"allow_destroy": 1}, False),
        ("share", {"approved": True}, False),
        ("loss", {"approved": True}, True),
        ("loss", {"allow_destroy": 2}, True),
        ("loss", {"allow": {at("box.a[0]"), at("box.a[1]")}}, True),
        ("loss", {"allow": {at("box.a[0]")}}, False),
        ("loss", {"allow": {at("box.a")}}, True),
        ("blocked", {"approved": True, "allow_destroy": 99}, False),
        ("empty", {"approved": True, "allow_destroy": 99}, False),
    ],
)
def test_what_lifts_a_guard(name, options, is_lifted):
    given = {"approved": False, "allow": (), "allow_destroy": None} | options
    assert lifted(GUARDS[name], **given) is is_lifted
