"""`ecsplan history`, on runs that were made with the command line."""

import json

import pytest

from ecsplan.cli.main import main

STACK = """
apiVersion: ecsplan/v1
stack: shop
region: cn-hangzhou
resources:
  vpc:
    main: {cidr_block: 10.0.0.0/16, description: NAME}
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_ACTOR", "ann")

    def execute(*arguments: str, name: str = "one") -> tuple[int, str, str]:
        (tmp_path / "stack.yaml").write_text(STACK.replace("NAME", name))
        status = main(arguments)
        return (status, *capfd.readouterr())

    return execute


def test_runs_are_listed_and_one_is_shown_with_changes_steps_and_request_ids(run):
    assert run("history")[:2] == (0, "No run is recorded here.\n")
    run("apply", "--emulator", "--auto-approve")
    run("apply", "--emulator", "--auto-approve", name="two")
    status, out, _ = run("history")
    assert status == 0 and out.count("complete") == 2 and " ann " in out
    runs = json.loads(run("history", "shop", "--json")[1])["runs"]
    assert [one["stack"] for one in runs] == ["shop", "shop"]
    assert json.loads(run("history", "other", "--json")[1])["runs"] == []
    shown = run("history", "show", runs[0]["id"])[1]
    assert "~ description  one → two" in shown and "ModifyVpcAttribute" in shown and "by ann on" in shown
    document = json.loads(run("history", "show", "last", "--json")[1])
    assert document["id"] == runs[0]["id"] and document["outcome"] == "complete"
    assert document["changes"][0]["attributes"][0]["before"] == "one"
    assert all(len(step["request_ids"]) == len(step["operations"]) for step in document["steps"])


def test_another_file_can_be_named(run, tmp_path):
    run("apply", "--emulator", "--auto-approve", "--store", "sqlite:///runs.db")
    assert (tmp_path / "runs.db").exists() and not (tmp_path / ".ecsplan" / "history.db").exists()
    assert "complete" in run("history", "--store", "sqlite:///runs.db")[1]


@pytest.mark.parametrize("url", ["postgresql://ann:geheim@host/db", "ftp://x/y"])
def test_a_password_on_the_command_line_and_an_unknown_store_are_refused(run, url):
    status, _, said = run("history", "--store", url)
    assert status in (1, 64) and "geheim" not in said and ("ECSPLAN_STORE" in said or "no store" in said)


def test_what_is_no_run_is_said(run):
    status, _, said = run("history", "show", "x")
    assert status == 1 and "no run is called x" in said


def test_operations_by_hand_are_recorded_too(run, tmp_path, capfd):
    from ecsplan.cli.main import main as ecsplan

    assert ecsplan(["init", "--name", "hand"]) == 0  # a machine, instead of the network of this page
    machine = (tmp_path / "stack.yaml").read_text()
    commands = [
        ["apply"],
        ["stop", "instance.web[0]"],
        ["start", "instance.web[0]"],
        ["reinit", "instance.web[0].system_disk", "--allow", "instance.web[0]"],
    ]
    for command in commands:
        (tmp_path / "stack.yaml").write_text(machine)
        approval = [] if command[0] == "start" else ["--auto-approve"]
        assert ecsplan([*command, "--emulator", *approval, "--store", "sqlite:///runs.db"]) == 0
    capfd.readouterr()
    runs = json.loads(run("history", "--json", "--store", "sqlite:///runs.db")[1])["runs"]
    assert [one["operation"] for one in runs] == ["reinit", "start", "stop", "apply"]
    assert {one["outcome"] for one in runs} == {"complete"} and all(one["account"] for one in runs)
    shown = json.loads(run("history", "show", runs[2]["id"], "--json", "--store", "sqlite:///runs.db")[1])
    assert [step["operations"] for step in shown["steps"]] == [["StopInstances"]] and shown["steps"][0]["request_ids"]
    status, _, said = run("rollback", runs[2]["id"], "--emulator", "--store", "sqlite:///runs.db")
    assert status == 3 and "ecsplan start instance.web[0]" in said


def test_how_long_steps_take_is_learned_from_recorded_runs(run, tmp_path):
    from ecsplan.history.sqlite import open_sqlite
    from ecsplan.model.history import StepRecord
    from tests.history.test_stores import RUN

    run("apply", "--emulator", "--auto-approve", "--store", "sqlite:///runs.db")
    before = json.loads(run("plan", "--emulator", "--json", "--store", "sqlite:///runs.db", name="two")[1])
    store = open_sqlite(tmp_path / "runs.db", writes=True)
    store.begin(RUN, is_alone=False)
    for number in range(3):
        step = StepRecord("update vpc.main", ("vpc.main",), ("ModifyVpcAttribute",), "done", 1.0, 90.0)
        store.add("1", number, step)
    store.close()
    after = json.loads(run("plan", "--emulator", "--json", "--store", "sqlite:///runs.db", name="two")[1])
    assert before["summary"]["seconds"] < 60 < after["summary"]["seconds"]
    assert before["digest"] == after["digest"]
    said = run("apply", "--emulator", "--auto-approve", "--store", "sqlite:///runs.db", name="two")[2]
    assert ", about 1 min 30 s left)" in said and "(3 of 3)" in said
