"""`ecsplan output`: the outputs of a stack, with what is live now filled in."""

import os
from collections.abc import Mapping
from typing import Any

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.cloud import cloud, load
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import result
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.stack import Stack
from ecsplan.render.json_format import dumped
from ecsplan.render.outputs import output_value, outputs_text, raw_text, variables_text

NAME = (
    click.argument("name", default="", metavar="[NAME]"),
    click.option("--path", default=".", show_default=True, metavar="PATH", help="Path of the stack."),
    click.option("--raw", is_flag=True, help="Print the value of NAME as plain text, without quotes."),
)


@click.command("output", help="Show the outputs of a stack, or the one called NAME. Reads only.")
@takes(NAME, options.formats("text", "json", "dotenv", "github"), options.STACK, options.CLOUD, options.LOOK)
def command(given: Given) -> int:
    name = given.name or ""
    if given.raw and not name:
        raise click.UsageError("--raw needs the NAME of an output")
    if "/" in name or os.path.isdir(name):
        raise click.UsageError(f"{name} is a path, and no NAME of an output: write --path {name}")
    stack = load(given)
    _check_name(stack, name)
    with cloud(given, stack.region) as api:
        outputs = engine.plan(stack, api).outputs
    if given.raw:
        result(raw_text(outputs[name]))
    elif given.format in ("dotenv", "github"):
        result(_variables({name: outputs[name]} if name else outputs, given.format))
    elif given.format == "json":
        values = {name: output_value(value) for name, value in outputs.items()}
        result(dumped(values[name] if name else values))
    else:
        result(outputs_text({name: outputs[name]} if name else outputs))
    return exits.DONE


def _variables(outputs: Mapping[str, Any], form: str) -> str:
    try:
        return variables_text(outputs, form)
    except ValueError as error:
        raise click.ClickException(str(error)) from None


def _check_name(stack: Stack, name: str) -> None:
    if name and name not in stack.outputs:
        known = ", ".join(sorted(stack.outputs)) or "none"
        raise Rejected([Diagnostic(f"stack {stack.name} has no output {name}", f"outputs: {known}")])
