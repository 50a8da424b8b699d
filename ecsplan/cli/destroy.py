"""`ecsplan destroy`: the plan that ends a stack, shown, asked for and carried out."""

import click

from ecsplan.cli import options
from ecsplan.cli.applying import apply_stack
from ecsplan.cli.notifying import NOTIFY, failures_told, notifying
from ecsplan.cli.options import Given, takes
from ecsplan.cli.reading import APPLY_FORMATS
from ecsplan.model.copying import replace


@click.command("destroy", help="Delete every resource that the stack owns, in dependency order.")
@takes(
    options.PATH,
    options.APPROVAL,
    options.POLICY,
    NOTIFY,
    options.PLANNING,
    options.formats(*APPLY_FORMATS),
    options.STACK,
    options.CLOUD,
    options.STORE,
    options.EVENTS,
    options.LOOK,
)
def command(given: Given) -> int:
    with notifying(given) as tell, failures_told(given, tell):
        return apply_stack(replace(given, destroy=True), tell)
