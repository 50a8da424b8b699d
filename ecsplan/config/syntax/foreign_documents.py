"""YAML files of a folder that are no part of its stack: documents of ours with another form, and those of other tools.

Told by the keys at the left edge of the text, before it is parsed: templates of other tools have tags of their own.
"""

import os
import re
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from itertools import islice
from typing import NoReturn

from ecsplan.files.opening import BadFile, read_head

OURS = re.compile(r"ecsplan\.[a-z-]+\.ya?ml\Z")  # ecsplan.policy.yaml: read by whom it concerns
_KEY = re.compile(r"""^(?:"([^"\n]+)"|'([^'\n]+)'|([\w$][\w .$/-]*?))[ \t]*:(?=\s|$)""", re.MULTILINE)
_VERSION = re.compile(r"""^["']?apiVersion["']?[ \t]*:[ \t]*["']?([^\s"'#]+)""", re.MULTILINE)
_MARKS = frozenset(("stack", "environments", "resources", "defaults", "locals", "outputs", "moved", "released"))
_MOST_FOLDERS, _HEAD, _DEEPEST = 500, 100_000, 3


def is_foreign(text: str, known: Collection[str]) -> bool:
    """Whether a text is of another form. `known` are keys of a stack file, right or a slip (a kind): they make it ours.

    What might be a part of the stack with a slip in its keys is none: left out, its resources would be deleted.
    """
    version = _VERSION.search(text)
    if version is not None:
        return not version[1].startswith("ecsplan/")
    keys = {next(filter(None, found.groups())) for found in _KEY.finditer(text)}
    return not keys & _MARKS and any(not get_close_matches(key, known, 1, 0.7) for key in keys)


def stacks_below(folder: str) -> Iterator[str]:
    """Folders below, a few levels deep, in which a stack is declared; for a message."""
    return _declaring(folder, islice(_walked(folder, _DEEPEST), _MOST_FOLDERS))


def all_stacks_below(folder: str) -> Iterator[str]:
    """Every one, however deep and however many. Raises OSError for a folder that cannot be read."""
    return _declaring(folder, _walked(folder, None))


def _declaring(folder: str, walked: Iterable[tuple[str, list[str]]]) -> Iterator[str]:
    for where, files in walked:
        if any(_declares_a_stack(os.path.join(where, name)) for name in files if name.endswith((".yaml", ".yml"))):
            yield os.path.relpath(where, folder)


def _walked(folder: str, deepest: int | None) -> Iterator[tuple[str, list[str]]]:
    """Each folder with its files; hidden ones and those that begin with _ are left out."""
    for where, folders, files in os.walk(folder, onerror=_raised if deepest is None else None):
        is_end = deepest is not None and os.path.relpath(where, folder).count(os.sep) >= deepest
        folders[:] = [] if is_end else sorted(name for name in folders if not name.startswith((".", "_")))
        yield where, files


def _raised(error: OSError) -> NoReturn:
    raise error


def _declares_a_stack(path: str) -> bool:
    try:
        head = read_head(path, _HEAD).decode("utf-8", errors="replace")
    except BadFile:
        return False
    version = _VERSION.search(head)
    return (
        version is not None and version[1].startswith("ecsplan/") and re.search(r"^stack\s*:", head, re.M) is not None
    )
