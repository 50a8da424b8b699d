"""The smaller commands."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.cli.emulate import environment
from ecsplan.cli.folder import ignored_folder
from ecsplan.cli.init import suggested_name
from ecsplan.cli.logfile import log_line
from ecsplan.engine import schemas
from ecsplan.model.call import ApiError
from tests.cli.conftest import FakeEngine, Ran
from tests.render.plans import address, live

Run = Callable[..., Ran]
LOCK = {"holder": "ada", "expires": 1767225600.0}


def test_init_writes_a_stack_and_keeps_our_folder_out_of_git(run: Run, tmp_path: Path) -> None:
    ran = run("init", "first", "--name", "shop")

    stack = (tmp_path / "first" / "stack.yaml").read_text(encoding="utf-8")
    assert ran.status == 0
    assert stack.startswith("# yaml-language-server: $schema=ecsplan.schema.json\n")
    assert (tmp_path / "first" / "ecsplan.schema.json").exists()
    assert "stack: shop " in stack
    assert (tmp_path / "first" / ".gitignore").read_text(encoding="utf-8") == ".ecsplan/\n"


def test_init_overwrites_nothing_and_adds_to_an_ignore_file_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.log\n.ecsplan/\n", encoding="utf-8")

    assert run("init").status == 0
    assert run("init").status == 1
    assert (tmp_path / ".gitignore").read_text(encoding="utf-8") == "*.log\n.ecsplan/\n"


def test_init_refuses_a_name_that_no_stack_may_have(run: Run) -> None:
    assert run("init", "--name", "My Shop").status == 64


@pytest.mark.parametrize(("folder", "name"), [("My Shop_2", "my-shop-2"), ("2024", "first"), ("web", "web")])
def test_init_suggests_the_name_of_the_folder(folder: str, name: str) -> None:
    assert suggested_name(folder) == name


def test_list_in_each_format(run: Run, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "list_objects", lambda stack, api: ((address("vpc.a"), live("vpc.a", "vpc-1")),))

    assert "vpc.a" in run("list").out
    assert run("list", "--format", "csv").out.startswith("address,id,name")
    assert json.loads(run("list", "--json").out)["resources"][0]["id"] == "vpc-1"


def test_list_of_all_regions_passes_over_what_does_not_answer(
    run: Run, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def objects(_stack: Any, api: Any) -> Any:
        if api.region != "cn-hangzhou":
            raise ApiError("DescribeVpcs", "Forbidden", "no")
        return ((address("vpc.a"), live("vpc.a", "vpc-1")),)

    monkeypatch.setattr(engine, "list_objects", objects)

    ran = run("list", "--all-regions")

    assert ran.status == 0
    assert "1 resource." in ran.out
    assert "warning: cn-beijing was not read" in ran.err


def test_schemas_are_printed_or_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemas, "stack_schema", lambda: {"title": "stack"})
    monkeypatch.setattr(schemas, "plan_schema", lambda: {"title": "plan"})

    assert json.loads(run("schema").out) == {"title": "stack"}
    assert run("schema", "plan", "-o", "plan.schema.json").out == ""
    assert json.loads(Path("plan.schema.json").read_text(encoding="utf-8")) == {"title": "plan"}


def test_whoami_names_the_account(run: Run, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "whoami", lambda api: {"account": "1", "region": api.region})
    monkeypatch.setenv("ALIBABA_CLOUD_REGION_ID", "cn-beijing")

    assert run("whoami").out == "account  1\nregion   cn-beijing\n"
    assert json.loads(run("whoami", "--json", "--region", "cn-shanghai").out)["region"] == "cn-shanghai"


def test_unlock_says_whose_lock_it_broke(run: Run, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "unlock", lambda stack, api: LOCK if stack == "web" else None)

    assert (
        run("unlock", "web").out
        == "broke the lock of web in cn-hangzhou (holder ada, expires 2026-01-01 00:00:00 UTC).\n"
    )
    assert run("unlock", "db").out == "db is not locked in cn-hangzhou.\n"
    assert json.loads(run("unlock", "web", "--json").out)["broken"] == LOCK


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(run: Run, shell: str) -> None:
    assert "_ECSPLAN_COMPLETE" in run("completion", shell).out


def test_emulator_options_are_checked(run: Run) -> None:
    assert run("emulator", "--tls-cert", "a").status == 64
    assert run("emulator", "--latency", "slow").status == 64


def test_the_emulator_never_sees_real_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_SECURITY_TOKEN", "real")

    found = environment("http://127.0.0.1:1")

    assert "real" not in found.values()
    assert found["ALIBABA_CLOUD_ACCESS_KEY_ID"] == "emulator"


def test_our_folder_ignores_itself(tmp_path: Path) -> None:
    ignored_folder(tmp_path / ".ecsplan")
    ignored_folder(tmp_path / ".ecsplan")

    assert (tmp_path / ".ecsplan" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_the_emulator_stands_alone(run: Run, fake: FakeEngine) -> None:
    assert run("plan", "--emulator", "--endpoint", "http://127.0.0.1:1").status == 64
    assert run("plan", "--emulator", "--profile", "p").status == 64


def test_calls_are_logged_in_one_line_each(run: Run, fake: FakeEngine) -> None:
    sent = SimpleNamespace(operation="DescribeVpcs", product="vpc", region="cn-hangzhou", params={"A": "1"}, attempt=1,
                           seconds=0.12, status=200, request_id="R1", code=None)  # fmt: skip
    run("plan", "--log-file", "calls.log")

    assert 'vpc DescribeVpcs cn-hangzhou 200 0.120 s attempt 1 request R1 {"A": "1"}' in log_line(sent)
    assert Path("calls.log").exists()


def test_requests_are_told_on_the_terminal_when_asked_twice(run: Run, fake: FakeEngine) -> None:
    run("plan", "-vv")

    assert fake.asked["connect"]["log"] is not None
    run("plan")
    assert fake.asked["connect"]["log"] is None
