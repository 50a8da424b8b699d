"""A plan in the form of Terraform's plan JSON (`terraform show -json`, format 1.2), for tools that judge such plans.

checkov, conftest and others read it; Terraform itself cannot apply it. Attributes are those of the official provider.
Values that are secret are null, and marked as sensitive.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from ecsplan.model.address import Address, Ref
from ecsplan.model.change import Action
from ecsplan.model.kind import Kinds
from ecsplan.render.objects import ObjectRow
from ecsplan.render.terraform.names import Names, names_of
from ecsplan.render.terraform.parts import pieces
from ecsplan.render.terraform.sides import Side, side_of
from ecsplan.render.text import place
from ecsplan.render.values import plain
from ecsplan.render.view import PlanView

FORMAT = "1.2"
CLAIMED = "1.11.4"  # readers want the version of a Terraform, or read nothing and say nothing
PROVIDER = "registry.terraform.io/aliyun/alicloud"

Json = dict[str, Any]

_ACTIONS = {
    Action.NOOP: ["no-op"],
    Action.CREATE: ["create"],
    Action.UPDATE: ["update"],
    Action.DELETE: ["delete"],
    Action.RELEASE: ["forget"],
}


class _Entry(Struct, frozen=True):
    """One resource of theirs. `own` is the resource of ours that it is, or is a part of."""

    own: ObjectRow
    type: str
    name: str
    key: int | str | None
    before: Side | None
    after: Side | None
    actions: list[str]
    is_part: bool = False

    @property
    def block(self) -> str:
        return f"{self.type}.{self.name}"

    @property
    def address(self) -> str:
        return self.block + _index(self.key)


def terraform_json(view: PlanView, kinds: Kinds) -> str:
    return json.dumps(terraform_document(view, kinds), ensure_ascii=False, indent=1) + "\n"


def terraform_document(view: PlanView, kinds: Kinds) -> Json:
    names = names_of(kinds)
    entries = sorted(_entries(view.objects, names), key=lambda entry: entry.address)
    planned = [_resource(entry, entry.after) for entry in entries if entry.after is not None]
    prior = [_resource(entry, entry.before) for entry in entries if entry.before is not None]
    return {
        "format_version": FORMAT,
        "terraform_version": CLAIMED,
        "ecsplan": _ours(view, entries),
        "planned_values": {"root_module": {"resources": planned}},
        "resource_drift": [_drift(entry, names) for entry in entries if entry.own.applied and not entry.is_part],
        "resource_changes": [_change(entry, names) for entry in entries],
        "output_changes": {name: _output(value) for name, value in view.outputs.items()},
        "prior_state": {
            "format_version": "1.0",
            "terraform_version": CLAIMED,
            "values": {"root_module": {"resources": prior}},
        },
        "configuration": _configuration(view, entries, names),
        "relevant_attributes": [],
        "checks": [_check(guard.name, guard.summary) for guard in view.guards],
        "applyable": not view.guards and not view.is_empty,
        "complete": not view.left_out,
        "errored": False,
    }


def _ours(view: PlanView, entries: Iterable[_Entry]) -> Json:
    """The way back from a finding to the stack file: our address and place of each of theirs."""
    resources = {entry.address: {"address": str(entry.own.address), "source": place(entry.own.source) or None}
                 for entry in entries}  # fmt: skip
    return {"version": view.version, "digest": view.digest, "stack": view.stack, "region": view.region,
            "account": view.account, "resources": resources}  # fmt: skip


def _entries(rows: Iterable[ObjectRow], names: Names) -> Iterator[_Entry]:
    for row in rows:
        kind = row.address.kind
        before, after = (
            None if side is None else side_of(names.theirs(kind, side)) for side in (row.before, row.after)
        )
        for side in (before, after):
            if side is not None:
                _identify(side, row, side is before, names.decided(kind))
        yield _Entry(row, names.type_of(kind), row.address.name, row.address.key, before, after,
                     _actions(row, before, after))  # fmt: skip
        for piece in pieces(row):
            sides = [None if side is None else side_of(side) for side in (piece.before, piece.after)]
            yield _Entry(row, piece.type, piece.name, piece.key, sides[0], sides[1],
                         _actions_of_part(row, *sides), is_part=True)  # fmt: skip


def _identify(side: Side, row: ObjectRow, is_before: bool, decided: Iterable[str]) -> None:
    if row.id and (is_before or row.action is not Action.REPLACE):
        side.known["id"] = row.id
        return
    side.unknown["id"] = True
    for name in decided:
        if name not in side.known:
            side.unknown[name] = True


def _actions(row: ObjectRow, before: Side | None, after: Side | None) -> list[str]:
    if row.action is Action.REPLACE:
        return ["create", "delete"] if row.create_first else ["delete", "create"]
    if row.action in _ACTIONS:
        return _ACTIONS[row.action]
    return ["no-op"] if _are_same(before, after) else ["update"]


def _actions_of_part(row: ObjectRow, before: Side | None, after: Side | None) -> list[str]:
    if before is None:
        return ["create"]
    if after is None:
        return ["forget"] if row.action is Action.RELEASE else ["delete"]
    same = _are_same(before, after) and row.action is not Action.REPLACE
    return ["no-op"] if same else ["delete", "create"]


def _are_same(before: Side | None, after: Side | None) -> bool:
    return before is not None and after is not None and before.known == after.known and not after.unknown


def _index(key: int | str | None) -> str:
    return "" if key is None else f"[{json.dumps(key, ensure_ascii=False)}]"


def _address(address: Address, names: Names) -> str:
    return f"{names.type_of(address.kind)}.{address.name}{_index(address.key)}"


def _place(entry: _Entry) -> Json:
    found: Json = {"address": entry.address, "mode": "managed", "type": entry.type, "name": entry.name}
    if entry.key is not None:
        found["index"] = entry.key
    return found | {"provider_name": PROVIDER}


def _resource(entry: _Entry, side: Side) -> Json:
    return _place(entry) | {"schema_version": 0, "values": side.known, "sensitive_values": side.sensitive}


def _change(entry: _Entry, names: Names) -> Json:
    row, before, after = entry.own, entry.before, entry.after
    change: Json = {
        "actions": entry.actions,
        "before": before.known if before else None,
        "after": after.known if after else None,
        "after_unknown": after.unknown if after else {},
        "before_sensitive": before.sensitive if before else False,
        "after_sensitive": after.sensitive if after else False,
    }
    found = _place(entry)
    if not entry.is_part:
        if row.forces:
            kind = row.address.kind
            change["replace_paths"] = [[names.attribute(kind, name) or name] for name in row.forces]
        if row.action is Action.ADOPT:
            change["importing"] = {"id": row.id}
        if isinstance(row.moved_from, Address):
            found["previous_address"] = _address(row.moved_from, names)
        if reason := _reason(row):
            found["action_reason"] = reason
    return found | {"change": change}


def _reason(row: ObjectRow) -> str:
    if row.action is Action.REPLACE:
        return "replace_because_cannot_update" if row.forces else "replace_by_request"
    if row.action not in (Action.DELETE, Action.RELEASE):
        return ""
    if not row.is_member_gone:
        return "delete_because_no_resource_config"
    return "delete_because_count_index" if isinstance(row.address.key, int) else "delete_because_each_key"


def _drift(entry: _Entry, names: Names) -> Json:
    """What somebody else changed: from what was applied last to what is live."""
    row, live = entry.own, entry.before or Side()
    was = side_of(names.theirs(row.address.kind, row.applied))
    change: Json = {
        "actions": ["update"],
        "before": {**live.known, **was.known},
        "after": live.known,
        "after_unknown": {},
        "before_sensitive": live.sensitive,
        "after_sensitive": live.sensitive,
    }
    return _place(entry) | {"change": change}


def _output(value: Any) -> Json:
    known = plain(value)
    is_late = isinstance(known, dict) and "known_after_apply" in known
    is_secret = isinstance(known, dict) and "sensitive" in known
    return {
        "actions": ["create"],
        "before": None,
        "after": None if is_late or is_secret else known,
        "after_unknown": is_late,
        "before_sensitive": False,
        "after_sensitive": is_secret,
    }


def _configuration(view: PlanView, entries: Iterable[_Entry], names: Names) -> Json:
    """One entry for each block, with what its attributes refer to."""
    blocks: dict[str, Json] = {}
    for entry in entries:
        if entry.after is None or entry.block in blocks:
            continue
        found: Json = {"address": entry.block, "mode": "managed", "type": entry.type, "name": entry.name,
                       "provider_config_key": "alicloud", "expressions": _expressions(entry.after, names),
                       "schema_version": 0}  # fmt: skip
        if entry.key is not None:
            found["count_expression" if isinstance(entry.key, int) else "for_each_expression"] = {}
        blocks[entry.block] = found
    provider = {"name": "alicloud", "full_name": PROVIDER, "expressions": {"region": {"constant_value": view.region}}}
    return {"provider_config": {"alicloud": provider}, "root_module": {"resources": list(blocks.values())}}


def _expressions(side: Side, names: Names) -> Json:
    found: Json = {}
    for name in sorted(side.known.keys() | side.unknown.keys()):
        if name in side.refers:
            found[name] = {"references": [text for ref in side.refers[name] for text in _references(ref, names)]}
        elif name in side.known and name != "id" and name not in side.sensitive:
            found[name] = {"constant_value": side.known[name]}
    return found


def _references(ref: Ref, names: Names) -> list[str]:
    whole = _address(ref.address, names)
    attribute = names.attribute(ref.address.kind, ref.attribute) or ref.attribute
    return [f"{whole}.{attribute}", whole]


def _check(name: str, summary: str) -> Json:
    address = {"kind": "check", "name": name, "to_display": f"check.{name}"}
    problem = {"address": {"to_display": f"check.{name}"}, "status": "fail", "problems": [{"message": summary}]}
    return {"address": address, "status": "fail", "instances": [problem]}
