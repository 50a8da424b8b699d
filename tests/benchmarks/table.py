"""All rows that docs/speed.md is held to, measured in one go: each with its bar, and whether it holds.

Starts emulators in processes of their own. Plans are medians of five runs, each followed by the floor (floor.py); what
creates and destroys is measured once for each size. The machine should have nothing else to do: calls are exact,
seconds and multiples of the floor are those of the moment.

Usage: python -m tests.benchmarks.table [--quick] [--runs N] [ROW …]

`--quick` takes one run of each, and leaves out 50,000 machines and what takes minutes at 150 ms. ROW is a part of the
names of the rows that are wanted: 1,000, 10,000, 50,000, validate, stacks, help, core.
"""

import argparse
import math
import os
import shutil
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.benchmarks import many_stacks, terraform_core, validate_size
from tests.benchmarks.fleet import ECSPLAN, Figure, figures, timed

SETTLE = 1.0  # seconds that the emulator takes for each transition
MADE, GONE = 3, 2  # transitions of the fleet, one after the other: a VPC, a vSwitch, machines
FACTOR, SLACK = 1.15, 1.0
AT_ONCE = 10  # calls of a run
HELP_RUNS = 20


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure of a row, as it is shown, and its bound."""

    what: str
    found: float
    most: float
    form: str = "{:.0f}"

    @property
    def holds(self) -> bool:
        return self.found <= self.most

    def __str__(self) -> str:
        sign = "≤" if self.holds else "not ≤"
        return f"{self.what} {self.form.format(self.found)} {sign} {self.form.format(self.most)}"


@dataclass(frozen=True, slots=True)
class Line:
    """A row: what was done, what was measured, and the bars that it is held to."""

    work: str
    measured: str
    bars: Sequence[Bar]

    @property
    def text(self) -> str:
        verdict = "holds" if all(bar.holds for bar in self.bars) else "misses"
        return f"| {self.work} | {self.measured} | {'; '.join(map(str, self.bars))} | {verdict} |"


def _times(figure: Figure, name: str, most: float) -> Bar:
    assert figure.floor is not None
    return Bar(f"{name} ×", getattr(figure, name) / getattr(figure.floor, name), most, "{:.1f}")


def _makespan(figure: Figure, transitions: int, latency: float) -> Bar:
    """From the first write to the last look, beside the cloud's own times and those of the calls. What the emulator
    computes for its answers is among these: it does that for one call after the other."""
    calls = math.ceil(figure.calls / AT_ONCE) * latency / 1000
    cloud = transitions * SETTLE + calls + figure.served
    return Bar("makespan s", figure.makespan, FACTOR * cloud + SLACK, "{:.1f}")


def _measured(figure: Figure) -> str:
    return (
        f"{figure.calls} calls, {figure.wall:.1f} s, CPU {figure.cpu:.1f} s, {figure.megabytes:.0f} MB; "
        f"emulator {figure.served:.1f} s"
    )


_Bars = Callable[[Figure], Sequence[Bar]]
PLANS: dict[tuple[int, int], _Bars] = {
    (1000, 20): lambda f: (Bar("calls", f.calls, 40), _times(f, "wall", 2.5), Bar("MB", f.megabytes, 90)),
    (1000, 150): lambda f: (_times(f, "wall", 1.7),),
    (10_000, 20): lambda f: (
        Bar("calls", f.calls, 210), _times(f, "wall", 1.4), _times(f, "cpu", 2.2), _times(f, "megabytes", 1.6),
    ),
    (10_000, 150): lambda f: (_times(f, "wall", 1.4),),
    (50_000, 20): lambda f: (
        Bar("calls", f.calls, 1000), _times(f, "wall", 1.4), Bar("MB", f.megabytes, 1200),
    ),
}  # fmt: skip
MOST = {("create", 1000): 70, ("destroy", 1000): 78, ("create", 10_000): 260}
CREATE_MEGABYTES = 200


def fleet_lines(size: int, latency: int, runs: int, before: dict[int, float]) -> Iterator[Line]:
    """Create, plan and destroy of one size; `before` has the seconds of the smaller plans, for the growth."""
    for figure in figures(size, str(latency), runs):
        bars: list[Bar] = []
        if figure.work == "plan":
            bars += PLANS[size, latency](figure)
            if latency == 20:
                smaller = [other for other in before if other < size and size > 10_000]
                bars += [
                    Bar(f"seconds × those of {other:,}", figure.wall / before[other], size / other, "{:.1f}")
                    for other in smaller[-1:]
                ]
                before[size] = figure.wall
        elif (figure.work, size) in MOST and latency == 20:
            bars.append(Bar("calls", figure.calls, MOST[figure.work, size]))
            bars.append(_makespan(figure, MADE if figure.work == "create" else GONE, latency))
            if size == 10_000:
                bars.append(Bar("MB", figure.megabytes, CREATE_MEGABYTES))
        if bars:
            yield Line(f"{figure.work} {size:,}, {latency} ms", _measured(figure), bars)


def validate_line(runs: int) -> Line:
    found = [validate_size.measured(10_000) for _ in range(runs)]
    seconds, floor, megabytes = (statistics.median(values) for values in zip(*found, strict=True))
    bars = (
        Bar("CPU ×", seconds / floor, validate_size.BAR, "{:.1f}"),
        Bar("MB", megabytes, validate_size.MOST_MEGABYTES),
    )
    return Line("validate 10,000 written out", f"CPU {seconds:.1f} s, {megabytes:.0f} MB; floor {floor:.1f} s", bars)


def many_line(runs: int) -> Line:
    many, one = many_stacks.stacks("20", runs, 50, 20), many_stacks.one_stack("20", runs, 1000)
    bars = (
        Bar("calls", many.calls, many_stacks.BARS["calls"]),
        Bar("wall ×", many.wall / one.wall, many_stacks.BARS["times"], "{:.1f}"),
        Bar("CPU ×", many.cpu / one.cpu, many_stacks.BARS["times"], "{:.1f}"),
    )
    return Line("plan --all, 50 stacks of 20", f"{_measured(many)}; one of 1,000: {one.wall:.1f} s", bars)


def help_line() -> Line:
    def cpu(*command: str) -> float:
        return statistics.median(timed((sys.executable, *command), ".", os.environ).cpu for _ in range(HELP_RUNS))

    ours, bare = cpu(*ECSPLAN[1:], "--help"), cpu("-c", "pass")
    return Line("ecsplan --help", f"CPU {ours:.2f} s", (Bar("python -c pass ×", ours / bare, 5.0, "{:.1f}"),))


def core_lines(runs: int) -> Iterator[Line]:
    """Terraform's core alone, where it is installed: the faster of its two forms."""
    terraform = shutil.which("terraform")
    if terraform is None:
        return
    group = terraform_core.median(
        terraform_core.core(terraform, terraform_core.as_group(1000), 600) for _ in range(runs)
    )
    blocks = terraform_core.median(
        terraform_core.core(terraform, terraform_core.written_out(1000), 600) for _ in range(runs)
    )
    ours = terraform_core.median(terraform_core.whole(1000) for _ in range(runs))
    for work, spent in ours.items():
        fastest = min(group[work].wall, blocks[work].wall)
        text = f"{spent.wall:.1f} s; core {group[work].wall:.1f} s by count, {blocks[work].wall:.1f} s written out"
        yield Line(
            f"Terraform's core, {work} 1,000", text, (Bar("of its time", spent.wall / fastest, 1 / 3, "{:.2f}"),)
        )


def lines(runs: int, is_quick: bool, wanted: Sequence[str]) -> Iterator[Line]:
    def is_wanted(name: str) -> bool:
        return not wanted or any(one in name for one in wanted)

    before: dict[int, float] = {}
    for size, latency in PLANS:
        if is_wanted(f"{size:,}") and not (is_quick and (size > 10_000 or (size, latency) == (10_000, 150))):
            yield from fleet_lines(size, latency, runs if size <= 10_000 else 1, before)
    if is_wanted("validate"):
        yield validate_line(runs)
    if is_wanted("stacks"):
        yield many_line(runs)
    if is_wanted("help"):
        yield help_line()
    if is_wanted("core"):
        yield from core_lines(min(runs, 3))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    print("| work | measured | bars | |\n|---|---|---|---|", flush=True)
    missed = 0
    for line in lines(1 if asked.quick else asked.runs, asked.quick, asked.rows):
        print(line.text, flush=True)
        missed += not all(bar.holds for bar in line.bars)
    print(f"\n{missed} row{'s' * (missed != 1)} missed" if missed else "\nall hold")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
