"""Default encryption of a region: where it is on, no disk is born without, whatever the call says.

ECS 2014-05-26: DescribeDiskEncryptionByDefaultStatus. Used by disk.py and instance.py.
"""

from collections.abc import Iterable

from ecsplan.model.algebra import fields
from ecsplan.model.change import Action, Change
from ecsplan.model.inquiry import Inquiry
from ecsplan.model.kind import Paging

INTO = "default_encryption"


def plain_disks(change: Change) -> list[str]:
    """The attributes of a change that ask for a new disk without encryption."""
    found = dict(change.after.attributes) if change.after is not None else {}
    is_new = change.action in (Action.CREATE, Action.REPLACE)
    plain = [name for name in ("encrypted", "system_disk.encrypted") if is_new and found.get(name) is False]
    line = change.attributes_by_name.get("data_disks")
    before = fields(line.before) if line is not None and not is_new else {}
    if is_new or line is not None:
        slots = fields(found.get("data_disks"))
        plain += [
            f"data_disks.{slot}.encrypted"
            for slot, disk in slots.items()
            if fields(disk).get("encrypted") is False and slot not in before
        ]
    return plain


def hindered(change: Change) -> Iterable[str]:
    if any(told.get("Encrypted") for told in change.told.get(INTO, ())):
        for name in plain_disks(change):
            yield (
                f"{name}: false, but this region encrypts every new disk (default encryption): it would come back "
                "encrypted; write true, or turn the setting off"
            )


INQUIRY = Inquiry(
    INTO,
    "whether this region encrypts every new disk",
    "DescribeDiskEncryptionByDefaultStatus",
    "",
    wanted=lambda change: (INTO,) if plain_disks(change) else (),
    about=lambda raw: (INTO,),
    paging=Paging.NONE,
)
