"""Evaluates one Jinja2 expression with bounds on its size, its work and its reach.

The only user of Jinja2, loaded when the first expression needs it. There are no statements, no methods and no
attributes of Python objects; what may be called stands in functions.py. Every operation is bounded by what it would
make, before it makes it.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateError, Undefined, nodes, pass_context
from jinja2.environment import TemplateExpression
from jinja2.lexer import TOKEN_EOF
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment
from msgspec import Struct

from ecsplan.config.expressions.functions import FILTERS, FUNCTIONS, TESTS, formatted
from ecsplan.config.expressions.members import NO_MEMBER, known_members
from ecsplan.config.expressions.paths import EVERY, Held, Path, named, step
from ecsplan.config.expressions.scope import Scope
from ecsplan.config.expressions.sequences import SEQUENCE_FILTERS
from ecsplan.config.expressions.value_bounds import MAXIMUM_TEXT, bounded_value
from ecsplan.config.syntax.budget import Budget
from ecsplan.config.syntax.faults import ExpressionError
from ecsplan.model.diagnostic import said
from ecsplan.model.spelling import near

_MAXIMUM_TOKENS = 250
_DEEPEST = 16
_LONGEST_POWER = 64
_QUOTED = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
_HYPHEN = re.compile(_QUOTED + r"|(?<![\w.])(?P<kind>[a-z]\w*)\.(?P<name>[A-Za-z_]\w*-[\w-]*)")
_EVERY = re.compile(_QUOTED + r"|(?P<every>\[\*\])")
_CODE = nodes.Expr, nodes.Operand, nodes.Keyword, nodes.Pair
_FORBIDDEN = nodes.TemplateData, nodes.EnvironmentAttribute, nodes.ExtensionAttribute, nodes.ImportedName
_OPENING, _CLOSING = frozenset({"lparen", "lbracket", "lbrace"}), frozenset({"rparen", "rbracket", "rbrace"})
_ARITHMETIC: dict[str, Callable[[object, object], object]] = {
    "+": operator.add,
    "-": operator.sub,
    "/": operator.truediv,
    "//": operator.floordiv,
}


EVERY_FILTER = (*FILTERS, *SEQUENCE_FILTERS)
_BUDGET = "the budget of the load"  # no expression can spell this name


def _paid(context: Context, value: object) -> object:
    """The value of one operation, its size taken from the budget of the load."""
    budget: Budget = context[_BUDGET]
    if isinstance(value, str):
        budget.take("characters", len(value))
    budget.take("steps", 1 + (len(value) if isinstance(value, (list, tuple, Mapping)) else 0))
    return value


def _paying(function: Callable[..., object]) -> Callable[..., object]:
    @pass_context
    def paying(context: Context, *args: object, **kwargs: object) -> object:
        return _paid(context, function(*map(_reached, args), **kwargs))

    return paying


def _paying_inside(function: Callable[..., object]) -> Callable[..., object]:
    """Of a filter that applies others to the members of a list."""

    @pass_context
    def paying(context: Context, *args: object, **kwargs: object) -> object:
        return _paid(context, function(_Inside(context), *map(_reached, args), **kwargs))

    return paying


def _reached(value: object) -> object:
    """What a path into the resources leads to: no filter looks at the way."""
    return value.value() if isinstance(value, Path) else value


class _Inside:
    def __init__(self, context: Context) -> None:
        self.context: Context = context
        self.budget: Budget = context[_BUDGET]

    def filtered(self, name: str, value: object, arguments: Sequence[object]) -> object:
        if name not in EVERY_FILTER:
            raise _no_filter(name)
        function: Any = self.context.environment.filters[name]
        return function(self.context, value, *arguments)

    def is_so(self, name: str, value: object, arguments: Sequence[object]) -> bool:
        if name not in TESTS:
            raise _no_test(name)
        self.budget.take("steps", 1)
        test: Any = self.context.environment.tests[name]
        return bool(test(value, *arguments))

    def member(self, value: object, path: str) -> object:
        for key in path.split("."):
            if isinstance(value, Undefined):
                break
            value = _member(self.context.environment, value, int(key) if key.isdecimal() else key, key.isdecimal())
        return _reached(value)


def _no_filter(name: str) -> ExpressionError:
    return ExpressionError(f"there is no filter {name}", near(name, EVERY_FILTER, "filters"))


def _no_test(name: str) -> ExpressionError:
    return ExpressionError(f"there is no test {name}", near(name, TESTS, "tests"))


class _Sandbox(SandboxedEnvironment):
    """Members of mappings and lists only, bounded operators, and a short list of functions."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self) -> None:
        # Folding constants would work before anything is bounded.
        super().__init__(undefined=StrictUndefined, autoescape=False, optimized=False, cache_size=0)
        self.filters = {name: _paying(function) for name, function in FILTERS.items()}
        self.filters |= {name: _paying_inside(function) for name, function in SEQUENCE_FILTERS.items()}
        self.tests = {name: self.tests[name] for name in TESTS}
        self.globals = {}

    def getattr(self, obj: object, attribute: str) -> object:
        return _member(self, obj, attribute, False)

    def getitem(self, obj: object, argument: object) -> object:
        return _member(self, obj, argument, True)

    def is_safe_callable(self, obj: object) -> bool:
        return obj in FUNCTIONS.values()

    def call(self, context: Context, function: object, *args: object, **kwargs: object) -> object:
        return _paid(context, super().call(context, function, *args, **kwargs))

    def call_binop(self, context: Context, symbol: str, left: object, right: object) -> object:
        for side in (left, right):
            if isinstance(side, Held):
                side.refuse()
            elif isinstance(side, Undefined):
                str(side)
        return _paid(context, bounded_value(_binary(symbol, left, right)))


def _member(environment: Environment, holder: object, key: object, is_index: bool) -> object:
    if isinstance(holder, Undefined):
        str(holder)
    found = step(holder, key, is_index)
    if found is NO_MEMBER:
        return environment.undefined(f"there is no member {key!s:.60}: {said(known_members(holder, key))}")
    return found


def _binary(symbol: str, left: object, right: Any) -> object:
    if symbol == "*":
        return _product(left, right)
    if symbol == "**":
        return _power(left, right)
    if symbol == "%":
        return formatted(left, right) if isinstance(left, str) else left % right
    return _ARITHMETIC[symbol](left, right)


def _product(left: object, right: object) -> object:
    text, times = (left, right) if isinstance(left, str) else (right, left)
    if isinstance(text, str) and isinstance(times, int):
        if len(text) * times > MAXIMUM_TEXT:
            raise ExpressionError(
                "the repetition is too long", f"a string may have at most {MAXIMUM_TEXT:,} characters"
            )
        return text * times
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left * right
    raise ExpressionError("only numbers can be multiplied, and strings repeated", "write range(n) for a list")


def _power(left: object, right: Any) -> object:
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > _LONGEST_POWER:
        raise ExpressionError("the power is too large", "a whole number may have at most 63 bits")
    return left**right


_ENVIRONMENT = _Sandbox()


class _Compiled(Struct, frozen=True):
    expression: TemplateExpression
    names: tuple[str, ...]
    size: int


@lru_cache(maxsize=4096)
def _compiled(code: str) -> _Compiled:
    """The expression ready to run, and the names it mentions. Raises ExpressionError."""
    try:
        size = _check_tokens(code)
        tree = _tree(code)
        names = _check_tree(tree)
        return _Compiled(_ENVIRONMENT.compile_expression(code, undefined_to_none=False), names, size)
    except TemplateError as error:
        raise ExpressionError(
            f"the expression does not parse: {error.message}", f"in ${{{code.strip()[:80]}}}"
        ) from None
    # A number of thousands of digits, or brackets that the bounds above let through.
    except (ValueError, RecursionError, MemoryError, SyntaxError) as error:
        raise ExpressionError("the expression cannot be read", str(error)[:200] or "make it simpler") from None


def _check_tokens(code: str) -> int:
    """The number of words and signs. Raises ExpressionError where they are too many."""
    depth = number = 0
    for number, token in enumerate(_ENVIRONMENT._tokenize(code, None, state="variable")):
        depth += (token.type in _OPENING) - (token.type in _CLOSING)
        if number >= _MAXIMUM_TOKENS or depth > _DEEPEST:
            detail = f"at most {_MAXIMUM_TOKENS} words and signs, at most {_DEEPEST} brackets in each other"
            raise ExpressionError("the expression is too complex", detail)
    return number


def _tree(code: str) -> nodes.Expr:
    parser = Parser(_ENVIRONMENT, code, state="variable")
    tree = parser.parse_expression()
    if parser.stream.current.type != TOKEN_EOF:
        raise ExpressionError("more than one expression", f"{parser.stream.current} is left over")
    return tree


def _check_tree(tree: nodes.Node) -> tuple[str, ...]:
    """Refuses what is not in the language, before anything runs; answers the names that it mentions."""
    names: set[str] = set()
    stack: list[nodes.Node] = [tree]
    while stack:
        node = stack.pop()
        stack += node.iter_child_nodes()
        if isinstance(node, nodes.Call):
            _check_call(node)
        elif isinstance(node, nodes.Filter) and node.name not in EVERY_FILTER:
            raise _no_filter(node.name)
        elif isinstance(node, nodes.Test) and node.name not in TESTS:
            raise _no_test(node.name)
        elif isinstance(node, nodes.Name):
            names.add(node.name)
        elif isinstance(node, nodes.Const):
            _check_constant(node.value)
        elif isinstance(node, (nodes.Getattr, nodes.Getitem)):
            _check_member(node)
        elif isinstance(node, _FORBIDDEN) or not isinstance(node, _CODE):
            raise ExpressionError(f"{type(node).__name__} is not allowed here", "write a plain expression")
    return tuple(sorted(names))


def _check_constant(value: object) -> None:
    """Jinja would write an infinite number into its code as a name."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ExpressionError("the number is too large", "write a smaller one")


def _check_call(node: nodes.Call) -> None:
    name = node.node.name if isinstance(node.node, nodes.Name) else None
    if name in FUNCTIONS:
        return
    if isinstance(node.node, nodes.Getattr):
        detail = f"write a filter: value|{node.node.attr}" if node.node.attr in EVERY_FILTER else "use a filter"
        raise ExpressionError(f"the method {node.node.attr} cannot be called", detail)
    raise ExpressionError(f"there is no function {name}", near(str(name), FUNCTIONS, "functions"))


def _check_member(node: nodes.Getattr | nodes.Getitem) -> None:
    member = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", "")
    if isinstance(member, str) and member.startswith("_"):
        raise ExpressionError(f"{member} is not a member that an expression may reach", "members do not start with _")


def evaluate_jinja(code: str, scope: Scope) -> object:
    """The value of the expression: plain, or a Ref, Secret or Template. Raises ExpressionError."""
    compiled = _compiled(_with_names_in_quotes(code, scope))
    scope.budget.take("steps", compiled.size)
    names = {name: _named(name, scope) for name in compiled.names}
    names[_BUDGET] = scope.budget
    try:
        value = compiled.expression(names)
    except TemplateError as error:
        raise ExpressionError(f"the expression fails: {error.message}", _where(code, scope)) from None
    # What Python's own operators raise on values that do not fit them: the author's mistake, not ours.
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
        raise ExpressionError(f"the expression fails: {_said(error)}", _where(code, scope)) from None
    return _released(value, scope.budget)


def _with_names_in_quotes(code: str, scope: Scope) -> str:
    """A hyphen in the name of a resource subtracts nothing: `instance.my-web.id` is `instance["my-web"].id`; and
    the star in `instance.web[*].id` multiplies nothing."""

    def quoted(found: re.Match[str]) -> str:
        kind, name = found["kind"], found["name"]
        is_name = kind and scope.is_resource_kind(kind) and scope.resources and scope.resources.is_declared(kind, name)
        return f'{kind}["{name}"]' if is_name else found[0]

    spelt = _HYPHEN.sub(quoted, code) if "-" in code else code
    return _EVERY.sub(lambda found: f'["{EVERY}"]' if found["every"] else found[0], spelt) if "[*]" in spelt else spelt


def _where(code: str, scope: Scope) -> str:
    """The expression itself; and what a hyphen does to a name in it."""
    shown = f"in ${{{code.strip()[:80]}}}"
    for found in _HYPHEN.finditer(code):
        if found["kind"] and scope.is_resource_kind(found["kind"]):
            kind, name = found["kind"], found["name"]
            return f"{shown}; a hyphen subtracts here, as there is no {kind} called {name}"
    return shown


def _said(error: Exception) -> str:
    return "division by zero" if isinstance(error, ZeroDivisionError) else str(error)[:200] or type(error).__name__


def _named(name: str, scope: Scope) -> object:
    is_function = name in FUNCTIONS and name not in scope.names and not scope.is_resource_kind(name)
    return FUNCTIONS[name] if is_function else named(name, scope)


def _released(value: object, budget: Budget) -> object:
    """The result as plain values."""
    budget.take("steps", 1)
    if isinstance(value, Held):
        return value.value
    if isinstance(value, Path):
        return _released(value.value(), budget)
    if isinstance(value, Undefined):
        raise ExpressionError(f"the expression fails: {value._undefined_message}", "use |default(…)")
    if isinstance(value, Mapping):
        return {_text_key(key): _released(item, budget) for key, item in bounded_value(value).items()}
    if isinstance(value, (list, tuple, range)):
        return [_released(item, budget) for item in bounded_value(value)]
    if value is None or isinstance(value, (str, int, float)):
        return bounded_value(value)
    raise ExpressionError("the expression makes no value", "write one that makes a string, number, list or mapping")


def _text_key(key: object) -> str:
    if not isinstance(key, str):
        raise ExpressionError("the keys of a mapping must be strings", "quote them")
    return key
