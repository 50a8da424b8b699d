"""Whether a saved plan still fits: done in part is well, moved is not; what it leaves alone is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.composites import MapOf
from ecsplan.model.copying import replace
from ecsplan.model.values import Text
from ecsplan.planner.conform import is_between, moved, still_planned
from tests.builders import KINDS, a_box, a_resource, an_object, at, ref


def a_change(text: str, action: Action, *lines: tuple, **more) -> Change:
    """A line is name, before, after; the object is there unless it is created, declared unless it goes."""
    gone = action in (Action.DELETE, Action.RELEASE)
    object_id = more.pop("object_id", "")
    before = None if action is Action.CREATE else an_object(text, object_id)
    after = None if gone else a_box(text) if at(text).kind == "box" else a_resource(text)
    return Change(at(text), action, before, after, tuple(AttributeChange(*line) for line in lines), **more)


NOOP, CREATE, UPDATE, REPLACE, DELETE, RELEASE = (
    Action.NOOP, Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE, Action.RELEASE,
)  # fmt: skip
WIDER = ("width", 2, 3)


def problems(saved: list[Change], fresh: list[Change]) -> str:
    return "; ".join(f"{found.address}: {found.summary}" for found in moved(saved, fresh, KINDS))


FITTING = {
    "nothing done yet": (a_change("shelf.main", UPDATE, WIDER), a_change("shelf.main", UPDATE, WIDER)),
    "all done": (a_change("shelf.main", UPDATE, WIDER), a_change("shelf.main", NOOP)),
    "one of two lines done": (
        a_change("shelf.main", UPDATE, WIDER, ("name", "a", "b")),
        a_change("shelf.main", UPDATE, ("name", "a", "b")),
    ),
    "still to be made": (a_change("shelf.main", CREATE), a_change("shelf.main", CREATE)),
    "made": (a_change("shelf.main", CREATE), a_change("shelf.main", NOOP)),
    "made, and what is set later is not set": (
        a_change("box.a", CREATE),
        a_change("box.a", UPDATE, ("lids", None, ("bx-b",))),
    ),
    "still to be deleted": (a_change("box.a", DELETE), a_change("box.a", DELETE)),
    "old one gone, new one not made": (a_change("box.a", REPLACE), a_change("box.a", CREATE)),
    "new one made": (a_change("box.a", REPLACE), a_change("box.a", NOOP, object_id="bx-2")),
    "let go, to be taken up again": (
        a_change("box.b", UPDATE, ("shelf", "sh-1", ref("box.a"))),
        a_change("box.b", UPDATE, ("shelf", None, ref("box.a"))),
    ),
    "partly released": (a_change("box.a", RELEASE), a_change("box.a", RELEASE)),
}


@pytest.mark.parametrize("case", FITTING)
def test_a_plan_done_in_part_still_fits(case):
    saved, fresh = FITTING[case]
    beside = [a_change("box.a", REPLACE)] if case.startswith("let go") else []
    assert problems([saved, *beside], [fresh, *beside]) == ""


STALE = {
    "an attribute moved": (a_change("shelf.main", UPDATE, WIDER), a_change("shelf.main", UPDATE, ("width", 9, 3)),
                           "shelf.main: the cloud has moved since the plan was made: width is 9 now; it was 2"),
    "another attribute moved": (a_change("shelf.main", UPDATE, WIDER),
                                a_change("shelf.main", UPDATE, ("name", "x", "y")),
                                "name is x now"),
    "it is gone": (a_change("shelf.main", UPDATE, WIDER), a_change("shelf.main", CREATE), "sh-main is gone"),
    "it is another": (a_change("shelf.main", UPDATE, WIDER), a_change("shelf.main", NOOP, object_id="sh-2"),
                      "it is another object now, sh-2"),
    "it would be replaced": (a_change("shelf.main", UPDATE, WIDER), a_change("shelf.main", REPLACE, ("wood", "a", "b")),
                             "it would have to be replaced now"),
    "made otherwise": (a_change("box.a", CREATE), a_change("box.a", UPDATE, ("colour", "red", "blue")),
                       "colour is red now"),
    "replaced by another": (a_change("box.a", REPLACE), a_change("box.a", REPLACE, object_id="bx-2"),
                            "it would have to be replaced now"),
    "it would be stopped now": (a_change("box.a", UPDATE, ("motor", "a", "b")),
                                a_change("box.a", UPDATE, ("motor", "a", "b"), impacts=frozenset({Impact.STOP_START})),
                                "would mean stop and start now; what was approved: nothing"),
    "more would be lost": (a_change("box.a", DELETE, loses=("disk a",)),
                           a_change("box.a", DELETE, loses=("disk a, disk b",)),
                           "disk b would be lost too"),
    "it is protected now": (a_change("box.a", DELETE), a_change("box.a", DELETE, blocked=("it is protected",)),
                            "it is protected"),
    "nothing is known of it": (a_change("shelf.main", UPDATE, WIDER), a_change("shelf.other", NOOP),
                               "it no longer exists"),
}  # fmt: skip


@pytest.mark.parametrize("case", STALE)
def test_a_plan_whose_objects_moved_is_stale(case):
    saved, fresh, problem = STALE[case]
    assert problem in problems([saved], [fresh])


NEEDING = a_change("box.a", CREATE)


@pytest.mark.parametrize(
    ("fresh", "problem"),
    [
        (a_change("shelf.main", NOOP), ""),
        (a_change("shelf.main", UPDATE, WIDER), ""),
        (a_change("shelf.main", CREATE), "it is gone; the plan counts on it"),
        (a_change("shelf.main", REPLACE), "it would have to be replaced now"),
        (a_change("shelf.main", NOOP, object_id="sh-2"), "it is another object now, sh-2"),
    ],
)
def test_what_a_plan_refers_to_must_be_there(fresh, problem):
    """box.a is to be made on shelf.main, which the plan leaves as it is"""
    found = problems([NEEDING, a_change("shelf.main", NOOP)], [NEEDING, fresh])
    assert problem in found and bool(found) == bool(problem)


def test_what_a_plan_neither_touches_nor_needs_may_be_as_it_likes():
    saved = [a_change("shelf.main", UPDATE, WIDER), a_change("shelf.far", NOOP)]
    assert problems(saved, [saved[0], a_change("shelf.far", CREATE), a_change("shelf.new", CREATE)]) == ""


class TestStillPlanned:
    def test_what_the_saved_plan_leaves_alone_is_left_alone(self):
        saved = [a_change("shelf.main", UPDATE, WIDER), a_change("shelf.far", NOOP)]
        fresh = [a_change("shelf.main", NOOP), a_change("shelf.far", UPDATE, WIDER)]
        assert [(c.action, c.attributes) for c in still_planned(saved, fresh)] == [(NOOP, ()), (NOOP, ())]

    def test_what_it_never_heard_of_is_not_done(self):
        saved = [a_change("shelf.main", UPDATE, WIDER)]
        fresh = [
            *saved,
            a_change("shelf.new", CREATE),
            a_change("box.old", DELETE),
            a_change("shelf.main", DELETE, object_id="x"),
        ]
        assert list(still_planned(saved, fresh)) == saved

    def test_the_rest_of_a_replacement_is_done(self):
        fresh = [a_change("box.a", NOOP, object_id="bx-2"), a_change("box.a", DELETE)]
        assert list(still_planned([a_change("box.a", REPLACE)], fresh)) == fresh

    def test_two_old_ones_of_an_address_are_told_apart(self):
        saved = [a_change("box.a", DELETE, object_id="bx-1"), a_change("box.a", DELETE, object_id="bx-2")]
        assert problems(saved, saved) == "" and list(still_planned(saved, saved)) == saved
        assert list(still_planned(saved, saved[1:])) == saved[1:]

    def test_a_new_thing_that_was_left_out_stays_out(self):
        assert still_planned([a_change("shelf.main", NOOP)], [a_change("shelf.far", CREATE)]) == ()


@pytest.mark.parametrize(
    ("live", "between"),
    [
        (("a", "b"), True),
        (("b", "c"), True),
        (("a", "b", "c"), True),  # the new one came, the old one has not gone
        (("b",), True),  # the old one went, the new one has not come
        (("a", "c"), False),  # somebody took away what was to stay
        (("b", "x"), False),
        ("b", False),
    ],
)
def test_a_set_is_changed_piece_by_piece(live, between):
    assert is_between(live, ("a", "b"), ("b", "c")) is between


BEFORE = (("data", (("category", "x"), ("size", 40))), ("old", (("size", 20),)))
AFTER = (("data", (("size", 60),)), ("new", (("size", 20),)))


@pytest.mark.parametrize(
    ("live", "between"),
    [
        ((("data", (("category", "x"), ("size", 60))), ("old", (("size", 20),))), True),
        ((("data", (("category", "x"), ("size", 40))), ("new", (("size", 20),)), ("old", (("size", 20),))), True),
        ((("data", (("category", "x"), ("size", 50))),), False),
        ((("new", (("size", 20),)),), False),
        ((("data", (("size", 60),)), ("odd", (("size", 20),))), False),
        ((("data", (("size", 60),)), ("new", (("category", "x"), ("size", 20)))), True),  # with what nobody declared
        ((("data", (("size", 60),)), ("new", (("category", "x"), ("size", 30)))), False),
    ],
)
def test_a_map_is_changed_key_by_key(live, between):
    assert is_between(live, BEFORE, AFTER) is between


@given(st.sets(st.text(max_size=3)), st.sets(st.text(max_size=3)), st.randoms())
def test_any_order_of_additions_and_removals_stays_between(before, after, chance):
    live, edits = set(before), [("add", x) for x in after - before] + [("remove", x) for x in before - after]
    chance.shuffle(edits)
    for edit, item in edits:
        getattr(live, edit)(item)
        assert is_between(tuple(sorted(live)), tuple(sorted(before)), tuple(sorted(after)))


class Sockets(MapOf):
    """What is plugged in elsewhere is another plug."""

    def is_made_anew(self, before, after):
        return dict(before)["place"] != dict(after)["place"]


@pytest.mark.parametrize(
    ("live", "fits"),
    [
        ((("one", (("place", "a"),)),), True),
        ((), True),  # gone, and not there again
        ((("one", (("place", "x"),)),), False),
        ((("two", (("place", "a"),)),), False),
    ],
)
def test_what_is_made_anew_may_be_gone_for_a_while(live, fits):
    before, after = (("one", (("place", "a"),)),), (("one", (("place", "b"),)),)
    plugs = Attribute("plugs", None, Sockets(Text()), fixed="refuse")
    kinds = {**KINDS, "shelf": replace(KINDS["shelf"], attributes=(*KINDS["shelf"].attributes, plugs))}
    saved = a_change("shelf.main", UPDATE, ("plugs", before, after))
    fresh = a_change("shelf.main", UPDATE, ("plugs", live, after))
    assert (list(moved([saved], [fresh], kinds)) == []) is fits
