"""The declarations of folders: which of them hold a stack, and its environments."""

import os
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecsplan.model.diagnostic import SourceRange


_KIND = re.compile(r"^kind[ \t]*:", re.MULTILINE)


def ends_of(
    places: "Iterable[SourceRange | None]", text_of: "Callable[[str], str]"
) -> "dict[SourceRange, tuple[int, int]]":
    """The exclusive end (line, column) of what stands at each place in the texts of stack files."""
    from ecsplan.engine.remarking import ends_of as ends

    return ends(places, text_of)


def formatted(text: str, file: str) -> str:
    """A stack file in canonical layout, with the same values and comments. Raises Rejected."""
    from ecsplan.config.arranging import formatted as arranged
    from ecsplan.config.resources.nested_blocks import shapes_of
    from ecsplan.kinds import load_kinds

    return arranged(text, file, shapes_of(load_kinds()))


def stack_files(path: str) -> list[str]:
    """The YAML files that a path names. Raises Rejected where there are none."""
    from ecsplan.config.syntax.layers import stack_files as files

    return files(path)


def is_stack_text(text: str) -> bool:
    """Whether a YAML text is part of a stack, and not of another form: those have a `kind:`, a stack has none."""
    from ecsplan.config.syntax.foreign_documents import is_foreign
    from ecsplan.config.syntax.layers import TOP_KEYS
    from ecsplan.kinds import load_kinds

    return not _KIND.search(text) and not is_foreign(text, (*TOP_KEYS, *load_kinds()))


def environments(path: str = ".") -> tuple[str, ...]:
    """The names of the environments that the stack at a path has, in the order of the file. Raises Rejected."""
    from ecsplan.config.syntax.layers import environments_of
    from ecsplan.kinds import load_kinds

    return environments_of(path, load_kinds())


def stack_folders(folder: str = ".") -> tuple[str, ...]:
    """The folder, if it declares a stack, and all below that do. Raises OSError for one that cannot be read."""
    from ecsplan.config.syntax.foreign_documents import all_stacks_below

    return tuple(os.path.normpath(os.path.join(folder, below)) for below in all_stacks_below(folder))
