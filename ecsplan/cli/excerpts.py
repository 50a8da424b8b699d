"""Lines of stack files, shown beside the problems that stand in them. No line of any other file is ever shown.

A place may come from a saved plan, or name a template: what such a file holds is not for the reader of an error.
"""

from collections.abc import Iterable
from functools import lru_cache

_MOST_BYTES = 10_000_000
_stack_files: set[str] = set()  # of the one command that this process runs


def show_lines_of(files: Iterable[str]) -> None:
    """These were read as stack files."""
    _stack_files.update(files)


def forget() -> None:
    _stack_files.clear()
    _lines.cache_clear()


def source_line(file: str, number: int) -> str | None:
    lines = _lines(file) if file in _stack_files else ()
    return lines[number - 1] if 0 < number <= len(lines) else None


def text_of(file: str) -> str:
    """The text of a stack file that was read; empty for any other file."""
    return "\n".join(_lines(file)) if file in _stack_files else ""


@lru_cache(maxsize=16)
def _lines(file: str) -> tuple[str, ...]:
    """One that is gone or no text by now gives none."""
    from ecsplan.files.opening import BadFile, read_regular  # `--help` shows no lines

    try:
        return tuple(read_regular(file, _MOST_BYTES).decode("utf-8-sig").splitlines())
    except (BadFile, UnicodeDecodeError):
        return ()
