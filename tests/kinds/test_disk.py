"""Disks of their own: what can be said of them, how they grow, and how they move between machines."""

import pytest

from ecsplan.kinds import _disks
from ecsplan.model.change import Action, Cause
from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import Cloud, comes_before, stack_of, step, the_change, the_line, with_instance

ZONE = "zone: cn-hangzhou-h"


def alone(attributes: str) -> str:
    return stack_of(f"disk:\n  data: {{{ZONE}, {attributes}}}")


def attached(to: str | None, attributes: str = "category: cloud_essd, size: 40") -> str:
    instance = f", instance: {to}" if to else ""
    return with_instance(more=f"disk:\n  data: {{{ZONE}, {attributes}{instance}}}")


def blocked(cloud: Cloud, text: str) -> str:
    return "".join(guard.summary for guard in cloud.plan(text).guards if guard.name == "blocked")


@pytest.mark.parametrize(
    ("attributes", "summary"),
    [
        (
            "category: cloud_efficiency, size: 40, performance_level: PL1",
            "performance_level has no meaning for cloud_eff",
        ),
        ("category: cloud_essd, size: 40, provisioned_iops: 100", "provisioned_iops has no meaning for cloud_essd"),
        ("category: cloud_essd, size: 40, bursting_enabled: true", "bursting_enabled has no meaning for cloud_essd"),
        ("category: cloud_essd, size: 40, encrypted: false, kms_key: k", "kms_key has no meaning for encrypted: false"),
        ("category: cloud_essd", "a disk needs a size, or a snapshot"),
    ],
)
def test_what_does_not_go_together_is_refused_offline(cloud: Cloud, attributes: str, summary: str) -> None:
    with pytest.raises(Rejected, match=summary):
        cloud.load(alone(attributes))


def test_a_disk_of_another_zone_than_its_machine_is_refused_offline(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match=r"is not the zone of instance.web, cn-hangzhou-h"):
        cloud.load(attached("web").replace(f"data: {{{ZONE}", "data: {zone: cn-hangzhou-i"))


def test_growing_a_disk_says_that_the_file_system_is_not_grown(cloud: Cloud) -> None:
    cloud.settled(alone("category: cloud_essd, size: 40"))
    text = alone("category: cloud_essd, size: 60")
    change = the_change(cloud.plan(text))
    assert (change.action, change.impact.text) == (Action.UPDATE, "billing")
    assert "growpart" in change.attributes[0].note
    cloud.settled(text)


@pytest.mark.parametrize(("state", "way"), [("running", "online"), ("stopped", "offline")])
def test_an_attached_disk_grows_online_where_the_machine_runs(cloud: Cloud, state: str, way: str) -> None:
    def text(size: int) -> str:
        return with_instance(
            f"state: {state}", more=f"disk:\n  data: {{{ZONE}, category: cloud_essd, size: {size}, instance: web}}"
        )

    cloud.settled(text(40))
    cloud.settled(text(60))
    assert [entry["params"]["Type"] for entry in cloud.written("ResizeDisk")] == [way]


def test_a_disk_does_not_shrink(cloud: Cloud) -> None:
    cloud.settled(alone("category: cloud_essd, size: 60"))
    assert "size: a disk cannot shrink" in blocked(cloud, alone("category: cloud_essd, size: 40"))


def test_a_level_does_not_go_down_to_pl0(cloud: Cloud) -> None:
    cloud.settled(alone("category: cloud_essd, size: 40, performance_level: PL1"))
    assert _disks.NOT_DOWN in blocked(cloud, alone("category: cloud_essd, size: 40, performance_level: PL0"))


def test_another_category_takes_its_level_along_in_one_call(cloud: Cloud) -> None:
    cloud.settled(alone("category: cloud_efficiency, size: 40"))
    cloud.forget()
    cloud.settled(alone("category: cloud_essd, size: 40, performance_level: PL1"))
    assert cloud.changed() == ["ModifyDiskSpec"]


def test_leaving_essd_sends_no_level(cloud: Cloud) -> None:
    cloud.settled(alone("category: cloud_essd, size: 40, performance_level: PL1"))
    cloud.forget()
    cloud.settled(alone("category: cloud_auto, size: 40, provisioned_iops: 100"))
    (call,) = cloud.written("ModifyDiskSpec")
    assert call["params"].keys() >= {"DiskCategory", "ProvisionedIops"}
    assert "PerformanceLevel" not in call["params"]


def test_bursting_comes_after_the_category_that_has_it(cloud: Cloud) -> None:
    cloud.settled(alone("category: cloud_essd, size: 40"))
    cloud.forget()
    cloud.settled(alone("category: cloud_auto, size: 40, bursting_enabled: true"))
    # It is refused, and sent again, until the category has settled.
    assert list(dict.fromkeys(cloud.changed())) == ["ModifyDiskSpec", "ModifyDiskAttribute"]


def test_a_disk_is_attached_so_that_it_stays_when_the_machine_goes(cloud: Cloud) -> None:
    cloud.settled(attached("web"))
    disk = cloud.thing("disk", "demo-data")
    assert disk["InstanceId"] == cloud.instance().id and disk["DeleteWithInstance"] is False


def test_a_disk_moves_from_one_machine_to_another(cloud: Cloud) -> None:
    cloud.settled(_two_machines("web"))
    text = _two_machines("other")
    cloud.forget()
    cloud.settled(text)
    # AttachDisk makes its automatic snapshots go with it: that is turned off again.
    assert cloud.changed() == ["DetachDisk", "AttachDisk", "ModifyDiskAttribute"]
    assert cloud.thing("disk", "demo-data")["InstanceId"] == cloud.instance("demo-other").id
    cloud.destroy(text)


def _two_machines(to: str) -> str:
    one = with_instance(more=f"disk:\n  data: {{{ZONE}, category: cloud_essd, size: 40, instance: {to}}}")
    body = one[one.index("    web:\n      instance_type") : one.index("  disk:")]
    return one.replace("  disk:", body.replace("web:", "other:", 1) + "  disk:")


def test_a_disk_that_is_attached_elsewhere_is_not_attached_here(cloud: Cloud) -> None:
    text = _two_machines("web")
    cloud.settled(text)
    disk = cloud.thing("disk", "demo-data")
    cloud.call("DetachDisk", DiskId=disk.id, InstanceId=disk["InstanceId"])
    cloud.clock.advance(10)
    cloud.call("AttachDisk", DiskId=disk.id, InstanceId=cloud.instance("demo-other").id)
    cloud.clock.advance(10)
    assert the_line(cloud.plan(text)).cause is Cause.DRIFT
    cloud.settled(text)


def test_a_disk_is_let_go_when_its_machine_is_replaced_and_taken_up_again(cloud: Cloud) -> None:
    text = attached("web")
    cloud.settled(text)
    disk = cloud.thing("disk", "demo-data").id
    plan = cloud.plan(text, replaces=("instance.web",))
    assert comes_before(plan, step(plan, "DetachDisk"), step(plan, "DeleteInstances"))
    assert comes_before(plan, step(plan, "RunInstances"), step(plan, "AttachDisk"))
    cloud.apply(plan)
    cloud.assert_settled(text)
    assert cloud.thing("disk", "demo-data").id == disk


def test_a_disk_that_the_file_no_longer_attaches_is_let_go(cloud: Cloud) -> None:
    cloud.settled(attached("web"))
    line = the_line(cloud.plan(attached(None)))
    assert (line.name, line.after, line.note) == ("instance", None, "no longer in the file")
    cloud.settled(attached(None))
    assert cloud.thing("disk", "demo-data")["Status"] == "Available"


def test_a_disk_that_somebody_else_attached_elsewhere_is_not_ours_to_detach(cloud: Cloud) -> None:
    cloud.settled(attached(None))
    disk = cloud.thing("disk", "demo-data")
    cloud.call("AttachDisk", DiskId=disk.id, InstanceId=cloud.instance().id)
    cloud.clock.advance(60)
    cloud.assert_settled(attached(None))


def test_deleting_a_disk_says_what_is_lost(cloud: Cloud) -> None:
    cloud.settled(attached("web"))
    plan = cloud.plan(with_instance())
    change = the_change(plan)
    assert (change.action, change.impact.text, change.loses) == (Action.DELETE, "data loss", ("40 GiB of data",))
    assert [guard.name for guard in plan.guards] == ["loss"]
    assert comes_before(plan, step(plan, "DetachDisk"), step(plan, "DeleteDisk"))
    cloud.apply(plan)


def test_a_subscription_disk_cannot_be_deleted(cloud: Cloud) -> None:
    cloud.settled(alone("category: cloud_essd, size: 40"))
    disk = cloud.thing("disk", "demo-data")
    disk.data.update(DiskChargeType="PrePaid", ExpiredTime="2027-01-01T16:00Z")
    plan = cloud.plan(alone("category: cloud_essd, size: 40"), destroy=True)
    assert "a subscription until 2027-01-01T16:00Z" in plan.guards[0].summary


def test_a_disk_of_its_own_is_no_slot_of_the_machine_that_it_hangs_on(cloud: Cloud) -> None:
    text = with_instance(
        "data_disks: {inner: {category: cloud_essd, size: 20}}",
        more=f"disk:\n  data: {{{ZONE}, category: cloud_essd, size: 40, instance: web}}",
    )
    cloud.settled(text)
    inner = cloud.disks(cloud.instance())["inner"].id
    cloud.apply(cloud.plan(text, replaces=("instance.web",)))
    cloud.assert_settled(text)
    assert cloud.disks(cloud.instance())["inner"].id != inner
    cloud.destroy(text)
