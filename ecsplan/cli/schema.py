"""`ecsplan schema`: what editors and programs check stack files, saved plans and policies by."""

import click

from ecsplan import engine
from ecsplan.cli import exits
from ecsplan.cli.filing import write_text
from ecsplan.cli.output import result
from ecsplan.render.json_format import dumped

SCHEMAS = ("stack", "plan", "policy")


@click.command("schema", help="Print the JSON Schema of stack files, of saved plans, or of policies.")
@click.argument("what", type=click.Choice(SCHEMAS), default="stack")
@click.option("-o", "--out", metavar="FILE", help="Write to FILE instead of stdout.")
def command(what: str, out: str | None) -> int:
    text = dumped(getattr(engine, f"{what}_schema")())
    if out:
        write_text(out, text)
    else:
        result(text)
    return exits.DONE
