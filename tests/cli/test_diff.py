"""What is new since a plan was approved: shown by change, and approved alone, with real keys and the emulator."""

import json
from pathlib import Path

import pytest

from ecsplan.cli.main import main
from tests.benchmarks.fleet import ask
from tests.cli.test_approvals import POLICY, STACK, git, key, planned
from tests.cli.test_approvals import pytestmark as pytestmark
from tests.cli.test_approvals import url as url

TWO_DISKS = STACK.replace("disk: {db:", "disk: {logs: {zone: cn-hangzhou-h, category: cloud_essd, size: 20}, db:")


def approve(plan: str, *people: str, more: tuple[str, ...] = ()) -> None:
    for person in people:
        assert main(["approve", plan, "--key", key(person), *more]) == 0


@pytest.fixture
def two(url: str, capsys: pytest.CaptureFixture[str]) -> str:
    """plan.json, approved by two, and later.json, in which one disk of two is larger."""
    Path("stack.yaml").write_text(TWO_DISKS)
    planned()
    approve("plan.json", "alice", "bob")
    Path("stack.yaml").write_text(TWO_DISKS.replace("size: 20", "size: 30"))
    assert main(["plan", "-o", "later.json"]) == 0
    capsys.readouterr()
    return url


def test_diff_tells_what_is_new_and_what_is_the_same(two: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "plan.json", "later.json"]) == 2
    text = capsys.readouterr().out
    assert "~ changed  create disk.logs\n    ~ size (declared): 20 → 30" in text
    assert "1 changed; 2 the same, which keep their approvals." in text
    assert main(["diff", "plan.json", "later.json", "--json"]) == 2
    found = json.loads(capsys.readouterr().out)
    standings = {one["address"]: one["standing"] for one in found["changes"]}
    assert standings == {"disk.logs": "changed", "disk.db": "same", "vpc.main": "same"}
    moved = found["changes"][0]["moved"]
    assert {"fact": "size", "side": "declared", "before": 20, "after": 30} in moved
    assert main(["diff", "plan.json", "later.json", "--format", "markdown"]) == 2
    assert "| changed | create disk.logs |" in capsys.readouterr().out
    assert main(["diff", "plan.json", "plan.json"]) == 0


def test_a_plan_is_held_against_what_is_live_now(two: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "later.json", "."]) == 0
    assert "All 3 changes are the same" in capsys.readouterr().out
    assert main(["diff", "plan.json"]) == 2
    assert "~ size (declared): 20 → 30" in capsys.readouterr().out


def test_what_is_the_same_keeps_its_approval_and_only_the_rest_needs_one(
    two: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["approvals", "later.json", "--approvals", "plan.json.approvals"]
    assert main(arguments) == 3
    out = capsys.readouterr().out
    assert "alice@example.com: counts for 2 of 3 changes" in out
    assert "create: 0 of 2 approvals of dba: 2 missing on disk.logs" in out
    assert main(["apply", "later.json", "--approvals", "plan.json.approvals"]) == 3
    assert "create on disk.logs needs 2 approvals of dba: it has none" in capsys.readouterr().err
    approve("later.json", "alice", "bob", more=("--since", "plan.json"))
    out = capsys.readouterr()
    assert "changed  create disk.logs" in out.out
    statement = json.loads(out.err.split("signing: ")[1].splitlines()[0])
    assert len(statement["nodes"]) == 1
    assert main(["approvals", "later.json"]) == 3  # of the rest, none lies beside this plan
    assert main(["apply", "later.json", "--approvals", "plan.json.approvals"]) == 0


def test_nothing_new_nothing_to_sign(two: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["approve", "plan.json", "--key", key("alice"), "--since", "plan.json"]) == 1
    assert "every change is the same" in capsys.readouterr().err


@pytest.mark.door("approvals")
def test_what_was_taken_back_does_not_come_back_in_a_later_plan(two: str, capsys: pytest.CaptureFixture[str]) -> None:
    approve("later.json", "alice", "bob", more=("--since", "plan.json"))
    approve("plan.json", "bob", more=("--revoke",))
    arguments = ["apply", "later.json", "--approvals", "plan.json.approvals"]
    capsys.readouterr()
    assert main(arguments) == 3
    assert "create on disk.db needs 2 approvals of dba: it has alice@example.com" in capsys.readouterr().err
    approve("plan.json", "bob")
    approve("later.json", "bob", more=("--revoke",))  # all that counts for this plan, wherever it came from
    assert main(arguments) == 3


@pytest.mark.door("approvals")
def test_a_rule_about_many_is_not_met_by_approvals_of_some_at_a_time(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    many = POLICY.replace("kinds: [disk], then", "kinds: [disk], more_than: {count: 1}, then")
    Path("ecsplan.policy.yaml").write_text(many)
    planned()
    approve("plan.json", "alice", "bob")
    Path("stack.yaml").write_text(TWO_DISKS)
    assert main(["plan", "-o", "later.json"]) == 0
    approve("later.json", "alice", "bob", more=("--since", "plan.json"))
    capsys.readouterr()
    assert main(["apply", "later.json", "--approvals", "plan.json.approvals"]) == 3
    assert "create on disk.db, disk.logs needs 2 approvals of dba: it has none" in capsys.readouterr().err


def test_an_approval_is_bound_to_its_commit_unless_its_signer_says_otherwise(
    two: str, capsys: pytest.CaptureFixture[str]
) -> None:
    git("commit", "-qam", "a larger disk")
    arguments = ["approvals", "later.json", "--approvals", "plan.json.approvals"]
    assert main(arguments) == 3
    assert "approves another plan, and is for commit" in capsys.readouterr().out
    approve("plan.json", "alice", "bob", more=("--any-commit",))
    assert main(arguments) == 3
    assert "2 missing on disk.logs" in capsys.readouterr().out


def test_a_third_partys_edit_leaves_one_change_out_and_the_exit_status_says_so(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("ecsplan.policy.yaml").unlink()
    Path("stack.yaml").write_text(TWO_DISKS)
    assert main(["apply", "--auto-approve"]) == 0
    Path("stack.yaml").write_text(TWO_DISKS.replace("size: 20", "size: 30").replace("size: 40", "size: 50"))
    planned()
    Path("by-hand.yaml").write_text(TWO_DISKS.replace("size: 20", "size: 25"))
    assert main(["apply", "by-hand.yaml", "--auto-approve", "--target", "disk.logs"]) == 0
    capsys.readouterr()
    assert main(["apply", "plan.json"]) == 3
    assert "disk.logs" in capsys.readouterr().err
    assert main(["diff", "plan.json", "stack.yaml"]) == 2
    assert "~ size (live): 20 → 25" in capsys.readouterr().out
    assert main(["apply", "plan.json", "--skip-stale", "--json", "--events", "events"]) == 4
    report = json.loads(capsys.readouterr().out)["report"]
    assert report["status"] == "partly" and list(report["left_out"]) == ["disk.logs"]
    assert report["results"] == {"disk.db": "updated", "disk.logs": "left out"}
    events = [json.loads(line) for line in Path("events").read_text().splitlines()]
    assert [e["address"] for e in events if e["type"] == "apply_skipped"] == ["disk.logs"]
    assert ask(url, "stats")


def test_only_a_saved_plan_can_be_stale(url: str) -> None:
    assert main(["apply", "--skip-stale"]) == 64
