"""`ecsplan catalog`: what the cloud offers in a region, with filters to choose by."""

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.cloud import cloud, region_of
from ecsplan.cli.options import Decorator, Given, takes
from ecsplan.cli.output import result
from ecsplan.model.catalog import Filter
from ecsplan.render.catalog import catalog_csv, catalog_document, catalog_table
from ecsplan.render.json_format import dumped

NAME = click.option("--name", metavar="TEXT", help="Filter by part of the name or id, or by a pattern with *.")
ZONE = click.option("--zone", metavar="ZONE", help="Filter by zone.")
FAMILY = click.option("--family", metavar="FAMILY", help="Filter by family: g7 or 'g*'; for images, ubuntu_22_04_x64.")
PLATFORM = click.option("--platform", metavar="TEXT", help="Filter by platform: ubuntu, windows, arm64.")
MIN_CPU = click.option("--min-cpu", type=click.IntRange(1), metavar="N", help="Minimum number of vCPUs.")
MIN_MEMORY = click.option("--min-memory", type=click.FloatRange(0), metavar="GIB", help="Minimum memory in GiB.")

# what: (what the help says, its filters)
CATALOGS: dict[str, tuple[str, tuple[Decorator, ...]]] = {
    "regions": ("Regions and their endpoints.", (NAME,)),
    "zones": ("Zones of the region, and what is sold there.", (NAME, ZONE)),
    "instance-types": (
        "Instance types: size, bandwidth, and in which zones they are in stock now.",
        (ZONE, MIN_CPU, MIN_MEMORY, FAMILY, NAME),
    ),
    "images": ("Public images and the account's own.", (PLATFORM, FAMILY, NAME)),
    "disk-categories": ("Disk categories, their sizes, and where they are sold.", (ZONE, NAME)),
}


@click.group("catalog", help="List regions, zones, instance types, images and disk categories that the cloud offers.")
def command() -> None:
    """The sub-commands do the work."""


def _shown(what: str, given: Given) -> int:
    region = region_of(given)
    wanted = Filter(given.zone, given.family, given.name, given.platform, given.min_cpu, given.min_memory)
    with cloud(given, region) as api:
        rows = engine.catalog(what, api, wanted)
    if given.format == "json":
        result(dumped(catalog_document(rows, what, region)))
    else:
        result(catalog_csv(rows) if given.format == "csv" else catalog_table(rows, what))
    return exits.DONE


def _add(what: str, summary: str, filters: tuple[Decorator, ...]) -> None:
    @takes(filters, options.REGION, options.formats("text", "json", "csv"), options.CLOUD, options.LOOK)
    def run(given: Given) -> int:
        return _shown(what, given)

    command.add_command(click.command(what, help=summary)(run))


for _what, (_summary, _filters) in CATALOGS.items():
    _add(_what, _summary, _filters)
