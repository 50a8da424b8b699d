"""Many small stacks of one region in one command, beside one stack of as many machines: calls, seconds, memory.

Starts two emulators in processes of their own. The network is a stack by itself, which the others refer to.

Usage: python -m tests.benchmarks.many_stacks [--stacks N] [--machines N] [--latency MS] [--runs N]

50 stacks of 20 machines by default, 20 ms, medians of three runs.
"""

import argparse
import tempfile
from pathlib import Path

from tests.benchmarks.fleet import FLEET, Figure, emulator, measured

BARS = {"calls": 60, "times": 2.0}
HEAD = "apiVersion: ecsplan/v1\nstack: {name}\nregion: cn-hangzhou\nresources:\n"
NETWORK = """\
  vpc: {main: {cidr_block: 10.0.0.0/8}}
  vswitch: {app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.0.0/16}}
  security_group: {web: {vpc: main}}
"""
MACHINES = """\
  instance:
    {name}:
      count: {count}
      instance_type: ecs.g7.large
      image: {{family: "acs:ubuntu_22_04_x64"}}
      vswitch: {{stack: net, name: app}}
      security_groups: [{{stack: net, name: web}}]
      system_disk: {{category: cloud_essd, size: 40}}
      data_disks: {{data: {{category: cloud_essd, size: 100}}}}
"""


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "stack.yaml").write_text(HEAD.format(name=name) + text, encoding="utf-8")


def stacks(latency: str, runs: int, count: int, machines: int) -> Figure:
    with emulator(latency) as served, tempfile.TemporaryDirectory() as folder:
        write(Path(folder), "net", NETWORK)
        for number in range(count):
            write(Path(folder), f"s{number}", MACHINES.format(name=f"s{number}", count=machines))
        measured(served, "create", count * machines, folder, "apply", "--auto-approve", "--all")
        return median([measured(served, "plan", count * machines, folder, "plan", "--all") for _ in range(runs)])


def one_stack(latency: str, runs: int, size: int) -> Figure:
    fleet = (str(FLEET), "--var", f"size={size}")
    with emulator(latency) as served, tempfile.TemporaryDirectory() as folder:
        measured(served, "create", size, folder, "apply", "--auto-approve", *fleet)
        return median([measured(served, "plan", size, folder, "plan", *fleet) for _ in range(runs)])


def median(figures: list[Figure]) -> Figure:
    return sorted(figures, key=lambda one: one.cpu)[len(figures) // 2]


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in (("stacks", 50), ("machines", 20), ("runs", 3)):
        given.add_argument(f"--{name}", type=int, default=value)
    given.add_argument("--latency", default="20")
    asked = given.parse_args()
    many = stacks(asked.latency, asked.runs, asked.stacks, asked.machines)
    one = one_stack(asked.latency, asked.runs, asked.stacks * asked.machines)
    print("| work | API calls | wall | CPU | peak memory |\n|---|---|---|---|---|")
    for name, found in ((f"plan --all, {asked.stacks} of {asked.machines}", many), (f"plan of {one.size:,}", one)):
        print(f"| {name} | {found.calls} | {found.wall:.1f} s | {found.cpu:.1f} s | {found.megabytes:.0f} MB |")
    print(f"\ncalls: {many.calls} (≤ {BARS['calls']}); {many.wall / one.wall:.1f} × the seconds of the one stack,")
    print(f"{many.cpu / one.cpu:.1f} × its CPU (≤ {BARS['times']:.0f})")


if __name__ == "__main__":
    main()
