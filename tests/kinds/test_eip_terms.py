"""EIPs that are paid for ahead: bought once, released by their end alone, and changed in nothing."""

import pytest

from ecsplan.model.diagnostic import Rejected
from tests.engine.accounts import assert_brought_in, disown, export
from tests.kinds.cloud import Cloud, changes, stack_of, the_change


def bought(more: str = "", count: str = "") -> str:
    return stack_of(f"eip:\n  front: {{bandwidth: 10, subscription: true{count}{more}}}")


def test_it_is_bought_and_paid_for_its_term(cloud: Cloud) -> None:
    text = bought(", period: 2, period_unit: Year")
    plan = cloud.plan(text)
    buys = the_change(plan).buys
    assert buys is not None and (buys.text, buys.months) == ("2 years", 24)
    assert [guard.name for guard in plan.guards] == ["purchase"]
    cloud.apply(plan, allow=("eip.front",))
    cloud.assert_settled(text)
    (call,) = cloud.written("AllocateEipAddress")
    given = call["params"]
    assert (given["AutoPay"], given["Period"], given["PricingCycle"]) == ("true", "2", "Year")
    assert (given["InternetChargeType"], "Name" in given) == ("PayByBandwidth", False)
    cloud.assert_settled(bought())  # what was bought is bought


def test_a_month_is_bought_where_the_file_does_not_say(cloud: Cloud) -> None:
    buys = the_change(cloud.plan(bought())).buys
    assert buys is not None and buys.text == "1 month"
    cloud.settled(bought())


def test_several_of_a_group_are_told_apart_by_their_tags(cloud: Cloud) -> None:
    cloud.settled(bought(count=", count: 2"))
    cloud.settled(bought(count=", count: 3"))


def test_its_deletion_is_refused_with_the_day_of_its_end(cloud: Cloud) -> None:
    cloud.settled(bought())
    plan = cloud.plan(bought(), destroy=True)
    assert "a subscription until 2026-10" in next(g.summary for g in plan.guards if g.name == "blocked")


@pytest.mark.parametrize(
    ("more", "says"),
    [("bandwidth: 20", "bandwidth"), ("bandwidth: 10, name: other", "name"),
     ("bandwidth: 10, description: words", "description")],
)  # fmt: skip
def test_what_a_subscription_does_not_change_is_refused_by_the_plan(cloud: Cloud, more: str, says: str) -> None:
    cloud.settled(bought())
    cloud.things("eip")[0].data["Name"] = "of-the-console"
    (reason,) = changes(cloud.plan(bought().replace("bandwidth: 10", more)))["eip.front"].blocked
    assert reason.startswith(f"{says} of a subscription is changed in the console alone")


@pytest.mark.parametrize("name", ["name", "description"])
def test_a_new_one_has_no_name(cloud: Cloud, name: str) -> None:
    (reason,) = changes(cloud.plan(bought(f", {name}: words")))["eip.front"].blocked
    assert f"{name}: a subscription is made without one" in reason


@pytest.mark.parametrize(("before", "after"), [("true", "false"), ("false", "true")])
def test_none_becomes_one_and_none_ends_being_one(cloud: Cloud, before: str, after: str) -> None:
    cloud.settled(bought().replace("true", before))
    assert "subscription" in changes(cloud.plan(bought().replace("true", after)))["eip.front"].blocked[0]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (", charge_type: PayByTraffic", "paid by bandwidth"),
        (", convert_public_ip: true, instance: i-bp1", "becomes a pay-as-you-go EIP"),
        (", bandwidth_package: cbwp-1", "takes pay-as-you-go addresses alone"),
        (", period: 10", "from 1 to 9"),
        (", period: 6, period_unit: Year", "from 1 to 5"),
    ],
)
def test_what_does_not_go_with_it(cloud: Cloud, more: str, says: str) -> None:
    with pytest.raises(Rejected, match=says):
        cloud.load(bought(more))


def test_it_is_brought_in(cloud: Cloud) -> None:
    cloud.settled(bought())
    disown(cloud)
    made = export(cloud)
    assert "subscription: true" in made.text and made.left_out == ()
    assert_brought_in(cloud, made)


def test_protection_from_floods_is_what_it_was_made_with(cloud: Cloud) -> None:
    text = stack_of("eip:\n  front: {bandwidth: 5, security_protection: AntiDDoS_Enhanced}")
    cloud.settled(stack_of("eip:\n  front: {bandwidth: 5}"))
    assert "security_protection" in changes(cloud.plan(text))["eip.front"].blocked[0]
    cloud.destroy(text)
    cloud.settled(text)
    disown(cloud)
    made = export(cloud)
    assert "security_protection: AntiDDoS_Enhanced" in made.text and made.left_out == ()
    assert_brought_in(cloud, made)
