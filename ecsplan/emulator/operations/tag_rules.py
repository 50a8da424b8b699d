"""The Tag service's rules for associated resources: the account setting `inherit_tags`, as a client can read it."""

from __future__ import annotations

from typing import Any

from ecsplan.emulator.call import Body, Call

RULES = (
    "rule:AttachDisk-DetachDisk-TagInstance:Ecs-Instance:Ecs-Disk",
    "rule:AttachEni-DetachEni-TagInstance:Ecs-Instance:Ecs-Eni",
    "rule:AssociateEip-UnassociateEip-TagInstance:Ecs-Instance:Vpc-Eip",
)


def list_associated_resource_rules(call: Call) -> Body:
    named = call.many("SettingName", 100) or list(RULES)
    status = "Enable" if call.settings.inherit_tags else "Disable"
    wanted = call.get("Status", status)
    rows: list[dict[str, Any]] = [
        {"SettingName": name, "Status": status, "ExistingStatus": "Disable", "TagKeys": _keys(call)}
        for name in RULES
        if name in named and wanted == status
    ]
    return {"Rules": rows, "NextToken": ""}


def _keys(call: Call) -> list[str]:
    """None stands for all; a rule has no patterns, so one with a `*` counts for all as well."""
    patterns = call.settings.inherit_tags
    return [] if any("*" in pattern for pattern in patterns) else list(patterns)


TAG = {"ListAssociatedResourceRules": list_associated_resource_rules}
