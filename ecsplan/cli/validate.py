"""`ecsplan validate`: everything that can be found wrong without the cloud, all at once."""

import click

from ecsplan.cli import exits, options
from ecsplan.cli.cloud import load
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import complain_of, result
from ecsplan.model.diagnostic import Rejected
from ecsplan.render.json_format import diagnostics_document, dumped
from ecsplan.render.words import plural


@click.command("validate", help="Check a stack: schema, references, cycles. Offline.")
@takes(options.PATH, options.STACK, options.formats("text", "json"), options.LOOK)
def command(given: Given) -> int:
    try:
        stack = load(given)
    except Rejected as rejected:
        if given.format != "json":
            raise
        result(dumped(diagnostics_document(rejected.diagnostics)))
        return exits.ERROR
    if given.format == "json":
        result(dumped({**diagnostics_document(stack.warnings), "stack": stack.name, "resources": len(stack.resources)}))
        return exits.DONE
    if stack.warnings:
        complain_of(stack.warnings)
    result(f"{stack.name}: {plural(len(stack.resources), 'resource')}, no errors.\n")
    return exits.DONE
