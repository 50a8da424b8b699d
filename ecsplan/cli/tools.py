"""The tools that an agent may call: the command line of each tool, made of checked arguments; and their answers.

The commands here read. None of them applies, approves, signs or unlocks, and no argument makes another one of them.
"""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from ecsplan.model.quoting import shown

READING = frozenset(("validate", "plan", "explain", "why", "list", "history"))
_SECONDS = 600
_MOST = 60_000  # characters of one answer
_WORD = re.compile(r"""[A-Za-z0-9_.\[\]"'*-]{1,200}\Z""")


class BadArgument(Exception):
    """An argument that no tool takes; the message says why."""


class Desk(Struct, frozen=True):
    """Where the tools work. `cloud` are the options that say which account; nothing outside of `root` is read."""

    root: Path
    cloud: tuple[str, ...] = ()

    def folder(self, path: str) -> str:
        """A stack by its path from the root. Raises BadArgument."""
        whole = os.path.realpath(os.path.join(self.root, path)) if "\0" not in path else ""
        top = os.path.realpath(self.root)
        if whole != top and not whole.startswith(top + os.sep):
            raise BadArgument(f"{shown(path)} is not below the root")
        return os.path.join(".", os.path.relpath(whole, top))

    def line(self, command: str, *words: str, cloud: bool = False) -> list[str]:
        """The arguments of a command that reads. Raises BadArgument."""
        if command not in READING:
            raise BadArgument(f"{command} is not a command that reads")
        return [command, *(self.cloud if cloud else ()), *words]

    def ask(self, line: Sequence[str]) -> dict[str, Any]:
        """Runs one command; its exit status, what it printed, and what it said."""
        whole = [sys.executable, "-P", "-m", "ecsplan", *line]  # -P: no module of the folder is loaded
        environ = {**os.environ, "NO_COLOR": "1"}
        try:
            done = subprocess.run(
                whole,
                cwd=self.root,
                env=environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return {"status": 1, "said": f"no answer within {_SECONDS} seconds"}
        printed, said = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
        return {"status": done.returncode, "printed": cut(printed), "said": cut(said)}


def cut(text: str) -> str:
    return text if len(text) <= _MOST else f"{text[:_MOST]}\n… {len(text) - _MOST:,} characters more"


def word(text: str, what: str) -> str:
    """A kind, an address or the name of an environment; never an option. Raises BadArgument."""
    if not _WORD.match(text) or text.startswith("-"):
        raise BadArgument(f"{shown(text[:80])} is not {what}")
    return text


def of_environment(environment: str) -> tuple[str, ...]:
    return ("--environment", word(environment, "an environment")) if environment else ()
