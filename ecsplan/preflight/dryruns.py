"""Dry runs of the calls of a plan, for what no list tells: permissions, balance, limits.

A create is tried once for each shape, any other action once: what it would meet later (a status, something that is
still in the way) is not evaluated, only whether the key may call it. What names things that the plan still has to make,
and actions that take no dry run, are not checked. Sources: the DryRun parameters of ECS 2014-05-26 and VPC 2016-04-28.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.model.address import Address
from ecsplan.model.asking import Probe, dry_run, permitted
from ecsplan.model.call import Call, Params
from ecsplan.model.plan import Step
from ecsplan.model.preflight import Finding, Level
from ecsplan.preflight.judging import Asked
from ecsplan.preflight.world import unique

CREATES = frozenset(("RunInstances", "CreateVpc", "CreateImage", "CopyImage"))
TAKES = CREATES | frozenset((
    "DeleteInstances", "StartInstances", "StopInstances", "RebootInstances", "ModifyInstanceSpec",
    "ModifyInstanceChargeType", "ModifyDiskSpec", "ResetDisk", "DeleteImage", "ModifyImageAttribute",
    "ModifyImageSharePermission", "DeleteVpc", "DeleteVSwitch",
))  # fmt: skip
# RunInstances tries one machine at a time; what two live objects cannot both have is not sent, nor is any secret.
_LEFT_OUT = ("Amount", "MinAmount", "UniqueSuffix", "ClientToken", "UserData", "PrivateIpAddress", "Password")
_OF_NO_WEIGHT = ("Tag", "InstanceName", "HostName", "VpcName", "ImageName", "Description")


def dry_runs(steps: Iterable[Step], *, frees_room: bool) -> tuple[list[Asked], list[Finding]]:
    """Questions, and what none can be made of. With `frees_room` the plan also deletes: a quota that is used up now
    says nothing."""
    found: dict[object, Asked] = {}
    too_early: dict[str, list[Address]] = {}
    never: dict[str, list[Address]] = {}
    for step in steps:
        if step.question is not None or step.is_rescue:
            continue
        for call in step.calls:
            params = _params(call)
            if call.operation not in TAKES:
                never.setdefault(call.operation, []).extend(step.addresses)
            elif params is None:
                too_early.setdefault(call.operation, []).extend(step.addresses)
            else:
                question = _question(call, params, frees_room)
                before = found.get(question.shape, (question, ()))
                found[question.shape] = (before[0], (*before[1], *step.addresses))
    for operation, _ in ((one.calls[0].operation, at) for one, at in found.values() if not _is_create(one)):
        too_early.pop(operation, None)  # the right to call it is known
    return list(found.values()), [*_not_yet(too_early), *_never(never)]


def _is_create(question: Probe) -> bool:
    return question.calls[0].operation in CREATES


def _question(call: Call, params: Params, frees_room: bool) -> Probe:
    asked = Call(call.operation, {**params, "DryRun": True}, call.product, call.kind, note="dry run",
                 region=call.region)  # fmt: skip
    if call.operation not in CREATES:
        return Probe(("dry run", call.operation), (asked,), permitted)
    shape = sorted((name, repr(value)) for name, value in params.items() if name not in _OF_NO_WEIGHT)
    return Probe(("dry run", call.operation, *shape), (asked,), lambda answers: dry_run(answers, frees_room=frees_room))


def _params(call: Call) -> Params | None:
    """None where something in them is known only later."""
    params = {name: value for name, value in call.params.items() if name not in _LEFT_OUT}
    if "BatchOptimization" in params:  # SuccessFirst passes whatever it is given
        params["BatchOptimization"] = "AllTogether"
    interfaces = params.get("NetworkInterface")
    if isinstance(interfaces, (list, tuple)):
        params["NetworkInterface"] = [
            {key: value for key, value in one.items() if key != "PrimaryIpAddress"} for one in interfaces
        ]
    return params if _is_plain(params) else None


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(_is_plain(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return all(_is_plain(item) for item in value)
    return value is None or isinstance(value, (str, int, float))


def _not_yet(found: Mapping[str, list[Address]]) -> Iterable[Finding]:
    for operation, addresses in found.items():
        told = f"a dry run of {operation}: it names what the plan still has to make"
        yield Finding(Level.UNCHECKED, "dry run", told, addresses=unique(addresses))


def _never(found: Mapping[str, list[Address]]) -> Iterable[Finding]:
    if found:
        told = f"permission for {', '.join(sorted(found))}: these actions take no dry run"
        yield Finding(Level.UNCHECKED, "dry run", told, addresses=unique(a for all_ in found.values() for a in all_))
