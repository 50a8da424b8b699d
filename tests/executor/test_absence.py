"""What a NotFound speaks of: whether it comes with time, and what a person can do about it."""

import pytest

from ecsplan.executor.absence import may_be_unseen, noun_of, place_of
from ecsplan.model.address import Address, Ref

NEW = [Ref(Address.parse("vswitch.app")), Ref(Address.parse("security_group.web"))]


@pytest.mark.parametrize(
    ("code", "is_unseen"),
    [
        ("InvalidVSwitchId.NotFound", True),
        ("InvalidVswitchID.NotFound", True),
        ("InvalidSecurityGroupId.NotFound", True),
        ("InvalidSourceGroupId.NotFound", True),
        ("InvalidImageId.NotFound", False),
        ("InvalidImageFamily.NotFound", False),
        ("InvalidKeyPair.NotFound", False),
        ("InvalidResourceGroup.NotFound", False),
        ("InvalidInstanceId.NotFound", False),
        ("InvalidResourceId.NotFound", True),  # may be anything
    ],
)
def test_only_what_the_run_has_made_can_be_unseen_for_a_while(code, is_unseen):
    assert may_be_unseen(code, NEW) is is_unseen


def test_nothing_is_unseen_where_the_call_names_nothing_new():
    assert not may_be_unseen("InvalidResourceId.NotFound", [])


def test_a_part_of_a_machine_is_a_disk_or_an_interface_and_the_machine_itself_is_none():
    part, machine = Ref(Address.parse("instance.web"), "data_disks.data"), Ref(Address.parse("instance.web"))
    assert may_be_unseen("InvalidDiskId.NotFound", [part]) and not may_be_unseen("InvalidDiskId.NotFound", [machine])
    assert may_be_unseen("InvalidEcsId.NotFound", [machine]) and not may_be_unseen("InvalidEcsId.NotFound", [part])


@pytest.mark.parametrize("code", ["InvalidImageId.Malformed", "OperationConflict", "Throttling"])
def test_other_codes_speak_of_no_absence(code):
    assert noun_of(code) is None


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("InvalidImageId.NotFound", "image"),
        ("InvalidInstanceType.ValueNotSupported", "instance_type"),
        ("InvalidSystemDiskCategory.ValueNotSupported", "system_disk.category"),
        ("InvalidZoneId.NotFound", ""),  # not declared here: the whole resource is the place
        ("OperationConflict", ""),
    ],
)
def test_the_place_is_the_attribute_that_the_code_speaks_of(code, place):
    assert place_of(code, ("instance_type", "image", "vswitch", "system_disk", "system_disk.category")) == place
