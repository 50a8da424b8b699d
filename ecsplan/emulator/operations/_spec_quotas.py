"""Quotas of vCPUs by class of families and way of payment, as the Quota Center's `ecs-spec` has them.

A family outside these classes has no quota here. Without a source for the numbers they are high.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ecsplan.emulator import catalogue
from ecsplan.emulator.call import Call
from ecsplan.emulator.wire import Refusal

CLASSES = {
    "enterprise": ("g", "c", "r", "u", "hfg", "hfc", "hfr", "sn"),
    "share": ("e", "t"),
    "local_storage": ("d", "i"),
    "high_mem": ("re", "se"),
    "hpc": ("scch", "sccg", "sccgn", "scchfc", "scchfg", "scchfr"),
    "ebm": ("ebmc", "ebmg", "ebmgn", "ebmhfc", "ebmhfg", "ebmhfr", "ebmr", "ebmre"),
}
RESTRICTED = ("xn4", "n4", "mn4", "e4")
WAYS = ("prepay", "postpay", "spot")
HIGH = 1_000_000


def class_of(type_id: str) -> str | None:
    family = type_id.split(".")[1]
    if family in RESTRICTED:
        return "restrict"
    letters = re.match("[a-z]+", family)
    return next((name for name, found in CLASSES.items() if letters and letters[0] in found), None)


def way_of(billing: Mapping[str, Any]) -> str:
    if billing.get("InstanceChargeType", "PostPaid") == "PrePaid":
        return "prepay"
    return "spot" if billing.get("SpotStrategy", "NoSpot") != "NoSpot" else "postpay"


def code(family_class: str, way: str) -> str:
    return f"q_ecs_{family_class}_{way}_c"


def most(call: Call, name: str) -> int:
    return call.quotas.get(name, HIGH)


def used(call: Call, region: str, name: str) -> int:
    types = catalogue.instance_types()
    return sum(
        int(types[machine["InstanceType"]]["vcpu"])
        for machine in call.account.in_region("instance", region)
        if code(class_of(machine["InstanceType"]) or "", way_of(machine.data)) == name
    )


def check_family(call: Call, billing: Mapping[str, Any], type_id: str, cores: int) -> None:
    found = class_of(type_id)
    if found is None or cores <= 0:
        return
    name = code(found, way_of(billing))
    if most(call, name) < HIGH and used(call, call.region, name) + cores > most(call, name):
        raise Refusal(403, "QuotaExceed.ElasticQuota", f"No more vCPUs are left of {most(call, name)} ({name}).")
