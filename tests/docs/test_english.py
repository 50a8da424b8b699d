"""What people read is plain, standard English: none of the idioms that a native engineer stumbles on."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.cli.main import COMMANDS
from ecsplan.cli.manual import pages
from tests.docs.pages import PAGES, ROOT

IDIOMS = re.compile(
    r"\b(mends?|mended|anew|whom|heir|doomed|knock|nobody|so many|stands twice|his own|gone from|by themselves|"
    r"by itself|in the end|a text|to their beginning|the end of the stack|(?<!there )(?:is|are) no (?!longer)\w+)\b"
    r"|(?<!there )\bis no $",
    re.IGNORECASE,
)


def read_by_people() -> Iterator[tuple[str, str]]:
    for path in [*PAGES, ROOT / "CHANGELOG.md"]:
        if "identity" not in path.name:
            yield path.relative_to(ROOT).as_posix(), re.sub(r"^```.*?^```", "", path.read_text(), flags=re.M | re.S)
    for name, (_, summary) in COMMANDS.items():
        yield f"summary of {name}", summary
    for page in pages():
        yield f"help of {page.name}", " ".join([page.help, *(words for _, words in page.options)])
    yield "schema", " ".join(descriptions(engine.stack_schema()))


def descriptions(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("description"), str):
            yield node["description"]
        for value in node.values():
            yield from descriptions(value)
    elif isinstance(node, list):
        for value in node:
            yield from descriptions(value)


@pytest.mark.parametrize(("place", "text"), list(read_by_people()), ids=lambda value: value if len(value) < 60 else "")
def test_plain_english(place: str, text: str) -> None:
    assert not [found[0] for found in IDIOMS.finditer(text)], place


def messages(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a module that can reach a reader: all but docstrings and those below a name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


OURS = [path for path in sorted((ROOT / "ecsplan").rglob("*.py")) if "operations" not in path.parts]
"""The operations of the emulator speak as the service does."""


def test_messages_are_plain_english() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {idiom[0]}"
        for path in OURS
        for line, text in messages(path)
        for idiom in IDIOMS.finditer(text)
    ]
    assert not found


NOUN_CLAUSES = 445
"""Docstrings of functions and classes that begin with "What". It may only fall: name the thing (`The outcome of a
step`), not a clause about it (`What became of a step`)."""


def docstrings(path: Path) -> Iterator[tuple[str, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield path.relative_to(ROOT).as_posix(), ast.get_docstring(tree) or ""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, ast.get_docstring(node) or ""


def test_docstrings_name_what_they_are_about() -> None:
    found = [name for path in OURS for name, text in docstrings(path) if text.startswith("What ")]
    assert not [name for name in found if name.endswith(".py")]
    assert len(found) <= NOUN_CLAUSES
