"""Plans on their way to the reader: in the format that was asked for, and as events."""

import sys
import time
from collections.abc import Callable

import click

from ecsplan import engine
from ecsplan.cli.filing import write_text
from ecsplan.cli.options import Given
from ecsplan.cli.output import paint_for, result, say
from ecsplan.model.copying import replace
from ecsplan.model.durations import NOTHING_LEARNED, Durations
from ecsplan.model.plan import Plan
from ecsplan.model.ruling import Ruling
from ecsplan.model.unseen import printable
from ecsplan.render.view import PlanView, view


def _usual_durations(given: Given) -> Durations:
    from ecsplan.engine.learning import usual_durations  # the record of runs is not opened for a plan without steps

    return usual_durations(given.store)


def show_plan(plan: Plan, given: Given, ruling: Ruling | None = None) -> PlanView:
    """The plan as the result of the command, and in every file that --write names."""
    forms = {given.format, *(text.partition("=")[0] for text in given.writes)}
    durations = _usual_durations(given) if plan.steps else NOTHING_LEARNED
    seen = view(plan, ruling, with_objects="terraform" in forms, now=time.time(), durations=durations)
    show_result(drawn(seen, given), given)
    for form, _, path in (text.partition("=") for text in given.writes):
        write_text(path, printable(drawn(seen, replace(given, form=form, as_json=False, no_color=True))))
        say(f"written: {path}")
    return seen


def show_result(text: str, given: Given) -> None:
    """To stdout, unless the event lines have it."""
    if given.events == "-":
        say(text.rstrip("\n"))
    else:
        result(text)


def drawn(seen: PlanView, given: Given) -> str:
    return _DRAWERS[given.format](seen, given)


def as_text(seen: PlanView, given: Given) -> str:
    from ecsplan.render.text import plan_text

    stream = sys.stderr if given.events == "-" or given.format != "text" else sys.stdout
    return plan_text(seen, paint_for(stream, given.no_color), verbose=given.verbose > 0)


def _as_json(seen: PlanView, _given: Given) -> str:
    from ecsplan.render.json_format import plan_json

    return plan_json(seen)


def _as_markdown(seen: PlanView, _given: Given) -> str:
    from ecsplan.render.markdown import plan_markdown

    return plan_markdown(seen)


def _as_html(seen: PlanView, _given: Given) -> str:
    from ecsplan.render.page import plan_page

    return plan_page(seen)


def _as_terraform(seen: PlanView, _given: Given) -> str:
    from ecsplan.render.terraform import terraform_json

    return terraform_json(seen, engine.kinds())


def _as_dot(seen: PlanView, _given: Given) -> str:
    from ecsplan.render.graph import plan_dot

    return plan_dot(seen)


def _as_mermaid(seen: PlanView, _given: Given) -> str:
    from ecsplan.render.graph import plan_mermaid

    return plan_mermaid(seen)


_DRAWERS: dict[str, Callable[[PlanView, Given], str]] = {
    "text": as_text,
    "json": _as_json,
    "markdown": _as_markdown,
    "html": _as_html,
    "terraform": _as_terraform,
    "dot": _as_dot,
    "mermaid": _as_mermaid,
}
PLAN_FORMATS = tuple(_DRAWERS)


def _checked(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    for text in given:
        form, _, path = text.partition("=")
        if form not in PLAN_FORMATS or not path:
            raise click.UsageError(f"--write {text}: write FORMAT=FILE; formats: {', '.join(PLAN_FORMATS)}")
    return given


WRITE = (
    click.option(
        "--write", "writes", multiple=True, metavar="FORMAT=FILE", callback=_checked,
        help="Write the plan in this format to FILE as well, like html=plan.html; repeatable.",
    ),
)  # fmt: skip
APPLY_FORMATS = ("text", "json", "markdown")
