"""Settings in which accounts differ: switches of the real service, and how late it shows what it was told.

Given at the start (`Options.settings`, `--settings FILE`) or at run time (`POST /_emulator/settings`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

# Fields that a read shows late, by the name of what lags; `private_address` shows none meanwhile, and `lists` are late
# with whole new objects.
LAGGING: Mapping[str, frozenset[str]] = {
    "billing": frozenset(("InstanceChargeType", "DiskChargeType", "ChargeType", "ExpiredTime", "RenewalStatus",
                          "AutoRenewPeriod", "AutoRenewUnit")),
    "public_address": frozenset(("PublicIp",)),
    "private_address": frozenset(("PrivateIpAddress",)),
    "snapshot_policies": frozenset(("AutoSnapshotPolicyId",)),
    "images": frozenset(("Usable",)),
    "names": frozenset(("InstanceName", "DiskName", "NetworkInterfaceName", "Description", "Name", "VpcName",
                        "ImageName", "VSwitchName", "SecurityGroupName", "SnapshotName", "AutoSnapshotPolicyName")),
    "lists": frozenset(),
}  # fmt: skip
LONGEST_LAG = 3600.0


@dataclass(slots=True)
class Settings:
    """`lag` maps a name of LAGGING to seconds, or to a pair between which it is chosen anew for each write."""

    economical_mode: bool = False  # what a stop without StoppedMode means for a machine that can have it
    snapshot_policies_per_disk: int = 1  # with more than one, applying a policy adds it
    snapshots_need_a_machine: bool = True  # a disk that no machine ever had can't be snapshotted
    first_policy_stays: bool = False  # a system disk goes on showing the policy that it was born with
    queues_need_a_stop: bool = True  # an interface's queues change only while no running machine has it
    attach_deletes_auto_snapshots: bool = True  # AttachDisk turns DeleteAutoSnapshot on
    category_changes_take_time: bool = True  # a disk takes no second change until the first has settled
    downgrade_is_said: bool = True  # ModifyPrepayInstanceSpec makes a machine smaller only when told so
    tokens_keep_failures: bool = True  # a refused call of VPC is refused the same way again under its token
    real_name: bool = True  # without it nothing is sold to the account
    quotas: dict[str, int] = field(default_factory=dict)  # by the names of the catalogue or of account attributes
    young_renewal: float = 0.0  # seconds after its start in which a subscription's renewal can't be read
    inherit_tags: list[str] = field(default_factory=list)  # keys that a machine's parts take over from it; "*" for all
    lag: dict[str, tuple[float, float]] = field(default_factory=dict)

    def change(self, given: Mapping[str, Any]) -> None:
        """All of it or nothing; ValueError says what is wrong."""
        known = {one.name for one in fields(self)}
        unknown = given.keys() - known
        if unknown:
            raise ValueError(f"there is no setting {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}")
        checked = {name: _checked(name, value) for name, value in given.items()}
        for name, value in checked.items():
            setattr(self, name, value)

    def shown(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)}


def _checked(name: str, value: Any) -> Any:
    if name == "lag":
        if not isinstance(value, Mapping) or not value.keys() <= LAGGING.keys():
            raise ValueError(f"lag maps {', '.join(LAGGING)} to seconds")
        return {what: _spread(what, seconds) for what, seconds in value.items()}
    if name == "inherit_tags":
        if not isinstance(value, list) or not all(isinstance(key, str) for key in value):
            raise ValueError("inherit_tags is a list of keys")
        return list(value)
    if name == "quotas":
        if not isinstance(value, Mapping) or not all(isinstance(n, int) and n >= 0 for n in value.values()):
            raise ValueError("quotas maps names to numbers")
        return dict(value)
    if name == "snapshot_policies_per_disk":
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 10:
            raise ValueError("snapshot_policies_per_disk is from 1 to 10")
        return value
    if name == "young_renewal":
        return _spread(name, value)[1]
    if not isinstance(value, bool):
        raise ValueError(f"{name} is true or false")
    return value


def _spread(name: str, value: Any) -> tuple[float, float]:
    pair = value if isinstance(value, list | tuple) else (value, value)
    good = len(pair) == 2 and all(isinstance(n, int | float) and not isinstance(n, bool) for n in pair)
    if not good or not all(math.isfinite(n) for n in pair) or not 0 <= pair[0] <= pair[1] <= LONGEST_LAG:
        raise ValueError(f"{name} is seconds up to {LONGEST_LAG:.0f}, or a pair of them")
    return float(pair[0]), float(pair[1])
