"""What is no longer made new but still lives, the classic network and old categories, is adopted as it is."""

import pytest

from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import Cloud, changes, shown, stack_of


def test_a_classic_group_and_its_machine_are_adopted_without_a_change(cloud: Cloud) -> None:
    group = str(cloud.call("CreateSecurityGroup", SecurityGroupName="old-group")["SecurityGroupId"])
    machine = str(
        cloud.call(
            "CreateInstance",
            InstanceType="ecs.g7.large",
            ImageId="ubuntu_22_04_x64_20G_alibase_20260522.vhd",
            SecurityGroupId=group,
            ZoneId="cn-hangzhou-h",
            InstanceName="old-machine",
            SystemDisk={"Category": "cloud_essd", "Size": 40},
        )["InstanceId"]
    )
    cloud.clock.advance(100)
    text = stack_of(
        f"""
        security_group:
          old: {{adopt: {group}, name: old-group}}
        instance:
          old: {{adopt: {machine}, name: old-machine, instance_type: ecs.g7.large, security_groups: [old],
                 image: ubuntu_22_04_x64_20G_alibase_20260522.vhd,
                 system_disk: {{category: cloud_essd, size: 40}}}}
        """
    )
    plan = cloud.plan(text)
    assert {change.action for change in changes(plan).values()} == {Action.ADOPT}, shown(plan)
    assert all(not change.attributes for change in changes(plan).values()), shown(plan)
    cloud.settled(text)
    cloud.destroy(text)


@pytest.mark.parametrize("category", ["cloud", "cloud_efficiency", "cloud_ssd"])
def test_a_disk_of_an_old_category_is_adopted_without_a_change(cloud: Cloud, category: str) -> None:
    disk = str(cloud.call("CreateDisk", ZoneId="cn-hangzhou-h", DiskCategory=category, Size=40)["DiskId"])
    cloud.clock.advance(100)
    text = stack_of(f"disk:\n  old: {{adopt: {disk}, zone: cn-hangzhou-h, category: {category}, size: 40}}")
    plan = cloud.plan(text)
    assert [change.action for change in changes(plan).values()] == [Action.ADOPT], shown(plan)
    cloud.settled(text)


def test_a_new_group_needs_a_vpc(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match="a security group needs vpc"):
        cloud.load(stack_of("security_group:\n  web: {}"))
