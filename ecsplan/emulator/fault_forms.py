"""The menu of faults: which there are, their parameters, and the form of each as JSON Schema.

The schema of a schedule is made of it (`schemas/faults.schema.json`), and the control API reads the same table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Form = dict[str, Any]

TEXT: Form = {"type": "string"}
FLAG: Form = {"type": "boolean"}
OBJECT: Form = {"type": "object"}
NUMBER: Form = {"type": "number"}
SECONDS: Form = {"type": "number", "minimum": 0}
COUNT: Form = {"type": "integer", "minimum": 0}
ORDINAL: Form = {"type": "integer", "minimum": 1}
STATUS: Form = {"type": "integer", "minimum": 100, "maximum": 599}
SHARE: Form = {"type": "number", "minimum": 0, "maximum": 1}
WHEN: Form = {"enum": ["before", "after"]}


def _or_list(form: Form) -> Form:
    return {"anyOf": [form, {"type": "array", "items": form}]}


# Where it may hit.
SELECTORS: dict[str, Form] = {
    "action": _or_list(TEXT),
    "region": TEXT,
    "nth": _or_list(ORDINAL),
    "from": ORDINAL,
    "times": COUNT,
    "probability": SHARE,
    "at_call": _or_list(ORDINAL),
    "seed": {"type": ["string", "number"]},
}
# Once unless told otherwise.
ONCE: dict[str, dict[str, Form]] = {
    "error": {"code": TEXT, "status": STATUS, "message": TEXT, "header": OBJECT, "commit": FLAG},
    "drop_before_commit": {},
    "drop_after_commit": {},
    "delay": {"ms": SECONDS, "when": WHEN},
    "cut_body": {"n": COUNT},
    "html_200": {"commit": FLAG},
    "status_5xx_without_envelope": {"status": STATUS, "commit": FLAG},
    "xml_when_json": {},
    "not_visible_for": {"reads": COUNT},
    "list_vs_get_disagree": {"kind": TEXT, "share": SHARE},
    "page_shift": {"shift": {"type": "integer"}},
    "empty_by_permission": {},
    "token_processing": {"k": COUNT, "code": TEXT, "status": STATUS},
    "partial_batch": {"k": COUNT},
    "sts_expire": {"form": {"enum": ["code", "parameter"]}, "next": OBJECT},
    "nonce_replay": {"commit": FLAG},
    "foreign_edit": {"kind": TEXT, "id": TEXT, "match": OBJECT, "set": OBJECT, "tags": {"type": ["object", "null"]}},
    "foreign_delete": {"kind": TEXT, "id": TEXT, "match": OBJECT},
    "hold": {"when": WHEN},
    "crash_client": {"when": WHEN},
}
# In force on every call that they select, until taken away.
STANDING: dict[str, dict[str, Form]] = {
    "throttle": {
        "limit": COUNT, "window": SECONDS, "status": STATUS, "code": TEXT, "header": FLAG,
        "style": {"enum": ["window", "bucket"]},
    },
    "tag_index_lag": {"seconds": SECONDS},
    "token_forgotten": {"after": SECONDS},
    "token_replays_deleted_id": {},
    "state_stuck": {"kind": TEXT, "state": TEXT, "seconds": SECONDS},
    "state_fail": {"kind": TEXT, "state": TEXT, "instead": TEXT},
    "stock_out": {"type": TEXT, "zone": TEXT, "category": TEXT, "status": TEXT},
    "quota": {"code": TEXT, "n": COUNT, "status": STATUS},
    "dependency_lag": {"seconds": SECONDS},
    "clock_skew": {"seconds": NUMBER},
    "unwell": {
        "id": TEXT, "match": TEXT, "type": TEXT, "image": TEXT, "exit": {"type": "integer"}, "output": TEXT,
        "error": TEXT, "health": TEXT, "value": NUMBER,
        "what": {"type": "array", "items": {"enum": ["status", "assistant", "command", "balancer", "metric"]}},
    },
}  # fmt: skip
MENU = {**ONCE, **STANDING}


def fault_schema() -> Form:
    """The JSON Schema of a schedule: a list of faults, or `{"seed": …, "faults": […]}`."""
    faults = {"type": "array", "items": {"$ref": "#/$defs/fault"}, "description": "The faults, each with its own form."}
    whole = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"seed": {**TEXT, "description": "Fixes what is random."}, "faults": faults},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "faults of the ecsplan emulator",
        "if": {"type": "array"},
        "then": faults,
        "else": whole,
        "$defs": {
            "fault": {
                "type": "object",
                "required": ["fault"],
                "properties": {"fault": {"enum": sorted(MENU)}},
                "allOf": [
                    {
                        "if": {"properties": {"fault": {"const": name}}, "required": ["fault"]},
                        "then": {
                            "properties": {"fault": {"const": name}, **SELECTORS, **parameters},
                            "additionalProperties": False,
                        },
                    }
                    for name, parameters in sorted(MENU.items())
                ],
            }
        },
    }


def check(spec: object) -> None:
    """Raises ValueError for what is no fault of the menu. For callers of the control API: a schedule in a file is held
    against the whole schema before it comes here."""
    if not isinstance(spec, Mapping):
        raise ValueError(f"a fault is an object, not {spec!r}")
    name = spec.get("fault")
    if not isinstance(name, str) or name not in MENU:
        raise ValueError(f"there is no fault {name!r}; known: {', '.join(sorted(MENU))}")
    forms = {"fault": TEXT, **SELECTORS, **MENU[name]}
    unknown = spec.keys() - forms
    if unknown:
        known = ", ".join(sorted(forms.keys() - {"fault"}))
        raise ValueError(f"fault {name}: unknown {', '.join(sorted(unknown))}; known: {known}")
    for key, value in spec.items():
        if not fits(value, forms[key]):
            raise ValueError(f"fault {name}: {key} is {value!r}, which is not {_said(forms[key])}")


_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "number": (int, float), "integer": int, "boolean": bool, "object": dict, "array": list,
    "null": type(None),
}  # fmt: skip


def fits(value: Any, form: Form) -> bool:
    """The few words of JSON Schema that the forms above use."""
    if "anyOf" in form:
        return any(fits(value, one) for one in form["anyOf"])
    if "enum" in form:
        return value in form["enum"]
    names = form["type"] if isinstance(form["type"], list) else [form["type"]]
    is_flag = isinstance(value, bool)
    if not any(isinstance(value, _TYPES[name]) and (name == "boolean" or not is_flag) for name in names):
        return False
    if "items" in form:
        return all(fits(item, form["items"]) for item in value)
    return not isinstance(value, int | float) or form.get("minimum", value) <= value <= form.get("maximum", value)


def _said(form: Form) -> str:
    if "anyOf" in form:
        return " or ".join(map(_said, form["anyOf"]))
    if "enum" in form:
        return " or ".join(map(str, form["enum"]))
    types = form["type"] if isinstance(form["type"], list) else [form["type"]]
    bounds = f" of at least {form['minimum']}" if "minimum" in form else ""
    bounds += f" and at most {form['maximum']}" if "maximum" in form else ""
    of = f" of {_said(form['items'])}" if "items" in form else ""
    return " or ".join(types) + bounds + of
