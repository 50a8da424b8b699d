"""`ecsplan run`: a command of the stack inside machines of it. The exit status is by their outcome."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import click

from ecsplan import engine
from ecsplan.cli import completing, exits, options
from ecsplan.cli.cloud import cloud, load
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import paint_for, result, say
from ecsplan.cli.power import ASKING, asked
from ecsplan.cli.progress import progress
from ecsplan.cli.ruling import refuse_an_operation_by_policy
from ecsplan.cli.stop import Stop, interruptible
from ecsplan.engine.commanding import run_by_hand
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.running import RunPlan, RunReport
from ecsplan.render.json_format import dumped
from ecsplan.render.ran import asked_text, run_document, run_text

COMMAND = (
    click.argument("named", metavar="ADDRESS", shell_complete=completing.addresses),
    click.option("--on", "addresses", multiple=True, metavar="MACHINE", shell_complete=completing.addresses,
                 help="Run it on these machines: instance.web, instance.web[0], 'instance.web[*]' (repeatable)."),
    click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE",
                 help="The value of a {{NAME}} in its content, for this run alone; repeatable. It is shown and kept: "
                 "no place for a secret."),
    click.option("--path", default=".", show_default=True, metavar="PATH", help="Path of the stack."),
)  # fmt: skip
HELP = """Run a command of the stack inside its machines, by Cloud Assistant, and wait for it to end.

ADDRESS is command.NAME. Without --on it runs on the machines whose `commands` name it. The exit status is 0 where it
ended with exit code 0 on every machine."""


@dataclass
class _Approval:
    """Shows what would run where and gets its yes."""

    given: Given
    stop: Stop
    live: int
    seen: RunPlan | None = field(default=None, init=False)

    def __call__(self, plan: RunPlan) -> bool:
        self.seen = plan
        say(asked_text(plan, paint_for(sys.stderr, self.given.no_color)))
        refuse_an_operation_by_policy(plan, self.live, self.given)
        agreed = self.given.auto_approve or asked(f"Run it in {plan.region}?")
        self.stop.writing = agreed
        return agreed


@click.command("run", help=HELP)
@takes(COMMAND, ASKING, options.LOCK, options.POLICY, options.formats("text", "json"), options.STACK, options.CLOUD,
       options.LOOK)  # fmt: skip
def command(given: Given) -> int:
    applying = engine.ApplyOptions(
        parallelism=given.parallelism, lock=not given.no_lock, lock_timeout=given.lock_timeout
    )
    parameters = _parameters(given.parameters)
    with interruptible() as stopping:
        stack = load(given)
        approval = _Approval(given, stopping, len(stack.resources))
        with cloud(given, stack.region) as api, progress(given.no_color) as listener:
            report = run_by_hand(
                stack, api, engine.kinds(), given.named, given.addresses, applying, approval, listener, stopping,
                parameters,
            )  # fmt: skip
    if report is None or approval.seen is None:
        return exits.REFUSED
    if given.format == "json":
        result(dumped(run_document(approval.seen, report)))
    else:
        result(run_text(report, paint_for(sys.stdout, given.no_color)))
    return _status(report)


def _parameters(texts: Sequence[str]) -> dict[str, str]:
    """By name; the last of a name counts, as with variables."""
    if bad := [text for text in texts if not text.partition("=")[1]]:
        raise Rejected([Diagnostic(f"--parameter {text}: it has no value", "write NAME=VALUE") for text in bad])
    return {name: value for name, _, value in (text.partition("=") for text in texts)}


def _status(report: RunReport) -> int:
    if report.interrupted:
        return exits.INTERRUPTED
    if not report.bad:
        return exits.DONE
    return exits.PARTLY if len(report.bad) < len(report.rows) else exits.ERROR
