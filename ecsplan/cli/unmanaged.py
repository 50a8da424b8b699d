"""`ecsplan unmanaged`: what is live and belongs to no stack, and which other tool seems to own it."""

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.cloud import clouds, region_of
from ecsplan.cli.list import EVERYWHERE, in_other_regions
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import result
from ecsplan.cli.selecting import SELECTION, selection_of
from ecsplan.render.json_format import dumped
from ecsplan.render.unmanaged import unmanaged_csv, unmanaged_document, unmanaged_table


@click.command("unmanaged", help="List live objects that no stack owns, and the tool that seems to manage each.")
@takes(SELECTION, EVERYWHERE, options.REGION, options.formats("text", "json", "csv"), options.CLOUD, options.LOOK)
def command(given: Given) -> int:
    selection, region = selection_of(given), region_of(given)
    with clouds(given) as connected:
        api = connected(region)
        found = [(region, one) for one in engine.unmanaged(api, selection)]
        if given.all_regions:
            others = in_other_regions(api, connected, lambda other: engine.unmanaged(other, selection))
            found += [(name, one) for name, ones in others for one in ones]
    if given.format == "json":
        result(dumped(unmanaged_document(found)))
    else:
        result(unmanaged_csv(found) if given.format == "csv" else unmanaged_table(found))
    return exits.DONE
