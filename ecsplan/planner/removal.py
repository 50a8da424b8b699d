"""Removals: orphans, retired objects, released ones, or everything for `destroy`. Used by diff.py; pure.

What the file lets go of is let go first, whatever else is asked.
"""

from collections.abc import Collection, Iterator

from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.change import Action, Change, Going
from ecsplan.model.copying import replace
from ecsplan.model.identity import named
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.resource import LiveObject
from ecsplan.model.stack import Stack
from ecsplan.planner.marks import LEFT_OFF
from ecsplan.planner.ways import lost_with
from ecsplan.planner.window import is_left_off


class Removing(Struct, frozen=True):
    """What is known while it is told what goes. `protected` are the groups that the file protects."""

    stack: Stack
    inventory: Inventory
    kinds: Kinds
    destroy: bool
    protected: Collection[Address]
    blocks: Collection[Address]


def removals(
    stack: Stack, inventory: Inventory, kinds: Kinds, *, destroy: bool, taken: Collection[str] = ()
) -> Iterator[Change]:
    """Changes for live objects of the stack that no resource wants; sorted, so that a plan is always the same.

    `taken` are the ids of loose parts that something new takes up.
    """
    protected = {r.address.group for r in stack.resources if r.lifecycle.prevent_destroy}
    work = Removing(stack, inventory, kinds, destroy, protected, {r.address.group for r in stack.resources})
    found = [*_let_go(work), *_retired(work), *_left_over(work, taken), *_all_the_rest(work)]
    seen: set[str] = set()
    for change in sorted(found, key=lambda c: (c.action is not Action.RELEASE, c.address, c.id_text)):
        assert change.before is not None
        if change.before.id not in seen:
            seen.add(change.before.id)
            yield change


def _let_go(work: Removing) -> Iterator[Change]:
    """`released` in the file: of resources, and of parts by the address of their slot."""
    for place, obj in work.inventory.released:
        yield _release(work, _place(place.owner, obj), obj)
    for address, obj in (*work.inventory.orphans, *work.inventory.loose, *work.inventory.retired):
        if work.stack.releases(address):
            yield _release(work, _place(address, obj), obj)


def _release(work: Removing, address: Address, obj: LiveObject) -> Change:
    inside = {part.id: part for part in work.inventory.parts.get(obj.id, ())}
    inside |= {part.id: part for part in work.inventory.objects if part.parent == obj.id}
    change = Change(
        address,
        Action.RELEASE,
        obj,
        None,
        stack=work.stack.name,
        reason="released",
        going=Going.RELEASED,
        parts=tuple(inside.values()),
    )
    note = f"{LEFT_OFF}: it is started first"
    return replace(change, notes=(note,)) if is_left_off(work.kinds[obj.kind], change) else change


def _retired(work: Removing) -> Iterator[Change]:
    """What a run of ours retired goes without a word; a mark alone proves nothing."""
    for address, obj in work.inventory.retired:
        heir = work.inventory.matched.get(address)
        if heir is not None and heir.retired and not obj.retired:
            yield _delete(work, address, obj, f"{heir.id}, whose place it took, is wanted again", Going.GONE)
        elif heir is not None and heir.owner is not None and obj.id in work.inventory.known.retired:
            yield _delete(work, address, obj, "replaced by a newer one in a run that was cut off", Going.RETIRED)
        else:
            yield _delete(work, address, obj, "marked as replaced; no journal here tells that it was", Going.GONE)


def _left_over(work: Removing, taken: Collection[str]) -> Iterator[Change]:
    loose = (pair for pair in work.inventory.loose if pair[1].id not in taken)
    for address, obj in (*work.inventory.orphans, *loose):
        notes = () if work.destroy else tuple(_what_stays(work.inventory, address, obj))
        going = Going.DESTROY if work.destroy else Going.GONE
        yield _delete(work, address, obj, _reason(work, address, obj), going, notes)


def _all_the_rest(work: Removing) -> Iterator[Change]:
    """For `destroy`: what `adopt` names is not ours before it is adopted."""
    if not work.destroy:
        return
    ours = [(address, obj) for address, obj in work.inventory.matched.items() if obj.owner is not None]
    for address, obj in (*ours, *work.inventory.strangers, *work.inventory.kept):
        yield _delete(work, address, obj, "destroy", Going.DESTROY)


def _reason(work: Removing, address: Address, obj: LiveObject) -> str:
    if work.destroy:
        return "destroy"
    if obj.kind != address.kind:
        return f"its {address.kind} is gone"
    if address.group in work.blocks:
        return f"{address.group} no longer has this member"
    path = work.stack.path
    return f"removed from {path}" if path not in (".", "./") else "no longer in the stack file"


def _place(address: Address, obj: LiveObject) -> Address:
    """A part that outlived its parent goes by its own kind."""
    return address if obj.kind == address.kind else Address(obj.kind, address.name, obj.id)


def _what_stays(inventory: Inventory, address: Address, obj: LiveObject) -> Iterator[str]:
    """What outlives the object, and how a part that did can be had without its owner."""
    if obj.kind != address.kind:
        yield f"released: [{address}] gives it up without deleting it"
    for _, part in inventory.kept:
        if part.parent == obj.id:
            yield f"{part.kind} {part.name or part.id} ({part.id}) stays; a later plan shows it as left over"


def _delete(
    work: Removing, address: Address, obj: LiveObject, reason: str, going: Going, notes: tuple[str, ...] = ()
) -> Change:
    kind: Kind = work.kinds[obj.kind]
    questions = work.inventory.questions.get(address, ())
    blocked = [str(question) for question in questions if not (work.destroy and question.is_of_part)]
    if obj.is_protected or address.group in work.protected:
        blocked.append("it is protected (prevent_destroy); apply prevent_destroy: false first")
    refusal = kind.delete.refused(obj) if kind.delete.refused else None
    if refusal:
        blocked.append(refusal)
    is_doubtful = going is not Going.RETIRED and work.inventory.is_doubtful(obj)
    impacts, loses = lost_with(kind, obj)
    return Change(
        _place(address, obj),
        Action.DELETE,
        obj,
        None,
        impacts=impacts,
        reason=reason,
        loses=loses,
        blocked=tuple(blocked),
        notes=(*notes, *doubt(obj, is_doubtful)),
        stack=work.stack.name,
        going=going,
        is_doubtful=is_doubtful,
    )


def doubt(obj: LiveObject, is_doubtful: bool) -> Iterator[str]:
    if is_doubtful:
        yield f"{named(obj)} is known by its tags only: neither its name nor a journal here says that it is ours"
