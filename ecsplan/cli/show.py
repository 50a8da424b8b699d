"""`ecsplan show`: a saved plan again, in any format, offline."""

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.filing import read_text
from ecsplan.cli.options import Given, takes
from ecsplan.cli.reading import PLAN_FORMATS, show_plan

PLANFILE = (click.argument("path", metavar="PLANFILE"),)


@click.command("show", help="Show a saved plan again, offline.")
@takes(PLANFILE, options.formats(*PLAN_FORMATS), options.LOOK)
def command(given: Given) -> int:
    show_plan(engine.load_plan(read_text(given.path, "the plan")), given)
    return exits.DONE
