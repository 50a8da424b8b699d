"""Suppressing one warning of one line, with a reason."""

from pathlib import Path

import pytest

from ecsplan import engine
from ecsplan.config.syntax.suppressions import suppressions_in
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.rules import Rule
from ecsplan.model.suppression import Suppression

STACK = """\
apiVersion: ecsplan/v1
stack: field
region: cn-hangzhou
variables:
  {above}
  spare: {{default: 1}} {behind}
resources:
  vpc: {{main: {{cidr_block: {cidr}}}}}
"""


def remarks(tmp_path: Path, above: str = "", behind: str = "", cidr: str = "10.0.0.0/16") -> list[str]:
    (tmp_path / "stack.yaml").write_text(STACK.format(above=above, behind=behind, cidr=cidr), encoding="utf-8")
    found = engine.remarks(engine.load(str(tmp_path)))
    return [one.rule.id for one in found if one.rule]


def test_a_warning_without_a_suppression_is_told(tmp_path: Path) -> None:
    assert remarks(tmp_path) == ["ECS304"]


def test_a_comment_above_or_behind_suppresses_it(tmp_path: Path) -> None:
    assert remarks(tmp_path, above="# ecsplan:ignore ECS304 because the next release uses it") == []
    assert remarks(tmp_path, behind="# ecsplan:ignore ECS304 because the next release uses it") == []


def test_a_suppressed_warning_is_not_in_a_plan_either(tmp_path: Path) -> None:
    remarks(tmp_path, behind="# ecsplan:ignore ECS304 because it is for later")
    assert engine.load(str(tmp_path)).remarks == ()


def test_without_a_reason_nothing_is_suppressed_and_that_is_told(tmp_path: Path) -> None:
    assert sorted(remarks(tmp_path, behind="# ecsplan:ignore ECS304")) == ["ECS304", "ECS901"]
    assert sorted(remarks(tmp_path, behind="# ecsplan:ignore ECS304 because ")) == ["ECS304", "ECS901"]


def test_a_suppression_of_a_warning_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert sorted(remarks(tmp_path, behind="# ecsplan:ignore ECS601 because of this")) == ["ECS304", "ECS902"]


def test_an_error_cannot_be_suppressed(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="300"):
        remarks(tmp_path, cidr="10.0.0.300/16", behind="# ecsplan:ignore ECS203 because I say so")


def test_what_only_looks_like_a_comment_suppresses_nothing() -> None:
    assert list(suppressions_in('a: "# ecsplan:ignore ECS304 because no"\n', "f")) == []


def test_an_unknown_rule_gets_the_nearest_one() -> None:
    (found,) = suppressions_in("# ecsplan:ignore ECS3O4 because of this\na: 1\n", "f")
    assert isinstance(found, Diagnostic)
    assert found.rule is Rule.BAD_SUPPRESSION
    assert "ECS304" in found.detail


def test_several_rules_in_one_comment() -> None:
    found = list(suppressions_in("# ecsplan:ignore ECS304, ECS601 because of this\n\n# more\na: 1\n", "f"))
    assert [(one.rule.id, one.line, one.reason) for one in found if isinstance(one, Suppression)] == [
        ("ECS304", 4, "of this"),
        ("ECS601", 4, "of this"),
    ]
