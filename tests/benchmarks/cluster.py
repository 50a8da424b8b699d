"""Many stacks, in one process and on a cluster of real processes, some of which are killed: seconds, and what was made.

Usage: python -m tests.benchmarks.cluster [--stacks N] [--resources N] [--workers N] [--latency MS] [--kills N]

500 stacks of 20 resources by default, 4 workers, 20 ms, 5 kills. Each way has an emulator of its own.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

from ecsplan.emulator.testing import running_emulator
from tests.fleet.cluster import environ_for, scheduler, things, worker, write_stacks

QUOTAS = {"vpcs_per_region": 100_000, "security_groups_per_account": 1_000_000}


APPLY = ("apply", "--all", "stacks", "--auto-approve")


def one_process(folder: Path, latency: float) -> float:
    with running_emulator(clock="fast", latency_ms=latency, quotas=QUOTAS) as server:
        began = time.monotonic()
        assert run(folder, environ_for(server.url, folder), *APPLY).wait() == 0, told(folder)
        return time.monotonic() - began


def on_cluster(folder: Path, latency: float, count: int, kills: int, wanted: int) -> tuple[float, dict[str, int]]:
    """Kills a worker each time that another part of what is wanted was made, so that they come all the way through."""
    chance = random.Random(0)
    with running_emulator(clock="fast", latency_ms=latency, quotas=QUOTAS) as server:
        environ = environ_for(server.url, folder)
        with scheduler(folder, environ) as address:
            workers = [worker(address, folder, environ, threads=4) for _ in range(count)]
            began = time.monotonic()
            ran = run(folder, environ, *APPLY, "--on", address.replace("tcp://", "dask://"))
            for number in range(1, kills + 1):
                while ran.poll() is None and creations(server.url) < wanted * number / (kills + 1):
                    time.sleep(0.5)
                victim = workers.pop(chance.randrange(len(workers)))
                victim.kill()
                victim.wait()
                workers.append(worker(address, folder, environ, threads=4))
            status = ran.wait()
            seconds = time.monotonic() - began
            for one in workers:
                one.kill()
                one.wait()
        assert status == 0, told(folder)
        return seconds, dict(Counter(thing["kind"] for thing in things(server.url)))


def run(folder: Path, environ: dict[str, str], *words: str) -> "subprocess.Popen[bytes]":
    """Its output goes to a file: a pipe that is not read while workers are killed fills up, and stops it."""
    with (folder / "out").open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "ecsplan", *words], cwd=folder, env=environ, stdout=out, stderr=subprocess.STDOUT
        )


def told(folder: Path) -> str:
    return (folder / "out").read_text(encoding="utf-8")[-2000:]


def creations(endpoint: str) -> int:
    asked = urllib.request.Request(f"{endpoint}/_emulator/stats", headers={"x-ecsplan-emulator": "1"})
    with urllib.request.urlopen(asked) as answer:
        actions = json.load(answer)["actions"]
    return sum(actions.get(name, {}).get("calls", 0) for name in ("CreateVpc", "CreateSecurityGroup"))


def main() -> None:
    given = argparse.ArgumentParser()
    for name, value in (("stacks", 500), ("resources", 20), ("workers", 4), ("latency", 20), ("kills", 5)):
        given.add_argument(f"--{name}", type=int, default=value)
    asked = given.parse_args()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        for folder in (one, other):
            write_stacks(Path(folder), asked.stacks, asked.resources)
        total = asked.stacks * asked.resources
        seconds, made = on_cluster(Path(other), float(asked.latency), asked.workers, asked.kills, total)
        wanted = {"vpc": asked.stacks, "securitygroup": asked.stacks * (asked.resources - 1)}
        doubled = {kind: made.get(kind, 0) - count for kind, count in wanted.items()}
        lost = (Path(other) / "out").read_text(encoding="utf-8").count("the worker was lost")
        print(
            f"cluster of {asked.workers} workers, {asked.kills} killed, {lost} pieces of work lost with them: "
            f"{seconds:.1f} s; more than wanted: {doubled}",
            flush=True,
        )
        print(f"one process: {one_process(Path(one), float(asked.latency)):.1f} s")


if __name__ == "__main__":
    main()
