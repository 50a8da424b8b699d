"""Our folder beside a stack, for the journal, the emulator's account and the editor's schema."""

from pathlib import Path

import click

from ecsplan.files.opening import BadFile
from ecsplan.files.own import own_folder


def ignored_folder(folder: Path) -> None:
    """Makes the folder, which is its owner's alone and keeps itself out of git."""
    try:
        own_folder(folder)
    except BadFile as bad:
        raise click.ClickException(f"{folder} {bad.reason}") from None
