"""`ecsplan mcp`: a server of the Model Context Protocol over stdio. It reads and proposes; it never applies.

The official SDK (extra `mcp`) speaks the protocol; what the tools do is in tools.py and files/proposing.py.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ecsplan import __version__
from ecsplan.cli import exits, options
from ecsplan.cli.options import Given, takes
from ecsplan.cli.tools import BadArgument, Desk, of_environment, word
from ecsplan.files.proposing import PREFIX, NoProposal, checked, proposed

ROOT = (click.option("--root", "path", default=".", metavar="DIR", help="The folder that tools see.  [default: .]"),)
INSTRUCTIONS = (
    "ecsplan keeps Alibaba Cloud ECS as stack files say. These tools read stacks and the live account, and propose "
    "changes as branches. Nothing here applies or approves a change: a person reviews the branch and signs the plan."
)


@click.command("mcp", help="Serve agents over stdio (Model Context Protocol): they read and propose, and never apply.")
@takes(ROOT, options.CLOUD, options.LOOK)
def command(given: Given) -> int:
    try:
        server = server_of(Desk(Path(os.path.realpath(given.path)), _cloud(given)))
    except ImportError:
        raise click.ClickException("the extra mcp is not installed; run: pip install 'ecsplan[mcp]'") from None
    server.run("stdio")
    return exits.DONE


def _cloud(given: Given) -> tuple[str, ...]:
    """The options that say which account, as the person who started the server gave them."""
    named = {"--profile": given.profile, "--endpoint": given.endpoint, "--signature": given.signature}
    words = [word for option, value in named.items() if value for word in (option, value)]
    return (*words, *(("--emulator",) if given.emulator else ()))


def server_of(desk: Desk) -> Any:
    """The server with its tools. Raises ImportError where the SDK is missing."""
    from mcp.server import MCPServer
    from mcp.types import ToolAnnotations

    server = MCPServer("ecsplan", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING")
    reads = ToolAnnotations(read_only_hint=True, destructive_hint=False)
    writes = ToolAnnotations(read_only_hint=False, destructive_hint=False)
    for tool in reading_tools(desk):
        server.tool(annotations=reads, structured_output=False)(tool)
    server.tool(annotations=writes, structured_output=False)(propose_of(desk))
    return server


def _answer(make: Callable[[], dict[str, Any]]) -> str:
    try:
        return json.dumps(make(), ensure_ascii=False)
    except (BadArgument, NoProposal) as error:
        return json.dumps({"status": exits.USAGE, "said": str(error)}, ensure_ascii=False)


def reading_tools(desk: Desk) -> tuple[Callable[..., str], ...]:
    """The tools that read, each a function whose docstring is what agents are told."""
    return (*_about_files(desk), *_about_the_account(desk))


def _about_files(desk: Desk) -> tuple[Callable[..., str], ...]:
    def validate(stack: str = ".") -> str:
        """Check a stack offline. Every fault has its rule, range, and the words that would be right."""
        return _answer(lambda: desk.ask(desk.line("validate", "--json", "--", desk.folder(stack))))

    def explain(subject: str = "") -> str:
        """Document a kind, an attribute such as instance.system_disk.size, or a section of the file."""

        def ask() -> dict[str, Any]:
            words = (word(subject, "a kind or attribute"),) if subject else ()
            return desk.ask(desk.line("explain", "--json", "--", *words))

        return _answer(ask)

    def why(attribute: str, stack: str = ".", environment: str = "") -> str:
        """Show where the value of ADDRESS.ATTRIBUTE comes from: file, overlay, default, variable."""

        def ask() -> dict[str, Any]:
            words = ("--json", *of_environment(environment), "--", word(attribute, "ADDRESS.ATTRIBUTE"))
            return desk.ask(desk.line("why", *words, desk.folder(stack)))

        return _answer(ask)

    def history(run: str = "") -> str:
        """List the recorded runs, the newest first; or show one, by its id or `last`, with its changes and steps."""

        def ask() -> dict[str, Any]:
            words = ("show", word(run, "a run")) if run else ()
            return desk.ask(desk.line("history", "--json", "--", *words))

        return _answer(ask)

    return validate, explain, why, history


def _about_the_account(desk: Desk) -> tuple[Callable[..., str], ...]:
    def plan(stack: str = ".", environment: str = "", as_json: bool = False) -> str:
        """Show what apply would change in the live account, and why. Changes nothing. JSON has every attribute."""

        def ask() -> dict[str, Any]:
            words = ("--format", "json" if as_json else "markdown", *of_environment(environment))
            return desk.ask(desk.line("plan", *words, "--", desk.folder(stack), cloud=True))

        return _answer(ask)

    def price(stack: str = ".", environment: str = "") -> str:
        """Tell what the changes of a plan cost a month."""

        def ask() -> dict[str, Any]:
            words = ("--json", *of_environment(environment), "--", desk.folder(stack))
            answer = desk.ask(desk.line("plan", *words, cloud=True))
            try:
                document = json.loads(answer["printed"])
            except ValueError:
                return answer
            return {"status": answer["status"], "prices": document.get("prices"), "said": answer["said"]}

        return _answer(ask)

    def list_live(stack: str = ".", environment: str = "") -> str:
        """List the live resources that a stack owns."""

        def ask() -> dict[str, Any]:
            words = ("--json", *of_environment(environment))
            return desk.ask(desk.line("list", *words, "--", desk.folder(stack), cloud=True))

        return _answer(ask)

    return plan, price, list_live


def propose_of(desk: Desk) -> Callable[..., str]:
    """The one tool that writes: a branch of its own, and nothing else."""

    def propose(name: str, files: dict[str, str], stack: str = ".", environment: str = "", message: str = "") -> str:
        """Write whole stack files to a new branch, and plan it. `files` are texts by path. Nothing is applied."""

        def make() -> dict[str, Any]:
            place = desk.folder(stack)
            for path in files:
                checked(path)
            with proposed(desk.root, name, files, message) as checkout:
                there = os.path.normpath(os.path.join(checkout, place))
                validated = desk.ask(desk.line("validate", "--json", "--", there))
                words = ("--format", "markdown", *of_environment(environment), "--", there)
                planned = desk.ask(desk.line("plan", *words, cloud=True)) if not validated["status"] else None
            inside = str(checkout)
            return {
                "status": planned["status"] if planned else validated["status"],
                "branch": PREFIX + name,
                "validate": _without(validated, inside),
                "plan": _without(planned, inside) if planned else None,
                "next": "a person reviews the branch, merges it, and applies a signed plan",
            }

        return _answer(make)

    return propose


def _without(answer: dict[str, Any], place: str) -> dict[str, Any]:
    """Paths as they are in the repository, and not in the checkout that is gone."""
    return {key: text.replace(f"{place}/", "") if isinstance(text, str) else text for key, text in answer.items()}
