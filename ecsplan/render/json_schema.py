"""The JSON Schema of what `plan`, `show`, `apply` and `destroy` print with `--format json`. Pure.

It is open: a later version may print more members. A test closes what is inside, so that all of it is described.
"""

from typing import Any

from ecsplan.model.attribute import Impact
from ecsplan.model.call import ErrorClass
from ecsplan.model.change import Action, Cause
from ecsplan.model.diagnostic import Severity
from ecsplan.model.plan import Result, Status
from ecsplan.model.preflight import CHECKS, MODES, Level
from ecsplan.model.recovery import Sort
from ecsplan.render.json_format import APPLY_FORMAT, PLAN_FORMAT, REPORT_FORMAT
from ecsplan.render.report import DONE_BEFORE
from ecsplan.render.words import ACTION_WORDS

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
TEXTS: Schema = {"type": "array", "items": TEXT}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
SECONDS: Schema = {"type": "number", "minimum": 0}
VALUE: Schema = {
    "description": "A value. A mapping with `known_after_apply`, `sensitive`, `unreadable`, `local_key` or `lookup` "
    "stands for one that is not known, or not shown."
}
MONEY: Schema = {"type": ["string", "null"], "pattern": r"^-?\d+\.\d\d$"}
IMPACT: Schema = {"enum": [impact.name.lower() for impact in Impact]}


def output_schema() -> Schema:
    """Draft 2020-12; every described member is always there."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://ecsplan.dev/schemas/output.schema.json",
        "title": "ecsplan --format json",
        "description": "What plan, show, apply and destroy print: a plan, or a plan with the report of its apply.",
        "oneOf": [{"$ref": "#/$defs/plan"}, {"$ref": "#/$defs/apply"}],
        "$defs": {
            "plan": _plan(),
            "apply": _record(
                "The plan as it was shown, and the report; null when the plan was declined.",
                format={"const": APPLY_FORMAT},
                plan=_ref("plan"),
                report={"anyOf": [_ref("report"), {"type": "null"}]},
            ),
            "report": _report(),
            "change": _change(),
            "step": _step(),
            "diagnostic": _diagnostic(),
            "policy": _policy(),
            "off": _off(),
            "source": _record("A place in a file.", file=TEXT, line=COUNT, column=COUNT),
        },
    }


def _record(description: str, **members: Schema) -> Schema:
    return {"type": "object", "description": description, "properties": members, "required": sorted(members)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _list(items: Schema, description: str = "") -> Schema:
    return {"type": "array", "items": items, **({"description": description} if description else {})}


def _map(values: Schema, description: str) -> Schema:
    return {"type": "object", "additionalProperties": values, "description": description}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _plan() -> Schema:
    remark = _record("A note on what stays as it is.", address=TEXT, notes=TEXTS, blocked=TEXTS)
    guard = _record("Why apply will refuse.", name=TEXT, summary=TEXT, detail=MAYBE_TEXT, addresses=TEXTS)
    return _record(
        "A change set.",
        format={"const": PLAN_FORMAT},
        ecsplan_version=TEXT,
        stack=TEXT,
        region=TEXT,
        account=MAYBE_TEXT,
        digest=TEXT,
        is_new_stack=FLAG,
        is_destroy=FLAG,
        has_changes=FLAG,
        off=_list(_ref("off"), "Machines that are off without being meant to be."),
        read=_record("How the account was read.", live=COUNT, calls=COUNT, seconds=SECONDS),
        summary=_summary(),
        changes=_list(_ref("change"), "One for each address, the most dangerous first."),
        records=_list(TEXT, "Addresses of which nothing but the record of what was applied is out of date."),
        left_out=_list(TEXT, "Addresses that would change, and that --target or --exclude leaves out."),
        remarks=_list(remark),
        steps=_list(_ref("step"), "In the order of their likely starts."),
        rescues=_list(_ref("step"), "Steps that run only if others fail."),
        guards=_list(guard),
        recoveries=_list(_recovery(), "Of a way back: what can be had again, and what cannot."),
        warnings=_list(_ref("diagnostic")),
        outputs=_map(VALUE, "Values that the stack publishes."),
        policy=_maybe(_ref("policy")),
        reach=_list(_reach()),
        preflight=_preflight(),
        prices=_prices(),
        valid=_record(
            "What bounds a saved plan, in seconds since 1970; null where nothing does.",
            made={"type": ["number", "null"]},
            until={"type": ["number", "null"]},
            commit=MAYBE_TEXT,
        ),
    )


def _recovery() -> Schema:
    sorts = {"enum": [sort.value for sort in Sort]}
    return _record("What the way back does.", address=TEXT, attribute=MAYBE_TEXT, sort=sorts, why=TEXT)


def _preflight() -> Schema:
    finding = _record(
        "What was found of some addresses.",
        level={"enum": [level.value for level in Level]},
        check={"enum": list(CHECKS)},
        summary=TEXT,
        code=MAYBE_TEXT,
        advice=MAYBE_TEXT,
        addresses=TEXTS,
        source=_maybe(_ref("source")),
    )
    return _record(
        "What the service was asked ahead.",
        mode={"enum": list(MODES)},
        passed=COUNT,
        calls={"type": ["integer", "null"]},
        findings=_list(finding),
    )


def _prices() -> Schema:
    amounts = dict.fromkeys(("monthly_before", "monthly_after", "due"), MONEY)
    line = _record("What one change costs.", address=TEXT, **amounts, unpriced=TEXTS, notes=TEXTS)
    return _record(
        "What the plan costs.",
        asked=FLAG,
        calls={"type": ["integer", "null"]},
        currency=MAYBE_TEXT,
        **amounts,
        is_complete=FLAG,
        changes=_list(line),
    )


def _reach() -> Schema:
    return _record(
        "What becomes reachable, and what no longer is, for machines and interfaces that change alike.",
        addresses=TEXTS,
        direction={"enum": ["ingress", "egress"]},
        opened=TEXTS,
        closed=TEXTS,
        last_way_in=TEXTS,
        groups=TEXTS,
        unknown=TEXTS,
        is_unsure=FLAG,
    )


def _summary() -> Schema:
    counts = {word: COUNT for action, word in ACTION_WORDS.items() if action is not Action.NOOP}
    return _record(
        "Counts of addresses, unless it says otherwise.",
        **counts,
        keep=COUNT,
        left_out=COUNT,
        drifted=COUNT,
        records=COUNT,
        off=COUNT,
        impacts=_map(COUNT, "How many addresses have each impact."),
        guards=COUNT,
        warnings=COUNT,
        calls=COUNT,
        seconds=SECONDS,
    )


def _change() -> Schema:
    causes = {"enum": [cause.value for cause in Cause]}
    attribute = _record(
        "One thing that differs.",
        name=TEXT,
        before=VALUE,
        after=VALUE,
        cause=causes,
        was_applied=FLAG,
        applied=VALUE,
        forces_replacement=FLAG,
        note=MAYBE_TEXT,
        source=_maybe(_ref("source")),
    )
    return _record(
        "What happens to one address.",
        address=TEXT,
        kind=TEXT,
        action={"enum": list(ACTION_WORDS.values())},
        cause=_maybe(causes),
        impact=IMPACT,
        impacts=_list(IMPACT, "The worst first."),
        id=MAYBE_TEXT,
        live_name=MAYBE_TEXT,
        reason=MAYBE_TEXT,
        source=_maybe(_ref("source")),
        attributes=_list(attribute),
        loses=TEXTS,
        blocked=TEXTS,
        notes=TEXTS,
        moved_from=MAYBE_TEXT,
        create_first=FLAG,
        wave={"type": ["integer", "null"]},
        commit=_maybe(_commit()),
    )


def _commit() -> Schema:
    return _record(
        "Who last wrote a line that it comes from; all is null where the line is not committed.",
        commit=MAYBE_TEXT,
        author=MAYBE_TEXT,
        email=MAYBE_TEXT,
        time={"type": ["integer", "null"], "description": "In seconds since 1970."},
        summary=MAYBE_TEXT,
    )


def _step() -> Schema:
    call = _record(
        "One API request.",
        operation=TEXT,
        product=TEXT,
        params=_map(VALUE, "By the names of the API."),
        targets=_list(VALUE),
        creates=TEXTS,
        note=MAYBE_TEXT,
    )
    closing = _record("Why it runs though others fail.", after=TEXTS, opened_by=TEXTS, unless=TEXTS)
    return _record(
        "A node of the graph.",
        id=TEXT,
        verb=TEXT,
        addresses=TEXTS,
        needs=_list(TEXT, "Ids of the steps that have to be done before."),
        lane=MAYBE_TEXT,
        impact=IMPACT,
        impacts=_list(IMPACT),
        wave={"type": ["integer", "null"]},
        starts=SECONDS,
        seconds=SECONDS,
        is_critical=FLAG,
        closing=_maybe(closing),
        calls=_list(call),
        gate=_maybe({**TEXT, "description": "What its addresses must pass, or a pause."}),
    )


def _diagnostic() -> Schema:
    return _record(
        "A problem or a warning.",
        severity={"enum": [severity.value for severity in Severity]},
        summary=TEXT,
        detail=MAYBE_TEXT,
        address=MAYBE_TEXT,
        members=TEXTS,
        source=_maybe(_ref("source")),
    )


def _policy() -> Schema:
    finding = _record(
        "What becomes of the changes of one class under one rule.",
        **{"class": TEXT},
        effect={"enum": ["allow", "approvals", "forbid"]},
        addresses=TEXTS,
        rule=TEXT,
        approvals=COUNT,
        group=MAYBE_TEXT,
        reason=MAYBE_TEXT,
        opens={"type": ["number", "null"], "description": "When time alone allows it, in seconds since 1970."},
    )
    part = _record("How many changes it is about, where that is not all.", changes=COUNT, of=COUNT)
    approval = _record(
        "A signed file.", file=TEXT, signer=MAYBE_TEXT, counts=FLAG, trouble=MAYBE_TEXT, part=_maybe(part)
    )
    need = _record(
        "Approvals that are asked for.",
        **{"class": TEXT},
        group=MAYBE_TEXT,
        count=COUNT,
        given=TEXTS,
        of_the_author=TEXTS,
        missing=COUNT,
        short=TEXTS,
    )
    return _record(
        "What the policy says; null where it was not asked.",
        policy=MAYBE_TEXT,
        base=MAYBE_TEXT,
        is_met=FLAG,
        faults=TEXTS,
        findings=_list(finding),
        approvals=_list(approval),
        needs=_list(need),
    )


def _off() -> Schema:
    return _record("A machine that is off without being meant to be.", address=TEXT, id=TEXT, by_us=FLAG, why=TEXT)


def _ran() -> Schema:
    return _record(
        "What became of a command on one machine; the end of its output, without secrets.",
        command=TEXT,
        address=TEXT,
        id=MAYBE_TEXT,
        invocation=MAYBE_TEXT,
        exit_code={"type": ["integer", "null"]},
        error=MAYBE_TEXT,
        output=TEXT,
        asked_for_before=FLAG,
    )


def _report() -> Schema:
    outcome = _record(
        "What became of one step.",
        step=TEXT,
        verb=TEXT,
        addresses=TEXTS,
        status={"enum": [status.value for status in Status]},
        code=MAYBE_TEXT,
        message=MAYBE_TEXT,
        request_id=MAYBE_TEXT,
        request_ids=TEXTS,
        error={"enum": [*(one.value for one in ErrorClass), None]},
        can_be_repeated={"type": ["boolean", "null"]},
        advice=MAYBE_TEXT,
        unchecked=FLAG,
        because=MAYBE_TEXT,
        source=MAYBE_TEXT,
        ran=_list(_ran()),
    )
    unchecked = _record("What was changed without a look beforehand.", addresses=TEXTS, why=TEXT)
    results = {"enum": [*(result.value for result in Result), DONE_BEFORE]}
    return _record(
        "What apply did.",
        format={"const": REPORT_FORMAT},
        status=TEXT,
        off=_list(_ref("off")),
        counts=_map(COUNT, "Addresses by result."),
        results=_map(results, "By address."),
        unchecked=_list(unchecked),
        left_out=_map(
            TEXT, "What had moved since the plan was made, by address: why it, or what depends on it, was not done."
        ),
        taken_back=_map(
            TEXT, "Members of a wave that was to be rolled back, by address: empty where that is done, else why not."
        ),
        snapshots=_map(TEXT, "Snapshots that were taken before what may lose data, by the ids of their disks."),
        calls=COUNT,
        seconds=SECONDS,
        outcomes=_list(outcome),
        ids=_map(TEXT, "Ids of what was created, by address."),
        outputs=_map(VALUE, "Values that the stack publishes."),
    )
