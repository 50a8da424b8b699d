"""What a plan costs: each change and in total, in one call for each distinct shape; unknown is never nothing."""

from decimal import Decimal
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.engine.facts import facts_of
from ecsplan.kinds import load_kinds
from ecsplan.model.capabilities.pricing import Priced
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Refused
from ecsplan.model.plan import Plan
from ecsplan.model.price import PriceLine
from ecsplan.model.resource import Resource
from ecsplan.planner.planfile import digest_of
from ecsplan.render.text import plan_text
from ecsplan.render.view import view
from tests.builders import at
from tests.kinds.cloud import INSTANCE, KINDS, NETWORK, Cloud, stack_of, with_instance

HOURS = Decimal(730)
PREPAID = "charge_type: PrePaid\n"


def line(plan: Plan, address: str = "instance.web") -> PriceLine:
    return next(one for one in plan.prices.lines if str(one.address) == address)


def hour(cloud: Cloud, **asked: Any) -> Decimal:
    """The price of an hour, as somebody else would ask for it."""
    given = {"InstanceType": "ecs.g7.large", "SystemDisk": {"Category": "cloud_essd", "Size": 40,
             "PerformanceLevel": "PL1"}, **asked}  # fmt: skip
    return Decimal(str(cloud.call("DescribePrice", **given)["PriceInfo"]["Price"]["TradePrice"]))


def body(*more: str) -> str:
    return with_instance(body=INSTANCE + "".join(more))


def test_a_new_machine_costs_its_hours(cloud: Cloud) -> None:
    plan = cloud.plan(body())
    assert line(plan).after == hour(cloud) * HOURS and line(plan).before == 0
    assert plan.prices.currency == "CNY" and plan.prices.due == 0 and not plan.prices.unknown


@pytest.mark.parametrize("count", [1, 100, 1000])
def test_alike_machines_are_asked_about_once(cloud: Cloud, count: int) -> None:
    text = with_instance(f"count: {count}").replace("10.0.1.0/24", "10.0.0.0/16")
    plan = cloud.plan(text)
    assert plan.prices.calls == 1 and len(plan.prices.lines) == count
    assert plan.prices.after == hour(cloud) * HOURS * count


def test_no_change_costs_no_call_and_off_asks_nothing(cloud: Cloud) -> None:
    cloud.settled(body())
    assert cloud.plan(body()).prices.calls == 0
    plan = cloud.plan(body("description: words\n"))
    assert plan.prices.calls == 0 and plan.prices.lines == ()
    off = cloud.plan(body().replace("g7.large", "g7.xlarge"), price=False)
    assert not off.prices.is_on and "Price" not in plan_text(view(off))


def test_a_change_of_type_and_disk_is_told_from_now_to_after(cloud: Cloud) -> None:
    cloud.settled(body())
    plan = cloud.plan(body().replace("g7.large", "g7.xlarge").replace("size: 40", "size: 80"))
    bigger = {"Category": "cloud_essd", "Size": 80, "PerformanceLevel": "PL1"}
    assert line(plan).before == hour(cloud) * HOURS
    assert line(plan).after == hour(cloud, InstanceType="ecs.g7.xlarge", SystemDisk=bigger) * HOURS
    assert plan.prices.calls == 2


def test_a_disk_that_grows_and_what_is_deleted(cloud: Cloud) -> None:
    disk = stack_of("disk: {data: {zone: cn-hangzhou-h, category: cloud_essd, size: 40}}")
    cloud.settled(disk)
    grown = line(cloud.plan(disk.replace("size: 40", "size: 80")), "disk.data")
    assert grown.before and grown.after == 2 * grown.before
    gone = cloud.plan(disk, destroy=True)
    assert line(gone, "disk.data").more == -grown.before and gone.prices.after == 0


def test_disks_inside_a_machine(cloud: Cloud) -> None:
    cloud.settled(body("data_disks: {data: {category: cloud_essd, size: 40}}\n"))
    plan = cloud.plan(
        body("data_disks: {data: {category: cloud_essd, size: 80}, logs: {category: cloud_auto, size: 40}}\n")
    )
    disks = [{"Category": "cloud_essd", "Size": 80, "PerformanceLevel": "PL1"}, {"Category": "cloud_auto", "Size": 40}]
    assert line(plan).after == hour(cloud, DataDisk=disks) * HOURS
    assert line(plan).before == hour(cloud, DataDisk=[{**disks[0], "Size": 40}]) * HOURS


def test_a_subscription_is_due_at_once_and_by_the_month(cloud: Cloud) -> None:
    plan = cloud.plan(body(PREPAID, "period: 12\n"))
    found = line(plan)
    assert found.due and found.after == found.due / 12
    report = cloud.try_apply(plan, allow=("instance.web",))
    assert report.is_complete


def test_what_becomes_a_subscription_and_what_is_renewed(cloud: Cloud) -> None:
    cloud.settled(body())
    plan = cloud.plan(body(PREPAID, "period: 3\n"))
    found = line(plan)
    assert found.before == hour(cloud) * HOURS and found.due and found.after == found.due / 3
    cloud.apply(plan)
    renewed = cloud.plan(body(PREPAID, "period: 3\n", "renewal: {status: AutoRenewal, period: 2}\n"))
    assert any("renewed for 2 months at a time" in note and "CNY" in note for note in line(renewed).notes)


def test_a_larger_type_of_a_subscription_is_paid_for_the_rest_and_a_smaller_one_is_not_told(cloud: Cloud) -> None:
    cloud.settled(body(PREPAID, "period: 1\n"))
    up = line(cloud.plan(body(PREPAID, "period: 1\n").replace("g7.large", "g7.xlarge")))
    assert up.due and up.more and up.more > 0
    cloud.settled(body(PREPAID, "period: 1\n").replace("g7.large", "g7.xlarge"))
    down = line(cloud.plan(body(PREPAID, "period: 1\n")))
    assert down.due == 0 and down.more and down.more < 0
    assert any("billing sets" in note for note in down.notes)


def test_spot_is_said_to_be_a_price_of_today(cloud: Cloud) -> None:
    found = line(cloud.plan(body("spot: {strategy: SpotWithPriceLimit, price_limit: 0.9}\n")))
    assert found.after and found.after < hour(cloud) * HOURS
    assert "at most 0.9 an hour" in found.notes[0]


def test_a_machine_that_is_off_is_said_as_what_it_is(cloud: Cloud) -> None:
    cloud.settled(body())
    kept = line(cloud.plan(body("state: stopped\n")))
    assert kept.more == 0 and "KeepCharging" in kept.notes[0]
    saved = line(cloud.plan(body("state: stopped\n", "stopped_mode: StopCharging\n")))
    assert "its vCPUs and memory are not" in saved.notes[0]
    assert saved.before and saved.after and 0 < saved.after < saved.before


def test_bandwidth_and_traffic(cloud: Cloud) -> None:
    by_bandwidth = "internet: {charge_type: PayByBandwidth, max_bandwidth_out: 5}\n"
    whole = line(cloud.plan(body(by_bandwidth)))
    assert whole.after == hour(cloud, InternetChargeType="PayByBandwidth", InternetMaxBandwidthOut=5) * HOURS
    assert not whole.unpriced
    by_use = cloud.plan(body("internet: {charge_type: PayByTraffic, max_bandwidth_out: 5}\n"))
    assert line(by_use).after == hour(cloud) * HOURS and "traffic" in line(by_use).unpriced[0]
    assert "not all of it is known" in plan_text(view(by_use))
    assert "a GB of traffic: 0.72 CNY" in line(by_use).notes
    cloud.apply(by_use)
    gone = cloud.plan(body(by_bandwidth.replace("5", "10")))
    assert not line(gone).unpriced and not line(gone).notes


def test_what_has_no_price_says_so(cloud: Cloud) -> None:
    plan = cloud.plan(stack_of("eip: {web: {bandwidth: 5}}"))
    assert plan.prices.unknown and ["no price" in why for why in line(plan, "eip.web").unpriced] == [True]
    by_traffic = cloud.plan(stack_of("eip: {web: {charge_type: PayByTraffic}}"))
    assert line(by_traffic, "eip.web").unpriced[-1] == "traffic: by use, per GB"


@pytest.mark.parametrize("kind", sorted(name for name, kind in KINDS.items() if kind.capability(Priced)))
def test_what_is_paid_for_has_a_price_or_says_that_it_has_none(kind: str) -> None:
    """A total that is partly unknown says so, whatever the kind is."""
    priced = KINDS[kind].capability(Priced)
    made = Resource(at(f"{kind}.x"), {}, "x")
    assert priced is not None
    cost = priced.costs(Change(made.address, Action.CREATE, None, made))
    assert cost.after or cost.unpriced


@pytest.mark.parametrize("code", ["Forbidden.RAM", "Throttling.User", "PriceNotFound", "ServiceUnavailable"])
def test_a_price_that_is_not_told_is_unknown_and_the_plan_the_same(cloud: Cloud, code: str) -> None:
    cloud.faults({"fault": "error", "action": "DescribePrice", "code": code, "status": 403, "probability": 1.0})
    plan = cloud.plan(body())
    assert line(plan).after is None and code in line(plan).unpriced[0]
    assert not plan.guards and "a month: unknown" in plan_text(view(plan))


def test_more_shapes_than_calls_are_unknown(cloud: Cloud) -> None:
    rows = "".join(
        f"  d{size}: {{zone: cn-hangzhou-h, category: cloud_essd, size: {size}}}\n" for size in range(40, 65)
    )
    plan = cloud.plan(stack_of("disk:\n" + rows))
    assert plan.prices.calls == 20 and len(plan.prices.unknown) == 5


def test_a_saved_plan_keeps_its_prices(cloud: Cloud) -> None:
    plan = cloud.plan(body())
    again = engine.load_plan(engine.save_plan(plan))
    assert again.prices.lines[0].after == pytest.approx(plan.prices.lines[0].after)
    assert plan_text(view(again)).count("a month") == plan_text(view(plan)).count("a month")


def test_a_plan_that_says_less_than_the_service_is_refused(cloud: Cloud) -> None:
    plan = cloud.plan(body())
    cheap = replace(plan.prices, lines=tuple(replace(one, after=Decimal(1)) for one in plan.prices.lines))
    forged = replace(plan, prices=cheap)
    with pytest.raises(Refused, match="the service"):
        cloud.try_apply(replace(forged, digest=digest_of(forged)))
    assert cloud.things("instance") == []


def test_a_policy_sees_what_a_change_costs_more(cloud: Cloud) -> None:
    kinds = load_kinds()
    plan = cloud.plan(body())
    amounts = {fact.class_: fact.amount for fact in facts_of(plan, kinds) if fact.address == "instance.web"}
    assert amounts["spend"] == pytest.approx(float(hour(cloud) * HOURS)) and amounts["create"] == amounts["spend"]
    assert all(fact.amount == 0 for fact in facts_of(plan, kinds) if fact.kind == "vpc")
    unknown = cloud.plan(body(), price=False)
    assert [fact.amount for fact in facts_of(unknown, kinds) if fact.class_ == "spend"] == [None]
    cloud.apply(plan)
    smaller = cloud.plan(body("state: stopped\n", "stopped_mode: StopCharging\n"))
    assert "spend" not in {fact.class_ for fact in facts_of(smaller, kinds)}
    assert NETWORK
