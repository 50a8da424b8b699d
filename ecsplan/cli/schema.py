"""`ecsplan schema`: what editors and programs check the files of ecsplan and its printed JSON by."""

from typing import Any

import click

from ecsplan import engine
from ecsplan.cli import exits
from ecsplan.cli.emulate import fault_schema
from ecsplan.cli.filing import write_text
from ecsplan.cli.output import result
from ecsplan.engine import schemas
from ecsplan.render.json_format import dumped
from ecsplan.render.json_schema import output_schema
from ecsplan.serve.settings import serve_schema

SCHEMAS = ("stack", "plan", "policy", "approval", "test", "notifications", "serve", "faults", "output")


@click.command(
    "schema",
    help="Print a JSON Schema: of stack files, saved plans, policies, approvals, scenarios, channels, the settings of "
    "serve, fault schedules of the emulator, or what --format json prints.",
)
@click.argument("what", type=click.Choice(SCHEMAS), default="stack")
@click.option("-o", "--out", metavar="FILE", help="Write to FILE instead of stdout.")
def command(what: str, out: str | None) -> int:
    text = dumped(_schema(what))
    if out:
        write_text(out, text)
    else:
        result(text)
    return exits.DONE


def _schema(what: str) -> dict[str, Any]:
    if what == "output":
        return output_schema()
    if what == "faults":
        return fault_schema()
    if what == "serve":
        return serve_schema(tuple(engine.classes()))
    found: dict[str, Any] = getattr(schemas, f"{what}_schema")()
    return found
