"""The published schema as the gate: a stack is held against it before anything of it is evaluated.

Draft 2020-12, by jsonschema. A fault is told at its place in the words of schema_faults.py; its node is then BROKEN:
later steps pass over it in silence and find what else is wrong. What a schema cannot say (which names exist, what goes
together, what expressions turn out to be) is theirs. The validator is compiled once, and a value that repeats, the
same for the same attribute, is judged once: ten thousand machines are much alike.
"""

import marshal
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from ecsplan.config.resources.nested_blocks import Shape
from ecsplan.config.resources.schema_faults import Explainer, Told
from ecsplan.config.resources.stack_schema import EXPRESSION, stack_schema
from ecsplan.config.syntax.faults import Faults
from ecsplan.config.syntax.nodes import BROKEN, Node, plain
from ecsplan.model.kind import Kinds

_Errors = Iterator[ValidationError]


def hold_against_schema(root: Node, kinds: Kinds, shapes: Mapping[str, Shape], faults: Faults) -> Callable[[], None]:
    """Tells what the schema refuses, and breaks it. What it returns is called at the end of all steps.

    Faults outside of kinds (the header, variables, moved …) have words of their own where they are read; whatever is
    refused here and has not been told at the end is told then.
    """
    explainer = Explainer(kinds, shapes)
    found = [told for error in errors_of(plain(root), kinds) for told in explainer.told(root, error)]
    for told in found:
        if told.is_final:
            _tell(told, faults)
    left = [told for told in found if not told.is_final]

    def tell_the_rest() -> None:
        for told in left:
            if not faults.has_any_at(told.node):
                _tell(told, faults)

    return tell_the_rest


def errors_of(document: Any, kinds: Kinds) -> _Errors:
    """What the schema refuses in a document, each at the innermost value that it is about."""
    found: _Errors = _compiled(kinds).iter_errors(document)
    for error in found:
        yield from _innermost(error)


def _tell(told: Told, faults: Faults) -> None:
    node = told.node
    faults.add(told.summary, told.detail, node.key_source if told.is_key else node.source, told.address, rule=told.rule)
    if told.parent is not None and isinstance(told.parent.value, dict):
        told.parent.value.pop(told.key, None)
    else:
        node.value = BROKEN


def _innermost(error: ValidationError) -> _Errors:
    """Of alternatives, the one that is meant: any value may be an expression, and this one is none."""
    if error.validator != "anyOf":
        yield error
        return
    meant = [place for place, schema in enumerate(_alternatives(error)) if schema.get("pattern") != EXPRESSION]
    inner = [cause for cause in error.context or () if cause.schema_path[0] == meant[0]]
    if len(meant) > 1 or not inner:
        yield error
        return
    for cause in inner:
        yield from _innermost(cause)


def _alternatives(error: ValidationError) -> list[Mapping[str, Any]]:
    return list(error.validator_value)  # type: ignore[arg-type]  # that of anyOf is a list


_compiled_for: dict[int, tuple[Kinds, Any]] = {}


def _compiled(kinds: Kinds) -> Any:
    """The validator for these kinds, made once."""
    if id(kinds) not in _compiled_for:
        schema = stack_schema(kinds)
        seen: set[tuple[int, bytes]] = set()
        memoized = extend(Draft202012Validator, {"properties": _properties(seen)})  # type: ignore[no-untyped-call]
        _compiled_for[id(kinds)] = (kinds, memoized(_inlined(schema, schema["$defs"], {})))
    return _compiled_for[id(kinds)][1]


def _properties(seen: set[tuple[int, bytes]]) -> Any:
    """The keyword `properties`, which judges a value that has passed no second time under the same schema."""

    def properties(validator: Any, known: Mapping[str, Any], instance: Any, schema: Any) -> _Errors:
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
