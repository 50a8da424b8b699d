"""Members of a group that are declared alike and live alike come to the same. Used by diff.py; pure.

Of ten thousand machines of a group nearly all differ in nothing but their names and ids. Once one of them was found
unchanged, the others of its shape are held against that shape alone.
"""

from collections.abc import Mapping
from typing import Any

from ecsplan.model.capabilities.conversion import Conversion
from ecsplan.model.kind import Kind
from ecsplan.model.once import once
from ecsplan.model.resource import LiveObject, Resource
from ecsplan.planner.comparing import Diff

Shape = tuple[object, ...]


class Unchanged:
    """The shapes of which a member was found unchanged, each with what its references are filled with."""

    def __init__(self, work: Diff) -> None:
        self._work = work
        self._shapes: dict[Shape, Mapping[str, object]] = {}
        self._ends = once(_ends)
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}
        inventory = work.inventory
        # What is asked about, moves, is placed or gets a number is each a case of its own.
        self._own = {*inventory.placed, *inventory.doubtful, *inventory.tables, *work.moved_from, *work.replace}
        self._is_off = bool(inventory.questions)

    def shape(self, kind: Kind, resource: Resource, obj: LiveObject) -> Shape | None:
        """All that the comparison goes by, but for name and id; None where it may go by more.

        What the members of a group share is one object: declared values, records, marks. The longer `renewed` is, the
        more of what they name may be about to change.
        """
        address, attributes = resource.address, resource.attributes
        if self._is_off or not isinstance(address.key, int) or obj.owner is None or address in self._own:
            return None
        if kind.capability(Conversion) is not None or resource.lifecycle.ignore_changes:
            return None
        live = obj.attributes.get
        if "name" in attributes and live("name") != attributes["name"]:
            return None
        names = self._compared(kind, tuple(attributes))
        declared = [id(value) for name, value in attributes.items() if name != "name"]
        marks = (id(obj.applied), id(obj.marks), id(obj.tags), obj.retired, obj.is_protected, obj.unread)
        said = (names, resource.inherited, id(resource.lifecycle), len(self._work.renewed))
        shared = (address.group, *said, *marks, *declared)
        return (*shared, *[live(name) for name in names], *[live(name) for name in self._ends(kind)])

    def _compared(self, kind: Kind, names: tuple[str, ...]) -> tuple[str, ...]:
        """The declared attributes whose live values are looked at."""
        found = self._names.get((kind.name, *names))
        if found is None:
            found = tuple(name for name in names if name != "name" and not kind.attribute(name).only_at_birth)
            self._names[kind.name, *names] = found
        return found

    def filled(self, shape: Shape | None) -> Mapping[str, Any] | None:
        """What the references of such a member are filled with; None where none was found unchanged so far."""
        return None if shape is None else self._shapes.get(shape)

    def take(self, shape: Shape, filled: Mapping[str, object]) -> None:
        self._shapes[shape] = filled


def _ends(kind: Kind) -> tuple[str, ...]:
    """What a plan tells of an object whether it is declared or not."""
    return tuple(attribute.name for attribute in kind.attributes if attribute.ends)
