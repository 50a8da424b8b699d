"""The JSON Schema of saved plans, for whoever reads them with a program of their own. Used by the engine; pure."""

from typing import Any

from ecsplan.model.attribute import Impact
from ecsplan.model.call import Product
from ecsplan.model.change import Action, Cause, Going
from ecsplan.model.preflight import CHECKS, MODES, Level
from ecsplan.model.resource import Lifecycle
from ecsplan.planner.planfile import FORMAT

_TEXT = {"type": "string"}
_MAYBE_TEXT = {"type": ["string", "null"]}
_TEXTS = {"type": "array", "items": _TEXT}
_COUNT = {"type": "integer", "minimum": 0, "maximum": 10**9}
_TIME = {"type": "integer", "minimum": 0, "maximum": 10**11}
_SECONDS = {"type": "number", "minimum": 0, "maximum": 10**9}
_ANY: dict[str, Any] = {"description": 'A value; {"$ref": …} and its like stand for what apply fills in.'}
_STEP_ID = {"type": "array", "prefixItems": [_TEXT, _TEXT, _COUNT], "minItems": 3, "maxItems": 3}


def _record(description: str, optional: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": {**properties, **(optional or {})},
        "required": sorted(properties),
        "additionalProperties": False,
    }


def _operation() -> dict[str, Any]:
    return _record(
        "An operation by hand: the plan is of that alone.",
        name={"enum": ["start", "stop", "reboot", "reinit"]},
        addresses=_TEXTS,
        force={"type": "boolean"},
        stop_charging={"type": "boolean"},
        drains={"type": "boolean"},
        snapshot=_TEXT,
    )


def _names(members: Any) -> dict[str, Any]:
    return {"enum": [member.name.lower() for member in members]}


def plan_schema() -> dict[str, Any]:
    """Draft 2020-12; members that may be missing stand last."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://ecsplan.dev/schemas/plan.schema.json",
        "title": "ecsplan saved plan",
        **_record(
            "A change set: what will happen, why, and by which calls. The same input gives the same bytes.",
            digest={"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
            format={"const": FORMAT},
            ecsplan_version=_TEXT,
            stack=_TEXT,
            region=_TEXT,
            account={"type": "string", "minLength": 1},
            is_new_stack={"type": "boolean"},
            live=_COUNT,
            asked=_record(
                "What was asked beside the stack itself.",
                targets=_TEXTS,
                excludes=_TEXTS,
                replaces=_TEXTS,
                destroy={"type": "boolean"},
                refresh_full={"type": "boolean"},
                only=_TEXTS,
                on_drift={"enum": ["revert", "refuse", "keep"]},
                optional={"operation": _operation()},
            ),
            changes={"type": "array", "items": _change()},
            steps={"type": "array", "items": _step()},
            guards={"type": "array", "items": _guard()},
            preflight=_preflight(),
            prices=_prices(),
            warnings={"type": "array", "items": _warning()},
            left_out=_TEXTS,
            reach={"type": "array", "items": _reach()},
            outputs={"type": "object", "additionalProperties": _ANY},
            definition=_definition(),
            optional={
                "tags": {
                    "type": "object",
                    "additionalProperties": {"type": "object", "additionalProperties": _TEXT},
                    "description": "The live tags of what is touched, by id.",
                },
                "commits": {"type": "array", "items": _commit()},
                "valid": _record(
                    "What bounds the plan; times in seconds since 1970, 0 and empty for no bound.",
                    made=_TIME,
                    until=_TIME,
                    commit=_TEXT,
                ),
            },
        ),
    }


def _commit() -> dict[str, Any]:
    return _record(
        "Who last wrote some lines; without a name, they are not committed.",
        name=_TEXT,
        author=_TEXT,
        email=_TEXT,
        time=_TIME,
        summary=_TEXT,
        places=_TEXTS,
    )


def _definition() -> dict[str, Any]:
    pair = {"type": "array", "prefixItems": [_TEXT, _SECONDS], "minItems": 2, "maxItems": 2}
    forms: dict[str, Any] = {
        "prevent_destroy": {"type": "boolean"},
        "create_before_destroy": {"type": "boolean"},
        "ignore_changes": _TEXTS,
        "additive": _TEXTS,
        "exclusive": _TEXTS,
        "on_image_change": {"enum": ["replace", "reinstall", "ignore", None]},
        "on_user_data_change": {"enum": ["update", "replace", "ignore"]},
        "max_unavailable": _MAYBE_TEXT,
        "timeouts": {"type": "array", "items": pair},
        "canary": _TEXTS,
        "order": {"enum": ["address", "reverse"]},
        "pause": _SECONDS,
        "drain": _SECONDS,
        "on_failure": {"enum": ["stop", "continue", "roll_back"]},
        "checks": {"type": "array", "items": {"type": "array"}},
        "rollout": _TEXT,
        "schedule": _TEXT,
        "snapshot_before": _TEXTS,
        "snapshot_days": {"type": "integer", "minimum": 1},
    }
    lifecycle = {
        "type": "object",
        "description": "What differs from the usual.",
        "properties": {name: forms[name] for name in Lifecycle.__struct_fields__},
        "additionalProperties": False,
    }
    resource = _record(
        "A declared resource, resolved.",
        address=_TEXT,
        attributes={"type": "object", "additionalProperties": _ANY},
        name=_TEXT,
        name_is_managed={"type": "boolean"},
        depends_on=_TEXTS,
        lifecycle=lifecycle,
        adopt=_MAYBE_TEXT,
        source=_MAYBE_TEXT,
        sources={"type": "object", "additionalProperties": _TEXT},
        inherited=_TEXTS,
    )
    return _record(
        "The stack that was planned.",
        name=_TEXT,
        region=_TEXT,
        account=_MAYBE_TEXT,
        path=_TEXT,
        overlays=_TEXTS,
        digest=_TEXT,
        resources={"type": "array", "items": resource},
        moved={"type": "array", "items": _record("A renamed address.", **{"from": _TEXT, "to": _TEXT})},
        released=_TEXTS,
        outputs={"type": "object", "additionalProperties": _ANY},
    )


def _change() -> dict[str, Any]:
    causes = {"enum": [cause.value for cause in Cause]}
    piece = {"type": "array", "prefixItems": [_ANY, causes, _ANY], "minItems": 3, "maxItems": 3}
    line = _record(
        "One attribute that differs.",
        name=_TEXT,
        before=_ANY,
        after=_ANY,
        cause=causes,
        forces_replacement={"type": "boolean"},
        sensitive={"type": "boolean"},
        note=_TEXT,
        source=_MAYBE_TEXT,
        applied=_ANY,
        parts={"type": "array", "items": piece},
    )
    return _record(
        "What happens to one address.",
        address=_TEXT,
        action=_names(Action),
        id=_MAYBE_TEXT,
        name=_MAYBE_TEXT,
        status=_MAYBE_TEXT,
        attributes={"type": "array", "items": line},
        impacts={"type": "array", "items": _names(Impact)},
        create_first={"type": "boolean"},
        reason=_TEXT,
        loses=_TEXTS,
        blocked=_TEXTS,
        notes=_TEXTS,
        moved_from=_MAYBE_TEXT,
        converts=_TEXT,
        records={"type": "boolean"},
        buys={"anyOf": [_record("What is paid for at once.", text=_TEXT, months=_SECONDS), {"type": "null"}]},
        is_owned={"type": "boolean"},
        going={"enum": [going.value for going in Going]},
        is_doubtful={"type": "boolean"},
        twins=_TEXTS,
        live={
            "type": "object",
            "description": "The object as it was read: what a stack file can declare and is not secret.",
            "additionalProperties": _ANY,
        },
    )


def _step() -> dict[str, Any]:
    call = _record(
        "One API request.",
        operation=_TEXT,
        product={"enum": [product.value for product in Product]},
        kind=_TEXT,
        params={"type": "object"},
        targets={"type": "array"},
        merge={
            "type": ["array", "null"],
            "prefixItems": [_TEXT, _COUNT, {"enum": ["list", "json", "rows", "json rows"]}, _TEXT, {"type": "array"}],
            "minItems": 3,
            "maxItems": 5,
        },
        creates=_TEXTS,
        names=_TEXTS,
        note=_TEXT,
        region=_MAYBE_TEXT,
    )
    found = _record(
        "A node of the graph. `why` are the reasons of `needs`, in their order.",
        id=_STEP_ID,
        addresses=_TEXTS,
        calls={"type": "array", "items": call},
        needs={"type": "array", "items": _STEP_ID},
        lane=_MAYBE_TEXT,
        impacts={"type": "array", "items": _names(Impact)},
        wave=_COUNT,
        seconds=_SECONDS,
        timeout=_SECONDS,
        closing={"anyOf": [_closing(), {"type": "null"}]},
        why=_TEXTS,
        gate=_record("What its addresses must pass.", checks={"type": "array"}, pause=_SECONDS),
    )
    gate = found["properties"]["gate"]
    gate["properties"] |= {"rolls_back": {"type": "boolean"}, "rollout": _TEXT}
    for name in ("why", "gate"):  # what an earlier version saved has none; most steps are no gate
        found["required"].remove(name)
    return found


def _closing() -> dict[str, Any]:
    steps = {"type": "array", "items": _STEP_ID}
    return _record(
        "The step closes a window: it runs though others fail, once those of `after` have ended.",
        after=steps,
        opened_by=steps,
        unless=steps,
    )


def _guard() -> dict[str, Any]:
    return _record("Something that stops apply.", name=_TEXT, summary=_TEXT, detail=_TEXT, addresses=_TEXTS)


def _preflight() -> dict[str, Any]:
    finding = _record(
        "Something that the service would refuse, may refuse, or that could not be looked at.",
        level={"enum": [level.value for level in Level]},
        check={"enum": list(CHECKS)},
        summary=_TEXT,
        code=_TEXT,
        advice=_TEXT,
        addresses=_TEXTS,
        source=_MAYBE_TEXT,
    )
    return _record(
        "What the service was asked ahead of the plan.",
        mode={"enum": list(MODES)},
        passed=_COUNT,
        findings={"type": "array", "items": finding},
    )


def _prices() -> dict[str, Any]:
    amount = {"type": ["string", "null"], "pattern": "^-?[0-9]{1,15}\\.[0-9]{6}$"}
    line = _record(
        "What a change is paid for by the month, before and after it, and at once; null where it is not known.",
        address=_TEXT,
        before=amount,
        after=amount,
        due=amount,
        unpriced=_TEXTS,
        notes=_TEXTS,
    )
    return _record(
        "What the changes cost, in the currency of the account.",
        is_on={"type": "boolean"},
        currency=_TEXT,
        lines={"type": "array", "items": line},
    )


def _reach() -> dict[str, Any]:
    return _record(
        "What security groups let through after the plan and not before (opened), and the other way round (closed).",
        addresses=_TEXTS,
        direction={"enum": ["ingress", "egress"]},
        opened=_TEXTS,
        closed=_TEXTS,
        last_way_in={"type": "array", "items": {"enum": ["ssh", "rdp"]}},
        groups=_TEXTS,
        unknown=_TEXTS,
        is_unsure={"type": "boolean"},
    )


def _warning() -> dict[str, Any]:
    return _record(
        "Something worth knowing.",
        severity={"enum": ["error", "warning"]},
        summary=_TEXT,
        detail=_TEXT,
        address=_MAYBE_TEXT,
        source=_MAYBE_TEXT,
        members=_TEXTS,
    )
