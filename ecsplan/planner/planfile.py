"""A Plan to JSON, with its digest. The same plan is the same text, byte for byte. Read back by planread.py.

A saved plan holds the stack that was planned, what was asked, the changes for people to read, and the calls. Apply
plans the stack again and compares (conform.py): nothing in the file is ever sent as it stands.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from msgspec.structs import asdict

from ecsplan.model.call import Call, Merge
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, SourceRange
from ecsplan.model.encoding import place_to_text, to_json
from ecsplan.model.gate import Gate
from ecsplan.model.once import once
from ecsplan.model.origin import Commit
from ecsplan.model.plan import UNBOUND, Closing, Guard, Plan, Step, StepId, Validity
from ecsplan.model.preflight import Finding, PreflightReport
from ecsplan.model.price import PriceLine, Prices
from ecsplan.model.reach import Reach
from ecsplan.model.resource import Lifecycle, Resource
from ecsplan.model.stack import Stack
from ecsplan.model.unseen import printable

FORMAT = "ecsplan-plan/v1"
USUAL = Lifecycle()


def dumps(plan: Plan) -> str:
    """The plan as JSON text; readable, sorted, and ending in a line break."""
    text = b"".join(_pieces({"digest": plan.digest, **_content(plan, iter)}))
    return printable(msgspec.json.format(text, indent=1).decode()) + "\n"


def to_document(plan: Plan) -> dict[str, Any]:
    """The plan as plain values, as `schemas/plan.schema.json` describes them."""
    return {"digest": plan.digest, **_content(plan)}


def digest_of(plan: Plan) -> str:
    """Over the content: equal for equal input, different for any altered plan."""
    return fingerprint(_content(plan, iter))  # entry by entry: whole lists of them would be tens of megabytes


def fingerprint(content: Mapping[str, Any]) -> str:
    """Of the document without its digest. Raises ValueError where a text in it is none."""
    found = hashlib.sha256()
    for piece in _pieces(content):
        found.update(piece)
    return "sha256:" + found.hexdigest()


_DEPTH = 2  # of the mappings that are taken apart: the plan, and the stack in it


def _pieces(value: object, depth: int = 0) -> Iterator[bytes]:
    """The JSON text of the content, entry by entry: as a whole it may be hundreds of megabytes."""
    if isinstance(value, Mapping) and depth < _DEPTH:
        for place, (name, inner) in enumerate(sorted(value.items())):
            yield (b"," if place else b"{") + _compact(name) + b":"
            yield from _pieces(inner, depth + 1)
        yield b"}" if value else b"{}"
    elif isinstance(value, (list, Iterator)):
        yield b"["
        yield from ((b"," if number else b"") + _compact(item) for number, item in enumerate(value))
        yield b"]"
    else:
        yield _compact(value)


_compact = msgspec.json.Encoder(order="sorted").encode


def _content(plan: Plan, listed: Callable[[Iterable[Any]], Any] = list) -> dict[str, Any]:
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
            "only": list(plan.asked.only),
            "on_drift": plan.asked.on_drift,
            **({"operation": asdict(plan.asked.operation)} if plan.asked.operation is not None else {}),
        },
        "changes": listed(map(_change, plan.changes)),
        "steps": [_step(step) for step in plan.steps],
        "guards": [_guard(guard) for guard in plan.guards],
        "preflight": _preflight(plan.preflight),
        "prices": _prices(plan.prices),
        "warnings": [_diagnostic(warning) for warning in plan.warnings],
        "left_out": [str(address) for address in plan.left_out],
        "reach": shown_reach(plan.reach),
        "outputs": {name: to_json(value) for name, value in sorted(plan.outputs.items())},
        "definition": _stack(plan.definition, listed) if plan.definition else None,
        **({"tags": tags} if (tags := _tags(plan)) else {}),
        **({"commits": [_commit(*one) for one in _by_commit(plan)]} if plan.commits else {}),
        **({"valid": _valid(plan.valid)} if plan.valid != UNBOUND else {}),
    }


def _tags(plan: Plan) -> dict[str, dict[str, str]]:
    """The live tags of what is touched, by id: conditions of a policy ask about them."""
    reached = {address for reach in plan.reach for address in (*reach.addresses, *reach.groups)}
    return {
        change.before.id: dict(sorted(change.before.tags.items()))
        for change in plan.changes
        if change.before is not None
        and change.before.tags
        and (change.action is not Action.NOOP or change.address in reached)
    }


def _by_commit(plan: Plan) -> list[tuple[Commit, list[str]]]:
    found: dict[Commit, list[str]] = {}
    for place, commit in plan.commits.items():
        found.setdefault(commit, []).append(str(place))
    return sorted(((commit, sorted(places)) for commit, places in found.items()), key=lambda pair: pair[1])


def _commit(commit: Commit, places: list[str]) -> dict[str, Any]:
    return {
        "name": commit.name,
        "author": commit.author,
        "email": commit.email,
        "time": int(commit.time),
        "summary": commit.summary,
        "places": places,
    }


def _valid(valid: Validity) -> dict[str, Any]:
    return {"made": int(valid.made), "until": int(valid.until), "commit": valid.commit}


def shown_changes(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Changes as a plan file has them."""
    return [_change(change) for change in changes]


def shown_steps(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Steps, with their calls, as a plan file has them; without their reasons, which earlier versions did not write."""
    return [_step(replace(step, why=())) for step in steps]


def shown_reach(reach: Iterable[Reach]) -> list[dict[str, Any]]:
    """What is opened and closed, as a plan file has it."""
    return [_reach(one) for one in reach]


def _reach(reach: Reach) -> dict[str, Any]:
    return {
        "addresses": [str(address) for address in reach.addresses],
        "direction": reach.direction,
        "opened": list(reach.opened),
        "closed": list(reach.closed),
        "last_way_in": list(reach.last_way_in),
        "groups": [str(address) for address in reach.groups],
        "unknown": list(reach.unknown),
        "is_unsure": reach.is_unsure,
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
        "buys": {"text": change.buys.text, "months": change.buys.months} if change.buys else None,
        "is_owned": before is not None and before.owner is not None,
        "going": change.going.value,
        "is_doubtful": change.is_doubtful,
        "twins": [twin.id for twin in change.twins],
        "live": {name: to_json(value) for name, value in sorted(change.live_values.items())},
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
        "impacts": [impact.name.lower() for impact in sorted(step.impacts)],
        "wave": step.wave,
        "seconds": step.seconds,
        "timeout": step.timeout,
        "closing": _closing(step.closing) if step.closing else None,
        **({"why": list(step.why)} if step.why else {}),
        **({"gate": _gate(step.gate)} if step.gate is not None else {}),
    }


def _gate(gate: Gate) -> dict[str, Any]:
    checks = [to_json(check.pairs) for check in gate.checks]
    found = {"checks": checks, "pause": gate.pause, "rollout": gate.rollout}
    return {**found, "rolls_back": True} if gate.rolls_back else found


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
        "merge": _merge(call.merge) if call.merge else None,
        "creates": [str(address) for address in call.creates],
        "names": list(call.names),
        "note": call.note,
        "region": call.region,
    }


def _merge(merge: Merge) -> list[Any]:
    plain = [merge.param, merge.limit, merge.form]
    return [*plain, merge.key, [list(pair) for pair in merge.row]] if merge.key else plain


def _guard(guard: Guard) -> dict[str, Any]:
    return {
        "name": guard.name,
        "summary": guard.summary,
        "detail": guard.detail,
        "addresses": [str(address) for address in guard.addresses],
    }


def _preflight(found: PreflightReport) -> dict[str, Any]:
    return {"mode": found.mode, "passed": found.passed, "findings": [_finding(one) for one in found.findings]}


def _prices(found: Prices) -> dict[str, Any]:
    return {"is_on": found.is_on, "currency": found.currency, "lines": [_price(line) for line in found.lines]}


def _price(line: PriceLine) -> dict[str, Any]:
    """Amounts are texts: a binary fraction would not be what the service said."""
    amounts = {"before": line.before, "after": line.after, "due": line.due}
    return {
        "address": str(line.address),
        **{name: None if amount is None else amount_to_text(amount) for name, amount in amounts.items()},
        "unpriced": list(line.unpriced),
        "notes": list(line.notes),
    }


def amount_to_text(amount: Decimal) -> str:
    """With six places: more than the service tells."""
    return f"{amount:.6f}"


def _finding(found: Finding) -> dict[str, Any]:
    return {
        "level": found.level.value,
        "check": found.check,
        "summary": found.summary,
        "code": found.code,
        "advice": found.advice,
        "addresses": [str(address) for address in found.addresses],
        "source": place_to_text(found.source),
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


def _stack(stack: Stack, listed: Callable[[Iterable[Any]], Any]) -> dict[str, Any]:
    return {
        "name": stack.name,
        "region": stack.region,
        "account": stack.account,
        "path": stack.path,
        "overlays": list(stack.overlays),
        "digest": stack.digest,
        "resources": listed(_resources(stack.resources)),
        "moved": [{"from": str(move.before), "to": str(move.after)} for move in stack.moved],
        "released": [str(address) for address in stack.released],
        "outputs": {name: to_json(value) for name, value in sorted(stack.outputs.items())},
    }


def _resources(resources: Sequence[Resource]) -> Iterator[dict[str, Any]]:
    """What the members of a group share (values, lifecycle, places) is made once."""
    value, lifecycle, sources = once(to_json), once(_lifecycle), once(_sources)
    return (
        {
            "address": str(resource.address),
            "attributes": {name: value(found) for name, found in resource.attributes.items()},
            "name": resource.name,
            "name_is_managed": resource.name_is_managed,
            "depends_on": [str(address) for address in resource.depends_on],
            "lifecycle": lifecycle(resource.lifecycle),
            "adopt": resource.adopt,
            "source": place_to_text(resource.source),
            "sources": sources(resource.sources),
            "inherited": sorted(resource.inherited),
        }
        for resource in resources
    )


def _lifecycle(lifecycle: Lifecycle) -> dict[str, Any]:
    return {
        field: to_json(getattr(lifecycle, field))
        for field in Lifecycle.__struct_fields__
        if getattr(lifecycle, field) != getattr(USUAL, field)
    }


def _sources(sources: Mapping[str, SourceRange]) -> dict[str, str]:
    return {name: str(source) for name, source in sorted(sources.items())}
