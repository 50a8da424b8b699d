"""Account setting `inherit_tags`: a machine's tags are copied onto its disks, interfaces and EIPs, over theirs.

The Tag service does so by rules of the account; here each key that a pattern of the setting matches is copied. A part
that leaves its machine loses the keys that it has of it, also those of its own that were overwritten.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from ecsplan.emulator.account import Account, Thing
from ecsplan.emulator.call import Call

MOST = 20
PARTS = ("disk", "eni", "eip")


def inherit(call: Call, instance: Thing | None) -> None:
    """After the machine was tagged, or a part came to it. A part that would have too many tags keeps its own."""
    patterns = call.settings.inherit_tags
    if instance is None or not patterns:
        return
    tags = {k: v for k, v in instance.tags.items() if any(fnmatchcase(k, pattern) for pattern in patterns)}
    for kind in PARTS:
        for part in call.account.where(kind, "InstanceId", instance.id):
            merged = {**part.tags, **tags}
            if len(merged) <= MOST:
                call.account.change(part, InheritedTags=sorted({*part.get("InheritedTags", ()), *tags}))
                if merged != part.tags:
                    call.account.set_tags(part, merged)


def disinherit(account: Account, part: Thing) -> None:
    """After it left its machine."""
    inherited = part.get("InheritedTags")
    if inherited:
        account.set_tags(part, {key: value for key, value in part.tags.items() if key not in inherited})
        account.change(part, InheritedTags=[])
