"""A saved plan read back: untrusted input, whoever wrote it. Its own schema comes first, then what each value says.

What it shows is held against the stack in it by consistent.py, and what it would do against the cloud by conform.py.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from ecsplan.model.address import Address
from ecsplan.model.attribute import Impact
from ecsplan.model.call import Call, Merge, Product
from ecsplan.model.change import Action, AttributeChange, Cause, Change, Going, Piece, Purchase
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Refused, Rejected, Severity, SourceRange
from ecsplan.model.encoding import from_json, place_of, text_to_place
from ecsplan.model.gate import Gate, checks_of
from ecsplan.model.kind import Kinds
from ecsplan.model.origin import Commit
from ecsplan.model.plan import UNBOUND, Asked, Closing, Guard, Operation, Plan, Step, StepId, Validity
from ecsplan.model.preflight import Finding, Level, PreflightReport
from ecsplan.model.price import PriceLine, Prices
from ecsplan.model.quoting import shown
from ecsplan.model.reach import Reach
from ecsplan.model.resource import Lifecycle, LiveObject, Owner, RemoteObject, Resource
from ecsplan.model.stack import Move, Stack
from ecsplan.planner.planfile import FORMAT, fingerprint
from ecsplan.planner.planschema import plan_schema

_HEAD = re.compile(r'\s*\{\s*"account":[^{}]*"asked":')  # how a plan file begins, wherever it is cut off
_FORM = re.compile(r'[{,\s]"format":\s*"(ecsplan-[a-z-]+)/')
_AGAIN = "plan again (ecsplan plan -o FILE)"


def loads(text: str, kinds: Kinds) -> Plan:
    """The plan that a text holds; `kinds` are those that it was made by.

    Raises Rejected for what is no plan, or one of another format, Refused for one that was altered after it was made.
    """
    document = _document(text)
    content = {name: value for name, value in document.items() if name != "digest"}
    try:
        is_whole = fingerprint(content) == document.get("digest")
    except (ValueError, RecursionError):
        raise _bad("the plan cannot be read: a string in it is not valid Unicode", _AGAIN) from None
    if not is_whole:
        raise Refused([Diagnostic("the plan was altered after it was made: its digest does not fit", _AGAIN)])
    _check(document)
    try:
        return replace(_plan_of(document), kinds=kinds)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise _bad(f"the plan cannot be read: {type(error).__name__} {error}"[:300], _AGAIN) from None


def form_of(text: str) -> str:
    """What a text says of itself: `ecsplan-plan` for a saved plan, whole or not; `ecsplan-plan-view` or `ecsplan-apply`
    for what was printed of one; empty for anything else."""
    found = _FORM.search(text)
    return found[1] if found else "ecsplan-plan" if _HEAD.match(text) else ""


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text, parse_constant=_no_number, parse_float=_number)
    except (ValueError, RecursionError) as error:
        if form_of(text):
            raise _bad("the saved plan is cut off, or damaged", _AGAIN) from None
        raise _bad(f"the file is not JSON: {error}"[:300], "name a file that ecsplan plan -o wrote") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        found = document.get("format") if isinstance(document, dict) else None
        raise _bad(f"this is not a plan of format {FORMAT}: {shown(found)}", "plan again with this version of ecsplan")
    return document


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is not a number")


def _number(text: str) -> float:
    found = float(text)
    return found if abs(found) < float("inf") else _no_number(text[:20])


def _check(document: Mapping[str, Any]) -> None:
    """Against its schema: one error that names the place is enough, as nobody edits such a file."""
    try:
        error = next(_validator().errors(document), None)
    except RecursionError:
        raise _bad("the plan cannot be read: it is nested too deeply", _AGAIN) from None
    if error is not None:
        from ecsplan.schema.wording import worded

        summary = next((fault.summary for fault in worded(error)), error.message)
        raise _bad(f"the plan cannot be read: {_short(summary)}", _AGAIN)


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:120]} … {text[-70:]}"


@cache
def _validator() -> Any:
    from ecsplan.schema.validator import Validator  # late: jsonschema takes 0.1 s, and only a saved plan needs it

    return Validator(plan_schema())


def _bad(summary: str, detail: str) -> Rejected:
    return Rejected([Diagnostic(summary, detail)])


def _plan_of(document: Mapping[str, Any]) -> Plan:
    asked = document["asked"]
    definition = document["definition"]
    plan = Plan(
        document["stack"],
        document["region"],
        document["account"],
        tuple(_change_of(found, document["stack"], document.get("tags", {})) for found in document["changes"]),
        tuple(_step_of(found) for found in document["steps"]),
        tuple(_guard_of(found) for found in document["guards"]),
        tuple(_diagnostic_of(found) for found in document["warnings"]),
        {name: from_json(value) for name, value in document["outputs"].items()},
        _stack_of(definition),
        Asked(
            tuple(asked["targets"]),
            tuple(asked["excludes"]),
            tuple(asked["replaces"]),
            asked["destroy"],
            asked["refresh_full"],
            tuple(asked["only"]),
            asked["on_drift"],
            _operation_of(asked.get("operation")),
        ),
        document["is_new_stack"],
        document["digest"],
        live=document["live"],
        ecsplan_version=document["ecsplan_version"],
        left_out=tuple(Address.parse(text) for text in document["left_out"]),
        preflight=_preflight_of(document["preflight"]),
        prices=_prices_of(document["prices"]),
        reach=tuple(_reach_of(found) for found in document["reach"]),
        commits=dict(_commits_of(document.get("commits", ()))),
        valid=_valid_of(document.get("valid")),
    )
    by_address = plan.definition.by_address() if plan.definition is not None else {}
    changes = tuple(
        change
        if change.action in (Action.DELETE, Action.RELEASE)
        else replace(change, after=by_address.get(change.address))
        for change in plan.changes
    )
    return replace(plan, changes=changes)


def _operation_of(found: Mapping[str, Any] | None) -> Operation | None:
    return Operation(**{**found, "addresses": tuple(found["addresses"])}) if found is not None else None


def _commits_of(found: Iterable[Mapping[str, Any]]) -> Iterator[tuple[SourceRange, Commit]]:
    for one in found:
        commit = Commit(one["name"], one["author"], one["email"], float(one["time"]), one["summary"])
        for text in one["places"]:
            place = text_to_place(text)
            if place is not None:
                yield place, commit


def _valid_of(found: Mapping[str, Any] | None) -> Validity:
    return Validity(float(found["made"]), float(found["until"]), found["commit"]) if found else UNBOUND


def _change_of(found: Mapping[str, Any], stack: str, tags: Mapping[str, Mapping[str, str]]) -> Change:
    address = Address.parse(found["address"])
    before = None
    if found["id"] is not None:
        owner = Owner(stack, address) if found["is_owned"] else None
        name, status = found["name"] or "", found["status"] or ""
        before = LiveObject(address.kind, found["id"], name, status, dict(tags.get(found["id"], {})), owner)
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
        buys=Purchase(found["buys"]["text"], found["buys"]["months"]) if found["buys"] else None,
        going=Going(found["going"]),
        is_doubtful=found["is_doubtful"],
        twins=tuple(RemoteObject(address.kind, twin, "", "") for twin in found["twins"]),
        live_values={name: from_json(value) for name, value in found["live"].items()},
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
        frozenset(Impact[name.upper()] for name in found["impacts"]),
        found["wave"],
        found["seconds"],
        found["timeout"],
        _closing_of(found["closing"]) if found["closing"] else None,
        why=tuple(found.get("why", ())),
        gate=_gate_of(found["gate"]) if "gate" in found else None,
    )


def _gate_of(found: Mapping[str, Any]) -> Gate:
    more = {name: found[name] for name in ("rolls_back", "rollout") if name in found}
    return Gate(checks_of(from_json(found["checks"])), found["pause"], **more)


def _closing_of(found: Mapping[str, Any]) -> Closing:
    after, opened_by, unless = (
        tuple(StepId(*step) for step in found[name]) for name in ("after", "opened_by", "unless")
    )
    return Closing(after, opened_by, unless)


def _call_of(found: Mapping[str, Any]) -> Call:
    return Call(
        found["operation"],
        {name: from_json(value) for name, value in found["params"].items()},
        Product(found["product"]),
        found["kind"],
        from_json(found["targets"]),
        _merge(found["merge"]) if found["merge"] else None,
        tuple(Address.parse(text) for text in found["creates"]),
        names=tuple(found["names"]),
        note=found["note"],
        region=found["region"],
    )


def _merge(found: list[Any]) -> Merge:
    rows = (tuple((name, value) for name, value in row) for row in found[4:])
    return Merge(*found[:4], *rows)


def _guard_of(found: Mapping[str, Any]) -> Guard:
    addresses = tuple(Address.parse(text) for text in found["addresses"])
    return Guard(found["name"], found["summary"], found["detail"], addresses)


def _preflight_of(found: Mapping[str, Any]) -> PreflightReport:
    return PreflightReport(found["mode"], found["passed"], tuple(_finding_of(one) for one in found["findings"]))


def _prices_of(found: Mapping[str, Any]) -> Prices:
    return Prices(found["is_on"], found["currency"], tuple(_price_of(line) for line in found["lines"]))


def _price_of(found: Mapping[str, Any]) -> PriceLine:
    before, after, due = (None if found[name] is None else Decimal(found[name]) for name in ("before", "after", "due"))
    address, unpriced, notes = Address.parse(found["address"]), tuple(found["unpriced"]), tuple(found["notes"])
    return PriceLine(address, before, after, due, unpriced, notes)


def _finding_of(found: Mapping[str, Any]) -> Finding:
    addresses = tuple(Address.parse(text) for text in found["addresses"])
    level, source = Level(found["level"]), text_to_place(found["source"])
    return Finding(level, found["check"], found["summary"], found["code"], found["advice"], addresses, source)


def _reach_of(found: Mapping[str, Any]) -> Reach:
    return Reach(
        tuple(Address.parse(text) for text in found["addresses"]),
        found["direction"],
        tuple(found["opened"]),
        tuple(found["closed"]),
        tuple(found["last_way_in"]),
        tuple(Address.parse(text) for text in found["groups"]),
        tuple(found["unknown"]),
        found["is_unsure"],
    )


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
        overlays=tuple(found["overlays"]),
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
        frozenset(found["inherited"]),
    )
