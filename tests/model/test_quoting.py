"""Values as messages quote them; and that no message shows what Python makes of a value."""

import ast
from pathlib import Path

import pytest

import ecsplan
from ecsplan.model.quoting import shown

PACKAGE = Path(ecsplan.__file__).parent
# Where two values are told apart by it, and nobody reads it.
KEYS = {
    "preflight/world.py", "preflight/dryruns.py", "kinds/_asking.py", "planner/batch.py", "planner/conform.py",
    "config/resources/declared_blocks.py",
}  # fmt: skip
NUMBERS = {"export/yaml_text.py", "migrate/hcl_text.py"}  # the shortest text of a float


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a b", "'a b'"),
        ("it's", '"it\'s"'),
        ("a\nb\u202e", "'a\\nb\\u202e'"),
        ("C:\\dir", "'C:\\dir'"),
        (None, "nothing"),
        (True, "true"),
        (3, "3"),
        ({"a": 1}, "a mapping"),
        (("a",), "a list"),
        ("x" * 80, f"'{'x' * 56}..."),
    ],
)
def test_a_value_is_shown_as_people_write_it(value: object, text: str) -> None:
    assert shown(value) == text


def test_no_message_shows_the_repr_of_a_value() -> None:
    found = []
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        if name.startswith("emulator/") or name == "__init__.py" or name in KEYS | NUMBERS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "repr"
            if is_call or (isinstance(node, ast.FormattedValue) and node.conversion == ord("r")):
                found.append(f"{name}:{node.lineno}")
    assert found == []
