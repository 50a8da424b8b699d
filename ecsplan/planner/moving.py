"""An object that is to be elsewhere: whether it moves or is made anew, and what goes along. Used by diff.py; pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from ecsplan.model.address import Address
from ecsplan.model.capabilities.moving import Movable
from ecsplan.model.change import AttributeChange
from ecsplan.model.copying import replace
from ecsplan.model.inventory import Inventory
from ecsplan.model.kind import Kind
from ecsplan.model.moving import Around, Moving
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.model.stack import Stack
from ecsplan.planner.values import KnownValues


def moving_of(
    kind: Kind,
    resource: Resource,
    obj: LiveObject,
    lines: Iterable[AttributeChange],
    known: KnownValues,
    around: Callable[[], Around],
) -> tuple[Moving | None, list[AttributeChange]]:
    """How it gets there, and its lines with what goes along. None for a kind that does not say, or one that stays."""
    lines = list(lines)
    movable = kind.capability(Movable)
    if movable is None or not any(line.name in movable.place and not line.forces_replacement for line in lines):
        return None, lines
    moving = movable.way(obj, resource, {line.name: line for line in lines}, around())
    if moving is None:
        return None, lines
    if moving.replaces:
        return moving, [_forced(line, moving.replaces) if line.name in movable.place else line for line in lines]
    named = {line.name for line in lines}
    for name in moving.gives_back:
        if name not in named and name in resource.attributes:  # what stays the same goes, and comes again
            value = known.resolve(resource.attributes[name])
            lines.append(AttributeChange(name, value, value, note="given back for the move", source=resource.source))
    return moving, lines


def _forced(line: AttributeChange, why: str) -> AttributeChange:
    return replace(line, forces_replacement=True, note=why)


def around_of(stack: Stack, inventory: Inventory, known: KnownValues) -> Around:
    """What is live and what is declared around a thing; the latter is looked into only for what is asked."""
    return Around({obj.id: obj for obj in inventory.objects}, _Declared(stack, known))


class _Declared(Mapping[Address, Mapping[str, object]]):
    """The declared attributes by address, each resolved when it is asked for."""

    def __init__(self, stack: Stack, known: KnownValues) -> None:
        self._resources, self._known = stack.by_address(), known

    def __getitem__(self, address: Address) -> Mapping[str, object]:
        attributes = self._resources[address].attributes
        return {name: self._known.resolve(value) for name, value in attributes.items()}

    def __iter__(self) -> Iterator[Address]:
        return iter(self._resources)

    def __len__(self) -> int:
        return len(self._resources)
