"""Lists that leave out what a read by id finds: nothing is made where something else tells that it is there.

Used by planning.py. The witnesses are objects of the stack that name what no list shows, parts of it, and the journals
of earlier runs. What they name is read by id, and only where a kind of it is to be made.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from ecsplan.inventory.decode import bare, ids_under
from ecsplan.inventory.read import read_whole
from ecsplan.model.algebra import fields
from ecsplan.model.capabilities.conversion import Conversion
from ecsplan.model.capabilities.exclusivity import exclusivity
from ecsplan.model.change import Action, Cause, Change
from ecsplan.model.composites import MapOf, Reference, SetOf, refs_in
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Detail, Kind, Kinds
from ecsplan.provider.protocol import Provider

MOST = 100  # ids of a kind that are read; the newest


def unlisted(
    source: Provider,
    stack: str,
    kinds: Kinds,
    inventory: Inventory,
    changes: Sequence[Change],
    made: Mapping[str, str],
    destroy: bool = False,
) -> list[Diagnostic]:
    """What is there, is ours, and is in no list. `made` are ids and their kinds, oldest first.

    Asked of kinds that are to be made, and of all for `destroy`, which would leave it behind.
    """
    refilled = [(change, detail) for change in changes for detail in _lost_parts(kinds, change)]
    created = {change.kind for change in changes if change.action is Action.CREATE}
    lists = {detail.operation for _, detail in refilled}
    created |= {kind.name for kind in kinds.values() if kind.listing.operation in lists}
    if destroy:
        created = set(kinds)
    if not created and not refilled:
        return []
    listed = {(obj.kind, obj.id) for obj in inventory.objects}
    named: dict[tuple[str, str], None] = {(kind, id_): None for id_, kind in made.items()}
    named |= dict.fromkeys(_references(stack, kinds, inventory))
    problems = [problem for change, detail in refilled for problem in _unlisted_parts(source, kinds, change, detail)]
    held = {(kind, id_): change for change in changes for kind, id_ in _let_go_for_new(kinds, change, created)}
    for name in sorted(created):
        kind = kinds[name]
        missing = [id_ for of, id_ in named if of == name and (of, id_) not in listed][-MOST:]
        found = source.read(kind.name, missing) if missing else {}
        problems += [_hidden(kind, id_, held[name, id_]) for id_ in missing if (name, id_) in held and id_ not in found]
        is_none = kind.listing.skip or (lambda raw: False)
        for obj in (bare(kind, found[id_]) for id_ in sorted(found) if not is_none(found[id_])):
            if obj.owner is not None and obj.owner.stack == stack and not obj.retired:
                problems.append(
                    Diagnostic(
                        f"{kind.listing.operation} does not list {obj.id}, which is there when asked for by its id",
                        "plan again in a moment: a second one would be made of what the list leaves out",
                        address=obj.owner.address,
                    )
                )
    return problems


def _let_go_for_new(kinds: Kinds, change: Change, created: Collection[str]) -> Iterator[tuple[str, str]]:
    """Kind and id of all that a live object is to leave for something new, and that cannot be gone while it is in it.

    A key pair can: the service deletes it under its machines.
    """
    for line in change.attributes if change.before is not None and change.action is not Action.NOOP else ():
        reference = _naming(kinds[change.kind]).get(line.name)
        for kind, id_ in _named(reference, line.before) if reference is not None else ():
            is_held = kind in kinds and (change.kind, line.name) in kinds[kind].delete.held_by
            is_held = is_held and not exclusivity(kinds[kind]).unique_name
            if is_held and kind in created and any(ref.address.kind == kind for ref in refs_in(line.after)):
                yield kind, id_


def _hidden(kind: Kind, object_id: str, change: Change) -> Diagnostic:
    assert change.before is not None
    return Diagnostic(
        f"{change.before.id} is in {object_id}, which {kind.listing.operation} does not tell of, nor can it be gone",
        f"plan again in a moment; if it stays so, allow the key to read {object_id}",
        address=change.address,
    )


def _lost_parts(kinds: Kinds, change: Change) -> Iterator[Detail]:
    """The lists to doubt where a part that was applied (a disk in a slot) seems to be gone and is to be made again."""
    for line in change.attributes if change.before is not None and change.action is not Action.NOOP else ():
        known = kinds[change.kind]
        maps = {attribute.name for attribute in known.attributes if isinstance(attribute.type, MapOf)} - {"tags"}
        if (
            line.name in maps
            and line.cause is not Cause.PENDING
            and fields(line.after).keys() - fields(line.before).keys()
        ):
            yield from (detail for detail in known.listing.details if detail.one and not detail.is_aside)


def _unlisted_parts(source: Provider, kinds: Kinds, change: Change, detail: Detail) -> Iterator[Diagnostic]:
    assert change.before is not None
    id_field = next(kind.listing.id for kind in kinds.values() if kind.listing.operation == detail.operation)
    seen = ids_under(change.before, detail.into, id_field)
    whole = read_whole(source, kinds[change.kind], change.before.id) or {}
    for part in whole.get(detail.into) or ():
        if part[id_field] not in seen:
            yield Diagnostic(
                f"{detail.operation} does not list {part[id_field]} of {change.before.id}, which is there if asked for",
                "plan again in a moment: a second one would be made of what the list leaves out",
                address=change.address,
            )


def _references(stack: str, kinds: Kinds, inventory: Inventory) -> Iterator[tuple[str, str]]:
    """Kind and id of all that the objects of the stack name, or are part of."""
    for obj in inventory.objects:
        if obj.owner is not None and obj.owner.stack == stack and obj.parent is not None:
            yield (obj.owner.address.kind, obj.parent)
    naming = {name: _naming(kind) for name, kind in kinds.items()}
    converted = _converted(kinds)
    for obj in (*inventory.matched.values(), *(obj for _, obj in inventory.orphans)):
        for name, reference in naming[obj.kind].items():
            yield from _named(reference, obj.attributes.get(name))
        for other, conversion in converted.get(obj.kind, ()):
            if target := obj.fact(conversion.tells):
                yield (other, target)


def _converted(kinds: Kinds) -> dict[str, list[tuple[str, Conversion]]]:
    """What is made of a thing that an object of a kind has, which its list then names: by that kind."""
    found: dict[str, list[tuple[str, Conversion]]] = {}
    for name, kind in kinds.items():
        conversion = kind.capability(Conversion)
        source = kind.attribute(conversion.source).type if conversion is not None else None
        if conversion is not None and isinstance(source, Reference):
            for of in source.kinds:
                found.setdefault(of, []).append((name, conversion))
    return found


def _naming(kind: Kind) -> dict[str, Reference]:
    """The attributes by which an object of the kind names others."""
    found = {a.name: a.type.item if isinstance(a.type, SetOf) else a.type for a in kind.attributes}
    return {name: of for name, of in found.items() if isinstance(of, Reference)}


def _named(reference: Reference, value: object) -> Iterator[tuple[str, str]]:
    values: Collection[object] = value if isinstance(value, tuple) else (value,)
    for target, prefix in zip(reference.kinds, reference.prefixes, strict=False):
        yield from ((target, one) for one in values if isinstance(one, str) and one.startswith(prefix))
