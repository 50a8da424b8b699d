"""The speed of a whole stack: calls, seconds and memory of `examples/fleet`, beside their bars.

Starts the emulator in a process of its own (20 ms latency, 1 s settling) and runs the command line against it; the
calls are counted by the emulator. Usage: python tests/benchmarks/fleet.py [SIZE …]   (default: 100 1000 10000)
"""

import json
import math
import os
import re
import resource
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

FLEET = Path(__file__).parent.parent.parent / "examples" / "fleet"
ECSPLAN = (sys.executable, "-m", "ecsplan")

# (work, size): calls, seconds, megabytes
BARS: dict[tuple[str, int], tuple[int | None, float | None, int | None]] = {
    ("plan", 1000): (40, 2.5, 150),
    ("plan", 10000): (200, 15.0, 600),
    ("create", 1000): (90, 15.0, None),
    ("destroy", 1000): (80, 15.0, None),
}


@dataclass(frozen=True, slots=True)
class Figure:
    work: str
    size: int
    calls: int
    wall: float
    cpu: float
    megabytes: float
    actions: dict[str, int]


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process took, as the operating system counts it."""

    wall: float
    cpu: float
    megabytes: float


@contextmanager
def emulator(latency: int = 20, settle: float = 1.0) -> Iterator[str]:
    """The URL of an emulator in another process."""
    command = (*ECSPLAN, "emulator", "--port", "0", "--latency", str(latency), "--settle", str(settle))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None, "the emulator printed no URL"
        yield found[0]
    finally:
        process.terminate()
        process.wait()


def ask(url: str, path: str, body: dict[str, str] | None = None) -> dict[str, object]:
    data = json.dumps(body).encode() if body is not None else None
    asked = urllib.request.Request(f"{url}/_emulator/{path}", data, {"x-ecsplan-emulator": "1"})
    with urllib.request.urlopen(asked) as answer:
        return dict(json.load(answer))


def measure(url: str, work: str, size: int, folder: str, *arguments: str) -> Figure:
    """One run of the command line, as the operating system and the emulator count it."""
    ask(url, "reset", {"what": "stats"})
    environ = {
        **os.environ,
        "ECSPLAN_ENDPOINT": url,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-secret",
    }
    spent = timed((*ECSPLAN, *arguments, str(FLEET), "--var", f"size={size}"), folder, environ)
    stats = ask(url, "stats")
    actions = {name: found["calls"] for name, found in sorted(stats["actions"].items())}  # type: ignore[attr-defined]
    return Figure(work, size, int(str(stats["total"])), spent.wall, spent.cpu, spent.megabytes, actions)


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


def figures(size: int) -> Iterator[Figure]:
    """Create, plan and destroy one fleet."""
    with emulator() as url, tempfile.TemporaryDirectory() as folder:
        yield measure(url, "create", size, folder, "apply", "--auto-approve")
        yield measure(url, "plan", size, folder, "plan")
        yield measure(url, "destroy", size, folder, "destroy", "--auto-approve")


def row(figure: Figure) -> str:
    calls, wall, memory = BARS.get((figure.work, figure.size), (None, None, None))
    return (
        f"| {figure.work} {figure.size:,} "
        f"| {figure.calls}{f' (≤ {calls})' if calls else ''} "
        f"| {figure.wall:.1f} s{f' (≤ {wall:g} s)' if wall else ''} "
        f"| {figure.cpu:.1f} s "
        f"| {figure.megabytes:.0f} MB{f' (≤ {memory} MB)' if memory else ''} |"
    )


def main() -> None:
    sizes = [int(text) for text in sys.argv[1:]] or [100, 1000, 10000]
    print("| work | API calls | wall | CPU | peak memory |\n|---|---|---|---|---|", flush=True)
    found = []
    for size in sizes:
        for figure in figures(size):
            print(row(figure), flush=True)
            found.append(figure)
    print("\nCalls by action:")
    for figure in found:
        shown = ", ".join(f"{name} {count}" for name, count in figure.actions.items())
        print(f"  {figure.work} {figure.size:,}: {shown}")


if __name__ == "__main__":
    main()
