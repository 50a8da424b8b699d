"""`ecsplan apply`: carries out a saved plan, or plans a stack, asks, and carries that out."""

from pathlib import Path

import click

from ecsplan import engine
from ecsplan.cli import options
from ecsplan.cli.applying import apply_plan, apply_stack, refuse_with_planfile
from ecsplan.cli.filing import read_text
from ecsplan.cli.many import ALL, each
from ecsplan.cli.options import Given, takes
from ecsplan.cli.reading import APPLY_FORMATS

TARGET = (
    click.argument("paths", nargs=-1, metavar="[PLANFILE | PATH...]"),
    ALL,
    click.option("--skip-stale", is_flag=True,
                 help="Leave out what has moved since PLANFILE was made, and what depends on it."),
    click.option("--stack", "bound_to", metavar="PATH", help="Apply PLANFILE only if it was made from this stack."),
)  # fmt: skip


@click.command("apply", help="Apply a saved plan; or plan the stack at PATH, ask for approval, and apply.")
@takes(
    TARGET,
    options.APPROVAL,
    options.POLICY,
    options.PLANNING,
    options.formats(*APPLY_FORMATS),
    options.STACK,
    options.CLOUD,
    options.STORE,
    options.EVENTS,
    options.LOOK,
)
def command(given: Given) -> int:
    return each(given, _one, stops=True)


def _one(given: Given) -> int:
    text = planfile_text(given.path)
    if text is None:
        if given.bound_to:
            raise click.UsageError(f"--stack is for a saved plan, and {given.path} is none")
        if given.skip_stale:
            raise click.UsageError(f"--skip-stale is for a saved plan, and {given.path} is none")
        return apply_stack(given)
    refuse_with_planfile(given)
    return apply_plan(given, engine.load_plan(text))


def planfile_text(path: str) -> str | None:
    """The text of a saved plan, None for anything else: a stack may be written in JSON too."""
    if not path.endswith(".json") or not Path(path).is_file():
        return None
    text = read_text(path, "the plan")
    form = engine.form_of(text)
    if form in ("ecsplan-plan-view", "ecsplan-apply"):
        raise click.UsageError(f"{path} is a printed plan; `ecsplan plan -o FILE` saves one that apply takes")
    return text if form == "ecsplan-plan" else None
