"""Rules of the Tag service copy a machine's tags to its parts, over equal keys, and delete them when a part leaves."""

from ecsplan.model.change import Action
from tests.kinds.cloud import Cloud, the_change, with_instance

PARTS = """
disk:
  data: {zone: cn-hangzhou-h, category: cloud_essd, size: 40, instance: web, tags: {own: "yes"}}
eip:
  front: {bandwidth: 5, instance: web, tags: {own: "yes"}}
network_interface:
  second: {vswitch: app, security_groups: [web], instance: web, tags: {own: "yes"}}
"""
WITH = with_instance("tags: {team: a}", more=PARTS)
ALONE = WITH.replace(", instance: web", "")


def test_parts_that_inherit_all_tags_of_their_machine_stay_their_own_and_so_do_those_that_leave_it(
    cloud: Cloud,
) -> None:
    cloud.service.settings.change({"inherit_tags": ["*"]})
    cloud.settled(WITH)
    (disk,) = (disk for disk in cloud.things("disk") if disk["Type"] == "data")
    assert disk.tags["team"] == "a" and "ecsplan:instance" in disk.tags  # the machine's marks are there, too
    cloud.settled(ALONE)
    assert set(disk.tags) == {"ecsplan:disk", "ecsplan:disk:applied", "own"}
    cloud.forget()
    cloud.settled(WITH)
    assert not [name for name in cloud.writes() if name.startswith(("Create", "Delete", "Allocate", "Release"))]
    cloud.destroy(WITH)


def test_a_key_that_the_machine_overwrote_is_drift_of_the_part_alone(cloud: Cloud) -> None:
    cloud.service.settings.change({"inherit_tags": ["own"]})
    cloud.settled(WITH)
    machine = cloud.instance()
    tag = [{"Key": "own", "Value": "machine"}]
    cloud.call("TagResources", ResourceType="instance", ResourceId=[machine.id], Tag=tag)
    plan = cloud.plan(WITH, targets=("disk.data",))
    assert the_change(plan).action is Action.UPDATE
