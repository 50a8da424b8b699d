"""The effects of commands, as facts of the classes that a policy speaks of: a plan, power operations, disks put
back.
"""

from collections.abc import Iterable, Iterator, Mapping

from ecsplan.model.address import Address
from ecsplan.model.attribute import Impact
from ecsplan.model.capabilities.pricing import Priced
from ecsplan.model.change import Action, Change
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Plan
from ecsplan.model.power import PowerPlan, Verb
from ecsplan.model.price import PriceLine
from ecsplan.model.reach import Reach
from ecsplan.model.reinit import ReinitPlan
from ecsplan.model.resource import RemoteObject
from ecsplan.model.running import RunPlan
from ecsplan.policy.classes import Fact

_BY_ACTION: Mapping[Action, tuple[str, ...]] = {
    Action.CREATE: ("create",),
    Action.REPLACE: ("replace",),
    Action.DELETE: ("delete",),
    Action.ADOPT: ("adopt",),
    Action.RELEASE: ("release",),
}
_BY_IMPACT: Mapping[Impact, tuple[str, ...]] = {
    Impact.RUN: ("run",),
    Impact.REBOOT: ("reboot",),
    Impact.STOP_START: ("stop_start",),
    Impact.STOP: ("stop",),
    Impact.NEW_ADDRESS: ("address_loss",),
    Impact.NEW_IDENTITY: ("replace",),
    Impact.DATA_LOSS: ("data_loss",),
}
OPENED, CLOSED = "access_opened", "access_closed"
_GROUP, _INTERNET = "security_group", "internet.max_bandwidth_out"
_HARMLESS = frozenset({Impact.BILLING, Impact.ACCESS, Impact.UNPLUG})
Access = Mapping[Address, frozenset[str]]
NO_ACCESS: Access = {}
_BY_VERB: Mapping[Verb, tuple[str, ...]] = {Verb.START: (), Verb.STOP: ("stop",), Verb.REBOOT: ("reboot",)}


def facts_of(plan: Plan, kinds: Kinds) -> list[Fact]:
    """In the order of the changes; a change that nothing comes of has none."""
    amounts, access = plan.prices.by_address(), access_of(plan.reach)
    return [
        fact
        for change in plan.changes
        if change.action is not Action.NOOP or change.address in access
        for fact in _facts(change, kinds, amounts.get(change.address), access.get(change.address, frozenset()))
    ]


def facts_of_power(plan: PowerPlan) -> list[Fact]:
    """Starting a machine is nothing that a policy speaks of."""
    classes = _BY_VERB[plan.order.verb]
    return [fact for address, machine in plan.machines.items() for fact in _of(address, machine, classes)]


def facts_of_run(plan: RunPlan) -> list[Fact]:
    return [fact for address, machine in plan.machines.items() for fact in _of(address, machine, ("run",))]


def facts_of_reinit(plan: ReinitPlan) -> list[Fact]:
    """Each disk loses its data, and machines that run are stopped and started."""
    lost = {disk.address: disk.owner for disk in plan.disks}
    found = [fact for address, owner in lost.items() for fact in _of(address, owner, ("data_loss",))]
    return found + [Fact("stop_start", str(host.address), "instance") for host in plan.stopped]


def classes_of(change: Change, kinds: Kinds, access: Access = NO_ACCESS) -> tuple[str, ...]:
    """The classes of a change; none where nothing comes of it. `access` is what the plan opens and closes."""
    if change.action is Action.NOOP:
        return ()
    here = access.get(change.address, frozenset())
    return tuple(dict.fromkeys((*_classes(change, kinds), *_of_access(change, here))))


def _of(address: Address, live: RemoteObject, classes: Iterable[str]) -> Iterator[Fact]:
    tags = dict(live.tags)
    return (Fact(class_, str(address), address.kind, tags) for class_ in classes)


def _facts(change: Change, kinds: Kinds, price: PriceLine | None, access: frozenset[str]) -> Iterator[Fact]:
    """Once for the tags as they are and once for those that it gets: a change of tags escapes no rule about either."""
    live = dict(change.before.tags) if change.before is not None else {}
    wanted = live if change.after is None else live | _tags(change.desired("tags"))
    more = _more(price) if _is_priced(change, kinds) else 0.0
    for class_ in dict.fromkeys((*_classes(change, kinds), *_of_access(change, access))):
        if class_ == "spend" and more is not None and more <= 0:
            continue
        for tags in (live, wanted) if change.before is not None and live != wanted else (wanted,):
            yield Fact(class_, str(change.address), change.kind, tags, more)


def _is_priced(change: Change, kinds: Kinds) -> bool:
    return Impact.BILLING in change.impacts or kinds[change.kind].capability(Priced) is not None


def _more(price: PriceLine | None) -> float | None:
    """Money a month; None where any of it is not known, which a policy takes for more than any limit."""
    if price is None or price.unpriced or price.more is None:
        return None
    return float(price.more)


def access_of(found: Iterable[Reach]) -> dict[Address, frozenset[str]]:
    """What opens or closes by address: that of a machine, and those of the groups whose change it is."""
    classes: dict[Address, frozenset[str]] = {}
    for reach in found:
        is_opened, is_closed = bool(reach.opened or reach.is_unsure), bool(reach.closed or reach.is_unsure)
        here = frozenset({OPENED} if is_opened else ()) | frozenset({CLOSED} if is_closed else ())
        for address in (*reach.addresses, *reach.groups):
            classes[address] = classes.get(address, frozenset()) | here
    return classes


def _of_access(change: Change, access: frozenset[str]) -> Iterator[str]:
    """A public address that comes opens what its machine let in all the time, whatever security groups do."""
    if Impact.ACCESS in change.impacts and (change.kind == "eip" or _INTERNET in change.attributes_by_name):
        yield OPENED
    if change.kind != _GROUP or Impact.ACCESS in change.impacts or change.action is not Action.UPDATE:
        yield from sorted(access, reverse=True)


def _tags(pairs: object) -> dict[str, str]:
    """A canonical map of tags."""
    return {str(key): str(value) for key, value in pairs} if isinstance(pairs, tuple) else {}


def _classes(change: Change, kinds: Kinds) -> Iterator[str]:
    yield from _BY_ACTION.get(change.action, ())
    for impact in sorted(change.impacts):
        yield from _BY_IMPACT.get(impact, ())
    if change.buys is not None:
        yield "purchase"
    if _is_priced(change, kinds) and (Impact.BILLING in change.impacts or change.action is Action.CREATE):
        yield "spend"
    if change.action in (Action.UPDATE, Action.MOVE) and not change.impacts - _HARMLESS:
        yield "update"
