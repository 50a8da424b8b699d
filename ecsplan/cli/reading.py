"""Plans on their way to the reader: in the format that was asked for, and as events."""

import sys
from collections.abc import Callable

from ecsplan.cli.options import Given
from ecsplan.cli.output import paint_for, result, say
from ecsplan.model.plan import Plan
from ecsplan.render.view import PlanView, view


def show_plan(plan: Plan, given: Given) -> PlanView:
    """The plan as the result of the command."""
    seen = view(plan)
    show_result(drawn(seen, given), given)
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


_DRAWERS: dict[str, Callable[[PlanView, Given], str]] = {
    "text": as_text,
    "json": _as_json,
    "markdown": _as_markdown,
}
PLAN_FORMATS = tuple(_DRAWERS)
