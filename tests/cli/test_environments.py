"""Environments from the command line, on the emulator: each is a stack of its own, and none is taken for another."""

import sys
from pathlib import Path
from subprocess import CompletedProcess, run

import pytest

STACK = """
apiVersion: ecsplan/v1
stack: shop
region: cn-hangzhou
environments:
  dev: {}
  prod: {resources: {vpc: {main: {cidr_block: 10.1.0.0/16}}}}
resources:
  vpc: {main: {cidr_block: 10.0.0.0/16}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stack.yaml").write_text(STACK, encoding="utf-8")
    return tmp_path


def ecsplan(folder: Path, *words: str) -> "CompletedProcess[str]":
    return run([sys.executable, "-m", "ecsplan", *words], cwd=folder, capture_output=True, text=True, check=False)


def test_two_environments_live_side_by_side_and_each_ends_alone(folder: Path) -> None:
    for name in ("dev", "prod"):
        made = ecsplan(folder, "apply", "--emulator", "--auto-approve", "-e", name)
        assert made.returncode == 0, made.stderr
    for name in ("dev", "prod"):
        assert ecsplan(folder, "plan", "--emulator", "-e", name, "--detailed-exitcode").returncode == 0
    assert ecsplan(folder, "destroy", "--emulator", "--auto-approve", "-e", "dev").returncode == 0
    assert "10.1.0.0/16" in ecsplan(folder, "list", "--emulator", "-e", "prod").stdout


@pytest.mark.parametrize("command", ["plan", "apply", "drift", "list", "destroy", "start"])
def test_no_command_runs_without_one(folder: Path, command: str) -> None:
    ran = ecsplan(folder, command, "--emulator", *(["vpc.main"] if command == "start" else []))
    assert ran.returncode == 1 and "environments: dev, prod; name one: -e dev" in ran.stderr


def test_all_are_validated_where_none_is_named(folder: Path) -> None:
    assert ecsplan(folder, "validate").stdout == "shop-dev: 1 resource, no errors.\nshop-prod: 1 resource, no errors.\n"
    assert ecsplan(folder, "validate", "-e", "prod").stdout == "shop-prod: 1 resource, no errors.\n"


def test_two_are_compared(folder: Path) -> None:
    ran = ecsplan(folder, "compare", "-e", "dev", "-e", "prod")
    assert "~ vpc.main\n    ~ cidr_block: 10.0.0.0/16 → 10.1.0.0/16\n" in ran.stdout
    assert ecsplan(folder, "compare", "-e", "dev").returncode == 64


def test_a_plan_of_one_is_not_bound_to_another(folder: Path) -> None:
    assert ecsplan(folder, "plan", "--emulator", "-e", "dev", "-o", "dev.json").returncode == 0
    ran = ecsplan(folder, "apply", "--emulator", "dev.json", "--stack", ".", "-e", "prod")
    assert (ran.returncode == 3 and "shop-prod" in ran.stderr + ran.stdout) or "name in the plan" in ran.stderr
