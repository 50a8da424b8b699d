"""Full statuses, system events (none happen here) and the monitoring of instances, disks and interfaces (all idle)."""

from __future__ import annotations

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.clock import parse_time, to_seconds
from ecsplan.emulator.operations._wellness import trouble
from ecsplan.emulator.operations.disks import NOT_FOUND as NO_DISK
from ecsplan.emulator.operations.instances import require_instance
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import Refusal, invalid

INSTANCE_CODES = {"Pending": 0, "Running": 1, "Stopped": 2, "Starting": 3, "Stopping": 4}
DISK_CODES = {"In_use": 129, "Available": 128, "Attaching": 130, "Detaching": 131, "Creating": 132, "ReIniting": 133}
HEALTH = {"Ok": 0, "Impaired": 128, "Warning": 64, "Maintaining": 32, "Initializing": 4, "InsufficientData": 2,
          "NotApplicable": 1}  # fmt: skip
MOST_POINTS = 400
OLDEST = 30 * 86400


def _health(fine: bool, starting: bool) -> Body:
    return _called("Ok" if fine else "Initializing" if starting else "NotApplicable")


def _called(name: str) -> Body:
    return {"Name": name, "Code": HEALTH[name]}


def describe_instances_full_status(call: Call) -> Body:
    """Every event filter finds nothing: there are no events."""
    ids = call.many("InstanceId", 100)
    instances = call.listed_by("instance", ids) if ids else call.listed("instance")
    status, health = call.choice("Status", *INSTANCE_CODES), call.choice("HealthStatus", *HEALTH)
    instances = [
        i for i in instances if status in (None, i.status) and health in (None, _instance_health(call, i)["Name"])
    ]
    if _asks_for_events(call):
        instances = []
    return by_number(call, instances, _instance, ("InstanceFullStatusSet", "InstanceFullStatusType"), 100)


def _asks_for_events(call: Call) -> bool:
    return any(call.get(name) for name in ("EventId", "EventType", "InstanceEventType", "EventPublishTime", "NotBefore",
                                           "EventTime"))  # fmt: skip


def _instance_health(call: Call, instance: Thing) -> Body:
    rule = trouble(call, instance, "status") if instance.status == "Running" else None
    if rule is not None:
        return _called(rule.get("health", "Impaired"))
    return _health(instance.status == "Running", instance.status in ("Pending", "Starting"))


def _instance(call: Call, instance: Thing) -> Body:
    return {
        "InstanceId": instance.id,
        "Status": {"Name": instance.status, "Code": INSTANCE_CODES.get(instance.status, 0)},
        "HealthStatus": _instance_health(call, instance),
        "ScheduledSystemEventSet": {"ScheduledSystemEventType": []},
    }


def describe_disks_full_status(call: Call) -> Body:
    ids = call.many("DiskId", 100)
    disks = call.listed_by("disk", ids) if ids else call.candidates("disk")
    disks = call.filtered(call.matching_tags(disks), Status="Status")
    health = call.choice("HealthStatus", *HEALTH)
    disks = [disk for disk in disks if health in (None, _disk_health(disk)["Name"])]
    if _asks_for_events(call):
        disks = []
    return by_number(call, disks, _disk, ("DiskFullStatusSet", "DiskFullStatusType"), 100)


def _disk_health(disk: Thing) -> Body:
    return _health(disk.status in ("In_use", "Available"), disk.status == "Creating")


def _disk(call: Call, disk: Thing) -> Body:
    return {
        "DiskId": disk.id,
        "InstanceId": disk.get("InstanceId", ""),
        "Device": disk.get("Device", ""),
        "Status": {"Name": disk.status, "Code": DISK_CODES.get(disk.status, 0)},
        "HealthStatus": _disk_health(disk),
        "DiskEventSet": {"DiskEventType": []},
    }


def describe_instance_history_events(call: Call) -> Body:
    if call.get("InstanceId") is not None:
        require_instance(call)
    return by_number(call, [], _disk, ("InstanceSystemEventSet", "InstanceSystemEventType"), 100)


def _moments(call: Call) -> list[str]:
    """The points of a question, a minute, ten or an hour apart."""
    period = call.get("Period", 60)
    if period not in (60, 600, 3600):
        raise invalid("Period", "It is 60, 600 or 3600.", "InvalidPeriod.ValueNotSupported")
    start, end = parse_time(call.need("StartTime")), parse_time(call.need("EndTime"))
    if start is None or start < call.now - OLDEST:
        raise invalid("StartTime", code="InvalidStartTime.Malformed")
    if end is None or end <= start:
        raise invalid("EndTime", code="InvalidEndTime.Malformed")
    count = int((end - start) // period)
    if count > MOST_POINTS:
        raise Refusal(400, "InvalidParameter.TooManyDataQueried", f"At most {MOST_POINTS} points are answered.")
    return [to_seconds(start + place * period) for place in range(count) if start + place * period <= call.now]


def _quiet(names: tuple[str, ...]) -> Body:
    return dict.fromkeys(names, 0)


INSTANCE_DATA = ("BPSRead", "BPSWrite", "CPU", "IOPSRead", "IOPSWrite", "InternetBandwidth", "InternetRX", "InternetTX",
                 "IntranetBandwidth", "IntranetRX", "IntranetTX")  # fmt: skip
DISK_DATA = ("BPSRead", "BPSWrite", "BPSTotal", "IOPSRead", "IOPSWrite", "IOPSTotal", "LatencyRead", "LatencyWrite")
ENI_DATA = ("PacketTx", "PacketRx", "DropPacketTx", "DropPacketRx", "IntranetTx", "IntranetRx")


def describe_instance_monitor_data(call: Call) -> Body:
    """A machine that does nothing; one that is stopped has no data at all."""
    instance = require_instance(call)
    moments = _moments(call) if instance.status == "Running" else []
    rows = [{"InstanceId": instance.id, "TimeStamp": moment, **_quiet(INSTANCE_DATA)} for moment in moments]
    return {"MonitorData": {"InstanceMonitorData": rows}}


def describe_disk_monitor_data(call: Call) -> Body:
    disk = call.require("disk", call.need("DiskId"), NO_DISK, "DiskId")
    moments = _moments(call) if disk.status == "In_use" else []
    rows = [{"DiskId": disk.id, "TimeStamp": moment, **_quiet(DISK_DATA)} for moment in moments]
    return {"TotalCount": len(rows), "MonitorData": {"DiskMonitorData": rows}}


def describe_eni_monitor_data(call: Call) -> Body:
    instance = require_instance(call)
    enis = call.account.where("eni", "InstanceId", instance.id)
    enis = [eni for eni in enis if call.get("EniId") in (None, eni.id)]
    moments = _moments(call) if instance.status == "Running" else []
    rows = [
        {"EniId": eni.id, "TimeStamp": moment, **dict.fromkeys(ENI_DATA, "0")} for eni in enis for moment in moments
    ]
    return {"TotalCount": len(rows), "MonitorData": {"EniMonitorData": rows}}


ECS = {
    "DescribeInstancesFullStatus": describe_instances_full_status,
    "DescribeDisksFullStatus": describe_disks_full_status,
    "DescribeInstanceHistoryEvents": describe_instance_history_events,
    "DescribeInstanceMonitorData": describe_instance_monitor_data,
    "DescribeDiskMonitorData": describe_disk_monitor_data,
    "DescribeEniMonitorData": describe_eni_monitor_data,
}
