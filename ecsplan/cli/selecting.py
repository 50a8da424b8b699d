"""The options that say which live objects are meant; `unmanaged` and `export` share them."""

import click

from ecsplan import engine
from ecsplan.cli import completing
from ecsplan.cli.options import Decorator, Given
from ecsplan.model.selection import Selection

SELECTION: tuple[Decorator, ...] = (
    click.option(
        "--kind",
        "chosen_kinds",
        multiple=True,
        metavar="KIND",
        shell_complete=completing.kinds,
        help="Filter by kind; repeatable.",
    ),
    click.option("--vpc", metavar="ID", help="Filter by VPC."),
    click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE", help="Filter by tag; repeatable."),
)


def selection_of(given: Given) -> Selection:
    known = engine.kinds()
    for kind in given.chosen_kinds:
        if kind not in known:
            raise click.UsageError(f"--kind: there is no kind {kind}; known are {', '.join(known)}")
    return Selection(given.chosen_kinds, given.vpc, tuple(_tag(text) for text in given.tags))


def _tag(text: str) -> tuple[str, str | None]:
    key, equals, value = text.partition("=")
    return key, value if equals else None
