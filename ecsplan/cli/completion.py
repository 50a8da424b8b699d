"""`ecsplan completion`: the script by which a shell completes commands and options."""

import click
from click.shell_completion import get_completion_class

from ecsplan.cli import exits
from ecsplan.cli.output import result

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_ECSPLAN_COMPLETE"


def script(shell: str) -> str:
    """What the shell has to evaluate, or to find among its completions."""
    from ecsplan.cli.main import root

    found = get_completion_class(shell)
    assert found is not None
    return found(root, {}, "ecsplan", VARIABLE).source() + "\n"


@click.command(
    "completion", help='Print the completion script of a shell. Use it as: eval "$(ecsplan completion bash)"'
)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    result(script(shell))
    return exits.DONE
