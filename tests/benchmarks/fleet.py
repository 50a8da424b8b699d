"""The speed of a whole stack: calls, seconds and memory of `examples/fleet`, also as multiples of the floor.

Starts the emulator in a process of its own and runs the command line against it; the emulator counts the calls. Each
plan is followed by floor.py, which reads the same lists and does nothing else: a busy or slow machine is that for both.
Figures are medians of the runs.

Usage: python tests/benchmarks/fleet.py [--latency MS[,MS…]] [--runs N] [SIZE …]

`--latency` is that of the API in milliseconds, or a spread (100-300); several are taken one after another
(default: 20). Plans are run N times (default: 3), what creates and destroys once. Sizes: 100 1000 10000 by default;
50000 takes half an hour.
"""

import argparse
import json
import math
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ecsplan.model.copying import replace

FLEET = Path(__file__).parent.parent.parent / "examples" / "fleet"
FLOOR = Path(__file__).parent / "floor.py"
IN_A_GROUP = 2000  # machines that a security group takes
LOCK = "ecsplan-lock:"
READS = ("Describe", "Get", "List")
ECSPLAN = (sys.executable, "-m", "ecsplan")

# (work, size): calls, at the most
BARS: dict[tuple[str, int], int] = {
    ("create", 1000): 70,
    ("plan", 1000): 40,
    ("destroy", 1000): 78,
    ("create", 10000): 260,
    ("plan", 10000): 210,
    ("plan", 50000): 1000,
}


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process took, as the operating system counts it."""

    wall: float
    cpu: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One run; `served` is the emulator's own CPU seconds meanwhile, `makespan` the seconds from the first write to the
    last read before the lock is given up; 0 of what writes nothing."""

    work: str
    size: int
    calls: int
    wall: float
    cpu: float
    megabytes: float
    actions: dict[str, int]
    served: float
    floor: Spent | None = None
    makespan: float = 0.0


@dataclass(frozen=True, slots=True)
class Served:
    """An emulator in another process."""

    url: str
    pid: int

    def cpu(self) -> float:
        """CPU seconds of the process so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def emulator(latency: str = "20", settle: float = 1.0) -> Iterator[Served]:
    command = (*ECSPLAN, "emulator", "--port", "0", "--latency", latency, "--settle", str(settle))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None, "the emulator printed no URL"
        yield Served(found[0], process.pid)
    finally:
        process.terminate()
        process.wait()


def ask(url: str, path: str, body: dict[str, str] | None = None) -> dict[str, object]:
    data = json.dumps(body).encode() if body is not None else None
    asked = urllib.request.Request(f"{url}/_emulator/{path}", data, {"x-ecsplan-emulator": "1"})
    with urllib.request.urlopen(asked) as answer:
        return dict(json.load(answer))


def measure(served: Served, work: str, size: int, folder: str, *arguments: str) -> Figure:
    """One run of the command line over the fleet."""
    groups = max(10, -(-size // IN_A_GROUP))
    return measured(
        served, work, size, folder, *arguments, str(FLEET), "--var", f"size={size}", "--var", f"groups={groups}"
    )


def measured(served: Served, work: str, size: int, folder: str, *arguments: str) -> Figure:
    """One run of the command line, as the operating system and the emulator count it."""
    ask(served.url, "reset", {"what": "stats"})
    environ = {
        **os.environ,
        "ECSPLAN_ENDPOINT": served.url,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-secret",
    }
    before = served.cpu()
    spent = timed((*ECSPLAN, *arguments), folder, environ)
    cpu = served.cpu() - before
    stats = ask(served.url, "stats")
    actions = {name: found["calls"] for name, found in sorted(stats["actions"].items())}  # type: ignore[attr-defined]
    total = int(str(stats["total"]))
    return Figure(
        work, size, total, spent.wall, spent.cpu, spent.megabytes, actions, cpu, makespan=_makespan(served.url)
    )


def _makespan(url: str) -> float:
    calls = ask(url, "calls")["calls"]
    assert isinstance(calls, list)
    lock = [call["time"] for call in calls if LOCK in str(call["params"])]
    writes = [call["time"] for call in calls if not call["action"].startswith(READS) and call["time"] not in lock]
    return max(lock) - min(writes) if writes and lock else 0.0


def floor(served: Served, folder: str) -> Spent:
    return timed((sys.executable, str(FLOOR), served.url), folder, os.environ)


def timed(command: Sequence[str], folder: str, environ: Mapping[str, str], limit: float = math.inf) -> Spent:
    """One process to its end, which must be a good one; TimeoutError for one that is stopped after `limit` seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    process = subprocess.Popen(
        command, env=environ, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    peak = 0
    status = Path(f"/proc/{process.pid}/status")
    with ThreadPoolExecutor(1) as reader:  # a full pipe would stop the process
        said = reader.submit(process.communicate)
        while not said.done():
            peak = max(peak, _peak(status))
            wait((said,), timeout=0.05)
            if time.monotonic() - started > limit:
                process.kill()
        output, errors = said.result()
    wall = time.monotonic() - started
    if wall > limit:
        raise TimeoutError
    assert process.returncode == 0, output[-2000:] + errors[-2000:]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(wall, cpu, peak / 1024)


def _peak(status: Path) -> int:
    try:
        found = re.search(r"VmHWM:\s+(\d+)", status.read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0


def figures(size: int, latency: str, runs: int) -> Iterator[Figure]:
    """Create, plan and destroy one fleet."""
    with emulator(latency) as served, tempfile.TemporaryDirectory() as folder:
        yield measure(served, "create", size, folder, "apply", "--auto-approve")
        plans, floors = [], []
        for _ in range(runs):
            plans.append(measure(served, "plan", size, folder, "plan"))
            floors.append(floor(served, folder))
        yield replace(_median_of(plans), floor=Spent(*_medians(floors, "wall", "cpu", "megabytes")))
        yield measure(served, "destroy", size, folder, "destroy", "--auto-approve")


def _median_of(runs: Sequence[Figure]) -> Figure:
    wall, cpu, megabytes, served = _medians(runs, "wall", "cpu", "megabytes", "served")
    return replace(runs[0], wall=wall, cpu=cpu, megabytes=megabytes, served=served)


def _medians(runs: Sequence[object], *names: str) -> tuple[float, ...]:
    return tuple(statistics.median(getattr(run, name) for run in runs) for name in names)


def row(latency: str, figure: Figure) -> str:
    most, floor = BARS.get((figure.work, figure.size)), figure.floor

    def times(value: float, name: str) -> str:
        return f" ({value / getattr(floor, name):.1f} ×)" if floor is not None else ""

    return (
        f"| {figure.work} {figure.size:,}, {latency} ms "
        f"| {figure.calls}{f' (≤ {most})' if most else ''} "
        f"| {figure.wall:.1f} s{times(figure.wall, 'wall')} "
        f"| {figure.cpu:.1f} s{times(figure.cpu, 'cpu')} "
        f"| {figure.megabytes:.0f} MB{times(figure.megabytes, 'megabytes')} "
        f"| {figure.served:.1f} s |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=[100, 1000, 10000])
    parser.add_argument("--latency", default="20")
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    print("In parentheses: multiples of the floor, the same lists read and parsed in the same run.\n")
    print(
        "| work | API calls | wall | CPU | peak memory | CPU of the emulator |\n|---|---|---|---|---|---|", flush=True
    )
    found = []
    for latency in asked.latency.split(","):
        for size in asked.sizes:
            for figure in figures(size, latency, asked.runs):
                print(row(latency, figure), flush=True)
                found.append(figure)
    print("\nCalls by action:")
    for figure in found:
        shown = ", ".join(f"{name} {count}" for name, count in figure.actions.items())
        print(f"  {figure.work} {figure.size:,}: {shown}")


if __name__ == "__main__":
    main()
