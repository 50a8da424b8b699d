"""Real processes, really killed: `ecsplan apply` gets a SIGKILL while the emulator holds its call, over real sockets.

The call goes on without its client, as a request does that has left the machine. One plain re-run then converges:
everything is there once, a fresh plan is empty, and after `destroy` nothing is left.
"""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import requests

from ecsplan.emulator.account import Thing
from ecsplan.emulator.server import EmulatorServer
from ecsplan.emulator.testing import running_emulator
from ecsplan.model.ownership import STACK
from tests.survival.invariants import is_lock, is_part, member
from tests.survival.sizes import FULL, Tally, chosen

CALLS = 24  # of an apply of the stack below, reads and lock included; a later hold is never reached
POINTS = [(call, when) for call in range(1, CALLS + 1) for when in ("before", "after")]
WORK = ("create", "change")
SHARE = len(POINTS) if FULL else 5

STACK_FILE = """\
apiVersion: ecsplan/v1
stack: shop
region: cn-hangzhou
resources:
  vpc:
    main: {{cidr_block: 10.0.0.0/16}}
  vswitch:
    app: {{vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}}
  security_group:
    web: {{vpc: main, ingress: [{{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}}]}}
  instance:
    web:
      count: {count}
      instance_type: {type}
      image: {{family: "acs:ubuntu_22_04_x64"}}
      vswitch: app
      security_groups: [web]
      system_disk: {{category: cloud_essd, size: 40}}
      data_disks: {{data: {{category: cloud_essd, size: 20}}}}
  eip:
    front: {{bandwidth: 5, charge_type: PayByTraffic, instance: "web[0]"}}
"""
FIRST = STACK_FILE.format(count=2, type="ecs.g7.large")
SECOND = STACK_FILE.format(count=3, type="ecs.g7.xlarge")


def ecsplan(server: EmulatorServer, folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    environ = {
        **os.environ,
        "ECSPLAN_ENDPOINT": server.url,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-secret",
    }
    command = [sys.executable, "-m", "ecsplan", *arguments]
    return subprocess.Popen(
        command, cwd=folder, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def ran(server: EmulatorServer, folder: Path, *arguments: str) -> tuple[int, str]:
    with ecsplan(server, folder, *arguments) as process:
        output, _ = process.communicate(timeout=120)
        return process.returncode, output


def killed(server: EmulatorServer, folder: Path, call: int, when: str) -> bool:
    """Applies until the call is held, and kills the process then; false when it ended before that call."""
    server.service.faults.add([{"fault": "hold", "nth": call, "when": when}])
    with ecsplan(server, folder, "apply", "--auto-approve") as process:
        while process.poll() is None and not server.service.faults.holds.wait(1, 0.05):
            pass
        was_running = process.poll() is None
        process.kill()
        process.communicate()
    server.service.faults.clear()
    requests.post(f"{server.url}/_emulator/resume", json={}, timeout=10)
    return was_running


def problems(server: EmulatorServer, folder: Path) -> list[str]:
    """What is wrong after one plain re-run, and after the end of the stack."""
    found: list[str] = []
    for arguments in (("apply", "--auto-approve"), ("plan", "--detailed-exitcode")):
        status, output = ran(server, folder, *arguments)
        if status != 0:
            found.append(f"{arguments[0]} ended with {status}: {output[-800:]}")
    found += [f"twice: {what}" for what, count in Counter(map(member, owned(server))).items() if count > 1]
    status, output = ran(server, folder, "destroy", "--auto-approve")
    if status != 0:
        found.append(f"destroy ended with {status}: {output[-800:]}")
    found += [f"left over: {thing.kind} {thing.id}" for thing in things(server)]
    return found


def things(server: EmulatorServer) -> list[Thing]:
    return [thing for thing in server.service.account.all() if not is_lock(thing)]


def owned(server: EmulatorServer) -> list[Thing]:
    return [thing for thing in things(server) if STACK in thing.tags and not is_part(thing)]


@pytest.mark.parametrize("work", WORK)
def test_a_killed_process_leaves_nothing_that_a_plain_rerun_does_not_mend(
    work: str, tmp_path: Path, sweep: Callable[[str], AbstractContextManager[Tally]]
) -> None:
    texts: Mapping[str, str] = {"create": FIRST, "change": SECOND}
    with sweep("real SIGKILLs") as tally:
        for call, when in chosen(POINTS, SHARE, seed=len(work)):
            folder = tmp_path / f"{work}-{call}-{when}"
            folder.mkdir()
            with running_emulator(clock="fast") as server:
                (folder / "stack.yaml").write_text(FIRST)
                if work == "change":
                    assert ran(server, folder, "apply", "--auto-approve")[0] == 0
                (folder / "stack.yaml").write_text(texts[work])
                if killed(server, folder, call, when):
                    tally.add(f"{work}, call {call}, {when} the commit", problems(server, folder))
