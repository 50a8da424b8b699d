"""A cluster of real processes on this machine, an emulator that they reach, and many small stacks."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

KEYS = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-secret",
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}  # fmt: skip
ROOT = Path(__file__).parent.parent.parent


@contextmanager
def scheduler(folder: Path, environ: dict[str, str]) -> Iterator[str]:
    """Its address."""
    script = (
        "import asyncio\nfrom distributed import Scheduler\n"
        "async def main():\n"
        "    async with Scheduler(host='127.0.0.1', port=0, dashboard_address=None, dashboard=False) as s:\n"
        "        print(s.address, flush=True)\n        await s.finished()\n"
        "asyncio.run(main())\n"
    )
    with (folder / "scheduler.log").open("wb") as log:
        started = subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=log, text=True, env=environ
        )  # fmt: skip
    try:
        assert started.stdout is not None
        yield started.stdout.readline().strip()
    finally:
        started.kill()
        started.wait()
        assert started.stdout is not None
        started.stdout.close()


def worker(address: str, folder: Path, environ: dict[str, str], threads: int = 2) -> "subprocess.Popen[bytes]":
    """Without a nanny: a worker that is killed stays dead."""
    script = (
        "import asyncio, sys\nfrom distributed import Worker\n"
        "async def main():\n"
        f"    async with Worker({address!r}, nthreads={threads}, dashboard=False,"
        f" local_directory={str(folder)!r}) as w:\n"
        "        await w.finished()\n"
        "asyncio.run(main())\n"
    )
    with (folder / "worker.log").open("ab") as log:
        return subprocess.Popen([sys.executable, "-c", script], stdout=log, stderr=log, cwd=folder, env=environ)


def environ_for(endpoint: str, folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT), "ECSPLAN_ENDPOINT": endpoint, **KEYS,
        "LC_ALL": "C.UTF-8",
    }  # fmt: skip


def write_stacks(folder: Path, count: int, resources: int) -> None:
    """Each with a VPC, and as many security groups as there are resources left; no two stacks look alike."""
    for number in range(count):
        groups = "".join(f"    g{number}x{one}: {{vpc: main{number}}}\n" for one in range(resources - 1))
        text = (
            f"apiVersion: ecsplan/v1\nstack: s{number:03d}\nregion: cn-hangzhou\nresources:\n"
            f"  vpc: {{main{number}: {{cidr_block: 10.0.0.0/16}}}}\n"
            + (f"  security_group:\n{groups}" if groups else "")
        )
        path = folder / "stacks" / f"s{number:03d}" / "stack.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")


def things(endpoint: str) -> list[dict[str, Any]]:
    asked = urllib.request.Request(f"{endpoint}/_emulator/state", headers={"x-ecsplan-emulator": "1"})
    with urllib.request.urlopen(asked) as answer:
        return list(json.load(answer)["things"])


def command(folder: Path, environ: dict[str, str], *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "ecsplan", *words], cwd=folder, env=environ, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip


def wait_for(what: Any, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)
