"""Files that the command line names, read and written whole."""

from pathlib import Path

import click

from ecsplan.files.opening import BadFile, read_regular
from ecsplan.files.own import refuse_link, write_own

_MOST_BYTES = 256 << 20


def read_text(path: str, what: str) -> str:
    try:
        return read_regular(path, _MOST_BYTES).decode("utf-8")
    except BadFile as bad:
        raise click.ClickException(f"{what} {path} {bad.reason}") from None
    except UnicodeDecodeError:
        raise click.ClickException(f"{path} is not UTF-8 text: save it as UTF-8") from None


def write_text(path: str, text: str, *, is_private: bool = False) -> None:
    """`is_private`: its owner alone may read it."""
    try:
        if is_private:
            write_own(path, text)
        else:
            refuse_link(path)
            Path(path).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise click.ClickException(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from None
