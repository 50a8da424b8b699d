"""Whole objects before and after a plan, for programs that judge states instead of differences."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from ecsplan.model.address import Address, Part, Ref
from ecsplan.model.algebra import Value, is_fields, mapped
from ecsplan.model.change import NEVER, UNKNOWN, Action, Cause, Change
from ecsplan.model.diagnostic import SourceRange
from ecsplan.model.plan import Plan
from ecsplan.render.values import masked

_GOING = (Action.DELETE, Action.RELEASE)
_LOST = (*_GOING, Action.REPLACE)


class ObjectRow(Struct, frozen=True):
    """Values are canonical and masked, by our attribute names; a reference to what is live is its id.

    `before` is what was read, None for what is new. `after` is None for what goes; else what is declared, over what is
    live where the object stays. `applied` is what drifted attributes were when applied last. `forces` are the
    attributes that force a replacement. `is_member_gone`: its block is there, and no longer has this member.
    """

    address: Address
    action: Action
    id: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    applied: Mapping[str, Any]
    forces: tuple[str, ...] = ()
    moved_from: Address | Part | None = None
    create_first: bool = False
    is_member_gone: bool = False
    source: SourceRange | None = None


def object_rows(plan: Plan) -> tuple[ObjectRow, ...]:
    """Every resource of the stack, and what goes."""
    return tuple(_rows(plan))


def _rows(plan: Plan) -> Iterator[ObjectRow]:
    ids = {c.address: c.before.id for c in plan.changes if c.before is not None and c.action not in _LOST}
    groups = {resource.address.group for resource in plan.definition.resources} if plan.definition else set()
    for change in plan.changes:
        if change.action is Action.NOOP and change.after is None:
            continue
        declared = _declared(change, ids)
        yield ObjectRow(
            change.address,
            change.action,
            change.id_text,
            _before(change, declared),
            None if change.action in _GOING else _after(change, declared),
            {line.name: masked(line.applied, line.sensitive) for line in change.attributes if _is_drift(line)},
            tuple(line.name for line in change.attributes if line.forces_replacement),
            change.moved_from,
            change.create_first,
            change.address.key is not None and change.address.group in groups,
            change.after.source if change.after else None,
        )


def _is_drift(line: Any) -> bool:
    return line.cause in (Cause.DRIFT, Cause.BOTH) and line.applied not in (NEVER, UNKNOWN)


def _declared(change: Change, ids: Mapping[Address, str]) -> dict[str, Any]:
    found = change.after.attributes if change.after else {}
    sensitive = {line.name for line in change.attributes if line.sensitive}
    values = {name: masked(_known(value, ids), name in sensitive) for name, value in found.items() if value is not None}
    if change.after is not None and change.after.name:
        values.setdefault("name", change.after.name)
    return values


def _before(change: Change, declared: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if change.before is None:
        return None
    if change.action is Action.NOOP:
        return declared
    return {"name": change.before.name, **masked(dict(change.live_values))}


def _after(change: Change, declared: Mapping[str, Any]) -> Mapping[str, Any]:
    """A new object is what is declared of it; one that stays keeps what the file does not mention."""
    if change.before is None or change.action in (Action.REPLACE, Action.NOOP):
        return declared
    live: dict[str, Any] = masked(dict(change.live_values))
    return {**live, **{name: _over(live.get(name), value) for name, value in declared.items()}}


def _over(live: Any, declared: Any) -> Any:
    """A declared map has its own keys alone; a record in it keeps the fields that are not declared."""
    if not (is_fields(live or ()) and is_fields(declared)):
        return declared
    before = dict(live)
    return tuple((key, _joined(before.get(key), value)) for key, value in declared)


def _joined(live: Any, declared: Any) -> Any:
    if is_fields(live or ()) and is_fields(declared):
        return tuple(sorted({**dict(live), **dict(declared)}.items()))
    return declared


def _known(value: Value, ids: Mapping[Address, str]) -> Value:
    """The value with references to what is live as ids."""

    def known(leaf: Value) -> Value:
        return ids.get(leaf.address, leaf) if isinstance(leaf, Ref) and leaf.attribute == "id" else leaf

    return mapped(value, known)
