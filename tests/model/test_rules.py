"""Rule ids are a contract: none is missing where a stack is checked, and none changes its meaning."""

import ast
from collections.abc import Iterator
from pathlib import Path

from ecsplan.model.rules import Rule

CHECKS = ("config", "kinds", "catalog/offline.py", "model/limits.py")
HOME = Path(__file__).parents[2] / "ecsplan"
APART = ("tracing.py",)  # answers to `why`, not checks of a file


def _calls() -> Iterator[tuple[Path, ast.Call]]:
    for name in CHECKS:
        place = HOME / name
        for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
            if path.name in APART:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Diagnostic":
                    yield path, node


def test_each_diagnostic_of_a_stack_file_names_its_rule() -> None:
    calls = list(_calls())
    bare = [
        f"{path.name}:{call.lineno}"
        for path, call in calls
        if not any(keyword.arg == "rule" for keyword in call.keywords) and "more {what}" not in ast.unparse(call)
    ]
    assert len(calls) > 20
    assert not bare


def test_ids_and_names_are_used_once() -> None:
    assert len({rule.id for rule in Rule}) == len({rule.slug for rule in Rule}) == len(Rule)


def test_a_published_id_keeps_its_name() -> None:
    """Add a line for a new rule; never change or remove one."""
    published = (
        "ECS101 yaml-syntax, ECS102 unreadable-file, ECS103 no-stack, ECS104 declared-twice, ECS105 foreign-file, "
        "ECS106 too-large, ECS201 unknown-key, ECS202 missing-key, ECS203 wrong-value, ECS204 wrong-header, "
        "ECS205 invalid-name, ECS206 environment, ECS207 lifecycle, ECS208 moved-or-released, "
        "ECS209 count-or-for-each, ECS210 adopt, ECS301 expression, ECS302 variable, ECS303 variable-value, "
        "ECS304 unused, ECS305 unknown-variable, ECS306 secret-in-file, ECS401 unknown-reference, "
        "ECS402 reference-cycle, ECS403 depends-on, ECS404 almost-a-reference, ECS501 same-name, ECS502 same-value, "
        "ECS503 limit, ECS504 network, ECS505 zone, ECS506 combination, ECS507 questionable, "
        "ECS601 not-in-catalogue, ECS602 misfit, ECS901 bad-suppression, ECS902 unused-suppression"
    )
    assert ", ".join(f"{rule.id} {rule.slug}" for rule in Rule) == published
