"""ModifyInstanceAttribute and ModifyInstanceSpec."""

from __future__ import annotations

from ecsplan.emulator import catalogue
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name
from ecsplan.emulator.limits import is_host_name
from ecsplan.emulator.operations._allowance import check_cores
from ecsplan.emulator.operations._disks import disks_of
from ecsplan.emulator.operations._interfaces import check_groups, primary_of
from ecsplan.emulator.operations._launch import check_password, inbound
from ecsplan.emulator.operations._launch_options import dns, queues
from ecsplan.emulator.operations._network import public_address
from ecsplan.emulator.operations._spec_quotas import check_family, class_of
from ecsplan.emulator.operations.instances import require_instance, require_status
from ecsplan.emulator.wire import Refusal, invalid


def modify_instance_attribute(call: Call) -> Body:
    instance = require_instance(call)
    if instance.get("Releasing"):
        require_status(instance)
    changes: Body = {}
    if "InstanceName" in call.params:
        changes["InstanceName"] = (
            check_name(call.get("InstanceName"), "InstanceName", "InvalidInstanceName.Malformed") or instance.id
        )
    if "Description" in call.params:
        changes["Description"] = check_description(call.get("Description"))
    if call.get("HostName") is not None:
        if instance.status in ("Pending", "Starting"):
            require_status(instance, "Running", "Stopped")
        changes["HostName"] = _host_name(call, instance)
    check_password(call.get("Password"))
    if "UserData" in call.params:
        changes["UserData"] = call.params["UserData"]
    if call.get("DeletionProtection") is not None:
        if instance["InstanceChargeType"] == "PrePaid" and call.get("DeletionProtection"):
            raise Refusal(403, "ChargeTypeViolation", "Release protection is for pay-as-you-go instances.")
        changes["DeletionProtection"] = call.get("DeletionProtection")
    credit = call.choice("CreditSpecification", "Standard", "Unlimited")
    if credit is not None:
        if not (catalogue.instance_type(instance["InstanceType"]) or {}).get("cpu_credit"):
            raise Refusal(400, "InvalidParameter.NotSupported", "The type is not burstable.")
        changes["CreditSpecification"] = credit
    if call.get("CpuOptions"):
        require_status(instance, "Stopped")
        changes["CpuOptions"] = {**instance.get("CpuOptions", {}), **call.get("CpuOptions")}
    if call.get("EnableJumboFrame") is not None:
        require_status(instance, "Running", "Stopped")
        changes["EnableJumboFrame"] = call.get("EnableJumboFrame")
    if call.get("PrivateDnsNameOptions"):
        changes["PrivateDns"] = {**instance.get("PrivateDns", {}), **dns(call.get("PrivateDnsNameOptions"))}
    _change_queues(call, instance)
    call.account.change_all(instance, changes)
    if call.get("SecurityGroupIds"):
        set_groups(call, instance, call.get("SecurityGroupIds"))
    return {}


def _change_queues(call: Call, instance: Thing) -> None:
    """Of the primary interface, while the machine is off; -1 is what the type has."""
    wanted, primary = call.get("NetworkInterfaceQueueNumber"), primary_of(call.account, instance.id)
    if wanted is not None and primary is not None:
        require_status(instance, "Stopped")
        call.account.change(primary, QueueNumber=1 if wanted == -1 else queues(call))


def _host_name(call: Call, instance: Thing) -> str:
    name = str(call.get("HostName"))
    if not is_host_name(name, instance["OSType"] == "windows"):
        raise invalid("HostName", code="InvalidHostName.Malformed")
    return name


def set_groups(call: Call, instance: Thing, ids: list[str]) -> None:
    """The instance and its primary interface are in the same groups."""
    if len(set(ids)) != len(ids):
        raise invalid("SecurityGroupIds", "A group is named twice.", "InvalidParameter.Duplicate")
    primary = primary_of(call.account, instance.id)
    newcomers = [id_ for id_ in ids if id_ not in instance["SecurityGroupIds"]]
    check_groups(call, ids, instance.get("VpcId"), joining=0)
    if newcomers:
        check_groups(call, newcomers, instance.get("VpcId"))
    call.account.change(instance, SecurityGroupIds=list(ids))
    if primary is not None:
        call.account.change(primary, SecurityGroupIds=list(ids))


def modify_instance_spec(call: Call) -> Body:
    """The type (stopped only) or the public bandwidth, never both in one call."""
    instance = require_instance(call)
    type_id, bandwidth = call.get("InstanceType"), call.get("InternetMaxBandwidthOut")
    if type_id is not None and bandwidth is not None:
        raise invalid("InternetMaxBandwidthOut", "Change the type or the bandwidth.", "InvalidParameter.Conflict")
    if instance["InstanceChargeType"] == "PrePaid":
        raise Refusal(403, "ChargeTypeViolation", "A subscription changes by ModifyPrepayInstanceSpec.")
    if type_id is not None:
        _require_stopped(instance)
        set_type(call, instance, type_id)
    if bandwidth is not None:
        require_status(instance, "Running", "Stopped")
        set_bandwidth(call, instance, call.number("InternetMaxBandwidthOut", 0, 100))
    return {}


def _require_stopped(instance: Thing) -> None:
    if instance.status == "Running" and not instance.get("Releasing"):
        raise Refusal(400, "InvalidInstanceStatus.NotStopped", f"The instance {instance.id} has to be stopped first.")
    require_status(instance, "Stopped")


def set_type(call: Call, instance: Thing, type_id: str) -> None:
    record, old = catalogue.instance_type(type_id), catalogue.instance_type(instance["InstanceType"]) or {}
    if record is None:
        raise invalid("InstanceType", code="InvalidInstanceType.ValueNotSupported")
    if record.get("cpu_architecture") != old.get("cpu_architecture"):
        raise Refusal(400, "InvalidInstanceType.ValueUnauthorized", "The CPU architecture of an instance is fixed.")
    if record.get("local_storage") or old.get("local_storage"):
        raise Refusal(403, "OperationDenied.LocalDiskUnsupported", f"{type_id} or the present type has local disks.")
    categories = catalogue.categories_of(type_id)
    for disk in disks_of(call.account, instance.id):
        if disk["Category"] not in categories:
            raise Refusal(400, "InvalidInstanceType.DiskMismatch", f"{type_id} does not take {disk['Category']} disks.")
    if call.sold_out.has_no_type(type_id, instance["ZoneId"]):
        raise Refusal(403, "OperationDenied.NoStock", f"{type_id} is sold out in {instance['ZoneId']}.")
    more = int(record["vcpu"]) - int(old.get("vcpu", 0))
    check_cores(call, instance.data, more)
    is_other_class = class_of(type_id) != class_of(instance["InstanceType"])
    check_family(call, instance.data, type_id, int(record["vcpu"]) if is_other_class else more)
    call.account.change(instance, InstanceType=type_id, CpuOptions=None)


def set_bandwidth(call: Call, instance: Thing, bandwidth: int, allocate: bool = False) -> None:
    """Down to 0 the public address goes; up from 0 it comes only when asked for."""
    if bandwidth > 0 and call.account.how_many("eip", "InstanceId", instance.id):
        raise Refusal(403, "InvalidStatus.InstanceHasEip", f"The instance {instance.id} has an EIP.")
    address = instance.get("PublicIp")
    if bandwidth == 0:
        address = None
    elif allocate and address is None:
        address = public_address(call.account)
    call.account.change(
        instance, InternetMaxBandwidthOut=bandwidth, PublicIp=address,
        InternetMaxBandwidthIn=inbound(call, bandwidth),
    )  # fmt: skip


ECS = {
    "ModifyInstanceAttribute": modify_instance_attribute,
    "ModifyInstanceSpec": modify_instance_spec,
}
