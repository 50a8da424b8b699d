"""With a look ahead, no refusal that can be foreseen is met after the first write: a sweep.

Each situation makes the service refuse a part of a plan. The plan says so and apply writes nothing; what no look can
tell (a permission of an action without a dry run) is said to be not checked. Without a look ahead the service does
refuse, so that no situation is an empty one.

pytest tests/engine/test_foreseen.py                      a third of the permissions
ECSPLAN_SWEEP=full pytest tests/engine/test_foreseen.py   all
"""

from pathlib import Path
from typing import Any

import pytest

from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.plan import Plan
from ecsplan.model.preflight import Level
from tests.engine.test_preflight import FOR_ARM, denied
from tests.engine.test_saved_plans import FULL
from tests.kinds.cloud import INSTANCE, NETWORK, Cloud, stack_of, with_instance

MACHINE = with_instance()
TYPE, IMAGE, DISK = "ecs.g7.large", "ubuntu_22_04_x64_20G_alibase_20260522.vhd", "cloud_essd"
SPOT = with_instance("spot: {strategy: SpotAsPriceGo}")
BID = with_instance("spot: {strategy: SpotWithPriceLimit, price_limit: 0.01}")
SUBSCRIPTION = with_instance("charge_type: PrePaid", "period: 1")
SMALL = NETWORK.replace("1.0/24", "1.0/28")
ALONE = stack_of("disk: {d: {zone: cn-hangzhou-h, category: cloud_essd, size: 40}}")
OUT: dict[str, Any] = {"fault": "stock_out"}
STATUSES = ("WithoutStock", "ClosedWithoutStock")

# what is live, what is planned, what the service does, quotas
SITUATIONS: dict[str, tuple[str, str, dict[str, Any], dict[str, int]]] = {
    **{f"type {status}": (NETWORK, MACHINE, {**OUT, "type": TYPE, "status": status}, {}) for status in STATUSES},
    **{f"disk {status}": (NETWORK, MACHINE, {**OUT, "category": DISK, "status": status}, {}) for status in STATUSES},
    **{f"own disk {status}": ("", ALONE, {**OUT, "category": DISK, "status": status}, {}) for status in STATUSES},
    "type in its zone": (NETWORK, MACHINE, {**OUT, "type": TYPE, "zone": "cn-hangzhou-h"}, {}),
    "spot machine": (NETWORK, SPOT, {**OUT, "type": TYPE}, {}),
    "a bid below the market": (NETWORK, BID, {}, {}),
    "another type": (MACHINE, MACHINE.replace(TYPE, "ecs.g7.xlarge"), {**OUT, "type": "ecs.g7.xlarge"}, {}),
    "a type that there is not": (NETWORK, MACHINE.replace(TYPE, "ecs.g99.large"), {}, {}),
    "a zone that there is not": ("", MACHINE.replace("cn-hangzhou-h", "cn-hangzhou-z"), {}, {}),
    "a zone of another region": ("", ALONE.replace("cn-hangzhou-h", "cn-beijing-h"), {}, {}),
    "an image that there is not": (NETWORK, MACHINE.replace(IMAGE, "m-bp1doesnotexist00000"), {}, {}),
    "a family that there is not": (NETWORK, MACHINE.replace(f"image: {IMAGE}", "image: {family: acs:nothing}"), {}, {}),
    "an image for another processor": (NETWORK, MACHINE.replace(IMAGE, FOR_ARM), {}, {}),
    "vCPUs": (NETWORK, MACHINE, {}, {"max-postpaid-instance-vcpu-count": 1}),
    "vCPUs of spot machines": (NETWORK, SPOT, {}, {"max-spot-instance-vcpu-count": 1}),
    "vCPUs of a class of families": (NETWORK, MACHINE, {}, {"q_ecs_enterprise_postpay_c": 1}),
    "vCPUs of spot machines of a class": (NETWORK, SPOT, {}, {"q_ecs_enterprise_spot_c": 1}),
    "vCPUs of subscriptions": (NETWORK, SUBSCRIPTION, {}, {"q_ecs_enterprise_prepay_c": 1}),
    "custom images": (MACHINE, with_instance(more="image: {golden: {instance: web}}"), {}, {"q_user-image-count": 0}),
    "interfaces": (NETWORK, MACHINE, {}, {"max-elastic-network-interfaces": 0}),
    "disk space": (NETWORK, MACHINE, {}, {"max-postpaid-yundisk-capacity": 39}),
    "disk space of a disk": ("", ALONE, {}, {"max-postpaid-yundisk-capacity": 39}),
    "security groups": (NETWORK, NETWORK.replace("web:", "other:"), {}, {"security_groups_per_account": 0}),
    "VPCs": ("", "vpc: {a: {cidr_block: 10.0.0.0/8}}", {}, {"vpcs_per_region": 0}),
    "addresses of a subnet": (SMALL, with_instance("count: 13").replace("1.0/24", "1.0/28"), {}, {}),
}  # fmt: skip


def look(cloud: Cloud, text: str, mode: str) -> Plan | None:
    """None where the plan itself is refused."""
    try:
        return cloud.plan(text, preflight=mode)
    except (Refused, Rejected):
        return None


@pytest.mark.parametrize("name", SITUATIONS)
def test_no_refusal_that_can_be_foreseen_is_met_after_the_first_write(cloud: Cloud, name: str) -> None:
    live, text, fault, quotas = SITUATIONS[name]
    whole = [one if not one or "resources:" in one else stack_of(one) for one in (live, text)]
    if live:
        cloud.settled(whole[0])
    cloud.service.settings.change({"quotas": quotas})
    cloud.faults(*([fault] if fault else []))
    cloud.forget()
    plan = look(cloud, whole[1], "full")
    if plan is not None:
        assert plan.preflight.of(Level.FAIL), plan.preflight.findings
        with pytest.raises(Refused):
            cloud.try_apply(plan)
    assert cloud.changed() == []
    blind = look(cloud, whole[1], "off")
    assert blind is None or cloud.try_apply(blind).failed


ESTATE = stack_of(
    NETWORK,
    "disk: {d: {zone: cn-hangzhou-h, category: cloud_essd, size: 40}}",
    "eip: {e: {bandwidth: 5, instance: web}}",
    "key_pair: {k: {public_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEs1tz2rcTbQRLwKbcQ8SR+VbpzBkI3MmPTIkSgmoqN4'}}",
    "prefix_list: {p: {address_family: IPv4, max_entries: 5, entries: [{cidr: 10.0.0.0/8}]}}",
    "auto_snapshot_policy: {s: {hours: [3], weekdays: [1], retention_days: 7}}",
    f"instance:\n  web:\n    {INSTANCE.strip().replace(chr(10), chr(10) + '    ')}\n",
)
LATER = ESTATE.replace(TYPE, "ecs.g7.xlarge").replace("size: 40", "size: 60").replace("bandwidth: 5", "bandwidth: 6")
PLANS = {"made": ("", ESTATE, {}), "changed": (ESTATE, LATER, {}), "destroyed": (ESTATE, ESTATE, {"destroy": True})}


@pytest.mark.parametrize("name", PLANS)
def test_a_missing_permission_is_foreseen_or_said_to_be_not_checked(tmp_path: Path, name: str) -> None:
    live, text, asked = PLANS[name]
    cloud = Cloud(tmp_path)
    if live:
        cloud.settled(live)
    plan = cloud.plan(text, preflight="off", **asked)
    calls = [call for step in plan.steps if step.question is None and not step.is_rescue for call in step.calls]
    writes = sorted({(call.product.value, call.operation) for call in calls})
    assert writes
    for product, operation in writes[:: 1 if FULL else 3]:
        cloud.faults(denied(f"{product}:{operation}"))
        found = cloud.plan(text, preflight="full", **asked).preflight
        foreseen = any(one.code == "Forbidden.RAM" for one in found.of(Level.FAIL))
        said = any(operation in one.summary for one in found.of(Level.UNCHECKED))
        assert foreseen or said, (operation, found.findings)
        cloud.service.faults.clear()
    cloud.service.close()
