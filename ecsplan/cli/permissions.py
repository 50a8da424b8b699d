"""`ecsplan permissions`: the smallest RAM policy for a saved plan, or for a key that only plans."""

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.filing import read_text
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import result, say
from ecsplan.render.json_format import dumped

PLANFILE = (
    click.argument("path", metavar="[PLANFILE]", default=""),
    click.option("--region", metavar="REGION", help="Where the key is to read, without a plan.  [default: any]"),
)


@click.command(
    "permissions",
    help="Print the RAM policies that applying PLANFILE needs; without one, those for reading, as `plan` does.",
)
@takes(PLANFILE, options.LOOK)
def command(given: Given) -> int:
    plan = engine.load_plan(read_text(given.path, "the plan")) if given.path else None
    policies = engine.permissions(plan, given.region or "*")
    for policy in policies:
        result(dumped(policy))
    if len(policies) > 1:
        say(f"{len(policies)} policies: a custom policy takes 2,048 characters in every account; attach them all")
    return exits.DONE
