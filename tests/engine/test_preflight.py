"""What a plan asks ahead: each refusal that can be foreseen is, in few calls, and nothing is written for it."""

from typing import Any

import pytest

from ecsplan import engine
from ecsplan.model.call import ApiError
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Refused
from ecsplan.model.plan import Plan
from ecsplan.model.preflight import Finding, Level
from ecsplan.planner.planfile import digest_of, shown_steps
from tests.kinds.cloud import INSTANCE, NETWORK, Cloud, stack_of, with_instance

FOR_ARM = "aliyun_3_arm64_20G_alibase_20240819.vhd"
READS_AHEAD = ("DescribeAvailableResource", "DescribeInstanceTypes", "DescribeAccountAttributes",
               "DescribeImageFromFamily", "DescribeResourcesModification")  # fmt: skip


def machines(count: int, **changed: str) -> str:
    text = with_instance(f"count: {count}").replace("10.0.1.0/24", "10.0.0.0/16")
    for old, new in changed.items():
        text = text.replace({"kind": "ecs.g7.large"}[old], new)
    return text


def ahead(cloud: Cloud, text: str, **options: Any) -> Plan:
    """A plan; nothing was written for it."""
    cloud.forget()
    plan = cloud.plan(text, **options)
    assert cloud.writes() == []
    return plan


def only(plan: Plan, level: Level) -> Finding:
    (found,) = plan.preflight.of(level)
    return found


def refuses(cloud: Cloud, text: str, code: str, **options: Any) -> Finding:
    """The plan says it, apply refuses before its first write, and without a look ahead the service answers the same."""
    plan = ahead(cloud, text, **options)
    found = only(plan, Level.FAIL)
    assert found.code == code, found
    assert found.source is None or found.source.file.endswith("stack.yaml")
    with pytest.raises(Refused):
        cloud.try_apply(plan)
    assert cloud.changed() == []
    return found


# Stock


def test_a_type_that_is_sold_out_fails_with_what_is_in_stock(cloud: Cloud) -> None:
    cloud.faults({"fault": "stock_out", "type": "ecs.g7.large", "zone": "cn-hangzhou-h"})
    found = refuses(cloud, with_instance(), "OperationDenied.NoStock")
    assert "sold out in cn-hangzhou-h" in found.summary and "WithoutStock" in found.summary
    assert "in stock in cn-hangzhou-b" in found.advice and "as large" in found.advice and "ecs.g6.large" in found.advice
    assert found.source is not None and found.source.line > 1
    report = cloud.try_apply(cloud.plan(with_instance(), preflight="off"))
    assert report.failed[0].code == found.code


def test_a_type_that_is_sold_out_elsewhere_passes(cloud: Cloud) -> None:
    cloud.faults({"fault": "stock_out", "type": "ecs.g7.large", "zone": "cn-hangzhou-i"})
    assert not ahead(cloud, with_instance()).preflight.findings


def test_what_is_not_restocked_is_a_warning_and_can_be_made(cloud: Cloud) -> None:
    cloud.faults({"fault": "stock_out", "type": "ecs.g7.large", "status": "ClosedWithStock"})
    plan = ahead(cloud, with_instance())
    assert "no longer restocked" in only(plan, Level.WARN).summary
    cloud.apply(plan)


def test_a_disk_category_that_is_sold_out_fails_the_machine_and_the_disk(cloud: Cloud) -> None:
    cloud.faults({"fault": "stock_out", "category": "cloud_essd", "zone": "cn-hangzhou-h"})
    assert "system disk cloud_essd" in refuses(cloud, with_instance(), "OperationDenied.NoStock").summary
    disk = stack_of("disk: {data: {zone: cn-hangzhou-h, category: cloud_essd, size: 40}}")
    assert "cloud_auto" in refuses(cloud, disk, "OperationDenied.NoStock").advice


def test_a_category_that_the_type_does_not_take(cloud: Cloud) -> None:
    text = with_instance().replace("cloud_essd", "cloud_efficiency")
    assert "not sold" in refuses(cloud, text, "InvalidResourceType.NotSupported").summary


def test_many_at_once_are_a_warning_as_stock_is_not_told_in_numbers(cloud: Cloud) -> None:
    assert "10 of ecs.g7.large" in only(ahead(cloud, machines(10)), Level.WARN).summary


def test_a_machine_that_gave_its_vcpus_back_needs_stock_to_start(cloud: Cloud) -> None:
    off = with_instance("state: stopped\n", body=INSTANCE + "stopped_mode: StopCharging\n")
    cloud.settled(off)
    cloud.faults({"fault": "stock_out", "type": "ecs.g7.large"})
    refuses(cloud, with_instance("state: running"), "OperationDenied.NoStock")


def test_a_change_to_a_type_that_this_machine_cannot_have(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    text = with_instance().replace("ecs.g7.large", "ecs.g8y.large")
    assert refuses(cloud, text, "InvalidResourceType.NotSupported").check == "change"
    cloud.faults({"fault": "stock_out", "type": "ecs.g7.xlarge"})
    refuses(cloud, with_instance().replace("ecs.g7.large", "ecs.g7.xlarge"), "OperationDenied.NoStock")


# Images


def test_an_image_for_another_architecture(cloud: Cloud) -> None:
    text = with_instance().replace("ubuntu_22_04_x64_20G_alibase_20260522.vhd", FOR_ARM)
    assert "arm64" in refuses(cloud, text, "ImageNotSupportInstanceType").summary


def test_a_family_that_the_region_does_not_have(cloud: Cloud) -> None:
    text = with_instance().replace("ubuntu_22_04_x64_20G_alibase_20260522.vhd", "{family: nightly-build}")
    refuses(cloud, text, "InvalidImageFamily.NotFound")


def test_an_image_that_is_not_available(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    image = cloud.call("CreateImage", InstanceId=cloud.instance().id, ImageName="golden")["ImageId"]
    cloud.clock.advance(600)
    cloud.call("DescribeImages")
    cloud.service.account.change(cloud.service.account.get("image", image), Status="UnAvailable")
    text = with_instance().replace("ubuntu_22_04_x64_20G_alibase_20260522.vhd", image)
    plan = ahead(cloud, text, replaces=("instance.web",))
    assert "is UnAvailable" in only(plan, Level.FAIL).summary


def test_an_image_that_is_not_there_and_a_key_that_may_not_read_images(cloud: Cloud) -> None:
    text = with_instance().replace("ubuntu_22_04_x64_20G_alibase_20260522.vhd", "m-bp1doesnotexist00000")
    refuses(cloud, text, "InvalidImageId.NotFound")
    cloud.faults({"fault": "empty_by_permission", "action": "ecs:DescribeImages", "probability": 1.0})
    plan = ahead(cloud, text)
    assert not plan.preflight.of(Level.FAIL)
    assert "whether there is image" in only(plan, Level.UNCHECKED).summary


# Quotas and addresses


def test_vcpus_are_counted_for_the_whole_plan(cloud: Cloud) -> None:
    cloud.service.settings.change({"quotas": {"max-postpaid-instance-vcpu-count": 7}})
    found = refuses(cloud, machines(4), "QuotaExceed.ElasticQuota")
    assert "8 more vCPUs" in found.summary and len(found.addresses) == 4
    assert "6 of 7" in only(ahead(cloud, machines(3)), Level.WARN).summary
    cloud.apply(machines(3))
    # what another machine gives back may come too late; what a type change gives back is its own
    other = machines(2, kind="ecs.g7.xlarge")
    assert ahead(cloud, other).preflight.of(Level.FAIL)


def test_spot_machines_have_a_quota_of_their_own(cloud: Cloud) -> None:
    cloud.service.settings.change({"quotas": {"max-postpaid-instance-vcpu-count": 0}})
    spot = with_instance(body=INSTANCE + "spot: {strategy: SpotAsPriceGo}\n")
    assert not ahead(cloud, spot).preflight.of(Level.FAIL)
    cloud.service.settings.change({"quotas": {"max-spot-instance-vcpu-count": 1}})
    refuses(cloud, spot, "QuotaExceed.ElasticQuota")


def test_groups_interfaces_and_disk_space(cloud: Cloud) -> None:
    groups = stack_of("vpc: {main: {cidr_block: 10.0.0.0/8}}\nsecurity_group: {web: {count: 3, vpc: main}}")
    cloud.service.settings.change({"quotas": {"security_groups_per_account": 2}})
    refuses(cloud, groups, "QuotaExceed.SecurityGroup")
    cloud.service.settings.change({"quotas": {"max-elastic-network-interfaces": 1}})
    refuses(cloud, machines(2), "MaxEniCountExceeded")
    cloud.service.settings.change({"quotas": {"max-postpaid-yundisk-capacity": 100}})
    refuses(cloud, machines(3), "QuotaExceed.PostPaidDisk")


def test_a_family_has_a_quota_of_its_own_that_only_the_quota_center_tells(cloud: Cloud) -> None:
    cloud.service.settings.change({"quotas": {"q_ecs_enterprise_postpay_c": 7}})
    found = refuses(cloud, machines(4), "QuotaExceed.ElasticQuota", preflight="full")
    assert "8 more vCPUs of q_ecs_enterprise_postpay_c are needed, and 7 of 7 are left" in found.summary
    report = cloud.try_apply(cloud.plan(machines(4), preflight="off"))
    assert "QuotaExceed.ElasticQuota" in {outcome.code for outcome in report.failed}


def test_a_bid_below_the_market_is_told_with_the_price(cloud: Cloud) -> None:
    text = with_instance("spot: {strategy: SpotWithPriceLimit, price_limit: 0.01}")
    found = refuses(cloud, text, "InvalidSpotPriceLimit.LowerThanPublicPrice")
    assert "costs 0.144 an hour" in found.summary and "bid at least 0.144" in found.advice and found.source is not None
    enough = ahead(cloud, text.replace("0.01", "0.2"))
    assert not enough.preflight.findings and enough.preflight.calls <= 5
    cloud.faults({"fault": "error", "action": "DescribeSpotPriceHistory", "code": "Forbidden.RAM", "status": 403})
    assert "the spot price of ecs.g7.large" in only(ahead(cloud, text), Level.UNCHECKED).summary


def test_a_subscription_counts_in_the_quota_of_subscriptions(cloud: Cloud) -> None:
    cloud.service.settings.change({"quotas": {"q_ecs_enterprise_prepay_c": 1}})
    text = with_instance(body=INSTANCE + "charge_type: PrePaid\nperiod: 1\n")
    assert "q_ecs_enterprise_prepay_c" in refuses(cloud, text, "QuotaExceed.ElasticQuota", preflight="full").summary


@pytest.mark.parametrize(("own", "level"), [(10, Level.FAIL), (12, Level.WARN), (30, None)])
def test_more_vpcs_than_documented_are_asked_for_as_the_account_may_have_more(
    cloud: Cloud, own: int, level: Level | None
) -> None:
    cloud.service.settings.change({"quotas": {"vpcs_per_region": own}})
    plan = ahead(cloud, stack_of("vpc: {main: {count: 11, cidr_block: 10.0.0.0/8}}"))
    assert [found.level for found in plan.preflight.findings] == ([level] if level else [])
    assert plan.preflight.calls == 1


def test_where_the_quota_center_refuses_the_documented_limit_counts(cloud: Cloud) -> None:
    cloud.faults(denied("quotas:ListProductQuotas"))
    plan = ahead(cloud, stack_of("vpc: {main: {count: 11, cidr_block: 10.0.0.0/8}}"))
    assert "unless the account has a larger quota" in only(plan, Level.WARN).summary
    assert "Forbidden.RAM" in only(plan, Level.UNCHECKED).summary


def test_custom_images_are_counted(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    cloud.service.settings.change({"quotas": {"q_user-image-count": 0}})
    more = with_instance() + "  image:\n    golden: {instance: web}\n"
    assert "custom images" in refuses(cloud, more, "QuotaExceed.Image", preflight="full").summary


def test_nothing_is_sold_without_real_name_authentication(cloud: Cloud) -> None:
    cloud.service.settings.change({"real_name": False})
    refuses(cloud, with_instance(), "RealNameAuthenticationError")


def test_a_subnet_of_the_plan_itself_is_too_small(cloud: Cloud) -> None:
    text = with_instance("count: 13").replace("10.0.1.0/24", "10.0.1.0/28")
    found = refuses(cloud, text, "QuotaExceeded.PrivateIpAddress")
    assert "13 more addresses are needed in vswitch.app, and 12 of 12 are free" in found.summary


def test_a_live_subnet_is_counted_with_what_is_in_it(cloud: Cloud) -> None:
    small = with_instance("count: 11").replace("10.0.1.0/24", "10.0.1.0/28")
    cloud.settled(small)
    refuses(cloud, small.replace("count: 11", "count: 14"), "QuotaExceeded.PrivateIpAddress")
    assert "0 of 12" in only(ahead(cloud, small.replace("count: 11", "count: 12")), Level.WARN).summary


# What a look costs, and where it cannot be made


@pytest.mark.parametrize("count", [1, 100, 1000])
def test_alike_machines_cost_the_same_few_calls(cloud: Cloud, count: int) -> None:
    plan = ahead(cloud, machines(count))
    assert 0 < plan.preflight.calls <= 5
    assert not plan.preflight.of(Level.UNCHECKED)


def test_more_shapes_than_calls_are_said_not_to_be_checked(cloud: Cloud) -> None:
    kinds = [f"ecs.{family}.{size}" for family in ("g7", "c7", "r7") for size in ("large", "xlarge", "2xlarge")]
    images = "ubuntu_24_04_x64_20G_alibase_20260916.vhd"
    bodies = [
        (INSTANCE if at % 2 else INSTANCE.replace("ubuntu_22_04_x64_20G_alibase_20260522.vhd", images)).replace(
            "ecs.g7.large", kind
        ).replace("cloud_essd", "cloud_auto" if at % 3 else "cloud_essd")
        + f"spot: {{strategy: {'NoSpot' if at % 2 else 'SpotAsPriceGo'}}}\n"
        for at, kind in enumerate(kinds)
    ]  # fmt: skip
    rows = "\n".join(f"  m{at}: {{{', '.join(body.split(chr(10)))[2:-2]}}}" for at, body in enumerate(bodies))
    plan = ahead(cloud, stack_of(NETWORK + "instance:\n" + rows))
    assert plan.preflight.calls <= 5 and plan.preflight.of(Level.UNCHECKED)
    assert "full asks more" in plan.preflight.of(Level.UNCHECKED)[0].summary
    full = ahead(cloud, stack_of(NETWORK + "instance:\n" + rows), preflight="full")
    assert 5 < full.preflight.calls <= 25


def test_no_changes_and_a_look_that_is_off_ask_nothing(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    calls = cloud.api.calls
    plan = cloud.plan(with_instance())
    fast = cloud.api.calls - calls
    cloud.plan(with_instance(), preflight="off")
    assert plan.preflight.calls == 0 and cloud.api.calls - calls == 2 * fast
    assert cloud.plan(with_instance().replace("g7.large", "g7.xlarge"), preflight="off").preflight.findings == ()


@pytest.mark.parametrize("operation", READS_AHEAD)
@pytest.mark.parametrize("code", ["Forbidden.RAM", "Throttling.User", "ServiceUnavailable"])
def test_where_no_look_is_possible_the_plan_is_the_same_and_says_so(cloud: Cloud, operation: str, code: str) -> None:
    text = with_instance().replace("ubuntu_22_04_x64_20G_alibase_20260522.vhd", "{family: acs:ubuntu_22_04_x64}")
    if operation == "DescribeResourcesModification":
        cloud.settled(with_instance())
        text = with_instance().replace("g7.large", "g7.xlarge")
    before = ahead(cloud, text, preflight="off")
    cloud.faults({"fault": "error", "action": operation, "code": code, "status": 403, "probability": 1.0})
    plan = ahead(cloud, text)
    assert plan.preflight.of(Level.UNCHECKED) and not plan.preflight.of(Level.FAIL)
    assert plan.changes == before.changes and plan.guards == before.guards
    assert shown_steps(plan.steps) == shown_steps(before.steps)


# What a saved plan knows, and what is asked again


def test_findings_are_in_the_saved_plan_and_its_digest(cloud: Cloud) -> None:
    plain = cloud.plan(with_instance())
    cloud.faults({"fault": "stock_out", "type": "ecs.g7.large", "status": "ClosedWithStock"})
    warned = cloud.plan(with_instance())
    assert plain.digest != warned.digest
    again = engine.load_plan(engine.save_plan(warned))
    assert again.preflight.findings == warned.preflight.findings and again.preflight.mode == "fast"


def test_what_has_changed_since_the_plan_is_asked_again_before_anything_stops(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    plan = cloud.plan(with_instance().replace("g7.large", "g7.xlarge"))
    assert not plan.guards
    cloud.faults({"fault": "stock_out", "type": "ecs.g7.xlarge"})
    cloud.forget()
    with pytest.raises(Refused, match="sold out"):
        cloud.try_apply(plan)
    assert cloud.changed() == [] and cloud.instance()["Status"] == "Running"


def test_a_plan_file_without_the_guard_of_its_finding_is_refused(cloud: Cloud) -> None:
    cloud.faults({"fault": "stock_out", "type": "ecs.g7.large"})
    plan = cloud.plan(with_instance())
    forged = replace(plan, guards=())
    forged = replace(forged, digest=digest_of(forged))
    with pytest.raises(Refused, match="guards"):
        engine.load_plan(engine.save_plan(forged))


# Dry runs, and all of it together


def denied(action: str) -> dict[str, Any]:
    """RAM refuses an action, in a dry run too."""
    return {"fault": "error", "action": action, "code": "Forbidden.RAM", "status": 403, "probability": 1.0}


NEW_MACHINE = with_instance()
BIGGER = with_instance().replace("g7.large", "g7.xlarge")
NEW_NETWORK = stack_of("vpc: {a: {cidr_block: 10.0.0.0/8}, b: {cidr_block: 172.16.0.0/12}}")


@pytest.mark.parametrize(
    ("live", "text", "fault", "settings", "code"),
    [
        (NETWORK, NEW_MACHINE, {"fault": "stock_out", "type": "ecs.g7.large"}, {}, "OperationDenied.NoStock"),
        (NETWORK, NEW_MACHINE, {"fault": "stock_out", "category": "cloud_essd"}, {}, "OperationDenied.NoStock"),
        (NEW_MACHINE, BIGGER, {"fault": "stock_out", "type": "ecs.g7.xlarge"}, {}, "OperationDenied.NoStock"),
        (NETWORK, NEW_MACHINE, denied("ecs:RunInstances"), {}, "Forbidden.RAM"),
        (NEW_MACHINE, BIGGER, denied("ecs:ModifyInstanceSpec"), {}, "Forbidden.RAM"),
        ("", NEW_NETWORK, denied("vpc:CreateVpc"), {}, "Forbidden.RAM"),
        (NETWORK, NEW_MACHINE, {}, {"max-postpaid-instance-vcpu-count": 1}, "QuotaExceed.ElasticQuota"),
        (NETWORK, NEW_MACHINE, {}, {"max-elastic-network-interfaces": 0}, "MaxEniCountExceeded"),
        (NETWORK, NEW_MACHINE, {}, {"max-postpaid-yundisk-capacity": 39}, "QuotaExceed.PostPaidDisk"),
        ("", NEW_NETWORK, {}, {"vpcs_per_region": 0}, "QuotaExceeded.Vpc"),
        (NETWORK, NETWORK.replace("web:", "other:"), {}, {"security_groups_per_account": 0},
         "QuotaExceed.SecurityGroup"),
        (NETWORK, NEW_MACHINE.replace("ubuntu_22_04_x64_20G_alibase_20260522.vhd", FOR_ARM), {}, {},
         "ImageNotSupportInstanceType"),
        (NETWORK, NEW_MACHINE.replace("ubuntu_22_04_x64_20G_alibase_20260522.vhd", "m-bp1doesnotexist00000"), {}, {},
         "InvalidImageId.NotFound"),
    ],
)  # fmt: skip
def test_no_refusal_that_can_be_foreseen_is_met_after_the_first_write(
    cloud: Cloud, live: str, text: str, fault: dict[str, Any], settings: dict[str, int], code: str
) -> None:
    if live:
        cloud.settled(stack_of(live) if "instance" not in live else live)
    cloud.service.settings.change({"quotas": settings})
    cloud.faults(*([fault] if fault else []))
    text = text if "resources:" in text else stack_of(text)
    plan = cloud.plan(text, preflight="full")
    assert code in {found.code for found in plan.preflight.of(Level.FAIL)}, plan.preflight.findings
    cloud.forget()
    with pytest.raises(Refused):
        cloud.try_apply(plan)
    assert cloud.changed() == []
    report = cloud.try_apply(cloud.plan(text, preflight="off"))
    assert code in {outcome.code for outcome in report.failed}


def test_what_a_dry_run_cannot_see_yet_is_not_checked(cloud: Cloud) -> None:
    plan = cloud.plan(with_instance(), preflight="full")
    told = " ".join(found.summary for found in plan.preflight.of(Level.UNCHECKED))
    assert "a dry run of RunInstances: it names what the plan still has to make" in told
    assert "permission for CreateSecurityGroup" in told
    assert not plan.preflight.of(Level.FAIL)


@pytest.mark.parametrize("count", [1, 100, 1000])
def test_all_looks_cost_at_most_25_calls(cloud: Cloud, count: int) -> None:
    cloud.settled(stack_of(NETWORK.replace("10.0.1.0/24", "10.0.0.0/16")))
    plan = cloud.plan(machines(count), preflight="full")
    assert 4 < plan.preflight.calls <= 25
    assert cloud.things("instance") == []


def test_a_key_that_ends_while_the_service_is_asked_ahead_ends_the_plan(cloud: Cloud) -> None:
    """It is no price that is unknown: nothing that follows could be sent either."""
    cloud.faults({"fault": "error", "action": "DescribePrice", "code": "InvalidSecurityToken.Expired", "status": 400})
    with pytest.raises(ApiError, match="DescribePrice"):
        cloud.plan(with_instance())
