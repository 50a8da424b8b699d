"""The tests against a real account, run against the emulator: all pass, all is written down, nothing is left."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ecsplan.emulator.server import EmulatorServer
from ecsplan.emulator.testing import running_emulator
from tests.live.account import NotSetUp, connected
from tests.live.purse import budget_of

ROOT = Path(__file__).parents[1]
KINDS = ("instance", "disk", "eni", "eip", "keypair", "securitygroup", "vswitch", "vpc", "image", "snapshot",
         "snapshotpolicy")  # fmt: skip


def run_live(
    server: EmulatorServer, folder: Path, *words: str, paths: tuple[str, ...] = ("tests/live",), **more: str
) -> subprocess.CompletedProcess[str]:
    environ = {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ALIBABA_", "PYTEST_", "ECSPLAN_"))
        },
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-secret",
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
        "ECSPLAN_ENDPOINT": server.url,
        "ECSPLAN_LIVE": "1",
        "ECSPLAN_LIVE_REGION": "cn-hangzhou",
        "ECSPLAN_LIVE_BUDGET": "10",
        "ECSPLAN_LIVE_FINDINGS": str(folder / "findings.json"),
        **more,
    }
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *paths, *words]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=140, check=False)


def left(server: EmulatorServer) -> list[str]:
    account = server.service.account
    return [f"{kind} {thing.id}" for kind in KINDS for thing in account.in_region(kind, "cn-hangzhou")]


PARTS = {
    ("test_account", "test_network", "test_disks"): 25,
    ("test_machines",): 13,
    ("test_stack",): 4,
}
"""Files that run together, and how many assumptions they look at at least."""


@pytest.mark.parametrize("part", PARTS, ids=" ".join)
def test_all_pass_and_nothing_is_left(part: tuple[str, ...], tmp_path: Path) -> None:
    with running_emulator(clock="fast") as server:
        ran = run_live(server, tmp_path, paths=tuple(f"tests/live/{name}.py" for name in part))
        assert ran.returncode == 0, ran.stdout[-3000:]
        assert left(server) == []
    found = json.loads((tmp_path / "findings.json").read_text(encoding="utf-8"))["findings"]
    assert len(found) >= PARTS[part]
    assert [row["assumption"] for row in found if row["holds"] is False] == []
    proven = json.loads((tmp_path / "live-proven.json").read_text(encoding="utf-8"))
    assert "1234567890123456" not in json.dumps((found, proven)) and "-bp1" not in json.dumps((found, proven))
    assert {operation for row in found if row["holds"] for operation in row["operations"]} == proven.keys()
    if "test_disks" in part:
        one = proven["CreateDisk"]
        assert one["case"].endswith("test_disks.py::test_a_disk_from_its_create_call_to_its_end")
        assert (one["host"], one["region"], len(one["version"])) == ("an emulator", "cn-hangzhou", 12)


def test_every_file_is_run_here() -> None:
    assert {path.stem for path in (ROOT / "tests" / "live").glob("test_*.py")} == {
        name for part in PARTS for name in part
    }


def test_what_a_killed_run_has_left_is_removed_and_nothing_else_is_touched(tmp_path: Path) -> None:
    with running_emulator(clock="fast") as server:
        call = _caller(server)
        for name in ("ecsplan-live-0dead0-vpc", "mine", "ecsplan-livestock"):
            vpc = call("CreateVpc", CidrBlock="10.0.0.0/16", VpcName=name)["VpcId"]
            call("CreateSecurityGroup", VpcId=vpc, SecurityGroupName=name)
        ran = run_live(server, tmp_path, "-k", "nothing_of_this_name or doctor")
        assert ran.returncode == 0, ran.stdout[-3000:]
        names = [thing["VpcName"] for thing in server.service.account.in_region("vpc", "cn-hangzhou")]
        assert sorted(names) == ["ecsplan-livestock", "mine"]


KEYS = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-secret"}


def test_a_real_account_needs_a_region_and_a_profile() -> None:
    with pytest.raises(NotSetUp, match="ECSPLAN_LIVE_REGION"):
        connected(KEYS)
    with pytest.raises(NotSetUp, match="ECSPLAN_LIVE_PROFILE"):
        connected({**KEYS, "ECSPLAN_LIVE_REGION": "cn-hangzhou"})


@pytest.mark.parametrize("text", [None, "", "much", "0", "-1", "1e9", "nan"])
def test_a_run_needs_a_budget(text: str | None) -> None:
    with pytest.raises(NotSetUp, match="ECSPLAN_LIVE_BUDGET"):
        budget_of(text)


def test_without_a_budget_nothing_is_sent(tmp_path: Path) -> None:
    with running_emulator(clock="fast") as server:
        ran = run_live(server, tmp_path, paths=("tests/live/test_account.py",), ECSPLAN_LIVE_BUDGET="")
        assert ran.returncode == 2 and "ECSPLAN_LIVE_BUDGET" in ran.stdout + ran.stderr
        assert server.service.log.stats()["total"] == 0


def test_a_budget_that_is_too_small_buys_nothing(tmp_path: Path) -> None:
    with running_emulator(clock="fast") as server:
        ran = run_live(server, tmp_path, "-k", "disk_from", ECSPLAN_LIVE_BUDGET="0.000001")
        assert ran.returncode == 1 and "beyond the budget" in ran.stdout
        assert "CreateDisk" not in server.service.log.stats()["actions"]


def _caller(server: EmulatorServer) -> Any:
    from ecsplan import engine
    from ecsplan.model.call import Product, Request

    client = engine.connect("cn-hangzhou", endpoint=server.url, environ=KEYS)

    def call(operation: str, **params: Any) -> Any:
        product = Product.VPC if operation.endswith("Vpc") else Product.ECS
        return client.send(Request(operation, params, product, write=True))

    return call
