"""The record of a resource once it is as declared, and the parts that a change opens meanwhile. Used by tagging.py.

Pure. The record is written before the first call of a change, with what was so before in a tag of its own; that goes
with the last call. So a run that is killed, refused, or only watched from outside meanwhile leaves no doubt who moved.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import Struct

from ecsplan.model.algebra import Value, ValueOrUnknown, fields
from ecsplan.model.attribute import Attribute
from ecsplan.model.change import AttributeChange
from ecsplan.model.composites import MapOf, Record, refs_in
from ecsplan.model.kind import Kind
from ecsplan.model.marks import APPLIED
from ecsplan.model.record import Applied, Lines, is_readable, lines_of
from ecsplan.model.record_form import Naming
from ecsplan.model.resource import RemoteObject, Resource
from ecsplan.model.values import ValueType


def recorded(kind: Kind, resource: Resource, old: Applied | None = None) -> dict[str, tuple[str, ...]]:
    """The lines of a resource as it is declared. What is ignored of a live one stays on record as it was.

    The names of a group's members differ, and so do their host names: they are in no record, so that one call can make
    many members.
    """
    found = lines_of(kind, _on_record(kind, resource))
    for name in [name for name in found if old is not None and _stays(kind, resource, name)]:
        line = old.line(name) if old is not None else None
        if line is None:
            del found[name]
        else:
            found[name] = (line,)
    return found


def _on_record(kind: Kind, resource: Resource) -> dict[str, Value]:
    attributes = dict(resource.attributes)
    if isinstance(resource.address.key, int):
        for attribute in kind.attributes:
            if attribute.name == "name" or attribute.wire in kind.create.ordered:
                attributes.pop(attribute.name, None)
    return attributes


class BirthRecords:
    """The lines of what is made: one record for all members of a group that declare the very same values.

    Values are told apart by their identity, and kept, so that it stays their own.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[object, Mapping[str, tuple[str, ...]]]] = {}

    def lines(self, kind: Kind, resource: Resource) -> Mapping[str, tuple[str, ...]]:
        declared = _on_record(kind, resource)
        shape = (kind.name, *declared, *map(id, declared.values()))
        found = self._known.get(shape)
        if found is None:
            found = self._known[shape] = (declared, lines_of(kind, declared))
        return found[1]


def _stays(kind: Kind, resource: Resource, name: str) -> bool:
    """Whether a line is kept as it is: nothing is done about it, or not yet."""
    attribute = attribute_of(kind, name)
    is_put_off = attribute is not None and attribute.on_record and resource.attributes.get("state") == "stopped"
    return is_put_off or is_ignored(kind, resource, name)


def is_ignored(kind: Kind, resource: Resource, name: str) -> bool:
    """Whether the file says that a difference in a line is not to be put right."""
    if resource.lifecycle.ignores(name):
        return True
    attribute = attribute_of(kind, name)
    choice = attribute.decided_by if attribute is not None else None
    return choice is not None and getattr(resource.lifecycle, choice) == "ignore"


def attribute_of(kind: Kind, name: str) -> Attribute | None:
    """The attribute that a line is of: of a map, the line is of one of its keys."""
    return next((a for a in kind.attributes if name == a.name or name.startswith(f"{a.name}.")), None)


def references(kind: Kind, resource: Resource) -> Iterator[tuple[str, ValueType | None, ValueOrUnknown]]:
    """The lines of a declared resource that name others, with their types and values."""
    for name in dict.fromkeys(name for name, _ in resource.refs):
        value = resource.attributes[name]
        of = kind.attribute(name).type
        if not isinstance(of, MapOf):
            yield name, of, value
        elif isinstance(of.item, Record):
            for key, record in fields(value).items():
                for member, inner in fields(record).items():
                    if refs_in(inner):
                        yield f"{name}.{key}.{member}", of.item.by_name[member].type, inner


def opened(
    kind: Kind, resource: Resource, old: Applied | None, lines: Iterable[AttributeChange], naming: Naming
) -> Lines:
    """What a change of a live object is about to make otherwise: as it is on record now, None where it is not.

    What only moved outside is put back to what is on record already. What names a thing that is made anew has the same
    record before and after, and lets go of the old one in between.
    """
    known = {a.name: a for a in kind.attributes}
    wanted = recorded(kind, resource, old)
    found = {}
    for line in lines:
        for name, of, live in _pieces(known[line.name], line, old) if line.name in known else ():
            before = _before(old, name, of, live, naming)
            is_made_anew = old is not None and old.holds(name, of, live, naming, is_live=True)
            if before is None or before not in wanted.get(name, ()) or is_made_anew:
                found[name] = before
    return found


def _before(old: Applied | None, name: str, of: ValueType | None, live: ValueOrUnknown, naming: Naming) -> str | None:
    """How a name is held. One that an earlier run has opened is as it was before that, unless that was done."""
    if old is None or not old.is_exact:
        return None
    earlier = old.opened(name)
    if earlier is None or old.holds(name, of, live, naming, is_live=True):
        return old.line(name)
    return earlier or None


def _pieces(
    attribute: Attribute, line: AttributeChange, old: Applied | None
) -> Iterator[tuple[str, ValueType | None, ValueOrUnknown]]:
    """The lines of the record that differ between the two sides of an attribute, with what is live."""
    of = attribute.type
    if not isinstance(of, MapOf):
        yield line.name, of, line.before
        return
    before, after = fields(line.before), fields(line.after)
    for key in sorted(before.keys() | after.keys()):
        label = f"{line.name}.{key}"
        if not isinstance(of.item, Record):
            if key not in after:  # a tag that stays is written in the very call that writes the record
                yield label, of.item, before[key]
        elif key in before and key in after:
            found = fields(before[key])
            for member, value in fields(after[key]).items():
                if found.get(member) != value:
                    yield f"{label}.{member}", of.item.by_name[member].type, found.get(member)
        else:
            for name in old.names() if old is not None and key in before else ():
                if name.startswith(f"{label}."):
                    yield name, None, None
            yield label, None, None


def set_later(lines: Iterable[str], names: Collection[str]) -> Lines:
    """Of the lines of a thing that is being made: what only later steps set, and was never applied before."""
    return {name: None for name in lines if any(name == n or name.startswith(f"{n}.") for n in names)}


class Compared(Struct, frozen=True):
    """The record of a live object beside what is declared: whether it says anything else once the object is as
    declared, and the names on it that are not declared any more."""

    is_out_of_date: bool
    missing: tuple[str, ...] = ()


UP_TO_DATE = Compared(False)


def compared(kind: Kind, resource: Resource, obj: RemoteObject) -> Compared:
    record = obj.applied
    if not kind.ownership.tag_type:
        return UP_TO_DATE  # it stays as it was written at birth
    if obj.owner is None or (record is None and not is_readable(obj.marks.get(APPLIED, ""))):
        return UP_TO_DATE  # not ours yet, or of a later version
    if record is None or record.digests is not None:
        return Compared(True)
    lines = recorded(kind, resource, record)
    if record.says(lines) and not record.open:
        return UP_TO_DATE
    own = {"name"} if isinstance(resource.address.key, int) else set()
    missing = (n for n in record.names() if n not in lines and n not in own and not _is_packed(record, n))
    return Compared(True, tuple(missing))


def _is_packed(record: Applied, name: str) -> bool:
    """Whether a line holds the keys of a whole map."""
    return (record.line(name) or "").startswith("%")
