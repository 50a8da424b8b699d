"""Whatever is written is read back as it was, by the reader that will read it."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.config.syntax.nodes import plain
from ecsplan.config.syntax.yaml_reader import parse
from ecsplan.export.yaml_text import WIDTH, Commented, document, scalar
from ecsplan.model.unseen import printable

ODD = (
    *(
        "null",
        "~",
        "true",
        "No",
        "on",
        "1",
        "1.5",
        "1e3",
        "0x1f",
        "0o7",
        "0123",
        "1:30",
        "2026-11-24",
        ".inf",
        "-",
        "?",
    ),
    *("", " ", " lead", "trail ", "a: b", "a:", "#", "a #b", "- a", "[a]", "{a}", "a, b", "*a", "&a", "!a", "%a", "@a"),
    *("`a", "'a'", '"a"', "a\\b", "a\nb", "a\n", "\na\n", "a\n\n", " a\nb", "a \nb", "\ta\nb", "a\tb\nc", "a\r\nb\n"),
    *(
        "<<",
        "=",
        "---",
        "...",
        "|",
        ">",
        "数据",
        "\u2028",
        "\x85",
        "\x7f",
        "\ufeff",
        "\x00",
        "😀",
        "10.0.0.0/16",
        "80-90",
    ),
    *("acs:ubuntu_22_04_x64", "a:b:c", "http://x/y?z=1#f", "::/0", "web[0]", "${x}", "$${x}", "a  b", "x" * 300),
    *(
        "a\n::stop-commands::x\nb",
        "::add-mask::x",
        "a\n  ::x\n",
        "##[group]",
        "a\n##vso[x]\n",
        "\U000e0001",
        "a\n\u202eb\n",
    ),
)
texts = st.one_of(st.sampled_from(ODD), st.text(max_size=30))
values = st.recursive(
    st.one_of(texts, st.integers(-(10**9), 10**9), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=20,
)


def read(text: str) -> Any:
    return plain(parse(text, "made.yaml"))


def storable(value: Any) -> bool:
    if isinstance(value, str):
        return not any(0xD800 <= ord(letter) <= 0xDFFF for letter in value)
    if isinstance(value, dict):
        return all(storable(key) and storable(item) for key, item in value.items())
    return all(map(storable, value)) if isinstance(value, list) else True


@pytest.mark.parametrize("text", ODD)
def test_a_text_stays_that_text(text: str) -> None:
    assert read(document({"top": {"key": text, text: "key", "list": [text, {"in": text}]}})) == {
        "top": {"key": text, text: "key", "list": [text, {"in": text}]}
    }


@given(st.dictionaries(texts, values, min_size=1, max_size=5))
def test_everything_is_read_back(value: dict[str, Any]) -> None:
    if storable(value):
        assert read(document(value)) == value


@given(st.dictionaries(st.sampled_from(ODD), texts, min_size=1, max_size=5))
def test_other_readers_of_yaml_see_the_same(value: dict[str, str]) -> None:
    if storable(value):
        assert yaml.safe_load(document({"top": value})) == {"top": value}


def test_short_things_stand_on_one_line_and_long_ones_do_not() -> None:
    text = document({"resources": {"vpc": {"main": {"cidr_block": "10.0.0.0/16"}, "b": {"k": "x" * WIDTH, "l": [1]}}}})

    assert text == (
        f"resources:\n  vpc:\n    main: {{cidr_block: 10.0.0.0/16}}\n    b:\n      k: {'x' * WIDTH}\n      l: [1]\n"
    )


def test_a_script_is_a_block() -> None:
    assert document({"u": "#!/bin/sh\n\necho $x\n"}) == "u: |\n  #!/bin/sh\n\n  echo $x\n"


def test_a_remark_stands_above_its_key() -> None:
    text = document({"r": {"k": {"a": {"adopt": Commented("i-1", "see there"), "x": 1}}}})

    assert "    a:\n      # see there\n      adopt: i-1\n" in text
    assert read(text) == {"r": {"k": {"a": {"adopt": "i-1", "x": 1}}}}


def test_whole_numbers_lose_their_point() -> None:
    assert (scalar(5.0), scalar(0.97)) == ("5", "0.97")


@given(st.dictionaries(texts, values, max_size=4))
def test_it_may_be_printed_as_it_is(value: dict[str, Any]) -> None:
    """The door to the terminal changes nothing of it, so that what a CI log shows is what a file gets."""
    text = document(value)
    if storable(value):
        assert printable(text) == text
