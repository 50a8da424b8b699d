"""`ecsplan rollback`: the plan that takes back what a run or a saved plan has done. Changes nothing."""

from pathlib import Path

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.apply import planfile_text
from ecsplan.cli.cloud import cloud
from ecsplan.cli.filing import write_text
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import say
from ecsplan.cli.reading import PLAN_FORMATS, WRITE, show_plan
from ecsplan.cli.ruling import asking_for, say_what_the_policy_asks
from ecsplan.engine.rolling_back import changed_by, refuse_by_hand, rollback, touched_by
from ecsplan.engine.runs import find_run
from ecsplan.model.address import Address
from ecsplan.model.diagnostic import Diagnostic, Refused
from ecsplan.model.plan import Plan

SUBJECT = (
    click.argument("path", metavar="RUN|PLANFILE"),
    click.option("-o", "--out", "output", metavar="FILE", help="Save the plan to FILE, for apply and show."),
)


@click.command(
    "rollback",
    help="Plan the way back: what RUN (an id, part of one, or `last`) or an applied PLANFILE has changed gets the "
    "values that it had before, and which of it can be had again. Changes nothing; apply the plan that -o saves.",
)
@takes(SUBJECT, options.POLICY, options.formats(*PLAN_FORMATS), WRITE, options.CLOUD, options.STORE, options.LOOK)
def command(given: Given) -> int:
    plan, touched = _subject(given)
    with cloud(given, plan.region) as api:
        back = rollback(plan, touched, api, engine.kinds(), engine.PlanOptions(store=given.store))
    ruling = engine.ruling(back, asking_for(given, given.path))
    show_plan(back, given, ruling)
    say_what_the_policy_asks(ruling)
    if given.output:
        write_text(given.output, engine.save_plan(back), is_private=True)
        say(f"saved: ecsplan apply {given.output}")
    return exits.DONE


def _subject(given: Given) -> tuple[Plan, frozenset[Address]]:
    text = planfile_text(given.path) if Path(given.path).is_file() else None
    if text is not None:
        plan = engine.load_plan(text)
        return plan, changed_by(plan)
    run = find_run(given.store, given.path, has_effect=True)
    refuse_by_hand(run)
    if not run.plan:
        raise Refused([Diagnostic(f"the plan of run {run.id} is not kept any more", "name its saved plan instead")])
    return engine.load_plan(run.plan), touched_by(run)
