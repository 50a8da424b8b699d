"""Makes ecsplan/api/shapes.json: the types of every answer that ecsplan reads.

`make_shapes.py ECS.json VPC.json NEIGHBOURS.json`: the API's response trees, field by field; the last has a mapping of
actions for each product. Kept are names and types alone, for the actions that the code names. `s i f b` are string,
whole number, number and boolean, `{}` is an object, `[x]` a list of x, `*` anything.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[2] / "ecsplan"
TYPES = {"String": "s", "Integer": "i", "Long": "i", "Float": "f", "Double": "f", "Boolean": "b", "Map": "*"}
# Both products have these, and ecsplan asks ECS; of all other namesakes it calls those of VPC.
OF_ECS = ("DescribeRegions", "DescribeZones")
OF_NEIGHBOURS = {  # of all that they have; not of alb and nlb, whose answers differ under the same names
    "tag": ("ListAssociatedResourceRules",), "actiontrail": ("LookupEvents",), "slb": (
        "DescribeHealthStatus", "DescribeLoadBalancers", "DescribeLoadBalancerAttribute", "DescribeVServerGroups",
        "DescribeVServerGroupAttribute", "AddVServerGroupBackendServers", "SetVServerGroupAttribute",
        "RemoveVServerGroupBackendServers", "AddBackendServers", "SetBackendServers", "RemoveBackendServers",
    ),
    "cms": ("DescribeMetricLast",), "quotas": ("ListProductQuotas",),
    "alb": ("ListServerGroupServers",),  # what is read of it is alike in nlb
    "vpc": (
        "CreateNetworkAcl", "DescribeNetworkAcls", "ModifyNetworkAclAttributes", "DeleteNetworkAcl",
        "UpdateNetworkAclEntries", "AssociateNetworkAcl", "UnassociateNetworkAcl", "CreateIpv6Gateway",
        "DescribeIpv6Gateways", "ModifyIpv6GatewayAttribute", "DeleteIpv6Gateway", "DescribeIpv6Addresses",
        "AllocateIpv6InternetBandwidth", "ModifyIpv6InternetBandwidth", "DeleteIpv6InternetBandwidth",
    ),
}  # fmt: skip
# STS has one action here, and no file.
IDENTITY = dict.fromkeys(("AccountId", "Arn", "IdentityType", "PrincipalId", "RequestId", "RoleId", "UserId"), "s")


def named() -> set[str]:
    """Every word of the code that could be an action."""
    files = [path for path in PACKAGE.rglob("*.py") if "emulator" not in path.parts]
    return {word for path in files for word in re.findall(r'"([A-Z][A-Za-z0-9]+)"', path.read_text(encoding="utf-8"))}


def shape(fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {field["name"]: _type(field) for field in fields}


def _type(field: dict[str, Any]) -> Any:
    name, is_list = field["type"].removesuffix("[]"), field["type"].endswith("[]")
    inner = shape(field.get("sub", [])) if name == "Struct" else TYPES[name]
    return [inner] if is_list else inner


def main(paths: list[str]) -> None:
    found: dict[str, Any] = {"GetCallerIdentity": IDENTITY}
    words = named()
    for path in paths:
        actions = json.loads(Path(path).read_text(encoding="utf-8"))
        if "tag" in actions:
            actions = {name: actions[product][name] for product, names in OF_NEIGHBOURS.items() for name in names}
        kept = words - (set(OF_ECS) & found.keys())
        found |= {name: shape(entry["response"]) for name, entry in actions.items() if name in kept}
    lines = [f"{json.dumps(name)}: {json.dumps(found[name], separators=(',', ':'))}" for name in sorted(found)]
    (PACKAGE / "api" / "shapes.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
