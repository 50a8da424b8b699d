"""DescribeAccountAttributes: the quotas that this emulator really applies, and what is used of the others."""

from __future__ import annotations

from ecsplan.emulator import catalogue
from ecsplan.emulator.call import Body, Call

NAMES = (
    "instance-network-type",
    "max-security-groups",
    "max-elastic-network-interfaces",
    "max-postpaid-instance-vcpu-count",
    "max-spot-instance-vcpu-count",
    "used-postpaid-instance-vcpu-count",
    "used-spot-instance-vcpu-count",
    "max-postpaid-yundisk-capacity",
    "used-postpaid-yundisk-capacity",
    "max-dedicated-hosts",
    "supported-postpaid-instance-types",
    "max-axt-command-count",
    "max-axt-invocation-daily",
    "real-name-authentication",
    "max-cloud-assistant-activation-count",
)
# The service shows these per account; without a source for the numbers they are high and not applied.
HIGH = {"max-elastic-network-interfaces": 50_000, "max-postpaid-instance-vcpu-count": 1_000_000,
        "max-spot-instance-vcpu-count": 1_000_000, "max-postpaid-yundisk-capacity": 100_000_000,
        "max-dedicated-hosts": 100, "max-axt-command-count": 100, "max-axt-invocation-daily": 5000,
        "max-cloud-assistant-activation-count": 0}  # fmt: skip


def describe_account_attributes(call: Call) -> Body:
    wanted = call.many("AttributeName", 8) or list(NAMES)
    rows = [
        {"AttributeName": name, "AttributeValues": {"ValueItem": [{"Value": value} for value in _values(call, name)]}}
        for name in NAMES
        if name in wanted
    ]
    return {"AccountAttributeItems": {"AccountAttributeItem": rows}}


def _values(call: Call, name: str) -> list[str]:
    if name == "instance-network-type":
        return ["vpc"]
    if name == "real-name-authentication":
        return ["yes"]
    if name == "max-security-groups":
        key = "security_groups_per_account"
        return [str(call.quotas.get(key, catalogue.quota(key)))]
    if name == "supported-postpaid-instance-types":
        return list(catalogue.instance_types())
    if name.startswith("used-"):
        return [str(_used(call, name))]
    return [str(HIGH[name])]


def _used(call: Call, name: str) -> int:
    if name == "used-postpaid-yundisk-capacity":
        return sum(disk["Size"] for disk in call.listed("disk") if disk["DiskChargeType"] == "PostPaid")
    spot = name == "used-spot-instance-vcpu-count"
    types = catalogue.instance_types()
    return sum(
        int(types[instance["InstanceType"]]["vcpu"])
        for instance in call.listed("instance")
        if (instance.get("SpotStrategy", "NoSpot") != "NoSpot") == spot and instance["InstanceChargeType"] == "PostPaid"
    )


ECS = {"DescribeAccountAttributes": describe_account_attributes}
