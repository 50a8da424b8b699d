"""The attribute lines under a change: one for each thing that differs, down to a tag or a rule of a list."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ecsplan.model.address import Address, Ref
from ecsplan.model.change import NEVER, AttributeChange, Cause, Change, Never, Piece, Unknown
from ecsplan.model.diagnostic import SourceRange
from ecsplan.model.resource import Resource
from ecsplan.render.values import Own, clean, is_mapping, masked, named, shown

Difference = tuple[str, str, Any, Any]  # sign, name, before, after


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """`before`, `after` and `applied` (what was applied last) are canonical and masked.

    `diff` are the lines of a text of several lines.
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

    def text(self, own: Own | None = None) -> str:
        """`before → after`, or the one side that there is."""
        if self.sign == "+":
            return shown(self.after, own)
        if self.sign == "-":
            return shown(self.before, own)
        return f"{shown(self.before, own)} → {shown(self.after, own)}"

    def remarks(self) -> tuple[str, ...]:
        """What a reader should know besides the two values."""
        found = ["forces the replacement"] if self.forces_replacement else []
        return tuple(filter(None, (*found, self.note, self.who_moved())))

    def who_moved(self) -> str:
        """What was not only the file's doing; also what it was, where that is neither side."""
        if self.cause is Cause.DRIFT:
            return f"{_DONE_OUTSIDE.get(self.sign, 'changed')} outside since the last apply"
        if self.cause is Cause.BOTH:
            was = (
                "" if isinstance(self.applied, Never | Unknown) else f"; it was {shown(self.applied)} when last applied"
            )
            return f"changed in the file and outside{was}"
        return "drift or pending: what was applied last is not recorded" if self.cause is Cause.UNKNOWN else ""


_DONE_OUTSIDE = {"-": "added", "+": "removed"}  # by what the plan would do about it


def attribute_rows(change: Change, addresses: Mapping[str, Address]) -> tuple[AttributeRow, ...]:
    """What differs; for something new without recorded differences, all that is declared. `addresses` are those of the
    stack's live resources, by id."""
    is_told = change.attributes or change.before is not None or change.after is None
    return tuple(rows_of(change.attributes if is_told or change.after is None else _declared(change.after), addresses))


def rows_of(
    found: Iterable[AttributeChange], addresses: Mapping[str, Address] = MappingProxyType({})
) -> Iterator[AttributeRow]:
    """A row for each thing that differs, down to a tag or a rule of a list."""
    for attribute in found:
        yield from _rows(attribute, addresses)


def _declared(resource: Resource) -> list[AttributeChange]:
    """All that a resource declares, in the order in which the file has it, which a saved plan keeps too."""
    found = [
        AttributeChange(name, None, value, source=resource.source_of(name))
        for name, value in resource.attributes.items()
        if value is not None
    ]
    return sorted(found, key=lambda a: (a.source.line, a.source.column, a.name) if a.source else (0, 0, a.name))


def _rows(attribute: AttributeChange, addresses: Mapping[str, Address]) -> Iterator[AttributeRow]:
    before, after = (
        named(masked(value, attribute.sensitive), addresses) for value in (attribute.before, attribute.after)
    )
    for sign, name, old, new in _differences(attribute.name, before, after):
        yield _row(attribute, sign, name, old, new)


def _row(attribute: AttributeChange, sign: str, name: str, before: Any, after: Any) -> AttributeRow:
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


def _differences(name: str, before: Any, after: Any) -> Iterator[Difference]:
    if is_mapping(before) or is_mapping(after):
        if is_mapping(before or ()) is is_mapping(after or ()) or not before or not after:
            yield from _by_key(name, dict(before or ()), dict(after or ()))
            return
    elif _are_lists(before, after):
        yield from _by_item(name, before or (), after or ())
        return
    yield _sign(before, after), name, before, after


def _by_key(name: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Difference]:
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old and new and is_mapping(old) and is_mapping(new):
            new = _managed(dict(old), dict(new))
        if new is None and old is not None:
            yield "-", f"{name}.{key}", old, None
        elif old != new:
            yield from _differences(f"{name}.{key}", old, new)


def _managed(before: dict[str, Any], after: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    """A record in a map as it will be: what the file does not mention of it stays as it is."""
    return tuple(sorted({**before, **after}.items()))


def _are_lists(before: Any, after: Any) -> bool:
    sides = [side for side in (before, after) if side is not None]
    return all(isinstance(side, tuple) for side in sides) and any(sides)


def _by_item(name: str, before: tuple[Any, ...], after: tuple[Any, ...]) -> Iterator[Difference]:
    """Item by item for lists of records and for lists that changed; a new list of plain values stays in one line."""
    removed = [item for item in before if item not in after]
    added = [item for item in after if item not in before]
    if not (before and after) and not any(is_mapping(item) for item in (*before, *after)):
        yield ("+" if after else "-"), name, before or None, after or None
    elif not removed and not added:  # the same items in another order
        yield "~", name, before, after
    else:
        yield from (("-", name, item, None) for item in removed)
        yield from (("+", name, None, item) for item in added)


def _line_diff(before: Any, after: Any) -> tuple[str, ...]:
    if not (isinstance(before, str) and isinstance(after, str) and "\n" in before + after):
        return ()
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm="")
    return tuple(clean(line) for line in lines if not line.startswith(("---", "+++")))
