"""The published schema as the gate: a stack is held against it before anything of it is evaluated.

Draft 2020-12, by jsonschema. A fault is told at its place in the words of schema_faults.py; its node is then BROKEN:
later steps pass over it in silence and find what else is wrong. What a schema cannot say (which names exist, what goes
together, what expressions turn out to be) is theirs. The validator is compiled once, and a value that repeats, the
same for the same attribute, is judged once: ten thousand machines are much alike.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ecsplan.config.resources.nested_blocks import Shape
from ecsplan.config.resources.schema_faults import Explainer, Told
from ecsplan.config.resources.stack_schema import EXPRESSION, stack_schema
from ecsplan.config.syntax.faults import Faults
from ecsplan.config.syntax.nodes import BROKEN, Node, plain
from ecsplan.model.kind import Kinds
from ecsplan.schema.validator import Refused, Validator


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


def errors_of(document: object, kinds: Kinds) -> Iterator[Refused]:
    """What the schema refuses in a document, each at the innermost value that it is about."""
    return _compiled(kinds).errors(document)


def _tell(told: Told, faults: Faults) -> None:
    node = told.node
    faults.add(told.summary, told.detail, node.key_source if told.is_key else node.source, told.address, rule=told.rule)
    if told.parent is not None and isinstance(told.parent.value, dict):
        told.parent.value.pop(told.key, None)
    else:
        node.value = BROKEN


def _meant(error: Refused) -> int | None:
    """Of alternatives, the one that is meant: any may be an expression, many may be false, and this is neither."""
    alternatives: Any = error.validator_value
    found = [
        place
        for place, schema in enumerate(alternatives)
        if schema.get("pattern") != EXPRESSION and schema != {"const": False}
    ]
    return found[0] if error.validator == "anyOf" and len(found) == 1 else None


_compiled_for: dict[int, tuple[Kinds, Validator]] = {}


def _compiled(kinds: Kinds) -> Validator:
    """The validator for these kinds, made once."""
    if id(kinds) not in _compiled_for:
        _compiled_for[id(kinds)] = (kinds, Validator(stack_schema(kinds), _meant, is_repetitive=True))
    return _compiled_for[id(kinds)][1]
