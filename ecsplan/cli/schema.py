"""`ecsplan schema`: what editors and programs check stack files and saved plans by."""

import click

from ecsplan import engine
from ecsplan.cli import exits
from ecsplan.cli.filing import write_text
from ecsplan.cli.output import result
from ecsplan.render.json_format import dumped


@click.command("schema", help="Print the JSON Schema of stack files, or of saved plans.")
@click.argument("what", type=click.Choice(["stack", "plan"]), default="stack")
@click.option("-o", "--out", metavar="FILE", help="Write to FILE instead of stdout.")
def command(what: str, out: str | None) -> int:
    text = dumped(engine.plan_schema() if what == "plan" else engine.stack_schema())
    if out:
        write_text(out, text)
    else:
        result(text)
    return exits.DONE
