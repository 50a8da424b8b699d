"""`ecsplan export`: what is live, as a stack file that adopts it; or what a stack owns, as files of another tool."""

import re

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.cloud import cloud, load, region_of
from ecsplan.cli.filing import write_text
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import result, say
from ecsplan.cli.selecting import SELECTION, selection_of
from ecsplan.engine.leaving import leave
from ecsplan.model.export import Exported, LeftOut
from ecsplan.model.quoting import shown
from ecsplan.model.stack import STACK_NAME
from ecsplan.render.values import clean
from ecsplan.render.words import plural

TARGETS = ("ecsplan", "terraform", "ros")
EXPORT = (
    click.option(
        "--to",
        "target",
        type=click.Choice(TARGETS),
        default="ecsplan",
        show_default=True,
        help="The tool to write for. For another tool PATH is the stack that leaves.",
    ),
    click.option(
        "--stack", "stack_name", default="imported", show_default=True, metavar="NAME", help="Name of the stack."
    ),
    click.option("-o", "--out", "output", metavar="FILE", help="Write to FILE instead of stdout."),
    click.option(
        "--with-tools", is_flag=True, help="Include objects that other tools (ROS, ACK, Auto Scaling) seem to manage."
    ),
)


@click.command(
    "export",
    help="Write a stack file of live objects that no stack claims. Its first plan shows adoptions only; "
    "applied, it writes nothing but tags. With --to terraform or ros, write what the stack in PATH owns as "
    "files of that tool, which import it.",
)
@takes(options.PATH, SELECTION, EXPORT, options.STACK, options.CLOUD, options.LOOK)
def command(given: Given) -> int:
    return _bring_in(given) if given.target == "ecsplan" else _leave(given)


def _bring_in(given: Given) -> int:
    if given.path != ".":
        raise click.UsageError("PATH goes with --to; live objects are chosen by --kind, --vpc and --tag")
    name = given.stack_name or ""
    if not re.search(STACK_NAME, name):
        raise click.UsageError(f"--stack: {shown(name)} is not a stack name: use small letters, digits and dashes")
    selection, region = selection_of(given), region_of(given)
    with cloud(given, region) as api:
        made = engine.export(api, name, selection, with_tools=given.with_tools)
    if given.output:
        write_text(given.output, made.text)
    else:
        result(made.text)
    _tell(made, given)
    return exits.DONE


def _leave(given: Given) -> int:
    if given.chosen_kinds or given.vpc or given.tags or given.with_tools:
        raise click.UsageError(f"--to {given.target} writes all that the stack in PATH owns: leave out the filters")
    stack = load(given)
    with cloud(given, stack.region) as api:
        made = leave(api, engine.kinds(), stack, given.target)
    if given.output:
        write_text(given.output, made.text)
    else:
        result(made.text)
    for one in made.left_out:
        say(f"left out: {_shown(one)}: {clean(one.why)}")
    say(f"{plural(len(made.imported), 'import')} of {stack.name}")
    return exits.DONE


def _tell(made: Exported, given: Given) -> None:
    """What is not in the file, so that nobody takes it for the whole account."""
    for one in made.left_out:
        say(f"left out: {_shown(one)}: {clean(one.why)}")
    say(f"{plural(len(made.adopted), 'object')} of {made.stack}")
    if given.output:
        say(f"next: ecsplan plan {given.output}")


def _shown(one: LeftOut) -> str:
    name = f" ({clean(one.name)})" if one.name else ""
    return f"{one.attribute} of {one.kind} {one.id}{name}" if one.attribute else f"{one.kind} {one.id}{name}"
