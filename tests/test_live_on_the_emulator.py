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

ROOT = Path(__file__).parents[1]
KINDS = ("instance", "disk", "eni", "eip", "keypair", "securitygroup", "vswitch", "vpc", "image", "snapshot",
         "snapshotpolicy")  # fmt: skip


def run_live(server: EmulatorServer, folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
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
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "tests/live", *words]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=140, check=False)


def left(server: EmulatorServer) -> list[str]:
    account = server.service.account
    return [f"{kind} {thing.id}" for kind in KINDS for thing in account.in_region(kind, "cn-hangzhou")]


def test_all_pass_and_nothing_is_left(tmp_path: Path) -> None:
    with running_emulator(clock="fast") as server:
        ran = run_live(server, tmp_path)
        assert ran.returncode == 0, ran.stdout[-3000:]
        assert left(server) == []
    found = json.loads((tmp_path / "findings.json").read_text(encoding="utf-8"))["findings"]
    assert len(found) >= 35
    assert [row["assumption"] for row in found if row["holds"] is False] == []
    assert "1234567890123456" not in json.dumps(found) and "-bp1" not in json.dumps(found)


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


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ({"ECSPLAN_LIVE_BUDGET": ""}, "ECSPLAN_LIVE_BUDGET"),
        ({"ECSPLAN_LIVE_REGION": ""}, "ECSPLAN_LIVE_REGION"),
        ({"ECSPLAN_ENDPOINT": ""}, "ECSPLAN_LIVE_PROFILE"),
    ],
)
def test_without_a_budget_a_region_and_a_profile_nothing_is_sent(
    missing: dict[str, str], told: str, tmp_path: Path
) -> None:
    with running_emulator(clock="fast") as server:
        ran = run_live(server, tmp_path, "-k", "doctor", **missing)
        assert ran.returncode == 2 and told in ran.stdout + ran.stderr
        assert server.service.log.stats()["total"] == 0


def test_a_budget_that_is_too_small_buys_nothing(tmp_path: Path) -> None:
    with running_emulator(clock="fast") as server:
        ran = run_live(server, tmp_path, "-k", "disk_from", ECSPLAN_LIVE_BUDGET="0.000001")
        assert ran.returncode == 1 and "beyond the budget" in ran.stdout
        assert "CreateDisk" not in server.service.log.stats()["actions"]


def _caller(server: EmulatorServer) -> Any:
    from ecsplan import engine
    from ecsplan.model.call import Product, Request

    keys = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-secret"}
    client = engine.connect("cn-hangzhou", endpoint=server.url, environ=keys)

    def call(operation: str, **params: Any) -> Any:
        product = Product.VPC if operation.endswith("Vpc") else Product.ECS
        return client.send(Request(operation, params, product, write=True))

    return call
