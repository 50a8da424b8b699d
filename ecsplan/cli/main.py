"""The `ecsplan` command: finds the subcommand, and turns what went wrong into words and an exit status.

A command's module is loaded when it is called: `--help` pays for click alone.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

import click

from ecsplan import __version__
from ecsplan.cli import exits
from ecsplan.cli.excerpts import forget
from ecsplan.cli.failing import told
from ecsplan.cli.output import forgiving_streams, result
from ecsplan.model.garbage import spare
from ecsplan.model.unseen import spelled

OURS = ("ECSPLAN_", "ALIBABA_CLOUD_")  # variables that are read here

# name: (module, what it does); where a module has several commands, `module:name`
COMMANDS = {
    "init": ("init", "Write a first stack file and its schema."),
    "validate": ("validate", "Check a stack offline."),
    "fmt": ("fmt", "Lay out stack files; comments and values stay."),
    "test": ("test", "Play the scenarios of a stack on the emulator."),
    "compare": ("compare", "Show how two environments of a stack differ."),
    "plan": ("plan", "Show what apply would change, and why."),
    "show": ("show", "Show a saved plan again, offline."),
    "diff": ("diff", "Show what is new since a plan was saved."),
    "comment": ("comment", "Post a saved plan as a comment on the pull request."),
    "approve": ("approve", "Sign a saved plan."),
    "approvals": ("approvals", "Show who signed a saved plan, and what is missing."),
    "apply": ("apply", "Apply a stack or a saved plan."),
    "destroy": ("destroy", "Delete every resource that a stack owns."),
    "drift": ("drift", "Show what changed outside ecsplan since the last apply."),
    "serve": ("serve", "Watch a Git repository: plan, apply and report its stacks."),
    "notify": ("notify", "Send a test message to chats, webhooks and e-mail."),
    "list": ("list", "List the live resources of a stack."),
    "inventory": ("inventory", "Print the machines of a stack for Ansible, SSH or Prometheus."),
    "stacks": ("stacks", "List the stacks that live, and the folders that declare them."),
    "output": ("outputs", "Show the outputs of a stack."),
    "unmanaged": ("unmanaged", "List live objects that no stack owns."),
    "export": ("export", "Write a stack file for live objects, to adopt them."),
    "import": ("importing", "Write a stack file for what Terraform, ROS or Pulumi keeps."),
    "catalog": ("catalog", "List what the cloud offers: regions, instance types, images."),
    "start": ("power:start", "Start machines of a stack."),
    "stop": ("power:stop", "Stop machines of a stack."),
    "reboot": ("power:reboot", "Reboot machines of a stack."),
    "run": ("run", "Run a command of a stack inside its machines."),
    "reinit": ("reinit", "Reset disks of a stack to their original state, or to a snapshot."),
    "rollback": ("rollback", "Plan the way back from a run or a saved plan."),
    "history": ("history", "List recorded runs, or show one with its steps."),
    "schema": ("schema", "Print the JSON Schema of stack files, saved plans or policies."),
    "explain": ("explain", "Document kinds, attributes and sections of the file."),
    "why": ("why", "Show where a value comes from."),
    "doctor": ("doctor", "Check the account, key and region before a first plan (read-only)."),
    "permissions": ("permissions", "Print the RAM policy that a saved plan needs."),
    "whoami": ("whoami", "Show the account, key source, region and endpoint."),
    "unlock": ("unlock", "Release the lock of a stack."),
    "lsp": ("lsp", "Serve editors: faults, completion, hover, definitions, renaming."),
    "mcp": ("mcp", "Serve agents: they read and propose, and never apply."),
    "emulator": ("emulate", "Run a local emulator of the ECS and VPC APIs."),
    "completion": ("completion", "Print the shell completion script."),
}


# What other tools have, and the way to do it here.
COUNTERPARTS = {
    "state": "There is no state file: `ecsplan list` shows what the stack owns; moved: and released: change it.",
    "refresh": "Every plan reads the cloud again; `ecsplan drift` shows what moved.",
    "taint": "Use `ecsplan apply --replace ADDRESS`.",
    "preview": "Use `ecsplan plan`.",
    "up": "Use `ecsplan apply`.",
    "delete": "Use `ecsplan destroy`, or remove the block and apply.",
}


class Commands(click.Group):
    """Knows its commands by name without loading them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found = getattr(import_module(f"ecsplan.cli.{module}"), name or "command")
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"{error.message} {_instead(args[0])}".rstrip(), ctx) from None


def _instead(name: str) -> str:
    """What somebody may have meant: the same thing here, or a similar name."""
    from difflib import get_close_matches

    if name in COUNTERPARTS:
        return COUNTERPARTS[name]
    near = get_close_matches(name, COMMANDS, 1)
    return f"Did you mean {near[0]}?" if near else ""


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        result(f"ecsplan {__version__}\n")
        ctx.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 done · 1 error · 2 changes pending · 3 refused · 4 applied in part · 64 wrong usage.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version."
)
def root() -> None:
    """Keep Alibaba Cloud ECS as a repository says it should be: plan, review, apply."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line and answers its exit status; nothing that a person can cause ends in a traceback."""
    forget()
    spare()
    given = sys.argv[1:] if arguments is None else list(arguments)
    with forgiving_streams():
        return told(lambda: _run(given))


def _run(given: Sequence[str]) -> int:
    _refuse_bytes(given, os.environ)
    status = root.main(args=list(given), prog_name="ecsplan", standalone_mode=False)
    return status if isinstance(status, int) else exits.DONE


def _refuse_bytes(arguments: Sequence[str], environ: Mapping[str, str]) -> None:
    """Text that is not UTF-8 can be neither sent nor printed."""
    named = {f"argument {number}": text for number, text in enumerate(arguments, start=1)}
    named |= {name: text for name, text in environ.items() if name.startswith(OURS)}
    for name, text in named.items():
        if not _is_text(name + text):
            raise click.UsageError(f"{spelled(name)} is not UTF-8 text")  # its value may be a secret


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
