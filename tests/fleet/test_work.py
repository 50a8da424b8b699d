"""What a worker does with a piece of work that was handed out twice."""

import pickle
from pathlib import Path
from typing import NoReturn

import pytest

from ecsplan import engine
from ecsplan.cli.main import main
from ecsplan.emulator.testing import running_emulator
from ecsplan.engine.runs import find_run, recent_runs
from ecsplan.fleet.order import DONE, ERROR, LOST, MOVED, PLANNED, REFUSED, FleetWork
from ecsplan.fleet.work import STORE_OF, StackOrder, home, work
from ecsplan.model.call import ShortRead
from ecsplan.model.copying import replace
from tests.fleet.cluster import KEYS, things, write_stacks


def test_a_second_execution_of_the_same_work_does_nothing(tmp_path: Path) -> None:
    write_stacks(tmp_path, 1, 1)
    order = StackOrder("run", str(tmp_path / "shared"), {}, endpoint="http://127.0.0.1:1")
    task = FleetWork(str(tmp_path / "stacks" / "s000"), "plan", 0)
    assert work(order, task).outcome == ERROR  # nothing answers there
    assert work(order, task).outcome == LOST


def test_a_plan_that_was_exchanged_is_not_applied(tmp_path: Path) -> None:
    write_stacks(tmp_path, 1, 1)
    path = str(tmp_path / "stacks" / "s000")
    order = StackOrder(
        "run", str(tmp_path / "shared"), {}, endpoint="http://127.0.0.1:1", applying=engine.ApplyOptions()
    )
    home(order, path).mkdir(parents=True, mode=0o700)
    (home(order, path) / "plan.json").write_text("{}", encoding="utf-8")
    assert work(order, FleetWork(path, "apply", 1, "sha256:1")).outcome in (ERROR, REFUSED)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("keys")
def test_what_was_asked_holds_on_every_machine_and_the_run_is_recorded(tmp_path: Path) -> None:
    write_stacks(tmp_path, 1, 3)
    path, shared = str(tmp_path / "stacks" / "s000"), str(tmp_path / "shared")
    with running_emulator(clock="fast") as server:
        left = engine.PlanOptions(excludes=("security_group.g0x1",))
        order = StackOrder("one", shared, {}, left, engine.ApplyOptions(environ={}), endpoint=server.url)
        denied = replace(order, run="two", applying=engine.ApplyOptions(deny=("create",), environ={}))
        assert work(pickle.loads(pickle.dumps(denied)), FleetWork(path, "plan", 0)).outcome == REFUSED
        planned = work(order, FleetWork(path, "plan", 0))
        assert planned.outcome == PLANNED, planned.text
        applied = work(order, FleetWork(path, "apply", 1, planned.digest))
        assert applied.outcome == DONE, applied.text
        made = sorted(thing["kind"] for thing in things(server.url) if thing["kind"] in ("vpc", "securitygroup"))
    assert made == ["securitygroup", "vpc"]
    (run,) = recent_runs("", state_dir=shared)
    assert run.stack == "s000" and find_run("", "last", state_dir=shared).steps


@pytest.mark.usefixtures("keys")
def test_a_list_that_kept_changing_is_no_error_of_the_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def moving(*_given: object) -> NoReturn:
        raise ShortRead("DescribeVpcs", "the list kept changing while it was read", [])

    monkeypatch.setattr(engine, "plan", moving)
    write_stacks(tmp_path, 1, 1)
    order = StackOrder("run", str(tmp_path / "shared"), {}, endpoint="http://127.0.0.1:1")
    done = work(order, FleetWork(str(tmp_path / "stacks" / "s000"), "plan", 0))
    assert done.outcome == MOVED and "kept changing" in done.text


@pytest.mark.usefixtures("keys")
def test_a_store_with_a_password_is_that_of_the_environment_of_each_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(STORE_OF, raising=False)
    write_stacks(tmp_path, 1, 1)
    order = StackOrder("run", str(tmp_path / "shared"), {}, store=STORE_OF, endpoint="http://127.0.0.1:1")
    done = work(order, FleetWork(str(tmp_path / "stacks" / "s000"), "plan", 0))
    assert done.outcome == ERROR and "set ECSPLAN_STORE on the machine of this worker" in done.text


@pytest.mark.parametrize(
    "words",
    [("drift", "--issue"), ("plan", "-o", "plan.json"), ("apply", "--auto-approve", "--no-lock"),
     ("apply", "--policy", "p.yaml"), ("plan", "--json"), ("drift", "--pull-request")],
    ids=lambda words: " ".join(words),
)  # fmt: skip
def test_an_option_that_workers_do_not_take_is_refused(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_stacks(tmp_path, 1, 1)
    command, *more = words
    assert main([command, "--all", str(tmp_path), "--on", "dask://127.0.0.1:1", *more]) == 64
    assert "--on does not take --" in capsys.readouterr().err
