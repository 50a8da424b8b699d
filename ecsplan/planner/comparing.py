"""One declared attribute held against the live one: whether it differs, and who moved. Used by diff.py; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ecsplan.model.address import Address, Part, Ref, Secret
from ecsplan.model.algebra import PLAIN, special
from ecsplan.model.attribute import Attribute
from ecsplan.model.capabilities.ordering import ordering
from ecsplan.model.change import UNKNOWN, AttributeChange, Cause
from ecsplan.model.composites import MapOf, Record, SetOf, refs_in
from ecsplan.model.copying import replace
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.marks import APPLIED, user_tags
from ecsplan.model.moving import Around
from ecsplan.model.record import is_readable
from ecsplan.model.record_form import Naming, items_of
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.model.stack import Stack
from ecsplan.planner.cause import Judge, Verdict, of_name
from ecsplan.planner.deeds import deed_change
from ecsplan.planner.dropped import given_away
from ecsplan.planner.moving import around_of
from ecsplan.planner.recording import Compared, compared
from ecsplan.planner.values import KnownValues


@dataclass(slots=True)
class Diff:
    """The working state of one diff: what is known, and which addresses get a new identity."""

    stack: Stack
    inventory: Inventory
    kinds: Kinds
    replace: frozenset[Address] = frozenset()
    moved_from: Mapping[Address, Address | Part] = field(default_factory=dict)
    renewed: set[Address] = field(default_factory=set)
    around: Around | None = None
    given: dict[Address, str] = field(init=False)
    known: KnownValues = field(init=False)
    _naming: Naming | None = None
    _records: dict[object, Compared] = field(default_factory=dict)
    alike: set[tuple[Any, ...]] = field(default_factory=set)
    """Values that the cloud has as desired: with their records and lifecycles, so that members are compared once."""

    def __post_init__(self) -> None:
        self.given = given_away(self.stack, self.kinds)
        self.known = KnownValues(self.inventory.matched, self.renewed)

    def record_of(self, resource: Resource, obj: LiveObject) -> Compared:
        """The record beside what is declared; the members of a group are alike, and so compared once.

        Of several that have no record, one may have that of a later version, which is not touched.
        """
        attributes = resource.attributes
        own = {"name"} if isinstance(resource.address.key, int) else ()
        values = tuple(value for name, value in attributes.items() if name not in own)
        is_later = obj.applied is None and not is_readable(obj.marks.get(APPLIED, ""))
        live = (id(obj.applied), is_later, obj.owner is None)
        key = (resource.address.group, *live, resource.lifecycle, *attributes, values)
        found = self._records.get(key)
        if found is None:
            found = self._records[key] = compared(self.kinds[resource.address.kind], resource, obj)
        return found

    def look_around(self) -> Around:
        """What is live and declared around a thing that moves; made once, and only where something does."""
        if self.around is None:
            self.around = around_of(self.stack, self.inventory, self.known)
        return self.around

    def unsure(self, resource: Resource) -> dict[str, Address]:
        """The attributes that name what only a person can tell, each with the first such address."""
        found: dict[str, Address] = {}
        for name, ref in resource.refs if self.inventory.questions else ():
            if ref.address in self.inventory.questions and ref.address not in self.inventory.matched:
                found.setdefault(name, ref.address)
        return found

    @property
    def naming(self) -> Naming:
        """Made when something differs: most plans of a large stack need none."""
        if self._naming is None:
            self._naming = naming_of(self.inventory, self.moved_from, self.kinds, self.stack)
        return self._naming


def naming_of(inventory: Inventory, moved_from: Mapping[Address, Address | Part], kinds: Kinds, stack: Stack) -> Naming:
    """What the live objects of the stack are called. One that is to go, or has a successor, keeps its address."""
    named = (*inventory.retired, *inventory.orphans, *inventory.matched.items())
    refs = {obj.id: Ref(address) for address, obj in named if obj.kind == address.kind}
    known = {kind.name: {attribute.name for attribute in kind.attributes} for kind in kinds.values()}
    values = {name for kind in kinds.values() for name, _ in ordering(kind).frees.values()}
    for address, obj in inventory.matched.items():
        parts = obj.attributes.keys() - known[obj.kind]  # the ids of those in slots
        refs |= {str(obj.attributes[name]): Ref(address, name) for name in parts}
        refs |= {str(obj.attributes[name]): Ref(address, name) for name in values if name in obj.attributes}
    return Naming(
        refs, {**_said_to_move(stack), **{n: was for n, was in moved_from.items() if isinstance(was, Address)}}
    )


def _said_to_move(stack: Stack) -> dict[Address, Address]:
    """By `moved`, which may have been applied to the thing itself and not to those that name it."""
    said = {m.after: m.before for m in stack.moved if isinstance(m.after, Address) and isinstance(m.before, Address)}
    groups = {now: was for now, was in said.items() if was.key is None and now.key is None}
    members = (
        {r.address: groups[r.address.group] for r in stack.resources if r.address.group in groups} if groups else {}
    )
    return {address: replace(was, key=address.key) for address, was in members.items()} | said


def attribute_change(
    work: Diff, kind: Kind, resource: Resource, obj: LiveObject, name: str, desired: Any
) -> AttributeChange | None:
    """The line for one declared attribute, None where the cloud has it as desired."""
    attribute = kind.attribute(name)
    if attribute.only_at_birth or name in obj.unread:
        return None
    if attribute.on_record:
        return deed_change(attribute, resource, obj, work.known.resolve(desired))
    if name == "tags":
        return _tags_change(work, attribute, resource, obj, desired)
    if isinstance(desired, Secret):
        return _secret_change(attribute, resource, obj, desired)
    if special(desired):  # what it names may be about to change
        return _line(work, attribute, resource, obj, desired)
    key = (kind.name, name, desired, obj.attributes.get(name), id(obj.applied), id(resource.lifecycle))
    if key in work.alike:
        return None
    line = _line(work, attribute, resource, obj, desired)
    if line is None:
        work.alike.add(key)
    return line


def _line(
    work: Diff, attribute: Attribute, resource: Resource, obj: LiveObject, desired: Any
) -> AttributeChange | None:
    name = attribute.name
    if attribute.at_birth and _is_on_record(work, attribute, obj, desired):
        return None
    known = work.known
    live = obj.attributes.get(name)
    if type(desired) in PLAIN and desired == live and attribute.type.is_comparable(desired):
        return None  # nearly all: nothing of what follows can tell the two apart
    asked, desired = desired, _without_new_sources(work, attribute, desired, live)
    wanted = known.resolve(desired)
    if _needs_digest(attribute, desired, live):
        return _digest_change(work, attribute, resource, obj, desired)
    if name in resource.lifecycle.additive:
        wanted = attribute.type.merged(wanted, live)
    elif attribute.is_shared and live and name not in resource.lifecycle.exclusive:
        wanted = attribute.type.merged(wanted, _of_others(work, attribute, obj, live))
    if known.is_settled(desired) and attribute.type.matches(wanted, live):
        return None
    wanted = attribute.type.filled(wanted, live)
    verdict = _verdict(work, attribute, resource.address, obj, (asked, live, wanted))
    return AttributeChange(
        name,
        live,
        wanted,
        verdict.cause,
        sensitive=attribute.sensitive,
        source=resource.source_of(name),
        applied=verdict.applied,
        parts=verdict.parts,
    )


def _of_others(work: Diff, attribute: Attribute, obj: LiveObject, live: Any) -> Any:
    """The entries that were not applied by us; where the record does not keep them apart, all of them."""
    line = obj.applied.line(attribute.name) if obj.applied is not None else None
    ours = items_of(attribute.name, line) if line else None
    assert isinstance(attribute.type, SetOf)
    of, name, naming = attribute.type, attribute.name, work.naming
    return live if ours is None else tuple(item for item in live if not ours.knows(name, of, item, naming))


def _verdict(
    work: Diff, attribute: Attribute, address: Address, obj: LiveObject, sides: tuple[object, object, object]
) -> Verdict:
    """Who moved; `sides` are the value as declared, as it is live, and as it will be."""
    if obj.applied is None:
        return Verdict(Cause.PENDING if obj.owner is None else Cause.UNKNOWN)  # what is only adopted has no past
    judge = Judge(obj.applied, work.naming, work.known.resolve)
    if attribute.name == "name":
        return of_name(judge, attribute, address, obj, sides[0])
    return judge.verdict(attribute, *sides)


def _without_new_sources(work: Diff, attribute: Attribute, desired: Any, live: Any) -> Any:
    """The members of a map without what they were made from, where that is gone or only now made anew."""
    if not isinstance(attribute.type, MapOf) or not isinstance(attribute.type.item, Record) or not live:
        return desired
    births = {member.name for member in attribute.type.item.members if member.at_birth}
    found = {key: dict(record) for key, record in live}

    def is_open(key: str, name: str, value: object) -> bool:
        if name not in births or key not in found or not isinstance(value, Ref):
            return True
        return work.known.is_settled(value) and any(o.id == found[key].get(name) for o in work.inventory.objects)

    return tuple((key, tuple(pair for pair in record if is_open(key, *pair))) for key, record in desired)


def _needs_digest(attribute: Attribute, desired: Any, live: Any) -> bool:
    if attribute.read_as is False or not attribute.type.is_comparable(desired):
        return True
    return attribute.compare_by_digest and live is None


def _is_on_record(work: Diff, attribute: Attribute, obj: LiveObject, desired: object) -> bool:
    """Whether a value is what was applied; what it names may have been called otherwise then."""
    if obj.applied is None:
        return False
    if obj.applied.holds(attribute.name, attribute.type, desired):
        return True
    return bool(refs_in(desired)) and obj.applied.holds(attribute.name, attribute.type, desired, work.naming)


def _digest_change(
    work: Diff, attribute: Attribute, resource: Resource, obj: LiveObject, desired: object
) -> AttributeChange | None:
    """What cannot be read is compared with what was applied; without that record it is no change."""
    name = attribute.name
    if obj.applied is None:
        return None
    is_open = obj.applied.opened(name) is not None  # the record says so before the call, which may never have gone out
    if not is_open and work.known.is_settled(desired) and _is_on_record(work, attribute, obj, desired):
        return None
    return AttributeChange(
        name,
        UNKNOWN,
        work.known.resolve(desired),
        Cause.PENDING,
        sensitive=attribute.sensitive,
        source=resource.source_of(name),
    )


def _secret_change(
    attribute: Attribute, resource: Resource, obj: LiveObject, desired: Secret
) -> AttributeChange | None:
    """A secret changes when its version does; nothing else of it is ever compared."""
    applied = obj.applied.version(attribute.name) if obj.applied is not None else None
    is_open = obj.applied is not None and obj.applied.opened(attribute.name) is not None
    if (applied == desired.version and not is_open) or obj.owner is None:
        return None
    before = UNKNOWN if applied is None else Secret(applied)
    return AttributeChange(
        attribute.name, before, desired, Cause.PENDING, sensitive=True, source=resource.source_of(attribute.name)
    )


def _tags_change(
    work: Diff, attribute: Attribute, resource: Resource, obj: LiveObject, declared: tuple[tuple[str, object], ...]
) -> AttributeChange | None:
    """Tags are additive: a key goes only when we applied it, or when the file says that tags are exclusive."""
    live = dict(user_tags(obj.tags))
    desired = work.known.resolve(declared)
    ignored = {key for key in (*live, *dict(desired)) if resource.lifecycle.ignores(f"tags.{key}")}
    wanted = {key: value for key, value in desired if key not in ignored}
    others = [key for key in live if key not in wanted and key not in ignored]
    gone = {key for key in others if "tags" in resource.lifecycle.exclusive or _was_tag(obj, key, live[key])}
    after = {key: value for key, value in live.items() if key not in gone} | wanted
    if after == live:
        return None
    before, tags = (tuple(sorted(side.items())) for side in (live, after))
    asked = tuple(pair for pair in declared if pair[0] not in ignored)
    verdict = _verdict(work, attribute, resource.address, obj, (asked, before, tags))
    return AttributeChange("tags", before, tags, verdict.cause, source=resource.source_of("tags"), parts=verdict.parts)


def _was_tag(obj: LiveObject, key: str, value: str) -> bool:
    return obj.applied is not None and obj.applied.holds(f"tags.{key}", None, value)
