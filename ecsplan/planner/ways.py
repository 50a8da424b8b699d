"""By which way of its kind's table a line is put right in place, and what a change does to what is live. Pure.

Used by diff.py, removal.py and calls.py.
"""

from collections.abc import Iterator

from ecsplan.model.address import Ref
from ecsplan.model.attribute import Impact
from ecsplan.model.capabilities.power import Power
from ecsplan.model.capabilities.pricing import Priced
from ecsplan.model.change import UNKNOWN, Action, AttributeChange, Change
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind, Update
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.planner.marks import OURS, is_meant_off


def find_update(kind: Kind, line: AttributeChange) -> Update | None:
    """The first way in the kind's table that takes this very change."""
    before = None if line.before is UNKNOWN else line.before
    for update in kind.updates_for(line.name):
        deferred = isinstance(line.after, Ref)
        if update.only_if is None or deferred or update.only_if(before, line.after):
            return update
    return None


def updates_of(kind: Kind, change: Change) -> list[Update]:
    """The ways that a change in place takes, each once, in the order of the table."""
    lines = (line for line in change.attributes if line.name not in OURS)
    places = {kind.updates.index(update) for line in lines if (update := find_update(kind, line))}
    return [kind.updates[place] for place in sorted(places)]


def lost_in_place(kind: Kind, change: Change) -> tuple[str, ...]:
    """What updates in place give up for good, each asked once."""
    asked = (update.loses for update in updates_of(kind, change))
    return tuple(text for loses in asked if loses is not None for text in loses(change))


def impacts_in_place(kind: Kind, change: Change) -> frozenset[Impact]:
    """All that the updates do to the object; one that is off is not stopped again."""
    updates = updates_of(kind, change)
    found = {impact for update in updates for impact in _told(update, change)}
    if any(update.needs_status for update in updates) and _runs(kind, change):
        found.add(Impact.STOP_START)
    if change.moving is not None and change.moving.restarts and _runs(kind, change):
        found.add(Impact.REBOOT)
    if is_meant_off(kind, change) and (Impact.STOP_START in found or _is_switched(kind, change)):
        found = (found - {Impact.STOP_START}) | {Impact.STOP}  # one that is on its way to being off has no line for it
    if change.loses and not found & {Impact.DATA_LOSS, Impact.NEW_ADDRESS}:
        found.add(Impact.NEW_ADDRESS)
    return frozenset(found)


def _told(update: Update, change: Change) -> Iterator[Impact]:
    yield from update.impacts(change) if callable(update.impacts) else update.impacts


def _is_switched(kind: Kind, change: Change) -> bool:
    power = kind.capability(Power)
    return power is not None and power.attribute in change.attributes_by_name


def _runs(kind: Kind, change: Change) -> bool:
    power = kind.capability(Power)
    return power is None or change.before is None or change.before.status != power.stopped


def lost_with(kind: Kind, obj: LiveObject) -> tuple[frozenset[Impact], tuple[str, ...]]:
    """What deleting this very object does, and what is gone for good then: no data where it holds none of its own."""
    if kind.delete.gives_up is None:
        return frozenset(kind.delete.impacts), ()
    loses = tuple(kind.delete.gives_up(obj))
    return frozenset(kind.delete.impacts) - (frozenset() if loses else {Impact.DATA_LOSS}), loses


def impacts_of_birth(kind: Kind, resource: Resource) -> frozenset[Impact]:
    """What making it does to what lives already."""
    told = kind.create.of(resource).impacts
    return frozenset(told(resource)) if told is not None else frozenset()


def with_purchase(kind: Kind, change: Change) -> Change:
    """A change that buys something for a time to come says so."""
    priced = kind.capability(Priced)
    bought = priced.buys(change) if priced is not None and change.action is not Action.NOOP else None
    if bought is None:
        return change
    note = f"buys {bought.text}, paid at once and not given back"
    return replace(change, buys=bought, impacts=change.impacts | {Impact.BILLING}, notes=(*change.notes, note))
