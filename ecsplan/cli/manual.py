"""The command line as data, and as two documents: docs/reference/commands.md and the man page. See reference.py."""

from collections.abc import Iterator

import click
from msgspec import Struct

from ecsplan.cli.main import COMMANDS, root
from ecsplan.render.reference import GENERATED

STATUSES = (
    (0, "Done, or no changes."),
    (1, "An error."),
    (2, "Changes are pending (`plan --detailed-exitcode`), or drift was found (`drift`)."),
    (3, "Refused: a guard, a stale plan, the lock, another account, or not approved."),
    (4, "Applied in part: the report says what failed and what was skipped."),
    (64, "Wrong usage."),
    (130, "Interrupted."),
)
ENVIRONMENT = (
    ("ALIBABA_CLOUD_ACCESS_KEY_ID", "The access key."),
    ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "Its secret."),
    ("ALIBABA_CLOUD_SECURITY_TOKEN", "The token of temporary credentials."),
    ("ALIBABA_CLOUD_REGION_ID", "The region of commands that read no stack."),
    ("ECSPLAN_ENDPOINT", "The same as --endpoint."),
    ("ECSPLAN_SIGNATURE", "The same as --signature."),
    ("ECSPLAN_ALLOW_PATH", "The same as --allow-path."),
    ("ECSPLAN_VAR_NAME", "The value of the variable NAME."),
    ("NO_COLOR", "The same as --no-color."),
)


class Page(Struct, frozen=True):
    """One command: its words after `ecsplan`, what follows them, its help, and its options with their help."""

    name: str
    usage: str
    help: str
    options: tuple[tuple[str, str], ...]


def pages() -> Iterator[Page]:
    """Every command and subcommand, in the order of `ecsplan --help`."""
    context = click.Context(root, info_name="ecsplan")
    for name in COMMANDS:
        command = root.get_command(context, name)
        assert command is not None
        yield from _pages_of(command, name, context)


def _pages_of(command: click.Command, name: str, parent: click.Context) -> Iterator[Page]:
    context = click.Context(command, info_name=name, parent=parent)
    found = [param.get_help_record(context) for param in command.get_params(context) if isinstance(param, click.Option)]
    options = tuple(record for record in found if record and "--help" not in record[0])
    usage = " ".join(command.collect_usage_pieces(context))
    yield Page(name, usage, " ".join((command.help or "").split()), options)
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            sub = command.get_command(context, child)
            assert sub is not None
            yield from _pages_of(sub, f"{name} {child}", context)


def commands_page() -> str:
    """docs/reference/commands.md"""
    lines = [GENERATED, "", "# Commands", ""]
    lines += ["`ecsplan COMMAND --help` shows the same. Results go to stdout, everything else to stderr.", ""]
    for page in pages():
        lines += [f"## `ecsplan {page.name}`", "", f"    ecsplan {page.name} {page.usage}", "", page.help, ""]
        if page.options:
            lines += ["| option | meaning |", "|---|---|"]
            lines += [f"| `{_cell(names)}` | {_cell(words)} |" for names, words in page.options]
            lines += [""]
    lines += ["## Exit status", "", "| status | meaning |", "|---|---|"]
    lines += [f"| {status} | {words} |" for status, words in STATUSES]
    lines += ["", "## Environment", "", "| variable | meaning |", "|---|---|"]
    lines += [f"| `{name}` | {words} |" for name, words in ENVIRONMENT]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("<", "\\<").split())


def man_page() -> str:
    """The page of man, in the macros of man(7)."""
    lines = ['.TH ECSPLAN 1 "" ecsplan "User Commands"', ".SH NAME", _roff(f"ecsplan - {root.help}").rstrip(".")]
    lines += [".SH SYNOPSIS", ".B ecsplan", r"\fICOMMAND\fR [\fIOPTIONS\fR]", ".SH COMMANDS"]
    for page in pages():
        lines += [f".SS {_roff(f'ecsplan {page.name} {page.usage}')}", _roff(page.help)]
        for names, words in page.options:
            lines += [".TP", rf"\fB{_roff(names)}\fR", _roff(words)]
    lines += [".SH EXIT STATUS"]
    lines += [line for status, words in STATUSES for line in (".TP", rf"\fB{status}\fR", _roff(words))]
    lines += [".SH ENVIRONMENT"]
    lines += [line for name, words in ENVIRONMENT for line in (".TP", rf"\fB{name}\fR", _roff(words))]
    lines += [".SH FILES"]
    lines += [".TP", r"\fB.ecsplan/\fR", "The journal of what was written, and the account of the built-in emulator."]
    lines += [".TP", r"\fB~/.aliyun/config.json\fR", "Profiles with credentials."]
    return "\n".join(lines) + "\n"


def _roff(text: str) -> str:
    """Text in which nothing is taken for a request or an escape, and a hyphen can be copied."""
    plain = " ".join(text.split()).replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{plain}" if plain.startswith((".", "'")) else plain
