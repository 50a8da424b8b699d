"""Saved plans that expire, or are bound to a Git commit, by the command line or by the policy."""

import json
import time
from pathlib import Path

import pytest

from ecsplan import engine
from ecsplan.cli.main import main
from ecsplan.engine import provenance
from ecsplan.kinds import load_kinds
from ecsplan.model.copying import replace
from ecsplan.model.plan import Validity
from ecsplan.planner.planfile import digest_of, dumps
from ecsplan.planner.planread import loads
from tests.cli.test_approvals import POLICY, STACK, git, writes
from tests.cli.test_approvals import pytestmark as pytestmark
from tests.cli.test_approvals import url as url

RULES = POLICY.split("rules:")[0] + "plans: {expire: 8h, bind_commit: true}\n"


def later(path: str, seconds: float) -> None:
    """The plan as if it had been made so much earlier."""
    plan = loads(Path(path).read_text(), load_kinds())
    valid = replace(plan.valid, made=plan.valid.made - seconds, until=plan.valid.until - seconds)
    plan = replace(plan, valid=valid)
    Path(path).write_text(dumps(replace(plan, digest=digest_of(plan))))


@pytest.fixture
def free(url: str) -> str:
    """Without a policy."""
    git("rm", "-q", "ecsplan.policy.yaml")
    git("commit", "-qm", "no policy")
    return url


def test_a_plan_that_has_expired_is_refused(free: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "-o", "plan.json", "--expires", "8h"]) == 0
    assert " · expires 20" in capsys.readouterr().out
    later("plan.json", 7.9 * 3600)
    assert main(["show", "plan.json", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["valid"]["until"] > time.time()
    later("plan.json", 0.2 * 3600)
    assert main(["apply", "plan.json"]) == 3
    assert "the plan expired at 20" in capsys.readouterr().err and not writes(free)


def test_a_span_that_is_none_is_wrong_usage(free: str) -> None:
    assert main(["plan", "-o", "plan.json", "--expires", "soon"]) == 64


@pytest.mark.door("plan and checkout")
def test_a_plan_bound_to_a_commit_is_refused_in_another_checkout(free: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "-o", "plan.json", "--bind-commit"]) == 0
    assert " · bound to commit " in capsys.readouterr().out
    git("commit", "-q", "--allow-empty", "-m", "later")
    assert main(["apply", "plan.json"]) == 3
    assert "is checked out" in capsys.readouterr().err and not writes(free)
    git("reset", "-q", "--hard", "HEAD~1")
    Path("stack.yaml").write_text(STACK + "# by the way\n")
    assert main(["apply", "plan.json"]) == 3
    assert "the checkout differs from it: stack.yaml is not as committed" in capsys.readouterr().err
    git("checkout", "-q", "stack.yaml")
    Path("more.yaml").write_text("resources: {}\n")
    assert main(["apply", "plan.json"]) == 3
    assert "more.yaml" in capsys.readouterr().err and not writes(free)
    Path("more.yaml").unlink()
    assert main(["apply", "plan.json"]) == 0


def test_a_dirty_checkout_cannot_be_bound_to(free: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("stack.yaml").write_text(STACK.replace("size: 40", "size: 50"))
    assert main(["plan", "-o", "plan.json", "--bind-commit"]) == 3
    assert "cannot be bound to a commit: stack.yaml is not as committed" in capsys.readouterr().err
    assert main(["plan", "-o", "plan.json"]) == 0


def test_a_file_of_the_stack_that_is_not_committed_cannot_be_bound_to(
    free: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("stack.yaml").rename("other.yaml")
    git("rm", "-q", "--cached", "stack.yaml")
    git("commit", "-qm", "without")
    assert main(["plan", "-o", "plan.json", "--bind-commit"]) == 3
    assert "other.yaml is not as committed" in capsys.readouterr().err


def test_the_policy_bounds_every_saved_plan(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "-o", "free.json"]) == 0
    Path("ecsplan.policy.yaml").write_text(RULES)
    git("commit", "-qam", "plans are bounded")
    assert main(["apply", "free.json"]) == 3
    err = capsys.readouterr().err
    assert "a plan must expire 8h after it was made at the latest, and this one does not" in err
    assert "a plan must be bound to a commit" in err and not writes(url)
    assert main(["plan", "-o", "plan.json", "--expires", "3d"]) == 1
    assert "the policy lets plans live 8h at most" in capsys.readouterr().err
    assert main(["plan", "-o", "plan.json"]) == 0
    found = loads(Path("plan.json").read_text(), load_kinds()).valid
    assert found.until - found.made == 8 * 3600 and len(found.commit) == 40
    assert main(["apply", "plan.json"]) == 0


def test_a_plan_of_the_future_lives_no_longer(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("ecsplan.policy.yaml").write_text(RULES)
    git("commit", "-qam", "plans are bounded")
    assert main(["plan", "-o", "plan.json"]) == 0
    later("plan.json", -365 * 86400)
    assert main(["apply", "plan.json"]) == 3
    assert "of the future" in capsys.readouterr().err


def test_a_saved_plan_tells_the_commit_of_each_line_wherever_it_is_shown(
    free: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    assert main(["plan", "-o", "plan.json"]) == 0
    path = str(Path("plan.json").resolve())
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    capsys.readouterr()
    assert main(["show", path]) == 0
    assert " by A, " in capsys.readouterr().out
    assert main(["show", path, "--json"]) == 0
    changes = json.loads(capsys.readouterr().out)["changes"]
    assert {change["commit"]["email"] for change in changes} == {"carol@example.com"}
    for form in ("html", "markdown"):
        assert main(["show", path, "--format", form]) == 0
        name = changes[0]["commit"]["commit"][:8]
        assert name in capsys.readouterr().out


def test_bounds_hold_for_callers_of_the_engine_too(free: str, tmp_path: Path) -> None:
    assert main(["plan", "-o", "plan.json"]) == 0
    plan = replace(engine.load_plan(Path("plan.json").read_text()), valid=Validity(1.0, 2.0))
    (found,) = provenance.out_of_bounds(plan, tmp_path, 2.0)
    assert "expired at 1970-01-01T00:00:02Z" in found.summary
    assert not list(provenance.out_of_bounds(plan, tmp_path, 1.9))
