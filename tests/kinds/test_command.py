"""Commands that machines run: when they are made, again when their text changes, once otherwise, and by which user."""

import re

import pytest

from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import Cloud, changes, comes_before, shown, stack_of, step, steps, with_instance

SETUP = "command:\n  setup: {type: RunShellScript, content: CONTENT}\n"


def machines(*extra: str, content: str = "echo one", more: str = "", count: int = 1) -> str:
    """Machines that run `setup`."""
    numbered = [f"count: {count}"] if count > 1 else []
    return with_instance("commands: [setup]", *numbered, *extra, more=SETUP.replace("CONTENT", content) + more)


def asked(cloud: Cloud) -> list[list[str]]:
    """The machines of each InvokeCommand, without what was refused."""
    return [[row["InstanceId"] for row in run["Results"]] for run in cloud.things("invocation")]


def sick(cloud: Cloud, exit_code: int = 3, **more: object) -> None:
    cloud.faults({"fault": "unwell", "what": ["command"], "match": "demo-web*", "exit": exit_code, **more})


def test_a_new_machine_runs_its_commands_and_then_never_again(cloud: Cloud) -> None:
    cloud.settled(machines(count=3))
    assert [len(run) for run in asked(cloud)] == [3]
    cloud.apply(machines("tags: {team: web}", count=3))
    cloud.settled(machines("tags: {team: web}", count=4))
    assert [len(run) for run in asked(cloud)] == [3, 1]


def test_the_plan_says_what_runs_where(cloud: Cloud) -> None:
    cloud.settled(machines(count=2))
    plan = cloud.plan(machines(count=2, content="echo two"))
    assert {a: sorted(i.text for i in c.impacts) for a, c in changes(plan).items()} == {
        "command.setup": ["new id"], "instance.web[0]": ["run command"], "instance.web[1]": ["run command"],
    }, shown(plan)  # fmt: skip
    assert step(plan, "InvokeCommand").id.verb == "run"
    assert comes_before(plan, step(plan, "CreateCommand"), step(plan, "InvokeCommand"))


def test_another_text_is_run_again_and_another_timeout_is_not(cloud: Cloud) -> None:
    cloud.settled(machines())
    slow = machines().replace("content: echo one", "content: echo one, timeout: 300")
    cloud.settled(slow)
    assert len(asked(cloud)) == 1
    cloud.settled(slow.replace("echo one", "echo two"))
    assert len(asked(cloud)) == 2


def test_what_runs_once_is_not_run_for_another_text(cloud: Cloud) -> None:
    text = machines().replace("content: echo one", "runs: once, content: echo one")
    cloud.settled(text)
    cloud.settled(text.replace("echo one", "echo two"))
    assert len(asked(cloud)) == 1


def test_a_command_that_gets_another_name_is_not_run_again(cloud: Cloud) -> None:
    cloud.settled(machines())
    moved = machines().replace("setup", "prepare") + "\nmoved: [{from: command.setup, to: command.prepare}]\n"
    cloud.apply(moved)
    assert len(asked(cloud)) == 1


def test_one_more_command_runs_on_machines_that_live(cloud: Cloud) -> None:
    more = "  more: {type: RunShellScript, content: date, user: app}\n"
    cloud.settled(machines(more=more))
    both = machines(more=more).replace("[setup]", "[setup, more]")
    cloud.settled(both)
    assert [run["Username"] for run in cloud.things("invocation")] == ["", "app"]
    cloud.assert_settled(both.replace("[setup, more]", "[more, setup]"))
    cloud.apply(both.replace("[setup, more]", "[setup]"))
    assert len(asked(cloud)) == 2


def test_commands_run_in_the_order_of_the_list(cloud: Cloud) -> None:
    more = "  after: {type: RunShellScript, content: date}\n"
    plan = cloud.plan(machines(more=more).replace("[setup]", "[setup, after]"))
    found = [str(s.calls[0].params["CommandId"]) for s in plan.steps if s.id.verb == "run"]
    assert found == ["command.setup", "command.after"]


def test_an_exit_code_fails_the_machine_and_the_next_apply_runs_it_again(cloud: Cloud) -> None:
    sick(cloud, output="no such package\n")
    report = cloud.try_apply(machines(count=2))
    (failed,) = report.failed
    assert [(row.address, row.exit_code, row.output) for row in failed.ran] == [
        ("instance.web[0]", 3, "no such package\n"), ("instance.web[1]", 3, "no such package\n"),
    ]  # fmt: skip
    cloud.service.faults.clear()
    cloud.settled(machines(count=2))
    assert len(asked(cloud)) == 2


def test_machines_on_which_it_went_well_are_not_run_again_for_one_that_failed(cloud: Cloud) -> None:
    cloud.faults({"fault": "unwell", "what": ["command"], "match": "demo-web-0001", "exit": 1})
    report = cloud.try_apply(machines(count=3))
    assert [row.exit_code for row in report.failed[0].ran] == [0, 1, 0]
    cloud.service.faults.clear()
    report = cloud.apply(machines(count=3))
    (ran,) = [outcome.ran for outcome in report.outcomes if outcome.ran]
    assert [row.before for row in ran] == [True, False, True]
    assert [len(run) for run in asked(cloud)] == [3, 1]


def test_a_machine_without_an_agent_is_waited_for_and_then_said_so(cloud: Cloud) -> None:
    cloud.faults({"fault": "unwell", "what": ["assistant"], "match": "demo-web"})
    report = cloud.try_apply(machines())
    assert "Cloud Assistant is not online after 3" in report.failed[0].message
    assert asked(cloud) == []


def test_a_machine_that_is_off_is_said_to_be_off(cloud: Cloud) -> None:
    cloud.settled(machines())
    cloud.call("StopInstance", InstanceId=cloud.instance().id)
    cloud.clock.advance(60)
    report = cloud.try_apply(machines(content="echo two"))
    assert "the machine is Stopped" in report.failed[0].message


def test_a_machine_that_is_to_be_off_runs_its_commands_first_and_later_ones_when_it_runs(cloud: Cloud) -> None:
    off = machines("state: stopped")
    cloud.settled(off)
    assert len(asked(cloud)) == 1 and cloud.instance().status == "Stopped"
    cloud.settled(off.replace("echo one", "echo two"))
    assert len(asked(cloud)) == 1
    cloud.settled(off.replace("echo one", "echo two").replace("stopped", "running"))
    assert len(asked(cloud)) == 2


def test_an_adopted_machine_is_taken_to_have_run_them(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    id_ = cloud.instance().id
    tags = [{"Key": key} for key in cloud.instance().tags]
    cloud.call("UntagResources", ResourceType="instance", ResourceId=[id_], TagKey=[tag["Key"] for tag in tags])
    cloud.settled(machines(f"adopt: {id_}"))
    assert asked(cloud) == []


BROKEN = {"fault": "error", "code": "Forbidden.RAM", "status": 403, "commit": True}


@pytest.mark.parametrize("lost", ["InvokeCommand", "UntagResources"])
def test_a_run_that_breaks_off_after_it_asked_does_not_ask_again(cloud: Cloud, lost: str) -> None:
    cloud.faults({**BROKEN, "action": lost})
    assert not cloud.try_apply(machines(count=2)).is_complete
    cloud.service.faults.clear()
    cloud.settled(machines(count=2))
    assert [len(run) for run in asked(cloud)] == [2]


def test_a_fresh_folder_finds_what_a_broken_run_had_asked_for(cloud: Cloud) -> None:
    cloud.faults({**BROKEN, "action": "UntagResources", "commit": False})
    assert not cloud.try_apply(machines()).is_complete
    cloud.service.faults.clear()
    for path in sorted((cloud.folder / ".ecsplan").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    cloud.settled(machines())
    assert len(asked(cloud)) == 1


def test_secrets_of_the_stack_are_not_in_what_is_told(cloud: Cloud) -> None:
    cloud.environ["LOGIN_PASSWORD"] = "Very-Secret-1"
    sick(cloud, output="password is Very-Secret-1 ok")
    report = cloud.try_apply(machines("password: {env: LOGIN_PASSWORD, version: 1}"))
    assert report.failed[0].ran[0].output == "password is (hidden) ok"


def test_a_command_that_is_not_declared_is_said_with_the_nearest_name(cloud: Cloud) -> None:
    with pytest.raises(Exception, match="there is no command called setpu"):
        cloud.load(machines().replace("[setup]", "[setpu]"))
    with pytest.raises(Exception, match="appears twice"):
        cloud.load(machines().replace("[setup]", "[setup, setup]"))


def test_a_command_that_runs_is_deleted_once_it_is_through(cloud: Cloud) -> None:
    text = stack_of(SETUP.replace("CONTENT", "date"))
    cloud.settled(text)
    cloud.destroy(text)
    assert steps(cloud.plan(text)) == ["CreateCommand command.setup"]


def with_parameters(values: str, content: str = "deploy {{version}} {{ACS::InstanceId}}") -> str:
    return machines(content=f"'{content}'").replace("content:", f"parameters: {values}, content:")


def given(cloud: Cloud) -> list[str]:
    return [str(run["Parameters"]) for run in cloud.things("invocation")]


def test_another_value_of_a_parameter_is_run_again_by_the_same_command(cloud: Cloud) -> None:
    cloud.settled(with_parameters("{version: '1'}"))
    made = [thing.id for thing in cloud.things("command")]
    cloud.settled(with_parameters("{version: '2'}"))
    assert [thing.id for thing in cloud.things("command")] == made
    cloud.settled(with_parameters("{version: '1'}"))
    assert given(cloud) == ['{"version": "1"}', '{"version": "2"}', '{"version": "1"}']


def test_a_value_may_be_of_what_the_same_plan_makes(cloud: Cloud) -> None:
    text = with_parameters("{version: '${vpc.main.id}'}")
    cloud.settled(text)
    assert given(cloud) == [f'{{"version": "{cloud.things("vpc")[0].id}"}}']


def test_a_command_that_gets_parameters_is_another_one(cloud: Cloud) -> None:
    """CreateCommand says it once: without them {{version}} is text like any other."""
    cloud.settled(machines(content="'deploy {{version}}'"))
    made = [thing.id for thing in cloud.things("command")]
    cloud.settled(with_parameters("{version: '1'}", "deploy {{version}}"))
    assert [thing.id for thing in cloud.things("command")] != made


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("{other: '1'}", "its content has {{version}}, and parameters has no version"),
        ("{version: '1', other: '1'}", "parameters has other, and its content no {{other}}"),
    ],
)
def test_parameters_are_those_of_the_content(cloud: Cloud, values: str, words: str) -> None:
    with pytest.raises(Rejected, match=re.escape(words)):
        cloud.load(with_parameters(values))
