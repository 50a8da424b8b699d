"""Live objects of nobody that look like what is about to be made: made once by us, and stripped of marks. Pure."""

from ecsplan.inventory.identity.names import Names
from ecsplan.inventory.identity.outcome import Match
from ecsplan.model.address import Address, Part
from ecsplan.model.identity import Known
from ecsplan.model.keepers import RUN_BY_THEMSELVES, claimed
from ecsplan.model.resource import Listed
from ecsplan.model.stack import Stack

_GOING = ("Deleting", "Releasing", "Released", "Stopping")


def twins_of(stack: Stack, known: Known, found: Match) -> dict[Address | Part, tuple[Listed, ...]]:
    """By the address that is not live: what has the very name that it would get by default and belongs to nobody, and
    what a journal knows as it, whatever its marks say by now."""
    names = Names(stack)
    named = {
        (address.kind, resource.name)
        for address, resource in names.declared.items()
        if resource.name == names.default(address) and found.is_open(address)
    }
    if all(not found.is_open(address) for address in names.declared):
        return {}
    suspicious = {obj.id for _, obj in found.suspicious}
    matched = {obj.id for obj in found.matched.values()}
    by_name: dict[tuple[str, str], list[Listed]] = {}
    by_record: dict[Address, list[Listed]] = {}
    for obj in found.objects:
        recorded = known.ids.get(obj.id)
        is_named = (obj.kind, obj.name) in named
        if obj.id in matched or (recorded is None and not is_named) or not _counts(obj):
            continue
        if is_named and (obj.owner is None or obj.id in suspicious):
            by_name.setdefault((obj.kind, obj.name), []).append(obj)
        # A journal is believed without any mark: marks can be removed, and a second one would be made beside it.
        if isinstance(recorded, Address) and recorded.kind == obj.kind:
            by_record.setdefault(names.moved(recorded), []).append(obj)
    twins: dict[Address | Part, tuple[Listed, ...]] = {}
    for address, resource in names.declared.items():
        if found.is_open(address):
            alike = by_name.get((address.kind, resource.name), []) if resource.name == names.default(address) else []
            both = {obj.id: obj for obj in (*alike, *by_record.get(address, ()))}
            if both:
                twins[address] = tuple(both.values())
    return twins


def _counts(obj: Listed) -> bool:
    return obj.status not in _GOING and claimed(obj)[0] not in RUN_BY_THEMSELVES
