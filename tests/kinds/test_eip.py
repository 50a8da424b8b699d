"""Addresses that outlive machines."""

import pytest

from ecsplan.kinds import eip
from ecsplan.model.attribute import Impact
from ecsplan.model.call import Product
from ecsplan.model.change import Action, Cause
from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import NETWORK, Cloud, changes, comes_before, stack_of, step, the_change, the_line, with_instance


def bound(to: str | None, count: int = 1, more: str = "") -> str:
    where = f", instance: {to}" if to else ""
    block = f"eip:\n  front: {{bandwidth: 5, charge_type: PayByTraffic{where}{more}}}"
    return with_instance(f"count: {count}" if count > 1 else "", more=block)


def test_a_machine_with_an_address_of_its_own_takes_none(cloud: Cloud) -> None:
    text = bound("web").replace("system_disk", "internet: {max_bandwidth_out: 5}\n      system_disk")
    with pytest.raises(Rejected, match="has a public address of its own"):
        cloud.load(text)


def test_a_machine_takes_one_address(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match=r"instance: instance.web is already that of eip.back"):
        cloud.load(bound("web") + "    back: {bandwidth: 5, instance: web}\n")


def test_an_address_goes_to_a_virtual_address_of_others(cloud: Cloud) -> None:
    """AssociateEipAddress and UnassociateEipAddress, InstanceType HaVip."""
    cloud.settled(stack_of(NETWORK))
    vip = cloud.call("CreateHaVip", Product.VPC, VSwitchId=cloud.thing("vswitch", "demo-app").id)["HaVipId"]
    front = "eip:\n  front: {{bandwidth: 5, charge_type: PayByTraffic, instance: {}}}"
    cloud.settled(stack_of(NETWORK, front.format(vip)))
    (eip,) = cloud.things("eip")
    assert (eip["InstanceType"], eip["InstanceId"]) == ("HaVip", vip)
    cloud.settled(stack_of(NETWORK, front.format("false")))
    assert eip.get("InstanceId") is None


def test_an_address_is_bound_after_the_machine_is_made_and_let_go_before_it_goes(cloud: Cloud) -> None:
    text = bound("web")
    plan = cloud.plan(text)
    assert comes_before(plan, step(plan, "RunInstances"), step(plan, "AssociateEipAddress"))
    cloud.apply(plan)
    cloud.assert_settled(text)
    plan = cloud.plan(text, destroy=True)
    assert comes_before(plan, step(plan, "UnassociateEipAddress"), step(plan, "DeleteInstances"))
    cloud.destroy(text)


def test_an_address_moves_to_another_machine(cloud: Cloud) -> None:
    cloud.settled(bound('"web[0]"', count=2))
    address = cloud.thing("eip", "demo-front")["IpAddress"]
    text = bound('"web[1]"', count=2)
    change = the_change(cloud.plan(text))
    assert (change.action, change.impacts) == (Action.UPDATE, {Impact.NEW_ADDRESS, Impact.ACCESS})
    assert "gains or loses" in change.attributes[0].note
    cloud.forget()
    cloud.settled(text)
    assert cloud.changed() == ["UnassociateEipAddress", "AssociateEipAddress"]
    found = cloud.thing("eip", "demo-front")
    assert (found["IpAddress"], found["InstanceId"]) == (address, cloud.instance("demo-web-0001").id)


def test_an_address_stays_with_a_machine_that_is_replaced(cloud: Cloud) -> None:
    text = bound("web")
    cloud.settled(text)
    before = cloud.thing("eip", "demo-front")
    address, machine = before["IpAddress"], before["InstanceId"]
    plan = cloud.plan(text, replaces=("instance.web",))
    assert set(changes(plan)) == {"instance.web", "eip.front"}
    for first, last in (
        ("UnassociateEipAddress", "DeleteInstances"),
        ("RunInstances", "AssociateEipAddress"),
        ("UnassociateEipAddress", "AssociateEipAddress"),
    ):
        assert comes_before(plan, step(plan, first), step(plan, last))
    cloud.apply(plan)
    cloud.assert_settled(text)
    after = cloud.thing("eip", "demo-front")
    assert after["IpAddress"] == address and after["InstanceId"] != machine


def test_an_address_moves_over_when_the_new_machine_comes_first(cloud: Cloud) -> None:
    text = bound("web").replace("system_disk", "lifecycle: {create_before_destroy: true}\n      system_disk")
    cloud.settled(text)
    plan = cloud.plan(text, replaces=("instance.web",))
    assert comes_before(plan, step(plan, "RunInstances"), step(plan, "UnassociateEipAddress"))
    assert comes_before(plan, step(plan, "AssociateEipAddress"), step(plan, "DeleteInstances"))
    cloud.apply(plan)
    cloud.assert_settled(text)


def two(front: str | None, back: str | None) -> str:
    lines = [f"  {name}: {{bandwidth: 5, instance: '{to}'}}" for name, to in (("front", front), ("back", back)) if to]
    return with_instance("count: 3", more="eip:\n" + "\n".join(lines))


def test_two_addresses_change_places(cloud: Cloud) -> None:
    """Both are let go before either is bound again: a machine takes one at a time."""
    cloud.settled(two("web[0]", "web[1]"))
    text = two("web[1]", "web[0]")
    plan = cloud.plan(text)
    for one in ("front", "back"):
        for other in ("front", "back"):
            assert comes_before(
                plan,
                step(plan, "UnassociateEipAddress", f"eip.{one}"),
                step(plan, "AssociateEipAddress", f"eip.{other}"),
            )
    cloud.apply(plan)
    cloud.assert_settled(text)


def test_one_address_makes_room_for_another(cloud: Cloud) -> None:
    cloud.settled(two("web[0]", "web[1]"))
    text = two("web[1]", "web[2]")
    plan = cloud.plan(text)
    assert comes_before(
        plan, step(plan, "UnassociateEipAddress", "eip.back"), step(plan, "AssociateEipAddress", "eip.front")
    )
    cloud.apply(plan)
    cloud.assert_settled(text)
    cloud.destroy(text)


def test_a_new_address_takes_the_place_of_one_that_goes(cloud: Cloud) -> None:
    cloud.settled(two("web[0]", None))
    text = two(None, "web[0]")
    plan = cloud.plan(text)
    assert comes_before(
        plan, step(plan, "UnassociateEipAddress", "eip.front"), step(plan, "AssociateEipAddress", "eip.back")
    )
    cloud.apply(plan)
    cloud.assert_settled(text)


def test_an_address_that_is_replaced_first_made_is_bound_last(cloud: Cloud) -> None:
    more = ", lifecycle: {create_before_destroy: true}"
    cloud.settled(bound("web", more=more))
    text = bound("web", more=more).replace("PayByTraffic", "PayByBandwidth")
    plan = cloud.plan(text)
    assert comes_before(plan, step(plan, "AllocateEipAddress"), step(plan, "UnassociateEipAddress"))
    assert comes_before(plan, step(plan, "UnassociateEipAddress"), step(plan, "AssociateEipAddress"))
    cloud.apply(plan)
    cloud.assert_settled(text)


def test_an_address_unbound_outside_is_bound_again(cloud: Cloud) -> None:
    text = bound("web")
    cloud.settled(text)
    found = cloud.thing("eip", "demo-front")
    cloud.call("UnassociateEipAddress", eip.Product.VPC, AllocationId=found.id, InstanceId=found["InstanceId"])
    cloud.clock.advance(30)
    assert the_line(cloud.plan(text)).cause is Cause.DRIFT
    cloud.settled(text)


def test_releasing_an_address_says_which(cloud: Cloud) -> None:
    cloud.settled(bound(None))
    plan = cloud.plan(with_instance())
    change = the_change(plan)
    assert change.loses == (f"the address {cloud.thing('eip', 'demo-front')['IpAddress']}",)
    assert [guard.name for guard in plan.guards] == ["loss"]


def test_another_way_of_paying_loses_the_address_and_says_so(cloud: Cloud) -> None:
    text = "eip:\n  front: {bandwidth: 5, charge_type: %s}"
    cloud.settled(stack_of(text % "PayByTraffic"))
    plan = cloud.plan(stack_of(text % "PayByBandwidth"))
    change = the_change(plan)
    assert (change.action, change.impact.text) == (Action.REPLACE, "new id")
    assert [guard.name for guard in plan.guards] == ["loss"]


def test_what_the_service_chooses_is_said_before_it_is_paid(cloud: Cloud) -> None:
    assert the_change(cloud.plan(stack_of("eip:\n  front: {}"))).notes == (
        "the service chooses charge_type: PayByBandwidth and bandwidth: 5 Mbit/s, as the file does not say",
    )
    assert the_change(cloud.plan(stack_of("eip:\n  front: {bandwidth: 5, charge_type: PayByTraffic}"))).notes == ()


def test_a_protected_address_is_not_released(cloud: Cloud) -> None:
    text = bound(None, more=", deletion_protection: true")
    cloud.settled(text)
    plan = cloud.plan(text, destroy=True)
    assert "deletion protection is on" in plan.guards[0].summary


def test_a_subscription_is_not_released(cloud: Cloud) -> None:
    text = bound(None)
    cloud.settled(text)
    cloud.service.account.change(
        cloud.thing("eip", "demo-front"), ChargeType="PrePaid", ExpiredTime="2027-01-01T16:00:00Z"
    )
    assert "a subscription until 2027-01-01" in cloud.plan(text, destroy=True).guards[0].summary


def test_a_new_address_is_not_planned_with_an_empty_tag_which_its_create_call_refuses(cloud: Cloud) -> None:
    """AllocateEipAddress, Tag.N.Value: not empty. TagResources takes it, so that a live one may have it."""
    plan = cloud.plan(stack_of("eip:\n  front: {bandwidth: 5, tags: {team: ''}}\n"))
    (change,) = plan.changes
    assert change.blocked == ("a new EIP takes no empty tag: write a value for team, or remove it",)
    cloud.settled(stack_of("eip:\n  front: {bandwidth: 5, tags: {team: web}}\n"))
    cloud.settled(stack_of("eip:\n  front: {bandwidth: 5, tags: {team: ''}}\n"))
