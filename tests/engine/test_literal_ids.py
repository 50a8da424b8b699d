"""Ids that a file names and that nothing has."""

import pytest

from ecsplan.model.call import Product
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


def test_a_key_pair_that_does_not_exist_is_found_by_its_name(cloud):
    with pytest.raises(Rejected, match="key_pair: nobody-has-this does not exist"):
        cloud.plan(with_instance("key_pair: nobody-has-this"))


MACHINE = """
security_group:
  web: {vpc: VPC}
instance:
  web:
    instance_type: ecs.g7.large
    image: ubuntu_22_04_x64_20G_alibase_20260522.vhd
    vswitch: VSWITCH
    security_groups: [web]
    system_disk: {category: cloud_essd, size: 40}
    description: DESCRIPTION
"""


def unread(cloud):
    """A subnet that another account shares may be in no list; a key may not be allowed to read them."""
    cloud.faults({"fault": "empty_by_permission", "action": "DescribeVSwitches", "times": 99})


def theirs(cloud):
    """A machine's text, in a network that this stack did not make."""
    vpc = cloud.call("CreateVpc", Product.VPC, CidrBlock="10.0.0.0/16", VpcName="theirs")["VpcId"]
    cloud.clock.advance(60)
    vswitch = cloud.call("CreateVSwitch", Product.VPC, VpcId=vpc, ZoneId="cn-hangzhou-h", CidrBlock="10.0.1.0/24")
    cloud.clock.advance(60)
    return MACHINE.replace("VPC", vpc).replace("VSWITCH", vswitch["VSwitchId"])


def test_what_the_live_object_names_already_is_not_asked_for(cloud):
    text = theirs(cloud)
    cloud.settled(stack_of(text.replace("DESCRIPTION", "one")))
    unread(cloud)
    plan = cloud.plan(stack_of(text.replace("DESCRIPTION", "two")))
    assert [line.name for change in plan.changes for line in change.attributes] == ["description"]


def test_where_the_key_may_not_read_the_kind_nothing_is_said_not_to_exist(cloud):
    text = theirs(cloud).replace("DESCRIPTION", "one")
    unread(cloud)
    assert "instance.web" in {str(change.address) for change in cloud.plan(stack_of(text)).changes}


def test_the_other_side_of_a_rule_may_be_a_group_of_another_account(cloud):
    rule = "ingress: [{protocol: tcp, ports: 443, security_group: sg-theirs}]"
    assert not cloud.plan(stack_of(VPC, f"security_group:\n  web: {{vpc: main, {rule}}}\n")).is_empty


def test_an_id_that_the_list_leaves_out_is_asked_for_and_is_no_error(cloud):
    vpc = cloud.call("CreateVpc", CidrBlock="10.0.0.0/16", VpcName="theirs")["VpcId"]
    cloud.faults({"fault": "page_shift", "action": "DescribeVpcs", "shift": 1, "times": 1})
    assert not cloud.plan(stack_of(SWITCH.replace("VPC", vpc))).is_empty


def test_images_and_snapshots_of_other_accounts_are_the_service_s_to_refuse(cloud):
    disk = "disk:\n  d: {zone: cn-hangzhou-h, category: cloud_essd, size: 40, snapshot: s-theirs}\n"
    assert not cloud.plan(stack_of(disk)).is_empty
