"""Values as messages quote them. No message shows what Python makes of a value: a test holds that."""

from collections.abc import Mapping

_LONGEST = 60
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def shown(value: object) -> str:
    """A value as a message quotes it, cut to a readable length: texts in quotes, words for what has many parts."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    text = quoted(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def quoted(text: str) -> str:
    """In single quotes, in double ones where it has single ones; what cannot be seen as its code."""
    inner = "".join(_ESCAPES.get(char) or (char if char.isprintable() else f"\\u{ord(char):04x}") for char in text)
    return f'"{inner}"' if "'" in inner and '"' not in inner else f"'{inner}'"
