"""Desired values brought as close to live ones as today's knowledge allows: Refs to ids, templates to text.

Used by diff.py and steps.py; pure.
"""

import operator
from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct

from ecsplan.model.address import Address, Ref, Template
from ecsplan.model.algebra import PLAIN, special
from ecsplan.model.composites import refs_in
from ecsplan.model.resource import LiveObject


class KnownValues(Struct, frozen=True):
    """What is known of other resources while planning: live objects, but for those that get a new identity."""

    matched: Mapping[Address, LiveObject]
    renewed: Collection[Address]

    def resolve(self, value: object) -> Any:
        """Fills in what is known; what is not stays a Ref or a Template."""
        if type(value) in PLAIN:
            return value
        if isinstance(value, Ref):
            return self._resolve_ref(value)
        if isinstance(value, Template):
            parts = tuple(self.resolve(part) for part in value.parts)
            if all(not isinstance(part, Ref) for part in parts):
                return "".join(str(part) for part in parts)
            return Template(parts)
        if isinstance(value, tuple):
            if not special(value):
                return value
            resolved = tuple([self.resolve(item) for item in value])
            if all(map(operator.is_, resolved, value)):  # nearly all: members of a group then share what is alike
                return value
            return tuple(sorted(resolved, key=str)) if _is_ref_set(value) else resolved
        return value

    def _resolve_ref(self, ref: Ref) -> Any:
        obj = self.matched.get(ref.address)
        if obj is None or ref.address in self.renewed:
            return ref
        if ref.attribute == "id":
            return obj.id
        found = obj.attributes.get(ref.attribute)
        return ref if found is None else found

    def is_settled(self, value: object) -> bool:
        """Whether nothing that the value mentions is unknown or about to change its identity."""
        return all(ref.address in self.matched and ref.address not in self.renewed for ref in refs_in(value))


def _is_ref_set(value: tuple[Any, ...]) -> bool:
    """A set of references is sorted by type and text, Refs first; with ids in place of them it has to be sorted again.

    A text before a Ref is the name of a record's member, which stays where it is.
    """
    return bool(value) and isinstance(value[0], Ref) and all(isinstance(item, (Ref, str)) for item in value)
