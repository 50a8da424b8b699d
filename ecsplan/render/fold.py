"""The same change on many members is one row: a plan of a thousand machines still fits a screen."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from ecsplan.model.change import Action
from ecsplan.model.copying import replace
from ecsplan.render.attributes import AttributeRow
from ecsplan.render.values import Own
from ecsplan.render.view import ChangeRow


def fold(rows: Iterable[ChangeRow]) -> tuple[ChangeRow, ...]:
    """Rows that say the same, joined; in the order of the first of each.

    Those that are alike as they stand come first; only what is left alone then folds by its own number (disk 3 of
    machine 3), lest machine 0 of group 0 parts from the others of that group.
    """
    alike = _grouped(enumerate(rows), folds_refs=False)
    left = [group[0] for group in alike if len(group) == 1]
    joined = [(group[0][0], _joined(group, False)) for group in alike if len(group) > 1]
    joined += [(group[0][0], _joined(group, True)) for group in _grouped(left, folds_refs=True)]
    return tuple(row for _, row in sorted(joined, key=lambda pair: pair[0]))


Placed = tuple[int, ChangeRow]


def _grouped(rows: Iterable[Placed], folds_refs: bool) -> list[list[Placed]]:
    groups: dict[Any, list[Placed]] = {}
    for place, row in rows:
        groups.setdefault(_likeness(row, folds_refs), []).append((place, row))
    return list(groups.values())


def _likeness(row: ChangeRow, folds_refs: bool) -> Any:
    """Equal for rows that read the same but for the address, its id and what is lost with it.

    An update may be shared by many blocks (a tag of the defaults); what is made or taken away stays with its block.
    """
    address = row.addresses[0]
    block = address.kind if row.action is Action.UPDATE else address.group
    own = _own(row, folds_refs)
    attributes = tuple(_attribute_likeness(attribute, own) for attribute in row.attributes)
    rest = (row.action, row.impacts, row.cause, row.reason, row.blocked, row.notes, row.create_first, bool(row.loses))
    return (block, attributes, rest)


def _own(row: ChangeRow, folds_refs: bool) -> Own | None:
    key = row.addresses[0].key
    return None if key is None else Own(key, folds_refs)


def _attribute_likeness(row: AttributeRow, own: Own | None) -> Any:
    return (row.sign, row.name, row.text(own), row.who_moved(), row.cause, row.forces_replacement, row.note, row.diff)


def _joined(placed: list[Placed], folds_refs: bool) -> ChangeRow:
    rows = [row for _, row in placed]
    if len(rows) == 1:
        return rows[0]
    first = rows[0]
    return replace(
        first,
        addresses=tuple(row.addresses[0] for row in rows),
        attributes=_shared_places(rows),
        source=first.source if len({row.source for row in rows}) == 1 else None,
        loses=tuple(chain.from_iterable(row.loses for row in rows)),
        ids=tuple(chain.from_iterable(row.ids for row in rows)),
        names=tuple(chain.from_iterable(row.names for row in rows)),
        moved_from=tuple(chain.from_iterable(row.moved_from for row in rows)),
        waves=tuple(chain.from_iterable(row.waves for row in rows)),
        commit=first.commit if len({row.commit for row in rows}) == 1 else None,
        own=_own(first, folds_refs),
    )


def _shared_places(rows: list[ChangeRow]) -> tuple[AttributeRow, ...]:
    """The attributes of the first; a place that the others do not share is left out."""
    columns = zip(*(row.attributes for row in rows), strict=True)
    return tuple(
        column[0] if len({row.source for row in column}) == 1 else replace(column[0], source=None) for column in columns
    )
