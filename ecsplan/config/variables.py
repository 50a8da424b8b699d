"""The values of a stack's variables, from rising sources: default, variable files, environment, command line.

The environment comes in as a mapping; only names in `ECSPLAN_VAR_` are looked at.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ecsplan.config.budget import Budget
from ecsplan.config.expressions import evaluate
from ecsplan.config.faults import Faults
from ecsplan.config.load import load_file, parse
from ecsplan.config.node import Node, mapping_of, plain
from ecsplan.config.paths import relative_to
from ecsplan.config.scalars import core_value
from ecsplan.config.scope import ExpressionError, Scope
from ecsplan.config.words import near
from ecsplan.model.address import Secret
from ecsplan.model.diagnostic import Rejected, SourceRange
from ecsplan.model.values import Mistake, SecretText, shown

PREFIX = "ECSPLAN_VAR_"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*$")
_SECRET_KEYS = ("env", "file", "version")
_KEYS = ("type", "default", "description", *_SECRET_KEYS)
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "map": (dict,),
}
_SAYS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "list": "a list",
    "map": "a mapping",
}


@dataclass(frozen=True, slots=True)
class Variable:
    """One declared variable; `secret` when its value is never to be shown."""

    name: str
    type: str
    node: Node
    default: Any = None
    has_default: bool = False
    secret: Secret | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A value from outside the stack file. `text` is to be read by the variable's type; otherwise `value` counts."""

    origin: str
    value: Any = None
    text: str | None = None
    source: SourceRange | None = None
    node: Node | None = None


def variable_values(
    declared: Node | None,
    var_files: Iterable[str],
    environ: Mapping[str, str],
    assignments: Iterable[str],
    reserved: Iterable[str],
    budget: Budget,
    faults: Faults,
) -> dict[str, Any]:
    """The value of every declared variable. What is missing or wrong goes to `faults`."""
    taken = frozenset(reserved)
    variables = {}
    for name, node in mapping_of(declared).items():
        variable = _declaration(name, node, taken, budget, faults)
        if variable is not None:
            variables[name] = variable
    known = set(mapping_of(declared))
    given = _given(known, var_files, environ, assignments, faults)
    values = {}
    for name, variable in variables.items():
        found = _value(variable, given.get(name, []), faults)
        if found is not _MISSING:
            values[name] = found
    return values


_MISSING = object()


def _declaration(name: str, node: Node, taken: frozenset[str], budget: Budget, faults: Faults) -> Variable | None:
    if not _NAME.match(name):
        faults.add(f"{name} is not the name of a variable", "write letters, digits and _", node.key_source)
        return None
    if name in taken:
        faults.add(f"a variable cannot be called {name}: expressions know that name", "rename it", node.key_source)
        return None
    if not isinstance(node.value, dict):
        shown_value = plain(node) if not isinstance(node.value, list) else "…"
        faults.add(f"the variable {name} is not a mapping", f"write {name}: {{default: {shown_value}}}", node.source)
        return None
    before = len(faults)
    for key, child in node.value.items():
        if key not in _KEYS:
            faults.add(f"a variable has no key {key}", near(key, _KEYS, "known keys"), child.key_source)
    secret = _secret(name, node, faults) if any(key in node.value for key in _SECRET_KEYS) else None
    default, has_default = _default(node, budget, faults)
    kind = _type(node, default, has_default, faults)
    if len(faults) > before:
        return None
    if has_default and not _fits(default, kind):
        summary = f"{shown(default)} is not {_SAYS[kind]}"
        faults.add(summary, f"the variable {name} has type {kind}", node.value["default"].source)
        return None
    return Variable(name, kind, node, default, has_default, secret)


def _secret(name: str, node: Node, faults: Faults) -> Secret | None:
    """A variable with `env` or `file` and a version is a secret."""
    if "default" in node.value:
        faults.add(f"the secret variable {name} has a default", "a secret does not stand in the file", node.source)
        return None
    return _secret_of({key: node.value[key] for key in _SECRET_KEYS if key in node.value}, node, faults)


def _secret_of(members: Mapping[str, Node], node: Node, faults: Faults) -> Secret | None:
    try:
        secret = SecretText().parse({key: plain(child) for key, child in members.items()})
    except Mistake as mistake:
        faults.add("this is not a secret", f"write {SecretText().says}; {mistake.detail}", node.source)
        return None
    return relative_to(node.file, secret)


def _default(node: Node, budget: Budget, faults: Faults) -> tuple[Any, bool]:
    child = node.value.get("default")
    if child is None:
        return None, False
    try:
        return evaluate(child, Scope({}, budget=budget)), child.value is not None
    except ExpressionError as error:
        place = (error.node or child).source
        faults.add("a variable's default cannot mention other names", "write a plain value ($${ for a literal)", place)
        return None, False


def _type(node: Node, default: Any, has_default: bool, faults: Faults) -> str:
    """The declared type, or that of the default."""
    child = node.value.get("type")
    if child is None:
        return next((name for name in _TYPES if has_default and _fits(default, name)), "string")
    if isinstance(child.value, str) and child.value in _TYPES:
        return child.value
    faults.add(f"{shown(plain(child))} is not a type", f"write one of {', '.join(_TYPES)}", child.source)
    return "string"


def _fits(value: Any, kind: str) -> bool:
    is_boolean = isinstance(value, bool)
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not is_boolean)


def _given(
    known: set[str],
    var_files: Iterable[str],
    environ: Mapping[str, str],
    assignments: Iterable[str],
    faults: Faults,
) -> dict[str, list[Given]]:
    """What comes from outside, by name, the strongest last."""
    given: dict[str, list[Given]] = {}
    for path in var_files:
        for name, node in _variable_file(path, faults).items():
            if name in known:
                given.setdefault(name, []).append(Given(path, plain(node), source=node.source, node=node))
            else:
                faults.add(f"{name} is not a declared variable", near(name, known, "declared"), node.key_source)
    for key in sorted(environ):
        name = key.removeprefix(PREFIX)
        if key.startswith(PREFIX) and name in known:
            given.setdefault(name, []).append(Given(f"environment variable {key}", text=environ[key]))
        elif key.startswith(PREFIX):
            # The environment is shared by many stacks: no reason to refuse this one.
            faults.warn(f"{key} sets no declared variable", near(name, known, "declared"))
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            faults.add(f"--var {assignment} has no =", "write --var NAME=VALUE")
        elif name not in known:
            faults.add(f"--var {name}: {name} is not a declared variable", near(name, known, "declared"))
        else:
            given.setdefault(name, []).append(Given(f"--var {name}", text=text))
    return given


def _variable_file(path: str, faults: Faults) -> Mapping[str, Node]:
    try:
        return mapping_of(load_file(path))
    except Rejected as error:
        for diagnostic in error.diagnostics:
            faults.take(diagnostic)
        return {}


def _value(variable: Variable, given: list[Given], faults: Faults) -> Any:
    if not given:
        if variable.secret is not None:
            return variable.secret
        if variable.has_default:
            return variable.default
        detail = f"give it a default, --var {variable.name}=…, a --var-file or {PREFIX}{variable.name}"
        faults.add(f"the variable {variable.name} has no value", detail, variable.node.key_source)
        return _MISSING
    return _from_outside(variable, given[-1], faults)


def _from_outside(variable: Variable, given: Given, faults: Faults) -> Any:
    node = given.node
    if variable.secret is not None:
        # The value itself would then stand in a shell's history or a process list.
        if node is None or not isinstance(node.value, dict):
            detail = f"name its source: write {SecretText().says} in a --var-file"
            faults.add(f"{given.origin} cannot set a secret", detail, given.source)
            return _MISSING
        return _secret_of(node.value, node, faults) or _MISSING
    try:
        value = given.value if given.text is None else _read_text(given.text, variable.type, given.origin)
    except Rejected as error:
        faults.add(f"{given.origin}: {error.diagnostics[0].summary}", f"write {_SAYS[variable.type]} as YAML")
        return _MISSING
    if _fits(value, variable.type):
        return value
    detail = f"the variable {variable.name} has type {variable.type}: write {_SAYS[variable.type]}"
    faults.add(f"{given.origin}: {shown(value)} is not {_SAYS[variable.type]}", detail, given.source)
    return _MISSING


def _read_text(text: str, kind: str, origin: str) -> Any:
    """A text from outside by the variable's type: a string is what stands there, a list or map is YAML."""
    if kind == "string":
        return text
    if kind in ("list", "map"):
        return plain(parse(text, origin))
    try:
        return core_value(text.strip())
    except ValueError:
        return text
