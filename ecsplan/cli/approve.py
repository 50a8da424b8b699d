"""`ecsplan approve`: signs a saved plan with an SSH key, after showing what is signed."""

import sys
import time
from pathlib import Path

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.diff import compared
from ecsplan.cli.filing import read_text
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import paint_for, result, say
from ecsplan.cli.reading import show_plan
from ecsplan.engine.approving import approve, statement_for
from ecsplan.render.delta import delta_text

SIGNING = (
    click.argument("path", metavar="PLANFILE"),
    click.option("--key", required=True, metavar="FILE",
                 help="A private key, or the public key of one that the SSH agent holds."),
    click.option("--class", "classes", multiple=True, metavar="CLASS",
                 help="Approve this class of change alone, like reboot or data_loss; repeatable.  [default: all]"),
    click.option("--hours", type=click.FloatRange(min=0.1, max=24 * 90), default=24.0, show_default=True,
                 help="How long it counts."),
    click.option("--reason", default="", metavar="TEXT", help="A ticket, or why."),
    click.option("--any-commit", is_flag=True, help="Do not bind it to the Git commit that is checked out."),
    click.option("--since", metavar="PLANFILE",
                 help="Show and approve only the changes that are not the same in this earlier plan."),
    click.option("--revoke", is_flag=True, help="Take back all earlier approvals of this plan by this key."),
)  # fmt: skip


@click.command("approve", help="Sign PLANFILE: show it, and put a signed approval into PLANFILE.approvals/.")
@takes(SIGNING, options.LOOK)
def command(given: Given) -> int:
    plan = engine.load_plan(read_text(given.path, "the plan"))
    since = engine.load_plan(read_text(given.since, "the plan")) if given.since else None
    if since is not None:
        if given.revoke:
            raise click.UsageError("--revoke takes back all of a plan; leave out --since")
        result(
            delta_text(compared(since, plan, (given.since or "", given.path)), paint_for(sys.stdout, given.no_color))
        )
    elif not given.revoke:
        show_plan(plan, given)
    statement = statement_for(
        plan,
        Path.cwd(),
        time.time(),
        given.hours * 3600,
        given.classes,
        given.reason,
        given.any_commit,
        given.revoke,
        since,
    )
    say(f"signing: {statement.readable}")
    say(f"wrote {approve(given.path, given.key or '', statement)}")
    return exits.DONE
