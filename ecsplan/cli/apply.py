"""`ecsplan apply`: carries out a saved plan, or plans a stack, asks, and carries that out."""

from pathlib import Path

import click

from ecsplan import engine
from ecsplan.cli import options
from ecsplan.cli.applying import apply_plan, apply_stack, refuse_with_planfile
from ecsplan.cli.filing import read_text
from ecsplan.cli.many import ALL, ON, each
from ecsplan.cli.notifying import NOTIFY, Tell, failures_told, notifying
from ecsplan.cli.options import Given, takes
from ecsplan.cli.reading import APPLY_FORMATS

TARGET = (
    click.argument("paths", nargs=-1, metavar="[PLANFILE | PATH...]"),
    ALL,
    ON,
    click.option("--skip-stale", is_flag=True,
                 help="Leave out what has moved since PLANFILE was made, and what depends on it."),
    click.option("--stack", "bound_to", metavar="PATH", help="Apply PLANFILE only if it was made from this stack."),
)  # fmt: skip


@click.command("apply", help="Apply a saved plan; or plan the stack at PATH, ask for approval, and apply.")
@takes(
    TARGET,
    options.APPROVAL,
    options.POLICY,
    NOTIFY,
    options.PLANNING,
    options.formats(*APPLY_FORMATS),
    options.STACK,
    options.CLOUD,
    options.STORE,
    options.EVENTS,
    options.LOOK,
)
def command(given: Given) -> int:
    with notifying(given) as tell:
        return each(given, lambda one: _one(one, tell), "apply", stops=True)


def _one(given: Given, tell: Tell) -> int:
    with failures_told(given, tell):
        return _applied(given, tell)


def _applied(given: Given, tell: Tell) -> int:
    text = planfile_text(given.path)
    if text is None:
        if given.bound_to:
            raise click.UsageError(f"--stack is for a saved plan, and {given.path} is not one: leave it out")
        if given.skip_stale:
            raise click.UsageError(f"--skip-stale is for a saved plan, and {given.path} is not one: leave it out")
        return apply_stack(given, tell)
    refuse_with_planfile(given)
    return apply_plan(given, engine.load_plan(text), tell)


def planfile_text(path: str) -> str | None:
    """The text of a saved plan, None for anything else: a stack may be written in JSON too."""
    if not path.endswith(".json") or not Path(path).is_file():
        return None
    text = read_text(path, "the plan")
    form = engine.form_of(text)
    if form in ("ecsplan-plan-view", "ecsplan-apply"):
        raise click.UsageError(f"{path} is a printed plan; `ecsplan plan -o FILE` saves one that apply takes")
    return text if form == "ecsplan-plan" else None
