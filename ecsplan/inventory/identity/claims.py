"""Which live object claims which address, by its mark, and what else speaks for the claim. Pure.

Members that one call made share a mark. Each is told by the table of its batch, by its exact name, by its number where
the whole batch is called otherwise; those of whom nothing tells are unknown members.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from ecsplan.inventory.identity.names import Names, base_of, number_in
from ecsplan.model.address import Address, Span
from ecsplan.model.identity import Evidence, Known
from ecsplan.model.marks import MEMBERS, key_of, number_in_table
from ecsplan.model.ownership import was_applied
from ecsplan.model.resource import Listed


class Claim(Struct, frozen=True):
    """An object and the address that it is, if the claim holds. `was`: the address before `moved`, as its mark says."""

    obj: Listed
    address: Address
    was: Address
    evidence: Evidence

    @property
    def is_moved(self) -> bool:
        return self.address != self.was


class Batch(Struct, frozen=True):
    """Members whose marks are alike. `span` are their numbers, None where an earlier version did not write them."""

    group: Address
    span: Span | None
    objects: tuple[Listed, ...]

    def __contains__(self, number: int) -> bool:
        return self.span is None or self.span.first <= number <= self.span.last


class Claims(Struct):
    """The members of a batch of which nothing tells the number claim nothing."""

    found: list[Claim] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)


def claims_of(objects: Iterable[Listed], names: Names, known: Known) -> Claims:
    """The claims of this stack's objects, parts left out."""
    claims = Claims()
    batches: dict[tuple[Address, Span | None], list[Listed]] = {}
    for obj in objects:
        owner = obj.owner
        assert owner is not None
        # One call makes many machines with the same tags, so that the mark names the batch and not the member.
        if owner.span is not None or _shares_its_groups_address(obj, names):
            batches.setdefault((owner.address, owner.span), []).append(obj)
        else:
            claims.found.append(_claim(obj, owner.address, names, known))
    for (group, span), members in batches.items():
        claims.batches.append(Batch(group, span, tuple(members)))
        _tell_apart(claims.batches[-1], names, known, claims)
    return claims


def _shares_its_groups_address(obj: Listed, names: Names) -> bool:
    """Earlier versions marked the members of a batch with the address of their group alone.

    The same mark is that of a single resource, and the file may have made a group of one since, or one of a group.
    So the name tells: `shop-web` is the one, `shop-web-0003` a member.
    """
    assert obj.owner is not None
    address = obj.owner.address
    if address.key is not None or key_of(obj.kind) in obj.tags:
        return False
    if address in names.groups or names.moved(address) in names.groups:
        return True
    if names.is_of(obj.name, address):
        return False
    # Of a group that left the file nothing is known but the numbers in the names of its members.
    is_gone = address not in names.declared and number_in(obj.name) is not None
    return is_gone or names.is_numbered(address, obj.name)


def _claim(obj: Listed, was: Address, names: Names, known: Known, by: Evidence | None = None) -> Claim:
    address = names.own(names.moved(was))
    was = address if was == address else was
    return Claim(obj, address, was, by or evidence_of(obj, (was, address), names, known))


def evidence_of(obj: Listed, addresses: Sequence[Address], names: Names, known: Known) -> Evidence:
    """What speaks for an object being one of these addresses, beside its mark."""
    # The journal wrote the id when this folder made the object; a name can be copied by hand, and marks are copied with
    # images and snapshots. So in this order.
    if known.ids.get(obj.id) in addresses:
        return Evidence.JOURNAL
    if names.is_of(obj.name, *addresses) or was_applied(obj, "name", obj.name):
        return Evidence.NAMED
    return Evidence.TAGS


def _tell_apart(batch: Batch, names: Names, known: Known, claims: Claims) -> None:
    left: list[Listed] = []
    taken: set[int] = set()
    # Sure ways first, for all members: a number that a renamed member only seems to have must not be given away before
    # the member that it belongs to has been found.
    for obj in batch.objects:
        number, by = _number_of(obj, batch, names, known)
        if number is None or number not in batch:
            left.append(obj)
            continue
        taken.add(number)
        claims.found.append(_member(obj, batch, number, names, known, by))
    for obj in left:
        number = number_in(obj.name)
        if number is not None and number in batch and number not in taken and _is_name_of_most(obj, batch):
            taken.add(number)
            claims.found.append(_member(obj, batch, number, names, known, Evidence.NAMED))


def _member(obj: Listed, batch: Batch, number: int, names: Names, known: Known, by: Evidence) -> Claim:
    return _claim(obj, Address(batch.group.kind, batch.group.name, number), names, known, by)


def _number_of(obj: Listed, batch: Batch, names: Names, known: Known) -> tuple[int | None, Evidence]:
    """The surest way first: the journal, the table of its batch, its exact name."""
    recorded = known.ids.get(obj.id)
    if isinstance(recorded, Address) and recorded.group == batch.group and isinstance(recorded.key, int):
        return recorded.key, Evidence.JOURNAL
    number = number_in_table(obj.marks.get(MEMBERS, ""), obj.id)
    if number is not None:
        return number, Evidence.NUMBERED
    named = names.by_name.get((names.moved(batch.group), obj.name))
    if named is not None and isinstance(named.key, int):
        return named.key, Evidence.NAMED
    return number_in(obj.name) if names.is_numbered(batch.group, obj.name) else None, Evidence.NAMED


def _is_name_of_most(obj: Listed, batch: Batch) -> bool:
    """While the names of a group are changing, the number alone tells: most have the same name before it."""
    bases = Counter(base_of(other.name) for other in batch.objects if number_in(other.name) is not None)
    # A machine that a person has cloned has a name of its own; the members of one batch share theirs. A majority tells
    # the two apart without knowing the old name.
    same = bases[base_of(obj.name)]
    return same > 1 and 2 * same > len(batch.objects)
