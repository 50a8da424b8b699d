"""Who moved, of things that are maps and names: each key counts for itself."""

import pytest

from ecsplan.model.attribute import Attribute
from ecsplan.model.change import Cause
from ecsplan.model.composites import MapOf, Record
from ecsplan.model.ownership import digest
from ecsplan.model.values import Integer, Text
from ecsplan.plan.cause import cause_of
from tests.builders import a_box, a_live, an_object, at

DISK = Record("a disk", Attribute("size", None, Integer()), Attribute("note", None, Text()))
DISKS = Attribute("disks", None, MapOf(DISK))
NAME = Attribute("name", "Name", Text())


def disks(**sizes) -> tuple:
    return tuple(sorted((key, (("size", size),)) for key, size in sizes.items()))


def cause(applied: tuple, desired: tuple, live: tuple) -> Cause:
    digests = frozenset(digest(f"disks.{key}", value) for key, value in applied)
    return cause_of(DISKS, at("box.a"), an_object("box.a", applied=digests), desired, live, {})


@pytest.mark.parametrize(
    ("applied", "desired", "live", "who"),
    [
        (disks(a=1), disks(a=1), disks(a=2), Cause.DRIFT),
        (disks(a=1), disks(a=2), disks(a=1), Cause.PENDING),
        (disks(a=1), disks(a=2), disks(a=3), Cause.BOTH),
        (disks(a=1), disks(a=1, b=1), disks(a=1), Cause.PENDING),  # one more in the file
        (disks(a=1, b=1), disks(a=1, b=1), disks(a=1), Cause.DRIFT),  # one gone from the cloud
        (disks(a=1, b=1), disks(a=1), disks(a=1, b=1), Cause.PENDING),  # one gone from the file
        (disks(a=1), disks(a=1), disks(a=1, x=9), Cause.DRIFT),  # one more in the cloud
        (disks(a=1, b=1), disks(a=2, b=1), disks(a=1, b=9), Cause.BOTH),
        ((), (), (), Cause.PENDING),
    ],
)
def test_each_key_of_a_map_tells_for_itself(applied, desired, live, who):
    assert cause(applied, desired, live) is who


def test_what_a_record_leaves_open_is_in_no_digest():
    live = (("a", (("note", "theirs"), ("size", 1))),)
    assert cause(disks(a=1), disks(a=2), live) is Cause.PENDING


@pytest.mark.parametrize(("name", "who"), [("lab-a-0001", Cause.PENDING), ("mine", Cause.DRIFT)])
def test_a_member_that_lost_its_number_was_renamed_outside(name, who):
    live = a_live(a_box("box.a[1]"), name=name)
    assert cause_of(NAME, at("box.a[1]"), live, "new-0001", name, {}) is who


@pytest.mark.parametrize(("applied", "who"), [("new", Cause.DRIFT), ("old", Cause.PENDING), ("other", Cause.PENDING)])
def test_a_single_name_is_told_by_its_digest(applied, who):
    live = an_object("box.a", name="old", applied=frozenset({digest("name", applied)}))
    assert cause_of(NAME, at("box.a"), live, "new", "old", {}) is who
