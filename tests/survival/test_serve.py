"""The loop as a process, killed at random while somebody changes things outside: at last all is in sync, nothing twice.

ECSPLAN_SWEEP makes it longer; ECSPLAN_LOOP_SECONDS is how long each loop is disturbed at least (3600 for an hour).
"""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra server is not installed")
pytest.importorskip("uvicorn", reason="the extra server is not installed")

from tests.history.servers import server
from tests.serve.world import KEYS, NET, READ, WEB, WRITE, World, until, world_in
from tests.survival.sizes import FULL, TIMES

SECONDS = float(os.environ.get("ECSPLAN_LOOP_SECONDS", "0"))
KILLS = 3
MOST = 12  # until the steady server has left runs to two others
PATIENCE = 300.0  # seconds, on a machine that does much else
MORE = """\
  disk:
    data: {count: 3, zone: cn-hangzhou-h, category: cloud_essd, size: 40}
"""


def configured(world: World, state: str) -> Path:
    path = world.folder / f"{state}.yaml"
    document = {
        "apiVersion": "ecsplan/v1", "kind": "Serve", "repository": {"url": str(world.repository)},
        "state": str(world.folder / state), "listen": "127.0.0.1:0", "interval": 1, "fetch": 1, "workers": 2,
        "tokens": {"read": {"env": "R"}, "write": {"env": "W"}}, "endpoint": world.cloud.url,
        "apply": ["create", "update", "access_opened", "access_closed", "spend"],
        "revert": ["create", "update", "access_opened", "access_closed", "spend"],
    }  # fmt: skip
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


@contextmanager
def process(world: World, *options: str, state: str = "state") -> Iterator["subprocess.Popen[bytes]"]:
    environ = {
        **os.environ,
        **KEYS,
        "R": READ,
        "W": WRITE,
        "ECSPLAN_STORE": world.store,
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
    }
    log = (world.folder / "log").open("ab")
    command = [sys.executable, "-m", "ecsplan", "serve", str(configured(world, state)), *options]
    started = subprocess.Popen(command, cwd=world.folder, env=environ, stdout=log, stderr=log)
    try:
        yield started
    finally:
        started.kill()
        started.wait()
        log.close()


def disturb(world: World, chance: random.Random) -> None:
    """A rule more, a rule less, a disk resized: what somebody does at a console."""
    groups = world.groups()
    if groups and chance.random() < 0.5:
        world.open_outside(chance.randrange(1, 60_000))
    elif groups:
        rule = {"IpProtocol": "tcp", "PortRange": "443/443", "SourceCidrIp": "0.0.0.0/0"}
        world.call("RevokeSecurityGroup", SecurityGroupId=groups[0]["SecurityGroupId"], Permissions=[rule])


@pytest.mark.parametrize("seed", range(5 if FULL else max(1, round(TIMES))))
def test_a_loop_that_is_killed_at_random_converges_and_doubles_nothing(seed: int, tmp_path: Path) -> None:
    chance, kills, edits, mended = random.Random(seed), 0, 0, 0
    with world_in(tmp_path) as world:
        world.commit({"net/stack.yaml": NET, "web/stack.yaml": WEB + MORE})
        end = time.monotonic() + SECONDS
        while kills < KILLS or time.monotonic() < end:
            with process(world) as loop:
                if kills:
                    until(lambda: bool(world.groups()), PATIENCE)
                for _ in range(chance.randrange(3)):
                    disturb(world, chance)
                    edits += 1
                await_life(tmp_path, kills + 1)
                if kills % 5 == 4:
                    until(lambda: {rule["PortRange"] for rule in world.rules()} == {"443/443"}, PATIENCE)
                    mended += 1
                time.sleep(chance.uniform(0.0, 3.0))  # the kill comes anywhere in a run
                loop.send_signal(signal.SIGKILL)
                loop.wait()
                kills += 1
        with process(world, "--once") as quiet:
            assert quiet.wait(PATIENCE) == 0
        converged(world, tmp_path)
    print(f"loop: {kills} kills, {edits} edits outside, {mended} times all mended between them, 0 violations")


def await_life(folder: Path, number: int) -> None:
    """Until so many processes have come up."""
    until(lambda: (folder / "log").read_bytes().count(b"serve: http") >= number, PATIENCE)


def converged(world: World, folder: Path) -> None:
    statuses = {path: one.status for path, one in world.tools().book.state().stacks.items()}
    assert set(statuses.values()) <= {"in_sync", "applied"}, (statuses, (folder / "log").read_text()[-3000:])
    assert len(world.groups()) == 1
    disks = world.call("DescribeDisks", DiskType="data", PageSize=100)["Disks"]["Disk"]
    assert len(disks) == 3, [disk["DiskName"] for disk in disks]
    ports = {rule["PortRange"] for rule in world.rules()}
    assert ports == {"443/443"}, ports


def servers(world: World) -> set[str]:
    """Those that have begun a run."""
    return {run.server for run in world.tools().book.runs(most=500)}


@pytest.mark.parametrize("seed", range(3 if FULL else 1))
def test_two_servers_on_one_store_of_which_one_is_killed_at_random_double_nothing(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    with server() as database, world_in(tmp_path) as world:
        world.store = database
        world.commit({"net/stack.yaml": NET, "web/stack.yaml": WEB + MORE})
        with process(world, state="steady"):
            kills = 0
            while kills < KILLS or (len(servers(world)) <= 2 and kills < MOST):
                with process(world) as loop:
                    if kills:
                        until(lambda: bool(world.groups()), PATIENCE)
                        disturb(world, chance)
                    await_life(tmp_path, kills + 2)
                    time.sleep(chance.uniform(0.0, 3.0))
                    loop.send_signal(signal.SIGKILL)
                    kills += 1
            time.sleep(0.5)
        with process(world, "--once") as quiet:
            assert quiet.wait(PATIENCE) == 0
        converged(world, tmp_path)
        runs = sorted(world.tools().book.runs(most=500), key=lambda run: run.began)
        for path in ("net", "web"):
            own = [run for run in runs if run.path == path]
            assert all(one.ended is not None and one.ended <= two.began for one, two in itertools.pairwise(own))
        assert len(servers(world)) > 2


def test_a_loop_that_is_asked_to_end_ends_with_grace(tmp_path: Path) -> None:
    with world_in(tmp_path) as world:
        world.commit({"net/stack.yaml": NET})
        with process(world) as loop:
            until(lambda: b'"outcome": "applied"' in (tmp_path / "log").read_bytes())
            loop.send_signal(signal.SIGHUP)
            until(lambda: b"settings read again" in (tmp_path / "log").read_bytes())
            loop.send_signal(signal.SIGTERM)
            assert loop.wait(30) == 0
        lines = [line for line in (tmp_path / "log").read_text().splitlines() if line.startswith("{")]
        assert {"at", "level", "message"} <= set(json.loads(lines[0]))
