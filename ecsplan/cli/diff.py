"""`ecsplan diff`: a saved plan held against a later one, or against what the stack would lead to now."""

import sys
from pathlib import Path

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.apply import planfile_text
from ecsplan.cli.cloud import cloud, load
from ecsplan.cli.filing import read_text
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import paint_for, result
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.plan import Plan
from ecsplan.render.delta import Plans, delta_document, delta_markdown, delta_text
from ecsplan.render.json_format import dumped

TWO = (
    click.argument("old", metavar="PLANFILE"),
    click.argument("path", default=".", metavar="[PLANFILE | PATH]"),
)


@click.command(
    "diff",
    help="Show what is new since PLANFILE was made, change by change: in a later plan, or in that of PATH now.",
)
@takes(TWO, options.formats("text", "json", "markdown"), options.STACK, options.CLOUD, options.LOOK)
def command(given: Given) -> int:
    old = engine.load_plan(read_text(given.old, "the plan"))
    new, name = _new(old, given)
    plans = compared(old, new, (given.old, name))
    forms = {
        "json": lambda: dumped(delta_document(plans)),
        "markdown": lambda: delta_markdown(plans),
        "text": lambda: delta_text(plans, paint_for(sys.stdout, given.no_color)),
    }
    result(forms[given.format]())
    return exits.DONE if plans.is_same else exits.CHANGES


def compared(old: Plan, new: Plan, names: tuple[str, str]) -> Plans:
    """Raises Rejected for plans of two stacks, of which no change can be the same."""
    here, there = ((one.stack, one.region, one.account) for one in (old, new))
    if here != there:
        told = [" in ".join(filter(None, (one[0], one[1]))) for one in (here, there)]
        raise Rejected(
            [
                Diagnostic(
                    f"{names[0]} is a plan of {told[0]}, and {names[1]} of {told[1]}", "compare two plans of one stack"
                )
            ]
        )
    return Plans(names, (old.digest, new.digest), engine.deltas(old, new), new.kinds)


def _new(old: Plan, given: Given) -> tuple[Plan, str]:
    """A saved plan; else what the stack leads to now, asked in the same way as the old one was."""
    text = planfile_text(given.path)
    if text is not None:
        return engine.load_plan(text), given.path
    if not Path(given.path).exists():
        raise click.UsageError(f"{given.path}: there is no such plan, and no such stack: give the file of a plan")
    stack = load(given)
    with cloud(given, stack.region) as api:
        return engine.plan(stack, api, engine.PlanOptions.as_for(old)), f"{given.path} now"
