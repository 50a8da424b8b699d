"""The window between a stop and a start, in which all that needs it stopped is changed. Used by steps.py; pure."""

from ecsplan.model.call import Call
from ecsplan.model.change import AttributeChange, Change
from ecsplan.model.kind import Kind, Update
from ecsplan.plan.diff import find_update
from ecsplan.plan.marks import is_powered_by


def is_marked(kind: Kind, change: Change) -> bool:
    """Whether a stop is to be remembered on the machine itself: it ran, and the file does not say that it should."""
    if change.before is None or change.after is None or kind.power is None or is_powered_by(kind, change.after):
        return False
    updates = (find_update(kind, line) for line in change.attributes)
    needs = any(update is not None and update.needs_status for update in updates)
    return needs and change.before.status != kind.power.stopped


def needs_start(kind: Kind, change: Change, was_stopped: bool, state: AttributeChange | None) -> bool:
    """Started when the file asks for it, or when it ran before and we stopped it; never what is to be off."""
    assert kind.power is not None
    if change.before is None:
        return False
    if state is not None:
        return bool(state.after == "running")
    ran = change.before.status != kind.power.stopped
    return was_stopped and ran and change.desired(kind.power.attribute) != "stopped"


def power_call(kind: Kind, change: Change, update: Update) -> Call:
    assert update.operation is not None
    return Call(
        update.operation,
        dict(update.params),
        kind.product,
        kind.name,
        (change.id,),
        update.merge,
        wait=update.wait,
    )
