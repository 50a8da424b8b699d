"""`ecsplan test`: plays the scenarios of a repository on the emulator, and says what came otherwise than expected."""

import os
import sys
import time
from collections.abc import Iterator

import click
from msgspec import Struct

from ecsplan.cli import exits, options
from ecsplan.cli.emulate import scratch
from ecsplan.cli.excerpts import show_lines_of
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import paint_for, result
from ecsplan.engine.scenarios import SCENARIOS, Unplayable, play, scenarios_of
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.scenario import Scenario, mismatches
from ecsplan.model.unseen import spelled
from ecsplan.render.findings import Case, junit
from ecsplan.render.json_format import dumped
from ecsplan.render.words import plural

FILES = (click.argument("paths", nargs=-1, metavar="[FILE]..."),)
ONLY = (click.option("--only", "name", metavar="TEXT", help="Only scenarios whose name has this text."),)


class Result(Struct, frozen=True):
    """`faults` are empty where all came as expected."""

    scenario: Scenario
    faults: tuple[str, ...]
    seconds: float


@click.command("test", help="Play the scenarios of a stack on the emulator: world, faults, expected plan and outcome.")
@takes(FILES, ONLY, options.formats("text", "json", "junit"), options.LOOK)
def command(given: Given) -> int:
    found = [one for path in _files(given.paths or (".",)) for one in _read(path)]
    chosen = [one for one in found if (given.name or "") in one.name]
    if not chosen:
        raise click.ClickException(f"there are no scenarios{' of that name' if found else f': write {SCENARIOS}'}")
    results: list[Result] = []
    for scenario in chosen:
        results.append(_played(scenario))
        if given.format == "text":
            result(_text(results[-1]))
    failed = sum(1 for one in results if one.faults)
    if given.format == "text":
        end = f"{failed} failed" if failed else "all as expected"
        result(f"{plural(len(results), 'scenario')}, {end}.\n")
    elif given.format == "junit":
        result(junit("ecsplan", "ecsplan.test", [_case(one) for one in results]))
    else:
        documents = [_document(one) for one in results]
        result(dumped({"format": "ecsplan-test/v1", "passed": not failed, "scenarios": documents}))
    return exits.ERROR if failed else exits.DONE


def _files(paths: tuple[str, ...]) -> Iterator[str]:
    """Files as they are named; of a folder, those that it and the folders below it have."""
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        for folder, below, names in os.walk(path):
            below[:] = sorted(name for name in below if not name.startswith("."))
            if SCENARIOS in names:
                yield os.path.normpath(os.path.join(folder, SCENARIOS))


def _read(path: str) -> tuple[Scenario, ...]:
    show_lines_of([path])
    return scenarios_of(path)


def _played(scenario: Scenario) -> Result:
    begun = time.monotonic()
    try:
        with scratch() as world:
            faults = tuple(mismatches(scenario.expected, play(scenario, world)))
    except Unplayable as error:
        faults = (str(error),)
    except Rejected as rejected:
        faults = tuple(found.summary for found in rejected.diagnostics)
    return Result(scenario, faults, time.monotonic() - begun)


def _text(one: Result) -> str:
    paint = paint_for(sys.stdout)
    word = paint("failed", "danger") if one.faults else paint("passed", "create")
    head = f"{word}  {spelled(one.scenario.name)}  {paint(f'{one.seconds:.1f} s', 'dim')}\n"
    if not one.faults:
        return head
    return head + "".join(f"    {spelled(fault)}\n" for fault in one.faults) + f"    {one.scenario.source}\n"


def _case(one: Result) -> Case:
    text = "\n".join((str(one.scenario.source), *one.faults))
    return Case(one.scenario.name, "; ".join(one.faults), "scenario", text, one.scenario.source.file, one.seconds)


def _document(one: Result) -> dict[str, object]:
    source = one.scenario.source
    place = {"file": source.file, "line": source.line, "column": source.column}
    return {"name": one.scenario.name, "passed": not one.faults, "faults": list(one.faults), "source": place}
