"""`ecsplan start`, `stop` and `reboot`: power operations on the machines that a stack owns."""

import sys
import time
from dataclasses import dataclass, field

import click

from ecsplan import engine
from ecsplan.cli import completing, exits, options
from ecsplan.cli.applying import say_without_newline
from ecsplan.cli.cloud import cloud, is_interactive, load
from ecsplan.cli.filing import write_text
from ecsplan.cli.options import Decorator, Given, takes
from ecsplan.cli.output import paint_for, result, say
from ecsplan.cli.plan import bounded
from ecsplan.cli.progress import progress
from ecsplan.cli.ruling import refuse_an_operation_by_policy
from ecsplan.cli.stop import Stop, interruptible
from ecsplan.engine.by_hand import power_plan
from ecsplan.engine.provenance import with_provenance
from ecsplan.model.diagnostic import Diagnostic, Refused
from ecsplan.model.plan import Plan
from ecsplan.model.power import Became, Order, PowerPlan, PowerReport, Verb
from ecsplan.render.json_format import dumped
from ecsplan.render.power import asked_text, power_document, power_text

ADDRESSES = (
    click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...", shell_complete=completing.addresses),
    click.option("--path", default=".", show_default=True, metavar="PATH", help="Path of the stack."),
)
FORCE = (click.option("--force", is_flag=True, help="Cut the power instead of shutting down (may lose data)."),)
ECONOMY = (
    click.option(
        "--stop-charging", is_flag=True, help="Use economical mode: release vCPUs and memory, and stop paying for them."
    ),
)
SAVE = (
    click.option("-o", "--out", "output", metavar="FILE", help="Save what would be done to FILE, for apply and show."),
)
DRAIN = (click.option("--no-drain", is_flag=True, help="Skip draining machines that are behind a balancer."),)
ASKING = (click.option("--auto-approve", is_flag=True, help="Proceed without asking."),)
HELP = "ADDRESS is instance.web, instance.web[0], or a pattern in quotes: 'instance.web[*]', 'instance.*'."


def _options(*own: tuple[Decorator, ...]) -> tuple[tuple[Decorator, ...], ...]:
    shared = (options.LOCK, options.POLICY, options.formats("text", "json"), options.STACK, options.CLOUD)
    return (ADDRESSES, *own, SAVE, *shared, options.STORE, options.LOOK)


@click.command("start", help=f"Start machines of the stack, and wait until they run. {HELP}")
@takes(*_options(DRAIN))
def start(given: Given) -> int:
    return _operate(given, Order(Verb.START, drains=not given.no_drain))


@click.command("stop", help=f"Stop machines of the stack, and wait until they are off. {HELP}")
@takes(*_options(FORCE, ECONOMY, DRAIN, ASKING))
def stop(given: Given) -> int:
    return _operate(given, Order(Verb.STOP, given.force, given.stop_charging, not given.no_drain))


@click.command("reboot", help=f"Reboot machines of the stack, and wait until they run again. {HELP}")
@takes(*_options(FORCE, DRAIN, ASKING))
def reboot(given: Given) -> int:
    return _operate(given, Order(Verb.REBOOT, given.force, drains=not given.no_drain))


@dataclass
class _Approval:
    """Shows what is asked and gets its yes; starting a machine needs none."""

    given: Given
    stop: Stop
    live: int
    seen: PowerPlan | None = field(default=None, init=False)

    def __call__(self, plan: PowerPlan) -> bool:
        self.seen = plan
        say(asked_text(plan, paint_for(sys.stderr, self.given.no_color)))
        refuse_an_operation_by_policy(plan, self.live, self.given)
        question = f"{plan.order.verb.value.capitalize()} in {plan.region}?"
        agreed = not plan.machines or plan.order.verb is Verb.START or self.given.auto_approve or asked(question)
        self.stop.writing = agreed
        return agreed


def asked(question: str) -> bool:
    """The question, on a terminal; without one, nobody can have meant yes."""
    if not is_interactive():
        raise Refused([Diagnostic("there is no terminal to ask on", "give --auto-approve")])
    say(f"\n{question} Only 'yes' will be accepted.")
    say_without_newline("> ")
    if sys.stdin.readline().strip() == "yes":
        return True
    say("declined: nothing was changed")
    return False


def _operate(given: Given, order: Order) -> int:
    applying = engine.ApplyOptions(
        parallelism=given.parallelism, lock=not given.no_lock, lock_timeout=given.lock_timeout, store=given.store
    )
    if given.output:
        return _save(given, order, applying)
    with interruptible() as stopping:
        stack = load(given)
        approval = _Approval(given, stopping, len(stack.resources))
        with cloud(given, stack.region) as api, progress(given.no_color) as listener:
            report = engine.power(stack, api, order, given.addresses, applying, approval, listener, stopping)
    if report is None or approval.seen is None:
        return exits.REFUSED
    if given.format == "json":
        result(dumped(power_document(approval.seen, report)))
    else:
        result(power_text(approval.seen, report, paint_for(sys.stdout, given.no_color)))
    return _status(report)


def _save(given: Given, order: Order, applying: engine.ApplyOptions) -> int:
    stack = load(given)
    with cloud(given, stack.region) as api:
        asked, plan = power_plan(stack, api, engine.kinds(), order, given.addresses, applying)
    say(asked_text(asked, paint_for(sys.stderr, given.no_color)))
    return saved(given, plan)


def saved(given: Given, plan: Plan) -> int:
    """Writes the plan of an operation to the file that was asked for, with the bounds that the policy wants."""
    assert given.output is not None
    plan = with_provenance(plan, bounded(engine.PlanOptions(), given), time.time())
    write_text(given.output, engine.save_plan(plan), is_private=True)
    say(f"saved: ecsplan apply {given.output}")
    return exits.DONE


def _status(report: PowerReport) -> int:
    if report.interrupted:
        return exits.INTERRUPTED
    if not report.count(Became.FAILED):
        return exits.DONE
    return exits.PARTLY if report.count(Became.DONE) else exits.ERROR
