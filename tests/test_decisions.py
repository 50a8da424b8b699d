"""Decisions are made on facts: what a message says in English, or how a code happens to be spelled, decides nothing."""

import ast
from collections.abc import Iterator
from pathlib import Path

import ecsplan

PACKAGE = Path(ecsplan.__file__).parent
WORDS = {"summary", "detail", "message", "reason", "why", "words", "remedy", "code"}
READ = {"startswith", "endswith", "partition", "rpartition", "split", "find", "removeprefix", "removesuffix"}
FACTS = {
    "api/client.py",  # the string to sign that the service sends in its message
    "engine/provenance.py",  # the first line of a commit
    "render/",  # texts are only shown there
}


def _is_said(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(node.value)


def _read_back(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            is_text = isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)
            if is_text and isinstance(node.comparators[0], ast.Attribute) and node.comparators[0].attr in WORDS:
                yield node.lineno
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            sides = (node.left, *node.comparators)
            is_read = any(isinstance(one, ast.Attribute) and one.attr in WORDS - {"code"} for one in sides)
            if is_read and any(isinstance(one, ast.JoinedStr) or _is_said(one) for one in sides):
                yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            on = node.func.value
            if node.func.attr in READ and isinstance(on, ast.Attribute) and on.attr in WORDS:
                yield node.lineno


def test_no_decision_is_read_back_out_of_a_message_or_a_spelling():
    found = [
        f"{name}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if not (name := path.relative_to(PACKAGE).as_posix()).startswith(("emulator/", *FACTS))
        for line in _read_back(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found
