"""Several stacks of one region: plan and drift read its lists once for all of them, apply reads for each."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecsplan.cli.main import main
from ecsplan.emulator.server import EmulatorServer
from ecsplan.emulator.testing import running_emulator
from tests.benchmarks.fleet import ask

HEAD = "apiVersion: ecsplan/v1\nstack: {}\nregion: {}\nresources:\n"
STACKS = ("a", "b", "c")


def net(name: str, region: str = "cn-hangzhou") -> str:
    return HEAD.format(name, region) + f"  vpc: {{{name}: {{cidr_block: 10.0.0.0/16}}}}\n"


def app(name: str, disks: int, network: str = "net") -> str:
    return HEAD.format(name, "cn-hangzhou") + (
        f"  security_group: {{{name}: {{vpc: {{stack: {network}, name: {network}}}}}}}\n"
        f"  disk: {{{name}: {{count: {disks}, zone: cn-hangzhou-h, category: cloud_essd, size: 20}}}}\n"
    )


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EmulatorServer, Path]]:
    with running_emulator(clock="fast") as server, pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("stacks")
        patch.chdir(folder)
        patch.setenv("ECSPLAN_ENDPOINT", server.url)
        patch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "emulator")
        patch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "emulator-secret")
        for name in STACKS:
            write(folder, name, app(name, 3))
        write(folder, "net", net("net"))
        assert main(["apply", "--all", "--auto-approve"]) == 0
        yield server, folder


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).mkdir(exist_ok=True)
    (folder / name / "stack.yaml").write_text(text, encoding="utf-8")


def counted(server: EmulatorServer, *words: str) -> dict[str, int]:
    ask(server.url, "reset", {"what": "stats"})
    main([*words])
    actions = ask(server.url, "stats")["actions"]
    assert isinstance(actions, dict)
    return {name: int(found["calls"]) for name, found in actions.items()}


@pytest.mark.parametrize("command", ["plan", "drift"])
def test_lists_are_read_once_however_many_stacks_there_are(applied: tuple[EmulatorServer, Path], command: str) -> None:
    server, folder = applied
    calls = counted(server, command, "--all")
    assert set(calls.values()) == {1}
    one = counted(server, command, str(folder / "a"))
    assert calls == one


def test_each_stack_sees_what_is_its_own(
    applied: tuple[EmulatorServer, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    _, folder = applied
    write(folder, "b", app("b", 2))
    write(folder, "c", app("c", 4))
    assert main(["plan", "--all"]) == 0
    told = re.split(r"── (\w+) ──\n", capsys.readouterr().out)
    of = dict(zip(told[1::2], told[2::2], strict=True))
    assert "No changes" in of["net"] and "No changes" in of["a"]
    assert "1 to delete" in of["b"] and "disk.b[2]" in of["b"]
    assert "1 to create" in of["c"] and "disk.c[3]" in of["c"]


def test_apply_reads_anew_for_each_stack_and_sees_what_those_before_it_made(
    applied: tuple[EmulatorServer, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    server, folder = applied
    (folder / "two").mkdir()
    write(folder / "two", "net2", net("net2"))
    write(folder / "two", "web2", app("web2", 1, "net2"))
    calls = counted(server, "apply", "--all", "--auto-approve", str(folder / "two"))
    assert calls["DescribeVpcs"] >= 2 and calls["DescribeDisks"] >= 2
    assert "2 of 2 stacks" in capsys.readouterr().out
    assert set(counted(server, "plan", "--all", str(folder / "two")).values()) == {1}


def test_stacks_of_two_regions_read_each_once(applied: tuple[EmulatorServer, Path]) -> None:
    server, folder = applied
    (folder / "far").mkdir()
    for name, region in (("x", "cn-hangzhou"), ("y", "cn-beijing"), ("z", "cn-beijing")):
        write(folder / "far", name, net(name, region))
    calls = counted(server, "plan", "--all", str(folder / "far"))
    assert calls["DescribeInstances"] == 2 and calls["DescribeKeyPairs"] == 2
