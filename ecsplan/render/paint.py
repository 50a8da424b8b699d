"""How a text gets its colours; without any, until the command line knows the terminal. Imports nothing."""

from collections.abc import Callable

Paint = Callable[[str, str], str]  # text and style (a word of STYLES) to text

STYLES = ("create", "update", "drift", "replace", "delete", "adopt", "move", "release", "danger", "dim", "bold")


def unpainted(text: str, style: str) -> str:
    return text
