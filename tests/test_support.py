"""The page of the test support names each helper that tests of several folders use, and none that is not there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = (TESTS / "support" / "README.md").read_text(encoding="utf-8")


def _named() -> set[str]:
    """Files of a row without a folder are in that of the first."""
    found = set[str]()
    for row in (row for row in PAGE.splitlines() if row.startswith("|")):
        folder = ""
        for name in re.findall(r"`([\w/]+\.py)`", row):
            folder = name.rpartition("/")[0] or folder
            found.add(name if "/" in name else f"{folder}/{name}")
    return found


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("tests."):
            for name in (node.module, *(f"{node.module}.{one.name}" for one in node.names)):
                yield name.replace(".", "/") + ".py"


def test_the_page_names_what_several_folders_use() -> None:
    used: dict[str, set[Path]] = {}
    for path in TESTS.rglob("*.py"):
        for name in _imported(path):
            if (TESTS.parent / name).is_file() and not re.search("/(test_|benchmarks/|conftest)", name):
                used.setdefault(name, set()).add(path.parent)
    shared = {name for name, folders in used.items() if folders - {(TESTS.parent / name).parent}}
    assert not shared - _named()


def test_the_page_names_nothing_that_is_not_there() -> None:
    assert not [name for name in _named() if not (TESTS.parent / name).is_file()]
