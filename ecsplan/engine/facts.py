"""The changes of a plan as facts of the classes that a policy speaks of."""

from collections.abc import Iterator, Mapping

from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action, Change
from ecsplan.model.plan import Plan
from ecsplan.policy.classes import Fact

_BY_ACTION: Mapping[Action, tuple[str, ...]] = {
    Action.CREATE: ("create",),
    Action.REPLACE: ("replace",),
    Action.DELETE: ("delete",),
    Action.ADOPT: ("adopt",),
    Action.RELEASE: ("release",),
}
_BY_IMPACT: Mapping[Impact, tuple[str, ...]] = {
    Impact.ACCESS: ("access_opened", "access_closed"),  # which of the two is not told apart yet: both are asked for
    Impact.REBOOT: ("reboot",),
    Impact.STOP_START: ("stop_start",),
    Impact.STOP: ("stop",),
    Impact.NEW_ADDRESS: ("address_loss",),
    Impact.NEW_IDENTITY: ("replace",),
    Impact.DATA_LOSS: ("data_loss",),
}


_HARMLESS = frozenset({Impact.BILLING, Impact.ACCESS, Impact.UNPLUG})


def facts_of(plan: Plan) -> list[Fact]:
    """In the order of the changes; a change that nothing comes of has none."""
    return [fact for change in plan.changes if change.action is not Action.NOOP for fact in _facts(change)]


def _facts(change: Change) -> Iterator[Fact]:
    tags = {str(key): str(value) for key, value in dict(change.desired("tags") or change.live("tags") or ()).items()}
    for class_ in dict.fromkeys(_classes(change)):
        yield Fact(class_, str(change.address), change.kind, tags)


def _classes(change: Change) -> Iterator[str]:
    yield from _BY_ACTION.get(change.action, ())
    for impact in sorted(change.impacts):
        yield from _BY_IMPACT.get(impact, ())
    if change.buys is not None:
        yield "purchase"
    elif Impact.BILLING in change.impacts:
        yield "spend"
    if change.action in (Action.UPDATE, Action.MOVE) and not change.impacts - _HARMLESS:
        yield "update"
