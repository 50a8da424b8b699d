"""The attribute lines under a change: one for each thing that differs, down to a tag or a rule of a list."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import is_fields
from ecsplan.model.change import NEVER, AttributeChange, Cause, Change, Never, Piece, Unknown
from ecsplan.model.composites import ListOf, MapOf, Record
from ecsplan.model.diagnostic import SourceRange
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.resource import Resource
from ecsplan.model.values import ValueType
from ecsplan.render.values import Own, clean, masked, named, shown

Of = ValueType | None
"""The type of a value; None where nothing says it."""
Difference = tuple[str, str, Any, Any, Of]  # sign, name, before, after, type


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """`before`, `after` and `applied` (what was applied last) are canonical and masked.

    `diff` are the lines of a text of several lines. `of` is the type that shows the two values.
    """

    sign: str
    name: str
    before: Any
    after: Any
    cause: Cause = Cause.PENDING
    forces_replacement: bool = False
    note: str = ""
    source: SourceRange | None = None
    diff: tuple[str, ...] = ()
    applied: Any = NEVER
    of: Of = field(default=None, compare=False, repr=False)

    def text(self, own: Own | None = None) -> str:
        """`before → after`, or the one side that there is."""
        if self.sign == "+":
            return self.shown_after(own)
        if self.sign == "-":
            return self.shown_before(own)
        return f"{self.shown_before(own)} → {self.shown_after(own)}"

    def shown_before(self, own: Own | None = None) -> str:
        return shown(self.before, own, self.of)

    def shown_after(self, own: Own | None = None) -> str:
        return shown(self.after, own, self.of)

    def remarks(self) -> tuple[str, ...]:
        """What a reader should know besides the two values."""
        found = ["forces the replacement"] if self.forces_replacement else []
        return tuple(filter(None, (*found, self.note, self.who_moved())))

    def who_moved(self) -> str:
        """What was not only the file's doing; also what it was, where that is neither side."""
        if self.cause is Cause.DRIFT:
            return f"{_DONE_OUTSIDE.get(self.sign, 'changed')} outside since the last apply"
        if self.cause is Cause.BOTH:
            is_known = not isinstance(self.applied, (Never, Unknown))
            was = f"; it was {shown(self.applied, of=self.of)} when last applied" if is_known else ""
            return f"changed in the file and outside{was}"
        return "drift or pending: what was applied last is not recorded" if self.cause is Cause.UNKNOWN else ""


_DONE_OUTSIDE = {"-": "added", "+": "removed"}  # by what the plan would do about it


class AttributeRows:
    """The rows of the changes of a plan. `addresses` are those of the stack's live resources, by id."""

    def __init__(self, addresses: Mapping[str, Address], kinds: Kinds) -> None:
        self._addresses, self._kinds = addresses, kinds
        # With the value, so that its identity stays its own.
        self._known: dict[tuple[object, ...], tuple[object, tuple[AttributeRow, ...]]] = {}

    def of(self, change: Change) -> tuple[AttributeRow, ...]:
        """What differs; for something new without recorded differences, all that is declared: of what new members of a
        group share, the rows are made once."""
        kind = self._kinds.get(change.address.kind)
        if change.attributes or change.before is not None or change.after is None:
            return tuple(rows_of(change.attributes, kind, self._addresses))
        found: list[AttributeRow] = []
        for line in _declared(change.after):
            shape = (change.kind, line.name, id(line.after), line.source)
            if shape not in self._known:
                self._known[shape] = (line.after, tuple(rows_of((line,), kind, self._addresses)))
            found += self._known[shape][1]
        return tuple(found)


def rows_of(
    found: Iterable[AttributeChange], kind: Kind | None, addresses: Mapping[str, Address] = MappingProxyType({})
) -> Iterator[AttributeRow]:
    """A row for each thing that differs, down to a tag or a rule of a list."""
    for line in found:
        attribute = kind.by_name.get(line.name) if kind is not None else None
        yield from _rows(line, addresses, attribute.type if attribute is not None else None)


def _declared(resource: Resource) -> list[AttributeChange]:
    """All that a resource declares, in the order in which the file has it, which a saved plan keeps too."""
    found = [
        AttributeChange(name, None, value, source=resource.source_of(name))
        for name, value in resource.attributes.items()
        if value is not None
    ]
    return sorted(found, key=lambda a: (a.source.line, a.source.column, a.name) if a.source else (0, 0, a.name))


def _rows(attribute: AttributeChange, addresses: Mapping[str, Address], of: Of) -> Iterator[AttributeRow]:
    before, after = (
        named(masked(value, attribute.sensitive), addresses) for value in (attribute.before, attribute.after)
    )
    for sign, name, old, new, inner in _differences(attribute.name, before, after, of):
        yield _row(attribute, (sign, name, old, new, inner))


def _row(attribute: AttributeChange, difference: Difference) -> AttributeRow:
    sign, name, before, after, of = difference
    cause, applied = _verdict(attribute, name, before, after)
    return AttributeRow(
        sign,
        clean(name),
        before,
        after,
        cause,
        attribute.forces_replacement,
        clean(attribute.note),
        attribute.source,
        _line_diff(before, after),
        masked(_by_address(applied), attribute.sensitive),
        of,
    )


def _verdict(attribute: AttributeChange, name: str, before: Any, after: Any) -> tuple[Cause, Any]:
    """Who moved, of one row: of a piece of a map or set, what is known of that piece."""
    inside = name[len(attribute.name) + 1 :]
    found = [part for part in attribute.parts if _is_of(part, inside, before, after)]
    if not found:
        return attribute.cause, attribute.applied
    causes = {part.cause for part in found}
    applied = found[0].applied if len(found) == 1 else NEVER
    return (causes.pop() if len(causes) == 1 else Cause.BOTH), applied


def _is_of(part: Piece, inside: str, before: Any, after: Any) -> bool:
    if not inside:
        return part.key in (before, after)
    key = str(part.key)
    return inside == key or inside.startswith(f"{key}.") or key.startswith(f"{inside}.")


def _by_address(value: Any) -> Any:
    """References as people name them; what was applied is known, whatever id it has."""
    if isinstance(value, Ref):
        return str(value)
    return tuple(map(_by_address, value)) if isinstance(value, tuple) else value


def _sign(before: Any, after: Any) -> str:
    if before is None:
        return "+"
    return "-" if after is None else "~"


def _is_mapping(value: Any, of: Of) -> bool:
    """As its type says; only a value without one is taken by its shape alone."""
    return (of is None or isinstance(of, (MapOf, Record))) and is_fields(value)


def _inner(of: Of, key: str = "") -> Of:
    """The type of an item, or of what stands under a key."""
    if isinstance(of, Record):
        return of.by_name[key].type if key in of.by_name else None
    return of.item if isinstance(of, (ListOf, MapOf)) else None


def _differences(name: str, before: Any, after: Any, of: Of) -> Iterator[Difference]:
    if _is_mapping(before, of) or _is_mapping(after, of):
        if all(not side or _is_mapping(side, of) for side in (before, after)):
            yield from _by_key(name, dict(before or ()), dict(after or ()), of)
            return
    elif _are_lists(before, after):
        yield from _by_item(name, before or (), after or (), of)
        return
    yield _sign(before, after), name, before, after, of


def _by_key(name: str, before: dict[str, Any], after: dict[str, Any], of: Of) -> Iterator[Difference]:
    for key in sorted(before.keys() | after.keys()):
        old, new, inner = before.get(key), after.get(key), _inner(of, key)
        if old and new and _is_mapping(old, inner) and _is_mapping(new, inner):
            new = _managed(dict(old), dict(new))
        if new is None and old is not None:
            yield "-", f"{name}.{key}", old, None, inner
        elif old != new:
            yield from _differences(f"{name}.{key}", old, new, inner)


def _managed(before: dict[str, Any], after: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    """A record in a map as it will be: what the file does not mention of it stays as it is."""
    return tuple(sorted({**before, **after}.items()))


def _are_lists(before: Any, after: Any) -> bool:
    sides = [side for side in (before, after) if side is not None]
    return all(isinstance(side, tuple) for side in sides) and any(sides)


def _by_item(name: str, before: tuple[Any, ...], after: tuple[Any, ...], of: Of) -> Iterator[Difference]:
    """Item by item for lists of records and for lists that changed; a new list of plain values stays in one line."""
    removed = [item for item in before if item not in after]
    added = [item for item in after if item not in before]
    inner = _inner(of)
    if not (before and after) and not any(_is_mapping(item, inner) for item in (*before, *after)):
        yield ("+" if after else "-"), name, before or None, after or None, of
    elif not removed and not added:  # the same items in another order
        yield "~", name, before, after, of
    else:
        yield from (("-", name, item, None, inner) for item in removed)
        yield from (("+", name, None, item, inner) for item in added)


def _line_diff(before: Any, after: Any) -> tuple[str, ...]:
    if not (isinstance(before, str) and isinstance(after, str) and "\n" in before + after):
        return ()
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm="")
    return tuple(clean(line) for line in lines if not line.startswith(("---", "+++")))
