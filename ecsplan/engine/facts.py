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
_BY_IMPACT: Mapping[Impact, str] = {
    Impact.REBOOT: "reboot",
    Impact.STOP_START: "stop_start",
    Impact.NEW_IDENTITY: "replace",
    Impact.DATA_LOSS: "data_loss",
}
_ADDRESS = "address"


def facts_of(plan: Plan) -> list[Fact]:
    """In the order of the changes; a change that nothing comes of has none."""
    return [fact for change in plan.changes if change.action is not Action.NOOP for fact in _facts(change)]


def _facts(change: Change) -> Iterator[Fact]:
    tags = {str(key): str(value) for key, value in dict(change.desired("tags") or change.live("tags") or ()).items()}
    for class_ in dict.fromkeys(_classes(change)):
        yield Fact(class_, str(change.address), change.kind, tags)


def _classes(change: Change) -> Iterator[str]:
    yield from _BY_ACTION.get(change.action, ())
    if change.impact in _BY_IMPACT:
        yield _BY_IMPACT[change.impact]
    elif change.action in (Action.UPDATE, Action.MOVE):
        yield "update"
    if any(_ADDRESS in lost for lost in change.loses):
        yield "address_loss"
