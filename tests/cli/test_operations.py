"""The commands that look at and operate on what is live, over the real engine and the emulator inside the process."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ecsplan.cli.emulate import KEY_ID, KEY_SECRET, embedded
from tests.cli.conftest import Ran

Run = Callable[..., Ran]


@pytest.fixture
def shop(run: Run) -> Path:
    """A stack that is applied."""
    assert run("init", "--name", "shop").status == 0
    assert run("apply", "--emulator", "--auto-approve").status == 0
    return Path("stack.yaml")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def behind_its_back(operation: str, **params: object) -> None:
    """A call that somebody else makes."""
    from ecsplan import engine
    from ecsplan.model.call import Request

    with embedded() as running:
        keys = {"ALIBABA_CLOUD_ACCESS_KEY_ID": KEY_ID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY_SECRET}
        api = engine.connect("cn-hangzhou", endpoint=running.url, environ=keys)
        api.send(Request(operation, params, write=True))
        api.close()


def test_drift_exits_with_two_only_when_something_moved(run: Run, shop: Path) -> None:
    assert run("drift", "--emulator").status == 0
    edit(shop, "ecs.g7.large", "ecs.g7.xlarge")
    assert run("drift", "--emulator").status == 0

    group = json.loads(run("list", "--emulator", "--json").out)["resources"][1]["id"]
    behind_its_back("AuthorizeSecurityGroup", SecurityGroupId=group, IpProtocol="tcp", PortRange="22/22",
                    SourceCidrIp="0.0.0.0/0")  # fmt: skip

    ran = run("drift", "--emulator", "--json")
    assert ran.status == 2
    assert [found["address"] for found in json.loads(ran.out)["drift"]] == ["security_group.web"]
    assert run("drift", "--emulator").out.count("instance.web[0]") == 1
    assert "### ecsplan drift" in run("drift", "--emulator", "--format", "markdown").out


def test_machines_are_stopped_and_started(run: Run, shop: Path) -> None:
    ran = run("stop", "instance.web[0]", "--emulator", "--auto-approve", "--stop-charging")
    assert ran.status == 0
    assert ran.out.startswith("1 stopped;")
    assert "instance.web[0]: done" in ran.err
    assert "Stopped" in run("list", "--emulator").out

    assert run("stop", "instance.*", "--emulator").out.startswith("1 needed nothing;")
    started = run("start", "instance.web", "--emulator", "--json")
    assert json.loads(started.out)["machines"][0]["result"] == "done"


COMMAND = "  command:\n    hello: {type: RunShellScript, content: 'echo {{who}}', parameters: {who: world}}\n"


@pytest.fixture
def told(run: Run) -> Path:
    """A stack with a command that no machine names."""
    assert run("init", "--name", "shop").status == 0
    path = Path("stack.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace("resources:\n", f"resources:\n{COMMAND}", 1))
    assert run("apply", "--emulator", "--auto-approve").status == 0
    return path


def test_a_command_is_run_by_hand_on_the_machines_that_are_named(run: Run, told: Path) -> None:
    ran = run("run", "command.hello", "--on", "instance.web[0]", "--emulator", "--auto-approve")
    assert ran.status == 0, ran.err
    assert "run command.hello on instance.web[0] (1 machine)" in ran.err
    assert ran.out.startswith("ran command.hello on instance.web[0]: exit code 0")
    assert "1 succeeded; " in ran.out

    found = json.loads(run("run", "hello", "--on", "instance.web[*]", "--emulator", "--auto-approve", "--json").out)
    assert {row["exit_code"] for row in found["machines"]} == {0}
    assert "No changes" in run("plan", "--emulator").out, "what was run by hand counts for nothing"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("hello",), "no machine of the stack names command.hello"),
        (("nothing", "--on", "instance.web[0]"), "nothing is not a command of this stack"),
        (("hello", "--on", "instance.nothing"), "instance.nothing"),
        (("hello", "--on", "instance.web[0]", "--parameter", "version"), "write NAME=VALUE"),
        (("hello", "--on", "instance.web[0]", "--parameter", "version=2"), "command.hello has no parameter version"),
    ],
)
def test_a_run_that_means_nothing_is_an_error(run: Run, told: Path, arguments: tuple[str, ...], words: str) -> None:
    ran = run("run", *arguments, "--emulator", "--auto-approve")
    assert ran.status == 1 and words in ran.err


def test_a_run_without_a_yes_runs_nothing(run: Run, told: Path) -> None:
    ran = run("run", "hello", "--on", "instance.web[0]", "--emulator")
    assert ran.status != 0 and "ran command.hello" not in ran.out


def test_a_stop_is_asked_for(run: Run, shop: Path) -> None:
    assert run("stop", "instance.web", "--emulator").status == 3
    assert run("stop", "instance.web", "--emulator", stdin="no\n").status == 3
    assert run("reboot", "instance.web", "--emulator", stdin="yes\n").status == 0


def test_the_stack_file_that_says_otherwise_is_named(run: Run, shop: Path) -> None:
    edit(shop, "      security_groups: [web]", "      security_groups: [web]\n      state: running")

    ran = run("stop", "instance.web", "--emulator", "--auto-approve")

    assert "warning: instance.web[0]: the stack file says state: running" in ran.err
    assert "stack.yaml:" in ran.err


def test_a_pattern_that_means_nothing_is_an_error(run: Run, shop: Path) -> None:
    ran = run("start", "instance.nobody", "--emulator")

    assert ran.status == 1
    assert "instance.nobody is not a machine of this stack" in ran.err


def test_what_no_stack_claims_is_listed(run: Run, shop: Path) -> None:
    assert run("unmanaged", "--emulator").out == "Every live object belongs to a stack.\n"
    tag = [{"Key": "managed-by", "Value": "terraform"}]
    behind_its_back("CreateDisk", ZoneId="cn-hangzhou-h", Size=40, DiskCategory="cloud_essd", DiskName="stray", Tag=tag)

    (found,) = json.loads(run("unmanaged", "--emulator", "--json").out)["objects"]
    assert (found["kind"], found["name"], found["tool"]) == ("disk", "stray", "Terraform")
    assert "stray" in run("unmanaged", "--emulator", "--tag", "managed-by=terraform").out
    assert "stray" not in run("unmanaged", "--emulator", "--kind", "eip").out
    assert "stray" not in run("unmanaged", "--emulator", "--vpc", "vpc-1").out
    assert run("unmanaged", "--emulator", "--format", "csv").out.count("\n") == 2
    assert run("unmanaged", "--emulator", "--kind", "nonsense").status == 64


def test_what_is_only_to_be_adopted_is_not_listed_as_owned(run: Run, shop: Path) -> None:
    behind_its_back("CreateDisk", ZoneId="cn-hangzhou-h", Size=40, DiskCategory="cloud_essd", DiskName="stray")
    (found,) = json.loads(run("unmanaged", "--emulator", "--json").out)["objects"]
    block = f"\n  disk:\n    stray: {{adopt: {found['id']}, zone: cn-hangzhou-h, size: 40}}\n"
    shop.write_text(shop.read_text(encoding="utf-8") + block, encoding="utf-8")

    assert "stray" not in run("list", "--emulator").out
    assert run("list", "--emulator", "--all-regions").status == 0


@pytest.mark.parametrize("what", ["regions", "zones", "instance-types", "images", "disk-categories"])
def test_every_catalogue_is_shown_in_every_format(run: Run, what: str) -> None:
    items = json.loads(run("catalog", what, "--emulator", "--json").out)["items"]
    assert len(items) > 5
    assert run("catalog", what, "--emulator", "--format", "csv").out.count("\n") == len(items) + 1
    assert f"{len(items):,} {what.replace('-', ' ')}" in run("catalog", what, "--emulator").out


def test_a_catalogue_is_filtered(run: Run) -> None:
    wanted = ("--min-cpu", "4", "--min-memory", "16", "--family", "g7", "--zone", "cn-hangzhou-h")
    items = json.loads(run("catalog", "instance-types", "--emulator", "--json", *wanted).out)["items"]

    assert items[0]["id"] == "ecs.g7.xlarge"
    assert run("catalog", "regions", "--min-cpu", "4").status == 64
    assert run("catalog").status == 64


def test_an_estate_is_exported_adopted_and_settled(run: Run) -> None:
    behind_its_back("CreateDisk", ZoneId="cn-hangzhou-h", Size=40, DiskCategory="cloud_essd", DiskName="archive")

    ran = run("export", "--emulator", "--stack", "estate", "-o", "stack.yaml")

    assert ran.status == 0
    assert "next: ecsplan plan stack.yaml" in ran.err
    assert run("validate").out == "estate: 1 resource, no errors.\n"
    assert "1 to adopt" in run("plan", "--emulator").out
    assert run("apply", "--emulator", "--auto-approve").status == 0
    assert run("plan", "--emulator", "--detailed-exitcode").status == 0
    assert "archive" not in run("export", "--emulator").out


def test_what_another_tool_runs_is_exported_when_it_is_asked_for(run: Run) -> None:
    tag = [{"Key": "ack.aliyun.com", "Value": "c1"}]
    behind_its_back("CreateDisk", ZoneId="cn-hangzhou-h", Size=40, DiskCategory="cloud_essd", DiskName="pv", Tag=tag)

    ran = run("export", "--emulator")
    assert "pv" not in ran.out
    assert "left out: disk d-" in ran.err and "ACK runs it" in ran.err
    assert "pv" in run("export", "--emulator", "--with-tools").out
    assert run("export", "--emulator", "--stack", "No Name").status == 64
