"""`ecsplan whoami`: whose keys these are, where they come from, and where the calls would go."""

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.cloud import cloud, region_of
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import result
from ecsplan.render.json_format import dumped

REGION = (click.option("--region", metavar="REGION", help="Region to send the request to."),)


@click.command("whoami", help="Show the account, the source of the key, the region and the endpoint.")
@takes(REGION, options.formats("text", "json"), options.CLOUD, options.LOOK)
def command(given: Given) -> int:
    with cloud(given, region_of(given)) as api:
        found = engine.whoami(api)
    if given.format == "json":
        result(dumped(found))
        return exits.DONE
    width = max(map(len, found), default=0)
    result("".join(f"{name:<{width}}  {'' if value is None else value}\n" for name, value in found.items()))
    return exits.DONE
