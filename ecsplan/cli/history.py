"""`ecsplan history`: the runs that were recorded, and one of them with its steps."""

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import result
from ecsplan.engine.runs import find_run, recent_runs
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.history import Run
from ecsplan.render.history import history_document, history_text, run_document, run_text
from ecsplan.render.json_format import dumped
from ecsplan.render.view import PlanView, view

SUBJECT = (
    click.argument("addresses", nargs=-1, metavar="[STACK | show RUN]"),
    click.option("--region", metavar="REGION", help="List only runs in this region."),
    click.option(
        "--limit", type=click.IntRange(0), default=20, show_default=True, help="List this many runs; 0 lists all."
    ),
)


@click.command(
    "history",
    help="List the recorded runs, of STACK or of all stacks, the newest first; `history show RUN` shows one with its "
    "changes, steps and request ids. RUN is an id, part of one, or `last`.",
)
@takes(SUBJECT, options.formats("text", "json"), options.STORE, options.LOOK)
def command(given: Given) -> int:
    words = given.addresses
    if len(words) == 2 and words[0] == "show":
        return _show(find_run(given.store, words[1]), given)
    if len(words) > 1:
        raise click.UsageError("write `ecsplan history [STACK]` or `ecsplan history show RUN`")
    runs = recent_runs(given.store, words[0] if words else "", given.region or "", given.limit)
    result(dumped(history_document(runs)) if given.format == "json" else history_text(runs))
    return exits.DONE


def _show(run: Run, given: Given) -> int:
    seen = plan_of(run)
    result(dumped(run_document(run, seen)) if given.format == "json" else run_text(run, seen))
    return exits.DONE


def plan_of(run: Run) -> PlanView | None:
    """None where the plan is not kept, or was saved by a version whose plans this one does not read."""
    try:
        return view(engine.load_plan(run.plan)) if run.plan else None
    except (Rejected, Refused):
        return None
