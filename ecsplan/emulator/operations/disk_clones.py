"""Disks that are made of another one, as a task."""

from __future__ import annotations

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations._disks import check_disk, make_disk
from ecsplan.emulator.operations.disks import NOT_FOUND, require_cloud_disk, require_status
from ecsplan.emulator.operations.tasks import start_task
from ecsplan.emulator.wire import Refusal, invalid

INTO = ("cloud_essd", "cloud_auto", "cloud_essd_entry", "cloud_regional_disk_auto")
REGIONAL = "cloud_regional_disk_auto"


def clone_disks(call: Call) -> Body:
    source = call.require("disk", call.need("SourceDiskId"), NOT_FOUND, "SourceDiskId")
    require_cloud_disk(source)
    require_status(source, "Available", "In_use")
    category = call.need("DiskCategory")
    if category not in INTO:
        raise invalid("DiskCategory", code="InvalidDiskCategory.NotSupported")
    if (category == REGIONAL) != (source["Category"] == REGIONAL):
        raise Refusal(403, "DiskCategory.OperationNotSupported", "A disk of one zone is cloned into one of one zone.")
    size = call.number("Size", source["Size"], 65536, code="InvalidDiskSize.NotSupported")
    spec = check_disk(call, call.params, category, size, is_system=False)
    multi = call.choice("MultiAttach", "Enabled", "Disabled", default="Disabled")
    return {"TaskGroupId": _start(call, make_disk(call, spec, source["ZoneId"], call.tags(), MultiAttach=multi,
                                                  ResourceGroupId=call.get("ResourceGroupId", "")))}  # fmt: skip


def _start(call: Call, disk: Thing) -> str:
    group = call.account.new_id("tg", call.region)
    call.account.change(start_task(call, "CloneDisk", disk.id), TaskGroupId=group)
    call.in_settle(disk, Status="Available")
    return group


ECS = {"CloneDisks": clone_disks}
