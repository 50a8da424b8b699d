"""Our own files: `.ecsplan/` and what is in it, plan files, logs. The owner's alone, and believed only if they are.

Whoever can write into the folder of our journals could tell the next run what to do.
"""

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from ecsplan.files.opening import BadFile, read_regular

FOLDER_MODE, FILE_MODE = 0o700, 0o600
_OTHERS_WRITE = 0o022
_LARGEST_SECRET = 1000


def own_folder(folder: Path) -> None:
    """Makes a folder that is ours alone and ignores itself in Git; closes one that was open. Raises BadFile."""
    private_folder(folder)
    ignore = folder / ".gitignore"
    if not os.path.lexists(ignore):
        try:
            write_own(ignore, "*\n")
        except OSError as error:
            raise BadFile(f"cannot be written: {error.strerror}") from None


def private_folder(folder: Path) -> None:
    """Makes a folder that is ours alone; closes one that was open. Raises BadFile."""
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        doubt = doubt_of(folder, is_folder=True, may_be_open=True)
        if doubt:
            raise BadFile(doubt)
        if stat.S_IMODE(folder.stat().st_mode) & 0o077:
            folder.chmod(FOLDER_MODE)
    except FileExistsError:
        raise BadFile("is a file where a folder belongs; move it away") from None
    except OSError as error:
        raise BadFile(f"cannot be made: {error.strerror}") from None


def doubt_of(path: Path, *, is_folder: bool = False, may_be_open: bool = False) -> str:
    """Why a file or folder of ours is not to be believed, or an empty text. Raises OSError where it is not there."""
    state = os.lstat(path)
    wanted = stat.S_ISDIR if is_folder else stat.S_ISREG
    if stat.S_ISLNK(state.st_mode):
        return "is a symbolic link"
    if not wanted(state.st_mode):
        return f"is not a {'folder' if is_folder else 'regular file'}"
    if hasattr(os, "geteuid") and state.st_uid != os.geteuid():
        return "belongs to another user"
    if state.st_mode & _OTHERS_WRITE and not may_be_open:
        return "can be written by others"
    return ""


def write_own(path: str | os.PathLike[str], text: str) -> None:
    """Writes a whole file that its owner alone may read. Raises OSError."""
    with os.fdopen(open_own(path, os.O_TRUNC), "w", encoding="utf-8") as stream:
        stream.write(text)


def kept_secret(path: Path) -> str:
    """A random text in a file of ours, made by the first who asks; empty where none can be kept."""
    try:
        private_folder(path.parent)
        if not os.path.lexists(path):
            part = path.with_name(f".seal.{os.getpid()}")
            write_own(part, f"{secrets.token_hex(32)}\n")
            with suppress(FileExistsError):  # another process was faster
                os.link(part, path)
            part.unlink()
        return "" if doubt_of(path) else read_regular(path, _LARGEST_SECRET).decode("ascii").strip()
    except (OSError, BadFile, UnicodeDecodeError):
        return ""


def refuse_link(path: str | os.PathLike[str]) -> None:
    """Whoever can leave a link in the checkout would choose the file that is overwritten. Raises OSError."""
    if os.path.islink(path) and (os.path.isfile(path) or not os.path.exists(path)):
        raise OSError(errno.ELOOP, "it is a symbolic link to a file; name the file itself", os.fspath(path))


def open_own(path: str | os.PathLike[str], flags: int) -> int:
    """A descriptor to write to a file that its owner alone may read, made where it is missing. Raises OSError."""
    refuse_link(path)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOCTTY | flags, FILE_MODE)
    try:
        state = os.fstat(handle)
        is_ours = not hasattr(os, "geteuid") or state.st_uid == os.geteuid()
        if stat.S_ISREG(state.st_mode) and is_ours and stat.S_IMODE(state.st_mode) & 0o077:
            os.fchmod(handle, FILE_MODE)
    except BaseException:
        os.close(handle)
        raise
    return handle
