"""Canonical values: what an attribute may hold once the YAML is parsed, or the service's answer decoded.

The types that make them are in values.py and composites.py; encoding.py writes them as JSON. A mapping, a list and a
set are all tuples, so that a value can be hashed and compared; `fields` and `members` say which of them is meant.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard, cast

from ecsplan.model.address import ForeignRef, Lookup, Ref, Secret, Template

if TYPE_CHECKING:
    from ecsplan.model.change import Never, Unknown
    from ecsplan.model.composites import NamedRef

Scalar: TypeAlias = str | int | float | bool | None
Value: TypeAlias = "Scalar | Ref | Template | Secret | ForeignRef | Lookup | NamedRef | tuple[Value, ...]"
ValueOrUnknown: TypeAlias = "Value | Unknown | Never"
"""A side of a change: a value, or that it cannot be read, or was never declared."""

Fields: TypeAlias = tuple[tuple[str, Value], ...]
"""A mapping: pairs, sorted by name."""

Values: TypeAlias = Mapping[str, Value]
"""Values by the names of attributes or members."""

Raw: TypeAlias = Mapping[str, Any]
"""One object as the service answered it, by the names of the wire. Nothing is known of what is in it."""

Schema: TypeAlias = dict[str, Any]
"""A JSON Schema."""

Leaf: TypeAlias = "Callable[[Any], str]"
"""How one value that is no collection is shown."""

PLAIN = frozenset((str, int, bool, float, type(None)))
"""What nearly all values of a large stack are: told apart first, as no other test is as quick."""


def is_fields(value: object) -> "TypeGuard[Fields]":
    """Whether a tuple reads as a mapping: pairs that begin with a name. For values without a type alone (outputs, old
    records); a type knows (`ValueType.show`), as a list of pairs of texts reads the same."""
    return isinstance(value, tuple) and bool(value) and all(map(_is_pair, value))


def _is_pair(item: object) -> bool:
    return isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str)


def fields(value: ValueOrUnknown) -> dict[str, Value]:
    """The members of a mapping; none of what is absent."""
    return dict(cast(Fields, value or ()))


def members(value: ValueOrUnknown) -> tuple[Value, ...]:
    """The items of a list or a set; none of what is absent."""
    return cast("tuple[Value, ...]", value or ())


def whole(value: ValueOrUnknown) -> int:
    """A whole number; 0 where it is absent, or known only after apply."""
    return value if isinstance(value, int) else 0


def of_fields(found: Values) -> Fields:
    """The canonical mapping with these members."""
    return tuple(sorted(found.items(), key=lambda pair: pair[0]))


def leaves(value: object) -> Sequence[object]:
    """Every value inside that is no collection, also of the parameters of a request. Names of members are among them:
    in a tuple of pairs nothing tells a name from a text."""
    found: list[object] = []
    _gather((value,), found)
    return found


def _gather(items: Iterable[object], found: list[object]) -> None:
    for item in items:
        if type(item) in PLAIN:
            found.append(item)
        elif isinstance(item, (tuple, list)):
            _gather(item, found)
        elif isinstance(item, Mapping):
            _gather(item.values(), found)
        else:
            found.append(item)


def special(value: object) -> Sequence[object]:
    """The leaves that are not PLAIN: references, secrets, templates. Found once for what is equal, as members of a
    group are."""
    if type(value) in PLAIN:
        return ()
    if type(value) is tuple:
        try:
            return _special(value)
        except TypeError:  # something inside cannot be hashed
            pass
    return [leaf for leaf in leaves(value) if type(leaf) not in PLAIN]


@lru_cache(maxsize=1 << 14)
def _special(value: tuple[object, ...]) -> tuple[object, ...]:
    return tuple([leaf for leaf in leaves(value) if type(leaf) not in PLAIN])


def texts(value: object) -> Iterator[str]:
    return (leaf for leaf in leaves(value) if isinstance(leaf, str))


def mapped(value: Value, change: Callable[[Value], Value]) -> Value:
    """The value with `change` done to each leaf."""
    if isinstance(value, tuple):
        return tuple([mapped(item, change) for item in value])
    return change(value)
