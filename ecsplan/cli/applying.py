"""From a stack or a saved plan to a report: shows, asks, applies, tells. `apply` and `destroy` are this."""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import click

from ecsplan import __version__, engine
from ecsplan.cli import exits
from ecsplan.cli.asked import apply_options, plan_options
from ecsplan.cli.cloud import cloud, is_interactive, load
from ecsplan.cli.events import EventWriter, events_to
from ecsplan.cli.notifying import Tell, job_url
from ecsplan.cli.options import Given
from ecsplan.cli.output import paint_for, say
from ecsplan.cli.progress import Progress, progress
from ecsplan.cli.reading import as_text, drawn, show_result
from ecsplan.cli.ruling import refuse_what_the_policy_forbids
from ecsplan.cli.stop import Stop, interruptible
from ecsplan.engine.learning import usual_durations
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Refused
from ecsplan.model.plan import Plan, Report
from ecsplan.render.json_format import apply_document, dumped
from ecsplan.render.notice import report_notice
from ecsplan.render.report import ReportView, report_text, report_view
from ecsplan.render.view import PlanView, view

STATUSES = {
    "done": exits.DONE,
    "partly": exits.PARTLY,
    "failed": exits.ERROR,
    "interrupted": exits.INTERRUPTED,
}


@dataclass
class Confirmation:
    """Shows a plan and gets its yes; the engine calls it between planning and the first write."""

    given: Given
    options: engine.ApplyOptions
    events: EventWriter
    stop: Stop
    expect: Callable[[Plan], None] = lambda plan: None
    seen: PlanView | None = field(default=None, init=False)

    def __call__(self, plan: Plan) -> bool:
        self.seen = show_before_apply(plan, self.given, self.events)
        self.expect(plan)
        if plan.is_empty:
            self.stop.writing = bool(plan.steps)  # records that are out of date
            return True
        guards = engine.blocked(plan, self.options)
        if guards:
            raise Refused(guard.diagnostic for guard in guards)
        refuse_what_the_policy_forbids(plan, self.given)
        agreed = self.given.auto_approve or asked(self.seen)
        self.stop.writing = agreed
        return agreed


def show_before_apply(plan: Plan, given: Given, events: EventWriter) -> PlanView:
    """For people on stdout with the result; where the result is for programs, on stderr."""
    seen = view(plan, now=time.time(), durations=usual_durations(given.store))
    if given.format == "text":
        show_result(drawn(seen, given), given)
    else:
        say(as_text(seen, given).rstrip("\n"))
    events.planned(seen)
    return seen


def asked(seen: PlanView) -> bool:
    """The question, on a terminal; without one, nobody can have meant yes."""
    if not is_interactive():
        raise Refused([Diagnostic("there is no terminal to ask on", "give --auto-approve, or apply a saved plan")])
    verb = "Destroy all this" if seen.is_destroy else "Apply this"
    say(f"\n{verb} in {seen.region}? Only 'yes' will be accepted.")
    say_without_newline("> ")
    if sys.stdin.readline().strip() == "yes":
        return True
    say("declined: nothing was changed")
    return False


def say_without_newline(text: str) -> None:
    say(text, ending="")


def apply_stack(given: Given, tell: Tell) -> int:
    """Plans from PATH, and applies what is approved."""
    options = apply_options(given, approved=not given.auto_approve)
    with events_to(given.events, __version__) as events, interruptible() as stop:
        stack = load(given)
        with cloud(given, stack.region) as api, progress(given.no_color) as listener:
            approval = Confirmation(given, options, events, stop, expecting(listener, given))
            plan, report = engine.session(
                stack, api, plan_options(given), options, approval, both(events, listener), stop
            )
        seen = approval.seen or show_before_apply(plan, given, events)
        return told(seen, report, given, events, tell)


def apply_plan(given: Given, plan: Plan, tell: Tell) -> int:
    """Applies a saved plan: whoever saved and passed it on has approved it."""
    options = apply_options(given, approved=True)
    with events_to(given.events, __version__) as events, interruptible() as stop:
        if given.bound_to:
            plan = engine.bound(plan, load(replace(given, path=given.bound_to)), plan_options(given))
        seen = show_before_apply(plan, given, events)
        ruling = refuse_what_the_policy_forbids(plan, given, given.path)
        signers = tuple(sorted({a.signer for a in ruling.approvals if not a.trouble}))
        options = replace(options, approvals=signers, watched_tags=ruling.tags)
        with cloud(given, plan.region) as api, progress(given.no_color) as listener:
            stop.writing = True
            expecting(listener, given)(plan)
            report = engine.apply(plan, api, options, events=both(events, listener), stop=stop)
        return told(seen, report, given, events, tell)


def expecting(listener: Progress, given: Given) -> Callable[[Plan], None]:
    """Tells the progress of a run which steps are to come, and how long such steps took before."""
    return lambda plan: listener.expect(plan.steps, usual_durations(given.store))


def both(*listeners: Callable[[Mapping[str, Any]], None]) -> Callable[[Mapping[str, Any]], None]:
    def tell(event: Mapping[str, Any]) -> None:
        for listener in listeners:
            listener(event)

    return tell


def told(seen: PlanView, report: Report | None, given: Given, events: EventWriter, tell: Tell) -> int:
    """The report in its format, and the exit status that it stands for."""
    done = report_view(report, (row.addresses[0] for row in seen.changes)) if report else None
    if done:
        events.summed_up(done)
        tell(report_notice(done, seen.stack, seen.region, job_url()))
    if given.format == "json":
        show_result(dumped(apply_document(seen, done)), given)
    elif given.format == "markdown":
        show_result(_markdown(seen, done), given)
    elif done:
        stream = sys.stderr if given.events == "-" else sys.stdout
        show_result("\n" + report_text(done, paint_for(stream, given.no_color)), given)
    if done is None:
        return exits.DONE if seen.is_empty else exits.REFUSED
    return STATUSES[done.status]


def _markdown(seen: PlanView, done: ReportView | None) -> str:
    from ecsplan.render.markdown import plan_markdown, report_markdown

    return report_markdown(done) if done else plan_markdown(seen)


def refuse_with_planfile(given: Given) -> None:
    """What makes a plan cannot be told to one that is made; with --stack it is what the plan must have been made of."""
    of_the_stack = {
        "--environment": given.environment,
        "--file": given.overlays,
        "--var": given.variables,
        "--var-file": given.var_files,
        "--region": given.region,
        "--target": given.targets,
        "--exclude": given.excludes,
        "--replace": given.replaces,
        "--only": given.only,
        "--on-drift": None if given.on_drift == "revert" else given.on_drift,
    }
    stack_options = {
        **({} if given.bound_to else of_the_stack),
        "--refresh": given.refresh,
        "--strict-absence": given.strict_absence,
        "--preflight": given.preflight,
        "--price": given.price,
    }
    named = [option for option, value in stack_options.items() if value]
    if named:
        raise click.UsageError(f"a saved plan takes no {', '.join(named)}: give that to `ecsplan plan -o`")
