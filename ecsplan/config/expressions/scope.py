"""The meaning of names inside an expression. Used by the rest of expressions/ and by resources/."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import Struct, field

from ecsplan.config.syntax.budget import Budget
from ecsplan.config.syntax.faults import ExpressionError
from ecsplan.model.diagnostic import Hint, Words
from ecsplan.model.spelling import near

ONLY_INSERTION = "a value known only after apply, or a secret, can only be inserted: ${…} with nothing else inside"


class Resources(Protocol):
    """What an expression may ask about the resources of the stack."""

    def is_kind(self, name: str) -> bool: ...

    def declared_kinds(self) -> set[str]: ...

    def is_declared(self, kind: str, name: str) -> bool: ...

    def is_block(self, kind: str, attribute: str) -> bool:
        """Whether the name leads further into a block (`system_disk`)."""
        ...

    def keys_of(self, kind: str, name: str) -> Sequence[int | str]:
        """The keys of a group's members. Raises ExpressionError where it is none."""
        ...

    def value_of(self, kind: str, name: str, key: int | str | None, attribute: str) -> object:
        """A known value, or a Ref or Secret. Raises ExpressionError."""
        ...


class _Names(Mapping[str, object]):
    """Names before others. One is made for each member of a group, and asked often: a ChainMap is several times as
    slow."""

    __slots__ = ("_others", "_own")

    def __init__(self, own: Mapping[str, object], others: Mapping[str, object]) -> None:
        self._own, self._others = own, others

    def __getitem__(self, name: str) -> object:
        return self._own[name] if name in self._own else self._others[name]

    def __contains__(self, name: object) -> bool:
        return name in self._own or name in self._others

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._others), **dict.fromkeys(self._own)})

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Scope(Struct):
    """What names mean at one place. `names` are variables, `stack`, and `each` or `index` in a group."""

    names: Mapping[str, object]
    resources: Resources | None = None
    used: set[str] = field(default_factory=set)
    broken: frozenset[str] = frozenset()
    budget: Budget = field(default_factory=Budget)

    def lookup(self, name: str) -> object:
        """The value of a name. Raises ExpressionError with what would be right."""
        if name in self.broken:
            self.used.add(name)
            raise ExpressionError(f"{name} has no value", is_said=True)
        if name not in self.names:
            kinds = self.resources.declared_kinds() if self.resources else set()
            raise ExpressionError(f"{name} is not defined", _who_could_it_be(name, {*self.names, *kinds}))
        self.used.add(name)
        return self.names[name]

    def is_resource_kind(self, name: str) -> bool:
        return self.resources is not None and name not in self.names and self.resources.is_kind(name)

    def with_names(self, **names: object) -> "Scope":
        """More names. What the others are worth is not asked for."""
        return Scope(_Names(names, self.names), self.resources, self.used, self.broken, self.budget)


def _who_could_it_be(name: str, names: Collection[str]) -> Words:
    if name in ("each", "index"):
        return f"{name} exists only inside a resource with {'for_each' if name == 'each' else 'count'}"
    if name in ("name", "region", "account"):
        return Hint(f"did you mean stack.{name}?", name, [f"stack.{name}"])
    return near(name, names, "known names", " (variables are declared under variables:)")
