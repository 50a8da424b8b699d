"""Impacts of changes in place, beside the stop that some of them need. Used by the kinds' tables; pure."""

from collections.abc import Callable, Iterable

from ecsplan.kinds import _instance_interfaces, _rules, _slots
from ecsplan.kinds._disk_rows import DISK
from ecsplan.kinds._instance_interfaces import INTERFACE
from ecsplan.kinds._slots import slots
from ecsplan.model.address import Ref
from ecsplan.model.algebra import Values, members, whole
from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action, Change, Purchase
from ecsplan.model.composites import Record
from ecsplan.model.resource import Resource

# Of a disk.
PRICED = ("category", "size", "performance_level", "provisioned_iops", "bursting_enabled", "subscription")
WEEKS_OF_A_MONTH = 4
# The whole set goes in one call: joining first could meet the limit of groups. What an edit does to open sessions is
# not documented; a session is kept for at most 910 s.
MEMBERSHIP = (
    "The groups it is in, changed in one call. Exclusive: what is not listed is left. Open sessions that the new rules "
    "do not let in may be cut, or go on for up to 15 minutes."
)


def only(impact: Impact, *names: str) -> Callable[[Change], Iterable[Impact]]:
    """Of an Update of several attributes, where only some mean it."""
    return lambda change: [impact] if any(name in change.attributes_by_name for name in names) else []


def of_addresses(name: str) -> Callable[[Change], Iterable[Impact]]:
    """Of an exclusive list of addresses: what is no longer in it is given back."""

    def impacts(change: Change) -> Iterable[Impact]:
        line = change.attributes_by_name[name]
        return [Impact.NEW_ADDRESS] if set(members(line.before)) - set(members(line.after)) else []

    return impacts


def of_rules(change: Change) -> Iterable[Impact]:
    """Another description changes nothing."""
    lines = (change.attributes_by_name.get(name) for name in ("ingress", "egress"))
    for line in lines:
        if line is not None and any(_rules.rule_changes(line.before, line.after)[:2]):
            yield Impact.ACCESS


def of_plugging(change: Change) -> Iterable[Impact]:
    """Of an interface: the machine that it leaves is no longer reached by its addresses."""
    if change.attributes_by_name["instance"].before:
        yield Impact.ACCESS


def of_bound_birth(resource: Resource) -> Iterable[Impact]:
    """Of a new EIP on a machine that lives already and gets its address now; one that is taken over it has already."""
    bound = resource.attributes.get("instance") or resource.attributes.get("vpc")
    if bound is not None and not isinstance(bound, Ref) and not resource.attributes.get("convert_public_ip"):
        yield Impact.ACCESS


def of_internet(change: Change) -> Iterable[Impact]:
    """What goes out is paid; the address comes with the first Mbit/s and goes with the last."""
    yield from only(Impact.BILLING, "internet.charge_type", "internet.max_bandwidth_out")(change)
    line = change.attributes_by_name.get("internet.max_bandwidth_out")
    if line is not None and line.after == 0:
        yield Impact.NEW_ADDRESS
    elif line is not None and not line.before:
        yield Impact.ACCESS


def of_slots_of_disks(change: Change) -> Iterable[Impact]:
    line = change.attributes_by_name["data_disks"]
    live, wanted = slots(line.before), slots(line.after)
    if live.keys() - wanted.keys():
        yield Impact.DATA_LOSS
        if change.before is not None and change.before.status == "Running":
            yield Impact.UNPLUG
    if any(_changes(DISK, live[slot], wanted[slot], PRICED) for slot in live.keys() & wanted.keys()):
        yield Impact.BILLING


def of_slots_of_interfaces(change: Change) -> Iterable[Impact]:
    line = change.attributes_by_name["network_interfaces"]
    live, wanted = slots(line.before), slots(line.after)
    if _instance_interfaces.going(live, wanted):
        yield Impact.NEW_ADDRESS
    stay = live.keys() & wanted.keys()
    if any(_changes(INTERFACE, live[slot], wanted[slot], ("security_groups",)) for slot in stay):
        yield Impact.ACCESS


def _changes(of: Record, live: Values, wanted: Values, names: Iterable[str]) -> bool:
    changed = _slots.changes(of, live, wanted)
    return any(name in changed for name in names)


def purchase(change: Change) -> Purchase | None:
    """What a machine that is made as a subscription, or becomes one, buys at once."""
    line = change.attributes_by_name.get("charge_type")
    is_born = change.action in (Action.CREATE, Action.REPLACE)
    wanted = change.desired("charge_type") if is_born else line.after if line is not None else None
    if wanted != "PrePaid":
        return None
    count, unit = whole(change.desired("period")) or 1, str(change.desired("period_unit") or "Month")
    months = count / WEEKS_OF_A_MONTH if unit == "Week" else count
    return Purchase(f"{count} {unit.lower()}{'s' if count != 1 else ''}", months)
