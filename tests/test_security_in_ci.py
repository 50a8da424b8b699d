"""The commands of docs/security-in-ci.md, run against pull requests that mean harm, and against one that does not."""

import fnmatch
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ecsplan.emulator.credentials import Credential
from ecsplan.emulator.server import EmulatorServer
from ecsplan.emulator.testing import running_emulator
from ecsplan.model.unseen import is_printable

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "security-in-ci.md").read_text(encoding="utf-8")
SECRET = "Canary-5c1d7e-of-the-runner"
ALL_BUT_DESCRIBE = ("[!D]*", "D[!e]*", "De[!s]*", "Des[!c]*")
GOOD = """\
apiVersion: ecsplan/v1
stack: web
region: cn-hangzhou
resources:
  vpc: {main: {cidr_block: 10.0.0.0/16}}
"""
MACHINE = """\
  vswitch: {app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}}
  security_group: {web: {vpc: main}}
  instance:
    web:
      instance_type: ecs.g7.large
      image: {family: "acs:ubuntu_22_04_x64"}
      vswitch: app
      security_groups: [web]
"""


def block(name: str, language: str) -> str:
    found = re.findall(rf"<!-- {name} -->\n```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert len(found) == 1
    return str(found[0])


@pytest.fixture
def emulator() -> Iterator[EmulatorServer]:
    with running_emulator(clock="fast") as server:
        deny = tuple(f"{product}:{pattern}" for product in ("ecs", "vpc") for pattern in ALL_BUT_DESCRIBE)
        server.service.credentials.put(Credential("reader", "reader-secret", deny=deny))
        yield server


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    (folder / "stacks" / "web").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


def carried_out(
    script: str, emulator: EmulatorServer, folder: Path, key: str, **more: str
) -> subprocess.CompletedProcess[str]:
    """As a runner would: the `ecsplan` of this checkout, a key, and a secret that is none of the stack's business."""
    tools = folder / "tools"
    tools.mkdir()
    command = tools / "ecsplan"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -P -c "{START}" "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    (folder / "secret").write_text(f"token: {SECRET}\n", encoding="utf-8")
    environ = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "DEPLOY_TOKEN": SECRET,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": key,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": f"{key}-secret",
        "ECSPLAN_ENDPOINT": emulator.url,
        **more,
    }
    whole = ["bash", "-c", script]
    return subprocess.run(whole, cwd=folder, env=environ, text=True, capture_output=True, timeout=120)


START = "import sys; from ecsplan.cli.main import main; sys.exit(main())"


def reads_the_environment(checkout: Path) -> str:
    return GOOD + MACHINE + "      user_data: {file: /proc/self/environ}\n"


def reads_another_file(checkout: Path) -> str:
    return GOOD + MACHINE + "      user_data: {file: ../../../secret}\n"


def links_to_another_file(checkout: Path) -> str:
    (checkout / "stacks" / "web" / "more.yaml").symlink_to(checkout.parent / "secret")
    return GOOD


def asks_a_template(checkout: Path) -> str:
    return GOOD + MACHINE + '      user_data: {template: "../../../secret"}\n'


def asks_for_the_variable(checkout: Path) -> str:
    """Planned: the variable is named and not read."""
    return GOOD + MACHINE + "      password: {env: DEPLOY_TOKEN, version: 1}\n"


def computes_with_the_variable(checkout: Path) -> str:
    """Refused: it is secret wherever it goes, and a description is shown."""
    return (
        GOOD
        + MACHINE
        + '      password: {env: DEPLOY_TOKEN, version: 1}\n      description: "${instance.web.password}"\n'
    )


def chooses_a_host(checkout: Path) -> str:
    return GOOD.replace("cn-hangzhou", '"x@127.0.0.1:1/"')


def plants_modules(checkout: Path) -> str:
    for folder in (checkout, checkout / "stacks" / "web"):
        for name in ("yaml.py", "requests.py", "sitecustomize.py", "ecsplan.py", "click.py"):
            (folder / name).write_text("import os; open(os.environ['HOME'] + '/owned', 'w')\n", encoding="utf-8")
    return GOOD


def plants_a_journal(checkout: Path) -> str:
    for folder in (checkout, checkout / "stacks" / "web"):
        journal = folder / ".ecsplan" / "journal" / "web-1.jsonl"
        journal.parent.mkdir(parents=True)
        start = {"start": {"stack": "web", "region": "cn-hangzhou", "holder": "", "operation": "apply", "at": 1}}
        intent = {
            "intent": {"number": 1, "operation": "RunInstances", "token": "t", "creates": ["vpc.main"], "params": {}}
        }
        journal.write_text(f"{json.dumps(start)}\n{json.dumps(intent)}\n", encoding="utf-8")
    return GOOD


def commands_the_runner(checkout: Path) -> str:
    evil = "x\\n::stop-commands::x\\n````````````````\\n<img src=http://evil.example/x> @everyone\\e[2J\\u202e"
    return GOOD.replace("/16}", f'/16, description: "{evil}"}}')


def commands_the_runner_by_a_key(checkout: Path) -> str:
    return GOOD + '  "\\n::add-mask::x": {}\n'


def grows(checkout: Path) -> str:
    return GOOD + "  eip:\n" + "".join(f"    e{n}: {{bandwidth: 5, count: 100000}}\n" for n in range(100))


HOSTILE = [
    reads_the_environment, reads_another_file, links_to_another_file, asks_a_template, asks_for_the_variable,
    computes_with_the_variable, chooses_a_host, plants_modules, plants_a_journal, commands_the_runner,
    commands_the_runner_by_a_key, grows,
]  # fmt: skip
PLANNED = (asks_for_the_variable, plants_modules, plants_a_journal, commands_the_runner)


@pytest.mark.door("pull requests")
@pytest.mark.parametrize("attack", HOSTILE, ids=lambda attack: attack.__name__)
def test_a_hostile_pull_request_gets_a_comment_and_nothing_else(
    attack: Callable[[Path], str], emulator: EmulatorServer, checkout: Path, tmp_path: Path
) -> None:
    text = attack(checkout)
    (checkout / "stacks" / "web" / "stack.yaml").write_text(text, encoding="utf-8")
    before = sorted(path for path in checkout.rglob("*") if ".git" not in path.parts)
    out = tmp_path / "out"
    out.mkdir()
    ran = carried_out(
        block("not run: plan of a pull request", "sh"), emulator, tmp_path, "reader", PR=str(checkout), OUT=str(out)
    )
    comment = (out / "comment.md").read_text(encoding="utf-8")
    assert ran.returncode == (0 if attack in PLANNED else 1), ran.stderr + comment
    told = ran.stdout + ran.stderr + "".join(path.read_text(encoding="utf-8") for path in out.iterdir())
    assert SECRET not in told
    assert "Traceback" not in told
    assert is_printable(comment) and is_printable(ran.stdout + ran.stderr)
    assert len(comment) <= 65_536
    assert "<img" not in re.sub(r"^(`{8,})\w*\n.*?^\1$", "", comment, flags=re.DOTALL | re.MULTILINE)
    assert not (tmp_path / "owned").exists()
    assert [call["action"] for call in emulator.service.log.calls() if is_write(call["action"])] == []
    assert sorted(path for path in checkout.rglob("*") if ".git" not in path.parts) == before


def is_write(action: str) -> bool:
    return not action.startswith(("Describe", "GetCallerIdentity"))


def test_an_honest_one_is_planned_with_a_key_that_can_only_read(
    emulator: EmulatorServer, checkout: Path, tmp_path: Path
) -> None:
    (checkout / "stacks" / "web" / "stack.yaml").write_text(GOOD + MACHINE, encoding="utf-8")
    ran = carried_out(
        block("not run: plan of a pull request", "sh"),
        emulator,
        tmp_path,
        "reader",
        PR=str(checkout),
        OUT=str(tmp_path),
    )
    assert ran.returncode == 0, ran.stderr
    comment = (tmp_path / "comment.md").read_text(encoding="utf-8")
    assert "4 to create" in comment
    allowed = json.loads(block("read-only policy", "json"))["Statement"][0]["Action"]
    called = {call["action"] for call in emulator.service.log.calls()} - {"GetCallerIdentity"}
    assert called
    for action in called:
        assert any(fnmatch.fnmatch(f"ecs:{action}", pattern) for pattern in allowed)


def test_the_base_branch_is_applied_by_a_plan_that_is_bound_to_it(
    emulator: EmulatorServer, checkout: Path, tmp_path: Path
) -> None:
    stack = checkout / "stacks" / "web" / "stack.yaml"
    stack.write_text(GOOD, encoding="utf-8")
    script = block("not run: apply on the base branch", "sh")
    ran = carried_out(script, emulator, tmp_path, "emulator", BASE=str(checkout), OUT=str(tmp_path))
    assert ran.returncode == 0, ran.stderr
    assert "Done: " in ran.stdout
    stack.write_text(GOOD.replace("10.0.0.0/16", "10.0.0.0/8"), encoding="utf-8")
    (tmp_path / "tools" / "ecsplan").unlink()
    (tmp_path / "tools").rmdir()
    ran = carried_out(
        script.replace('ecsplan plan "$BASE/stacks/web" -o "$OUT/plan.json"\n', ""),
        emulator, tmp_path, "emulator", BASE=str(checkout), OUT=str(tmp_path),
    )  # fmt: skip
    assert ran.returncode == 3
    assert "cidr_block in the plan is not that of" in ran.stderr


def test_every_workflow_of_the_page_keeps_its_own_rules() -> None:
    import yaml

    workflows = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
    assert workflows
    for workflow in workflows:
        assert True not in workflow or workflow[True] == "pull_request"  # `on` is a boolean to YAML 1.1
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                assert "${{" not in step.get("run", "")
                if "checkout" in step.get("uses", ""):
                    assert step["with"]["persist-credentials"] is False
