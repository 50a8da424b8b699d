"""`ecsplan stacks`: which stacks live in an account, and which folders here declare them."""

import os
from collections.abc import Iterator
from pathlib import Path

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.cloud import clouds, region_of
from ecsplan.cli.list import EVERYWHERE, in_other_regions
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import result, say
from ecsplan.model.diagnostic import Rejected
from ecsplan.render.json_format import dumped
from ecsplan.render.stacks import Row, rows_of, stacks_document, stacks_table

FOLDER = (
    click.argument("path", default=".", metavar="[FOLDER]"),
    click.option("--offline", is_flag=True, help="Those that the folders declare alone; needs no credentials."),
)


@click.command(
    "stacks", help="List the stacks that live in the account, and the folders below FOLDER that declare them."
)
@takes(FOLDER, EVERYWHERE, options.REGION, options.formats("text", "json"), options.CLOUD, options.LOOK)
def command(given: Given) -> int:
    declared = dict(_declared(given.path))
    if given.offline:
        return _show(given, rows_of((), _in_region(declared, given.region)), is_offline=True)
    region = region_of(given) if given.region or not declared else next(iter(declared))[1]
    with clouds(given) as connected:
        api = connected(region)
        live = list(engine.live_stacks(api))
        if given.all_regions:
            for _, found in in_other_regions(api, connected, engine.live_stacks):
                live += found
        else:
            others = sorted({place for _, place in declared if place != region} if not given.region else ())
            live += [one for place in others for one in engine.live_stacks(connected(place))]
            declared = _in_region(declared, given.region)
    return _show(given, rows_of(live, declared), looked_for_folders=bool(declared))


Declared = dict[tuple[str, str], tuple[str, ...]]


def _in_region(declared: Declared, region: str | None) -> Declared:
    return {key: folders for key, folders in declared.items() if not region or key[1] == region}


def _show(given: Given, rows: list[Row], *, looked_for_folders: bool = True, is_offline: bool = False) -> int:
    if given.format == "json":
        result(dumped(stacks_document(rows, is_offline=is_offline)))
    else:
        result(stacks_table(rows, looked_for_folders, is_offline=is_offline))
    return exits.DONE


def _declared(folder: str) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    """The stacks of a folder and those below, each of its environments; one with an error is said and passed over."""
    found: dict[tuple[str, str], list[str]] = {}
    for path in engine.stack_folders(folder):
        for environment in _environments(path):
            try:
                stack = engine.load(path, environment=environment, environ=os.environ)
            except Rejected as rejected:
                say(f"warning: {path}: {rejected.diagnostics[0].summary}: not looked at")
                continue
            shown = str(Path(path)) + (f" -e {environment}" if environment else "")
            found.setdefault((stack.name, stack.region), []).append(shown)
    return ((key, tuple(paths)) for key, paths in found.items())


def _environments(path: str) -> tuple[str | None, ...]:
    try:
        return engine.environments(path) or (None,)
    except Rejected:
        return (None,)
