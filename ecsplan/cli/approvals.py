"""`ecsplan approvals`: who signed a saved plan, what its policy asks for, and what is missing."""

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.filing import read_text
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import result
from ecsplan.cli.ruling import asking_for
from ecsplan.render.json_format import dumped
from ecsplan.render.ruling import approvals_document, ruling_text

PLANFILE = (click.argument("path", metavar="PLANFILE"),)


@click.command("approvals", help="Show who signed PLANFILE, and what is missing; exit status 3 where something is.")
@takes(PLANFILE, options.POLICY, options.formats("text", "json"), options.LOOK)
def command(given: Given) -> int:
    plan = engine.load_plan(read_text(given.path, "the plan"))
    found = engine.ruling(plan, asking_for(given, given.path))
    result(dumped(approvals_document(plan, found)) if given.format == "json" else ruling_text(found))
    return exits.DONE if found.is_met else exits.REFUSED
