"""Failures in words and as an exit status; the one place where an exception of a command ends."""

import io
import os
from collections.abc import Callable

import click

from ecsplan.cli import exits
from ecsplan.cli.output import complain, complain_of, say

DEBUG = "ECSPLAN_DEBUG"


def told(run: Callable[[], int]) -> int:
    """The status of a command; nothing that a person can cause ends in a traceback."""
    try:
        return run()
    except click.UsageError as error:
        usage = io.StringIO()
        error.show(usage)
        say(usage.getvalue().rstrip("\n"))
        return exits.USAGE
    except click.ClickException as error:
        complain(error.format_message())
        return exits.ERROR
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted")
        return exits.INTERRUPTED
    except MemoryError:
        complain("there is not enough memory")
        return exits.ERROR
    except Exception as error:
        status = _told_of_ours(error)
        if status is None and os.environ.get(DEBUG):
            raise
        if status is None:
            complain(unexpected(error))
        return exits.ERROR if status is None else status


def _told_of_ours(error: Exception) -> int | None:
    """The status for what is raised for a person to read; None for anything else."""
    from ecsplan.model.call import ApiError  # both are loaded where one of them was raised
    from ecsplan.model.diagnostic import Refused, Rejected

    if isinstance(error, Rejected):
        complain_of(error.diagnostics)
        return exits.ERROR
    if isinstance(error, Refused):
        complain_of(error.diagnostics, error_word="refused")
        return exits.REFUSED
    if isinstance(error, ApiError):
        complain(str(error))
        return exits.ERROR
    return None


def unexpected(error: Exception) -> str:
    """The system's own words; or where ecsplan itself is at fault. Never the message, which may hold a secret."""
    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename}" if isinstance(error.filename, str) else ""
        return f"{error.strerror}{where}"
    import traceback  # only where something went wrong: it costs at the start

    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "ecsplan" in frame.filename]
    place = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    return (
        f"a fault of ecsplan: {type(error).__name__}{place}\n"
        "if it was applying, ecsplan plan shows what is left to do, and apply goes on from there\n"
        f"please report it with the command; {DEBUG}=1 shows the whole traceback, which may hold secrets"
    )
