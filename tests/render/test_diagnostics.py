from ecsplan.model.address import Address
from ecsplan.model.diagnostic import Diagnostic, Severity, SourceRange
from ecsplan.render.diagnostics import diagnostics_text

PLACE = SourceRange("stack.yaml", 12, 11)


def read(_file: str, number: int) -> str | None:
    return {12: "    vpc: { cdr_block: 10.0.0.0/16 }", 13: "", 14: "x" * 300}.get(number)


def test_problem_is_shown_with_its_line_and_a_caret() -> None:
    found = Diagnostic("vpc has no key cdr_block", "did you mean cidr_block?", PLACE, Address("vpc", "main"))

    assert diagnostics_text([found], read) == (
        "stack.yaml:12:11: error: vpc.main: vpc has no key cdr_block\n"
        "   12 |     vpc: { cdr_block: 10.0.0.0/16 }\n"
        "      |           ^\n"
        "  did you mean cidr_block?\n"
    )


def test_problem_without_a_place_is_one_line() -> None:
    assert diagnostics_text([Diagnostic("odd", severity=Severity.WARNING)], read) == "warning: odd\n"


def test_excerpt_is_left_out_where_the_line_is_empty_or_gone() -> None:
    text = diagnostics_text([Diagnostic("a", source=SourceRange("f", line, 1)) for line in (13, 99)], read)

    assert text == "f:13:1: error: a\nf:99:1: error: a\n"


def test_excerpt_of_a_very_long_line_is_the_part_around_the_caret() -> None:
    text = diagnostics_text([Diagnostic("a", source=SourceRange("f", 14, 250))], read)

    assert max(map(len, text.splitlines())) < 130
    assert text.rstrip().endswith("^")


def test_caret_stands_under_what_it_means_behind_wide_characters() -> None:
    text = diagnostics_text([Diagnostic("a", source=SourceRange("f", 1, 9))], lambda file, number: "说明: 业务，web")

    assert text.splitlines()[1:] == ["    1 | 说明: 业务，web", "      | " + " " * 13 + "^"]


def test_caret_beyond_the_line_is_left_out() -> None:
    assert "^" not in diagnostics_text([Diagnostic("a", source=SourceRange("f", 12, 90))], read)


def test_problem_cannot_redraw_the_terminal() -> None:
    assert "\x1b" not in diagnostics_text([Diagnostic("a\x1b[2J", "b\x1b[2J\nc")])
