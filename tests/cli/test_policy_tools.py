"""A plan in Terraform's form as other programs read it: the real checkov, and the Rego of OPA and conftest.

checkov does not fit into one environment with networkx 3: `.ci/run` installs it into one of its own, and says by
ECSPLAN_CHECKOV where it is.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ecsplan.cli.main import main
from ecsplan.emulator.testing import running_emulator

CHECKOV = os.environ.get("ECSPLAN_CHECKOV") or shutil.which("checkov")
OPEN = "    open: {zone: cn-hangzhou-h, category: cloud_essd, size: 40}\n"
STACK = (
    """\
apiVersion: ecsplan/v1
stack: shop
region: cn-hangzhou
resources:
  vpc: {main: {cidr_block: 10.0.0.0/16}}
  security_group:
    web:
      vpc: main
      ingress: [{protocol: tcp, ports: 22, cidr: 0.0.0.0/0}]
  disk:
    closed: {zone: cn-hangzhou-h, category: cloud_essd, size: 40, encrypted: true, kms_key: 0d5f7a60-key}
"""
    + OPEN
)
REGO = """package main
import rego.v1
deny contains address if {
    some change in input.resource_changes
    "delete" in change.change.actions
    change.change.before.size >= 40
    address := change.address
}
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A stack that nothing of is made yet, in the current folder, and an emulator."""
    monkeypatch.chdir(tmp_path)
    Path("stack.yaml").write_text(STACK)
    with running_emulator(clock="fast") as running:
        monkeypatch.setenv("ECSPLAN_ENDPOINT", running.url)
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "emulator")
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "emulator-secret")
        yield


def verdicts(path: str) -> dict[tuple[str, str], str]:
    """What checkov says, by check and resource. An empty answer is a failure: it skips silently what it cannot read."""
    command = [str(CHECKOV), "-f", path, "--framework", "terraform_plan", "--skip-download", "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    report = json.loads(done.stdout)
    assert report["summary"]["resource_count"] > 0, done.stderr
    assert report["summary"]["parsing_errors"] == 0
    results = report["results"]
    found = {(one["check_id"], one["resource"]): "failed" for one in results["failed_checks"]}
    found |= {(one["check_id"], one["resource"]): "passed" for one in results["passed_checks"]}
    assert found
    return found


@pytest.mark.skipif(CHECKOV is None, reason="checkov is not installed (ECSPLAN_CHECKOV)")
def test_checkov_judges_disks_and_rules(shop: None) -> None:
    assert main(["plan", "--write", "terraform=plan.json"]) == 0
    found = verdicts("plan.json")
    rule = "alicloud_security_group_rule.web_ingress_tcp_22_22_0_0_0_0_0_accept_1"
    assert found["CKV_ALI_2", rule] == "failed"
    assert found["CKV_ALI_3", rule] == "passed"
    assert found["CKV_ALI_7", "alicloud_disk.open"] == "failed"
    assert found["CKV_ALI_7", "alicloud_disk.closed"] == "passed"
    assert found["CKV_ALI_8", "alicloud_disk.open"] == "failed"
    assert found["CKV_ALI_8", "alicloud_disk.closed"] == "passed"


@pytest.mark.skipif(CHECKOV is None, reason="checkov is not installed (ECSPLAN_CHECKOV)")
def test_checkov_judges_what_is_live_and_only_changed_in_part(shop: None) -> None:
    assert main(["apply", "--auto-approve"]) == 0
    Path("stack.yaml").write_text(STACK.replace("size: 40, encrypted", "size: 60, encrypted"))
    assert main(["plan", "--write", "terraform=plan.json"]) == 0
    found = verdicts("plan.json")
    assert found["CKV_ALI_7", "alicloud_disk.closed"] == "passed"
    assert found["CKV_ALI_7", "alicloud_disk.open"] == "failed"


def test_a_rule_in_rego_sees_what_a_deleted_disk_was(shop: None) -> None:
    regopy = pytest.importorskip("regopy", reason="regopy is not installed")
    assert main(["apply", "--auto-approve"]) == 0
    Path("stack.yaml").write_text(STACK.replace(OPEN, ""))
    assert main(["plan", "--write", "terraform=plan.json"]) == 0
    rego = regopy.Interpreter()
    rego.add_module("main", REGO)
    rego.set_input(json.loads(Path("plan.json").read_text()))
    assert "alicloud_disk.open" in str(rego.query("data.main.deny"))


def test_a_saved_plan_says_the_same_as_the_plan_did(shop: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["apply", "--auto-approve"]) == 0
    Path("stack.yaml").write_text(STACK.replace("size: 40", "size: 50"))
    assert main(["plan", "-o", "saved.json", "--write", "terraform=plan.json"]) == 0
    capsys.readouterr()
    assert main(["show", "saved.json", "--format", "terraform"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(Path("plan.json").read_text())
