from typing import Any

import pytest

from ecsplan.config.expressions.jinja import EVERY_FILTER, evaluate_jinja
from ecsplan.config.expressions.scope import Scope
from ecsplan.config.syntax.faults import ExpressionError
from ecsplan.model.address import Ref, Secret, Template

NAMES: dict[str, Any] = {
    "n": 3, "s": "Text", "l": ["b", "a"], "m": {"k": "v", "j": 1}, "z": None, "big": "x" * 60_000,
    "d": [{"n": "a", "k": 2}, {"n": "b", "k": 1, "in": {"x": 7}}, {"n": "c", "k": 2}],
    "p": Secret(1, env="PASSWORD"), "r": Ref("box.b"), "t": Template(("a", Ref("box.b"))),  # type: ignore[arg-type]
}  # fmt: skip


def value(code: str) -> Any:
    return evaluate_jinja(code, Scope(NAMES))


def failure(code: str) -> str:
    with pytest.raises(ExpressionError) as caught:
        value(code)
    return f"{caught.value.summary}: {caught.value.detail}"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("n + 1", 4), ("n - 1", 2), ("n * 2", 6), ("n / 2", 1.5), ("n // 2", 1), ("n % 2", 1), ("n ** 2", 9),
        ("-n", -3),
        ("'%03d' % n", "003"), ("s ~ n", "Text3"), ("s * 2", "TextText"), ("2 * s", "TextText"), ("2 ** -1", 0.5),
        ("n > 2 and not false", True), ("'a' if n == 3 else 'b'", "a"), ("n in [1, 3]", True), ("l[0]", "b"),
        ("l[1:]", ["a"]), ("m.k", "v"), ("m['k']", "v"), ("[n, s]", [3, "Text"]), ("{'a': n}", {"a": 3}), ("s[0]", "T"),
        ("z", None), ("z is none", True), ("m.nope is defined", False), ("n is odd", True), ("(1, 2)", [1, 2]),
        ("range(3)", [0, 1, 2]), ("range(1, 6, 2)", [1, 3, 5]), ("range(3, 0, -1)", [3, 2, 1]), ("min(n, 1)", 1),
        ("max([1, 2])", 2), ("cidr_subnet('10.0.0.0/16', 8, 2)", "10.0.2.0/24"),
        ("cidr_subnet('2001:db8::/56', 8, 1)", "2001:db8:0:1::/64"),
    ],
)  # fmt: skip
def test_expressions_compute(code: str, expected: Any) -> None:
    assert value(code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("(-n)|abs", 3), ("z|default('d')", "d"), ("m.nope|default(4)", 4), ("''|default('d', true)", "d"),
        ("s|default(1)", "Text"),
        ("l|first", "b"), ("l|last", "a"), ("'1.5'|float", 1.5), ("'%s-%x'|format(s, 255)", "Text-ff"),
        ("'12'|int", 12),
        ("1.9|int", 1), ("l|join('+')", "b+a"), ("[1, true]|join", "1true"), ("m|keys", ["j", "k"]), ("s|length", 4),
        ("m|length", 2), ("'ab'|list", ["a", "b"]), ("m|list", ["k", "j"]), ("s|lower", "text"), ("s|upper", "TEXT"),
        ("l|max", "b"), ("l|min", "a"), ("s|replace('T', 't')", "text"), ("2.567|round(1)", 2.6), ("2.5|round", 2),
        ("l|sort", ["a", "b"]), ("'a,b'|split(',')", ["a", "b"]), ("'a b'|split", ["a", "b"]), ("n|string", "3"),
        ("true|string", "true"), ("' a '|trim", "a"), ("[1, 1]|unique", [1]), ("m|values", [1, "v"]),
        ("'50%%'|format", "50%"),
        ("l|map('upper')", ["B", "A"]), ("l|map('replace', 'a', 'z')", ["b", "z"]),
        ("d|map(attribute='k')", [2, 1, 2]), ("d|map(attribute='in.x', default=0)", [0, 7, 0]),
        ("[[1, 2], [3, 4]]|map(attribute='1')", [2, 4]), ("[m, {}]|map(attribute='k', default='-')", ["v", "-"]),
        ("[0, 1, 2]|select", [1, 2]), ("[1, 2, 3]|select('odd')", [1, 3]), ("l|select('in', ['a'])", ["a"]),
        ("[0, 1]|reject", [0]), ("[1, 2, 3]|reject('gt', 2)", [1, 2]),
        ("d|selectattr('k', 'eq', 1)|map(attribute='n')", ["b"]), ("d|selectattr('in', 'defined')|length", 1),
        ("d|rejectattr('k', 'eq', 1)|map(attribute='n')", ["a", "c"]),
        ("[{'on': true}, {'on': false}]|selectattr('on')|length", 1),
        ("l|sort(reverse=true)", ["b", "a"]), ("d|sort(attribute='k')|map(attribute='n')", ["b", "a", "c"]),
        ("[{'a': [1]}, {'a': [1]}, {'a': [2]}]|unique|length", 2), ("[1, 1.0, true]|unique", [1, 1.0, True]),
    ],
)  # fmt: skip
def test_filters_compute(code: str, expected: Any) -> None:
    assert value(code) == expected


def test_every_filter_is_documented_here() -> None:
    """A filter that is added must be tried above, too."""
    used = {
        "abs", "default", "first", "float", "format", "int", "join", "keys", "last", "length", "list", "lower",
        "map", "max",
        "min", "reject", "rejectattr", "replace", "round", "select", "selectattr", "sort", "split", "string", "trim",
        "unique", "upper", "values",
    }  # fmt: skip
    assert set(EVERY_FILTER) == used


@pytest.mark.door("expressions")
@pytest.mark.parametrize(
    "code",
    [
        "''.__class__", "''['__class__']", "().__class__.__bases__", "s.upper()", "''.join(l)", "range.__globals__",
        "min.__self__", "m.keys()", "'{0.__class__}'.format(s)", "s|attr('__class__')", "lipsum()", "cycler()",
        "joiner()",
        "namespace()", "dict(a=1)", "self", "self.x", "caller()", "m['_x']", "s.__len__", "l.append", "(n).real",
        "l|map('attr', '__class__')", "l|map(attribute='__class__')", "l|select('filter')", "s is filter", "s|safe",
        "s|e", "s|pprint", "s|tojson", "[].clear()",
        "(range)(1).__class__", "l[0]()", "n()", "(min if n else max)(1, 2)", "loop", "super()",
        "get_flashed_messages()",
    ],
)  # fmt: skip
def test_nothing_leaves_the_sandbox(code: str) -> None:
    assert failure(code)


@pytest.mark.door("size of a load")
@pytest.mark.parametrize(
    "code",
    [
        "'a' * 10**9", "range(10**9)", "range(10**18)", "2 ** 10 ** 8", "[0] * 10**9", "10 ** 30", "'%1000000000d' % 1",
        "'%1000000000d'|format(1)", "'%*d' % (999999999, 1)", "'%.999999d' % 1", "'%(a)s' % m", "'%c' % 1", "'%' % 1",
        "big ~ big", "big + big", "[big, big]|join", "l|join(big)|replace('b', big)", "'aa'|replace('a', big)",
        "'%s%s' % (big, big)", "9223372036854775807 + 1", "9223372036854775807 * 2", "1e308 * 10", "1e999",
        "-9223372036854775808 - 1",
        "9" * 900, "(" * 400 + ")" * 400, "[" * 17 + "]" * 17, "-" * 400 + "1", "not " * 240 + "n", "n + " * 130 + "n",
        "n if n else " * 100 + "n", "('9' * 5000)|int", "('9' * 5000)|float",
        "range(100001)",
        "2.0 ** 100000", "1 / 0", "1 // 0", "1 % 0", "1.5|round(99)",
    ],
)  # fmt: skip
def test_nothing_runs_for_ever_or_eats_the_memory(code: str) -> None:
    assert failure(code)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("n +", "does not parse"), ("1 2", "more than one expression"), ("{% set x = 1 %}", "does not parse"),
        ("nope + 1", "nope is not defined"), ("s|uper", "did you mean upper?"),
        ("s is strin", "did you mean string?"),
        ("rang(3)", "did you mean range?"), ("s.upper()", "write a filter: value|upper"), ("s.foo()", "use a filter"),
        ("m.kk + 1", "there is no member kk: did you mean k"), ("l[5]", "there is no member 5: it has 2 members"),
        ("n.x", "there is no member x"), ("n + 'a'", "the expression fails"), ("[1, 'a']|sort",
        "a string is not a number, as the others are"),
        ("l|map('uper')", "there is no filter uper: did you mean upper?"), ("l|select('od')",
        "there is no test od: did you mean odd?"),
        ("d|map(attribute='m')|first", "there is no member m"), ("l|map", "map takes the name of a filter"),
        ("l|map('upper', attribute='x')", "map takes the name of a filter"), ("d|selectattr",
        "which attribute is not said"),
        ("[m]|sort", "a mapping is not a number"), ("n|map('upper')", "a number is not a list"),
        ("[1, 2]|map('upper')", "a number is not a string"),
        ("{1: 2}", "keys of a mapping must be strings"), ("range", "makes no value"), ("range('a')", "whole numbers"),
        ("range(1, 2, 0)", "zero"), ("n|upper", "a number is not a string"), ("n|join", "a number is not a list"),
        ("l|upper", "a list is not a string"), ("z|upper", "nothing is not a string"),
        ("[]|first", "a list with members"),
        ("[]|last", "a list with members"), ("[]|max", "a list with members"), ("'x'|int",
        "a string is not a whole number"),
        ("l|int", "a list is not a whole number"), ("'x'|float", "fails"), ("l|float", "a list is not a number"),
        ("l|round", "to be rounded"), ("n|keys", "this is not a mapping"), ("m|string", "a mapping is not a string"),
        ("l * 2", "only numbers can be multiplied"), ("z|list", "nothing is not a list"), ("cidr_subnet('x', 1, 1)",
        "fails"),
        ("cidr_subnet('10.0.0.0/16', 8, 256)", "has no part 256"), ("cidr_subnet('10.0.0.0/16', 17, 0)", "has no part"),
        ("cidr_subnet('10.0.0.0/16', '8', 0)", "whole numbers after the block"), ("l['a']", "there is no member a"),
        ("m.nope.k", "there is no member nope"), ("m.nope * 2", "there is no member nope"), ("s[9]",
        "there is no member 9"),
        ("'%d' % s", "fails"), ("n|sort", "a number is not a list"), ("m.nope|upper", "there is no member nope"),
        ("'inf'|float", "a string is not a number"),
    ],
)  # fmt: skip
def test_a_failing_expression_says_what_is_wrong(code: str, words: str) -> None:
    assert words in failure(code)


@pytest.mark.door("expressions")
@pytest.mark.parametrize("name", ["p", "r", "t"])
@pytest.mark.parametrize(
    "code",
    [
        "{} ~ 'x'", "{} + 'x'", "'x' * {}", "{} == 1", "{} != 1", "{} < 1", "{} in [1]", "1 in {}", "{}|upper",
        "{}|length",
        "'%s' % {}", "[{}]|select('eq', 1)", "[{}]|select", "[{}]|map('upper')", "'a' if {} else 'b'", "not {}",
        "-{}", "{}.env", "{}[0]", "[{}]|sort|first",
        "[{}]|unique",
        "{}|string", "{}|int", "{}|default('x', true)", "{{{}: 1}}", "[1, {}]|max",
    ],
)  # fmt: skip
def test_what_is_not_known_or_secret_cannot_be_computed_with(code: str, name: str) -> None:
    if code == "[{}]|sort|first":
        code = "[{}, 1]|sort"
    assert "can only be inserted" in failure(code.format(name))


@pytest.mark.parametrize("name", ["p", "r", "t"])
def test_what_is_not_known_or_secret_may_be_chosen_and_collected(name: str) -> None:
    held = NAMES[name]
    assert value(f"{name} if n == 3 else 'x'") == held
    assert value(f"[1, {name}]") == [1, held]
    assert value(f"[{name}][0]") == held
    assert value(f"{{'k': {name}}}.k") == held
    assert value(f"{name}|default('x')") == held
    assert value(f"{name} is defined") is True


def test_what_is_not_known_or_secret_may_be_joined() -> None:
    assert value("[r, 'x', r]|join(', ')") == Template((Ref("box.b"), ", x, ", Ref("box.b")))  # type: ignore[arg-type]
    assert value("[t, 1]|join") == Template(("a", Ref("box.b"), "1"))  # type: ignore[arg-type]
    joined = value("[p, 'x']|join(':')")
    assert isinstance(joined, Secret) and joined.template == (NAMES["p"], ":x")
    assert "both a secret" in failure("[p, r]|join")


@pytest.mark.door("size of a load")
@pytest.mark.parametrize(
    "code",
    ["[big, big]|map('replace', 'x', big)", "range(100000)|map('format', big)", "range(90000)|map('list')|map('list')"],
)
def test_what_each_member_makes_is_paid_for(code: str) -> None:
    assert failure(code)


def test_no_failure_shows_the_source_of_a_secret() -> None:
    assert "PASSWORD" not in failure("p ~ 'x'")
