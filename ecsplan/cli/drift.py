"""`ecsplan drift`: what moved in the cloud since the last apply; for people, and for cron jobs by its exit status."""

import sys

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.cloud import cloud, load
from ecsplan.cli.many import PATHS, each
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import paint_for, result
from ecsplan.render.drift import DriftView, drift_document, drift_markdown, drift_text, drift_view
from ecsplan.render.json_format import dumped

REFRESH = (
    click.option(
        "--refresh", type=click.Choice(["full"]), help="full: also read the details that need one call per resource."
    ),
)


@click.command(
    "drift", help="Show what changed outside ecsplan since the last apply. Changes nothing; exits with 2 on drift."
)
@takes(PATHS, REFRESH, options.formats("text", "json", "markdown"), options.STACK, options.CLOUD, options.LOOK)
def command(given: Given) -> int:
    return each(given, _one)


def _one(given: Given) -> int:
    stack = load(given, only_to_compare=True)
    with cloud(given, stack.region) as api:
        found = drift_view(engine.drift(stack, api, engine.PlanOptions(refresh_full=given.refresh == "full")))
    result(_drawn(found, given))
    return exits.CHANGES if found.findings else exits.DONE


def _drawn(found: DriftView, given: Given) -> str:
    if given.format == "json":
        return dumped(drift_document(found))
    if given.format == "markdown":
        return drift_markdown(found)
    return drift_text(found, paint_for(sys.stdout, given.no_color))
