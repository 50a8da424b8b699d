"""What went wrong, in words and as an exit status; the one place where an exception of a command ends."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import click

from ecsplan.cli import exits
from ecsplan.cli.output import complain, complain_of, say
from ecsplan.model.call import ApiError
from ecsplan.model.diagnostic import Refused, Rejected

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
    except Rejected as rejected:
        complain_of(rejected.diagnostics)
        return exits.ERROR
    except Refused as refused:
        complain_of(refused.diagnostics, error_word="refused")
        return exits.REFUSED
    except ApiError as error:
        complain(str(error))
        return exits.ERROR
    except MemoryError:
        complain("there is not enough memory")
        return exits.ERROR
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        complain(unexpected(error))
        return exits.ERROR


def unexpected(error: Exception) -> str:
    """The system's own words; or where ecsplan itself is at fault. Never the message, which may hold a secret."""
    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename}" if isinstance(error.filename, str) else ""
        return f"{error.strerror}{where}"
    import traceback  # only where something went wrong: it costs at the start

    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "ecsplan" in frame.filename]
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return (
        f"a fault of ecsplan: {type(error).__name__}{place}\n"
        "if it was applying, ecsplan plan shows what is left to do, and apply goes on from there\n"
        f"please report it with the command; {DEBUG}=1 shows the whole traceback, which may hold secrets"
    )
