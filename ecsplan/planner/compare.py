"""Two stacks held against each other, as they are declared: what a promotion from one to the other would change."""

from collections.abc import Iterator

from ecsplan.model.change import AttributeChange
from ecsplan.model.compare import Difference
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import Lifecycle, Resource
from ecsplan.model.stack import Stack


def compare(one: Stack, other: Stack, kinds: Kinds) -> tuple[Difference, ...]:
    """What differs, by address. Names that differ only by that of the stack do not count."""
    here, there = one.by_address(), other.by_address()
    found: list[Difference] = []
    for address in sorted(here.keys() | there.keys()):
        if address not in there or address not in here:
            found.append(Difference(address, only_in=int(address in there)))
            continue
        sensitive = {a.name for a in kinds[address.kind].attributes if a.sensitive}
        differing = tuple(_differing(here[address], there[address], (one.name, other.name), sensitive))
        if differing:
            found.append(Difference(address, differing))
    return tuple(found)


def _differing(
    one: Resource, other: Resource, stacks: tuple[str, str], sensitive: set[str]
) -> Iterator[AttributeChange]:
    for name in sorted(one.attributes.keys() | other.attributes.keys()):
        before, after = one.attributes.get(name), other.attributes.get(name)
        if before == after or (name == "name" and _without(before, stacks[0]) == _without(after, stacks[1])):
            continue
        yield AttributeChange(name, before, after, sensitive=name in sensitive, source=other.source_of(name))
    if one.lifecycle != other.lifecycle:
        yield from _lifecycle(one, other)


def _lifecycle(one: Resource, other: Resource) -> Iterator[AttributeChange]:
    for field in Lifecycle.__struct_fields__:
        before, after = getattr(one.lifecycle, field), getattr(other.lifecycle, field)
        if before != after:
            yield AttributeChange(f"lifecycle.{field}", before, after, source=other.source)


def _without(name: object, stack: str) -> str:
    return str(name).removeprefix(stack)
