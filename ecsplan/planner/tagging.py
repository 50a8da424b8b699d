"""The ownership tags of a change: born in the create call, else written before its other calls. Used by steps.py."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial

from msgspec import Struct

from ecsplan.model.address import Address, Part, Place, Ref, Span
from ecsplan.model.algebra import Value, fields
from ecsplan.model.call import Call, Late, Merge, Product, rows
from ecsplan.model.capabilities.parts import slots_of
from ecsplan.model.change import Action, Change
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.marks import (
    MEMBERS,
    OLD_KEYS,
    OLD_RESTART,
    OPEN,
    PREFIX,
    PROTECTED,
    RESTART,
    RETIRED,
    SAFETY,
    SECRETS,
    TABLE,
    key_of,
    mark,
    members_table,
    pairs,
    user_tags,
)
from ecsplan.model.ownership import MOST_TAGS, RECORD, record_marks, room_for_record
from ecsplan.model.record import LET_GO, Lines, open_text, texts
from ecsplan.model.resource import RemoteObject, Resource
from ecsplan.planner.recording import recorded

PASSING = (
    *RECORD,
    SECRETS,
    PROTECTED,
    SAFETY,
    RETIRED,
    MEMBERS,
    RESTART,
)  # marks that go when they do not hold any more


def wanted_tags(
    kind: Kind,
    stack: str,
    resource: Resource,
    place: Place | None = None,
    live: RemoteObject | None = None,
    lines: Mapping[str, tuple[str, ...]] | None = None,
) -> dict[str, Value]:
    """Our tags and the declared ones, of a new object or of a live one that becomes as it is declared. `lines` are
    those of its record, where they are known."""
    declared = fields(resource.attributes.get("tags"))
    if lines is None:
        lines = recorded(kind, resource, live.applied if live is not None else None)
    room = room_for_record({*(live.tags if live is not None else ()), *declared})
    marks = record_marks(texts(kind, lines, room))
    if resource.lifecycle.prevent_destroy:
        marks[PROTECTED] = "true"
    if resource.lifecycle.safety_mark:
        marks[SAFETY] = resource.lifecycle.safety_mark
    named = {key_of(kind.name, name): text for name, text in marks.items()}
    return {key_of(kind.name): mark(stack, place or resource.address), **named, **declared}


def birth_tags(
    kind: Kind,
    stack: str,
    resource: Resource,
    later: Lines | None = None,
    lines: Mapping[str, tuple[str, ...]] | None = None,
) -> list[dict[str, Value]]:
    """The tags of a create call; `later` are the lines that only later steps do."""
    return pairs(wanted_tags(kind, stack, resource, lines=lines) | (open_tag(kind, later) if later else {}))


def open_tag(kind: Kind, lines: Lines) -> dict[str, str]:
    return {key_of(kind.name, OPEN): open_text(lines)}


def birth_tag_call(kind: Kind, change: Change, resource: Resource, later: Lines | None = None) -> Call:
    """The tags of a new object whose create call takes none."""
    return _on(kind, change.id, "TagResources", {"Tag": birth_tags(kind, change.stack, resource, later)})


def closing_call(kind: Kind, change: Change) -> Call:
    """The last call of a change: what it had opened is done."""
    return _untag(kind, change.id, [key_of(kind.name, OPEN)])


def let_go_call(kind: Kind, change: Change, names: Iterable[str]) -> Call:
    """Before a thing that goes is made to let go of others: should the run end there, it was us."""
    assert change.before is not None
    return _on(kind, change.before.id, "TagResources", {"Tag": pairs(open_tag(kind, dict.fromkeys(names, LET_GO)))})


class TagCalls(Struct, frozen=True):
    """The tags of a change of a live object: what comes before its other calls, and what after them.

    `room` goes before the first: keys that would go at the end, of which too many are there for the new ones to fit.
    """

    first: Call | None
    last: Call | None
    room: Call | None = None


def tag_calls(
    kind: Kind,
    change: Change,
    resource: Resource,
    *,
    has_unmarked: bool = False,
    is_only_tags: bool = False,
    last: int = 0,
    drained: Collection[str] = (),
) -> TagCalls:
    """New and changed tags first, then what disappears: a changed tag is never missing in between.

    `is_only_tags`: nothing else is written. `has_unmarked`: another step takes off the mark of a machine that is to run
    again. `last` is the highest number in the group of a member. `drained` are attributes that are let go of for a
    while.
    """
    assert change.before is not None
    if not kind.ownership.tag_type:
        return TagCalls(None, None)
    live = change.before.tags
    place = None if change.moved_from else _shared_place(change.before, resource.address, last)
    wanted = wanted_tags(kind, change.stack, resource, place, change.before)
    if place is not None and (table := change.table or change.before.marks.get(MEMBERS)):
        wanted[key_of(kind.name, MEMBERS)] = table
    if change.after is not None:  # what is known of them by now is filled in there
        wanted |= fields(change.after.attributes.get("tags"))
    opening = {n: held for n, held in change.opens.items() if n.startswith("tags.") or not is_only_tags}
    if change.moving is not None:  # given back before it moves, and given again
        opening |= dict.fromkeys(change.moving.gives_back, LET_GO)
    opening |= dict.fromkeys(drained, LET_GO)
    wanted |= open_tag(kind, opening) if opening else {}
    ignored = {name for name in wanted if resource.lifecycle.ignores(f"tags.{name}")}
    fresh = {name: text for name, text in wanted.items() if live.get(name) != text and name not in ignored}
    gone = _gone(kind, change, wanted) | ({key_of(kind.name, OPEN)} if opening else set())
    if has_unmarked:
        gone -= _restart_keys(kind)
    too_many = max(0, len(live.keys() | fresh.keys()) - MOST_TAGS)
    early = sorted(gone - fresh.keys() - ignored, key=lambda name: (name.startswith(PREFIX), name))[:too_many]
    late = sorted(gone - set(early))
    given = pairs({name: fresh[name] for name in sorted(fresh)})
    return TagCalls(
        _on(kind, change.before.id, "TagResources", {"Tag": given}) if given else None,
        _untag(kind, change.before.id, late) if late else None,
        _untag(kind, change.before.id, early) if early else None,
    )


def unmarkable(kind: Kind, change: Change) -> str:
    """Why a change could not be marked on its live object, whose tags only the create call gives."""
    if kind.ownership.tag_type or change.before is None:
        return ""
    words = _UNMARKABLE.get(change.action, "")
    if change.action is Action.REPLACE and change.create_first:
        words = "the new one can be made only when it is gone: leave out create_before_destroy"
    return f"its tags, which say whose it is, are only given when it is made: {words}" if words else ""


_UNMARKABLE = {
    Action.ADOPT: "it cannot be adopted; let the stack make one, and remove this one when nothing uses it",
    Action.MOVE: "it cannot get another address; keep the name of its block",
    Action.RELEASE: "it cannot be released; keep its block, or have it deleted",
}


def crowded(change: Change) -> str:
    """Why the tags of a live object would not fit: its own that stay, the declared ones, and one mark at least."""
    if change.before is None or change.after is None:
        return ""
    line = change.attributes_by_name.get("tags")
    if line is None and change.before.owner is not None:
        return ""
    theirs = fields(line.after if line is not None else user_tags(change.before.tags))
    lifecycle = change.after.lifecycle
    marks = 2 + bool(lifecycle.prevent_destroy) + bool(lifecycle.safety_mark)  # whose it is, and what was applied
    if len(theirs) + marks <= MOST_TAGS:
        return ""
    declared = fields(change.after.attributes.get("tags"))
    others = len(theirs.keys() - declared.keys())
    return (
        f"{len(declared)} declared tags, {others} that others gave it and {marks} of ecsplan are more than the "
        f"{MOST_TAGS} that a resource can have: declare fewer, or take some off"
    )


def _gone(kind: Kind, change: Change, wanted: Collection[str]) -> set[str]:
    """The keys that go: of ours, what does not hold any more or is of an earlier version; of people's, what they took
    out of the file."""
    assert change.before is not None
    live = change.before.tags
    ours = ({key_of(kind.name, name) for name in (*PASSING, OPEN)} - set(wanted)) | OLD_KEYS
    line = change.attributes_by_name.get("tags")
    theirs = set(fields(line.before)) - set(fields(line.after)) if line is not None else set()
    return (ours & live.keys()) | theirs


def _shared_place(obj: RemoteObject, address: Address, last: int) -> Span | None:
    """The mark that a member shares with its batch; it is kept, so that one call can tag many.

    An earlier version gave all members their group's address alone.
    """
    owner = obj.owner
    if owner is None or owner.address != address.group or address.key is None:
        return None
    span = owner.span or Span(address.group, 0, last)
    return span if address in span else None


def table_calls(kind: Kind, addresses: Sequence[Address]) -> Iterator[Call]:
    """Members that one call is to make are told by their numbers as soon as their ids are known, some in a call."""
    for at in range(0, len(addresses), TABLE):
        some = addresses[at : at + TABLE]
        first = some[0].key
        assert isinstance(first, int)
        ids = tuple(Ref(address) for address in some)
        table = Late(ids, partial(members_table, first=first))
        tag = {"Key": key_of(kind.name, MEMBERS), "Value": table}
        params = {"ResourceType": kind.ownership.tag_type, "ResourceId": list(ids), "Tag": [tag]}
        yield Call("TagResources", params, kind.product, kind.name, ids)


def release_call(kind: Kind, change: Change) -> Call:
    assert change.before is not None
    return _untag(kind, change.before.id, _ours(change.before))


def release_parts(kinds: Kinds, change: Change) -> Iterator[Call]:
    """The parts of what is released carry its tags, and are nobody's either."""
    for part in change.parts:
        yield _untag(kinds[part.kind], part.id, _ours(part))


def _ours(obj: RemoteObject) -> list[str]:
    return sorted(name for name in obj.tags if name.startswith(PREFIX))


def place_calls(kinds: Kinds, change: Change) -> Iterator[Call]:
    """Parts are marked for their places, and lose what else said whose they are."""
    for placed in change.placed:
        part, kind = placed.part, kinds[placed.part.kind]
        own, text = key_of(part.kind), mark(change.stack, placed.place)
        if part.tags.get(own) != text:
            yield _on(kind, part.id, "TagResources", {"Tag": pairs({own: text})})
        gone = sorted(name for name in part.tags if name in OLD_KEYS or name.startswith(own + ":"))
        if gone:
            yield _untag(kind, part.id, gone)


def outlive_calls(kinds: Kinds, change: Change) -> Iterator[Call]:
    """A part that becomes a resource of its own no longer goes with its machine."""
    if isinstance(change.moved_from, Part) and change.before is not None:
        specs = [spec for spec in slots_of(kinds[change.moved_from.owner.kind]) if spec.kind == change.kind]
        yield from (spec.outlive(change.before.id) for spec in specs if change.before.fact(spec.goes_along))


def restart_call(kind: Kind, change: Change) -> Call:
    """Marks a machine before it is stopped, so that a run cut off before the start leaves no doubt that it ran.

    One that is adopted is ours from now on: nobody reads marks of what has no owner.
    """
    assert change.before is not None
    tags = {key_of(kind.name, RESTART): "true"}
    if change.before.owner is None:
        tags[key_of(kind.name)] = mark(change.stack, change.address)
    return _on(kind, change.before.id, "TagResources", {"Tag": pairs(tags)})


def unmark_call(kind: Kind, change: Change) -> Call:
    """It runs again: were the mark left, a later run would start it after somebody has stopped it."""
    assert change.before is not None
    live = _restart_keys(kind) & change.before.tags.keys()
    keys = sorted(live | {key_of(kind.name, RESTART)})
    return replace(_untag(kind, change.before.id, keys), absent_is_done=True)


def _restart_keys(kind: Kind) -> set[str]:
    """Those that say that a machine is to run again; an earlier version had another."""
    return {key_of(kind.name, RESTART), OLD_RESTART}


def retire_call(kind: Kind, change: Change) -> Call:
    """Marks the old object of a replacement, so that a run cut off between the two halves leaves no doubt."""
    assert change.before is not None
    return _on(kind, change.before.id, "TagResources", {"Tag": pairs({key_of(kind.name, RETIRED): "true"})})


def with_tags_of(call: Call, other: Call) -> Call:
    """Two calls that tag the same object as one."""
    tags = {tag["Key"]: tag["Value"] for tag in (*rows(other.params, "Tag"), *rows(call.params, "Tag"))}
    return replace(call, params={**call.params, "Tag": pairs(dict(sorted(tags.items())))})


def _untag(kind: Kind, object_id: str | Ref, keys: list[str]) -> Call:
    operation = "UnTagResources" if kind.product is Product.VPC else "UntagResources"
    return _on(kind, object_id, operation, {"TagKey": keys})


def _on(kind: Kind, object_id: str | Ref, operation: str, params: dict[str, object]) -> Call:
    limit = 20 if kind.product is Product.VPC else 50
    merge = Merge("ResourceId", limit)
    params = {"ResourceType": kind.ownership.tag_type, **params}
    return Call(operation, params, kind.product, kind.name, (object_id,), merge)
