from typing import Any

import pytest

from ecsplan.config.expressions.interpolation import Hole, interpolate, split
from ecsplan.config.expressions.scope import Scope
from ecsplan.config.syntax.faults import ExpressionError
from ecsplan.model.address import Ref, Secret, Template
from tests.config.workshop import Workshop

NAMES = {"n": 3, "s": "text", "l": ["a", {"k": "v"}], "m": {"k": {"x": 1}, "a-b": 2}, "t": True, "f": 1.5, "z": None}
NAMES |= {"numbered": {"80": "web"}}
PASSWORD, TOKEN = Secret(2, env="PASSWORD"), Secret(5, env="TOKEN")


def filled(text: str, **more: Any) -> Any:
    return interpolate(text, Scope({**NAMES, **more}))


def failure(text: str, **more: Any) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        filled(text, **more)
    return caught.value


def test_holes_are_found_with_braces_and_quotes_inside() -> None:
    assert split("a ${x} b") == ("a ", Hole("x", 2), " b")
    assert split("${ {'a': '}'}['a'] }") == (Hole(" {'a': '}'}['a'] ", 0),)
    assert split('${"\\"}"}${y}') == (Hole('"\\"}"', 0), Hole("y", 8))
    assert split("") == ()


def test_two_dollars_make_a_literal() -> None:
    assert filled("$${n} $$ $ ${n}") == "${n} $$ $ 3"
    assert filled("$${") == "${"


def test_an_expression_that_is_not_closed_is_refused_at_its_place() -> None:
    error = failure("ab ${n")
    assert (error.summary, error.offset) == ("an expression ${ is not closed", 3)


@pytest.mark.parametrize("name", list(NAMES))
def test_a_whole_expression_keeps_its_type(name: str) -> None:
    assert filled(f"${{{name}}}") == NAMES[name]
    assert filled(f"${{ {name} }}") == NAMES[name]


def test_numbers_and_truth_values_go_into_texts() -> None:
    assert filled("${s}-${n}-${t}-${f}") == "text-3-true-1.5"
    assert filled("${not t}!") == "false!"


@pytest.mark.parametrize(("text", "what"), [("x${l}", "a list"), ("x${m}", "a mapping"), ("x${z}", "nothing")])
def test_what_is_no_text_cannot_stand_inside_one(text: str, what: str) -> None:
    assert what in failure(text).summary


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${m.k}", {"x": 1}),
        ("${m.k.x}", 1),
        ('${m["a-b"]}', 2),
        ("${m['a-b']}", 2),
        ("${l[0]}", "a"),
        ("${l[1].k}", "v"),
        ("${true}", True),
        ("${s[0]}", "t"),
        ("${numbered[80]}", "web"),
        ('${numbered["80"]}', "web"),
    ],
)
def test_paths_lead_into_values(text: str, expected: Any) -> None:
    """Brackets around an expression send it another way, and change nothing."""
    assert filled(text) == filled(f"${{({text[2:-1]})}}") == expected


@pytest.mark.parametrize("text", ["${l[7]}", "${n.x}", "${l.x}", "${m.kk}", "${s[9]}", "${large}", "${long}", "${p.x}"])
def test_what_a_path_refuses_is_refused_in_brackets(text: str) -> None:
    for either in (text, f"${{({text[2:-1]})}}", f"xx{text}", f"xx${{({text[2:-1]})}}"):
        assert failure(either, large=2**70, long="x" * 70_000, p=PASSWORD)


@pytest.mark.parametrize(
    ("text", "summary", "detail"),
    [
        ("${nn}", "nn is not defined", "did you mean n?"),
        ("${strange}", "strange is not defined", "variables are declared"),
        ("${m.kk}", "m has no member kk", "did you mean k?"),
        ("${l[7]}", "l has no member 7", "it has 2 members"),
        ("${n.x}", "n has no member x", "only lists, mappings and strings"),
        ("${l.x}", "l has no member x", "a list of 2 members"),
        ("${each.key}", "each is not defined", "for_each"),
        ("${index}", "index is not defined", "count"),
    ],
)
def test_a_path_to_nothing_is_refused_with_what_is_there(text: str, summary: str, detail: str) -> None:
    error = failure(text)
    assert summary in error.summary
    assert detail in error.detail


def test_a_text_with_a_secret_is_a_secret_as_a_whole() -> None:
    found = filled("u:${p}@h:${n}/${q}", p=PASSWORD, q=TOKEN)
    assert found == Secret(5, template=("u:", PASSWORD, "@h:3/", TOKEN))
    assert filled("${p}", p=PASSWORD) is PASSWORD


def test_a_text_with_an_unknown_is_a_template() -> None:
    ref = Ref("x", "ip")  # type: ignore[arg-type]
    template = Template(("a", ref))
    assert filled("${n}${r}${n} ${u}", r=ref, u=template) == Template(("3", ref, "3 a", ref))


def test_a_secret_and_an_unknown_do_not_mix() -> None:
    assert "cannot hold both" in failure("${p}${r}", p=PASSWORD, r=Ref("x")).summary  # type: ignore[arg-type]


def test_there_is_no_way_into_a_secret() -> None:
    assert "can only be inserted" in failure("${p.env}", p=PASSWORD).detail


def test_a_text_of_bounded_parts_is_bounded_too() -> None:
    assert "too long" in failure("${b}${b}${b}", b="x" * 30_000).summary


def test_an_expression_is_bounded() -> None:
    assert "the expression is too long" in failure("${" + "n+" * 600 + "n}").summary


def test_the_place_of_a_fault_is_the_value_that_holds_it(work: Workshop) -> None:
    found = work.refused("outputs:\n  a:\n    - ok\n    - x: '${nope}'\n")
    assert found.places == [(7, 10)]


def test_names_and_stack_are_known_everywhere(work: Workshop) -> None:
    stack = work.stack("outputs: {o: '${stack.name}/${stack.region}', a: '${stack.account}'}\naccount: 12345678\n")
    assert stack.outputs == {"o": "demo/cn-hangzhou", "a": "12345678"}
