"""The JSON Schema of a policy file, `ecsplan.policy.yaml`: published, and what every policy is checked against."""

from typing import Any

from ecsplan.model.hours import SAYS
from ecsplan.model.spans import PATTERN
from ecsplan.policy.classes import CLASSES

API_VERSION = "ecsplan/v1"
_PATTERNS = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_TIME = {"type": "string", "description": "A time with its zone, like 2026-11-11T00:00:00+08:00."}


def policy_schema() -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ecsplan policy",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "additionalProperties": False,
        "properties": {
            "apiVersion": {"const": API_VERSION, "description": f"The language of the file: {API_VERSION}."},
            "kind": {"const": "Policy", "description": "What the file is: Policy."},
            "signers": {"type": "string", "minLength": 1,
                        "description": "An allowed_signers file of OpenSSH, beside this one."},
            "groups": {"type": "object", "additionalProperties": _PATTERNS,
                       "description": "Who is in which group of signers: a list of principals for each."},
            "plans": _plans(),
            "rules": {"type": "array", "items": _rule(), "description": "The first that fits a change decides."},
            "windows": {"type": "array", "items": _window(), "description": "Hours in which classes may happen."},
            "freezes": {"type": "array", "items": _freeze(), "description": "Times in which classes may not happen."},
        },
    }  # fmt: skip


def _plans() -> dict[str, Any]:
    properties = {
        "expire": {"type": "string", "pattern": PATTERN, "description": "At most so long after they were made: 8h."},
        "bind_commit": {"type": "boolean", "description": "Only where the commit is checked out that they come from."},
    }
    return {"type": "object", "additionalProperties": False, "properties": properties, "minProperties": 1,
            "description": "How saved plans may be applied."}  # fmt: skip


def _scope() -> dict[str, Any]:
    return {
        "classes": {"type": "array", "items": {"enum": [*CLASSES, "all"]}, "minItems": 1,
                    "description": "Classes of change, or all."},
        "kinds": {**_PATTERNS, "description": "Kinds of resource."},
        "addresses": {**_PATTERNS, "description": "Patterns of addresses, like disk.db*."},
        "stacks": {**_PATTERNS, "description": "Patterns of stack names."},
        "tags": {"type": "object", "additionalProperties": {"type": "string"},
                 "description": "Tags that the resource has; values are patterns."},
    }  # fmt: skip


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": ["classes", *required],
            "properties": {**_scope(), **properties}}  # fmt: skip


def _rule() -> dict[str, Any]:
    needs = {
        "type": "object",
        "additionalProperties": False,
        "required": ["approvals"],
        "properties": {
            "approvals": {"type": "integer", "minimum": 1, "maximum": 20, "description": "How many."},
            "group": {"type": "string", "description": "Whose; a name of groups:. Without it, of any signer."},
            "not_author": {"type": "boolean", "description": "Whether the author's own does not count (true)."},
        },
    }
    limit = {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "properties": {
            "count": {"type": "integer", "minimum": 0, "description": "Resources."},
            "share": {"type": "number", "minimum": 0, "maximum": 1, "description": "Of all live ones, 0.2 is a fifth."},
            "spend": {
                "type": "number",
                "minimum": 0,
                "description": "Money a month; a price that is not known is beyond any.",
            },
        },
    }
    return _object(
        {
            "name": {"type": "string", "minLength": 1, "description": "What refusals call it."},
            "then": {"anyOf": [{"enum": ["allow", "forbid"]}, needs],
                     "description": "allow, forbid, or {approvals: N, group: NAME}."},
            "more_than": {**limit, "description": "The rule fits only beyond this."},
            "reason": {"type": "string", "description": "Said with the refusal."},
        },
        "then",
    )  # fmt: skip


def _window() -> dict[str, Any]:
    return _object({"hours": {**_PATTERNS, "description": f"A list of {SAYS}."}}, "hours")


def _freeze() -> dict[str, Any]:
    return _object({"from": _TIME, "until": _TIME, "reason": {"type": "string"}}, "from", "until")
