"""The Git repository of a folder: where its repository begins, and which files it tracks. Reads; runs no program.

The index is read here and not asked of `git`, which refuses a checkout of another user and obeys what is configured.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from ecsplan.files.opening import BadFile, read_regular

_LARGEST_INDEX = 256 << 20
_STAT, _FLAGS, _EXTENDED, _NAME = 40, 2, 0x4000, 0x0FFF


def git_root(folder: str | os.PathLike[str]) -> str | None:
    """The top of the working tree that a folder lies in, without symbolic links; None outside of any."""
    place = os.path.realpath(folder)
    while not os.path.lexists(os.path.join(place, ".git")):
        above = os.path.dirname(place)
        if above == place:
            return None
        place = above
    return place


def tracked_under(folder: str | os.PathLike[str]) -> frozenset[str]:
    """The paths below a folder that its repository tracks, relative to the folder; empty where none does.

    Raises BadFile where there is an index that cannot be read: nobody can tell then.
    """
    root = git_root(folder)
    if root is None:
        return frozenset()
    prefix = os.path.relpath(os.path.realpath(folder), root).replace(os.sep, "/") + "/"
    start = prefix.encode(errors="surrogateescape")
    try:
        data = read_regular(os.path.join(_git_folder(root), "index"), _LARGEST_INDEX)
    except BadFile as bad:
        if bad.is_missing:
            return frozenset()
        raise
    if start not in data and data[4:8] != b"\0\0\0\4":  # the usual case, without going through a large index
        return frozenset()
    found = (path[len(start) :] for path in _paths(data) if path.startswith(start))
    return frozenset(path.decode(errors="surrogateescape") for path in found)


def _git_folder(root: str) -> str:
    """`.git` is a folder, or in a worktree or submodule a file that names one."""
    path = Path(root, ".git")
    if path.is_dir():
        return str(path)
    text = read_regular(path, 4096).decode(errors="surrogateescape").strip()
    return os.path.normpath(os.path.join(root, text.removeprefix("gitdir:").strip()))


def _paths(data: bytes) -> Iterator[bytes]:
    """The paths of an index of version 2 to 4, with object names of 20 or of 32 bytes."""
    for length in (20, 32):
        try:
            yield from list(_entries(data, length))
            return
        except (ValueError, IndexError):
            continue
    raise BadFile("is not an index of Git that can be read")


def _entries(data: bytes, name_length: int) -> Iterator[bytes]:
    version = int.from_bytes(data[4:8])
    if data[:4] != b"DIRC" or version not in (2, 3, 4):
        raise ValueError("no index")
    at, path = 12, b""
    for _ in range(int.from_bytes(data[8:12])):
        start = at
        at += _STAT + name_length
        flags = int.from_bytes(data[at : at + _FLAGS])
        at += _FLAGS + (2 if flags & _EXTENDED and version > 2 else 0)
        stripped = 0
        if version == 4:
            stripped, at = _offset(data, at)
        end = data.index(b"\0", at)
        path = (path[: len(path) - stripped] if version == 4 else b"") + data[at:end]
        if len(path) != flags & _NAME and flags & _NAME != _NAME:
            raise ValueError("no entry")
        yield path
        at = end + 1 if version == 4 else start + ((end - start) // 8 + 1) * 8


def _offset(data: bytes, at: int) -> tuple[int, int]:
    """Git's number of variable length (as in packs), and where what follows it begins."""
    byte = data[at]
    value, at = byte & 0x7F, at + 1
    while byte & 0x80:
        byte = data[at]
        value, at = ((value + 1) << 7) | (byte & 0x7F), at + 1
    return value, at
