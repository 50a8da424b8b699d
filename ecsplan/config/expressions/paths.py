"""Paths into variables, `stack`, `each` and resources: the one way in which an expression reaches a value.

interpolation.py follows plain paths with it, and jinja.py the paths inside of larger expressions.
"""

from typing import Any

from msgspec import Struct

from ecsplan.config.expressions.members import NO_MEMBER, member
from ecsplan.config.expressions.scope import ONLY_INSERTION, Scope
from ecsplan.config.syntax.faults import ExpressionError
from ecsplan.model.address import Ref, Secret, Template
from ecsplan.model.copying import replace

EVERY = "*"  # the key in `vswitch.app[*]`


class Held:
    """A value that nobody may look at: known only after apply, or secret. Whatever is done with it is refused."""

    __slots__ = ("value",)

    def __init__(self, value: Ref | Secret | Template) -> None:
        self.value = value

    def refuse(self, *_: object) -> Any:
        what = "a secret" if isinstance(self.value, Secret) else f"{self.value} is known only after apply"
        raise ExpressionError(f"{what} and cannot be computed with", ONLY_INSERTION)

    __str__ = __eq__ = __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = refuse
    __lt__ = __le__ = __gt__ = __ge__ = __ne__ = __neg__ = __pos__ = __hash__ = refuse


class Path(Struct, frozen=True):
    """A way into the resources that has not reached an attribute yet."""

    scope: Scope
    kind: str
    name: str | None = None
    key: int | str | None = None
    attribute: str = ""

    def step(self, member: Any, is_index: bool) -> object:
        if self.name is None:
            return replace(self, name=str(member))
        if is_index and self.key is None and not self.attribute and _is_key(member):
            return replace(self, key=member)
        if not isinstance(member, str):
            raise ExpressionError(f"{self.kind}.{self.name} has no member {member}", "write an attribute's name")
        path = replace(self, attribute=f"{self.attribute}.{member}" if self.attribute else member)
        assert self.scope.resources is not None
        return path if self.scope.resources.is_block(self.kind, path.attribute) else path.value()

    def value(self) -> object:
        """What it leads to, of each member for `[*]`: the members themselves, as Paths, where no attribute is said.

        Raises ExpressionError for a resource or a block as a whole.
        """
        resources = self.scope.resources
        if self.name is None or resources is None:
            shown = f"{self.kind}.NAME"
            raise ExpressionError(f"{shown} is not a value", f"say which attribute, like {shown}.id")
        if self.key != EVERY:
            return held(resources.value_of(self.kind, self.name, self.key, self.attribute))
        keys = resources.keys_of(self.kind, self.name)
        self.scope.budget.take("steps", len(keys))
        if not self.attribute:
            return [replace(self, key=one) for one in keys]
        return [held(resources.value_of(self.kind, self.name, one, self.attribute)) for one in keys]


def _is_key(member: object) -> bool:
    return isinstance(member, str) or (isinstance(member, int) and not isinstance(member, bool) and member >= 0)


def held(value: object) -> object:
    """A value as an expression sees it."""
    return Held(value) if isinstance(value, (Ref, Secret, Template)) else value


def named(name: str, scope: Scope) -> object:
    """Where a path begins. Raises ExpressionError for a name that means nothing."""
    return Path(scope, name) if scope.is_resource_kind(name) else held(scope.lookup(name))


def step(holder: object, key: object, is_index: bool) -> object:
    """One step of a path; NO_MEMBER where there is none."""
    if isinstance(holder, Path):
        return holder.step(key, is_index)
    if isinstance(holder, Held):
        return holder.refuse()
    found = member(holder, key)
    return found if found is NO_MEMBER else held(found)
