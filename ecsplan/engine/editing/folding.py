"""Folding ranges: blocks by their indentation. A text that is half written has blocks too."""

from collections.abc import Iterator


def folds(text: str) -> Iterator[tuple[int, int]]:
    """First and last line, from 0, of each block that has lines below its first one; the outer ones before the inner.

    Comments and empty lines at the end of a block are not part of it.
    """
    indents = [_indent(line) for line in text.split("\n")]
    for first, indent in enumerate(indents):
        last = first
        for number in range(first + 1, len(indents)) if indent is not None else ():
            inner = indents[number]
            if inner is None:
                continue
            if indent is None or inner <= indent:
                break
            last = number
        if last > first:
            yield first, last


def _indent(line: str) -> int | None:
    """None for a line that says nothing. An item of a list is deeper than the key that it may stand right below."""
    bare = line.lstrip(" ")
    if not bare.strip() or bare.startswith("#"):
        return None
    return 2 * (len(line) - len(bare)) + (1 if bare.startswith("- ") or bare.rstrip() == "-" else 0)
