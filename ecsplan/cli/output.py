"""The one door to the terminal: results to stdout, all else to stderr, colours only to a terminal that wants them.

Whatever passes is made harmless here once more, whoever wrote it: no control character, no command to a CI runner.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, TextIO

import click

from ecsplan.model.unseen import printable, spelled
from ecsplan.render.paint import Paint, unpainted

if TYPE_CHECKING:
    from ecsplan.model.diagnostic import Diagnostic

_COLOURS: dict[str, tuple[str | None, bool]] = {  # style to colour and weight
    "create": ("green", False),
    "update": ("yellow", False),
    "drift": ("yellow", False),
    "replace": ("red", True),
    "delete": ("red", False),
    "adopt": ("cyan", False),
    "move": ("cyan", False),
    "release": ("cyan", False),
    "danger": ("red", True),
    "bold": (None, True),
}


def paint_for(stream: TextIO, no_color: bool = False) -> Paint:
    """Colours for a terminal, unless `--no-color`, NO_COLOR or a dumb terminal say otherwise."""
    wanted = not no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return _painted if wanted and stream.isatty() else unpainted


def _painted(text: str, style: str) -> str:
    if style == "dim":
        return click.style(text, dim=True)
    colour, bold = _COLOURS[style]
    return click.style(text, fg=colour, bold=bold or None)


def result(text: str) -> None:
    """The result of a command. A reader that has gone (`| head`) is no error. Raises OSError where it is lost."""
    try:
        _write(sys.stdout, text)
    except BrokenPipeError:
        _to_nowhere(sys.stdout)
    except OSError:
        _to_nowhere(sys.stdout)
        raise


def annotate(text: str) -> None:
    """Commands to GitHub's runner, one a line: the only ones that are written; what they quote is harmless."""
    lines = (line for line in text.splitlines())
    sys.stdout.write("".join(f"::{printable(line[2:])}\n" if line.startswith("::") else f"{line}\n" for line in lines))
    sys.stdout.flush()


def say(text: str, ending: str = "\n") -> None:
    """Anything that is not the result. Nobody to hear it (a log on a full disk) is no reason to stop an apply."""
    try:
        _write(sys.stderr, text + ending)
    except OSError:
        _to_nowhere(sys.stderr)


def harmless(text: str, stream: TextIO) -> str:
    """What may be written to a stream of this process."""
    return printable(text, is_coloured=stream.isatty())


def _write(stream: TextIO, text: str) -> None:
    stream.write(harmless(text, stream))
    stream.flush()


def complain(text: str) -> None:
    say(f"{paint_for(sys.stderr)('error', 'danger')}: {clean_lines(text)}")


def complain_of(diagnostics: "Iterable[Diagnostic]", error_word: str = "error") -> None:
    """Problems, each with its place and the line it stands in."""
    from ecsplan.cli.excerpts import source_line  # most runs end without one
    from ecsplan.render.diagnostics import diagnostics_text

    say(diagnostics_text(diagnostics, source_line, paint_for(sys.stderr), error_word).rstrip("\n"))


def clean_lines(text: str) -> str:
    return "\n".join(spelled(line) for line in text.split("\n"))


@contextmanager
def forgiving_streams() -> Iterator[None]:
    """Neither a terminal without UTF-8 nor a reader that has gone ends in a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:  # told when it was written
                _to_nowhere(stream)


def _to_nowhere(stream: TextIO) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
