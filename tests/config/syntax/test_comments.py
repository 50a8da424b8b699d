"""Comments and the ends of values, found by the tokens of a text."""

import pytest

from ecsplan.config.syntax.comments import comments_of, end_of


def test_a_comment_is_what_yaml_takes_for_one() -> None:
    text = "# first\na: b # second\nc: 'x # no'\nd: |\n  # no\n  text\n  # no\ne: x#no\n    # last\n"
    assert [(c.line, c.column, c.text, c.is_alone) for c in comments_of(text)] == [
        (1, 1, "# first", True),
        (2, 6, "# second", False),
        (9, 5, "# last", True),
    ]


def test_of_a_text_that_is_no_yaml_the_comments_before_the_fault_are_found() -> None:
    assert [c.text for c in comments_of("# one\na: [1, # two\nb: }\n# three\n")][:2] == ["# one", "# two"]


@pytest.mark.parametrize(
    ("text", "at", "end"),
    [
        ("key: value # note\n", (1, 1), (1, 4)),
        ("key: value # note\n", (1, 6), (1, 11)),
        ("key: 'a b'\n", (1, 6), (1, 11)),
        ("key: [a, {b: c}]\n", (1, 6), (1, 17)),
        ("ключ: знач\n", (1, 7), (1, 11)),
        ("a:\n  b: 1\n", (2, 3), (2, 4)),
        ("a: [1, 2\nb: 3\n", (1, 4), (1, 9)),
        ("", (1, 1), (1, 2)),
    ],
)
def test_where_a_value_ends(text: str, at: tuple[int, int], end: tuple[int, int]) -> None:
    assert end_of(text, at) == end
