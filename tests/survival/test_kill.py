"""Real processes, really killed: `ecsplan apply` against a server, held at a call before or after its commit."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ecsplan.emulator.account import Account
from ecsplan.emulator.storage import replace as replace_account
from tests.survival.invariants import Watch
from tests.survival.sizes import FULL, Tally
from tests.survival.stacks import BIG, CHANGED, FIRST, HEAD, group
from tests.survival.world import ROOT

KILLS = 200 if FULL else 20
PARTS = 4
PAIRS = (("", FIRST), ("", BIG), (BIG, CHANGED), (group(3), group(6)), (group(7), group(2)))


CONTROL = {"x-ecsplan-emulator": "1"}


class Server:
    """An emulator in a process of its own, with its control API."""

    def __init__(self) -> None:
        self.states: dict[str, Any] = {}
        command = [sys.executable, "-m", "ecsplan", "emulator", "--port", "0", "--clock", "fast"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        lines = iter(self.process.stdout.readline, "")
        line = next(line for line in lines if "ECSPLAN_ENDPOINT=" in line)
        self.url = line.strip().partition("ECSPLAN_ENDPOINT=")[2]

    def ask(self, method: str, name: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_emulator/{name}", data, CONTROL, method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def reset(self) -> None:
        self.ask("POST", "faults", {"clear": True})
        self.ask("POST", "reset", {"what": "account"})
        self.ask("POST", "reset", {"what": "stats"})

    def stand(self, text: str, folder: Path) -> None:
        """An account in which the stack stands; applied once, then put back each time."""
        if text not in self.states:
            (folder / "stack.yaml").write_text(HEAD.format(name="shop") + text)
            assert ended(start(self, folder)) == 0, (folder / "out.txt").read_text()[-500:]
            self.states[text] = self.ask("GET", "state")
        self.ask("PUT", "state", self.states[text])
        self.ask("POST", "reset", {"what": "stats"})

    def close(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=20)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def start(server: Server, folder: Path) -> int:
    """`ecsplan apply` in a process of its own; a fork, as starting Python anew would be most of the time."""
    pid = os.fork()
    if pid:
        return pid
    status = 70
    try:
        os.chdir(folder)
        silent = os.open(folder / "out.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        os.environ.update(
            ALIBABA_CLOUD_ACCESS_KEY_ID="emulator", ALIBABA_CLOUD_ACCESS_KEY_SECRET="emulator-secret",
            ECSPLAN_ENDPOINT=server.url,
        )  # fmt: skip
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
        from ecsplan.cli.main import main

        status = main(["apply", "--auto-approve", "--allow-destroy", "100"])
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status if isinstance(status, int) else 71)


def ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def problems(server: Server, number: int) -> list[str] | None:
    """None where the run ended before the call at which it was to be killed."""
    server.reset()
    before, after = PAIRS[number % len(PAIRS)]
    call, when = 1 + (number * 7) % 45, ("before", "after")[number // len(PAIRS) % 2]
    with tempfile.TemporaryDirectory(dir=ROOT, prefix="kill-") as name:
        folder = Path(name)
        if before:
            server.stand(before, folder)
        (folder / "stack.yaml").write_text(HEAD.format(name="shop") + after)
        server.ask("POST", "faults", [{"fault": "hold", "at_call": call, "when": when}])
        pid = start(server, folder)
        deadline = time.monotonic() + 60
        while not server.ask("GET", "held")["held"]:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                return None if os.waitstatus_to_exitcode(status) == 0 else [f"ended with {status}"]
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
                ended(pid)
                return ["nothing was held"]
            time.sleep(0.005)
        os.kill(pid, signal.SIGKILL)
        ended(pid)
        server.ask("POST", "resume", {})
        server.ask("POST", "faults", {"clear": True})
        found = [] if ended(start(server, folder)) == 0 else [f"re-run: {(folder / 'out.txt').read_text()[-700:]}"]
        if ended(start(server, folder)) != 0 or "No changes" not in (folder / "out.txt").read_text():
            found.append(f"a third run has work to do: {(folder / 'out.txt').read_text()[-300:]}")
        account = Account("1234567890123456")
        replace_account(account, server.ask("GET", "state"))
        watch = Watch(account)
        watch.look()
        return [*found, *watch.violations]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("part", range(PARTS))
def test_killed_for_real(server: Server, part: int, sweep: Callable[[str], AbstractContextManager[Tally]]) -> None:
    with sweep("real kills") as tally:
        number = part
        while tally.cases < KILLS // PARTS + (part < KILLS % PARTS):
            wrong = problems(server, number)
            if wrong is not None:
                tally.add(f"kill {number}", wrong)
            number += PARTS


ANYWHEN = int(os.environ.get("ECSPLAN_KILLS") or (200 if FULL else 12))
"""How many runs are killed at a moment of chance."""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_run_killed_at_any_moment_never_leaves_the_stack_locked(server: Server, tmp_path: Path) -> None:
    """Half of the dead are reaped; the others stay zombies, whose numbers answer for as long as the test runs."""
    dice = Random(17)
    server.reset()
    texts = (group(2), group(7), group(1))
    (tmp_path / "stack.yaml").write_text(HEAD.format(name="shop") + group(4))
    assert ended(start(server, tmp_path)) == 0
    zombies, locked = [], []
    for number in range(ANYWHEN):
        (tmp_path / "stack.yaml").write_text(HEAD.format(name="shop") + texts[number % len(texts)])
        pid = start(server, tmp_path)
        time.sleep(dice.uniform(0.0, 0.7))
        os.kill(pid, signal.SIGKILL)
        if number % 2:
            ended(pid)
        else:
            zombies.append(pid)
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        (tmp_path / "out.txt").unlink(missing_ok=True)
        status = ended(start(server, tmp_path))
        if status != 0:
            locked.append(f"kill {number}: exit {status}: {(tmp_path / 'out.txt').read_text()[-300:]}")
    for pid in zombies:
        ended(pid)
    assert not locked
