"""Data disks that are paid for ahead with their machine, of their own and in slots."""

import pytest

from ecsplan.emulator.account import Thing
from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Rejected
from tests.engine.accounts import assert_brought_in, disown, export
from tests.kinds.cloud import Cloud, changes, comes_before, shown, step, the_change, the_line, with_instance

PAID = "charge_type: PrePaid\nperiod: 1"


def own(charge: str = PAID, more: str = "", on: str = ", instance: web") -> str:
    disk = f"disk:\n  data: {{zone: cn-hangzhou-h, category: cloud_essd, size: 40{on}{more}}}"
    return with_instance(charge, more=disk)


def slot(charge: str = PAID, more: str = "") -> str:
    return with_instance(charge, f"data_disks: {{data: {{category: cloud_essd, size: 40{more}}}}}")


def disk(cloud: Cloud, name: str = "demo-data") -> Thing:
    return cloud.thing("disk", name)


def test_a_disk_is_attached_and_then_bought_with_the_term_of_its_machine(cloud: Cloud) -> None:
    text = own(more=", subscription: true")
    plan = cloud.plan(text)
    assert comes_before(plan, step(plan, "AttachDisk"), step(plan, "ModifyDiskChargeType"))
    cloud.apply(plan)
    cloud.assert_settled(text)
    assert disk(cloud)["DiskChargeType"] == "PrePaid"
    assert disk(cloud)["ExpiredTime"] == cloud.instance()["ExpiredTime"]


def test_it_becomes_one_and_ends_being_one_in_place(cloud: Cloud) -> None:
    cloud.settled(own())
    change = the_change(cloud.plan(own(more=", subscription: true")))
    assert (change.action, change.impacts) == (Action.UPDATE, {Impact.BILLING})
    assert "until the subscription of its instance ends" in change.attributes[0].note
    cloud.settled(own(more=", subscription: true"))
    line = the_line(cloud.plan(own(more=", subscription: false")))
    assert "given back" in line.note
    cloud.settled(own(more=", subscription: false"))
    assert disk(cloud)["DiskChargeType"] == "PostPaid"


def test_it_is_let_go_of_in_one_plan_once_it_is_no_subscription(cloud: Cloud) -> None:
    cloud.settled(own(more=", subscription: true"))
    (reason,) = the_change(cloud.plan(own(on=""))).blocked
    assert "write subscription: false first" in reason and "stays on i-" in reason
    text = own(on=", instance: false", more=", subscription: false")
    plan = cloud.plan(text)
    assert comes_before(plan, step(plan, "ModifyDiskChargeType"), step(plan, "DetachDisk"))
    cloud.apply(plan)
    cloud.assert_settled(text)
    assert disk(cloud)["Status"] == "Available"


def test_one_that_is_deleted_is_refused_with_what_to_write(cloud: Cloud) -> None:
    cloud.settled(own(more=", subscription: true"))
    plan = cloud.plan(with_instance(PAID))
    assert "write subscription: false first" in next(g.summary for g in plan.guards if g.name == "blocked")


@pytest.mark.parametrize("text", [own, slot])
def test_a_machine_and_its_disk_become_subscriptions_in_one_plan(cloud: Cloud, text) -> None:  # type: ignore[no-untyped-def]
    cloud.settled(text("charge_type: PostPaid"))
    plan = cloud.plan(text(more=", subscription: true"))
    assert comes_before(plan, step(plan, "ModifyInstanceChargeType"), step(plan, "ModifyDiskChargeType"))
    cloud.apply(plan)
    cloud.assert_settled(text(more=", subscription: true"))
    (bought,) = [d for d in cloud.things("disk") if d["Type"] == "data"]
    assert bought["DiskChargeType"] == "PrePaid"


@pytest.mark.parametrize("text", [own, slot])
def test_a_machine_and_its_disk_end_being_subscriptions_in_one_plan(cloud: Cloud, text) -> None:  # type: ignore[no-untyped-def]
    """The service ends that of the disks with that of the machine, and takes no other change afterwards."""
    cloud.settled(text(more=", subscription: true"))
    ended = text("charge_type: PostPaid", ", subscription: false")
    cloud.settled(ended)
    assert {d["DiskChargeType"] for d in cloud.things("disk")} == {"PostPaid"}


def test_a_new_slot_of_a_subscription_machine_is_bought_when_it_hangs_there(cloud: Cloud) -> None:
    cloud.settled(with_instance(PAID))
    cloud.settled(slot(more=", subscription: true"))
    assert disk(cloud, "data")["DiskChargeType"] == "PrePaid"


def test_a_slot_ends_being_one_and_goes_in_the_next_change(cloud: Cloud) -> None:
    cloud.settled(slot())
    assert disk(cloud, "data")["DiskChargeType"] == "PrePaid"
    (reason,) = the_change(cloud.plan(with_instance(PAID, "data_disks: false"))).blocked
    assert "data_disks.data" in reason and "write subscription: false first" in reason
    change = the_change(cloud.plan(slot(more=", subscription: false")))
    assert Impact.BILLING in change.impacts
    cloud.settled(slot(more=", subscription: false"))
    cloud.settled(with_instance(PAID, "data_disks: false"))


def test_a_slot_that_is_bought_with_a_new_machine_is_a_subscription_as_that_is(cloud: Cloud) -> None:
    change = changes(cloud.plan(slot(more=", subscription: false")))["instance.web"]
    assert "data_disks.data" in change.blocked[0] and "is bought with the machine" in change.blocked[0]
    cloud.settled(slot(more=", subscription: true"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (own("charge_type: PostPaid", ", subscription: true"), "instance.web is not a subscription"),
        (own(on="", more=", subscription: true"), "with the machine that it is attached to"),
        (slot("charge_type: PostPaid", ", subscription: true"), "data_disks.data"),
    ],
)
def test_there_is_none_without_a_machine_that_is_one(cloud: Cloud, text: str, says: str) -> None:
    with pytest.raises(Rejected, match=says):
        cloud.load(text)


def test_a_machine_outside_of_the_file_is_looked_at(cloud: Cloud) -> None:
    cloud.settled(with_instance("charge_type: PostPaid"))
    text = own("charge_type: PostPaid", ", subscription: true", f", instance: {cloud.instance().id}")
    plan = cloud.plan(text)
    assert "is not a subscription" in changes(plan)["disk.data"].blocked[0], shown(plan)


def test_one_that_was_bought_by_hand_is_drift_where_the_file_says_so(cloud: Cloud) -> None:
    cloud.settled(own(more=", subscription: false"))
    machine = cloud.instance().id
    cloud.call("ModifyDiskChargeType", InstanceId=machine, DiskIds=f'["{disk(cloud).id}"]', DiskChargeType="PrePaid")
    line = the_line(cloud.plan(own(more=", subscription: false")))
    assert (line.name, line.cause.name) == ("subscription", "DRIFT")
    cloud.assert_settled(own(), records=True)


@pytest.mark.parametrize("text", [own, slot])
@pytest.mark.parametrize("more", [", subscription: true", ", subscription: false"])
def test_it_is_brought_in_as_it_is_paid(cloud: Cloud, text, more: str) -> None:  # type: ignore[no-untyped-def]
    cloud.settled(text())
    cloud.settled(text(more=more))
    disown(cloud)
    made = export(cloud)
    assert "subscription" not in made.text and made.left_out == ()  # it stays as it is
    assert_brought_in(cloud, made)


def test_local_disks_of_a_type_are_read_and_never_declared(cloud: Cloud) -> None:
    """They come with the machine, stay what they are, and go with it."""
    text = slot("charge_type: PostPaid").replace("ecs.g7.large", "ecs.i3.xlarge")
    cloud.settled(text)
    assert sorted(d["Category"] for d in cloud.things("disk")) == ["cloud_essd", "cloud_essd", "local_ssd_pro"]
    disown(cloud)
    made = export(cloud)
    assert "894" not in made.text and made.left_out == ()
    assert_brought_in(cloud, made)
    assert list(dict(made.adopted)) and "data_disks: {data: {" in made.text
    cloud.apply(cloud.plan(made.text, destroy=True))
    assert cloud.left() == []
