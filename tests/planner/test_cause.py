"""Who moved, by the record of what was applied: values, maps, sets, names, and what a run has begun to change."""

from typing import Any

import pytest

from ecsplan.model.address import Ref
from ecsplan.model.attribute import Attribute
from ecsplan.model.change import NEVER, Cause
from ecsplan.model.composites import MapOf, Record, Reference, SetOf
from ecsplan.model.record import ALL, LET_GO, Applied, lines_of
from ecsplan.model.record_form import Naming
from ecsplan.model.record_old import digest
from ecsplan.model.values import Integer, Text
from ecsplan.planner.cause import Judge, of_name
from tests.builders import a_box, a_live, at, ref

DISK = Record("a disk", Attribute("size", None, Integer()), Attribute("note", None, Text()))
DISKS = Attribute("disks", None, MapOf(DISK))
TAGS = Attribute("tags", None, MapOf(Text()))
WIDTH = Attribute("width", None, Integer())
LIDS = Attribute("lids", None, SetOf(Reference("box", prefixes=("bx-",))))
SHELF = Attribute("shelf", None, Reference("shelf", prefixes=("sh-",)), is_relation=True)
NAME = Attribute("name", "Name", Text())
NAMING = Naming({"bx-a": ref("box.a"), "bx-b": ref("box.b"), "sh-1": ref("shelf.main")})
IDS = {"box.a": "bx-a", "box.b": "bx-b", "shelf.main": "sh-1"}
NOTHING = object()


def resolve(value: Any) -> Any:
    if isinstance(value, tuple):
        found = tuple(map(resolve, value))
        return tuple(sorted(found)) if value and isinstance(value[0], Ref) else found
    return IDS.get(str(value), value)


def record(attribute: Attribute, value: Any, **opened: str | None) -> Applied:
    lines = {} if value is NOTHING else lines_of(Only(attribute), {attribute.name: value})  # type: ignore[arg-type]
    return Applied({name: held[0] for name, held in lines.items()}, opened)


class Only:
    """A kind of one attribute."""

    def __init__(self, attribute: Attribute) -> None:
        self.only = attribute

    def attribute(self, name: str) -> Attribute:
        return self.only


def cause(attribute: Attribute, applied: Any, desired: Any, live: Any, **opened: str | None) -> Cause:
    judge = Judge(record(attribute, applied, **opened), NAMING, resolve)
    return judge.verdict(attribute, desired, live, resolve(desired)).cause


def disks(**sizes: int) -> tuple[Any, ...]:
    return tuple(sorted((key, (("size", size),)) for key, size in sizes.items()))


@pytest.mark.parametrize(
    ("applied", "desired", "live", "who"),
    [
        (NOTHING, 2, 1, Cause.PENDING),  # never declared: nothing of it can have moved
        (1, 2, 1, Cause.PENDING),
        (2, 2, 1, Cause.DRIFT),
        (3, 2, 1, Cause.BOTH),
        (3, 3, None, Cause.DRIFT),
    ],
)
def test_the_record_tells_who_moved(applied, desired, live, who):
    assert cause(WIDTH, applied, desired, live) is who


def test_what_was_applied_is_told_where_it_is_neither_side():
    judge = Judge(record(WIDTH, 3), NAMING, resolve)
    assert judge.verdict(WIDTH, 2, 1, 2).applied == 3
    assert Judge(record(WIDTH, NOTHING), NAMING, resolve).verdict(WIDTH, 2, 1, 2).applied is NEVER


@pytest.mark.parametrize(
    ("applied", "desired", "live", "who"),
    [
        (disks(a=1), disks(a=1), disks(a=2), Cause.DRIFT),
        (disks(a=1), disks(a=2), disks(a=1), Cause.PENDING),
        (disks(a=1), disks(a=2), disks(a=3), Cause.BOTH),
        (disks(a=1), disks(a=1, b=1), disks(a=1), Cause.PENDING),  # one more in the file
        (disks(a=1, b=1), disks(a=1, b=1), disks(a=1), Cause.DRIFT),  # one gone from the cloud
        (disks(a=1, b=1), disks(a=1, b=2), disks(a=1), Cause.BOTH),  # gone from the cloud, and changed in the file
        (disks(a=1, b=1), disks(a=1), disks(a=1, b=1), Cause.PENDING),  # one gone from the file
        (disks(a=1, b=1), disks(a=1), disks(a=1, b=9), Cause.BOTH),  # gone from the file, and changed in the cloud
        (disks(a=1), disks(a=1), disks(a=1, x=9), Cause.DRIFT),  # one more in the cloud
        (NOTHING, disks(a=1), disks(a=1, x=9), Cause.PENDING),  # declared for the first time: x was there before
        ((), disks(a=1), disks(x=9), Cause.BOTH),  # declared to be empty
        (disks(a=1, b=1), disks(a=2, b=1), disks(a=1, b=9), Cause.BOTH),
        ((), (), (), Cause.PENDING),
    ],
)
def test_each_key_of_a_map_tells_for_itself(applied, desired, live, who):
    assert cause(DISKS, applied, desired, live) is who


def test_what_a_record_leaves_open_is_in_no_line():
    live = (("a", (("note", "theirs"), ("size", 1))),)
    assert cause(DISKS, disks(a=1), disks(a=2), live) is Cause.PENDING


def test_a_member_of_a_slot_that_is_declared_for_the_first_time_is_pending():
    desired = (("a", (("note", "ours"), ("size", 1))),)
    assert cause(DISKS, disks(a=1), desired, (("a", (("note", "theirs"), ("size", 1))),)) is Cause.PENDING


def test_the_pieces_of_a_map_are_told_apart():
    judge = Judge(record(TAGS, (("a", "1"), ("b", "1"))), NAMING, resolve)
    after = (("a", "2"), ("b", "1"), ("c", "1"))
    found = judge.verdict(TAGS, after, (("a", "1"), ("b", "9")), after)
    causes = {part.key: part.cause for part in found.parts}
    assert causes == {"a": Cause.PENDING, "b": Cause.DRIFT, "c": Cause.PENDING} and found.cause is Cause.BOTH


A, B, C = ref("box.a"), ref("box.b"), "bx-x"


@pytest.mark.parametrize(
    ("applied", "desired", "live", "who"),
    [
        ((A,), (A, B), ("bx-a",), Cause.PENDING),  # one more in the file
        ((A, B), (A,), ("bx-a", "bx-b"), Cause.PENDING),  # one fewer
        ((A, B), (A, B), ("bx-a",), Cause.DRIFT),  # one fewer in the cloud
        ((A,), (A,), ("bx-a", "bx-x"), Cause.DRIFT),  # one more in the cloud
        ((A,), (A, B), ("bx-a", "bx-x"), Cause.BOTH),
        ((B, C), (A, C), ("bx-b", "bx-x"), Cause.PENDING),  # in whichever order ids and references come
        (NOTHING, (A,), ("bx-x",), Cause.PENDING),
    ],
)
def test_each_item_of_a_set_tells_for_itself(applied, desired, live, who):
    assert cause(LIDS, applied, desired, live) is who
    long = tuple(ref(f"box.other_{number}") for number in range(30))  # more than are kept one by one
    ids = tuple(f"bx-o{number}" for number in range(30))
    if NOTHING not in (applied,) and who is not Cause.BOTH:
        naming = Naming({**NAMING.refs, **dict(zip(ids, long, strict=True))})
        judge = Judge(record(LIDS, applied + long), naming, lambda v: v)
        assert judge.verdict(LIDS, desired + long, live + ids, live + ids).cause is who


def test_a_reference_is_known_by_its_address_its_former_address_and_its_id():
    moved = Naming({"sh-1": ref("shelf.main")}, {at("shelf.main"): at("shelf.old")})
    for applied in (ref("shelf.main"), ref("shelf.old"), "sh-1"):
        judge = Judge(record(SHELF, applied), moved, resolve)
        assert judge.verdict(SHELF, "sh-2", "sh-1", "sh-2").cause is Cause.PENDING


class TestWhatARunHasBegun:
    """The line says what was to be, `open` what was before; which of them holds is not known."""

    @pytest.mark.parametrize(
        ("live", "desired", "who"),
        [
            (1, 2, Cause.PENDING),  # not done
            (2, 1, Cause.PENDING),  # done, and the file went back
            (2, 3, Cause.PENDING),
            (9, 2, Cause.DRIFT),
            (9, 1, Cause.DRIFT),  # the file went back too
            (9, 3, Cause.BOTH),
            (None, 2, Cause.DRIFT),
        ],
    )
    def test_is_ours_as_long_as_it_is_one_of_the_two(self, live, desired, who):
        assert cause(WIDTH, 2, desired, live, width="1") is who

    def test_is_ours_whatever_it_is_where_it_was_not_declared_before(self):
        assert cause(WIDTH, 2, 2, 9, width=None) is Cause.PENDING

    def test_holds_nothing_on_its_way_from_one_to_another(self):
        assert cause(SHELF, ref("shelf.main"), ref("shelf.main"), None, shelf='"@shelf.other"') is Cause.PENDING

    def test_a_set_may_have_some_of_either_side(self):
        opened = {"lids": '["@box.a"]'}
        assert cause(LIDS, (B,), (B,), ("bx-a", "bx-b"), **opened) is Cause.PENDING
        assert cause(LIDS, (B,), (B,), (), **opened) is Cause.PENDING
        assert cause(LIDS, (A, B), (A, B), ("bx-b",), **opened) is Cause.DRIFT  # that one was to stay

    def test_a_thing_that_goes_may_have_let_go_of_all(self):
        assert cause(LIDS, (A, B), (A, B), (), lids=LET_GO) is Cause.PENDING
        assert cause(LIDS, (A,), (A,), ("bx-a", "bx-x"), lids=LET_GO) is Cause.DRIFT
        assert cause(SHELF, ref("shelf.main"), ref("shelf.main"), None, shelf=LET_GO) is Cause.PENDING

    def test_a_slot_may_be_there_or_not(self):
        assert cause(DISKS, disks(a=1, b=1), disks(a=1, b=1), disks(a=1), **{"disks.b": None}) is Cause.PENDING

    def test_anything_may_be_so_where_there_was_no_room_to_say(self):
        assert cause(WIDTH, 2, 2, 9, **{ALL: None}) is Cause.PENDING


@pytest.mark.parametrize(("name", "who"), [("lab-a-0001", Cause.PENDING), ("mine", Cause.DRIFT)])
def test_a_member_that_lost_its_number_was_renamed_outside(name, who):
    live = a_live(a_box("box.a[1]"), name=name)
    assert of_name(Judge(Applied(), NAMING, resolve), NAME, at("box.a[1]"), live, "new-0001").cause is who


@pytest.mark.parametrize(
    ("applied", "who"), [("new", Cause.DRIFT), ("old", Cause.PENDING), ("other", Cause.BOTH), (NOTHING, Cause.PENDING)]
)
def test_a_single_name_is_on_record(applied, who):
    live = a_live(a_box("box.a"), name="old")
    judge = Judge(record(NAME, applied), NAMING, resolve)
    assert of_name(judge, NAME, at("box.a"), live, "new").cause is who


@pytest.mark.parametrize(
    ("applied", "who"),
    [(("width", 2), Cause.DRIFT), (("width", 1), Cause.PENDING), (("width", 3), Cause.PENDING), (None, Cause.PENDING)],
)
def test_a_record_of_the_old_format_cannot_tell_what_was_never_declared(applied, who):
    old = Applied(digests=frozenset({digest(*applied)} if applied else ()))
    assert Judge(old, NAMING, resolve).verdict(WIDTH, 2, 1, 2).cause is who
