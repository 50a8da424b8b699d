"""From a plan to its approvals to apply, with real keys, a real repository and the emulator."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecsplan.cli.main import main
from ecsplan.emulator.testing import running_emulator
from tests.benchmarks.fleet import ask

pytestmark = pytest.mark.skipif(
    not (shutil.which("ssh-keygen") and shutil.which("git")), reason="ssh-keygen or git is not installed"
)

STACK = """\
apiVersion: ecsplan/v1
stack: shop
region: cn-hangzhou
resources:
  vpc: {main: {cidr_block: 10.0.0.0/16}}
  disk: {db: {zone: cn-hangzhou-h, category: cloud_essd, size: 40}}
"""
POLICY = """\
apiVersion: ecsplan/v1
kind: Policy
signers: allowed_signers
groups: {dba: [alice@example.com, bob@example.com]}
rules:
  - {name: disks, classes: [create, delete, data_loss], kinds: [disk], then: {approvals: 2, group: dba}}
  - {name: networks, classes: [delete], kinds: [vpc], then: forbid, reason: ask the network team}
"""


def git(*arguments: str, who: str = "carol@example.com") -> None:
    command = ["git", "-c", "user.name=A", "-c", f"user.email={who}", "-c", "commit.gpgsign=false", *arguments]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A repository with a stack, a policy and two signers, committed by a third person, and an emulator."""
    monkeypatch.chdir(tmp_path)
    keys = tmp_path / ".." / f"{tmp_path.name}-keys"
    keys.mkdir()
    signers = ""
    for person in ("alice", "bob", "eve"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keys / person], check=True)
        signers += f"{person}@example.com {(keys / person).with_suffix('.pub').read_text()}" if person != "eve" else ""
    monkeypatch.setenv("KEYS", str(keys))
    for name, text in (("stack.yaml", STACK), ("ecsplan.policy.yaml", POLICY), ("allowed_signers", signers)):
        Path(name).write_text(text)
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "first")
    with running_emulator(clock="fast") as running:
        monkeypatch.setenv("ECSPLAN_ENDPOINT", running.url)
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "emulator")
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "emulator-secret")
        yield running.url


def key(person: str) -> str:
    return str(Path("..") / f"{Path.cwd().name}-keys" / person)


def writes(url: str) -> set[str]:
    actions = ask(url, "stats")["actions"]
    return {name for name in actions if name.startswith(("Create", "Delete"))}  # type: ignore[attr-defined]


def planned() -> None:
    assert main(["plan", "-o", "plan.json"]) == 0


def test_a_plan_is_applied_once_two_of_the_group_have_signed_it(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    planned()
    assert "policy: needs 2 approvals of dba: create on disk.db" in capsys.readouterr().err
    assert main(["apply", "plan.json"]) == 3
    assert "create on disk.db needs 2 approvals of dba: it has none" in capsys.readouterr().err
    assert main(["approve", "plan.json", "--key", key("alice"), "--reason", "CHG-1"]) == 0
    assert main(["approve", "plan.json", "--key", key("eve")]) == 0
    assert main(["apply", "plan.json"]) == 3
    assert "it has alice@example.com" in capsys.readouterr().err and not writes(url)
    assert main(["approve", "plan.json", "--key", key("bob"), "--class", "create"]) == 0
    assert main(["approvals", "plan.json"]) == 0
    out = capsys.readouterr().out
    assert "create: 2 of 2 approvals of dba (alice@example.com, bob@example.com): met" in out
    assert "unknown signer: no allowed signer has this key" in out
    assert main(["apply", "plan.json"]) == 0
    assert {"CreateVpc", "CreateDisk"} <= writes(url)


def test_programs_and_people_see_what_the_policy_asks_with_the_plan(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "-o", "plan.json", "--format", "json"]) == 0
    policy = json.loads(capsys.readouterr().out)["policy"]
    assert policy["needs"][0]["missing"] == 2
    assert main(["approve", "plan.json", "--key", key("alice")]) == 0
    capsys.readouterr()
    assert main(["show", "plan.json", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)["policy"]
    assert shown["needs"][0]["given"] == ["alice@example.com"] and not shown["is_met"]
    assert main(["show", "plan.json", "--format", "html"]) == 0
    page = capsys.readouterr().out
    assert 'data-t="verdict.approvals"' in page and "alice@example.com" in page


def test_an_approval_that_was_taken_back_is_missing(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    planned()
    for person in ("alice", "bob"):
        assert main(["approve", "plan.json", "--key", key(person)]) == 0
    assert main(["approve", "plan.json", "--key", key("bob"), "--revoke"]) == 0
    capsys.readouterr()
    assert main(["approvals", "plan.json", "--format", "json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert found["needs"][0]["given"] == ["alice@example.com"] and found["needs"][0]["missing"] == 1


def test_the_author_of_the_change_does_not_count(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    git("commit", "-q", "--allow-empty", "-m", "change", who="bob@example.com")
    planned()
    for person in ("alice", "bob"):
        assert main(["approve", "plan.json", "--key", key(person)]) == 0
    assert main(["apply", "plan.json"]) == 3
    assert "that of the author, bob@example.com, does not count" in capsys.readouterr().err


def test_another_plan_and_another_commit_need_other_approvals(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    planned()
    for person in ("alice", "bob"):
        assert main(["approve", "plan.json", "--key", key(person)]) == 0
    git("commit", "-q", "--allow-empty", "-m", "later")
    assert main(["approvals", "plan.json"]) == 3
    assert "is checked out" in capsys.readouterr().out
    Path("stack.yaml").write_text(STACK.replace("size: 40", "size: 50"))
    planned()
    assert main(["approvals", "plan.json"]) == 3
    assert "approves another plan" in capsys.readouterr().out


def test_what_is_forbidden_is_not_applied_by_any_yes(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("ecsplan.policy.yaml").write_text(POLICY.replace("kinds: [disk]", "kinds: [image]"))
    assert main(["apply", "--auto-approve"]) == 0
    assert main(["destroy", "--auto-approve"]) == 3
    assert "forbidden: delete on vpc.main (networks: ask the network team)" in capsys.readouterr().err
    assert not {name for name in writes(url) if name.startswith("Delete")} - {"DeleteKeyPairs"}


def test_policy_and_signers_come_from_the_base(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    git("checkout", "-qb", "change")
    Path("ecsplan.policy.yaml").write_text("apiVersion: ecsplan/v1\nkind: Policy\n")
    Path("allowed_signers").write_text("eve@example.com " + Path(key("eve") + ".pub").read_text())
    git("commit", "-qam", "open all doors", who="eve@example.com")
    planned()
    assert main(["approve", "plan.json", "--key", key("eve")]) == 0
    capsys.readouterr()
    assert main(["apply", "plan.json", "--base", "main"]) == 3
    assert "needs 2 approvals of dba: it has none" in capsys.readouterr().err and not writes(url)


def test_an_operation_that_the_policy_forbids_is_not_carried_out(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    machine = """\
  vswitch: {app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}}
  security_group: {web: {vpc: main}}
  instance:
    web: {instance_type: ecs.g7.large, image: {family: "acs:ubuntu_22_04_x64"}, vswitch: app, security_groups: [web],
          system_disk: {category: cloud_essd, size: 40}, tags: {env: prod}}
"""
    rules = (
        "  - {name: data, classes: [data_loss], tags: {env: prod}, then: {approvals: 2, group: dba}}\n"
        "  - {name: power, classes: [stop, reboot], kinds: [instance], then: forbid}\n"
    )
    Path("stack.yaml").write_text(STACK + machine)
    Path("ecsplan.policy.yaml").write_text(POLICY[: POLICY.index("  - {name: disks")] + rules)
    assert main(["apply", "--auto-approve"]) == 0
    assert main(["reinit", "instance.web.system_disk", "--auto-approve", "--allow", "instance.web"]) == 3
    assert "data loss on instance.web needs 2 approvals of dba" in capsys.readouterr().err
    assert main(["stop", "instance.web", "--auto-approve"]) == 3
    assert "forbidden: stop on instance.web (power)" in capsys.readouterr().err
    assert main(["destroy", "--auto-approve", "--allow-destroy", "9"]) == 3
    assert "data loss on instance.web needs 2 approvals of dba" in capsys.readouterr().err
    assert not {"ReInitDisk", "StopInstance", "StopInstances", "DeleteInstances"} & set(ask(url, "stats")["actions"])  # type: ignore[call-overload]


def test_another_tag_in_the_same_change_escapes_no_rule(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    rule = "  - {name: production, classes: [all], tags: {env: prod}, then: forbid}\n"
    stack = STACK.replace("size: 40}", "size: 40, tags: {env: prod}}")
    Path("stack.yaml").write_text(stack)
    assert main(["apply", "--auto-approve", "--policy", "open.yaml"]) == 1, "a policy that is named has to be there"
    Path("ecsplan.policy.yaml").unlink()
    assert main(["apply", "--auto-approve"]) == 0
    Path("ecsplan.policy.yaml").write_text(POLICY[: POLICY.index("  - {name: disks")] + rule)
    Path("stack.yaml").write_text(stack.replace("env: prod", "env: dev").replace("size: 40", "size: 50"))
    assert main(["apply", "--auto-approve"]) == 3
    assert "forbidden: update on disk.db (production)" in capsys.readouterr().err


def test_a_class_that_is_none_is_refused(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    planned()
    assert main(["approve", "plan.json", "--key", key("alice"), "--class", "reboots"]) == 1
    assert "there is no class reboots" in capsys.readouterr().err
    assert main(["approve", "plan.json", "--key", "absent"]) == 3
