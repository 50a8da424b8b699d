"""A machine that is replaced first, with checks: what hangs on the old one moves only once the new one has passed them.

If it does not pass, the old one still has its address, interface, disk and requests, and runs.
"""

from collections.abc import Iterator

import pytest

from ecsplan.emulator.account import Thing
from ecsplan.model.plan import Plan, Step
from tests.kinds.cloud import Cloud, changes, comes_before, with_instance
from tests.kinds.test_balancers import Front, front, serving

NOW, NEXT = "ubuntu_22_04_x64_20G_alibase_20260522.vhd", "ubuntu_22_04_x64_20G_alibase_20260723.vhd"
HELD = """
eip:
  front: {bandwidth: 5, charge_type: PayByTraffic, instance: web}
network_interface:
  back: {vswitch: app, security_groups: [web], instance: web}
"""
CHECKED = """
data_disks: {data: {category: cloud_essd, size: 40, keep: true}}
lifecycle:
  create_before_destroy: true
  on_image_change: replace
  rollout: {drain: 5s, check: [{status: true, interval: 1, timeout: 5}]}
"""


def text(group: Front, image: str = NOW) -> str:
    entry = f"{{group: {group.group}, port: 80, weight: 70}}"
    return with_instance(CHECKED, serving("clb", entry), more=HELD).replace(NOW, image)


def holders(cloud: Cloud, group: Front) -> dict[str, str]:
    """Which machine has what."""
    (eip,), (eni,) = cloud.things("eip"), [one for one in cloud.things("eni") if one["Type"] == "Secondary"]
    (disk,) = [one for one in cloud.things("disk") if one["Type"] == "data"]
    found = {"eip": eip.get("InstanceId"), "interface": eni.get("InstanceId"), "disk": disk.get("InstanceId")}
    served = [server for (server, _), weight in group.members().items() if weight == 70]
    return {**found, "requests": ", ".join(served)}


@pytest.fixture
def failed(cloud: Cloud) -> Iterator[tuple[Cloud, Front, Thing]]:
    """After an apply whose new machine did not pass, with the old one."""
    group = front(cloud, "clb")
    cloud.settled(text(group))
    (old,) = cloud.things("instance")
    cloud.faults({"fault": "unwell", "image": NEXT})
    cloud.forget()
    report = cloud.try_apply(text(group, NEXT))
    assert [str(outcome.step) for outcome in report.failed] == ["gate instance.web"]
    yield cloud, group, old


def test_a_machine_that_does_not_pass_gets_nothing_of_the_old_one(failed: tuple[Cloud, Front, Thing]) -> None:
    cloud, group, old = failed
    assert holders(cloud, group) == dict.fromkeys(("eip", "interface", "disk", "requests"), old.id)
    assert {one.status for one in cloud.things("instance")} == {"Running"} and len(cloud.things("instance")) == 2
    assert cloud.changed() == ["RunInstances"]


def test_the_next_plan_says_what_is_left_and_an_apply_moves_nothing_before_it_passes(
    failed: tuple[Cloud, Front, Thing],
) -> None:
    cloud, group, old = failed
    plan = cloud.plan(text(group, NEXT))
    assert changes(plan)["-instance.web"].id_text == old.id or changes(plan)["instance.web"].id_text == old.id
    (gate,) = [step for step in plan.steps if step.id.verb == "gate"]
    for step in moving(plan):
        assert comes_before(plan, gate, step), step.id
    cloud.forget()
    cloud.try_apply(plan)
    assert cloud.changed() == []
    assert holders(cloud, group) == dict.fromkeys(("eip", "interface", "disk", "requests"), old.id)
    cloud.service.faults.clear()
    cloud.apply(text(group, NEXT))
    (new,) = cloud.things("instance")
    assert new.id != old.id
    assert holders(cloud, group) == dict.fromkeys(("eip", "interface", "disk", "requests"), new.id)
    cloud.assert_settled(text(group, NEXT))


def moving(plan: Plan) -> list[Step]:
    """The steps that take something from a machine or give it one."""
    verbs = ("release", "delete", "finish", "stop", "drain", "update")
    return [step for step in plan.steps if step.id.verb in verbs and step.calls]


def test_one_that_passes_gets_all_of_it(cloud: Cloud) -> None:
    group = front(cloud, "clb")
    cloud.settled(text(group))
    (old,) = cloud.things("instance")
    plan = cloud.plan(text(group, NEXT))
    (gate,) = [step for step in plan.steps if step.id.verb == "gate"]
    for step in moving(plan):
        assert comes_before(plan, gate, step), step.id
    cloud.apply(plan)
    (new,) = cloud.things("instance")
    assert new.id != old.id
    assert holders(cloud, group) == dict.fromkeys(("eip", "interface", "disk", "requests"), new.id)
    cloud.assert_settled(text(group, NEXT))


def test_where_the_old_one_goes_first_it_takes_no_requests_before_its_disk_leaves(cloud: Cloud) -> None:
    group = front(cloud, "clb")
    body = text(group).replace("create_before_destroy: true", "create_before_destroy: false")
    cloud.settled(body)
    cloud.apply(body.replace(NOW, NEXT))
    (new,) = cloud.things("instance")
    assert holders(cloud, group) == dict.fromkeys(("eip", "interface", "disk", "requests"), new.id)
    cloud.assert_settled(body.replace(NOW, NEXT))
