"""`ecsplan why`: where a value comes from, and who wrote it. Offline."""

import os
import sys
import time
from typing import Any

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import paint_for, result
from ecsplan.render.json_format import dumped
from ecsplan.render.why import why_document, why_text

SUBJECT = (click.argument("subject", metavar="ADDRESS.ATTRIBUTE"),)


@click.command("why", help="Show where a value comes from: files, overlays, defaults, variables, and the Git commit.")
@takes(SUBJECT, options.PATH, options.formats("text", "json"), options.STACK, options.LOOK)
def command(given: Given) -> int:
    found = engine.why(given.subject, given.path, **stack_options(given))
    places = [origin.source for origin in (*found.layers, *found.names) if origin.source]
    commits = engine.commits(places)
    if given.format == "json":
        result(dumped(why_document(found, commits)))
    else:
        result(why_text(found, commits, time.time(), paint_for(sys.stdout, given.no_color)))
    return exits.DONE


def stack_options(given: Given) -> dict[str, Any]:
    """What options.STACK says, for the engine."""
    return {
        "overlays": given.overlays,
        "variables": given.variables,
        "var_files": given.var_files,
        "region": given.region,
        "environ": os.environ,
        "allow_paths": given.allow_paths,
        "environment": given.environment,
    }
