"""The errors of a schema, in words: where it is, what is wrong and what to write instead."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from ecsplan.model.diagnostic import Words
from ecsplan.model.quoting import shown
from ecsplan.model.rules import Rule
from ecsplan.model.spelling import near
from ecsplan.schema.validator import Refused

Path = tuple[str | int, ...]


class Fault(Struct, frozen=True):
    """One thing that is wrong. `path` leads to the value, `key` is the one of its keys that is meant, where one is."""

    path: Path
    summary: str
    detail: Words
    rule: Rule
    key: str = ""


def worded(error: Refused) -> Iterator[Fault]:
    """What is wrong there: one fault for each key that is too many, or missing."""
    path = tuple(error.absolute_path)
    where = _said(path)
    properties = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
    value: Any = error.validator_value
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        for key in sorted(set(error.instance) - set(properties)):
            yield Fault(path, f"{where} has no key {key}", near(key, properties, "keys"), Rule.UNKNOWN_KEY, key)
    elif error.validator == "required" and isinstance(error.instance, Mapping):
        for key in (key for key in value if key not in error.instance):
            yield Fault(path, f"{where} needs {key}", _about(properties.get(key), key), Rule.MISSING_KEY)
    elif error.validator == "enum":
        hint = near(str(error.instance), map(str, value), "one of")
        yield Fault(path, f"{where} is {shown(error.instance)}", hint, Rule.VALUE)
    else:
        yield Fault(path, f"{where} is {_form(error)}", _wanted(error), Rule.VALUE)


def _said(path: Iterable[str | int]) -> str:
    """`rules[0].then`; the whole document where the path is empty."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text or "the file"


def _about(schema: Any, key: str) -> str:
    described = schema.get("description", "") if isinstance(schema, Mapping) else ""
    return f"{key}: {described}" if described else f"write {key}: …"


_TYPES = {"string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
          "array": "a list", "object": "a mapping", "null": "empty"}  # fmt: skip


def _form(error: Refused) -> str:
    instance = error.instance
    if isinstance(instance, Mapping):
        return "a mapping" if instance else "empty"
    if isinstance(instance, list):
        return f"a list of {len(instance)}"
    return shown(instance)


def _wanted(error: Refused) -> str:
    described = error.schema.get("description", "") if isinstance(error.schema, Mapping) else ""
    value: Any = error.validator_value
    if error.validator == "type":
        names = value if isinstance(value, list) else [value]
        return f"write {' or '.join(_TYPES.get(str(name), str(name)) for name in names)}" + (
            f": {described}" if described else ""
        )
    limits = {"minimum": "at least", "maximum": "at most", "minItems": "at least", "maxItems": "at most"}
    if error.validator in limits:
        return f"write {limits[str(error.validator)]} {value}"
    return described or error.message[:200]
