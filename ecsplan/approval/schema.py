"""The JSON Schema of an approval: published, and what every statement is checked against."""

from typing import Any

from ecsplan.approval.words import ALL, FORMAT

_TEXT = {"type": "string"}
_TIME = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$", "maxLength": 20}
_SHA256 = "[0-9a-f]{64}"


def approval_schema() -> dict[str, Any]:
    properties = {
        "format": {"const": FORMAT, "description": f"What the file is: {FORMAT}."},
        "digest": {"type": "string", "pattern": f"^sha256:{_SHA256}$", "maxLength": 71,
                   "description": "Of the saved plan that is approved: sha256:… of 64 hexadecimal digits."},
        "stack": {**_TEXT, "description": "The stack of the plan."},
        "account": {**_TEXT, "description": "The account that it is for."},
        "region": {**_TEXT, "description": "The region that it is for."},
        "issued": {**_TIME, "description": "When it was made, in UTC, like 2026-12-01T00:00:00Z."},
        "expires": {**_TIME, "description": "Until when it counts, in UTC, like 2026-12-01T00:00:00Z."},
        "classes": {"type": "array", "items": _TEXT,
                    "description": f"The classes of change that are approved, as a list of strings; {ALL} for all."},
        "commit": {**_TEXT, "description": "The Git commit that it is bound to; empty for any."},
        "reason": {**_TEXT, "description": "Why, in words."},
        "revokes": {"type": "array", "items": _TEXT,
                    "description": "Earlier statements of the same signer that no longer count, by their SHA-256, as a "
                    f"list of strings; {ALL} for all."},
        "nodes": {"type": "array", "items": {"type": "string", "pattern": f"^{_SHA256}$", "maxLength": 64},
                  "description": "The digests of the approved changes; without them the plan as a whole is approved."},
    }  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ecsplan approval",
        "type": "object",
        "required": sorted(properties.keys() - {"nodes"}),
        "additionalProperties": False,
        "properties": properties,
    }
