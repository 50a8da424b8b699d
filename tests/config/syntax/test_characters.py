"""Signs of a Chinese keyboard and spaces of other programs are named where they stand; in text they are text."""

import pytest

from ecsplan.config.syntax.nodes import plain
from ecsplan.config.syntax.yaml_reader import parse
from ecsplan.model.diagnostic import Rejected

HEAD = "apiVersion: ecsplan/v1\nstack: field\n"


def refused(text: str) -> str:
    with pytest.raises(Rejected) as caught:
        parse(HEAD + text, "s.yaml")
    (found,) = caught.value.diagnostics
    return str(found)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("region：cn-hangzhou\nresources: {}\n", "3:7", "'：' is a full-width colon"),
        ("region：cn-hangzhou\n", "3:7", "'：' is a full-width colon"),
        ("region： cn-hangzhou\n", "3:7", "write ':'"),
        ("a:\n  b： 1\n  c: 2\n", "4:4", "full-width colon"),
        ("main: {cidr_block: 10.0.0.0/16，description: all}\n", "3:31", "'，' is a full-width comma"),
        ("tags: {业务: 支付，team: web}\n", "3:14", "full-width comma"),
        ("tags: {业务：支付}\n", "3:10", "full-width colon"),
        ("groups: [a，b]\n", "3:11", "full-width comma"),
        ("main: ｛cidr_block: 10.0.0.0/16｝\n", "3:7", "full-width left curly bracket"),
        ("image: {family: “acs:ubuntu”}\n", "3:17", "“ is not a quotation mark of YAML"),
        ("name: ‘web’\n", "3:7", "‘ is not a quotation mark"),
        ("note: of\u3000all\n", "3:9", "U+3000 (ideographic space)"),
        ("note: all\u00a0of\n", "3:10", "U+00A0 (no-break space)"),
        ("note: all\u200bof\n", "3:10", "U+200B (zero width space)"),
        ("note: one\n  two\u00a0three\n", "4:6", "U+00A0"),
    ],
)
def test_a_sign_that_yaml_does_not_know_is_named_with_its_place(text: str, place: str, words: str) -> None:
    found = refused(text)
    assert found.startswith(f"s.yaml:{place}: error: ")
    assert words in found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("note: 生产环境，用于网站：主站\n", "生产环境，用于网站：主站"),
        ("note: web，生产\n", "web，生产"),
        ('note: "a，b：c\u3000d"\n', "a，b：c\u3000d"),
        ("note: '“web”'\n", "“web”"),
        ("note: it’s 生产\n", "it’s 生产"),
        ("note: 他说“好”\n", "他说“好”"),
        ("note: |\n  a：b\u3000c\n", "a：b\u3000c\n"),
        ("note: x  # 注释：a，b\u3000“c”\n", "x"),
        ("note: 👩‍💻\n", "👩‍💻"),
    ],
)
def test_in_text_they_are_text(text: str, value: str) -> None:
    assert plain(parse(HEAD + text, "s.yaml"))["note"] == value


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a: {b: 1\nc:\n  d: {e: 1}\n", "3:4", "the { is not closed"),
        ("a: [1, 2\nb: 3\n", "3:4", "the [ is not closed"),
        ('a: "one\nb: 3\n', "3:4", 'the " is not closed'),
        ("# 注释：x\na: {b: 1\nc: 2\n", "4:4", "the { is not closed"),
        ("a: {b: 1 c: 2}\n", "3:11", "not valid YAML"),
    ],
)
def test_what_is_not_closed_is_shown_where_it_was_opened(text: str, place: str, words: str) -> None:
    found = refused(text)
    assert found.startswith(f"s.yaml:{place}: error: {words}")
