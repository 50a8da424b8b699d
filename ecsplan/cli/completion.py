"""`ecsplan completion`: the script by which a shell completes commands and options."""

import click
from click.shell_completion import get_completion_class

from ecsplan.cli import exits
from ecsplan.cli.output import result

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_ECSPLAN_COMPLETE"


@click.command("completion", help='Print the completion script for SHELL, as in: eval "$(ecsplan completion bash)"')
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    found = get_completion_class(shell)
    assert found is not None
    result(found(click.get_current_context().find_root().command, {}, "ecsplan", VARIABLE).source() + "\n")
    return exits.DONE
