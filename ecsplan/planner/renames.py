"""Proposes `moved` where one thing is to be deleted and one that is alike is to be made. Called by the engine; pure."""

from collections import ChainMap, Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from msgspec import Struct

from ecsplan.model.address import Address, Ref, Template
from ecsplan.model.algebra import PLAIN
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.record import Applied, lines_of
from ecsplan.model.record_form import has_secret
from ecsplan.model.record_old import digest, flat
from ecsplan.model.resource import Resource
from ecsplan.model.stack import Stack

ALIKE = 0.75  # the share of what is declared that must have been applied to the other
FEW = 8  # of those that share a line are looked at: among more, a rarer line tells, or they are all the same
MOST_PAIRS = 100_000  # a plan that rewrites so much is no rename


class _Pair(Struct, frozen=True):
    old: Address
    new: Address
    share: float


def renames(changes: Sequence[Change], stack: Stack, kinds: Kinds) -> Iterator[Diagnostic]:
    """A warning for each block that looks renamed; the members of a group that all moved are told once."""
    declared = stack.by_address()
    going = Counter(change.address.group for change in changes if change.action is Action.DELETE)
    groups: dict[tuple[Address, Address], list[tuple[Address, Address]]] = {}
    for old, new in sorted(heirs(changes, stack, kinds).items()):
        groups.setdefault((old.group, new.group), []).append((old, new))
    for (before, after), pairs in groups.items():
        is_whole = len(pairs) == going[before] and all(old.key is not None and old.key == new.key for old, new in pairs)
        if is_whole:
            yield _proposal(before, after, declared[pairs[0][1]])
        else:
            yield from (_proposal(old, new, declared[new]) for old, new in pairs)


def heirs(changes: Sequence[Change], stack: Stack, kinds: Kinds) -> dict[Address, Address]:
    """What goes, and what comes in its place as it is alike; the most alike first, and nothing twice.

    What refers to something renamed looks otherwise for that alone: it is held against the old ones again, with the
    names that were found. What is the very same is looked up first, so that hardly anything is left to be compared.
    """
    found: dict[Address, Address] = {}
    while fresh := _same(changes, stack, kinds, found) or _more(changes, stack, kinds, found):
        found |= fresh
    return found


def _same(
    changes: Sequence[Change], stack: Stack, kinds: Kinds, known: Mapping[Address, Address]
) -> dict[Address, Address]:
    """What goes and has on record exactly what something new declares; of equals the one of the same key first."""
    declared, taken = stack.by_address(), set(known.values())
    old_names = {new: old for old, new in known.items()}
    going = {
        change.address: change.before.applied
        for change in sorted(changes, key=lambda change: change.address.sort_key)
        if _leaves_a_record(change) and change.address not in known and change.before is not None
        and change.before.applied is not None and change.before.applied.digests is None
    }  # fmt: skip
    new = [declared[c.address] for c in changes if c.action is Action.CREATE and c.address in declared]
    new = sorted((one for one in new if one.address not in one.named), key=lambda one: one.address.sort_key)
    found: dict[Address, Address] = {}
    for is_same_key in (True, False):
        index = _Index({old: record for old, record in going.items() if old not in found}, is_same_key)
        for one in new if index.records else ():
            if one.address not in taken and (is_same_key or one.address.key in (None, 0)):
                wanted = _as_before(kinds[one.address.kind], one, one.address, old_names, {})
                if (old := index.take(one.address, wanted)) is not None:
                    found[old] = one.address
                    taken.add(one.address)
    return found


def _leaves_a_record(change: Change) -> bool:
    obj = change.before
    is_whole = obj is not None and not obj.retired and obj.kind == change.kind and obj.applied is not None
    return change.action is Action.DELETE and is_whole


_Place = tuple[str, int | str | None, str, str]  # kind, key, name of a line, and how it is held


class _Index:
    """Records by each of their lines, of one key each or of all keys; what is taken is in it no more."""

    def __init__(self, records: dict[Address, Applied], is_same_key: bool) -> None:
        self.records, self._is_same_key = records, is_same_key
        self._by_line: dict[_Place, dict[Address, None]] = {}
        for address, record in records.items():
            for name, form in record.lines.items():
                self._by_line.setdefault(self._place(address, name, form or ""), {})[address] = None

    def _place(self, address: Address, name: str, form: str) -> _Place:
        return (address.kind, address.key if self._is_same_key else None, name, form)

    def take(self, new: Address, wanted: "_Declared") -> Address | None:
        """One that holds all that is wanted: looked for where the rarest of its lines is."""
        near: list[list[Address]] = []
        for name, held in wanted.lines.items():
            places = (self._by_line.get(self._place(new, name, form), {}) for form in held)
            if found := [address for place in places for address in islice(place, FEW)]:
                near.append(found)
        for old in min(near, key=len, default=()):
            if wanted.share_of(self.records[old]) == 1:
                self._remove(old)
                return old
        return None

    def _remove(self, old: Address) -> None:
        for name, form in self.records.pop(old).lines.items():
            self._by_line[self._place(old, name, form or "")].pop(old, None)


def _more(
    changes: Sequence[Change], stack: Stack, kinds: Kinds, known: Mapping[Address, Address]
) -> dict[Address, Address]:
    found: dict[Address, Address] = {}
    taken = set(known.values())
    # Among equals, the member of the same key: web[3] became app[3].
    pairs = _pairs(changes, stack, kinds, known)
    for pair in sorted(pairs, key=lambda p: (-p.share, p.old.key != p.new.key, p.old.sort_key, p.new.sort_key)):
        if pair.old not in found and pair.new not in taken:
            found[pair.old] = pair.new
            taken.add(pair.new)
    return found


def _pairs(changes: Sequence[Change], stack: Stack, kinds: Kinds, known: Mapping[Address, Address]) -> list[_Pair]:
    """All that are alike enough. Members of groups are held against those of their own number only."""
    declared = stack.by_address()
    old_names = {new: old for old, new in known.items()}
    wanted: dict[tuple[str, int | str | None], list[Resource]] = {}
    for change in changes:
        resource = declared.get(change.address)
        if change.action is Action.CREATE and resource is not None and resource.address not in old_names:
            wanted.setdefault((change.kind, change.address.key), []).append(resource)
    found: list[_Pair] = []
    declarations: dict[tuple[Address, Address | None], _Declared] = {}
    tried = 0
    for change in changes if wanted else ():
        obj = change.before
        if not _leaves_a_record(change) or change.address in known or obj is None or obj.applied is None:
            continue
        for key in dict.fromkeys((change.address.key, None, 0)):
            candidates = wanted.get((change.kind, key), ())
            tried += len(candidates)
            if tried > MOST_PAIRS:
                return []
            for resource in candidates:
                mine = _as_before(kinds[change.kind], resource, change.address, old_names, declarations)
                share = mine.share_of(obj.applied)
                if share >= ALIKE:
                    found.append(_Pair(change.address, resource.address, share))
    return found


class _Declared(Struct, frozen=True):
    """All that a new thing declares; its name, which is to change, aside. `digests`: as records of the old format."""

    lines: Mapping[str, tuple[str, ...]]
    digests: frozenset[str]

    def share_of(self, record: Applied) -> float:
        """Which part of it the record holds."""
        if record.digests is not None:
            return len(self.digests & record.digests) / max(1, len(self.digests))
        return sum(record.line(name) in held for name, held in self.lines.items()) / max(1, len(self.lines))


def _as_before(
    kind: Kind,
    resource: Resource,
    old: Address,
    old_names: Mapping[Address, Address],
    found: dict[tuple[Address, Address | None], _Declared],
) -> _Declared:
    """What is declared, as it was when it and what it refers to had their old names."""
    if (known := found.get((resource.address, None))) is not None:  # asked for each of the old ones
        return known
    names_itself = resource.address in resource.named
    key = (resource.address, old if names_itself else None)
    if key not in found:
        names = ChainMap({resource.address: old}, old_names)  # type: ignore[arg-type]  # it is only read
        declared = {n: v for n, v in resource.attributes.items() if n != "name" and not has_secret(v)}
        attributes = {name: _renamed(value, names) for name, value in declared.items()}
        digests = frozenset(digest(name, value) for name, value in flat(attributes))
        found[key] = _Declared(lines_of(kind, attributes), digests)
    return found[key]


def _renamed(value: object, names: Mapping[Address, Address]) -> Any:
    """A value with the references to what has another name now under the old one."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, Ref):
        return replace(value, address=names.get(value.address, value.address))
    if isinstance(value, Template):
        return Template(tuple(_renamed(part, names) for part in value.parts))
    if isinstance(value, tuple):
        return tuple(_renamed(item, names) for item in value)
    return value


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
