"""`ecsplan schema`: what editors and programs check stack files, saved plans, policies and printed JSON by."""

import click

from ecsplan import engine
from ecsplan.cli import exits
from ecsplan.cli.filing import write_text
from ecsplan.cli.output import result
from ecsplan.render.json_format import dumped
from ecsplan.render.json_schema import output_schema

SCHEMAS = ("stack", "plan", "policy", "output")


@click.command(
    "schema", help="Print a JSON Schema: of stack files, saved plans, policies, or what --format json prints."
)
@click.argument("what", type=click.Choice(SCHEMAS), default="stack")
@click.option("-o", "--out", metavar="FILE", help="Write to FILE instead of stdout.")
def command(what: str, out: str | None) -> int:
    text = dumped(output_schema() if what == "output" else getattr(engine, f"{what}_schema")())
    if out:
        write_text(out, text)
    else:
        result(text)
    return exits.DONE
