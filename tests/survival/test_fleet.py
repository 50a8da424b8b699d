"""A fleet on a cluster of real processes: workers are killed in the middle, every stack is applied once."""

import random
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="the extra fleet is not installed")

from ecsplan.emulator.testing import running_emulator
from tests.fleet.cluster import command, environ_for, scheduler, things, wait_for, worker, write_stacks
from tests.survival.sizes import TIMES

STACKS, KILLS = max(4, round(4 * TIMES)), max(1, round(TIMES))


def test_workers_are_killed_at_random_and_every_stack_is_applied_once(tmp_path: Path) -> None:
    write_stacks(tmp_path, STACKS, 3)
    chance = random.Random(0)
    with running_emulator(clock="fast") as server:
        environ = environ_for(server.url, tmp_path)
        with scheduler(tmp_path, environ) as address:
            workers = [worker(address, tmp_path, environ) for _ in range(2)]
            try:
                on = address.replace("tcp://", "dask://")
                ran = command(tmp_path, environ, "apply", "--all", "stacks", "--auto-approve", "--on", on)
                for _ in range(KILLS):
                    seen = len(things(server.url))
                    wait_for(lambda seen=seen: len(things(server.url)) > seen or ran.poll() is not None)
                    victim = workers.pop(chance.randrange(len(workers)))
                    victim.kill()
                    victim.wait()
                    workers.append(worker(address, tmp_path, environ))
                out, _ = ran.communicate(timeout=120)
                assert ran.returncode == 0, out
                again = command(tmp_path, environ, "plan", "--all", "stacks", "--on", on)
                told, _ = again.communicate(timeout=120)
            finally:
                for one in workers:
                    one.kill()
                    one.wait()
        made = Counter(thing["kind"] for thing in things(server.url))
    assert made["vpc"] == STACKS and made["securitygroup"] == 2 * STACKS, made
    assert again.returncode == 0 and f"{STACKS} of {STACKS} stacks" in told and "changes" not in told.splitlines()[-1]
