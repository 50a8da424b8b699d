"""`ecsplan list`: what the stack owns in the cloud right now."""

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.cloud import clouds, load, region_of
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import result, say
from ecsplan.model.call import Api, ApiError, Request
from ecsplan.model.copying import replace
from ecsplan.model.stack import STACK_NAME, Stack
from ecsplan.render.json_format import dumped
from ecsplan.render.listing import ListRow, list_csv, list_document, list_rows, list_table

Found = TypeVar("Found")
NAMED = (
    click.option(
        "--stack", "bound_to", metavar="NAME", help="The stack called NAME, whether a folder declares it or not."
    ),
)
EVERYWHERE = (click.option("--all-regions", is_flag=True, help="Search all regions."),)


@click.command("list", help="List the live resources that the stack owns.")
@takes(
    options.PATH, EVERYWHERE, NAMED, options.formats("text", "json", "csv"), options.STACK, options.CLOUD, options.LOOK
)
def command(given: Given) -> int:
    stack = _named(given) if given.bound_to else load(given)
    with clouds(given) as connected:
        api = connected(stack.region)
        rows = list_rows(engine.list_objects(stack, api), stack.region)
        if given.all_regions:
            others = in_other_regions(api, connected, lambda other: _listed_in(other, stack))
            rows += tuple(row for _, found in others for row in found)
    if given.format == "json":
        result(dumped(list_document(stack.name, rows)))
    else:
        result(list_csv(rows) if given.format == "csv" else list_table(rows, stack.name, stack.region))
    return exits.DONE


def _named(given: Given) -> Stack:
    """A stack of which only the name is known: what carries its marks is listed."""
    if not re.match(STACK_NAME, given.bound_to or ""):
        raise click.UsageError(f"--stack {given.bound_to} is not a stack name: use small letters, digits and dashes")
    return Stack(given.bound_to or "", region_of(given), ())


def _listed_in(api: Api, stack: Stack) -> tuple[ListRow, ...]:
    """What the stack has in another region; what it is yet to adopt is in its own."""
    resources = tuple(replace(resource, adopt=None) for resource in stack.resources)
    elsewhere = replace(stack, region=api.region, resources=resources)
    return list_rows(engine.list_objects(elsewhere, api), api.region)


def in_other_regions(
    api: Api, connected: Callable[[str], Api], look: Callable[[Api], Found]
) -> Iterator[tuple[str, Found]]:
    """What a look finds in each region but that of `api`; one that does not answer is said and passed over."""
    for region in api.send(Request("DescribeRegions"))["Regions"]["Region"]:
        if region["RegionId"] == api.region:
            continue
        try:
            yield region["RegionId"], look(connected(region["RegionId"]))
        except ApiError as error:
            say(f"warning: {region['RegionId']} was not read: {error}")
