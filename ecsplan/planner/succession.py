"""A retired object is deleted only once what took its place runs. Used by planning; pure.

A create-first replacement that was cut off has left two: the new one, and the old one, retired. The new one may have
been stopped since, or may not have come up: then the old one is all that serves.
"""

from collections.abc import Sequence

from ecsplan.model.address import Address
from ecsplan.model.capabilities.power import Power
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kinds
from ecsplan.planner.marks import is_meant_off
from ecsplan.planner.window import starts


def keep_until_the_new_one_runs(changes: Sequence[Change], kinds: Kinds) -> tuple[Change, ...]:
    """The changes; blocked are deletions of running retired objects whose successor is off and stays so."""
    heirs = {change.address: change for change in changes if change.action is not Action.DELETE}
    return tuple(_kept(change, kinds, heirs) if _is_retired(change, kinds) else change for change in changes)


def _is_retired(change: Change, kinds: Kinds) -> bool:
    power, obj = kinds[change.kind].capability(Power), change.before
    return change.action is Action.DELETE and power is not None and obj is not None and obj.retired


def _kept(change: Change, kinds: Kinds, heirs: dict[Address, Change]) -> Change:
    heir, kind = heirs.get(change.address), kinds[change.kind]
    power = kind.capability(Power)
    assert change.before is not None and power is not None
    if heir is None or heir.before is None or heir.action is Action.REPLACE:
        return change
    is_off = heir.before.attributes.get(power.attribute) == "stopped"
    # This plan may start it: then the deletion waits for that by its edge. Only one that stays off leaves nothing that
    # runs.
    if not is_off or is_meant_off(kind, heir) or starts(kind, heir, is_stopped=False):
        return change
    # The old one does not serve either: keeping it would save nothing.
    if change.before.status == power.stopped:
        return change
    reason = (
        f"{heir.before.id}, which takes the place of {change.before.id}, is {heir.before.status}: "
        f"start it first (ecsplan start '{heir.address}')"
    )
    return replace(change, blocked=(*change.blocked, reason))
