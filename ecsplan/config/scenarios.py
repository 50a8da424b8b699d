"""Files of scenarios, `ecsplan.test.yaml`: read, and checked against their schema."""

from collections.abc import Mapping
from typing import Any

from ecsplan.config.syntax.faults import Faults
from ecsplan.config.syntax.nodes import Node, plain
from ecsplan.config.syntax.relative_paths import beside
from ecsplan.config.syntax.schema_check import check
from ecsplan.config.syntax.source_files import Files
from ecsplan.config.syntax.yaml_reader import document
from ecsplan.model.algebra import Schema
from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action
from ecsplan.model.rules import Rule
from ecsplan.model.scenario import OUTCOMES, Expected, OutsideCall, Scenario, Subject
from ecsplan.schema.validator import Validator

NAME = "ecsplan.test.yaml"
_TEXT = {"type": "string", "minLength": 1}
_PATTERNS = {"type": "array", "items": _TEXT}
ACTIONS = tuple(action.name.lower() for action in Action if action is not Action.NOOP)


def scenario_schema() -> Schema:
    """Published as schemas/test.schema.json, and what every file of scenarios is checked against."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ecsplan scenarios",
        "type": "object",
        "required": ["apiVersion", "kind", "scenarios"],
        "additionalProperties": False,
        "properties": {
            "apiVersion": {"const": "ecsplan/v1", "description": "The language of the file: ecsplan/v1."},
            "kind": {"const": "Test", "description": "What the file is: Test."},
            "scenarios": {"type": "object", "minProperties": 1, "additionalProperties": _scenario(),
                          "description": "A name for each, such as: a larger machine is a stop and start."},
        },
    }  # fmt: skip


def _subject() -> Schema:
    return {
        "stack": {**_TEXT, "description": "A stack file or folder, beside this file. [default: its folder]"},
        "environment": {**_TEXT, "description": "One of the environments of the stack."},
        "overlays": {**_PATTERNS, "description": "Files that are merged over the stack."},
        "variables": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]},
                      "description": "Values of variables."},
    }  # fmt: skip


def _object(properties: Schema, description: str, *required: str) -> Schema:
    return {"type": "object", "additionalProperties": False, "description": description, "properties": properties,
            **({"required": list(required)} if required else {})}  # fmt: skip


def _scenario() -> Schema:
    world = {
        "applied": _object(_subject(), "A stack that was applied before; often the same one with other variables."),
        "outside": {"type": "array", "items": _outside(), "description": "Calls that somebody else made after that."},
    }
    return _object(
        {
            **_subject(),
            "world": _object(world, "What is there before the plan. [default: an empty account]"),
            "faults": {"type": "array", "items": {"type": "object", "required": ["fault"]},
                       "description": "Faults of the emulator from then on, as its documentation lists them."},
            "allow": {**_PATTERNS, "description": "As --allow of apply."},
            "allow_destroy": {"type": "integer", "minimum": 0, "description": "As --allow-destroy of apply."},
            "expect": _expected(),
        },
        "What is tried, and what should come of it.",
        "expect",
    )  # fmt: skip


def _outside() -> Schema:
    return _object(
        {
            "product": {"enum": ["ecs", "vpc"], "description": "Whose action it is. [default: ecs]"},
            "action": {**_TEXT, "description": "An action of the API, such as StopInstance."},
            "params": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]},
                       "description": "Its parameters; ${instance.web} is the live id of a resource."},
        },
        "A call.",
        "action",
    )  # fmt: skip


def _expected() -> Schema:
    impacts = [impact.name.lower() for impact in Impact]
    plan = {
        **{name: {**_PATTERNS, "description": f"Patterns of the addresses to {name}."} for name in ACTIONS},
        "worst": {"enum": impacts, "description": "The most dangerous thing that the plan does."},
    }
    return _object(
        {
            "rejected": {**_TEXT, "description": "Words of the error for which the stack or its plan is rejected."},
            "refused": {**_TEXT, "description": "Words of the guard for which apply refuses."},
            "plan": _object(plan, "All changes of the plan; what is not listed must not change."),
            "outcome": {"enum": list(OUTCOMES), "description": "What becomes of apply; without it nothing is applied."},
            "settled": {"type": "boolean", "description": "Whether a plan after that shows no change."},
            "calls_at_most": {"type": "integer", "minimum": 0, "description": "API calls of plan and apply."},
        },
        "What should come of it.",
    )


def read_scenarios(path: str) -> tuple[Scenario, ...]:
    """The scenarios of a file. Raises Rejected."""
    root = document(Files.around(path).stack_text(path, is_named=True), path)
    faults = Faults()
    check(root, Validator(scenario_schema()), faults)
    faults.reject_if_any()
    found = tuple(_scenario_of(name, node, path) for name, node in root.value["scenarios"].value.items())
    for scenario, node in zip(found, root.value["scenarios"].value.values(), strict=True):
        if scenario.expected.is_empty:
            faults.add("expect has no key", "write plan, outcome, rejected …", node.key_source, rule=Rule.MISSING_KEY)
    faults.reject_if_any()
    return found


def _scenario_of(name: str, node: Node, path: str) -> Scenario:
    given: Mapping[str, Any] = plain(node)
    world = given.get("world", {})
    expect = given["expect"]
    plan = expect.get("plan")
    changes = None if plan is None else {key: tuple(plan.get(key, ())) for key in ACTIONS}
    return Scenario(
        name=name,
        source=node.key_source,
        subject=_subject_of(given, path),
        applied=_subject_of(world["applied"], path) if "applied" in world else None,
        outside=tuple(
            OutsideCall(
                one.get("product", "ecs"), one["action"], {k: _flat(v) for k, v in one.get("params", {}).items()}
            )
            for one in world.get("outside", ())
        ),
        faults=tuple(given.get("faults", ())),
        allow=tuple(given.get("allow", ())),
        allow_destroy=given.get("allow_destroy"),
        expected=Expected(
            expect.get("rejected", ""),
            expect.get("refused", ""),
            changes,
            (plan or {}).get("worst", ""),
            expect.get("outcome", ""),
            expect.get("settled"),
            expect.get("calls_at_most"),
        ),
    )


def _subject_of(given: Mapping[str, Any], path: str) -> Subject:
    return Subject(
        beside(path, given.get("stack", ".")),
        given.get("environment"),
        tuple(beside(path, overlay) for overlay in given.get("overlays", ())),
        tuple(f"{name}={_flat(value)}" for name, value in given.get("variables", {}).items()),
    )


def _flat(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
