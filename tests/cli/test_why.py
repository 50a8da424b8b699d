"""`ecsplan why`, and the commits that a plan names."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from ecsplan import engine
from ecsplan.model.diagnostic import SourceRange
from ecsplan.model.origin import Commit
from ecsplan.render.json_format import plan_document
from ecsplan.render.text import plan_text
from ecsplan.render.view import view, with_commits
from tests.cli.conftest import Ran
from tests.render.plans import every_action

Run = Callable[..., Ran]
STACK = """\
apiVersion: ecsplan/v1
stack: demo
region: cn-hangzhou
resources:
  disk: {data: {zone: cn-hangzhou-h, category: cloud_essd, size: 40}}
"""


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


def test_why_names_file_line_and_commit(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "stack.yaml"
    path.write_text(STACK, encoding="utf-8")
    ran = run("why", "disk.data.size", str(path))
    assert ran.status == 0 and "disk.data.size = 40" in ran.out and "stack.yaml:5  the stack: 40" in ran.out
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "A disk for data")
    assert "by Ann, just now: A disk for data" in run("why", "disk.data.size", str(path)).out
    document = json.loads(run("why", "disk.data.size", str(path), "--json").out)
    assert document["value"] == 40 and document["layers"][0]["commit"]["email"] == "ann@example.com"
    path.write_text(STACK.replace("40", "60"), encoding="utf-8")
    assert "not committed" in run("why", "disk.data.size", str(path)).out


def test_why_of_what_is_not_declared(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "stack.yaml"
    path.write_text(STACK, encoding="utf-8")
    assert "is not declared" in run("why", "disk.data.description", str(path)).out
    assert run("why", "disk.dta.size", str(path)).status == 1


def test_a_plan_names_the_newest_commit_of_the_lines_that_a_change_comes_from() -> None:
    seen = view(every_action())
    places = sorted({place for row in seen.changes for place in row.places})
    old, new = Commit("1" * 40, "Ann", "ann@example.com", 1000.0, "first"), Commit("2" * 40, "Bob", time=2000.0)
    commits: dict[SourceRange, Commit] = dict.fromkeys(places, old) | {places[0]: new}
    told = with_commits(seen, commits, 1000.0 + 3 * 86400)
    assert "(11111111 by Ann, 3 days ago)" in plan_text(told) and "22222222 by Bob" in plan_text(told)
    found = [change["commit"] for change in plan_document(told)["changes"] if change["commit"]]
    assert found and {one["author"] for one in found} == {"Ann", "Bob"}


def test_commits_of_a_file_in_no_checkout_are_not_known(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a\n", encoding="utf-8")
    assert engine.commits([SourceRange(str(tmp_path / "a.yaml"), 1, 1)]) == {}
