"""Many stacks, in one process and on a cluster of real processes, some of which are killed: seconds, and what was made.

Usage: python -m tests.benchmarks.cluster [--stacks N] [--resources N] [--workers N] [--latency MS] [--kills N]

500 stacks of 20 resources by default, 4 workers, 20 ms, 5 kills. Each way has an emulator of its own.
"""

import argparse
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

from ecsplan.emulator.testing import running_emulator
from tests.fleet.cluster import command, environ_for, scheduler, things, wait_for, worker, write_stacks

QUOTAS = {"vpcs_per_region": 100_000, "security_groups_per_account": 1_000_000}


def one_process(folder: Path, latency: float) -> float:
    with running_emulator(clock="fast", latency_ms=latency, quotas=QUOTAS) as server:
        began = time.monotonic()
        ran = command(folder, environ_for(server.url, folder), "apply", "--all", "stacks", "--auto-approve")
        out, _ = ran.communicate()
        assert ran.returncode == 0, out[-2000:]
        return time.monotonic() - began


def on_cluster(folder: Path, latency: float, count: int, kills: int) -> tuple[float, dict[str, int]]:
    chance = random.Random(0)
    with running_emulator(clock="fast", latency_ms=latency, quotas=QUOTAS) as server:
        environ = environ_for(server.url, folder)
        with scheduler(folder, environ) as address:
            workers = [worker(address, folder, environ, threads=4) for _ in range(count)]
            on = address.replace("tcp://", "dask://")
            began = time.monotonic()
            with (folder / "out").open("w", encoding="utf-8"):
                ran = command(folder, environ, "apply", "--all", "stacks", "--auto-approve", "--on", on)
            for _ in range(kills):
                seen = len(things(server.url))
                wait_for(lambda seen=seen: len(things(server.url)) > seen + 20 or ran.poll() is not None, 600.0)
                victim = workers.pop(chance.randrange(len(workers)))
                victim.kill()
                victim.wait()
                workers.append(worker(address, folder, environ, threads=4))
            out, _ = ran.communicate()
            seconds = time.monotonic() - began
            for one in workers:
                one.kill()
                one.wait()
        assert ran.returncode == 0, out[-2000:]
        return seconds, dict(Counter(thing["kind"] for thing in things(server.url)))


def main() -> None:
    given = argparse.ArgumentParser()
    for name, value in (("stacks", 500), ("resources", 20), ("workers", 4), ("latency", 20), ("kills", 5)):
        given.add_argument(f"--{name}", type=int, default=value)
    asked = given.parse_args()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        for folder in (one, other):
            write_stacks(Path(folder), asked.stacks, asked.resources)
        seconds, made = on_cluster(Path(other), float(asked.latency), asked.workers, asked.kills)
        wanted = {"vpc": asked.stacks, "securitygroup": asked.stacks * (asked.resources - 1)}
        doubled = {kind: made.get(kind, 0) - count for kind, count in wanted.items()}
        print(f"cluster of {asked.workers} workers, {asked.kills} killed: {seconds:.1f} s; more than wanted: {doubled}")
        print(f"one process: {one_process(Path(one), float(asked.latency)):.1f} s")


if __name__ == "__main__":
    main()
