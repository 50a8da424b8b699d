"""The policies of a plan against the calls that its run really sends, and the command that prints them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.cli.main import main
from ecsplan.emulator.server import EmulatorServer
from ecsplan.emulator.testing import running_emulator
from tests.benchmarks.fleet import ask
from tests.kinds.cloud import Cloud

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmulatorServer]:
    with running_emulator(clock="fast") as running:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("ECSPLAN_ENDPOINT", running.url)
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "emulator")
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "emulator-secret")
        yield running


def actions(policies: list[dict[str, Any]]) -> set[str]:
    """The names of the actions, without the service."""
    found = [action for policy in policies for one in policy["Statement"] for action in one["Action"]]
    return {action.partition(":")[2] for action in found}


def documents(text: str) -> list[dict[str, Any]]:
    found, decoder = [], json.JSONDecoder()
    while text.strip():
        one, end = decoder.raw_decode(text.strip())
        found.append(one)
        text = text.strip()[end:]
    return found


@pytest.mark.parametrize("name", ["first-instance", "web-prod"])
def test_a_run_sends_nothing_that_the_policy_does_not_allow(
    name: str, server: EmulatorServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", str(EXAMPLES / name), "-o", "plan.json"]) in (0, 2)
    capsys.readouterr()
    assert main(["permissions", "plan.json"]) == 0
    allowed = actions(documents(capsys.readouterr().out))
    assert main(["apply", "plan.json"]) == 0
    sent = set(ask(server.url, "stats")["actions"])
    assert sent - allowed <= {"GetCallerIdentity", "DescribeRegions"}


CHECKED = """\
apiVersion: ecsplan/v1
stack: checked
region: cn-hangzhou
resources:
  vpc: {main: {cidr_block: 10.0.0.0/8}}
  vswitch: {app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}}
  security_group: {web: {vpc: main}}
  instance:
    web:
      count: 2
      instance_type: TYPE
      image: ubuntu_22_04_x64_20G_alibase_20260723.vhd
      vswitch: app
      security_groups: [web]
      lifecycle: {rollout: {max_unavailable: 1, check: [{assistant: true}, {command: {run: "true"}}]}}
"""


def test_what_the_checks_of_a_rollout_send_is_allowed_too(
    cloud: Cloud, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check waits for the next heartbeat of an agent, up to a minute: here by the clock of the account."""
    monkeypatch.chdir(cloud.folder)
    cloud.apply(CHECKED.replace("TYPE", "ecs.g7.large"))
    cloud.forget()
    plan = cloud.plan(CHECKED.replace("TYPE", "ecs.g7.xlarge"))
    Path("plan.json").write_text(engine.save_plan(plan))
    cloud.apply(plan)
    sent = {str(entry["action"]) for entry in cloud.service.log.calls()}
    assert {"RunCommand", "DescribeInvocationResults", "DescribeCloudAssistantStatus"} <= sent
    for asked in ("plan.json", "stack.yaml"):
        capsys.readouterr()
        assert main(["permissions", asked]) == 0
        assert sent - actions(documents(capsys.readouterr().out)) <= {"GetCallerIdentity", "DescribeRegions"}


def test_without_a_plan_it_reads_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["permissions", "--region", "cn-beijing"]) == 0
    found = actions(documents(capsys.readouterr().out))
    assert found and all(action.startswith(("Describe", "List", "Get")) for action in found)


def test_the_same_for_programs() -> None:
    (first, *_) = engine.permissions(None)
    assert first["Version"] == "1" and first["Statement"][0]["Resource"] == ["*"]


@pytest.mark.parametrize("name", ["first-instance", "web-prod"])
def test_what_a_stack_may_come_to_takes_in_every_plan_of_it(
    name: str, server: EmulatorServer, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = str(EXAMPLES / name)
    assert main(["permissions", stack]) == 0
    life = documents(capsys.readouterr().out)
    assert main(["apply", stack, "--auto-approve"]) == 0
    for arguments in (["plan", stack, "--destroy"], ["plan", stack, "--replace", "instance.web"]):
        assert main([*arguments, "-o", "plan.json"]) in (0, 1, 2)
        capsys.readouterr()
        if Path("plan.json").exists():
            assert main(["permissions", "plan.json"]) == 0
            assert actions(documents(capsys.readouterr().out)) <= actions(life)
    others = {"AllocateEipAddress", "CreateImage"} if name == "first-instance" else {"CreateImage"}
    assert not actions(life) & others
    assert all(one != "*" for policy in life for s in policy["Statement"] for one in s["Resource"]
               if "ecs:DeleteInstance" in s["Action"])  # fmt: skip


def test_what_the_key_lacks_is_told_as_far_as_dry_runs_tell(
    server: EmulatorServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", str(EXAMPLES / "first-instance"), "-o", "plan.json"]) == 0
    assert main(["permissions", "plan.json", "--check"]) == 0
    assert "the key lacks nothing of what dry runs can tell" in capsys.readouterr().err
    server.service.faults.add([{"fault": "error", "action": "vpc:CreateVpc", "code": "Forbidden.RAM", "status": 403,
                                "probability": 1.0}])  # fmt: skip
    assert main(["permissions", "plan.json", "--check"]) == 3
    err = capsys.readouterr().err
    assert "the key lacks vpc:CreateVpc" in err and "not checked: " in err
    assert main(["permissions", "--check"]) == 64
    assert main(["permissions", "nowhere"]) == 64
