"""Members of a batch: those that nothing tells apart, and the tables by which the others are told for good. Pure.

Names are changed in the console, and tags are copied. Of members that nothing tells apart one is known by what is left,
or it is a question; never by a guess.
"""

from collections.abc import Collection, Iterator, Sequence

from ecsplan.inventory.identity.born import born_together
from ecsplan.inventory.identity.claims import Batch, Claim, Claims
from ecsplan.inventory.identity.names import Names
from ecsplan.inventory.identity.outcome import Match
from ecsplan.model.address import Address, Span
from ecsplan.model.identity import Evidence, Question, adoption, named
from ecsplan.model.marks import MEMBERS, TABLE, members_table
from ecsplan.model.ownership import has_room_for_number
from ecsplan.model.resource import Listed


def tell_unknown(claims: Claims, names: Names, found: Match) -> None:
    """An unknown one that was made by the call that made the others is the one that is missing, if no more are.

    Not if something refers to that member: it would then mean another machine than before. A member that is missing
    while there are unknown ones is never made anew.
    """
    told = {obj.id for _, obj in (*found.orphans, *found.retired, *found.matched.items())}
    told |= {obj.id for asked in found.questions.values() for question in asked for obj in question.objects}
    referred: set[Address] | None = None
    taken = {claim.was for claim in claims.found} | {claim.address for claim in claims.found}
    by_id: dict[str, list[Claim]] = {}
    for claim in claims.found:
        by_id.setdefault(claim.obj.id, []).append(claim)
    for batch in claims.batches:
        unknown = [obj for obj in batch.objects if obj.id not in told and not obj.retired]
        unknown = [obj for obj in unknown if not _take_first(batch, obj, names, found)]
        if not unknown:
            continue
        siblings = [claim for obj in batch.objects if obj.id in told for claim in by_id.get(obj.id, ())]
        referred = names.referred() if referred is None else referred
        missing = list(_missing(batch, taken, names))
        wanted = [address for address in missing if address in names.declared and found.is_open(address)]
        # One is missing, one is left, the file still has it, and the same call made both: by elimination. But where
        # something names that member, a wrong guess would attach a disk, or point traffic, to another machine than
        # before: then nothing is concluded, and a person is asked.
        is_sure = len(unknown) == len(missing) == len(wanted) == 1 and _is_sibling(unknown[0], siblings)
        if is_sure and wanted[0] not in referred:
            was = _before(batch, wanted[0], names)
            found.take(Claim(unknown[0], wanted[0], was, Evidence.LEFT_OVER))
            continue
        for address in wanted:
            found.ask(_question(address, unknown))
        copies = {obj.id for _, obj in found.copies}
        left = [(names.moved(batch.group), obj) for obj in unknown if obj.id not in copies]
        # Every number has its object: one too many is a copy. Without numbers it may have been a member all the same.
        is_whole = batch.span is not None and not missing  # then there is no member that it could have been
        (found.copies if is_whole else found.strangers).extend(left)


def _take_first(batch: Batch, obj: Listed, names: Names, found: Match) -> bool:
    """One thing that became a group, marked by an earlier version: it has the name of the group, without a number."""
    first = names.moved(Address(batch.group.kind, batch.group.name, 0))
    base = (names.default(batch.group), names.bases.get(first.group))
    if batch.span is not None or obj.name not in base or first not in names.declared or not found.is_open(first):
        return False
    found.take(Claim(obj, first, batch.group, Evidence.NAMED))
    return True


def _missing(batch: Batch, taken: Collection[Address], names: Names) -> Iterator[Address]:
    """The members of the batch that nothing claims to be, by the addresses that they have now."""
    for address in _numbers(batch, names):
        if address not in taken and names.moved(address) not in taken:
            yield names.moved(address)


def _numbers(batch: Batch, names: Names) -> Iterator[Address]:
    group = batch.group
    if batch.span is not None:
        yield from (Address(group.kind, group.name, n) for n in range(batch.span.first, batch.span.last + 1))
        return
    now = names.moved(group)
    yield from (
        Address(group.kind, group.name, a.key) for a in names.declared if a.group == now and isinstance(a.key, int)
    )


def _before(batch: Batch, address: Address, names: Names) -> Address:
    return next(before for before in _numbers(batch, names) if names.moved(before) == address)


def _is_sibling(obj: Listed, siblings: Sequence[Claim]) -> bool:
    """Whether the call that made the others made it too; a copy is younger."""
    return bool(siblings) and any(born_together(obj, claim.obj) for claim in siblings)


def _question(address: Address, unknown: Sequence[Listed]) -> Question:
    who = ", ".join(named(obj) for obj in unknown[:5]) + (", …" if len(unknown) > 5 else "")
    return Question(
        address,
        f"{address} is not found, and it may be one of {who}, whose names are those of no member",
        f"give it its name again, or write {adoption(address, unknown[0].id)} (or another of the ids)",
        tuple(unknown),
    )


def number_members(claims: Claims, names: Names, found: Match) -> None:
    """Where something names a member by its number, all of its batch that are known get a table of who is which."""
    referred = names.referred()
    batches: dict[tuple[Address, Span], dict[int, Claim]] = {}
    for claim in claims.found:
        owner = claim.obj.owner
        is_known = found.matched.get(claim.address) is claim.obj and claim.address == claim.was
        if owner is not None and owner.span is not None and is_known and isinstance(claim.was.key, int):
            batches.setdefault((owner.address, owner.span), {})[claim.was.key] = claim
    for members in batches.values():
        if not any(claim.address in referred for claim in members.values()):
            continue
        if all(claim.evidence is Evidence.NUMBERED for claim in members.values()):
            continue
        # Written only where something names a member by number: a tag less on each of thousands that nobody names.
        for run in runs(sorted(members)):
            table = members_table([members[number].obj.id for number in run], run[0])
            found.tables |= {members[number].address: table for number in run if _lacks(members[number], table)}


def _lacks(claim: Claim, table: str) -> bool:
    return claim.obj.marks.get(MEMBERS) != table and has_room_for_number(len(claim.obj.tags))


def runs(numbers: Sequence[int]) -> list[list[int]]:
    """Numbers that follow each other, as many as a table holds."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][-1] + 1 == number and len(found[-1]) < TABLE:
            found[-1].append(number)
        else:
            found.append([number])
    return found
