"""`fmt` never loses a comment or changes a value, and what it made stays as it is."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecsplan.config.arranging import formatted
from ecsplan.config.resources.nested_blocks import shapes_of
from ecsplan.config.syntax.comments import comments_of
from ecsplan.config.syntax.nodes import plain
from ecsplan.config.syntax.yaml_reader import parse
from ecsplan.kinds import load_kinds
from ecsplan.model.diagnostic import Rejected

SHAPES = shapes_of(load_kinds())
EXAMPLES = Path(__file__).parents[2] / "examples"


def fmt(text: str) -> str:
    return formatted(text, "stack.yaml", SHAPES)


def holds(text: str) -> None:
    new = fmt(text)
    assert plain(parse(new, "f")) == plain(parse(text, "f"))
    assert Counter(c.text for c in comments_of(new)) == Counter(c.text for c in comments_of(text))
    assert fmt(new) == new


SCALARS = st.sampled_from([
    "1", "'a # b'", '"x: y"', "[a, b]", "{a: 1, b: [c]}", "null", '"${stack.name}"',
    "|\n{pad}  # text\n{pad}\n{pad}  more  ", ">-\n{pad}  folded\n", "plain\n{pad}  goes on",
    "'quoted\n\n{pad}  goes on  '", "- a\n{pad}- b: 1\n{pad}  a: 2",
])  # fmt: skip
KEYS = st.sampled_from(
    ["apiVersion", "stack", "region", "outputs", "moved", "vpc", "main", "instance_type", "count", "lifecycle", "size",
     "system_disk", "category", "tags", "other", "name", "user_data", "depends_on"]
)  # fmt: skip
NOISE = st.lists(
    st.sampled_from(["", "   ", "{pad}# own", "{pad}  # deeper", "# far left", "{pad}# ecsplan:ignore"]), max_size=3
)
BEHIND = st.sampled_from(["", "   ", " # behind"])


@st.composite
def mappings(draw: st.DrawFn, pad: str = "", depth: int = 0) -> str:
    lines: list[str] = []
    for key in draw(st.lists(KEYS, min_size=1, max_size=4, unique=True)):
        lines += [line.format(pad=pad) for line in draw(NOISE)]
        if depth < 3 and draw(st.booleans()):
            lines.append(f"{pad}{key}:{draw(BEHIND)}")
            lines.append(draw(mappings(pad + "  ", depth + 1)))
        else:
            value = draw(SCALARS)
            is_list = value.startswith("- ")
            shown = value.replace("{pad}", pad + ("  " if not is_list else ""))
            lines.append(f"{pad}{key}:\n{pad}{shown}" if is_list else f"{pad}{key}: {shown}")
    return "\n".join(lines)


@st.composite
def stacks(draw: st.DrawFn) -> str:
    body = draw(mappings("      ", 2))
    more = draw(mappings())
    head = draw(st.sampled_from(["", "# header\n", "# yaml-language-server: $schema=x\n\n", "---\n# header\n"]))
    return f"{head}resources:\n  instance:\n    web:\n{body}\n{more}\n"


@settings(max_examples=150, deadline=None)
@given(stacks())
def test_any_text_keeps_its_values_and_comments(text: str) -> None:
    try:
        parse(text, "f")
    except Rejected:
        return
    holds(text)


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("stack.yaml")), ids=lambda path: path.parent.name)
def test_an_example_keeps_its_values_and_comments(path: Path) -> None:
    holds(path.read_text(encoding="utf-8"))


def test_keys_get_the_order_of_the_reference_and_comments_move_with_them() -> None:
    text = """\
# about this file

stack: field
# the version
apiVersion: ecsplan/v1
resources:
  instance:
    web:
      lifecycle: {prevent_destroy: true}
      # large enough
      instance_type: ecs.g7.large  # of 2024
      # three of them
      count: 3
region: cn-hangzhou
"""
    assert (
        fmt(text)
        == """\
# about this file

# the version
apiVersion: ecsplan/v1
stack: field
region: cn-hangzhou
resources:
  instance:
    web:
      # three of them
      count: 3
      # large enough
      instance_type: ecs.g7.large  # of 2024
      lifecycle: {prevent_destroy: true}
"""
    )


def test_names_keep_the_order_of_their_author() -> None:
    text = "resources:\n  vswitch:\n    b: {}\n    a: {}\n  vpc:\n    z: {}\n"
    assert fmt(text) == text


def test_white_space_that_means_nothing_is_removed() -> None:
    assert fmt("\ufeffstack: a  \r\n\r\n\r\n\r\nregion: b\r\n\r\n") == "stack: a\n\nregion: b\n"


def test_white_space_in_a_text_means_something() -> None:
    text = "locals:\n  a: |\n    x  \n\n\n    y\n"
    assert fmt(text) == text


def test_an_alias_stays_behind_its_anchor() -> None:
    text = "resources: {}\nlocals: &a {x: 1}\nregion: *a\n"
    assert fmt(text) == text


def test_what_is_no_yaml_is_refused() -> None:
    with pytest.raises(Rejected, match="not closed"):
        fmt("a: [1\nb: 2\n")


def test_repeated_entries_stay_as_they_are() -> None:
    text = (
        "resources:\n  security_group:\n    web:\n      vpc: main\n      ingress:\n"
        '        - {for: "cidr in ${offices}", protocol: tcp, ports: 22, cidr: "${cidr}"}\n'
        '        - protocol: tcp\n          for: "name, port in ${ports}"\n          ports: "${port}"\n'
    )
    assert fmt(text) == text
