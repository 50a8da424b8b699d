"""A document against its published JSON Schema (Draft 2020-12): every fault with its place and what to write."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from ecsplan.config.syntax.faults import Faults
from ecsplan.config.syntax.nodes import Node, plain
from ecsplan.config.syntax.words import near
from ecsplan.model.rules import Rule
from ecsplan.model.values import shown

_MOST_NAMES = 12


def validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    """Compiled once for each schema by whoever holds it."""
    return Draft202012Validator(schema)


def check(node: Node, against: Draft202012Validator, faults: Faults) -> None:
    """Adds what the schema says against a document, all of it at once."""
    for error in against.iter_errors(plain(node)):
        for leaf in _leaves(error):
            _add(node, leaf, faults)


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """Of alternatives the one that comes nearest: the one whose faults lie deepest."""
    if error.validator not in ("anyOf", "oneOf") or not error.context:
        yield error
        return
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context:
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    deepest = max(max(len(inner.absolute_path) for inner in branch) for branch in branches.values())
    if deepest == len(error.absolute_path):
        yield error
        return
    nearest = max(branches.values(), key=lambda branch: max(len(inner.absolute_path) for inner in branch))
    for inner in nearest:
        yield from _leaves(inner)


def _add(root: Node, error: ValidationError, faults: Faults) -> None:
    path = list(error.absolute_path)
    node = root.at(path)
    where = _said(path)
    properties = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        for key in sorted(set(error.instance) - set(properties)):
            source = node.value[key].key_source if isinstance(node.value, dict) else node.source
            faults.add(f"{where} has no key {key}", near(key, properties, "keys"), source, rule=Rule.UNKNOWN_KEY)
    elif error.validator == "required" and isinstance(error.instance, Mapping):
        wanted: Any = error.validator_value
        for key in (key for key in wanted if key not in error.instance):
            faults.add(f"{where} needs {key}", _about(properties.get(key), key), node.source, rule=Rule.MISSING_KEY)
    elif error.validator == "enum":
        choices: Any = error.validator_value
        names = [str(name) for name in choices]
        faults.add(
            f"{where} is {shown(error.instance)}",
            near(str(error.instance), names, "one of"),
            node.source,
            rule=Rule.VALUE,
        )
    else:
        faults.add(f"{where} is {_form(error)}", _wanted(error), node.source, rule=Rule.VALUE)


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


def _form(error: ValidationError) -> str:
    instance = error.instance
    if isinstance(instance, Mapping):
        return "a mapping" if instance else "empty"
    if isinstance(instance, list):
        return f"a list of {len(instance)}"
    return shown(instance)


def _wanted(error: ValidationError) -> str:
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
