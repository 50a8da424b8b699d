"""What is printed does nothing but stand there."""

import json
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ecsplan.model.unseen import is_printable, printable, spelled

ANY_SIGN = st.text(st.characters(codec=None))
WITH_TRICKS = st.lists(
    st.sampled_from(
        ["::", "\n", "\r", "\x1b[8m", "\x1b[31m", "##[", "##vso[x]", "\u202e", "a", "\t", "\x9b2J", "\ud800"]
    )
).map("".join)


def test_every_sign_that_unicode_calls_a_control_or_a_format_is_spelled_out() -> None:
    for code in range(0x110000):
        sign = chr(code)
        if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
            assert spelled(sign).startswith("\\u"), hex(code)


def test_letters_stay_as_they_are() -> None:
    text = "web-1 Straße 服务器 日本語 한국어 עברית हिन्दी émoji 🚀 – “quoted”"
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("::stop-commands::x", "\\u003a:stop-commands::x"),
        ("a\n  ::error::x", "a\n  \\u003a:error::x"),
        ("\u3000\xa0::error::x", "\u3000\xa0\\u003a:error::x"),
        ("a\r::error::x", "a\\u000d::error::x"),
        ("a ##[group]b", "a \\u0023#[group]b"),
        ("##vso[task.complete]", "\\u0023#vso[task.complete]"),
        ("###teamcity[x]", "#\\u0023#teamcity[x]"),
        ("a: b::c", "a: b::c"),
        ("\tx", "\tx"),
        ("a\u2028::error::x", "a\\u2028::error::x"),
        ("\x1b[8mhidden", "\\u001b[8mhidden"),
    ],
)
def test_what_would_be_a_command_is_none(text: str, told: str) -> None:
    assert printable(text) == told


def test_only_our_own_colours_stay_and_only_where_there_are_any() -> None:
    assert printable("\x1b[31mred\x1b[0m \x1b[8mhidden\x1b[2J", is_coloured=True) == (
        "\x1b[31mred\x1b[0m \\u001b[8mhidden\\u001b[2J"
    )
    assert printable("\x1b[31mred") == "\\u001b[31mred"


@pytest.mark.door("output")
@given(ANY_SIGN | WITH_TRICKS)
@example("::::a")
@example("####[x]")
def test_printing_is_done_once(text: str) -> None:
    once = printable(text)
    assert is_printable(once)
    assert not re.search(r"^\s*::|##(?:\[|vso\[|teamcity\[)", once, re.MULTILINE)
    assert not any(unicodedata.category(sign) in ("Cc", "Cf", "Cs") for sign in once if sign not in "\n\t")
    assert printable(text, is_coloured=True).count("\n") == text.count("\n")


@given(st.dictionaries(ANY_SIGN | WITH_TRICKS, ANY_SIGN | WITH_TRICKS, max_size=4))
def test_json_says_the_same_as_before(value: dict[str, str]) -> None:
    for indent in (None, 1):
        assert json.loads(printable(json.dumps(value, ensure_ascii=False, indent=indent))) == value
