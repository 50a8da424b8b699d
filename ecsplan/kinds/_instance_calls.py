"""Parts of instances that a table cannot express: its image, its power, and the calls of its odd updates. Used by
instance.py.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.kinds import _disks, _instance_disk_terms, _instance_disks, _instance_interfaces, _interfaces
from ecsplan.kinds import _machine as machine
from ecsplan.kinds._disk_rows import own_of, system_of
from ecsplan.kinds._instance_hours import ECONOMY, by_schedule
from ecsplan.kinds._reinstalling import is_reinstalled
from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import Raw, Schema, Value, ValueOrUnknown
from ecsplan.model.call import Call, Merge, Params, Replay, until
from ecsplan.model.change import Change
from ecsplan.model.composites import Reference
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Integer, Mistake, Offer


class ImageSource(Reference):
    """An image id, `{family: NAME}`, or an image of the stack. Canonical for a family: `family:NAME`."""

    def __init__(self) -> None:
        super().__init__("image", prefixes=("m-",), or_literal=True)

    keys = (*Reference.keys, "family")
    says = "an image id, {family: NAME}, or the name of an image of this stack"

    def schema(self) -> Schema:
        family = {
            "type": "object",
            "properties": {"family": {"type": "string"}},
            "required": ["family"],
            "additionalProperties": False,
        }
        return {"anyOf": [*super().schema()["anyOf"], family]}

    def parse(self, value: object) -> Value:
        if isinstance(value, Mapping) and set(value) == {"family"}:
            if not isinstance(value["family"], str) or not value["family"]:
                raise Mistake("an image family is a string", "write {family: acs:ubuntu_22_04_x64}", ("family",))
            return f"family:{value['family']}"
        return super().parse(value)

    def offer(self, value: Value) -> tuple[Offer, str] | None:
        """A public family; one of the account's own is in no catalogue."""
        if isinstance(value, str) and value.startswith("family:acs:"):
            return Offer.IMAGE_FAMILY, value.removeprefix("family:")
        return None

    def is_comparable(self, desired: Value) -> bool:
        return not (isinstance(desired, str) and desired.startswith("family:"))


class Hours(Integer):
    """0 may be left out of the answer."""

    def matches(self, desired: Value, live: Value) -> bool:
        return bool(desired == (live or 0))


def power_state(raw: Raw) -> str | None:
    """`running` or `stopped`; a machine on its way counts as where it is going."""
    return {"Running": "running", "Starting": "running", "Pending": "running"}.get(
        str(raw.get("Status")), "stopped" if raw.get("Status") else None
    )


ROWS = {
    "AttachInstanceRamRole": "AttachInstanceRamRoleResults.AttachInstanceRamRoleResult",
    "DetachInstanceRamRole": "DetachInstanceRamRoleResults.DetachInstanceRamRoleResult",
    "AttachKeyPair": "Results.Result",
    "DetachKeyPair": "Results.Result",
}
POWER_ROWS = "InstanceResponses.InstanceResponse"  # one that is refused does not keep others off


KEEP_CHARGING, STOP_CHARGING = "KeepCharging", ECONOMY


def stopped_mode(raw: Raw) -> str | None:
    """How it is off. What the economical mode does not apply to (a subscription) keeps what it has."""
    if raw.get("Status") != "Stopped":
        return None
    return STOP_CHARGING if raw.get("StoppedMode") == STOP_CHARGING else KEEP_CHARGING


def lost_by_economy(change: Change) -> Iterable[str]:
    """The next start gives it another one."""
    address = change.live("public_ip")
    if address and change.desired("stopped_mode") == STOP_CHARGING:
        yield f"the public address {address}; its next start gives it a new public address"


def stopping(change: Change, is_brief: bool) -> Params:
    """A machine that is started again keeps its capacity and its public address meanwhile.

    So does one that is to stay off, unless the file asks for the economical mode: the account may have that as default.
    """
    mode = None if is_brief else change.desired("stopped_mode")
    return {"StoppedMode": mode or KEEP_CHARGING}


def notes(resource: Resource) -> Iterable[str]:
    if resource.lifecycle.schedule:
        yield by_schedule(resource)
    if not {"system_disk.category", "launch_template"} & resource.attributes.keys():
        yield f"the system disk is {_disks.DEFAULT}, as the file does not name its category"


def run_params(resource: Resource) -> Params:
    """What RunInstances wants beside the plain attributes."""
    params: dict[str, object] = {}
    image = resource.attributes.get("image")
    if isinstance(image, str) and image.startswith("family:"):
        params |= {"ImageId": None, "ImageFamily": image.removeprefix("family:")}
    if not {"system_disk.category", "launch_template"} & resource.attributes.keys():
        params["SystemDisk"] = {"Category": _disks.DEFAULT}
    if resource.attributes.get("data_disks"):
        params["DataDisk"] = _instance_disks.to_wire(resource.attributes["data_disks"])
    if resource.attributes.get("network_interfaces"):
        params["NetworkInterface"] = _instance_interfaces.to_wire(resource.attributes["network_interfaces"])
    if _instance_interfaces.TRAFFIC_MODE in resource.attributes:
        others = _instance_interfaces.to_wire(resource.attributes.get("network_interfaces"))
        params |= _instance_interfaces.with_primary(resource.attributes, others)
    if resource.attributes.get("charge_type") == "PrePaid":
        params |= {"AutoPay": True, "Period": resource.attributes.get("period", 1), **renewal_params(resource)}
    else:  # a period is that of a subscription; it may be declared for one that is to come
        params |= {"Period": None, "PeriodUnit": None}
    return params


def renewal_params(resource: Resource) -> Params:
    """Renewal from the first day, where its unit is that of the purchase: RunInstances has one for both.

    Set afterwards instead, it is refused for minutes (ChargeTypeViolation), while billing does not know the machine.
    """
    found = resource.attributes
    if found.get("charge_type") != "PrePaid" or found.get("renewal.status") != "AutoRenewal":
        return {}
    if found.get("period_unit", "Month") != found.get("renewal.period_unit", "Month"):
        return {}
    return {"AutoRenew": True, "AutoRenewPeriod": found.get("renewal.period", 1)}


def primary_interface(raw: Raw) -> Raw:
    """Its primary interface, as the list of instances tells of it; a classic instance has none."""
    found = (raw.get("NetworkInterfaces") or {}).get("NetworkInterface") or []
    return next((interface for interface in found if interface.get("Type", "Primary") == "Primary"), {})


def interface(change: Change) -> Value:
    return change.live("primary_interface") or Ref(change.address, "primary_interface")


def _call(change: Change, operation: str, params: Params, **more: Any) -> Call:
    return Call(operation, {"InstanceId": change.id, **params}, kind="instance", targets=(change.id,), **more)


def _system_disk_id(change: Change) -> str:
    disk = change.fact(system_of)
    assert disk is not None
    return disk.id


def resize_system_disk(change: Change) -> Iterable[Call]:
    running = change.before is not None and change.before.status == "Running"
    size = change.attributes_by_name["system_disk.size"].after
    if not is_reinstalled(change):  # else ReplaceSystemDisk carries the new size
        yield _disks.resize(_system_disk_id(change), size, online=running)


def system_disk_spec(change: Change) -> Iterable[Call]:
    wanted = {
        name: change.attributes_by_name[f"system_disk.{name}"].after
        for name in ("performance_level", "provisioned_iops")
        if f"system_disk.{name}" in change.attributes_by_name
    }
    category = change.live("system_disk.category")
    yield _disks.modify_spec(_system_disk_id(change), category, wanted)


def system_disk_policy(change: Change) -> Iterable[Call]:
    moved = change.attributes_by_name["system_disk.snapshot_policy"]
    if not is_reinstalled(change):
        yield from _disks.change_policy(_system_disk_id(change), moved.before, moved.after)


def system_disk_words(change: Change) -> Iterable[Call]:
    fields = {"name": "DiskName", "description": "Description", "bursting_enabled": "BurstingEnabled"}
    params = {
        wire: change.attributes_by_name[f"system_disk.{name}"].after
        for name, wire in fields.items()
        if f"system_disk.{name}" in change.attributes_by_name
    }
    if not is_reinstalled(change):
        yield _disks.modify(_system_disk_id(change), params)


def change_type(change: Change) -> Iterable[Call]:
    """A subscription changes its type by another call. Neither takes the bandwidth along."""
    wanted = change.attributes_by_name["instance_type"].after
    subscription = change.fact(machine.is_subscription)
    params = {"InstanceType": wanted}
    if subscription and _is_smaller(wanted, change.live("instance_type")):
        params["OperatorType"] = "downgrade"
    yield _call(
        change,
        "ModifyPrepayInstanceSpec" if subscription else "ModifyInstanceSpec",
        params,
        token=True,
        replay=Replay.TOKEN,
        wait=until(InstanceType=wanted),
    )


def _is_smaller(wanted: ValueOrUnknown, live: ValueOrUnknown) -> bool:
    """By the sizes in the names of two types of one family; of two families only the price list knows the larger."""
    (family, size), (other, before) = (_family_and_size(kind) for kind in (wanted, live))
    return family == other and size is not None and before is not None and size < before


def _family_and_size(kind: ValueOrUnknown) -> tuple[str, float | None]:
    """`ecs.g7.2xlarge` is of ecs.g7 and twice an xlarge."""
    family, _, size = str(kind).rpartition(".")
    steps = {"nano": 0.0625, "micro": 0.125, "small": 0.25, "medium": 0.375, "large": 0.5, "xlarge": 1.0}
    many = re.fullmatch(r"([0-9]+)xlarge", size)
    return family, float(many[1]) if many else steps.get(size)


LOCAL_DISKS = r"^ecs\.(ebm)?[id][0-9]"
NO_LOCAL_DISKS = "a type with local disks can neither be left nor be come to in place"


def has_no_local_disks(before: ValueOrUnknown, after: ValueOrUnknown) -> bool:
    """ModifyInstanceSpec takes no type with local disks (families i and d), on neither side."""
    return not any(isinstance(kind, str) and re.match(LOCAL_DISKS, kind) for kind in (before, after))


def change_internet(change: Change) -> Iterable[Call]:
    """From no bandwidth to some, the machine also gets an address."""
    names = {
        "internet.charge_type": "NetworkChargeType",
        "internet.max_bandwidth_out": "InternetMaxBandwidthOut",
        "internet.max_bandwidth_in": "InternetMaxBandwidthIn",
    }
    changed = {n: change.attributes_by_name[n].after for n in names if n in change.attributes_by_name}
    params: dict[str, object] = {names[name]: value for name, value in changed.items()}
    out = changed.get("internet.max_bandwidth_out")
    if out and not change.live("internet.max_bandwidth_out"):
        params["AllocatePublicIp"] = True
        params["NetworkChargeType"] = change.desired("internet.charge_type")  # a machine without an address has none
    wait = until(InternetMaxBandwidthOut=out) if out is not None else None
    yield _call(change, "ModifyInstanceNetworkSpec", params, token=True, replay=Replay.TOKEN, wait=wait)


def lost_address(change: Change) -> Iterable[str]:
    line = change.attributes_by_name.get("internet.max_bandwidth_out")
    address = change.live("public_ip")
    if line is not None and line.after == 0 and address:
        yield f"the public address {address}"


def _by_ids(change: Change, operation: str, params: Params, limit: int, **more: Any) -> Call:
    """A call on a JSON list of instances, which can serve many at once: some of them may be refused in a success."""
    merge = Merge("InstanceIds", limit, "json")
    rows = ROWS.get(operation, "")
    return Call(operation, params, kind="instance", targets=(change.id,), merge=merge, rows=rows, **more)


def change_role(change: Change) -> Iterable[Call]:
    """A machine has at most one role: the old one is let go first."""
    moved = change.attributes_by_name["ram_role"]
    if moved.before:
        old = {"RamRoleName": moved.before}
        back = _by_ids(change, "AttachInstanceRamRole", old, 100) if moved.after else None
        yield _by_ids(change, "DetachInstanceRamRole", old, 100, absent_is_done=True, undo=back)
    if moved.after:
        yield _by_ids(change, "AttachInstanceRamRole", {"RamRoleName": moved.after}, 100)


def change_key_pair(change: Change) -> Iterable[Call]:
    """Binding another pair replaces the present one."""
    moved = change.attributes_by_name["key_pair"]
    if moved.after:
        yield _by_ids(change, "AttachKeyPair", {"KeyPairName": moved.after}, 50)
    elif moved.before:
        yield _by_ids(change, "DetachKeyPair", {"KeyPairName": moved.before}, 50, absent_is_done=True)


def change_charge_type(change: Change) -> Iterable[Call]:
    wanted = change.attributes_by_name["charge_type"].after
    params: dict[str, object] = {"InstanceChargeType": wanted, "AutoPay": True}
    if wanted == "PrePaid" and change.live("auto_release_time"):
        yield _call(change, "ModifyInstanceAutoReleaseTime", {})  # a release time and a subscription exclude each other
    if wanted == "PrePaid":
        params |= {"Period": change.desired("period") or 1, "PeriodUnit": change.desired("period_unit") or "Month"}
    wait = until(InstanceChargeType=wanted)
    yield _by_ids(change, "ModifyInstanceChargeType", params, 20, token=True, replay=Replay.TOKEN, wait=wait)
    if wanted == "PrePaid":  # the service ends those of its disks with that of the machine
        yield from _instance_disk_terms.pay(change)


def gives_up(instance: LiveObject) -> tuple[str, ...]:
    """What goes with the machine."""
    lost = ["the system disk"]
    lost += [
        f"data disk {disk.name or disk.id} ({disk.size} GiB{_disks.with_snapshots(disk)})"
        for disk in instance.fact(own_of)
        if disk.goes_along
    ]
    address = instance.attributes.get("public_ip")
    return (*lost, f"the public address {address}") if address else tuple(lost)


def let_go_first(change: Change, delete: Call) -> Iterable[Call]:
    """The service deletes with a machine whatever hangs on it and says so; what is not ours is detached before."""
    for part in change.taken:
        detach = _disks.detach if part.kind == "disk" else _interfaces.detach
        yield detach(part.id, part.fact(machine.holder))
    yield delete


def cannot_be_deleted(instance: LiveObject) -> str | None:
    if instance.fact(machine.is_subscription):
        return f"a subscription until {instance.fact(machine.expires)}; set charge_type: PostPaid first"
    if instance.fact(machine.is_protected):
        return "deletion_protection is on; apply deletion_protection: false first"
    return None


def checks(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    if "vswitch" not in resource.attributes and not resource.adopt:  # one of the classic network can only be adopted
        detail = "write vswitch: the name of a vswitch of this stack, or an id like vsw-…"
        yield Diagnostic("an instance needs vswitch", detail, resource.source, resource.address, rule=Rule.MISSING_KEY)
    """What one look at the declaration tells before any call."""
    found = resource.attributes
    is_off = found.get("state") == "stopped" or bool(resource.lifecycle.schedule)
    if "stopped_mode" in found and (not is_off or resource.lifecycle.ignores("state")):
        yield Diagnostic(
            "stopped_mode says how a machine is off, and this one is not declared to be",
            "write state: stopped beside it, or remove stopped_mode",
            resource.source_of("stopped_mode"),
            resource.address,
            rule=Rule.COMBINATION,
        )
    if found.get("stopped_mode") == STOP_CHARGING and found.get("charge_type") == "PrePaid":
        yield Diagnostic(
            "stopped_mode: StopCharging is for pay-as-you-go machines; a subscription is paid for anyway",
            "write KeepCharging, or remove stopped_mode",
            resource.source_of("stopped_mode"),
            resource.address,
            rule=Rule.COMBINATION,
        )
    vswitch = found.get("vswitch")
    subnet = everything.get(vswitch.address) if isinstance(vswitch, Ref) else None
    zones = (found.get("zone"), subnet.attributes.get("zone") if subnet else None)
    if all(isinstance(zone, str) for zone in zones) and zones[0] != zones[1]:
        yield Diagnostic(
            f"zone {zones[0]} is not the zone of {vswitch}, {zones[1]}",
            "leave zone out, or name a vSwitch of that zone",
            resource.source_of("zone"),
            resource.address,
            rule=Rule.ZONE,
        )
