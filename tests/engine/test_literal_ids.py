"""Ids that a file names and that nothing has."""

import pytest

from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import stack_of, with_instance

VPC = "vpc:\n  main: {cidr_block: 10.0.0.0/16}\n"
SWITCH = "vswitch:\n  app: {vpc: VPC, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}\n"
INTERFACE = (
    "network_interface:\n  e: {vswitch: app, security_groups: [GROUP]}\nsecurity_group:\n  web: {vpc: main}\n"
    + SWITCH.replace("VPC", "main")
)


@pytest.mark.parametrize(
    ("blocks", "attribute", "object_id"),
    [
        (SWITCH.replace("VPC", "vpc-nowhere"), "vpc", "vpc-nowhere"),
        (VPC + INTERFACE.replace("GROUP", "sg-nowhere"), "security_groups", "sg-nowhere"),
        ("eip:\n  x: {bandwidth: 5, instance: eni-nowhere}\n", "instance", "eni-nowhere"),
        ("eip:\n  x: {bandwidth: 5, instance: i-nowhere}\n", "instance", "i-nowhere"),
    ],
)
def test_an_id_that_nothing_has_is_an_error_of_the_plan_with_its_place(cloud, blocks, attribute, object_id):
    with pytest.raises(Rejected) as caught:
        cloud.plan(stack_of(blocks))
    (problem,) = caught.value.diagnostics
    assert problem.summary == f"{attribute}: {object_id} does not exist in cn-hangzhou"
    assert problem.source is not None and problem.source.line > 1
    assert cloud.writes() == []


def test_an_id_inside_a_slot_is_found_too(cloud):
    slot = "network_interfaces: {back: {vswitch: vsw-nowhere, security_groups: [web]}}"
    with pytest.raises(Rejected, match=r"network_interfaces\.back\.vswitch: vsw-nowhere does not exist"):
        cloud.plan(with_instance(slot))


def test_an_id_that_the_list_leaves_out_is_asked_for_and_is_no_error(cloud):
    vpc = cloud.call("CreateVpc", CidrBlock="10.0.0.0/16", VpcName="theirs")["VpcId"]
    cloud.faults({"fault": "page_shift", "action": "DescribeVpcs", "shift": 1, "times": 1})
    assert not cloud.plan(stack_of(SWITCH.replace("VPC", vpc))).is_empty


def test_images_and_snapshots_of_other_accounts_are_the_service_s_to_refuse(cloud):
    disk = "disk:\n  d: {zone: cn-hangzhou-h, category: cloud_essd, size: 40, snapshot: s-theirs}\n"
    assert not cloud.plan(stack_of(disk)).is_empty
