"""DescribeAccountAttributes: the quotas that this emulator really applies, and what is used of the others."""

from __future__ import annotations

from ecsplan.emulator import catalogue
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations._allowance import most, used_cores, used_space

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
        return ["yes" if call.settings.real_name else "none"]
    if name == "max-security-groups":
        key = "security_groups_per_account"
        return [str(call.quotas.get(key, catalogue.quota(key)))]
    if name == "supported-postpaid-instance-types":
        return list(catalogue.instance_types())
    if name.startswith("used-"):
        return [str(_used(call, name))]
    return [str(most(call, name))]


def _used(call: Call, name: str) -> int:
    if name == "used-postpaid-yundisk-capacity":
        return used_space(call)
    return used_cores(call, name == "used-spot-instance-vcpu-count")


ECS = {"DescribeAccountAttributes": describe_account_attributes}
