"""Terraform's core alone, beside the whole of ecsplan, in one run: how much time is the engine's own.

Where `terraform` is installed, it applies and plans as many `terraform_data` resources as `examples/fleet` has
instances. Those are built into Terraform's core: there is no provider, no cloud and no call, so that its figures are a
lower bound for any real use of it. ecsplan's figures are those of fleet.py: all of it, 20 ms a call and 1 s settling.

Usage: python tests/benchmarks/terraform_core.py [--limit SECONDS] [SIZE …]   (default: 100 1000 10000)

A run of terraform that takes longer than the limit (600 s) is stopped, and shown as such.
"""

import argparse
import math
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.benchmarks.fleet import Spent, emulator, measure, timed

NODE = """\
  input = {{
    name            = "fleet-node-{number}"
    instance_type   = "ecs.g7.large"
    image           = "ubuntu_22_04_x64_20G_alibase_20260522.vhd"
    vswitch         = terraform_data.app.id
    security_groups = [terraform_data.part[{part}].id]
    system_disk     = {{ category = "cloud_essd", size = 40 }}
    data_disks      = {{ data = {{ category = "cloud_essd", size = 100 }} }}
  }}
"""
AROUND = """\
resource "terraform_data" "main" {
  input = { cidr_block = "10.0.0.0/8" }
}
resource "terraform_data" "app" {
  input = { vpc = terraform_data.main.id, zone = "cn-hangzhou-h", cidr_block = "10.0.0.0/16" }
}
resource "terraform_data" "part" {
  count = 10
  input = {
    vpc = terraform_data.main.id
    ingress = [
      { protocol = "tcp", ports = "443", cidr = "0.0.0.0/0" },
      { protocol = "tcp", ports = tostring(8000 + count.index), cidr = "10.0.0.0/8" },
    ]
  }
}
"""
RUNS_WHEN_SMALL, SMALL = 3, 1000
Figures = dict[str, Spent]


def as_group(size: int) -> str:
    """All instances by one `count`, as in examples/fleet."""
    node = NODE.format(number="${count.index}", part=f"floor(count.index * 10 / {size})")
    return f'{AROUND}resource "terraform_data" "node" {{\n  count = {size}\n{node}}}\n'


def written_out(size: int) -> str:
    """A block for each instance."""
    nodes = (
        f'resource "terraform_data" "node_{number}" {{\n{NODE.format(number=number, part=number * 10 // size)}}}\n'
        for number in range(size)
    )
    return AROUND + "".join(nodes)


def core(terraform: str, text: str, limit: float) -> Figures:
    """Made, planned again without changes (each resource refreshed), and destroyed."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "settings.tfrc"
        settings.touch()
        (Path(folder) / "main.tf").write_text(text, encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
        environ = {**kept, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_CLI_CONFIG_FILE": str(settings)}

        def run(*arguments: str) -> Spent:
            return timed((terraform, *arguments, "-input=false", "-no-color"), folder, environ, limit)

        run("init")
        works = {
            "create": ("apply", "-auto-approve"),
            "plan": ("plan", "-detailed-exitcode"),  # changes would be exit status 2
            "destroy": ("destroy", "-auto-approve"),
        }
        found: Figures = {}
        for work, arguments in works.items():
            try:
                found[work] = run(*arguments)
            except TimeoutError:
                return {**found, work: Spent(math.inf, math.inf, math.inf)}
        return found


def whole(size: int) -> Figures:
    """The fleet by ecsplan, against the emulator."""
    with emulator() as served, tempfile.TemporaryDirectory() as folder:
        works = {"create": ("apply", "--auto-approve"), "plan": ("plan",), "destroy": ("destroy", "--auto-approve")}
        found = {work: measure(served, work, size, folder, *arguments) for work, arguments in works.items()}
        return {work: Spent(figure.wall, figure.cpu, figure.megabytes) for work, figure in found.items()}


def median(runs: Iterable[Figures]) -> Figures:
    runs = tuple(runs)

    def of(work: str, name: str) -> float:
        return statistics.median(getattr(run[work], name) for run in runs)

    works = [work for work in runs[0] if all(work in run for run in runs)]
    return {work: Spent(*(of(work, name) for name in ("wall", "cpu", "megabytes"))) for work in works}


def cell(spent: Spent | None, limit: float) -> str:
    if spent is None:
        return "–"
    if spent.wall == math.inf:
        return f"> {limit:.0f} s"
    return f"{spent.wall:.1f} s, {spent.cpu:.1f} s, {spent.megabytes:.0f} MB"


def row(work: str, size: int, limit: float, ours: Spent, *cores: Spent | None) -> str:
    cells = [cell(spent, limit) for spent in (*cores, ours)]
    first = cores[0].wall if cores[0] else None
    share = "–" if first is None else f"< {ours.wall / limit:.2f}" if first == math.inf else f"{ours.wall / first:.2f}"
    return f"| {work} {size:,} | {' | '.join(cells)} | {share} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[100, 1000, 10000])
    parser.add_argument("--limit", type=float, default=600.0)
    asked = parser.parse_args()
    terraform = shutil.which("terraform")
    if terraform is None:
        print("terraform is not installed here: nothing to compare with", file=sys.stderr)
        return 1
    print("Terraform's core alone on terraform_data (no provider, no call: a lower bound), and all of ecsplan.")
    print("Each: wall, CPU, peak memory; the median of three runs up to 1,000. The ratio is of wall time.\n")
    print("| work | core, one `count` | core, written out | ecsplan, all calls | ecsplan / core |")
    print("|---|---|---|---|---|", flush=True)
    for size in asked.sizes:
        times = range(RUNS_WHEN_SMALL if size <= SMALL else 1)
        group = median(core(terraform, as_group(size), asked.limit) for _ in times)
        blocks = median(core(terraform, written_out(size), asked.limit) for _ in times)
        ours = median(whole(size) for _ in times)
        for work in ours:
            print(row(work, size, asked.limit, ours[work], group.get(work), blocks.get(work)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
