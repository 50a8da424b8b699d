"""The values of the variables of a stack, and its locals, which are computed from them.

Each is worked out when it is asked for, so that the default of one may mention others, in any order. What comes from
outside the file is read in variable_sources.py.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from ecsplan.config.expressions.interpolation import evaluate
from ecsplan.config.expressions.patterns import Pattern, pattern
from ecsplan.config.expressions.scope import Scope
from ecsplan.config.expressions.variable_sources import PREFIX, GivenValue, Outside, given_values
from ecsplan.config.syntax.budget import Budget
from ecsplan.config.syntax.faults import ExpressionError, Faults
from ecsplan.config.syntax.nodes import Node, mapping_of, plain
from ecsplan.config.syntax.relative_paths import relative_to
from ecsplan.config.syntax.scalars import core_value
from ecsplan.config.syntax.yaml_reader import parse
from ecsplan.model.address import Ref, Secret, Template
from ecsplan.model.diagnostic import Rejected, SourceRange
from ecsplan.model.quoting import shown
from ecsplan.model.rules import Rule
from ecsplan.model.spelling import meant, near
from ecsplan.model.texts import SecretText
from ecsplan.model.values import Mistake

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_SECRET_KEYS = ("env", "file", "version")
KEYS = ("type", "default", "description", "allowed", "pattern", *_SECRET_KEYS)
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "map": (dict,),
}
_SAYS = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "list": "a list",
    "map": "a mapping",
}
_LONGEST_FITTED = 10_000


class Variable(Struct, frozen=True):
    """One declared variable. `type` is None where the default decides it; `secret` when it is never to be shown."""

    name: str
    node: Node
    type: str | None = None
    default: Node | None = None
    secret: Secret | None = None
    allowed: tuple[object, ...] | None = None
    pattern: Pattern | None = None


class Names(Mapping[str, object]):
    """Variables and locals by name. A value that has a fault goes to `faults` once, and is then known as broken."""

    def __init__(self, root: Node, outside: Outside, reserved: Iterable[str], budget: Budget, faults: Faults) -> None:
        self.faults, self.used = faults, set[str]()
        self._scope = Scope(self, used=self.used, budget=budget)
        taken = frozenset(reserved)
        self._variables: dict[str, Variable | None] = {
            name: _declaration(name, node, taken, faults)
            for name, node in mapping_of(root.value.get("variables")).items()
        }
        self._locals = _locals(root.value.get("locals"), taken, self._variables, faults)
        self._given = given_values(self._variables, outside, faults)
        self._known: dict[str, object] = {}
        self._asked: list[str] = []

    def __iter__(self) -> Iterator[str]:
        yield from self._variables
        yield from self._locals
        yield "stack"

    def __contains__(self, name: object) -> bool:
        return name == "stack" or name in self._variables or name in self._locals

    def __len__(self) -> int:
        return len(self._variables) + len(self._locals) + 1

    def __getitem__(self, name: str) -> object:
        if name not in self._known:
            self._known[name] = self._worked_out(name)
        found = self._known[name]
        if found is _BROKEN:
            raise ExpressionError(f"{name} has no value", is_said=True)
        return found

    def know_stack(self, **names: object) -> None:
        """From now on `stack.name`, `stack.region` and `stack.account` are known."""
        self._known["stack"] = names

    def settled(self) -> tuple[dict[str, object], frozenset[str]]:
        """Every value that there is, and the names of those that have none."""
        found = {}
        for name in self:
            try:
                found[name] = self[name]
            except ExpressionError:
                continue
        return found, frozenset(self) - found.keys()

    def unused(self) -> Iterator[tuple[str, Node]]:
        for name, variable in self._variables.items():
            if variable is not None and name not in self.used:
                yield f"the variable {name}", variable.node
        yield from ((f"the local {name}", node) for name, node in self._locals.items() if name not in self.used)

    def _worked_out(self, name: str) -> object:
        if name == "stack":
            raise ExpressionError(
                "stack is not known yet here", "what the stack's name or region mentions cannot use it"
            )
        if name in self._asked:
            path = " → ".join([*self._asked[self._asked.index(name) :], name])
            raise ExpressionError(f"{name} mentions itself", path)
        self._asked.append(name)
        try:
            if name in self._locals:
                return self._evaluated(self._locals[name])
            variable = self._variables[name]
            return _BROKEN if variable is None else self._value(variable)
        finally:
            self._asked.pop()

    def _evaluated(self, node: Node) -> object:
        try:
            return evaluate(node, self._scope)
        except ExpressionError as error:
            self.faults.add_failed(error, node)
            return _BROKEN

    def _value(self, variable: Variable) -> object:
        given = self._given.get(variable.name)
        if variable.secret is not None:
            return variable.secret if given is None else _another_source(given, self.faults)
        default = _BROKEN if variable.default is None else self._evaluated(variable.default)
        if variable.default is not None:
            default = self._checked(variable, default, "", variable.default.source)
        if given is not None:
            return self._from_outside(variable, default, given)
        if variable.default is None:
            detail = f"give it a default, --var {variable.name}=…, a --var-file or {PREFIX}{variable.name}"
            self.faults.add(
                f"the variable {variable.name} has no value", detail, variable.node.key_source, rule=Rule.VARIABLE_VALUE
            )
        return default

    def _from_outside(self, variable: Variable, default: object, given: GivenValue) -> object:
        kind = variable.type or _type_of(default)
        try:
            value = given.value if given.text is None else _read_text(given.text, kind, given.origin)
        except Rejected as error:
            self.faults.add(
                f"{given.origin}: {error.diagnostics[0].summary}",
                f"write {_SAYS[kind]} as YAML",
                rule=Rule.VARIABLE_VALUE,
            )
            return _BROKEN
        return self._checked(variable, value, f"{given.origin}: ", given.source, kind)

    def _checked(
        self, variable: Variable, value: object, before: str, source: SourceRange | None, kind: str | None = None
    ) -> object:
        """The value if it has the type, is one of those allowed, and fits the pattern."""
        kind = kind or variable.type or _type_of(value)
        if value is _BROKEN or isinstance(value, (Secret, Ref, Template)):
            return value
        summary = f"{before}{shown(value)} is not "
        if not _fits(value, kind):
            detail = f"the variable {variable.name} has type {kind}: write {_SAYS[kind]}"
            self.faults.add(summary + _SAYS[kind], detail, source, rule=Rule.VARIABLE_VALUE)
        elif variable.allowed is not None and not any(_same(value, one) for one in variable.allowed):
            hint = near(str(value), map(str, variable.allowed), f"{variable.name} is one of")
            self.faults.add(f"{summary}allowed for {variable.name}", hint, source, rule=Rule.VARIABLE_VALUE)
        elif variable.pattern is not None and not (
            isinstance(value, str) and len(value) <= _LONGEST_FITTED and variable.pattern.fits(value)
        ):
            detail = f"the variable {variable.name} fits the pattern {variable.pattern.text}"
            self.faults.add(f"{summary}of the form that {variable.name} has", detail, source, rule=Rule.VARIABLE_VALUE)
        else:
            return value
        return _BROKEN


_BROKEN = object()


def _declaration(name: str, node: Node, taken: frozenset[str], faults: Faults) -> Variable | None:
    if not _may_be_called(name, "variable", node, taken, faults):
        return None
    if not isinstance(node.value, dict):
        shown_value = plain(node) if not isinstance(node.value, list) else "…"
        faults.add(
            f"the variable {name} is not a mapping",
            f"write {name}: {{default: {shown_value}}}",
            node.source,
            rule=Rule.VARIABLE,
        )
        return None
    before = len(faults)
    for key, child in node.value.items():
        if key not in KEYS:
            faults.add(
                f"a variable has no key {key}", near(key, KEYS, "known keys"), child.key_source, rule=Rule.UNKNOWN_KEY
            )
    members = {key: child for key, child in node.value.items() if child.value is not None}
    variable = Variable(
        name,
        node,
        _type(members.get("type"), faults),
        members.get("default"),
        _secret(name, node, faults) if any(key in members for key in _SECRET_KEYS) else None,
        _allowed(members.get("allowed"), faults),
        _pattern(members.get("pattern"), faults),
    )
    return variable if len(faults) == before else None


def _may_be_called(name: str, what: str, node: Node, taken: frozenset[str], faults: Faults) -> bool:
    if not _NAME.match(name):
        faults.add(
            f"{name} is not the name of a {what}", "write letters, digits and _", node.key_source, rule=Rule.NAME
        )
        return False
    if name in taken:
        faults.add(
            f"a {what} cannot be called {name}: expressions know that name",
            "rename it",
            node.key_source,
            rule=Rule.NAME,
        )
        return False
    return True


def _locals(
    node: Node | None, taken: frozenset[str], variables: Mapping[str, object], faults: Faults
) -> dict[str, Node]:
    found = {}
    for name, child in mapping_of(node).items():
        if name in variables:
            faults.add(f"{name} is a variable, too", "rename one of the two", child.key_source, rule=Rule.NAME)
        elif _may_be_called(name, "local", child, taken, faults):
            found[name] = child
    return found


def _type(child: Node | None, faults: Faults) -> str | None:
    if child is None:
        return None
    if isinstance(child.value, str) and child.value in _TYPES:
        return child.value
    detail = meant(plain(child), _TYPES, f"write one of {', '.join(_TYPES)}")
    faults.add(f"{shown(plain(child))} is not a type", detail, child.source, rule=Rule.VARIABLE)
    return None


def _allowed(child: Node | None, faults: Faults) -> tuple[object, ...] | None:
    if child is None:
        return None
    if isinstance(child.value, list) and child.value:
        return tuple(plain(child))
    faults.add("allowed is not a list of values", "write [dev, prod]", child.source, rule=Rule.VARIABLE)
    return None


def _pattern(child: Node | None, faults: Faults) -> Pattern | None:
    if child is None:
        return None
    if not isinstance(child.value, str):
        faults.add("pattern is not a string", 'write "[a-z]+-[0-9]{2}"', child.source, rule=Rule.VARIABLE)
        return None
    try:
        return pattern(child.value)
    except ValueError as error:
        faults.add(
            f"this pattern cannot be used: {error}",
            "it is a regular expression for the whole string",
            child.source,
            rule=Rule.VARIABLE,
        )
        return None


def _secret(name: str, node: Node, faults: Faults) -> Secret | None:
    """A variable with `env` or `file` and a version is a secret."""
    for key in ("default", "allowed", "pattern"):
        if key in node.value:
            word = "a default" if key == "default" else key
            faults.add(
                f"the secret variable {name} has {word}",
                "a secret does not stand in the file",
                node.source,
                rule=Rule.SECRET,
            )
            return None
    return _secret_of({key: node.value[key] for key in _SECRET_KEYS if key in node.value}, node, faults)


def _secret_of(members: Mapping[str, Node], node: Node, faults: Faults) -> Secret | None:
    try:
        secret = SecretText().parse({key: plain(child) for key, child in members.items()})
    except Mistake as mistake:
        right = f"write {SecretText().says}"
        words = right if mistake.detail == right else f"{right}; {mistake.detail}"
        faults.add("this is not a secret", words, node.source, rule=Rule.SECRET)
        return None
    return relative_to(node.file, secret)


def _another_source(given: GivenValue, faults: Faults) -> object:
    """A secret from outside: never itself, as it would then stand in a shell's history or a process list."""
    node = given.node
    if node is None or not isinstance(node.value, dict):
        detail = f"name its source: write {SecretText().says} in a --var-file"
        faults.add(f"{given.origin} cannot set a secret", detail, given.source, rule=Rule.SECRET)
        return _BROKEN
    return _secret_of(node.value, node, faults) or _BROKEN


def _type_of(value: object) -> str:
    """The type that a default has, where none is declared."""
    return next((name for name in _TYPES if _fits(value, name)), "string")


def _fits(value: object, kind: str) -> bool:
    is_boolean = isinstance(value, bool)
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not is_boolean)


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and bool(one == other)


def _read_text(text: str, kind: str, origin: str) -> object:
    """A text from outside by the variable's type: a string is what stands there, a list or map is YAML."""
    if kind == "string":
        return text
    if kind in ("list", "map"):
        return plain(parse(text, origin))
    try:
        return core_value(text.strip())
    except ValueError:
        return text
