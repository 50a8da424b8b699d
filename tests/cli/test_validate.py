"""`ecsplan validate` for pipelines: formats, ranges, exit statuses."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Ran

Run = Callable[..., Ran]
STACK = """\
apiVersion: ecsplan/v1
stack: field
region: cn-hangzhou
resources:
  vpc: {main: {cidr_block: 10.0.0.0/16}}
  security_group: {web: {vpc: mian}}
"""


def test_each_format_ends_with_the_same_status(run: Run, tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text(STACK, encoding="utf-8")
    for form in ("text", "json", "sarif", "junit", "codequality", "github"):
        assert run("validate", "--format", form).status == 1, form
    (tmp_path / "stack.yaml").write_text(STACK.replace("mian", "main"), encoding="utf-8")
    for form in ("text", "json", "sarif", "junit", "codequality", "github"):
        assert run("validate", "--format", form).status == 0, form


def test_a_reference_that_is_misspelt_has_rule_range_and_suggestion(run: Run, tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text(STACK, encoding="utf-8")
    (found,) = json.loads(run("validate", "--format", "json").out)["diagnostics"]
    assert (found["rule"], found["instead"]) == ("ECS401", ["main"])
    assert (found["source"]["line"], found["source"]["column"]) == (6, 31)
    assert found["end"] == {"line": 6, "column": 35}
    assert "[ECS401]" in run("validate").err


def test_an_annotation_reaches_the_runner_of_github(run: Run, tmp_path: Path) -> None:
    (tmp_path / "stack.yaml").write_text(STACK, encoding="utf-8")
    out = run("validate", "--format", "github").out
    assert out.startswith("::error file=stack.yaml,line=6,col=31,endLine=6,endColumn=35,title=ECS401")


def test_paths_are_those_of_the_repository(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "stacks" / "web"
    folder.mkdir(parents=True)
    (folder / "stack.yaml").write_text(STACK, encoding="utf-8")
    (entry,) = json.loads(run("validate", "--format", "codequality", "stacks/web").out)
    assert entry["location"]["path"] == "stacks/web/stack.yaml"
    (found,) = json.loads(run("validate", "--format", "sarif", "stacks/web").out)["runs"]
    assert found["automationDetails"]["id"] == "ecsplan/stacks/web/"
