"""What a worker does with a piece of work that was handed out twice."""

from pathlib import Path

from ecsplan.fleet.order import ERROR, LOST, REFUSED, FleetWork
from ecsplan.fleet.work import StackOrder, home, work
from tests.fleet.cluster import write_stacks


def test_a_second_execution_of_the_same_work_does_nothing(tmp_path: Path) -> None:
    write_stacks(tmp_path, 1, 1)
    order = StackOrder("run", str(tmp_path / "shared"), {}, endpoint="http://127.0.0.1:1")
    task = FleetWork(str(tmp_path / "stacks" / "s000"), "plan", 0)
    assert work(order, task).outcome == ERROR  # nothing answers there
    assert work(order, task).outcome == LOST


def test_a_plan_that_was_exchanged_is_not_applied(tmp_path: Path) -> None:
    write_stacks(tmp_path, 1, 1)
    path = str(tmp_path / "stacks" / "s000")
    order = StackOrder("run", str(tmp_path / "shared"), {}, endpoint="http://127.0.0.1:1", applies=True)
    home(order, path).mkdir(parents=True, mode=0o700)
    (home(order, path) / "plan.json").write_text("{}", encoding="utf-8")
    assert work(order, FleetWork(path, "apply", 1, "sha256:1")).outcome in (ERROR, REFUSED)
