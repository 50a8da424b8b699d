from typing import Any

from ecsplan.inventory.unmanaged import unmanaged
from ecsplan.model.address import Address
from ecsplan.model.resource import Listed, Owner
from ecsplan.model.selection import Selection

OWNER = Owner("shop", Address("instance", "web"))


def obj(kind: str, id_: str, owner: Owner | None = None, tags: dict[str, str] | None = None, **raw: Any) -> Listed:
    return Listed(kind, id_, f"{id_}-name", "Available", tags=tags or {}, owner=owner, _answer=raw)


OBJECTS = (
    obj("vpc", "vpc-1"),
    obj("instance", "i-ours", OWNER, VpcAttributes={"VpcId": "vpc-1"}),
    obj("instance", "i-theirs", VpcAttributes={"VpcId": "vpc-1"}, tags={"team": "web"}),
    obj("disk", "d-system", Type="system", InstanceId="i-ours"),
    obj("disk", "d-hanging", Type="data", InstanceId="i-ours"),
    obj("disk", "d-part", Type="data", InstanceId="i-theirs"),
    obj("disk", "d-loose", Type="data", InstanceId=""),
    obj("eip", "eip-1", InstanceId="i-theirs", tags={"team": ""}),
    obj("snapshot", "s-1", SourceDiskId="d-part"),
)


def ids(**options: Any) -> list[str]:
    return [one.obj.id for one in unmanaged(OBJECTS, Selection(**options))]


def test_what_a_stack_owns_and_what_is_part_of_another_is_left_out() -> None:
    assert ids() == ["d-loose", "eip-1", "i-theirs", "s-1", "vpc-1"]


def test_an_interface_that_goes_with_an_owned_instance_is_part_of_it() -> None:
    objects = (
        *OBJECTS,
        obj("network_interface", "eni-inside", Type="Secondary", InstanceId="i-ours", DeleteOnRelease=True),
        obj("network_interface", "eni-stays", Type="Secondary", InstanceId="i-ours", DeleteOnRelease=False),
        obj("network_interface", "eni-theirs", Type="Secondary", InstanceId="i-theirs", DeleteOnRelease=True),
    )
    found = unmanaged(objects, Selection(kinds=("network_interface",)))
    assert [one.obj.id for one in found] == ["eni-stays", "eni-theirs"]


def test_a_vpc_is_found_through_what_an_object_hangs_on() -> None:
    assert ids(vpc="vpc-1") == ["eip-1", "i-theirs", "s-1", "vpc-1"]
    assert ids(vpc="vpc-2") == []


def test_a_kind_and_a_tag_are_asked_for() -> None:
    assert ids(kinds=("eip", "vpc")) == ["eip-1", "vpc-1"]
    assert ids(tags=(("team", "web"),)) == ["i-theirs"]
    assert ids(tags=(("team", None),)) == ["eip-1", "i-theirs"]


def test_objects_that_hang_on_each_other_do_not_go_round_in_circles() -> None:
    circle = (obj("disk", "a", InstanceId="b"), obj("disk", "b", InstanceId="a"))

    assert [one.vpc for one in unmanaged(circle, Selection())] == []
