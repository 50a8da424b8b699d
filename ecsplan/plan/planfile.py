"""A Plan to JSON and back, with its digest. The same plan is the same text, byte for byte.

A saved plan holds the stack that was planned, what was asked, the changes for people to read, and the calls. Apply
plans the stack again and compares (conform.py): nothing in the file is ever sent as it stands.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ecsplan.model.address import Address
from ecsplan.model.attribute import Impact
from ecsplan.model.call import Call, Merge, Product
from ecsplan.model.change import Action, AttributeChange, Cause, Change, Piece
from ecsplan.model.diagnostic import Diagnostic, Rejected, Severity
from ecsplan.model.plan import Asked, Closing, Guard, Plan, Step, StepId
from ecsplan.model.resource import Lifecycle, RemoteObject, Resource
from ecsplan.model.stack import Move, Stack
from ecsplan.plan.encoding import from_json, place_of, place_to_text, text_to_place, to_json

FORMAT = "ecsplan-plan/v1"
USUAL = Lifecycle()


def dumps(plan: Plan) -> str:
    """The plan as JSON text; readable, sorted, and ending in a line break."""
    return json.dumps(to_document(plan), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def to_document(plan: Plan) -> dict[str, Any]:
    """The plan as plain values, as `schemas/plan.schema.json` describes them."""
    return {"digest": plan.digest, **_content(plan)}


def digest_of(plan: Plan) -> str:
    """Over the content: equal for equal input, different for any altered plan."""
    found = hashlib.sha256()
    for piece in _pieces(_content(plan)):
        found.update(piece.encode())
    return "sha256:" + found.hexdigest()


def _pieces(content: Mapping[str, Any]) -> Iterator[str]:
    """The JSON text of the content, entry by entry: as a whole it may be hundreds of megabytes."""
    for place, (name, value) in enumerate(sorted(content.items())):
        yield ("," if place else "{") + json.dumps(name) + ":"
        if isinstance(value, list):
            yield "["
            yield from (("," if number else "") + _compact(item) for number, item in enumerate(value))
            yield "]"
        else:
            yield _compact(value)
    yield "}"


def _compact(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _content(plan: Plan) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "ecsplan_version": plan.ecsplan_version,
        "stack": plan.stack,
        "region": plan.region,
        "account": plan.account,
        "is_new_stack": plan.is_new_stack,
        "live": plan.live,
        "asked": {
            "targets": list(plan.asked.targets),
            "excludes": list(plan.asked.excludes),
            "replaces": list(plan.asked.replaces),
            "destroy": plan.asked.destroy,
            "refresh_full": plan.asked.refresh_full,
        },
        "changes": [_change(change) for change in plan.changes],
        "steps": [_step(step) for step in plan.steps],
        "guards": [_guard(guard) for guard in plan.guards],
        "warnings": [_diagnostic(warning) for warning in plan.warnings],
        "left_out": [str(address) for address in plan.left_out],
        "outputs": {name: to_json(value) for name, value in sorted(plan.outputs.items())},
        "definition": _stack(plan.definition) if plan.definition else None,
    }


def _change(change: Change) -> dict[str, Any]:
    before = change.before
    return {
        "address": str(change.address),
        "action": change.action.name.lower(),
        "id": before.id if before else None,
        "name": before.name if before else change.after.name if change.after else None,
        "status": before.status if before else None,
        "attributes": [_line(line) for line in change.attributes],
        "impacts": [impact.name.lower() for impact in sorted(change.impacts)],
        "create_first": change.create_first,
        "reason": change.reason,
        "loses": list(change.loses),
        "blocked": list(change.blocked),
        "notes": list(change.notes),
        "moved_from": str(change.moved_from) if change.moved_from else None,
        "converts": change.converts,
        "records": change.records,
    }


def _line(line: AttributeChange) -> dict[str, Any]:
    return {
        "name": line.name,
        "before": to_json(line.before),
        "after": to_json(line.after),
        "cause": line.cause.value,
        "forces_replacement": line.forces_replacement,
        "sensitive": line.sensitive,
        "note": line.note,
        "source": place_to_text(line.source),
        "applied": to_json(line.applied),
        "parts": [[to_json(part.key), part.cause.value, to_json(part.applied)] for part in line.parts],
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "id": _step_id(step.id),
        "addresses": [str(address) for address in step.addresses],
        "calls": [_call(call) for call in step.calls],
        "needs": [_step_id(need) for need in step.needs],
        "lane": step.lane,
        "impact": step.impact.name.lower(),
        "wave": step.wave,
        "seconds": step.seconds,
        "timeout": step.timeout,
        "closing": _closing(step.closing) if step.closing else None,
    }


def _closing(closing: Closing) -> dict[str, Any]:
    return {
        "after": [_step_id(step) for step in closing.after],
        "opened_by": [_step_id(step) for step in closing.opened_by],
        "unless": [_step_id(step) for step in closing.unless],
    }


def _step_id(step: StepId) -> list[Any]:
    return [step.address, step.verb, step.number]


def _call(call: Call) -> dict[str, Any]:
    return {
        "operation": call.operation,
        "product": call.product.value,
        "kind": call.kind,
        "params": to_json(call.params),
        "targets": [to_json(target) for target in call.targets],
        "merge": [call.merge.param, call.merge.limit, call.merge.form] if call.merge else None,
        "creates": [str(address) for address in call.creates],
        "names": list(call.names),
        "note": call.note,
        "region": call.region,
    }


def _guard(guard: Guard) -> dict[str, Any]:
    return {
        "name": guard.name,
        "summary": guard.summary,
        "detail": guard.detail,
        "addresses": [str(address) for address in guard.addresses],
    }


def _diagnostic(found: Diagnostic) -> dict[str, Any]:
    return {
        "severity": found.severity.value,
        "summary": found.summary,
        "detail": found.detail,
        "address": str(found.address) if found.address else None,
        "source": place_to_text(found.source),
        "members": [str(address) for address in found.members],
    }


def _stack(stack: Stack) -> dict[str, Any]:
    return {
        "name": stack.name,
        "region": stack.region,
        "account": stack.account,
        "path": stack.path,
        "digest": stack.digest,
        "resources": [_resource(resource) for resource in stack.resources],
        "moved": [{"from": str(move.before), "to": str(move.after)} for move in stack.moved],
        "released": [str(address) for address in stack.released],
        "outputs": {name: to_json(value) for name, value in sorted(stack.outputs.items())},
    }


def _resource(resource: Resource) -> dict[str, Any]:
    lifecycle = resource.lifecycle
    return {
        "address": str(resource.address),
        "attributes": {name: to_json(value) for name, value in resource.attributes.items()},
        "name": resource.name,
        "name_is_managed": resource.name_is_managed,
        "depends_on": [str(address) for address in resource.depends_on],
        "lifecycle": {
            field: to_json(getattr(lifecycle, field))
            for field in Lifecycle.__dataclass_fields__
            if getattr(lifecycle, field) != getattr(USUAL, field)
        },
        "adopt": resource.adopt,
        "source": place_to_text(resource.source),
        "sources": {name: str(source) for name, source in sorted(resource.sources.items())},
    }


def loads(text: str) -> Plan:
    """The plan that a text holds. Raises Rejected for what is no plan, of another format, or altered."""
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise _bad(f"the file is not JSON: {error}", "name a file that ecsplan plan -o wrote") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        found = document.get("format") if isinstance(document, dict) else None
        raise _bad(f"this is not a plan of format {FORMAT}: {found!r}", "plan again with this version of ecsplan")
    try:
        plan = _plan_of(document)
        is_altered = digest_of(plan) != plan.digest
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise _bad(f"the plan cannot be read: {type(error).__name__} {error}", "plan again") from None
    if is_altered:
        raise _bad("the plan was altered after it was made: its digest does not fit", "plan again")
    return plan


def _bad(summary: str, detail: str) -> Rejected:
    return Rejected([Diagnostic(summary, detail)])


def _plan_of(document: Mapping[str, Any]) -> Plan:
    asked = document["asked"]
    definition = document["definition"]
    plan = Plan(
        document["stack"],
        document["region"],
        document["account"],
        tuple(_change_of(found) for found in document["changes"]),
        tuple(_step_of(found) for found in document["steps"]),
        tuple(_guard_of(found) for found in document["guards"]),
        tuple(_diagnostic_of(found) for found in document["warnings"]),
        {name: from_json(value) for name, value in document["outputs"].items()},
        _stack_of(definition) if definition else None,
        Asked(
            tuple(asked["targets"]),
            tuple(asked["excludes"]),
            tuple(asked["replaces"]),
            asked["destroy"],
            asked["refresh_full"],
        ),
        document["is_new_stack"],
        document["digest"],
        live=document["live"],
        ecsplan_version=document["ecsplan_version"],
        left_out=tuple(Address.parse(text) for text in document["left_out"]),
    )
    by_address = plan.definition.by_address() if plan.definition else {}
    changes = tuple(
        change
        if change.action in (Action.DELETE, Action.RELEASE)
        else replace(change, after=by_address.get(change.address))
        for change in plan.changes
    )
    return replace(plan, changes=changes)


def _change_of(found: Mapping[str, Any]) -> Change:
    address = Address.parse(found["address"])
    before = None
    if found["id"] is not None:
        before = RemoteObject(address.kind, found["id"], found["name"], found["status"], {})
    return Change(
        address,
        Action[found["action"].upper()],
        before,
        None,
        tuple(_line_of(line) for line in found["attributes"]),
        frozenset(Impact[name.upper()] for name in found["impacts"]),
        found["create_first"],
        found["reason"],
        tuple(found["loses"]),
        tuple(found["blocked"]),
        tuple(found["notes"]),
        place_of(found["moved_from"]) if found["moved_from"] else None,
        converts=found["converts"],
        records=found["records"],
    )


def _line_of(found: Mapping[str, Any]) -> AttributeChange:
    return AttributeChange(
        found["name"],
        from_json(found["before"]),
        from_json(found["after"]),
        Cause(found["cause"]),
        found["forces_replacement"],
        found["sensitive"],
        found["note"],
        text_to_place(found["source"]),
        from_json(found["applied"]),
        tuple(Piece(from_json(key), Cause(cause), from_json(applied)) for key, cause, applied in found["parts"]),
    )


def _step_of(found: Mapping[str, Any]) -> Step:
    return Step(
        StepId(*found["id"]),
        tuple(Address.parse(text) for text in found["addresses"]),
        tuple(_call_of(call) for call in found["calls"]),
        tuple(StepId(*need) for need in found["needs"]),
        found["lane"],
        Impact[found["impact"].upper()],
        found["wave"],
        found["seconds"],
        found["timeout"],
        _closing_of(found["closing"]) if found["closing"] else None,
    )


def _closing_of(found: Mapping[str, Any]) -> Closing:
    after, opened_by, unless = (
        tuple(StepId(*step) for step in found[name]) for name in ("after", "opened_by", "unless")
    )
    return Closing(after, opened_by, unless)


def _call_of(found: Mapping[str, Any]) -> Call:
    return Call(
        found["operation"],
        from_json(found["params"]),
        Product(found["product"]),
        found["kind"],
        from_json(found["targets"]),
        Merge(*found["merge"]) if found["merge"] else None,
        tuple(Address.parse(text) for text in found["creates"]),
        names=tuple(found["names"]),
        note=found["note"],
        region=found["region"],
    )


def _guard_of(found: Mapping[str, Any]) -> Guard:
    addresses = tuple(Address.parse(text) for text in found["addresses"])
    return Guard(found["name"], found["summary"], found["detail"], addresses)


def _diagnostic_of(found: Mapping[str, Any]) -> Diagnostic:
    address = Address.parse(found["address"]) if found["address"] else None
    return Diagnostic(
        found["summary"],
        found["detail"],
        text_to_place(found["source"]),
        address,
        Severity(found["severity"]),
        tuple(Address.parse(text) for text in found["members"]),
    )


def _stack_of(found: Mapping[str, Any]) -> Stack:
    return Stack(
        found["name"],
        found["region"],
        tuple(_resource_of(resource) for resource in found["resources"]),
        found["account"],
        tuple(Move(place_of(move["from"]), place_of(move["to"])) for move in found["moved"]),
        tuple(place_of(text) for text in found["released"]),
        {name: from_json(value) for name, value in found["outputs"].items()},
        path=found["path"],
        digest=found["digest"],
    )


def _resource_of(found: Mapping[str, Any]) -> Resource:
    sources = {name: text_to_place(text) for name, text in found["sources"].items()}
    return Resource(
        Address.parse(found["address"]),
        {name: from_json(value) for name, value in found["attributes"].items()},
        found["name"],
        found["name_is_managed"],
        tuple(Address.parse(text) for text in found["depends_on"]),
        Lifecycle(**{field: from_json(value) for field, value in found["lifecycle"].items()}),
        found["adopt"],
        text_to_place(found["source"]),
        {name: source for name, source in sources.items() if source is not None},
    )
