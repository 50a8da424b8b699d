"""`ecsplan import` as a person types it: what is written where, exit statuses, and what it refuses."""

import json
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
import yaml

from ecsplan.cli.main import main
from ecsplan.emulator.testing import running_emulator
from ecsplan.render.migration import migration_markdown
from tests.docs.pages import ROOT
from tests.support.tfstate import block, one, state

EXAMPLE = ROOT / "examples" / "from-terraform"
STATE = str(EXAMPLE / "terraform.tfstate")


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The account of the example, and an empty folder to work in."""
    import requests

    monkeypatch.chdir(tmp_path)
    with running_emulator(clock="fast") as server:
        monkeypatch.setenv("ECSPLAN_ENDPOINT", server.url)
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "emulator")
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "emulator-secret")
        monkeypatch.setenv("ALIBABA_CLOUD_REGION_ID", "cn-hangzhou")
        world = (EXAMPLE / "account.json").read_bytes()
        requests.put(f"{server.url}/_emulator/state", world, headers={"x-ecsplan-emulator": "1"}).raise_for_status()
        yield tmp_path


def test_a_folder_with_the_file_the_report_and_the_hand_over(account: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "terraform", STATE, "--stack", "shop", "-o", "shop"]) == 4

    names = sorted(path.relative_to(account).as_posix() for path in account.rglob("*") if path.is_file())
    assert names == ["shop/back/imports.tf", "shop/removed.tf", "shop/report.md", "shop/stack.yaml"]
    told = capsys.readouterr()
    assert "9 brought over, 4 folded, 1 left; its plan shows adoptions only." in told.out
    assert "next: ecsplan plan shop" in told.err
    assert main(["apply", "shop", "--auto-approve"]) == 0
    assert main(["plan", "shop", "--detailed-exitcode"]) == 0
    everything = "".join(path.read_text(encoding="utf-8") for path in (account / "shop").rglob("*.*"))
    assert "Not-in-Git" not in everything + told.out + told.err


def test_the_hand_over_is_hcl_that_names_every_block_and_every_object(account: Path) -> None:
    hcl2 = pytest.importorskip("hcl2")
    main(["import", "terraform", STATE, "--stack", "shop", "-o", "shop"])

    removed = hcl2.loads((account / "shop/removed.tf").read_text())["removed"]
    assert [entry["from"] for entry in removed] == [
        "${alicloud_ecs_disk.data}", "${alicloud_ecs_disk_attachment.data}", "${alicloud_eip_address.front}",
        "${alicloud_eip_association.front}", "${alicloud_instance.web}", "${alicloud_nat_gateway.out}",
        "${alicloud_security_group.web}",
        "${alicloud_security_group_rule.https}", "${alicloud_vpc.main}", "${alicloud_vswitch.app}",
    ]  # fmt: skip
    assert all(entry["lifecycle"][0]["destroy"] is False for entry in removed)
    back = hcl2.loads((account / "shop/back/imports.tf").read_text())["import"]
    assert len(back) == 13


def test_json_holds_the_files_where_none_is_written(account: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "terraform", STATE, "--stack", "shop", "--json"]) == 4

    found = json.loads(capsys.readouterr().out)
    assert found["format"] == "ecsplan-migration/v1"
    assert found["is_proven"] and not found["is_complete"]
    assert {"address": "alicloud_vpc.main", "type": "alicloud_vpc", "id": "vpc-bp16vcm93r5ebodgftfda",
            "fate": "brought over", "to": "vpc.main", "why": None} in found["objects"]  # fmt: skip
    assert yaml.safe_load(found["files"]["stack.yaml"])["stack"] == "shop"


def test_a_state_comes_through_a_pipe_too(
    account: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = state(block("alicloud_vpc", "main", one("vpc-bp16vcm93r5ebodgftfda")))
    monkeypatch.setattr(sys, "stdin", StringIO(json.dumps(written)))

    assert main(["import", "terraform", "-", "--stack", "shop"]) == 0

    told = capsys.readouterr()
    assert yaml.safe_load(told.out)["resources"]["vpc"]["main"]["cidr_block"] == "10.0.0.0/16"
    assert "1 brought over, 0 folded, 0 left" in told.err


def test_a_folder_of_somebody_is_not_overwritten(account: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (account / "shop").mkdir()
    (account / "shop/stack.yaml").write_text("mine")

    assert main(["import", "terraform", STATE, "--stack", "shop", "-o", "shop"]) == 1
    assert (account / "shop/stack.yaml").read_text() == "mine"
    assert "exists already: choose another folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("[]", "an object is needed, and this is a list"),
        ('{"version": 3}', "version 3 of the format"),
    ],
)
def test_what_is_no_state_is_told_with_the_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    (tmp_path / "x.tfstate").write_text(text)
    assert main(["import", "terraform", str(tmp_path / "x.tfstate"), "--offline"]) == 1
    assert words in capsys.readouterr().err


def test_offline_needs_no_account(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "terraform", STATE, "--offline", "--stack", "shop", "-o", str(tmp_path / "shop")]) == 4
    told = capsys.readouterr().out
    assert "not proven: made without an account" in told
    assert main(["validate", str(tmp_path / "shop")]) == 0


def test_markdown_keeps_what_is_code(account: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "terraform", STATE, "--stack", "shop", "-o", "shop", "--format", "markdown"]) == 4
    told = capsys.readouterr().out
    assert told.startswith("# From Terraform to ecsplan: shop\n")
    assert "- `terraform state rm 'alicloud_instance.web'`\n" in told
    assert callable(migration_markdown)


def test_what_was_brought_over_can_leave_again(account: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["import", "terraform", STATE, "--stack", "shop", "-o", "shop"])
    main(["apply", "shop", "--auto-approve"])
    capsys.readouterr()

    assert main(["export", "shop", "--to", "terraform", "-o", "main.tf"]) == 0

    assert "15 imports of shop" in capsys.readouterr().err
    assert "to = alicloud_instance.web[1]" in (account / "main.tf").read_text()
    assert main(["export", "shop", "--to", "terraform", "--kind", "vpc"]) == 64
    assert main(["export", "shop"]) == 64
