"""`ecsplan comment` from a saved plan, against a site that answers like GitHub."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.forge.fake import TOKEN, Fake, serving

STACK = """
apiVersion: ecsplan/v1
stack: shop
region: cn-hangzhou
resources:
  vpc: {main: {cidr_block: 10.0.0.0/16}}
"""
SHA = "a" * 40
ENVIRON = {"PATH": "/usr/bin:/bin", "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true", "LC_ALL": "C.UTF-8"}


class Runner:
    def __init__(self, folder: Path, fake: Fake) -> None:
        self.folder, self.fake = folder, fake

    def __call__(self, *words: str, token: str = TOKEN) -> "subprocess.CompletedProcess[str]":
        environ = {**ENVIRON, "HOME": str(self.folder), **({"GITHUB_TOKEN": token} if token else {})}
        command = [sys.executable, "-m", "ecsplan", *words]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, env=environ)

    def plan(self, text: str = STACK, name: str = "plan.json") -> None:
        (self.folder / "stack.yaml").write_text(text, encoding="utf-8")
        ran = self("plan", "--emulator", "-o", name)
        assert ran.returncode == 0, ran.stderr

    def comment(self, *words: str, token: str = TOKEN) -> "subprocess.CompletedProcess[str]":
        where = ("--forge", "github", "--api", self.fake.url, "--repo", "o/r", "--change", "7", "--sha", SHA)
        return self("comment", *words, *where, token=token)


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    with serving("github") as fake:
        yield Runner(tmp_path, fake)


def test_the_comment_of_a_stack_is_kept_up_to_date(runner: Runner) -> None:
    runner.plan()
    assert "posted" in runner.comment("plan.json").stderr
    assert "up to date" in runner.comment("plan.json").stderr
    runner.plan(STACK + "  vswitch: {app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}}\n")
    assert "updated" in runner.comment("plan.json").stderr
    ((_, _, body),) = runner.fake.comments
    assert "**Since the last push:** 1 new (vswitch.app)" in body and "vpc.main" in body
    assert [status["state"] for status in runner.fake.statuses] == ["success"] * 3
    assert runner.fake.statuses[0]["context"] == "ecsplan/plan (shop@cn-hangzhou)"


def test_two_stacks_have_a_comment_each(runner: Runner) -> None:
    runner.plan()
    runner.plan(STACK.replace("shop", "other"), "other.json")
    for name in ("plan.json", "other.json", "plan.json"):
        assert runner.comment(name).returncode == 0
    assert len(runner.fake.comments) == 2


def test_errors_take_the_place_of_the_plan_and_fail_the_check(runner: Runner) -> None:
    runner.plan()
    runner.comment("plan.json")
    (runner.folder / "errors.txt").write_text(
        "stack.yaml:3:9: error: <img src=x> ``` is odd\n/merge\n", encoding="utf-8"
    )
    ran = runner.comment("--problems", "errors.txt", "--of", "shop", "--region", "cn-hangzhou")
    assert ran.returncode == 0, ran.stderr
    ((_, _, body),) = runner.fake.comments
    assert "**There is no plan.**" in body and "````````text" in body
    assert runner.fake.statuses[-1]["state"] == "failure"
    assert not any(line.startswith("/") for line in body.split("```")[0].splitlines())


@pytest.mark.parametrize(("then", "state"), [("forbid", "failure"), ("allow", "success")])
def test_a_policy_decides_about_the_check(runner: Runner, then: str, state: str) -> None:
    (runner.folder / "ecsplan.policy.yaml").write_text(
        f"apiVersion: ecsplan/v1\nkind: Policy\nrules:\n  - {{name: all, classes: [create], then: {then}}}\n",
        encoding="utf-8",
    )
    runner.plan()
    ran = runner.comment("plan.json")
    assert ran.returncode == 0, ran.stderr
    assert runner.fake.statuses[-1]["state"] == state
    assert ("**Policy:**" in runner.fake.comments[0][2]) == (then == "forbid")


def test_a_dry_run_prints_and_sends_nothing(runner: Runner) -> None:
    runner.plan()
    ran = runner.comment("plan.json", "--dry-run", "--link", "https://ci.example/plan.html", token="")
    assert "vpc.main" in ran.stdout and "[The whole change set](https://ci.example/plan.html)" in ran.stdout
    assert not runner.fake.calls


@pytest.mark.parametrize(
    ("words", "token", "told"),
    [
        (("plan.json",), "", "set ECSPLAN_FORGE_TOKEN or GITHUB_TOKEN or GH_TOKEN"),
        (("plan.json",), "a\nb", "characters that no token has"),
        (("plan.json", "--change", "x"), TOKEN, "give --change"),
        ((), TOKEN, "give a PLANFILE, or --problems FILE"),
        (("--problems", "none"), TOKEN, "needs --of STACK and --region REGION"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_sent(
    runner: Runner, words: tuple[str, ...], token: str, told: str
) -> None:
    runner.plan()
    change = () if "--change" in words else ("--change", "7")
    ran = runner(
        "comment", *words, "--forge", "github", "--api", runner.fake.url, "--repo", "o/r", *change, token=token
    )
    assert ran.returncode == 64 and told in ran.stderr, ran.stderr
    assert not runner.fake.calls


def test_a_refusal_of_the_site_is_told_without_the_token(runner: Runner) -> None:
    runner.plan()
    ran = runner.comment("plan.json", token="wrong-token")
    assert ran.returncode == 1 and "github: GET" in ran.stderr and "401" in ran.stderr
    assert "wrong-token" not in ran.stderr + ran.stdout
