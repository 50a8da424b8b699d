"""`--target` and `--exclude`: a part of the changes that can stand by itself. Used by planning.py; pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from ecsplan.model.address import Address, means, parse_place
from ecsplan.model.algebra import texts
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Asked
from ecsplan.model.stack import Stack


def selected(changes: Sequence[Change], stack: Stack, kinds: Kinds, asked: Asked) -> tuple[Change, ...]:
    """The changes asked for, with what they need; those left out become NOOPs, and deletions left out vanish."""
    if not asked.targets and not asked.excludes:
        return tuple(changes)
    known = {change.address for change in changes}
    chosen = _matching(asked.targets, known) if asked.targets else set(known)
    needs, needed_by = _edges(changes, stack)
    chosen = _closure(chosen, needs)
    excluded = _closure(_matching(asked.excludes, known), needed_by)
    chosen -= excluded
    return _only(changes, chosen)


def dependents(changes: Sequence[Change], stack: Stack, addresses: Iterable[Address]) -> set[Address]:
    """Some addresses, and all that depends on them."""
    return _closure(addresses, _edges(changes, stack)[1])


def without(changes: Sequence[Change], stack: Stack, addresses: Iterable[Address]) -> tuple[Change, ...]:
    """The changes without those of some addresses, and without what depends on them."""
    return apart_from(changes, dependents(changes, stack, addresses))


def apart_from(changes: Sequence[Change], addresses: Collection[Address]) -> tuple[Change, ...]:
    """The changes without those of some addresses, and nothing else."""
    return _only(changes, {change.address for change in changes}.difference(addresses))


def _only(changes: Iterable[Change], chosen: Collection[Address]) -> tuple[Change, ...]:
    kept: list[Change] = []
    for change in changes:
        if change.address in chosen:
            kept.append(change)
        elif change.before is not None and change.after is not None:
            kept.append(replace(change, action=Action.NOOP, attributes=(), blocked=(), notes=(), **_NOTHING))
    return tuple(kept)


def left_out(changes: Sequence[Change], kept: Iterable[Change]) -> tuple[Address, ...]:
    """The addresses that would change, and do not in this part of the plan."""
    still = {change.address for change in kept if change.action is not Action.NOOP}
    return tuple(c.address for c in changes if c.action is not Action.NOOP and c.address not in still)


_NOTHING: Mapping[str, Any] = {"is_doubtful": False, "placed": (), "twins": (), "records": False, "left": ()}


def _matching(texts: Iterable[str], known: Collection[Address]) -> set[Address]:
    """The addresses that texts mean: addresses, groups and patterns. Raises Rejected where one means nothing."""
    found: set[Address] = set()
    problems = []
    for text in texts:
        try:
            hits = {address for address in known if means(text, address)}
            if not hits and "*" not in text:
                parse_place(text)
        except ValueError as error:
            problems.append(Diagnostic(str(error), "or a pattern: instance.web[0..2], instance.w*, instance.*"))
            continue
        if not hits:
            problems.append(Diagnostic(f"{text} matches no resource of this plan", _near(text, known)))
        found |= hits
    if problems:
        raise Rejected(problems)
    return found


def _near(text: str, known: Iterable[Address]) -> str:
    """Addresses of the plan that a mistyped one may have meant, else some of them."""
    names = sorted({str(address.group) for address in known})
    close = get_close_matches(text.partition("[")[0], names[:2000], 3, 0.6)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"resources: {', '.join(names[:10])}" + (" …" if len(names) > 10 else "") if names else "the plan is empty"


def _edges(changes: Sequence[Change], stack: Stack) -> tuple[dict[Address, set[Address]], dict[Address, set[Address]]]:
    """What each address needs, and who needs it: by declaration, and by what live objects hold.

    A group that something depends on is an address of its own, which needs its members.
    """
    declared = stack.by_address()
    going = {c.before.id: c.address for c in changes if c.before is not None and c.action in _GOING}
    needs: dict[Address, set[Address]] = {}
    for address in declared:
        if address.key is not None:
            needs.setdefault(address.group, set()).add(address)
    for change in changes:
        resource = declared.get(change.address)
        if resource is not None and change.action is not Action.DELETE:
            needs.setdefault(change.address, set()).update(resource.named, resource.depends_on)
        for held in _lets_go_of(change):
            if held in going and going[held] != change.address:  # whoever holds a thing that goes lets go first
                needs.setdefault(going[held], set()).add(change.address)
    needed_by: dict[Address, set[Address]] = {}
    for address, others in needs.items():
        for other in others:
            needed_by.setdefault(other, set()).add(address)
    return needs, needed_by


_GOING = (Action.DELETE, Action.REPLACE)


def _lets_go_of(change: Change) -> Iterator[str]:
    """The ids that a live object holds and will no longer hold: all where it goes, else in what is changed of it."""
    for name, value in change.before.attributes.items() if change.before is not None else ():
        if change.action in _GOING or name in change.attributes_by_name:
            yield from texts(value)


def _closure(start: Iterable[Address], edges: dict[Address, set[Address]]) -> set[Address]:
    found = set(start)
    todo = list(found)
    while todo:
        for other in edges.get(todo.pop(), ()):
            if other not in found:
                found.add(other)
                todo.append(other)
    return found
