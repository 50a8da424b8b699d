"""SECURITY.md says where each door is and which tests walk through it; both ways it is true."""

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.partition("<!-- doors -->")[2].splitlines()
    if line.startswith("|") and not line.startswith(("| Door", "|---"))
]
SOURCES = {row[0]: re.findall(r"`([^`]+)`", row[2]) for row in ROWS}
TESTS = {row[0]: set(re.findall(r"`([^`]+)`", row[3])) for row in ROWS}


def marked() -> dict[str, set[str]]:
    """The tests with a mark for a door, by its name."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.door":
                    (name,) = (ast.literal_eval(argument) for argument in decorator.args)
                    found[name].add(f"{path.relative_to(ROOT / 'tests').as_posix()}::{node.name}")
    return found


def test_every_door_has_its_tests_and_every_test_of_a_door_is_named() -> None:
    assert len(ROWS) == len(TESTS) >= 20
    assert marked() == TESTS
    assert all(TESTS.values())


def test_every_door_is_where_the_page_says() -> None:
    missing = [
        (door, place)
        for door, places in SOURCES.items()
        for place in places
        if not (ROOT / "ecsplan" / place).is_file() and not (ROOT / place).is_file()
    ]
    assert not missing
    assert all(SOURCES.values())


def test_what_the_page_links_to_is_there() -> None:
    links = re.findall(r"\]\((?!https://)([^)#]+)\)", TEXT)
    assert links
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_the_lower_bounds_keep_out_versions_with_published_holes() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    given = [*project["dependencies"], *(line for group in project["optional-dependencies"].values() for line in group)]
    least = {"Jinja2": (3, 1, 6), "requests": (2, 33, 0), "cryptography": (46, 0, 5), "urllib3": (2, 7, 0)}
    seen = set()
    for line in given:
        name, _, version = line.partition(">=")
        if name in least:
            seen.add(name)
            assert tuple(int(part) for part in version.split(".")) >= least[name], line
    assert seen == set(least)
