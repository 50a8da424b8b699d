"""Lines of a change that are about nothing but a tag of ours: the protection, and what is to run again.

Used by diff.py. Pure.
"""

from collections.abc import Iterable

from ecsplan.model.capabilities.power import Power
from ecsplan.model.change import AttributeChange, Cause, Change
from ecsplan.model.kind import Kind
from ecsplan.model.marks import RESTART, SAFETY
from ecsplan.model.resource import LiveObject, Resource

PROTECTION = "lifecycle.prevent_destroy"
KEPT_BEFORE = "lifecycle.snapshot_before"
RESTARTING = "lifecycle.restart"
RETIREMENT = "lifecycle.retired"
NUMBERING = "lifecycle.number"
LEFT_OFF = "a run that was cut off had stopped it"
OURS = (
    PROTECTION,
    KEPT_BEFORE,
    RESTARTING,
    RETIREMENT,
    NUMBERING,
)  # lines that no call but that of the tags puts right


def protection_change(resource: Resource, obj: LiveObject) -> Iterable[AttributeChange]:
    """The protection is also a tag, so that it survives a deleted block."""
    wanted = resource.lifecycle.prevent_destroy
    if obj.is_protected != wanted and obj.owner is not None:
        yield AttributeChange(PROTECTION, obj.is_protected, wanted, Cause.PENDING, source=resource.source)


def safety_change(resource: Resource, obj: LiveObject) -> Iterable[AttributeChange]:
    """So is what is kept before it goes."""
    wanted, live = resource.lifecycle.safety_mark, obj.marks.get(SAFETY, "")
    if live != wanted and obj.owner is not None:
        note = "days that a snapshot is kept which is taken before it goes"
        yield AttributeChange(
            KEPT_BEFORE, live or None, wanted or None, Cause.PENDING, note=note, source=resource.source
        )


def retirement_change(resource: Resource, obj: LiveObject) -> Iterable[AttributeChange]:
    """It was to be replaced, and its successor was never made, or is not wanted: it is no longer marked as going."""
    if obj.retired:
        note = "it was to be replaced, and stays what it is"
        yield AttributeChange(RETIREMENT, True, False, Cause.PENDING, note=note, source=resource.source)


def number_change(resource: Resource, table: str) -> Iterable[AttributeChange]:
    """Something names it by its number: from now on its mark tells that, whatever its name."""
    if table:
        note = "something names it by its number, which is marked on it"
        yield AttributeChange(NUMBERING, False, True, Cause.PENDING, note=note, source=resource.source)


def restart_change(kind: Kind, resource: Resource, obj: LiveObject) -> Iterable[AttributeChange]:
    """A run that was cut off had stopped it for a change: it is started again, and the mark goes.

    Where the file says whether it is to run, that decides, and only the mark goes.
    """
    power = kind.capability(Power)
    if power is None or RESTART not in obj.marks:
        return
    is_going_off = obj.attributes.get(power.attribute) == "stopped"  # its stop may be under way still
    if not is_powered_by(kind, resource) and (is_going_off or obj.status == power.stopped):
        yield AttributeChange(
            power.attribute, "stopped", "running", Cause.PENDING, note=LEFT_OFF, source=resource.source
        )
    else:
        yield AttributeChange(RESTARTING, True, False, Cause.PENDING, note=LEFT_OFF, source=resource.source)


def is_powered_by(kind: Kind, resource: Resource) -> bool:
    """Whether the file says if it is to run; then nobody need remember."""
    power = kind.capability(Power)
    if power is None or power.attribute not in resource.attributes:
        return False
    return not resource.lifecycle.ignores(power.attribute)


def is_meant_off(kind: Kind, change: Change) -> bool:
    """Whether the file says that it is to be off."""
    power = kind.capability(Power)
    if power is None or change.after is None or not is_powered_by(kind, change.after):
        return False
    return bool(change.desired(power.attribute) == "stopped")
