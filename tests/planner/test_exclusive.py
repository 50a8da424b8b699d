"""Values that two live objects cannot have at once: equal ones, ranges that overlap, and only in one place."""

import pytest

from ecsplan.kinds import load_kinds
from ecsplan.model.address import Address, Ref
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.composites import SetOf
from ecsplan.model.copying import replace
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.model.values import Cidr, IpAddress
from ecsplan.planner.exclusive import collisions, kept

KINDS = load_kinds()


def collide(of, one, other):
    return bool(set(of.claims(one)) & set(of.reaches(other)) or set(of.claims(other)) & set(of.reaches(one)))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("10.0.1.0/24", "10.0.1.0/24", True),
        ("10.0.1.0/24", "10.0.1.128/25", True),
        ("10.0.1.0/24", "10.0.0.0/23", True),
        ("10.0.1.0/24", "10.0.2.0/24", False),
        ("10.0.1.0/25", "10.0.1.128/25", False),
    ],
)
def test_ranges_collide_where_they_overlap(one, other, expected):
    assert collide(Cidr(), one, other) is expected and collide(Cidr(), other, one) is expected


def test_sets_collide_where_any_of_their_members_do():
    assert collide(SetOf(Cidr()), ("10.0.1.0/24", "10.9.0.0/16"), ("10.9.1.0/24",))
    assert not collide(SetOf(IpAddress()), ("10.0.1.1", "10.0.1.2"), ("10.0.1.3",))
    assert not collide(
        SetOf(IpAddress()), (Ref(Address("eip", "a"), "address"),), (Ref(Address("eip", "a"), "address"),)
    )


def change_of(text, action, before=None, after=None, *lines):
    address = Address.parse(text)
    obj = (
        LiveObject(address.kind, f"id-{address.name}", address.name, "Available", attributes=before) if before else None
    )
    resource = Resource(address, after, address.name) if after else None
    return Change(address, action, obj, resource, tuple(AttributeChange(name, None, None) for name in lines))


def found(*changes):
    return {(str(one.change.address), one.name, str(other.change.address)) for one, other in collisions(changes, KINDS)}


GOES = change_of("vswitch.old", Action.DELETE, {"vpc": "vpc-1", "cidr_block": "10.0.1.0/24"})


@pytest.mark.parametrize(("vpc", "block", "count"), [
    ("vpc-1", "10.0.1.0/25", 1), ("vpc-1", "10.0.2.0/24", 0), ("vpc-2", "10.0.1.0/24", 0),
    (Ref(Address("vpc", "new")), "10.0.1.0/24", 0),
])  # fmt: skip
def test_ranges_collide_in_one_vpc_alone(vpc, block, count):
    comes = change_of("vswitch.new", Action.CREATE, None, {"vpc": vpc, "cidr_block": block})
    assert len(found(GOES, comes)) == count


def test_an_address_collides_whatever_kind_has_it():
    """An interface of its own goes, and an inline one of a machine is to have its address."""
    goes = change_of("network_interface.e", Action.DELETE, {"vswitch": "vsw-1", "primary_ip": "10.0.1.7"})
    slots = (("inside", (("primary_ip", "10.0.1.7"), ("vswitch", "vsw-1"))),)
    made = change_of("instance.web", Action.CREATE, None, {"vswitch": "vsw-1", "network_interfaces": slots})
    assert found(goes, made) == {("instance.web", "network_interfaces.inside.primary_ip", "network_interface.e")}


def test_of_a_change_in_place_only_what_it_changes_counts():
    before = {"vswitch": "vsw-1", "private_ip": "10.0.1.7", "secondary_private_ips": ("10.0.1.8", "10.0.1.9")}
    lets_go = change_of("instance.a", Action.UPDATE, before, {**before, "private_ip": "10.0.1.17"}, "private_ip")
    takes = change_of("instance.b", Action.UPDATE, {"vswitch": "vsw-1", "private_ip": "10.0.1.5"},
                      {"vswitch": "vsw-1", "private_ip": "10.0.1.7"}, "private_ip")  # fmt: skip
    assert found(lets_go, takes) == {("instance.b", "private_ip", "instance.a")}
    assert found(lets_go, replace(takes, attributes=())) == set()


def test_a_replacement_keeps_what_overlaps_with_its_old_self():
    before = {"vpc": "vpc-1", "cidr_block": "10.0.1.0/24"}
    for block, expected in (("10.0.1.0/25", ["cidr_block"]), ("10.0.0.0/23", ["cidr_block"]), ("10.0.2.0/24", [])):
        change = change_of("vswitch.a", Action.REPLACE, before, {"vpc": "vpc-1", "cidr_block": block})
        assert [one.name for one in kept(KINDS["vswitch"], change)] == expected
