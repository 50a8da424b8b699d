import os
import stat
from pathlib import Path

import pytest
import yaml

from ecsplan.config.syntax import yaml_reader as load
from ecsplan.config.syntax.nodes import Node, plain
from ecsplan.config.syntax.source_files import Files
from ecsplan.config.syntax.yaml_reader import parse
from ecsplan.model.diagnostic import Rejected
from tests.config.workshop import Workshop


def load_file(path: str) -> Node:
    return Files.around(path).document(path)


def refusal(text: str) -> str:
    with pytest.raises(Rejected) as caught:
        parse(text, "s.yaml")
    return str(caught.value)


def test_values_know_their_line_and_column() -> None:
    node = parse("a:\n  - x: 1\n    y: {z: two}\n", "s.yaml")
    inner = node.at(("a", 0, "y", "z"))
    assert (inner.value, str(inner.source), str(inner.key_source)) == ("two", "s.yaml:3:12", "s.yaml:3:9")
    assert str(node.at(("a", 7)).source) == "s.yaml:2:3"


def test_everything_comes_out_as_it_is_written() -> None:
    text = "a: [1, 'x', null, true, 1.5]\n"
    text += "b: {c: on, 'd': \"1\"}\ne: |\n  l\nf: !!str 1\ng: ! 2\nh: !!map {}\ni: !!seq []\n"
    expected = {
        "a": [1, "x", None, True, 1.5], "b": {"c": "on", "d": "1"}, "e": "l\n", "f": "1", "g": "2", "h": {}, "i": [],
    }  # fmt: skip
    assert plain(parse(text, "s.yaml")) == expected


def test_keys_are_texts_whatever_they_look_like() -> None:
    assert plain(parse("1: a\ntrue: b\non: c\n!!str 2: d\n", "s.yaml")) == {"1": "a", "true": "b", "on": "c", "2": "d"}


def test_a_duplicate_key_is_refused_with_both_places() -> None:
    assert "s.yaml:4:3: error: the key a appears twice" in refusal("x:\n  a: 1\n  b: 2\n  a: 3\n")
    assert "first one is at s.yaml:2:3" in refusal("x:\n  a: 1\n  b: 2\n  a: 3\n")


def test_aliases_stand_for_their_anchor() -> None:
    node = parse("a: &x {k: 1}\nb: *x\nc: [*x, *x]\n&y d: *y\n", "s.yaml")
    assert plain(node) == {"a": {"k": 1}, "b": {"k": 1}, "c": [{"k": 1}, {"k": 1}], "d": "d"}
    assert str(node.value["b"].source) == "s.yaml:2:4"


def test_an_alias_bomb_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    assert "aliases expand to too many values" in refusal("\n".join(lines))


def test_a_small_bomb_in_many_lists_is_refused_too() -> None:
    text = "a: &a [" + "x, " * 900 + "x]\nb: [" + "*a, " * 200 + "*a]\n"
    assert "aliases expand to too many values" in refusal(text)


@pytest.mark.parametrize("text", ["a: *b\n", "a: &a [*a]\n", "a: &a {b: *a}\n"])
def test_an_alias_to_nothing_or_to_itself_is_refused(text: str) -> None:
    assert "refers to nothing, or to itself" in refusal(text)


def test_an_alias_cannot_be_a_key() -> None:
    assert "an alias cannot be a key" in refusal("a: &a x\n*a : 1\n")


def test_a_merge_key_is_refused() -> None:
    assert "s.yaml:2:5: error: the merge key << is not read" in refusal("a: &a {x: 1}\nb: {<<: *a}\n")


def test_a_quoted_merge_key_is_a_key() -> None:
    assert plain(parse('"<<": 1', "s.yaml")) == {"<<": 1}


@pytest.mark.parametrize(
    "text",
    ["a: !!python/object/apply:os.system [ls]", "a: !!python/name:os.system x", "a: !x {}", "!!python/none k: 1"],
)
def test_a_tag_beyond_the_core_schema_is_refused(text: str) -> None:
    assert "is not allowed" in refusal(text)


@pytest.mark.parametrize("text", ["[" * 10_000, "{a: " * 10_000, "- " * 10_000, "x: " + "[" * 10_000 + "]" * 10_000])
def test_ten_thousand_nested_brackets_are_refused(text: str) -> None:
    assert "nested too deeply" in refusal(text)


def test_the_pure_parser_keeps_the_same_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "_Parser", yaml.SafeLoader)
    assert plain(parse("a: &b [1]\nc: *b\n", "s.yaml")) == {"a": [1], "c": [1]}
    assert "nested too deeply" in refusal("[" * 10_000)
    assert "not valid YAML" in refusal("a: [")
    assert "character" in refusal("a: \x00")


@pytest.mark.parametrize(
    "text", ["a: [1", "a: b: c", "- a\nb: c", 'a: "x', "a: @x", "%YAML 3\n", "a: |x\n", "? [a]\n: b"]
)
def test_yaml_that_does_not_parse_is_refused_at_its_place(text: str) -> None:
    assert refusal(text).startswith("s.yaml:")


def test_a_tab_is_said_to_be_one() -> None:
    assert "indent with spaces" in refusal("a:\n\tb: 1\n")


@pytest.mark.parametrize("text", ["a: {count: ${n}}", "a: [${x}, 1]", "a:\n  b: {c: ${n}}\n"])
def test_an_unquoted_expression_in_flow_style_is_told_to_be_quoted(text: str) -> None:
    assert "quote the expression" in refusal(text)


def test_an_unquoted_expression_in_block_style_is_fine() -> None:
    assert plain(parse("a: ${n}\nb: x ${n}\n", "s.yaml")) == {"a": "${n}", "b": "x ${n}"}


def test_an_expression_as_a_key_is_told_to_be_quoted() -> None:
    assert "quote the expression" in refusal("{${a}: 1}")
    assert "a key must be a string" in refusal("{[a]: 1}")


@pytest.mark.parametrize("text", ["", "# only words\n", "---\n", "~"])
def test_an_empty_file_is_refused(text: str) -> None:
    assert "is empty" in refusal(text)


def test_a_key_that_is_missing_is_refused() -> None:
    assert "a key is missing" in refusal("a:\n  ? \n  : 1\n") + refusal("? ~\n: 1")


def test_several_documents_in_one_file_are_refused() -> None:
    assert "s.yaml:2:1: error: a second document" in refusal("a: 1\n---\nb: 2\n")


def test_a_number_out_of_bounds_is_refused_at_its_place() -> None:
    assert "s.yaml:1:4" in refusal("a: .inf")


@pytest.mark.parametrize(("text", "what"), [("- a\n", "a list"), ("just words\n", "a single value")])
def test_a_list_where_a_mapping_belongs_is_refused(work: Workshop, text: str, what: str) -> None:
    assert f"holds {what} where a mapping belongs" in work.refused(lambda: load_file(work.write("s.yaml", text)))


def test_a_binary_file_is_refused(work: Workshop) -> None:
    path = work.write("s.yaml", b"a: 1\nb: \xff\xfe\x00\x01")
    found = work.refused(lambda: load_file(path))
    assert "is not UTF-8 text (byte 8)" in found
    assert found.places == [(2, 4)]


def test_a_byte_order_mark_is_no_part_of_the_text(work: Workshop) -> None:
    assert plain(load_file(work.write("s.yaml", b"\xef\xbb\xbfa: 1"))) == {"a": 1}


def test_control_characters_are_refused(work: Workshop) -> None:
    found = work.refused(lambda: load_file(work.write("s.yaml", b"a: 1\nb: \x07\n")))
    assert "a character that YAML does not allow" in found


def test_a_file_of_a_hundred_megabytes_is_refused_unread(work: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    path = work.write("s.yaml", "")
    with open(path, "wb") as stream:
        stream.truncate(100_000_000)
    monkeypatch.setattr("os.read", None)
    assert "is too large (100,000,000 bytes; at most 10,000,000 are read)" in work.refused(lambda: load_file(path))


def test_a_stream_that_never_ends_is_refused_at_the_bound(work: Workshop) -> None:
    if not os.path.exists("/dev/zero"):
        pytest.skip("there is no /dev/zero")
    found = work.refused(lambda: load_file("/dev/zero"))
    assert "is not a regular file" in found


def test_a_file_that_may_not_be_read_is_refused(work: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    path = work.write("s.yaml", "a: 1")
    os.chmod(path, 0)
    if os.geteuid() == 0:  # nothing is forbidden to root: the system's answer is played

        def forbidden(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("os.open", forbidden)
    assert "cannot be read: Permission denied" in work.refused(lambda: load_file(path))
    os.chmod(path, stat.S_IRUSR)


def test_a_missing_file_and_a_folder_are_refused(work: Workshop, tmp_path: Path) -> None:
    assert "cannot be read: No such file" in work.refused(lambda: load_file(str(tmp_path / "none.yaml")))
    assert "is a folder" in work.refused(lambda: load_file(str(tmp_path)))
    assert "cannot be read" in work.refused(lambda: load_file("a\x00b"))
