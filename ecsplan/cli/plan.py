"""`ecsplan plan`: the change set, read-only; `-o` saves it for `apply`."""

from collections.abc import Iterable
from difflib import get_close_matches

import click

from ecsplan import engine
from ecsplan.cli import exits, options
from ecsplan.cli.cloud import cloud, load
from ecsplan.cli.events import events_to
from ecsplan.cli.filing import write_text
from ecsplan.cli.many import PATHS, each
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import say
from ecsplan.cli.reading import PLAN_FORMATS, WRITE, show_plan
from ecsplan.cli.ruling import asking_for, say_what_the_policy_asks
from ecsplan.cli.version import own_version

PLAN = (
    click.option("--destroy", is_flag=True, help="Plan the destruction of every resource."),
    click.option("-o", "--out", "output", metavar="FILE", help="Save the plan to FILE, for apply and show."),
    click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 if there are changes."),
)


@click.command("plan", help="Show what apply would change, and why. Changes nothing.")
@takes(
    PATHS,
    PLAN,
    options.PLANNING,
    options.POLICY,
    options.formats(*PLAN_FORMATS),
    WRITE,
    options.STACK,
    options.CLOUD,
    options.EVENTS,
    options.LOOK,
)
def command(given: Given) -> int:
    return each(given, _one)


def _one(given: Given) -> int:
    with events_to(given.events, own_version()) as events:
        stack = load(given)
        with cloud(given, stack.region) as api:
            plan = engine.plan(stack, api, plan_options(given))
        ruling = engine.ruling(plan, asking_for(given))
        events.planned(show_plan(plan, given, ruling, is_of_this_checkout=True))
        say_what_the_policy_asks(ruling)
    if given.output:
        write_text(given.output, engine.save_plan(plan), is_private=True)
        say(f"saved: ecsplan apply {given.output}")
    return exits.CHANGES if given.detailed_exitcode and not plan.is_empty else exits.DONE


def classes(texts: Iterable[str], option: str) -> tuple[str, ...]:
    """Classes of change, several in one text with commas. Raises UsageError for one that is none."""
    found = tuple(name.strip() for text in texts for name in text.split(","))
    for name in found:
        if name not in engine.classes():
            near = get_close_matches(name, engine.classes(), 1)
            hint = f"did you mean {near[0]}?" if near else f"classes: {', '.join(engine.classes())}"
            raise click.UsageError(f"{option} {name}: no class of change is called so; {hint}")
    return found


def plan_options(given: Given) -> engine.PlanOptions:
    return engine.PlanOptions(
        targets=given.targets,
        excludes=given.excludes,
        replaces=given.replaces,
        destroy=given.destroy,
        refresh_full=given.refresh == "full",
        strict_absence=given.strict_absence,
        only=classes(given.only, "--only"),
        deny=classes(given.deny, "--deny"),
        on_drift=given.on_drift,
        preflight=given.preflight or "fast",
        price=given.price != "off",
    )
