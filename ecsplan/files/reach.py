"""Which files a stack, or a saved plan, may name: those of its repository, and what the operator adds.

Whoever may change a stack file names paths in it; whoever runs it may read more than that: the environment of the
process, keys, the secrets of a pipeline. A path is judged by where it really leads, links followed.
"""

import os
from collections.abc import Iterable

from msgspec import Struct

from ecsplan.files.opening import BadFile, is_kernels, read_regular, resolved

CLOSED = (".git", ".ecsplan")  # in a working tree, and yet no part of what a stack is made of
ALLOW = "--allow-path DIR lets a stack name files there"


class Reach(Struct, frozen=True):
    """Files below any of `roots`, folders without symbolic links in their paths."""

    roots: tuple[str, ...] = ()

    @classmethod
    def of(cls, paths: Iterable[str], allowed: Iterable[str] = ()) -> "Reach":
        """For stack files and folders that the operator named: the repository of each, or its folder outside of any.

        A path is followed as it stands: were a link in it followed first, a link could choose the root.
        """
        roots: list[str] = []
        for path in paths:
            place = _as_named(path)
            if not any(_is_below(place, root) for root in roots):
                roots.append(_root(place))
        return cls((*roots, *map(_real, allowed)))

    def with_keys(self) -> "Reach":
        """For private keys, whose paths are relative to the working directory: its repository too. Nothing of such a
        file is ever sent, and none is written over."""
        return Reach((*self.roots, *Reach.of((os.curdir,)).roots))

    def check(self, path: str) -> str:
        """Where the path leads. Raises BadFile where that is none of ours."""
        real = resolved(path)
        if is_kernels(real):
            raise BadFile("is not a regular file (it belongs to the system)")
        inside = [root for root in self.roots if _is_below(real, root)]
        if not inside:
            here = self.roots[0] if self.roots else "the repository"
            raise BadFile(f"lies outside {here}{_through(path, real)}", detail=ALLOW)
        if all(set(CLOSED) & set(os.path.relpath(real, root).split(os.sep)) for root in inside):
            raise BadFile("is not a file of the stack (it belongs to Git, or to ecsplan itself)")
        return real

    def read(self, path: str, maximum: int) -> bytes:
        """The content of a file that a stack names. Raises BadFile."""
        return read_regular(self.check(path), maximum)

    def read_named(self, path: str, maximum: int) -> bytes:
        """The content of a file that the operator named: it may lie anywhere, but a link in the repository may not lead
        out of it. Raises BadFile."""
        place = _as_named(path)
        if any(_is_below(place, root) for root in self.roots):
            return self.read(path, maximum)
        return read_regular(path, maximum)


def _as_named(path: str) -> str:
    """The absolute path, with the links of the working directory followed and no other."""
    try:
        return os.path.normpath(os.path.join(os.path.realpath(os.curdir), path))
    except (OSError, ValueError) as error:
        raise BadFile(f"cannot be read: {error}") from None


def _root(place: str) -> str:
    start = place if os.path.isdir(place) else os.path.dirname(place)
    above = start
    while not os.path.lexists(os.path.join(above, ".git")):
        if os.path.dirname(above) == above:
            return _real(start)
        above = os.path.dirname(above)
    return _real(above)


def _real(folder: str) -> str:
    return os.path.realpath(os.path.expanduser(folder))


def _is_below(place: str, root: str) -> bool:
    return place == root or place.startswith(root.rstrip(os.sep) + os.sep)


def _through(path: str, real: str) -> str:
    """A path that seems to lie inside says where it leads."""
    return f" (it leads to {real})" if os.path.abspath(path) != real else ""
