"""The system disk of a machine, as a block of it. Used by instance.py; the calls are in _instance_calls.py."""

from typing import Any

from ecsplan.kinds import _disk_rows, _disks, _impacts
from ecsplan.kinds import _instance_calls as calls
from ecsplan.kinds._limits import types_of
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.kind import Update
from ecsplan.model.values import Boolean, Text

of = types_of("instance")

AUTO = {f"system_disk.{name}": value for name, value in _disks.AUTO.items()}


def system_disk(field: str) -> Any:
    return lambda raw: _disk_rows.system_disk(raw).get(field) if "@disks" in raw else None


ATTRIBUTES = (
    Attribute("system_disk.category", "SystemDisk.Category", _disks.CATEGORY, "The sort of disk.", fixed="replace",
              read_as=system_disk("Category"), samples=("cloud_essd", "cloud_auto")),
    Attribute("system_disk.size", "SystemDisk.Size", of("system_disk.size", as_text=True),
              "The size in GiB; it can only grow.", fixed="refuse", read_as=system_disk("Size"), samples=(40, 60)),
    Attribute("system_disk.performance_level", "SystemDisk.PerformanceLevel", _disks.LEVEL,
              "For cloud_essd: PL0 to PL3.", fixed="refuse", read_as=system_disk("PerformanceLevel"),
              samples=("PL0", "PL1")),
    Attribute("system_disk.provisioned_iops", "SystemDisk.ProvisionedIops", of("system_disk.provisioned_iops"),
              "For cloud_auto: IOPS beyond the base.", read_as=system_disk("ProvisionedIops"),
              samples=(100, 200), samples_with=AUTO),
    Attribute("system_disk.bursting_enabled", "SystemDisk.BurstingEnabled", Boolean(),
              "For cloud_auto: whether it may burst.", read_as=system_disk("BurstingEnabled"),
              samples=(False, True), samples_with=AUTO),
    Attribute("system_disk.name", "SystemDisk.DiskName", of("system_disk.name"), "The disk's name.",
              read_as=system_disk("DiskName"), samples=("system-one", "system-two")),
    Attribute("system_disk.description", "SystemDisk.Description", of("system_disk.description"),
              "What the disk is for.", read_as=system_disk("Description"), samples=("first words", "second words")),
    Attribute("system_disk.encrypted", "SystemDisk.Encrypted", Boolean("true", "false"), "Whether it is encrypted.",
              fixed="replace", read_as=system_disk("Encrypted"), samples=(False, True)),
    Attribute("system_disk.kms_key", "SystemDisk.KMSKeyId", Text(1, 64), "The key that encrypts it.",
              fixed="replace", read_as=system_disk("KMSKeyId"),
              samples=("key-one", "key-two"), samples_with={"system_disk.encrypted": True}),
    Attribute("system_disk.snapshot_policy", "SystemDisk.AutoSnapshotPolicyId", _disks.POLICY,
              "The policy for automatic snapshots.", optional=True, is_relation=True,
              read_as=_disk_rows.system_disk_policies, samples=("daily", "weekly")),
    Attribute("system_disk.id", None, Text(), "The disk's id; another one after a reinstallation.", computed=True,
              read_as=system_disk("DiskId")),
)  # fmt: skip

UPDATES = (
    Update(None, ("system_disk.size",), build=calls.resize_system_disk, otherwise=_disks.no_shrinking,
           only_if=lambda before, after: before is None or after > before, impacts=(Impact.BILLING,),
           note=f"the file system is not grown: {_disks.GROW}"),
    Update(None, ("system_disk.performance_level", "system_disk.provisioned_iops"), build=calls.system_disk_spec,
           only_if=_disks.can_change_spec, otherwise=_disks.NOT_DOWN, impacts=(Impact.BILLING,)),
    Update(None, ("system_disk.name", "system_disk.description", "system_disk.bursting_enabled"),
           build=calls.system_disk_words, impacts=_impacts.only(Impact.BILLING, "system_disk.bursting_enabled")),
    Update("ApplyAutoSnapshotPolicy", ("system_disk.snapshot_policy",), build=calls.system_disk_policy),
)  # fmt: skip
