"""The edges between changes, and the Plan's steps in an order that keeps them. networkx is used here alone.

The four edge rules: (1) what I refer to is created or updated before me; (2) I am deleted before what I hold;
(3) I let go of a thing before it is deleted; (4) the halves of a replacement follow each other (steps.py chains them).
An edge a → b means that a runs before b.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import networkx as nx

from ecsplan.model.address import Address
from ecsplan.model.change import Action, Change
from ecsplan.model.composites import refs_in
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.kind import Kind
from ecsplan.model.plan import StepId
from ecsplan.plan.drafts import Draft, Work
from ecsplan.plan.steps import taken_by

_SETTLING = ("create", "update", "stop", "start")


def connect(work: Work, changes: Sequence[Change]) -> None:
    """Adds to each draft the ids of the drafts that run before it."""
    lives = {change.before.id: change for change in changes if change.before is not None}
    by_address = {change.address: change for change in changes}
    doomed = {
        c.before.id: c.address for c in changes if c.before is not None and c.action in (Action.DELETE, Action.REPLACE)
    }
    for change in changes:
        if change.address in work.of and change.action is not Action.DELETE:
            _needs_what_it_refers_to(work, change)
            _goes_before_what_it_is_made_from(work, change, lives)
            _comes_after_what_is_changed(work, change, by_address)
        if change.before is not None and doomed:
            _goes_before_what_it_holds(work, change, doomed)
    _frees_values_first(work, changes)
    _hands_over(work, changes)


def _drafts(work: Work, address: Address, *verbs: str) -> list[Draft]:
    return [draft for draft in work.of.get(address, ()) if draft.id.verb in verbs]


def _needs_what_it_refers_to(work: Work, change: Change) -> None:
    """Rule 1. Attributes that are set later need only that the other exists: this is how two groups name each other."""
    declared = work.declared.get(change.address)
    if declared is None:
        return
    kind = work.kinds[change.kind]
    later = kind.birth(change).later
    born = _drafts(work, change.address, "create")
    for name, value in declared.attributes.items():
        changed = name in change.attributes_by_name
        if kind.attribute(name).as_it_was and isinstance(_after(change, name), str):
            continue  # it is there already, and is changed only afterwards
        for ref in refs_in(value):
            if name in later:
                first = _drafts(work, change.address, "finish" if born else "update")
                _need(first[:1], _drafts(work, ref.address, "create"))
            elif born or changed:
                first = born or _drafts(work, change.address, "update", "mark", "stop")
                _need(first[:1], _drafts(work, ref.address, *_SETTLING))
    for other in declared.depends_on:
        first = [d for d in work.of[change.address] if d.id.verb not in ("release", "delete")]
        for address in _members(work, other):
            _need(first[:1], [d for d in work.of.get(address, ()) if d.id.verb != "delete"])


def _comes_after_what_is_changed(work: Work, change: Change, by_address: Mapping[Address, Change]) -> None:
    """What is set late waits for what the same plan changes of the thing that it names, where the kind says so."""
    declared = work.declared.get(change.address)
    for name, changed in work.kinds[change.kind].after.items():
        is_set = change.before is None or name in change.attributes_by_name or change.action is Action.REPLACE
        for ref in refs_in(declared.attributes.get(name)) if declared is not None and is_set else ():
            other = by_address.get(ref.address)
            if other is not None and other.action is Action.UPDATE and set(changed) & other.attributes_by_name.keys():
                takes = _drafts(work, change.address, "finish") or _drafts(work, change.address, "update")
                _need(takes[:1], _drafts(work, ref.address, "update"))


def _after(change: Change, name: str) -> object:
    return change.after.attributes.get(name) if change.after is not None else None


def _goes_before_what_it_is_made_from(work: Work, change: Change, lives: Mapping[str, Change]) -> None:
    """What is made from a thing as it was (a snapshot) is made before the same plan changes or removes that thing."""
    born = _drafts(work, change.address, "create")
    for attribute in work.kinds[change.kind].attributes if born else ():
        if not attribute.as_it_was:
            continue
        for source in _sources(work, change, attribute.name, lives):
            _need(_drafts(work, source, "update", "mark", "stop", "release", "delete"), born)


def _sources(work: Work, change: Change, name: str, lives: Mapping[str, Change]) -> Iterator[Address]:
    """The live things, by name or by id, that an attribute is to be made from."""
    value = _after(change, name)
    if isinstance(value, str) and value in lives:
        yield lives[value].address
    declared = work.declared.get(change.address)
    for ref in refs_in(declared.attributes.get(name)) if declared is not None and isinstance(value, str) else ():
        yield ref.address


def _members(work: Work, address: Address) -> Iterator[Address]:
    """The address itself, or every member where it names a group."""
    if address in work.declared or address.key is not None:
        yield address
    else:
        yield from (other for other in work.declared if other.group == address)


def _goes_before_what_it_holds(work: Work, change: Change, doomed: Mapping[str, Address]) -> None:
    """Rules 2 and 3, by what the live object holds."""
    assert change.before is not None
    kind: Kind = work.kinds[change.kind]
    for name, value in change.before.attributes.items():
        for held in _ids_in(value, doomed):
            other = doomed[held]
            if other == change.address:
                continue
            ends = _drafts(work, other, "delete")
            if change.action in (Action.DELETE, Action.REPLACE):
                releases = _drafts(work, change.address, "release") if name in kind.delete.release else []
                _need(ends, releases or _drafts(work, change.address, "delete"))
            elif name in change.attributes_by_name:
                _need(ends, _drafts(work, change.address, "release") or _drafts(work, change.address, "update"))


def _ids_in(value: object, ids: Mapping[str, Address]) -> Iterator[str]:
    if isinstance(value, str):
        if value in ids:
            yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _ids_in(item, ids)


def _frees_values_first(work: Work, changes: Sequence[Change]) -> None:
    """A value that two live objects cannot share (a CIDR, a unique name) is freed before it is taken again."""
    freed: dict[tuple[str, str, object], Address] = {}
    for change in changes:
        if change.action is Action.DELETE and change.before is not None:
            for name in work.kinds[change.kind].exclusive:
                freed[change.kind, name, _value(change, name)] = change.address
    for change in changes if freed else ():
        if change.action is Action.CREATE and change.after is not None:
            for name in work.kinds[change.kind].exclusive:
                value = change.after.name if name == "name" else change.after.attributes.get(name)
                other = freed.get((change.kind, name, value))
                if other is not None and value is not None:
                    _need(_drafts(work, change.address, "create"), _drafts(work, other, "delete"))


def _hands_over(work: Work, changes: Sequence[Change]) -> None:
    """What one object alone can hold is let go by one before another takes it."""
    holders: dict[tuple[str, str, object], Address] = {}
    for change in changes:
        for name in work.kinds[change.kind].singular if change.before is not None else ():
            holders[change.kind, name, _value(change, name)] = change.address
    for change in changes if holders else ():
        for key in taken_by(work.kinds[change.kind], change):
            other = holders.get(key, change.address)
            if other != change.address:
                takes = _drafts(work, change.address, "finish") or _drafts(work, change.address, "update")
                _need(takes[:1], _drafts(work, other, "release"))


def _value(change: Change, name: str) -> object:
    assert change.before is not None
    return change.before.name if name == "name" else change.before.attributes.get(name)


def _need(later: Iterable[Draft], earlier: Iterable[Draft]) -> None:
    ids = [draft.id for draft in earlier]
    for draft in later:
        draft.needs.update(i for i in ids if i != draft.id)


def generations(drafts: Mapping[StepId, Draft]) -> list[list[StepId]]:
    """Steps by how many must run before them; within a generation none needs another. A cycle is a Diagnostic."""
    graph: nx.DiGraph[StepId] = nx.DiGraph()
    graph.add_nodes_from(drafts)
    graph.add_edges_from((other, draft.id) for draft in drafts.values() for other in draft.comes_after)
    if not nx.is_directed_acyclic_graph(graph):
        path = [edge[0] for edge in nx.find_cycle(graph)]
        shown = " → ".join(str(step) for step in (*path, path[0]))
        raise Rejected(
            [
                Diagnostic(
                    f"these steps wait for each other: {shown}",
                    "change one of them first, in an apply of its own (--target)",
                )
            ]
        )
    return [sorted(generation) for generation in nx.topological_generations(graph)]
