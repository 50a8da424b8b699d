"""A large stack: the cloud is read while the rest of its files is, and a fault of these comes first all the same."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ecsplan import engine
from ecsplan.config.stack_reader import LARGE
from ecsplan.model.diagnostic import Rejected
from tests.cli.conftest import Ran

Run = Callable[..., Ran]
STACK = """\
apiVersion: ecsplan/v1
stack: many
region: cn-hangzhou
resources:
  vpc:
    main: {{count: {count}, cidr_block: {cidr}}}
"""


def write(count: int, cidr: str = "10.0.0.0/8") -> None:
    Path("stack.yaml").write_text(STACK.format(count=count, cidr=cidr), encoding="utf-8")


def told(count: int, cidr: str = "10.0.0.0/8") -> list[str]:
    write(count, cidr)
    regions: list[str] = []
    try:
        engine.load(when_large=regions.append)
    except Rejected:
        regions.append("rejected")
    return regions


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_region_of_a_large_stack_is_told_early() -> None:
    assert told(LARGE) == ["cn-hangzhou"]
    assert told(LARGE - 1) == []
    assert told(LARGE, '"${index}"') == ["cn-hangzhou", "rejected"]


def test_not_that_of_one_that_was_found_wrong_by_then() -> None:
    write(LARGE)
    Path("stack.yaml").write_text(Path("stack.yaml").read_text("utf-8") + "  vcp: {}\n", encoding="utf-8")
    regions: list[str] = []
    with pytest.raises(Rejected):
        engine.load(when_large=regions.append)
    assert regions == []


def test_a_plan_is_the_same_and_counts_its_calls(run: Run) -> None:
    write(LARGE)
    large = run("plan", "--emulator")
    write(2)
    small = run("plan", "--emulator")
    assert (large.status, small.status) == (0, 0)
    assert f"{LARGE:,} to create" in large.out
    assert "read in 23 calls" in large.out and "read in 23 calls" in small.out


def test_a_fault_that_is_found_later_is_told_alone(run: Run) -> None:
    write(LARGE, '"${index}"')
    ran = run("plan", "--emulator")
    assert ran.status == 1
    assert "stack.yaml:6" in ran.err and "is not an IPv4 CIDR block" in ran.err


def test_a_fault_of_the_file_comes_before_that_of_the_key(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"):
        monkeypatch.delenv(name, raising=False)
    write(LARGE, '"${index}"')
    assert "is not an IPv4 CIDR block" in run("plan").err
    write(LARGE)
    ran = run("plan")
    assert ran.status == 1 and "ALIBABA_CLOUD_ACCESS_KEY_ID" in ran.err


@pytest.mark.parametrize("count", [LARGE, 2])
def test_a_fault_is_told_though_the_service_does_not_answer(count: int) -> None:
    """A service that takes the call and is silent is waited for much longer than this."""
    write(count, '"${index}"')
    environ = {**os.environ, "ALIBABA_CLOUD_ACCESS_KEY_ID": "key", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "hunter2"}
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        command = [sys.executable, "-m", "ecsplan", "plan", "--endpoint", endpoint]
        ran = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=45)
    assert ran.returncode == 1
    assert "is not an IPv4 CIDR block" in ran.stderr and "Traceback" not in ran.stderr
