"""`ecsplan show`: a saved plan again, in any format, offline."""

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.filing import read_text
from ecsplan.cli.options import Given, takes
from ecsplan.cli.reading import PLAN_FORMATS, WRITE, show_plan
from ecsplan.cli.ruling import asking_for

PLANFILE = (click.argument("path", metavar="PLANFILE"),)


@click.command("show", help="Show a saved plan again, offline.")
@takes(PLANFILE, options.formats(*PLAN_FORMATS), WRITE, options.POLICY, options.LOOK)
def command(given: Given) -> int:
    plan = engine.load_plan(read_text(given.path, "the plan"))
    show_plan(plan, given, engine.ruling(plan, asking_for(given, given.path)) if _tells_policy(given) else None)
    return exits.DONE


def _tells_policy(given: Given) -> bool:
    """Whether a format is asked for that tells what the policy says; the others need neither policy nor signatures."""
    forms = {given.format, *(text.partition("=")[0] for text in given.writes)}
    return bool(given.policy or given.base or given.approvals or forms & {"json", "html"})
