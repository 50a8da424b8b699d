"""What `--format json` prints passes its published schema, and nothing in it is left undescribed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ecsplan.model.plan import Off, Plan
from ecsplan.render.json_format import apply_document, plan_document
from ecsplan.render.json_schema import output_schema
from ecsplan.render.report import report_view
from ecsplan.render.view import view
from tests.cli.conftest import Ran
from tests.render.plans import a_report, address, every_action
from tests.render.test_page import a_ruling


def closed(schema: Any) -> Any:
    """The schema with every object of named members closed, so that a member without a description fails.

    But for the plan as a whole: a new part of it is told by its own tests first.
    """
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: closed(value) for name, value in schema.items()}
    return {**found, "additionalProperties": False} if "properties" in found and "required" in found else found


CLOSED = closed(output_schema())
del CLOSED["$defs"]["plan"]["additionalProperties"]
STRICT = jsonschema.Draft202012Validator(CLOSED)
OPEN = jsonschema.Draft202012Validator(output_schema())


def whole_plan() -> Plan:
    plan = every_action()
    return Plan(**{**{name: getattr(plan, name) for name in plan.__dataclass_fields__},
                   "off": (Off(address("instance.cron"), "i-7", "a run stopped it"),),
                   "left_out": (address("disk.other"),)})  # fmt: skip


def test_a_plan_passes_and_every_member_is_described() -> None:
    document = plan_document(view(whole_plan(), a_ruling(forbids=True)))
    STRICT.validate(document)
    OPEN.validate(document)


def test_a_plan_without_a_policy_passes() -> None:
    STRICT.validate(plan_document(view(every_action())))


def test_an_apply_and_one_that_was_declined_pass() -> None:
    STRICT.validate(apply_document(view(every_action()), report_view(a_report())))
    STRICT.validate(apply_document(view(every_action()), None))


def test_a_later_member_passes_and_a_missing_one_does_not() -> None:
    document = plan_document(view(every_action()))
    OPEN.validate({**document, "later": 1})
    broken = json.loads(json.dumps(document))
    del broken["changes"][0]["impacts"]
    with pytest.raises(jsonschema.ValidationError):
        OPEN.validate(broken)


def test_what_the_commands_print_passes(run: Callable[..., Ran]) -> None:
    assert run("init", "--name", "shop").status == 0
    STRICT.validate(json.loads(run("plan", "--emulator", "-o", "plan.json", "--json").out))
    STRICT.validate(json.loads(run("show", "plan.json", "--json").out))
    STRICT.validate(json.loads(run("apply", "--emulator", "--auto-approve", "--json").out))
    text = Path("stack.yaml").read_text(encoding="utf-8").replace("size: 40", "size: 60")
    Path("stack.yaml").write_text(text, encoding="utf-8")
    STRICT.validate(json.loads(run("plan", "--emulator", "--json").out))
    STRICT.validate(json.loads(run("destroy", "--emulator", "--auto-approve", "--json").out))
