"""Proposes `moved` where one thing is to be deleted and one that is alike is to be made. Called by the engine; pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ecsplan.model.address import Address
from ecsplan.model.change import Action, Change
from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.model.ownership import digest, flat, has_secret
from ecsplan.model.resource import Resource
from ecsplan.model.stack import Stack

ALIKE = 0.75  # the share of what is declared that must have been applied to the other
MOST_PAIRS = 100_000  # a plan that rewrites so much is no rename


@dataclass(frozen=True, slots=True)
class _Pair:
    old: Address
    new: Address
    share: float


def renames(changes: Sequence[Change], stack: Stack) -> Iterator[Diagnostic]:
    """A warning for each block that looks renamed; the members of a group that all moved are told once."""
    declared = stack.by_address()
    going = Counter(change.address.group for change in changes if change.action is Action.DELETE)
    groups: dict[tuple[Address, Address], list[tuple[Address, Address]]] = {}
    for old, new in sorted(_moved(changes, stack).items()):
        groups.setdefault((old.group, new.group), []).append((old, new))
    for (before, after), pairs in groups.items():
        is_whole = len(pairs) == going[before] and all(old.key is not None and old.key == new.key for old, new in pairs)
        if is_whole:
            yield _proposal(before, after, declared[pairs[0][1]])
        else:
            yield from (_proposal(old, new, declared[new]) for old, new in pairs)


def _moved(changes: Sequence[Change], stack: Stack) -> dict[Address, Address]:
    """Who became whom, the most alike first; nobody twice."""
    found: dict[Address, Address] = {}
    taken: set[Address] = set()
    # Among equals, the member of the same key: web[3] became app[3].
    for pair in sorted(_pairs(changes, stack), key=lambda p: (-p.share, p.old.key != p.new.key, p.old, p.new)):
        if pair.old not in found and pair.new not in taken:
            found[pair.old] = pair.new
            taken.add(pair.new)
    return found


def _pairs(changes: Sequence[Change], stack: Stack) -> list[_Pair]:
    """All that are alike enough. Members of groups are held against those of their own number only."""
    declared = stack.by_address()
    wanted: dict[tuple[str, int | str | None], list[tuple[Address, list[str]]]] = {}
    for change in changes:
        resource = declared.get(change.address)
        if change.action is Action.CREATE and resource is not None and (digests := _digests(resource)):
            wanted.setdefault((change.kind, change.address.key), []).append((change.address, digests))
    found: list[_Pair] = []
    tried = 0
    for change in changes:
        obj = change.before
        if change.action is not Action.DELETE or obj is None or obj.retired or not obj.applied:
            continue
        for key in dict.fromkeys((change.address.key, None, 0)):
            candidates = wanted.get((change.kind, key), ()) if obj.kind == change.kind else ()
            tried += len(candidates)
            if tried > MOST_PAIRS:
                return []
            for address, digests in candidates:
                share = sum(one in obj.applied for one in digests) / len(digests)
                if share >= ALIKE:
                    found.append(_Pair(change.address, address, share))
    return found


def _digests(resource: Resource) -> list[str]:
    """Of all that is declared; its name, which is to change, aside."""
    return [digest(n, v) for n, v in flat(resource.attributes) if n != "name" and not has_secret(v)]


def _proposal(old: Address, new: Address, resource: Resource) -> Diagnostic:
    return Diagnostic(
        f"looks like {old}, renamed; as it stands, one is deleted and the other made",
        f"to keep it, add moved: [{{from: {_quoted(old)}, to: {_quoted(new)}}}] to the stack file",
        resource.source,
        new,
        Severity.WARNING,
    )


def _quoted(address: Address) -> str:
    """As flow style takes it: brackets have to be quoted."""
    text = str(address)
    return text if address.key is None else "'" + text.replace("'", "''") + "'"
