"""The public address of an instance's own becomes an EIP, and stays the same address."""

import re
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.model.call import Product
from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.plan import Plan
from ecsplan.render.text import plan_text
from ecsplan.render.view import view
from tests.kinds.cloud import HEAD, Cloud, changes, comes_before, step, steps, the_change, with_instance

OWN = "internet: {max_bandwidth_out: 5, charge_type: PayByTraffic}"


def eip(more: str = "convert_public_ip: true, bandwidth: 10", to: str = "web", name: str = "front") -> str:
    return f"eip:\n  {name}: {{instance: '{to}', {more}}}"


def converted(more: str = "convert_public_ip: true, bandwidth: 10", count: int = 1, to: str = "web") -> str:
    return with_instance(f"count: {count}" if count > 1 else "", more=eip(more, to))


def public(cloud: Cloud, *extra: str) -> str:
    """An instance with a public address of its own; the address."""
    cloud.settled(with_instance(OWN, *extra))
    address = cloud.instance()["PublicIp"]
    assert address
    cloud.forget()
    return str(address)


def own(cloud: Cloud) -> tuple[Any, ...]:
    """Address, name and owner of the one EIP there is."""
    (found,) = cloud.things("eip")
    return (found["IpAddress"], found["Name"], found.tags.get("ecsplan:eip", "").partition("/")[2] or None)


def blocked(plan: Plan) -> str:
    return "; ".join(guard.summary for guard in plan.guards if guard.name == "blocked")


def test_the_plan_says_which_address_is_kept_and_the_apply_keeps_it(cloud: Cloud) -> None:
    address = public(cloud)
    text = converted("convert_public_ip: true, bandwidth: 10, description: the front, tags: {team: web}")
    plan = cloud.plan(text)
    change = the_change(plan)
    assert (change.action, change.converts, change.blocked) == (Action.CREATE, address, ())
    assert f"{address} is kept" in plan_text(view(plan))
    assert not any("no longer" in warning.summary for warning in plan.warnings)
    assert steps(plan) == [
        "ConvertNatPublicIpToEip eip.front",
        "TagResources instance.web",  # its record: the address is no longer declared there
        "TagResources eip.front",
        "ModifyEipAddressAttribute eip.front",
        "UnTagResources eip.front",
    ]
    assert step(plan, "ConvertNatPublicIpToEip").calls[0].params == {"InstanceId": cloud.instance().id}
    cloud.apply(plan)
    assert cloud.changed() == ["ConvertNatPublicIpToEip", "ModifyEipAddressAttribute"]
    cloud.assert_settled(text)
    assert own(cloud) == (address, "demo-front", "eip.front")
    found = cloud.thing("eip", "demo-front")
    assert (found["Bandwidth"], found["Description"], found.tags["team"]) == ("10", "the front", "web")
    cloud.destroy(text)


def test_other_attributes_are_given_in_place(cloud: Cloud) -> None:
    address = public(cloud)
    more = "convert_public_ip: true, name: front, resource_group: rg-acfmone, deletion_protection: true, isp: BGP"
    cloud.settled(converted(more + ", charge_type: PayByTraffic"))
    assert own(cloud) == (address, "front", "eip.front")
    assert cloud.thing("eip", "front")["ResourceGroupId"] == "rg-acfmone"


def test_a_new_instance_gets_an_address_as_ever(cloud: Cloud) -> None:
    plan = cloud.plan(converted())
    change = changes(plan)["eip.front"]
    assert change.notes[0] == "instance.web is new: a public address is allocated"
    assert step(plan, "AllocateEipAddress", "eip.front")
    cloud.settled(converted())


def test_an_instance_without_an_address_gets_one_as_ever(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    plan = cloud.plan(converted())
    assert "has no public address of its own: one is allocated" in the_change(plan).notes[0]
    cloud.settled(converted())


def test_it_counts_only_until_the_address_is_owned(cloud: Cloud) -> None:
    text = with_instance(more=eip("bandwidth: 10"))
    cloud.settled(text)
    cloud.assert_settled(converted())
    cloud.settled(converted("convert_public_ip: true, bandwidth: 20"))
    cloud.assert_settled(converted("bandwidth: 20"))
    cloud.assert_settled(converted("convert_public_ip: false, bandwidth: 20"))


def test_a_converted_address_moves_to_another_instance(cloud: Cloud) -> None:
    cloud.settled(with_instance("count: 2", OWN))
    address = cloud.instance("demo-web-0000")["PublicIp"]
    other = cloud.instance("demo-web-0001")
    cloud.settled(converted(count=2, to="web[0]"))
    cloud.call("ModifyInstanceNetworkSpec", InstanceId=other.id, InternetMaxBandwidthOut=0)
    cloud.settled(converted(count=2, to="web[1]"))
    assert own(cloud)[0] == address and cloud.thing("eip", "demo-front")["InstanceId"] == other.id


def test_the_address_of_another_instance_is_converted_by_its_id(cloud: Cloud) -> None:
    address = public(cloud)
    block = f"eip: {{front: {{instance: {cloud.instance().id}, convert_public_ip: true}}}}"
    text = HEAD.replace("demo", "other") + f"resources:\n  {block}\n"
    assert the_change(cloud.plan(text)).converts == address
    cloud.settled(text)
    assert own(cloud) == (address, "other-front", "eip.front")


def test_so_is_that_of_an_instance_that_a_look_up_finds(cloud: Cloud) -> None:
    address = public(cloud)
    block = "eip: {front: {instance: {lookup: {name: demo-web}}, convert_public_ip: true}}"
    text = HEAD.replace("demo", "other") + f"resources:\n  {block}\n"
    cloud.settled(text)
    assert own(cloud) == (address, "other-front", "eip.front")


def test_a_conversion_waits_for_what_else_is_done_to_the_instance(cloud: Cloud) -> None:
    public(cloud)
    text = converted().replace("ecs.g7.large", "ecs.g7.xlarge")
    plan = cloud.plan(text)
    assert comes_before(plan, step(plan, "StartInstances"), step(plan, "ConvertNatPublicIpToEip"))
    cloud.apply(plan)
    cloud.assert_settled(text)


# What stands against it


def test_an_instance_that_declares_internet_is_refused_offline(cloud: Cloud) -> None:
    text = with_instance("internet: {max_bandwidth_out: 0}", more=eip())
    with pytest.raises(Rejected) as refusal:
        cloud.load(text)
    (found,) = refusal.value.diagnostics
    assert "leave internet out of instance.web: the address goes to eip.front" in found.detail
    line = (cloud.folder / "stack.yaml").read_text().splitlines()[found.source.line - 1]  # type: ignore[union-attr]
    assert "max_bandwidth_out: 0" in line


def test_two_that_convert_one_instance_are_refused(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match=r"instance: instance.web is already that of eip.back"):
        cloud.load(converted() + "    back: {instance: web, convert_public_ip: true}\n")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("convert_public_ip: true", "no instance is named"),
        ("convert_public_ip: true, instance: eni-x1", "is not an instance"),
    ],
)
def test_only_an_instance_has_an_address_to_convert(cloud: Cloud, more: str, said: str) -> None:
    with pytest.raises(Rejected, match=said):
        cloud.load(f"resources:\n  eip:\n    front: {{{more}}}\n")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"Status": "Starting"}, "the instance is Starting"),
        ({"InternetMaxBandwidthOut": 0}, "no public bandwidth"),
        ({"InstanceChargeType": "PrePaid", "InternetChargeType": "PayByBandwidth"}, "a subscription paid by bandwidth"),
    ],
)
def test_what_the_service_would_refuse_is_said_in_the_plan(cloud: Cloud, changed: dict[str, Any], said: str) -> None:
    public(cloud)
    cloud.service.account.change(cloud.instance(), **changed)
    assert said in blocked(cloud.plan(converted()))


def test_the_end_of_a_subscription_is_said(cloud: Cloud) -> None:
    public(cloud, "charge_type: PrePaid", "period: 1")
    plan = cloud.plan(with_instance("charge_type: PrePaid", "period: 1", more=eip()))
    assert "in its last 24 hours" in the_change(plan).notes[1] and not plan.guards
    cloud.apply(plan)


@pytest.mark.parametrize(("more", "said"), [("charge_type: PayByBandwidth", "charge_type: "), ("isp: BGP_PRO", "isp:")])
def test_what_a_conversion_cannot_honour_is_refused(cloud: Cloud, more: str, said: str) -> None:
    public(cloud)
    assert said in blocked(cloud.plan(converted(f"convert_public_ip: true, {more}")))


def test_an_instance_that_is_replaced_would_take_its_address_along(cloud: Cloud) -> None:
    address = public(cloud)
    plan = cloud.plan(converted(), replaces=("instance.web",))
    assert f"{address} goes with the old one; convert before you replace" in blocked(plan)


def test_an_instance_with_an_address_takes_no_other_and_the_plan_names_both_ways_out(cloud: Cloud) -> None:
    address = public(cloud)
    plan = cloud.plan(with_instance(more=eip("bandwidth: 5")))
    assert address in blocked(plan)
    assert "convert_public_ip: true" in blocked(plan) and "max_bandwidth_out: 0" in blocked(plan)
    with pytest.raises(Refused):
        cloud.apply(plan)
    given_up = with_instance("internet: {max_bandwidth_out: 0}", more=eip("bandwidth: 5"))
    plan = cloud.plan(given_up)
    assert comes_before(plan, step(plan, "ModifyInstanceNetworkSpec"), step(plan, "AssociateEipAddress"))
    cloud.apply(plan)
    cloud.assert_settled(given_up)


def test_an_address_does_not_move_to_an_instance_that_has_its_own(cloud: Cloud) -> None:
    cloud.settled(with_instance("count: 2", OWN))
    cloud.settled(converted(count=2, to="web[0]"))
    plan = cloud.plan(converted(count=2, to="web[1]"))
    assert re.search(r"instance.web\[1\] has the public address .* a new eip with", blocked(plan))


# Cut off between the conversion and the tags


def cut_off(cloud: Cloud) -> str:
    address = public(cloud)
    cloud.call("ConvertNatPublicIpToEip", InstanceId=cloud.instance().id)
    cloud.clock.advance(30)
    return address


def test_what_was_converted_and_is_nobodys_is_taken_over(cloud: Cloud) -> None:
    address = cut_off(cloud)
    plan = cloud.plan(converted())
    change = the_change(plan)
    assert (change.action, change.converts) == (Action.ADOPT, address)
    assert f"{address} is kept" in plan_text(view(plan))
    assert {line.name for line in change.attributes} == {"bandwidth", "name"}
    cloud.apply(plan)
    cloud.assert_settled(converted())
    assert own(cloud) == (address, "demo-front", "eip.front")


def test_without_being_asked_for_it_is_not(cloud: Cloud) -> None:
    cut_off(cloud)
    plan = cloud.plan(converted("bandwidth: 10"))
    assert the_change(plan).action is Action.CREATE and "bound" in blocked(plan)


def test_that_of_another_stack_is_not(cloud: Cloud) -> None:
    cut_off(cloud)
    (found,) = cloud.things("eip")
    tags = [{"Key": "ecsplan:eip", "Value": "other/eip.theirs"}]
    cloud.call("TagResources", Product.VPC, ResourceType="EIP", ResourceId=[found.id], Tag=tags)
    cloud.clock.advance(30)
    plan = cloud.plan(converted())
    assert the_change(plan).action is Action.CREATE
    assert f"{found.id} of stack other" in blocked(plan)


def test_it_is_not_made_anew_for_what_it_cannot_have(cloud: Cloud) -> None:
    cut_off(cloud)
    plan = cloud.plan(converted("convert_public_ip: true, charge_type: PayByBandwidth"))
    assert the_change(plan).action is Action.ADOPT
    assert "leave charge_type out" in blocked(plan)


def test_a_name_that_was_not_given_any_more_is_given_by_the_next_run(cloud: Cloud) -> None:
    address = public(cloud)
    cloud.faults({"fault": "error", "action": "ModifyEipAddressAttribute", "code": "Forbidden.RAM", "status": 403})
    report = cloud.try_apply(converted("convert_public_ip: true"))
    assert [o.code for o in report.failed] == ["Forbidden.RAM"] and own(cloud)[1] == ""
    cloud.service.faults.clear()
    cloud.settled(converted("convert_public_ip: true"))
    assert own(cloud) == (address, "demo-front", "eip.front")


# Answers that are lost, lists that lag


@pytest.mark.parametrize("reads", [0, 1, 3, 9])
def test_a_lost_answer_does_not_fail_the_run(cloud: Cloud, reads: int) -> None:
    address = public(cloud)
    if reads:
        cloud.faults({"fault": "not_visible_for", "reads": reads, "action": "ConvertNatPublicIpToEip"})
    cloud.faults({"fault": "drop_after_commit", "action": "ConvertNatPublicIpToEip", "nth": 1})
    cloud.settled(converted())
    assert own(cloud)[0] == address
    assert cloud.writes().count("ConvertNatPublicIpToEip") == (2 if reads else 1)


@pytest.mark.parametrize("reads", [1, 5, 30])
def test_what_is_seen_late_is_waited_for(cloud: Cloud, reads: int) -> None:
    address = public(cloud)
    cloud.faults({"fault": "not_visible_for", "reads": reads, "action": "ConvertNatPublicIpToEip"})
    cloud.settled(converted())
    assert own(cloud)[0] == address and cloud.writes().count("ConvertNatPublicIpToEip") == 1


def test_what_is_never_seen_is_given_up_in_time_and_found_by_the_next_run(cloud: Cloud) -> None:
    address = public(cloud)
    cloud.faults({"fault": "not_visible_for", "reads": 100, "action": "ConvertNatPublicIpToEip"})
    began = cloud.clock.now()
    (failed,) = cloud.try_apply(converted()).failed
    assert "cannot be seen yet" in failed.message and cloud.clock.now() - began < 200
    cloud.service.faults.clear()
    cloud.settled(converted())
    assert own(cloud)[0] == address


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "drop_before_commit"},
        {"fault": "cut_body"},
        {"fault": "html_200", "commit": True},
        {"fault": "error", "code": "InternalError", "status": 500, "commit": True},
        {"fault": "error", "code": "ServiceUnavailable", "status": 503},
        {"fault": "error", "code": "Throttling.User", "status": 400},
        {"fault": "error", "code": "IncorrectInstanceStatus", "status": 403},
    ],
    ids=str,
)
def test_what_passes_does_not_fail_the_run(cloud: Cloud, fault: dict[str, Any]) -> None:
    address = public(cloud)
    cloud.faults({**fault, "action": "ConvertNatPublicIpToEip", "nth": 1})
    cloud.settled(converted())
    assert own(cloud)[0] == address


def test_a_key_that_may_not_convert_is_told_so(cloud: Cloud) -> None:
    public(cloud)
    cloud.faults({"fault": "error", "action": "ConvertNatPublicIpToEip", "code": "Forbidden.RAM", "status": 403})
    (failed,) = cloud.try_apply(converted()).failed
    assert failed.code == "Forbidden.RAM" and cloud.things("eip") == []


def test_a_list_that_leaves_out_what_the_instance_names_is_not_planned_on(cloud: Cloud) -> None:
    address = public(cloud)
    cloud.faults({"fault": "not_visible_for", "reads": 3, "action": "ConvertNatPublicIpToEip"})
    cloud.call("ConvertNatPublicIpToEip", InstanceId=cloud.instance().id)
    plan = cloud.plan(converted())
    assert (the_change(plan).action, the_change(plan).converts) == (Action.ADOPT, address)


# Saved plans


def saved(cloud: Cloud, text: str) -> Plan:
    return engine.load_plan(engine.save_plan(cloud.plan(text)))


def test_a_saved_plan_converts_and_may_be_gone_on_with(cloud: Cloud) -> None:
    address = public(cloud)
    text = converted("convert_public_ip: true, bandwidth: 10, tags: {team: web}")
    plan = saved(cloud, text)
    assert the_change(plan).converts == address
    cloud.call("ConvertNatPublicIpToEip", InstanceId=cloud.instance().id)
    cloud.clock.advance(30)
    cloud.apply(plan)
    cloud.assert_settled(text)
    assert own(cloud) == (address, "demo-front", "eip.front")
    cloud.apply(plan)


def test_a_saved_plan_is_refused_when_the_address_is_gone(cloud: Cloud) -> None:
    address = public(cloud)
    plan = saved(cloud, converted())
    cloud.call("ModifyInstanceNetworkSpec", InstanceId=cloud.instance().id, InternetMaxBandwidthOut=0)
    with pytest.raises(Refused, match=f"{address} is not there to be taken over"):
        cloud.apply(plan)


def test_a_saved_plan_that_knows_of_no_address_is_refused_when_there_is_one(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    plan = saved(cloud, converted())
    cloud.call(
        "ModifyInstanceNetworkSpec", InstanceId=cloud.instance().id, InternetMaxBandwidthOut=5, AllocatePublicIp=True
    )
    with pytest.raises(Refused, match="would be taken over now"):
        cloud.apply(plan)
