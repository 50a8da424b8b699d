"""Values that two resources cannot share: a name in the cloud, what one alone may hold, an address in a subnet.

Used by stack_reader.py. Told before anything is sent, in one pass over all resources.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ecsplan.config.syntax.faults import Faults
from ecsplan.model.address import Secret, Template
from ecsplan.model.attribute import Attribute
from ecsplan.model.capabilities.exclusivity import exclusivity
from ecsplan.model.composites import MapOf, Record, SetOf
from ecsplan.model.kind import Kind
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import IpAddress, ValueType

Place = tuple[str, tuple[object, ...]]
"""Where a value stands, and a key that is the same for values that collide; its last item is the value."""


def names_are_apart(resources: Iterable[tuple[Resource, Kind, bool]], faults: Faults) -> None:
    """Members of a group (the Boolean) are known by their names alone, and some kinds' names are unique in a region."""
    seen: dict[tuple[str, str], tuple[Resource, bool]] = {}
    for resource, kind, is_member in resources:
        first, has_members = seen.setdefault((kind.name, resource.name), (resource, is_member))
        if first is not resource and (exclusivity(kind).unique_name or is_member or has_members) and resource.name:
            summary = f"the name {resource.name} is also that of {first.address}"
            detail = f"the other one is at {first.source_of('name')}; give one of them another name"
            faults.add(summary, detail, resource.source_of("name"), resource.address, rule=Rule.SAME_NAME)


def values_are_apart(resources: Iterable[tuple[Resource, Kind]], faults: Faults) -> None:
    """What is `singular` (the instance of an EIP) has one holder of a kind, and an address belongs to one machine."""
    seen: dict[tuple[object, ...], Resource] = {}
    with_addresses: dict[str, tuple[Attribute, ...]] = {}
    for resource, kind in resources:
        if kind.name not in with_addresses:
            with_addresses[kind.name] = _with_addresses(kind.attributes) if _around(kind) else ()
        if not exclusivity(kind).one_holder and not with_addresses[kind.name]:
            continue
        alone = () if exclusivity(kind).is_beside(resource) else exclusivity(kind).one_holder
        held = [(name, (kind.name, name, resource.attributes.get(name))) for name in alone]
        for where, key in (*held, *_addresses(with_addresses[kind.name], resource.attributes, _around(kind))):
            if key[-1] is None or exclusivity(kind).takes_many(key[-1]) or isinstance(key[-1], (Template, Secret)):
                continue
            first = seen.setdefault(key, resource)
            if first is not resource:
                summary = f"{where}: {key[-1]} is already that of {first.address}"
                faults.add(
                    summary,
                    _advice(first, resource, where),
                    resource.source_of(where),
                    resource.address,
                    rule=Rule.SAME_VALUE,
                )


def _advice(first: Resource, resource: Resource, where: str) -> str:
    if first.address.key is not None and first.address.group == resource.address.group:
        return 'use an expression that differs by member, like "10.0.1.${index + 10}" or "${each.value}"'
    return f"the other one is at {first.source_of(where)}; it can be had by one of the two"


def _around(kind: Kind) -> str:
    """The attribute, or the member beside an address, that names the range which it is taken from."""
    return next((one.within for one in exclusivity(kind).values if one.space), "")


def _with_addresses(members: Iterable[Attribute]) -> tuple[Attribute, ...]:
    return tuple(m for m in members if _is_address(m.type) or ((r := _record(m.type)) and _with_addresses(r.members)))


def _is_address(of: ValueType) -> bool:
    return isinstance(of.item if isinstance(of, SetOf) else of, IpAddress)


def _record(of: ValueType) -> Record | None:
    return of.item if isinstance(of, MapOf) and isinstance(of.item, Record) else None


def _addresses(
    members: Iterable[Attribute], values: Mapping[str, Any], around: str, before: str = ""
) -> Iterator[Place]:
    for member in members:
        value, record = values.get(member.name), _record(member.type)
        if record is not None:
            for slot, found in value or ():
                inner = f"{before}{member.name}.{slot}."
                yield from _addresses(_with_addresses(record.members), dict(found), around, inner)
        elif values.get(around) is not None:
            for address in value if isinstance(value, tuple) else (value,):
                yield before + member.name, (around, values[around], address)
