"""`ecsplan permissions`: the smallest RAM policy for a saved plan, for a stack, or for a key that only plans."""

from pathlib import Path

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.apply import planfile_text
from ecsplan.cli.cloud import cloud, load
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import result, say
from ecsplan.engine.permitting import lacking, policies_for_life
from ecsplan.model.plan import Plan
from ecsplan.render.json_format import dumped

WHAT = (
    click.argument("path", metavar="[PLANFILE | PATH]", default=""),
    click.option("--check", is_flag=True,
                 help="Also say which of the actions of PLANFILE the key may not call, by dry runs; exit status 3."),
)  # fmt: skip


@click.command(
    "permissions",
    help="Print the RAM policies that applying PLANFILE needs, or whatever the stack at PATH may come to; without "
    "either, those for reading, as `plan` does.",
)
@takes(WHAT, options.STACK, options.CLOUD, options.LOOK)
def command(given: Given) -> int:
    text = planfile_text(given.path) if given.path else None
    plan = engine.load_plan(text) if text is not None else None
    if given.check and plan is None:
        raise click.UsageError("--check is for a saved plan: ecsplan permissions PLANFILE --check")
    if plan is None and given.path:
        if not Path(given.path).exists():
            raise click.UsageError(
                f"{given.path}: there is no such plan or stack: give the file of a plan, or the folder of a stack"
            )
        policies = policies_for_life(load(given), engine.kinds())
    else:
        policies = engine.permissions(plan, given.region or "*")
    for policy in policies:
        result(dumped(policy))
    if len(policies) > 1:
        say(f"{len(policies)} policies: a custom policy takes 2,048 characters in every account; attach them all")
    return _checked(plan, given) if plan is not None and given.check else exits.DONE


def _checked(plan: Plan, given: Given) -> int:
    with cloud(given, plan.region) as api:
        denied, unseen = lacking(plan, api, engine.kinds())
    for action in denied:
        say(f"the key lacks {action}")
    for summary in unseen:
        say(f"not checked: {summary}")
    if not denied:
        say("the key lacks nothing of what dry runs can tell")
    return exits.REFUSED if denied else exits.DONE
