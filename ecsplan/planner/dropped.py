"""Attributes that were applied and that the file no longer declares: released, or reported as staying. Used by diff.py;
pure.

What a thing holds or hangs on (a disk on its instance, a RAM role) is released, tags that were ours go. Any other value
stays in the cloud, where nobody looks after it any more: that is said once, until the record has forgotten it too.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import Value, Values, fields, members, of_fields
from ecsplan.model.attribute import Attribute
from ecsplan.model.composites import MapOf, Record, SetOf
from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.record import Applied
from ecsplan.model.record_form import Naming, items_of
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.model.stack import Stack
from ecsplan.model.told import told
from ecsplan.planner.conversion import asked
from ecsplan.planner.recording import attribute_of

NO_LONGER = "no longer in the file"


def released(kind: Kind, resource: Resource, obj: LiveObject, naming: Naming) -> dict[str, Any]:
    """What is wanted of attributes that are not declared, or not in full: to let go of what we gave the object."""
    record = obj.applied
    if record is None or not record.is_exact:
        return {}
    found: dict[str, Value] = {}
    for attribute in kind.attributes:
        name, of = attribute.name, attribute.type
        if resource.lifecycle.ignores(name):
            continue
        if attribute.is_relation and attribute.is_shared and name not in resource.attributes:
            found |= {name: ()} if record.has(name) and obj.attributes.get(name) else {}  # those of others stay
        elif attribute.is_relation and name not in resource.attributes and _is_ours(record, attribute, obj, naming):
            found[name] = None
        elif isinstance(of, MapOf) and isinstance(of.item, Record) and name in resource.attributes:
            declared = resource.attributes[name]
            wanted = tuple(_slot(record, name, of.item, key, fields(slot)) for key, slot in fields(declared).items())
            if wanted != declared:
                found[name] = wanted
        elif name == "tags" and name not in resource.attributes and record.has_any(name):
            found[name] = ()
    return found


def _is_ours(record: Applied, attribute: Attribute, obj: LiveObject, naming: Naming) -> bool:
    """What somebody else has put in the place of ours is not ours to take away."""
    live = obj.attributes.get(attribute.name)
    return live is not None and record.holds(attribute.name, attribute.type, live, naming, is_live=True)


def _slot(record: Applied, name: str, of: Record, key: str, declared: Values) -> tuple[str, Value]:
    gone = [m.name for m in of.members if m.is_relation and m.name not in declared]
    none = {member: None for member in gone if record.has(f"{name}.{key}.{member}")}
    return key, of_fields({**declared, **none})


def given_away(stack: Stack, kinds: Kinds) -> dict[Address, str]:
    """The block of a resource that another one takes over: an instance's public address becomes an EIP."""
    found: dict[Address, str] = {}
    for resource in stack.resources:
        conversion = asked(kinds[resource.address.kind], resource)
        source = resource.attributes.get(conversion.source) if conversion is not None else None
        if conversion is not None and isinstance(source, Ref):
            found[source.address] = conversion.block
    return found


def left(
    kind: Kind, resource: Resource, obj: LiveObject, missing: Iterable[str], given: str = ""
) -> Iterator[Diagnostic]:
    """Says what stays as it is. `missing` are the names on record that are not declared any more, `given` is a block
    that another resource has taken over."""
    record = obj.applied
    if record is None or not record.is_exact:
        return
    maps: dict[str, set[str]] = {}
    for name in missing:
        attribute = attribute_of(kind, name)
        if attribute is None or attribute.is_relation or attribute.name == "tags":
            continue
        if given and attribute.block == given:
            continue
        if isinstance(attribute.type, MapOf):
            maps.setdefault(attribute.name, set()).add(name)
        else:
            yield from _value(resource, attribute, name, obj.attributes.get(name))
    for name, lines in sorted(maps.items()):
        yield from _of_map(resource, kind.attribute(name), obj, lines)
    for attribute in kind.attributes:
        if isinstance(attribute.type, SetOf):
            yield from _descriptions(resource, attribute, record, obj)


def ending(kind: Kind, resource: Resource, obj: LiveObject, missing: Iterable[str]) -> Iterator[Diagnostic]:
    """What the service ends without being asked again, where the file does not say so: it was set by hand."""
    for attribute in (attribute for attribute in kind.attributes if attribute.ends):
        when, name = obj.attributes.get(attribute.name), attribute.name
        if when is not None and name not in resource.attributes and name not in missing:
            summary = f"the service ends {obj.id} at {told(when)} ({name}), and the stack file does not say so"
            detail = f"write {name}: false to take that back, or {name}: {told(when)} to keep it"
            yield Diagnostic(summary, detail, resource.source, resource.address, Severity.WARNING)


def _value(resource: Resource, attribute: Attribute, name: str, live: object) -> Iterator[Diagnostic]:
    if attribute.read_as is False:
        if attribute.wire is not None:  # else it only said how something is done
            yield _said(resource, name, "it stays as it was set", attribute)
    elif live is not None:
        yield _said(resource, name, f"it stays at {told(live)}", attribute)


def _of_map(resource: Resource, attribute: Attribute, obj: LiveObject, lines: set[str]) -> Iterator[Diagnostic]:
    """A whole map is said in one; of a slot that is still declared, each member."""
    live = fields(obj.attributes.get(attribute.name))
    if attribute.name not in resource.attributes:
        keys = sorted({line[len(attribute.name) + 1 :].partition(".")[0] for line in lines} & live.keys())
        if keys:
            yield _said(resource, attribute.name, f"what it named stays ({', '.join(keys)})", attribute)
        return
    declared = fields(resource.attributes[attribute.name])
    for line in sorted(lines):
        key, _, member = line[len(attribute.name) + 1 :].partition(".")
        value = fields(live.get(key)).get(member) if member else None
        record = attribute.type.item if isinstance(attribute.type, MapOf) else None
        of = record.by_name.get(member) if isinstance(record, Record) else None
        if key in declared and value is not None and of is not None and not of.is_relation:
            yield _said(resource, line, f"it stays at {told(value)}", of)


def _descriptions(resource: Resource, attribute: Attribute, record: Applied, obj: LiveObject) -> Iterator[Diagnostic]:
    """Of items that stay, what the file no longer says of them."""
    of, name = attribute.type, attribute.name
    declared = resource.attributes.get(name)
    recorded = items_of(name, record.line(name) or "")
    if not isinstance(of, SetOf) or not isinstance(declared, tuple) or recorded is None:
        return
    live = {of.identity(item): item for item in members(obj.attributes.get(name))}
    for item in declared:
        what = of.identity(item)
        if what == item and recorded.is_described(name, of, item) and live.get(what, what) != what:
            said, known = fields(what), fields(live[what])
            more = {member: value for member, value in known.items() if member not in said}
            entry = ", ".join(f"{member}: {value}" for member, value in said.items())
            stays = ", ".join(f"{member} stays at {told(value)}" for member, value in more.items())
            yield _said(resource, f"{name} {{{entry}}}: {next(iter(more))}", stays, None)


def _said(resource: Resource, name: str, what: str, attribute: Attribute | None) -> Diagnostic:
    hint = ""
    if attribute is not None:
        leaf = name.rpartition(".")[2]
        hint = attribute.afterwards or (f"write {leaf}: false to clear it" if attribute.clears else "")
    summary = f"{name} is {NO_LONGER} and no longer managed: {what}"
    return Diagnostic(summary, hint, resource.source, resource.address, Severity.WARNING)
