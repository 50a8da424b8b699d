"""A command that a person has run: where, with which outcome, and that it counts for nothing else."""

import json

import pytest

from ecsplan.engine import ApplyOptions
from ecsplan.engine.commanding import run_by_hand
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.running import RunPlan, RunReport
from tests.kinds.cloud import KINDS, Cloud
from tests.kinds.test_command import asked, given, machines, sick, with_parameters


def by_hand(cloud: Cloud, text: str, name: str, *on: str, seen: list[RunPlan] | None = None) -> RunReport:
    def approve(plan: RunPlan) -> bool:
        if seen is not None:
            seen.append(plan)
        return True

    options = ApplyOptions(state_dir=str(cloud.folder / ".ecsplan"))
    report = run_by_hand(cloud.load(text), cloud.api, KINDS, name, on, options, approve)
    assert report is not None
    return report


def test_it_runs_on_the_machines_that_name_it_or_on_those_that_are_said(cloud: Cloud) -> None:
    text = machines(count=3)
    cloud.settled(text)
    assert [row.address for row in by_hand(cloud, text, "command.setup").rows] == [
        f"instance.web[{n}]" for n in range(3)
    ]
    assert [row.address for row in by_hand(cloud, text, "setup", "instance.web[1]").rows] == ["instance.web[1]"]
    assert [len(run) for run in asked(cloud)] == [3, 3, 1]
    cloud.assert_settled(text)


def test_the_outcome_is_that_of_each_machine(cloud: Cloud) -> None:
    cloud.settled(machines(count=2))
    cloud.faults({"fault": "unwell", "what": ["command"], "match": "demo-web-0001", "exit": 4, "output": "no"})
    report = by_hand(cloud, machines(count=2), "setup")
    assert [(row.exit_code, row.output) for row in report.rows] == [(0, ""), (4, "no")]
    assert [row.address for row in report.bad] == ["instance.web[1]"]


def test_what_is_not_applied_yet_is_said_and_is_not_what_runs(cloud: Cloud) -> None:
    cloud.settled(machines())
    seen: list[RunPlan] = []
    by_hand(cloud, machines(content="echo two"), "setup", seen=seen)
    assert "another text" in seen[0].warnings[0].summary
    by_hand(cloud, machines(), "setup", seen=seen)
    assert not seen[1].warnings


def test_a_run_by_hand_is_not_taken_for_that_of_a_machine(cloud: Cloud) -> None:
    sick(cloud)
    assert not cloud.try_apply(machines()).is_complete
    cloud.service.faults.clear()
    by_hand(cloud, machines(), "setup")
    cloud.settled(machines())
    assert len(asked(cloud)) == 3


def test_a_command_or_a_machine_that_is_not_there_is_refused(cloud: Cloud) -> None:
    cloud.settled(machines())
    with pytest.raises(Rejected, match="not a command of this stack"):
        by_hand(cloud, machines(), "command.other")
    with pytest.raises(Rejected, match="not a machine of this stack"):
        by_hand(cloud, machines(), "setup", "instance.db")


def run_with(cloud: Cloud, text: str, **values: str) -> RunReport | None:
    options = ApplyOptions(state_dir=str(cloud.folder / ".ecsplan"))
    stack = cloud.load(text)
    return run_by_hand(stack, cloud.api, KINDS, "setup", (), options, lambda plan: True, parameters=values)


def test_a_value_for_one_run_takes_the_place_of_that_of_the_file(cloud: Cloud) -> None:
    text = with_parameters("{version: '1', mode: fast}", "deploy {{version}} {{mode}}")
    cloud.settled(text)
    assert run_with(cloud, text, version="2") is not None
    assert [json.loads(run) for run in given(cloud)] == [
        {"version": "1", "mode": "fast"}, {"version": "2", "mode": "fast"},
    ]  # fmt: skip
    cloud.assert_settled(text)  # it counts for that run alone


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"vresion": "2"}, r"command.setup has no parameter vresion\n  did you mean version"),
        ({"version": "x" * 5000}, "--parameter: "),
    ],
)
def test_a_parameter_that_the_command_does_not_take_is_told_before_anything_is_asked(
    cloud: Cloud, values: dict[str, str], words: str
) -> None:
    text = with_parameters("{version: '1'}")
    cloud.settled(text)
    cloud.forget()
    with pytest.raises(Rejected, match=words):
        run_with(cloud, text, **values)
    assert cloud.service.log.calls() == []


def test_a_command_without_parameters_takes_none(cloud: Cloud) -> None:
    cloud.settled(machines())
    with pytest.raises(Rejected, match="it takes none"):
        run_with(cloud, machines(), version="2")


def test_a_value_that_is_not_applied_yet_is_no_parameter_of_what_is_live(cloud: Cloud) -> None:
    cloud.settled(machines(content="echo one"))
    with pytest.raises(Rejected, match=r"command\.setup has no parameter version"):
        run_with(cloud, with_parameters("{version: '1'}", "deploy {{version}}"), version="2")
