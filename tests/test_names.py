"""The nouns that every room speaks of stand for one thing: no other class is called like one of them."""

import ast
from pathlib import Path

import ecsplan

PACKAGE = Path(ecsplan.__file__).parent
CENTRAL = (
    "address",
    "algebra",
    "attribute",
    "call",
    "change",
    "clock",
    "diagnostic",
    "kind",
    "plan",
    "resource",
    "stack",
)
KNOWN = {
    "cli/test.py: Result",  # of a scenario
    "engine/editing/checking.py: Hint",  # the editor's word for a remark
    "engine/editing/model.py: Span",  # a range in a text, as editors say
    "export/pieces.py: Piece",  # an object that is exported
    "model/origin.py: Trace",  # where a value comes from
    "render/terraform/parts.py: Piece",  # a block of Terraform
    "serve/core.py: Asked",  # of the loop, by its page
    "serve/core.py: Stack",  # what the loop knows of one, which is never a declared one
    "serve/runner.py: Result",  # of a process
}


def _classes(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)}


def test_no_other_class_is_called_like_a_central_noun():
    homes = [PACKAGE / "model" / f"{name}.py" for name in CENTRAL]
    nouns = {name for home in homes for name in _classes(home) if not name.startswith("_")}
    found = {
        f"{path.relative_to(PACKAGE).as_posix()}: {name}"
        for path in PACKAGE.rglob("*.py")
        if path not in homes and "emulator" not in path.parts
        for name in nouns & _classes(path)
    }
    assert found <= KNOWN, found


def test_no_two_classes_of_the_vocabulary_share_a_name():
    homes: dict[str, list[str]] = {}
    for path in sorted((PACKAGE / "model").rglob("*.py")):
        for name in _classes(path):
            homes.setdefault(name, []).append(path.name)
    assert {name: found for name, found in homes.items() if len(found) > 1} == {}


def test_no_module_speaks_of_two_classes_of_one_name():
    """Then one of them would be imported under another name."""
    files = [path for path in PACKAGE.rglob("*.py") if "emulator" not in path.parts]
    ours = {name for path in files for name in _classes(path)}
    renamed = {
        f"{path.relative_to(PACKAGE).as_posix()}: {alias.name} as {alias.asname}"
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("ecsplan.")
        for alias in node.names
        if alias.asname not in (None, alias.name) and alias.name in ours
    }
    assert renamed == set(), renamed
