"""`ecsplan fmt`: stack files in canonical layout, with every comment and value as it was."""

from collections.abc import Iterator
from difflib import unified_diff

import click

from ecsplan.cli import exits, options
from ecsplan.cli.excerpts import show_lines_of
from ecsplan.cli.filing import read_text, write_text
from ecsplan.cli.options import Given, takes
from ecsplan.cli.output import complain_of, result, say
from ecsplan.engine import folders
from ecsplan.model.diagnostic import Rejected

FILES = (click.argument("paths", nargs=-1, metavar="[PATH]..."),)
HOW = (
    click.option("--check", "dry_run", is_flag=True, help="Write nothing; exit with 1 where a file would change."),
    click.option("--diff", "diff", is_flag=True, help="Write nothing; print what would change."),
)


@click.command("fmt", help="Lay out stack files: canonical order of keys, white space; comments and values stay.")
@takes(FILES, HOW, options.LOOK)
def command(given: Given) -> int:
    changed, has_failed = 0, False
    for path in _files(given.paths or (".",)):
        text = read_text(path, "the file")
        try:
            new = folders.formatted(text, path)
        except Rejected as rejected:
            show_lines_of([path])
            complain_of(rejected.diagnostics)
            has_failed = True
            continue
        if new == text:
            continue
        changed += 1
        _tell(given, path, text, new)
    return exits.ERROR if has_failed or (changed and given.dry_run) else exits.DONE


def _tell(given: Given, path: str, text: str, new: str) -> None:
    if given.diff:
        lines = unified_diff(text.splitlines(), new.splitlines(), path, path, lineterm="")
        result("".join(f"{line}\n" for line in lines))
    elif given.dry_run:
        result(f"{path}\n")
    else:
        write_text(path, new)
        say(f"{path} is reformatted")


def _files(paths: tuple[str, ...]) -> Iterator[str]:
    """The stack files among those that are named; of other forms (a manifest of another tool) none is touched."""
    for path in dict.fromkeys(paths):
        for file in folders.stack_files(path):
            if folders.is_stack_text(read_text(file, "the file")):
                yield file
