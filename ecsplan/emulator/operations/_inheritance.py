"""Account setting `inherit_tags`: a machine's tags are copied onto its disks, interfaces and EIPs, over theirs.

The Tag service does so by rules of the account; here each key that a pattern of the setting matches is copied.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from ecsplan.emulator.account import Thing
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
            if merged != part.tags and len(merged) <= MOST:
                call.account.set_tags(part, merged)
