"""`ecsplan reinit`: disks of the stack go back to their beginning, or one of them to a snapshot."""

import sys
import time
from dataclasses import dataclass, field

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.cloud import cloud, load
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import paint_for, result, say
from ecsplan.cli.power import ADDRESSES, DRAIN, SAVE, asked, saved
from ecsplan.cli.progress import progress
from ecsplan.cli.ruling import refuse_an_operation_by_policy
from ecsplan.cli.stop import Stop, interruptible
from ecsplan.engine.by_hand import reinit_plan
from ecsplan.model.power import Became
from ecsplan.model.reinit import ReinitPlan, ReinitReport, TooMany
from ecsplan.render.json_format import dumped
from ecsplan.render.reinit import asked_text, reinit_document, reinit_text

SNAPSHOT = (
    click.option(
        "--snapshot",
        metavar="SNAPSHOT",
        help="Roll one disk back to this snapshot: s-…, or snapshot.NAME of the stack.",
    ),
)
HELP = """Reset disks of the stack to their original state: their image, the snapshot they were created from, or empty.
All data on them is lost. Running machines are stopped meanwhile, and started again.

ADDRESS is disk.data, instance.web.system_disk, instance.web[0].data_disks.logs, or a pattern in quotes:
'instance.web[*].data_disks.logs'. With --auto-approve, each resource that loses data needs --allow."""


@dataclass
class _Approval:
    """Shows what would be lost and gets its yes."""

    given: Given
    stop: Stop
    live: int
    seen: ReinitPlan | None = field(default=None, init=False)

    def __call__(self, plan: ReinitPlan) -> bool:
        self.seen = plan
        say(asked_text(plan, paint_for(sys.stderr, self.given.no_color)))
        refuse_an_operation_by_policy(plan, self.live, self.given)
        agreed = self.given.auto_approve or asked(f"Lose this data in {plan.region}?")
        self.stop.writing = agreed
        return agreed


@click.command("reinit", help=HELP)
@takes(
    ADDRESSES,
    SNAPSHOT,
    DRAIN,
    SAVE,
    options.APPROVAL,
    options.POLICY,
    options.formats("text", "json"),
    options.STACK,
    options.CLOUD,
    options.STORE,
    options.LOOK,
)
def command(given: Given) -> int:
    applying = engine.ApplyOptions(
        allow=given.allow,
        allow_destroy=given.allow_destroy,
        approved=not given.auto_approve,
        parallelism=given.parallelism,
        lock=not given.no_lock,
        lock_timeout=given.lock_timeout,
        store=given.store,
        drains=not given.no_drain,
    )
    if given.output:
        return _save(given, applying)
    with interruptible() as stop:
        stack = load(given)
        approval = _Approval(given, stop, len(stack.resources))
        with cloud(given, stack.region) as api, progress(given.no_color) as listener:
            try:
                report = engine.reinit(
                    stack, api, given.addresses, applying, approval, listener, stop, snapshot=given.snapshot
                )
            except TooMany as many:
                raise click.UsageError(many.diagnostics[0].summary) from None
    if report is None or approval.seen is None:
        return exits.REFUSED
    if given.format == "json":
        result(dumped(reinit_document(approval.seen, report)))
    else:
        result(reinit_text(approval.seen, report, paint_for(sys.stdout, given.no_color)))
    return _status(report)


def _save(given: Given, applying: engine.ApplyOptions) -> int:
    stack = load(given)
    with cloud(given, stack.region) as api:
        try:
            asked, plan = reinit_plan(
                stack, api, engine.kinds(), given.addresses, given.snapshot, applying, time.time()
            )
        except TooMany as many:
            raise click.UsageError(many.diagnostics[0].summary) from None
    say(asked_text(asked, paint_for(sys.stderr, given.no_color)))
    return saved(given, plan)


def _status(report: ReinitReport) -> int:
    if report.interrupted:
        return exits.INTERRUPTED
    if not report.has_failed and not report.count(Became.SKIPPED):
        return exits.DONE
    return exits.PARTLY if report.count(Became.DONE) else exits.ERROR
