"""The range of a VPC changes together with its vSwitches."""

from ecsplan.kinds import load_kinds
from ecsplan.model.address import Address
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.planner.enclosing import has_room, left_outside

KINDS = load_kinds()


def vpc(before, after):
    obj = LiveObject("vpc", "vpc-1", "main", "Available", attributes={"cidr_block": before})
    line = AttributeChange("cidr_block", before, after)
    return Change(Address("vpc", "main"), Action.UPDATE, obj, attributes=(line,))


def vswitch(action, before="", after=""):
    obj = LiveObject("vswitch", "vsw-1", "app", "Available", attributes={"vpc": "vpc-1", "cidr_block": before})
    resource = Resource(Address("vswitch", "app"), {"vpc": "vpc-1", "cidr_block": after}, "app") if after else None
    return Change(Address("vswitch", "app"), action, obj if before else None, resource)


def test_a_range_shrinks_when_what_lies_outside_of_it_is_gone():
    shrinks = vpc("10.0.0.0/16", "10.0.0.0/17")
    for block, outside in (("10.0.200.0/24", True), ("10.0.1.0/24", False)):
        goes = vswitch(Action.DELETE, block)
        assert list(left_outside([shrinks, goes], KINDS)) == ([(shrinks, goes, "cidr_block")] if outside else [])


def test_what_stays_or_lies_in_another_one_waits_for_nothing():
    assert not list(left_outside([vpc("10.0.0.0/16", "10.0.0.0/17"), vswitch(Action.UPDATE, "10.0.200.0/24")], KINDS))


def test_what_has_room_in_the_range_as_it_is_does_not_wait_for_the_wider_one():
    grows = vpc("10.0.0.0/17", "10.0.0.0/16")
    assert has_room(KINDS, grows, vswitch(Action.CREATE, after="10.0.1.0/24"))
    assert not has_room(KINDS, grows, vswitch(Action.CREATE, after="10.0.200.0/24"))
    assert not has_room(KINDS, None, vswitch(Action.CREATE, after="10.0.1.0/24"))
