"""`ecsplan stacks` and `list --stack`: what lives, whether a folder declares it or not."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAD = "apiVersion: ecsplan/v1\nstack: {}\nregion: cn-hangzhou\nresources:\n  vpc: {{main: {{cidr_block: {}}}}}\n"


def ecsplan(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "ecsplan", *words, "--emulator"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two stacks that live; the folder of one of them is gone. A third one is only declared."""
    for name, block in (("net", "10.0.0.0/16"), ("lost", "10.1.0.0/16"), ("new", "10.2.0.0/16")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "stack.yaml").write_text(HEAD.format(name, block), encoding="utf-8")
        if name != "new":
            made = ecsplan(tmp_path, "apply", name, "--auto-approve", "--allow", f"stack.{name}")
            assert made.returncode == 0, made.stderr
    (tmp_path / "lost" / "stack.yaml").unlink()
    return tmp_path


def test_what_lives_and_what_is_declared_are_told_side_by_side(repository: Path) -> None:
    lines = {line.split()[0]: line for line in ecsplan(repository, "stacks").stdout.splitlines() if line}
    assert "1 vpc" in lines["lost"] and "no folder here declares it" in lines["lost"]
    assert "1 vpc" in lines["net"] and lines["net"].endswith("net")
    assert "nothing" in lines["new"] and lines["new"].endswith("new")
    found = json.loads(ecsplan(repository, "stacks", "--json").stdout)["stacks"]
    assert {one["stack"]: (one["live"], one["folders"]) for one in found} == {
        "lost": (1, []), "net": (1, ["net"]), "new": (0, ["new"])
    }  # fmt: skip


def test_offline_the_folders_alone_are_told_and_no_credentials_are_needed(repository: Path) -> None:
    command = [sys.executable, "-m", "ecsplan", "stacks", "--offline"]
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(repository), "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
    ran = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True, env=environ)
    rows = [line.split(maxsplit=2) for line in ran.stdout.splitlines()]
    assert rows[1:3] == [["net", "cn-hangzhou", "not asked  net"], ["new", "cn-hangzhou", "not asked  new"]]
    told = subprocess.run([*command, "--json"], cwd=repository, capture_output=True, text=True, check=True, env=environ)
    assert {one["live"] for one in json.loads(told.stdout)["stacks"]} == {None}


def test_a_region_is_looked_at_alone(repository: Path) -> None:
    told = ecsplan(repository, "stacks", "--region", "cn-beijing").stdout
    assert "net" not in told


def test_a_stack_that_no_folder_declares_can_be_listed(repository: Path) -> None:
    told = ecsplan(repository, "list", "--stack", "lost", "--region", "cn-hangzhou").stdout
    assert "vpc.main" in told and "vpc-" in told
    assert ecsplan(repository, "list", "--stack", "Lost!", "--region", "cn-hangzhou").returncode == 64
