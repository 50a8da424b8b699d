"""`ecsplan plan`: the change set, read-only; `-o` saves it for `apply`."""

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import click

from ecsplan import __version__, engine
from ecsplan.cli import exits, options
from ecsplan.cli.asked import apply_options, plan_options
from ecsplan.cli.cloud import cloud, load
from ecsplan.cli.events import events_to
from ecsplan.cli.filing import write_text
from ecsplan.cli.many import PATHS, each
from ecsplan.cli.notifying import NOTIFY, Tell, job_url, notifying
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import say
from ecsplan.cli.reading import PLAN_FORMATS, WRITE, show_plan
from ecsplan.cli.ruling import asking_for, say_what_the_policy_asks
from ecsplan.model.call import Api
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Rejected
from ecsplan.model.plan import Plan
from ecsplan.model.spans import seconds_of, span_text

if TYPE_CHECKING:
    from ecsplan.engine.early import Reading


def _span(_context: click.Context, _option: click.Parameter, given: str | None) -> str | None:
    try:
        return given if given is None or seconds_of(given) else None
    except ValueError as error:
        raise click.UsageError(f"--expires: {error}") from None


PLAN = (
    click.option("--destroy", is_flag=True, help="Plan the destruction of every resource."),
    click.option("-o", "--out", "output", metavar="FILE", help="Save the plan to FILE, for apply and show."),
    click.option("--expires", metavar="SPAN", callback=_span,
                 help="Let the saved plan be applied for so long, like 90m, 8h or 3d.  [default: the policy's]"),
    click.option("--bind-commit", is_flag=True,
                 help="Let it be applied only where the Git commit is checked out that it comes from."),
    click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there are changes."),
)  # fmt: skip


@click.command("plan", help="Show what apply would change, and why. Changes nothing.")
@takes(
    PATHS,
    PLAN,
    options.PLANNING,
    options.ALLOW,
    options.POLICY,
    NOTIFY,
    options.formats(*PLAN_FORMATS),
    WRITE,
    options.STACK,
    options.CLOUD,
    options.STORE,
    options.EVENTS,
    options.LOOK,
)
def command(given: Given) -> int:
    with notifying(given) as tell:
        return each(given, lambda one: _one(one, tell), "plan")


def _one(given: Given, tell: Tell) -> int:
    with events_to(given.events, __version__) as events:
        plan = _made(given)
        ruling = engine.ruling(plan, asking_for(given))
        events.planned(show_plan(_permitted(plan, given), given, ruling))
        say_what_the_policy_asks(ruling)
        if given.notify:
            from ecsplan.render.notice import approval_notice
            from ecsplan.render.view import view

            tell(approval_notice(view(plan), ruling, job_url()))
    if given.output:
        write_text(given.output, engine.save_plan(plan), is_private=True)
        say(f"saved: ecsplan apply {given.output}")
    return exits.CHANGES if given.detailed_exitcode and not plan.is_empty else exits.DONE


def _made(given: Given) -> Plan:
    """Of a large stack the cloud is read while the rest of the files is. Where that cannot be, it is told afterwards:
    faults of the files come first."""
    with ExitStack() as ends:
        early: list[tuple[Api, Reading]] = []

        def begin(region: str) -> None:
            from ecsplan.engine.early import reading

            with suppress(click.ClickException):
                api = ends.enter_context(cloud(given, region))
                early.append((api, ends.enter_context(reading(api))))

        stack = load(given, when_large=begin)
        asked = bounded(plan_options(given), given)
        if early:
            return engine.plan(stack, early[0][0], asked, early[0][1])
        return engine.plan(stack, ends.enter_context(cloud(given, stack.region)), asked)


def _permitted(plan: Plan, given: Given) -> Plan:
    """As it is shown: without what `--allow` would lift in an apply. What is saved has it all, for apply to ask."""
    return replace(plan, guards=engine.blocked(plan, apply_options(given, approved=False))) if given.allow else plan


def bounded(asked: engine.PlanOptions, given: Given) -> engine.PlanOptions:
    """With the bounds of a plan that is saved: those of the command, or of the policy. Raises Rejected for a plan that
    would live longer than the policy lets it."""
    if not given.output:
        return asked
    from ecsplan.engine.approving import plan_rules

    rules = plan_rules(asking_for(given))
    expires = seconds_of(given.expires) if given.expires else rules.expire
    if rules.expire and expires > rules.expire:
        raise Rejected([Diagnostic(f"the policy lets plans live {span_text(rules.expire)} at most", "give less")])
    return replace(asked, expires=expires, bind_commit=given.bind_commit or rules.bind_commit)
