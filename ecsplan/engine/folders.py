"""What folders declare: which of them hold a stack, and its environments."""

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecsplan.model.diagnostic import SourceRange


def ends_of(
    places: "Iterable[SourceRange | None]", text_of: "Callable[[str], str]"
) -> "dict[SourceRange, tuple[int, int]]":
    """The exclusive end (line, column) of what stands at each place in the texts of stack files."""
    from ecsplan.engine.remarking import ends_of as ends

    return ends(places, text_of)


def environments(path: str = ".") -> tuple[str, ...]:
    """The names of the environments that the stack at a path has, in the order of the file. Raises Rejected."""
    from ecsplan.config.syntax.layers import environments_of
    from ecsplan.kinds import load_kinds

    return environments_of(path, load_kinds())


def stack_folders(folder: str = ".") -> tuple[str, ...]:
    """The folder, if it declares a stack, and those below that do, a few levels deep."""
    from ecsplan.config.syntax.foreign_documents import stacks_below

    return tuple(os.path.normpath(os.path.join(folder, below)) for below in stacks_below(folder))
