"""`ecsplan validate`: everything that can be found wrong without the cloud, all at once."""

from dataclasses import replace

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.cloud import load
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import complain_of, result
from ecsplan.model.diagnostic import Rejected, Severity
from ecsplan.render.json_format import diagnostics_document, dumped
from ecsplan.render.words import plural

STRICT = (click.option("--strict", is_flag=True, help="Treat warnings as errors."),)


@click.command("validate", help="Check a stack offline: schema, references, limits, and names of the catalogue.")
@takes(options.PATH, options.STACK, STRICT, options.formats("text", "json"), options.LOOK)
def command(given: Given) -> int:
    try:
        stacks = [load(replace(given, environment=name)) for name in _environments(given)]
        warnings = tuple(dict.fromkeys(remark for stack in stacks for remark in engine.remarks(stack)))
        if given.strict and warnings:
            raise Rejected([replace(warning, severity=Severity.ERROR) for warning in warnings])
    except Rejected as rejected:
        if given.format != "json":
            raise
        result(dumped(diagnostics_document(rejected.diagnostics)))
        return exits.ERROR
    if given.format == "json":
        first, *others = stacks
        more = {"stacks": [stack.name for stack in stacks]} if others else {}
        document = {**diagnostics_document(warnings), "stack": first.name, "resources": len(first.resources)}
        result(dumped({**document, **more}))
        return exits.DONE
    if warnings:
        complain_of(warnings)
    result("".join(f"{stack.name}: {plural(len(stack.resources), 'resource')}, no errors.\n" for stack in stacks))
    return exits.DONE


def _environments(given: Given) -> tuple[str | None, ...]:
    """All that the stack has, where none is named."""
    return (given.environment,) if given.environment else engine.environments(given.path) or (None,)
