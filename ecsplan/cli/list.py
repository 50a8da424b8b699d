"""`ecsplan list`: what the stack owns in the cloud right now."""

from collections.abc import Iterator
from dataclasses import replace

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.cloud import clouds, load
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import result, say
from ecsplan.model.call import Api, ApiError, Request
from ecsplan.model.stack import Stack
from ecsplan.render.json_format import dumped
from ecsplan.render.listing import ListRow, list_csv, list_document, list_rows, list_table

EVERYWHERE = (click.option("--all-regions", is_flag=True, help="Look in every region, not only in that of the stack."),)


@click.command("list", help="List the live resources that the stack owns.")
@takes(options.PATH, EVERYWHERE, options.formats("text", "json", "csv"), options.STACK, options.CLOUD, options.LOOK)
def command(given: Given) -> int:
    stack = load(given)
    with clouds(given) as connected:
        api = connected(stack.region)
        rows = list_rows(engine.list_objects(stack, api), stack.region)
        if given.all_regions:
            rows += tuple(row for region in _other_regions(api) for row in _listed_in(connected(region), stack))
    if given.format == "json":
        result(dumped(list_document(stack.name, rows)))
    else:
        result(list_csv(rows) if given.format == "csv" else list_table(rows, stack.name, stack.region))
    return exits.DONE


def _other_regions(api: Api) -> Iterator[str]:
    answer = api.send(Request("DescribeRegions"))
    for region in answer["Regions"]["Region"]:
        if region["RegionId"] != api.region:
            yield region["RegionId"]


def _listed_in(api: Api, stack: Stack) -> tuple[ListRow, ...]:
    """What the stack has in another region; one that does not answer is said and passed over."""
    try:
        return list_rows(engine.list_objects(replace(stack, region=api.region), api), api.region)
    except ApiError as error:
        say(f"warning: {api.region} was not read: {error}")
        return ()
