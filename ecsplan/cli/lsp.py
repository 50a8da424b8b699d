"""`ecsplan lsp`: a language server over stdio, for editors. It reads files, and never asks the cloud."""

import click

from ecsplan.cli import exits, options
from ecsplan.cli.options import Given, takes


@click.command("lsp", help="Serve editors over stdio: faults, completion, hover, definitions, renaming.")
@takes(options.LOOK)
def command(given: Given) -> int:
    try:
        from ecsplan.cli.language_server import server
    except ImportError:
        raise click.ClickException("the extra lsp is not installed; run: pip install 'ecsplan[lsp]'") from None
    server().start_io()
    return exits.DONE
