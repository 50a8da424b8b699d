"""How seconds and memory grow with the size of a stack, shape by shape: what is linear has an exponent near 1.

Each figure is taken in a process of its own: the engine over the emulator's handler, without sockets, in virtual time.
CPU seconds of the work named, the emulator's answers among them; what is there before is not counted. The exponent is
that of the last two sizes: 2 means that twice as much takes four times as long.

Usage: python -m tests.benchmarks.growth [SHAPE …]   (default: all; names as the first column prints them)
"""

import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ecsplan import engine
from ecsplan.engine import PlanOptions
from ecsplan.executor.lock import PUBLIC_KEY
from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import Cloud

NETWORK = """\
  vpc: {main: {cidr_block: 10.0.0.0/8}}
  vswitch: {app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.0.0/16}}
  security_group: {web: {vpc: main}}
"""
MACHINE = (
    "instance_type: TYPE, image: ubuntu_22_04_x64_20G_alibase_20260522.vhd, vswitch: app, security_groups: [web], "
    "system_disk: {category: cloud_essd, size: 40}"
)
DISK = "zone: cn-hangzhou-h, category: cloud_essd, size: 40"
Work = Callable[[Cloud, int], Callable[[], object]]
"""Sets up what is there before, and returns the work that is measured."""


def fleet(size: int, kind: str = "ecs.g7.large", more: str = "") -> str:
    """A group takes 2,000 machines, so that more are spread over several."""
    groups = "".join(f"    g{number}: {{vpc: main}}\n" for number in range(size // 2000 + 1))
    machine = MACHINE.replace("TYPE", kind).replace("[web]", '["g${index // 2000}"]')
    network = NETWORK.replace("security_group: {web: {vpc: main}}\n", "security_group:\n" + groups)
    return f"resources:\n{network}  instance: {{web: {{count: {size}, {machine}{more}}}}}\n"


def disks(size: int, more: str = "") -> str:
    return f"resources:\n  disk:\n    a: {{count: {size}, {DISK}}}\n    b: {{count: {size}, {DISK}{more}}}\n"


def key_pairs(size: int) -> str:
    return f"resources:\n  key_pair: {{k: {{public_key: {PUBLIC_KEY}, count: {size}}}}}\n"


def chain(size: int) -> str:
    rows = "".join(f"    v{n}: {{vpc: main, zone: cn-hangzhou-h, cidr_block: 10.{n // 250}.{n % 250}.0/24}}\n"
                   for n in range(size))  # fmt: skip
    groups = "".join(f"    g{n}: {{vpc: main, depends_on: [vswitch.v{n}]}}\n" for n in range(size))
    return f"resources:\n  vpc: {{main: {{cidr_block: 10.0.0.0/8}}}}\n  vswitch:\n{rows}  security_group:\n{groups}"


def renamed(size: int, name: str) -> str:
    rows = "".join(f"    {name}{n}: {{{DISK}, description: number {n}}}\n" for n in range(size))
    return f"resources:\n  disk:\n{rows}"


def references(size: int) -> str:
    machine = MACHINE.replace("TYPE", "ecs.g7.large").replace("vswitch: app", "vswitch: ap")
    rows = "".join(f"    w{n}: {{{machine}}}\n" for n in range(size))
    return f"resources:\n{NETWORK}  instance:\n{rows}"


def lookups(size: int) -> str:
    machine = MACHINE.replace("TYPE", "ecs.g7.large").replace("vswitch: app", "vswitch: {lookup: {name: demo-app}}")
    machine = machine.replace("[web]", "[{lookup: {name: demo-web}}]")
    return f"resources:\n{NETWORK}  instance: {{web: {{count: {size}, {machine}}}}}\n"


def bound(size: int) -> str:
    """Machines that a disk each names by their number."""
    disk = f"data: {{count: {size}, {DISK}, instance: 'web[${{index}}]'}}"
    return fleet(size) + f"  disk: {{{disk}}}\n"


def described(size: int, text: str) -> str:
    return f"resources:\n  disk: {{a: {{count: {size}, {DISK}, description: {text}}}}}\n"


def keyed(size: int) -> str:
    """Machines that name key pairs which are not there."""
    return fleet(size).replace("vswitch: app", 'vswitch: app, key_pair: "no-${index}"')


def listed(size: int) -> str:
    names = ", ".join(f"n{number}" for number in range(size))
    return f"resources:\n  disk: {{a: {{for_each: [{names}], {DISK}}}}}\n"


def drift_after_many(cloud: Cloud, size: int) -> Callable[[], object]:
    """Runs of a small stack, each with a journal; the stack itself does not grow."""
    for number in range(size):
        cloud.apply(described(1, f"run {number}"))
    stack = cloud.load(described(1, f"run {size - 1}"))
    return lambda: engine.drift(stack, cloud.api, PlanOptions(), state_dir=str(cloud.folder / ".ecsplan"))


def routes(size: int) -> str:
    """One table of them: more than a table takes by default is a plan all the same."""
    rows = ", ".join(f"{{cidr: 192.{168 + n // 250}.{n % 250}.0/24, next_hop: nat_gateway.out}}" for n in range(size))
    return (
        f"resources:\n{NETWORK}  nat_gateway: {{out: {{vpc: main, vswitch: app}}}}\n"
        f"  route_table: {{own: {{vpc: main, routes: [{rows}]}}}}\n"
    )


def port_lists(size: int) -> str:
    rows = "".join(
        f"    p{n}: {{max_entries: 20, entries: [{', '.join(f'{{ports: {1000 + k}}}' for k in range(10))}]}}\n"
        for n in range(size)
    )
    return f"resources:\n  port_range_list:\n{rows}"


def commands(size: int) -> str:
    command = f"{{count: {size}, type: RunShellScript, content: 'echo ${{index}}'}}"
    return fleet(size) + f"  command: {{c: {command}}}\n"


def interfaces(size: int) -> str:
    one = f"{{count: {size}, vswitch: app, security_groups: [web]}}"
    return f"resources:\n{NETWORK}  network_interface: {{e: {one}}}\n"


def snapshots(size: int) -> str:
    return (
        f"resources:\n  disk: {{a: {{count: {size}, {DISK}}}}}\n"
        f"  snapshot: {{s: {{count: {size}, disk: 'a[${{index}}]'}}}}\n"
    )


def validate(text: Callable[[int], str]) -> Work:
    def work(cloud: Cloud, size: int) -> Callable[[], object]:
        def run() -> object:
            try:
                return cloud.load(text(size))
            except Rejected as wrong:
                return wrong

        return run

    return work


def plan(text: Callable[[int], str], before: Callable[[int], str] | None = None, **options: object) -> Work:
    def work(cloud: Cloud, size: int) -> Callable[[], object]:
        if before is not None:
            cloud.apply(before(size))
        stack = cloud.load(text(size))
        return lambda: engine.save_plan(cloud.plan(stack, **options))

    return work


def apply(text: Callable[[int], str], before: Callable[[int], str] | None = None) -> Work:
    def work(cloud: Cloud, size: int) -> Callable[[], object]:
        if before is not None:
            cloud.apply(before(size))
        stack = cloud.load(text(size))
        return lambda: cloud.apply(stack)

    return work


@dataclass(frozen=True, slots=True)
class Shape:
    """One way for a stack to grow, and the sizes that are tried, each twice the one before."""

    name: str
    work: Work
    sizes: tuple[int, ...]


BIG, SMALL = (500, 1000, 2000), (100, 200, 400)
SHAPES = (
    Shape("key pairs, created", apply(key_pairs), SMALL),
    Shape("depends_on n on n, validate", validate(lambda n: disks(n, ", depends_on: [disk.a]")), BIG),
    Shape("depends_on n on n, plan", plan(lambda n: disks(n, ", depends_on: [disk.a]")), BIG),
    Shape("depends_on n on n, target", plan(lambda n: disks(n, ", depends_on: [disk.a]"), targets=("disk.b[0]",)), BIG),
    Shape("look-ups, two a machine", plan(lookups, lambda n: f"resources:\n{NETWORK}"), BIG),
    Shape("one member as target", plan(lambda n: fleet(n, "ecs.g7.xlarge"), fleet, targets=("instance.web[3]",)), BIG),
    Shape("all but one member", plan(lambda n: fleet(n, "ecs.g7.xlarge"), fleet, excludes=("instance.web[3]",)), BIG),
    Shape("rolling change", plan(lambda n: fleet(n, "ecs.g7.xlarge"), fleet), BIG),
    Shape(
        "rolling change, one by one",
        plan(lambda n: fleet(n, "ecs.g7.xlarge", ", lifecycle: {rollout: {max_unavailable: 1}}"), fleet),
        BIG,
    ),
    Shape("wrong references", validate(references), SMALL),
    Shape("vSwitches and groups, plan", plan(chain), SMALL),
    Shape("renamed, all of them", plan(lambda n: renamed(n, "new"), lambda n: renamed(n, "old")), SMALL),
    Shape("journals of earlier runs, drift", drift_after_many, (5, 10, 20)),
    Shape("machines that a disk each names", apply(bound), SMALL),
    Shape("for_each over a list, validate", validate(listed), (3000, 6000, 12000)),
    Shape("names of key pairs that are not there", plan(keyed), SMALL),
    Shape("alike disks, described anew", apply(lambda n: described(n, "two"), lambda n: described(n, "one")), SMALL),
    Shape("routes of a table, plan", plan(routes), SMALL),
    Shape("port range lists, no changes", plan(port_lists, port_lists), SMALL),
    Shape("commands and machines, plan", plan(commands), BIG),
    Shape("interfaces, created", apply(interfaces), SMALL),
    Shape("disks and snapshots, plan", plan(snapshots), BIG),
    Shape("destroy", plan(fleet, fleet, destroy=True), BIG),
    Shape("created, plan", plan(fleet), BIG),
    Shape("created, apply", apply(fleet), BIG),
    Shape("no changes", plan(fleet, fleet), BIG),
)  # fmt: skip


def child(name: str, size: int) -> None:
    """One figure, as JSON: CPU seconds of the work, and the most memory that the process ever had."""
    (shape,) = [one for one in SHAPES if one.name == name]
    with tempfile.TemporaryDirectory() as folder:
        work = shape.work(Cloud(Path(folder)), size)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.process_time()
        with suppress(Rejected):  # some shapes are mistakes
            work()
        seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "before": before / 1024, "megabytes": peak / 1024}))


def figure(name: str, size: int) -> tuple[float, float]:
    command = (sys.executable, "-m", "tests.benchmarks.growth", "--child", name, str(size))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name}, {size}:\n{done.stderr[-3000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    return found["seconds"], found["megabytes"]


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    return math.log(seconds[-1] / seconds[-2]) / math.log(sizes[-1] / sizes[-2])


def main(names: Sequence[str]) -> None:
    print("| shape | sizes | CPU seconds | exponent | MB |\n|---|---|---|---|---|", flush=True)
    for shape in SHAPES:
        if names and shape.name not in names:
            continue
        found = [figure(shape.name, size) for size in shape.sizes]
        seconds = [one for one, _ in found]
        sizes = ", ".join(f"{size:,}" for size in shape.sizes)
        spent = ", ".join(f"{one:.2f}" for one in seconds)
        power = exponent(shape.sizes, seconds)
        print(f"| {shape.name} | {sizes} | {spent} | {power:.1f} | {found[-1][1]:.0f} |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]))
    else:
        main(sys.argv[1:])
