"""Where in a file a position is, told without parsing it."""

import pytest

from ecsplan.engine.editing.context import context_at, subject_at


def at(marked: str) -> tuple[tuple[str, ...], bool, str]:
    """The answer at the sign | of a text."""
    before, _, after = marked.partition("|")
    line, column = before.count("\n"), len(before) - (before.rfind("\n") + 1)
    found = context_at(before + after, line, column)
    return found.path, found.is_key, found.prefix


WEB = "resources:\n  instance:\n    web:\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("re|", ((), True, "re")),
        ("resources:\n  in|", (("resources",), True, "in")),
        (WEB + "      vsw|", (("resources", "instance", "web"), True, "vsw")),
        (WEB + "      |\n", (("resources", "instance", "web"), True, "")),
        (WEB + "      vswitch: a|", (("resources", "instance", "web", "vswitch"), False, "a")),
        (WEB + "      vswitch: |", (("resources", "instance", "web", "vswitch"), False, "")),
        (WEB + "      system_disk:\n        si|", (("resources", "instance", "web", "system_disk"), True, "si")),
        (
            WEB + "      security_groups:\n        - w|",
            (("resources", "instance", "web", "security_groups"), False, "w"),
        ),
        (WEB + "      security_groups:\n      - w|", (("resources", "instance", "web", "security_groups"), False, "w")),
        (WEB + "      security_groups: [a, w|]", (("resources", "instance", "web", "security_groups"), False, "w")),
        (WEB + "      system_disk: {category: x, si|", (("resources", "instance", "web", "system_disk"), True, "si")),
        (
            WEB + "      system_disk: {category: cl|, size: 4}",
            (("resources", "instance", "web", "system_disk", "category"), False, "cl"),
        ),
        ("resources:\n  vpc: {main: {ci|", (("resources", "vpc", "main"), True, "ci")),
        (
            "resources:\n  security_group:\n    web:\n      ingress:\n        - {protocol: tcp, po|",
            (("resources", "security_group", "web", "ingress"), True, "po"),
        ),
        (
            "resources:\n  security_group:\n    web:\n      ingress:\n        - protocol: tcp\n          po|",
            (("resources", "security_group", "web", "ingress"), True, "po"),
        ),
        ("moved:\n  - {from: instance.a, to: in|", (("moved", "to"), False, "in")),
        ("stack: [\nregion: cn|", (("region",), False, "cn")),
    ],
)
def test_the_path_of_a_position(text: str, expected: tuple[tuple[str, ...], bool, str]) -> None:
    assert at(text) == expected


def test_inside_an_expression_the_path_is_that_of_the_value() -> None:
    found = context_at('region: "${vpc.ma', 0, 17)
    assert (found.expression, found.prefix, found.start) == ("vpc.ma", "ma", 15)
    assert context_at('region: "${a}b', 0, 14).expression is None


def test_the_subject_of_a_key_and_of_its_value_are_the_same() -> None:
    text = WEB + "      vswitch: app\n"
    path = ("resources", "instance", "web", "vswitch")
    assert subject_at(text, 3, 8) == subject_at(text, 3, 17) == path
