"""A JSON Schema (Draft 2020-12), compiled once, and what it refuses in a document.

Used for stack files (config/resources/schema_gate.py), policies and saved plans. What is refused is said by wording.py.
"""

import marshal
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError as Refused
from jsonschema.validators import extend

__all__ = ["Refused", "Validator", "deepest"]

Pick = Callable[[Refused], int | None]
"""Which of the alternatives of a value is meant, by its place; None where nobody can tell."""


def deepest(error: Refused) -> int | None:
    """The alternative that comes nearest: the one whose faults lie deepest."""
    depths = {int(inner.schema_path[0]): len(inner.absolute_path) for inner in error.context or ()}
    nearest = max(depths, key=lambda place: depths[place], default=None)
    return nearest if nearest is not None and depths[nearest] > len(error.absolute_path) else None


class Validator:
    """`pick` chooses among alternatives. `is_repetitive`: the schema is no recursion, and documents have much that is
    alike: `$ref` is resolved once, and a value that has passed is not judged again under the same schema."""

    def __init__(self, schema: Mapping[str, Any], pick: Pick = deepest, *, is_repetitive: bool = False) -> None:
        self._pick = pick
        if is_repetitive:
            memoized = extend(Draft202012Validator, {"properties": _properties(set())})  # type: ignore[no-untyped-call]
            self._validator = memoized(_inlined(schema, schema["$defs"], {}))
        else:
            self._validator = Draft202012Validator(schema)

    def errors(self, document: Any) -> Iterator[Refused]:
        """All that is refused, each at the innermost value that it is about."""
        for error in self._validator.iter_errors(document):
            yield from self._innermost(error)

    def _innermost(self, error: Refused) -> Iterator[Refused]:
        meant = self._pick(error) if error.validator in ("anyOf", "oneOf") and error.context else None
        if meant is None:
            yield error
            return
        for inner in error.context or ():
            if inner.schema_path[0] == meant:
                yield from self._innermost(inner)


def _properties(seen: set[tuple[int, bytes]]) -> Any:
    """The keyword `properties`, which judges a value that has passed no second time under the same schema."""

    def properties(validator: Any, known: Mapping[str, Any], instance: Any, schema: Any) -> Iterator[Refused]:
        if not isinstance(instance, dict):
            return
        for name, value in instance.items():
            inner = known.get(name)
            if inner is None:
                continue
            key = (id(inner), marshal.dumps(value, 2))
            if key in seen:
                continue
            is_right = True
            for error in validator.descend(value, inner, path=name, schema_path=name):
                is_right = False
                yield error
            if is_right:
                seen.add(key)

    return properties


def _inlined(schema: Any, definitions: Mapping[str, Any], made: dict[str, Any]) -> Any:
    """The schema with every `$ref` replaced by what it names: looking each up again takes most of the time."""
    if isinstance(schema, list):
        return [_inlined(inner, definitions, made) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" not in schema:
        return {key: _inlined(inner, definitions, made) for key, inner in schema.items() if key != "$defs"}
    if schema["$ref"] == "#":  # an environment: judged once it is laid over the stack
        return True
    name = schema["$ref"].rpartition("/")[2]
    if name not in made:
        made[name] = _inlined(definitions[name], definitions, made)
    beside = {key: _inlined(inner, definitions, made) for key, inner in schema.items() if key != "$ref"}
    return {**made[name], **beside} if beside else made[name]
