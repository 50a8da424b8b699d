"""Without an account: what attachments and nested blocks of a state say of the objects that they belong to. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.migrate.forms import FORMS
from ecsplan.migrate.sorting import Fold, Target
from ecsplan.migrate.values import EMPTY
from ecsplan.model.kind import Kind
from ecsplan.model.migration import Entry
from ecsplan.model.values import Mistake

_DISK: Mapping[str, tuple[str, str]] = {
    "name": ("name", "same"),
    "size": ("size", "number"),
    "category": ("category", "same"),
    "encrypted": ("encrypted", "bool"),
    "kms_key_id": ("kms_key", "same"),
    "snapshot_id": ("snapshot", "same"),
    "auto_snapshot_policy_id": ("snapshot_policy", "same"),
    "delete_with_instance": ("keep", "not"),
    "description": ("description", "same"),
    "performance_level": ("performance_level", "same"),
    "provisioned_iops": ("provisioned_iops", "number"),
    "bursting_enabled": ("bursting_enabled", "bool"),
}
_SLOT = re.compile(r"[a-z][a-z0-9_-]{1,59}\Z")
# Where an attachment names what its object hangs on.
_OTHER_SIDE = {
    "instance": ("instance_id",),
    "key_pair": ("key_pair_name", "key_name"),
    "ram_role": ("ram_role_name", "role_name"),
    "snapshot_policy": ("auto_snapshot_policy_id",),
}


def attached(folds: Iterable[Fold]) -> dict[Target, dict[str, Any]]:
    """Attributes of objects by what is attached to them; the id of an attachment has both sides, if nothing else."""
    found: dict[Target, dict[str, Any]] = {}
    for fold in folds:
        for target, attribute in fold.targets:
            own = found.setdefault(target, {})
            if attribute == "shared_with":
                account = fold.entry.attributes.get("account_id") or fold.entry.id.rpartition(":")[2]
                own[attribute] = tuple(sorted({*own.get(attribute, ()), str(account)}))
            elif attribute.startswith("balancers."):
                own[attribute] = (*own.get(attribute, ()), _membership(fold.entry))
            elif attribute == "ipv6_internet.bandwidth":
                own |= _internet(fold.entry)
            elif attribute in _OTHER_SIDE:
                value = _other_side(fold.entry, attribute, target[1])
                own |= {attribute: value} if value else {}
    return found


def _internet(entry: Entry) -> dict[str, Any]:
    told = entry.attributes
    amount = str(told.get("bandwidth") or "")
    gateway, charge = told.get("ipv6_gateway_id"), told.get("internet_charge_type")
    if not amount.isdecimal() or not isinstance(gateway, str):
        return {}
    charged = {"ipv6_internet.charge_type": charge} if isinstance(charge, str) and charge else {}
    return {"ipv6_internet.bandwidth": int(amount), "ipv6_internet.gateway": gateway, **charged}


def _membership(entry: Entry) -> tuple[tuple[str, Any], ...]:
    """Canonical; of a balancer's own group without a port."""
    told = entry.attributes
    group = str(told.get("server_group_id") or told.get("load_balancer_id") or "")
    found = {"group": group, "port": int(told.get("port") or 0) or None, "weight": int(told.get("weight") or 0)}
    return tuple(sorted((name, value) for name, value in found.items() if value is not None))


def _other_side(entry: Entry, attribute: str, own: str) -> str:
    named = (entry.attributes.get(name) for name in _OTHER_SIDE[attribute])
    value = next((text for text in named if isinstance(text, str) and text), "")
    if value or attribute == "key_pair":
        return value or entry.id.partition(":")[0]
    return next((part for part in entry.id.split(":") if part != own), "")


def slots(entry: Entry, kind: Kind) -> Any:
    """The data disks of an instance, canonical, each in a slot that is called like it; None where there are none."""
    listed = entry.attributes.get("data_disks")
    found: dict[str, dict[str, Any]] = {}
    for number, disk in enumerate(listed if isinstance(listed, list) else [], start=1):
        if isinstance(disk, Mapping):
            name = str(disk.get("name") or "").lower()
            slot = name if _SLOT.match(name) and name not in found else f"data{number:02d}"
            found[slot] = {ours: value for ours, value in _disk(disk).items() if (ours, value) != ("name", slot)}
    if not found:
        return None
    try:
        return kind.attribute("data_disks").type.parse(found)
    except (Mistake, ValueError, TypeError):
        return None  # a state of strangers: the machine is brought over without them


def _disk(disk: Mapping[str, Any]) -> dict[str, Any]:
    values = {}
    for theirs, (ours, form) in _DISK.items():
        value = disk.get(theirs)
        if value not in EMPTY and (isinstance(value, bool) or value != 0):
            try:
                values[ours] = FORMS[form].ours(value)
            except ValueError:
                continue
    return values
