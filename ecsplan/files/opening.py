"""Opens files that somebody else may have put there. Knows nothing of stacks; used by every stage that reads a file.

A path may name a FIFO that never ends, a device, a file of the kernel's that holds secrets, or more than fits into
memory: only a regular file of bounded size is read, and opening it never waits.
"""

import os
import stat
import sys

KERNEL = ("/proc", "/sys", "/dev")  # what lies there looks like a regular file, and is none; to open it may do harm
MEMORY = "/dev/shm"  # a file system like any other, below a folder of devices
_PIECE = 1 << 20


class BadFile(Exception):
    """A file that cannot be used. `reason` continues a sentence that begins with its path: `is a FIFO`; `detail` says
    what to do, where there is more to say than to name another."""

    def __init__(self, reason: str, is_missing: bool = False, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.is_missing, self.detail = reason, is_missing, detail


def resolved(path: str | os.PathLike[str]) -> str:
    """The absolute path without symbolic links; what does not exist yet counts as it stands. Raises BadFile."""
    try:
        return os.path.realpath(os.path.expanduser(path))
    except (OSError, ValueError) as error:
        raise BadFile(f"cannot be read: {_why(error)}") from None


def is_kernels(real: str) -> bool:
    """Whether a resolved path leads to processes or devices."""
    return any(real == root or real.startswith(f"{root}/") for root in KERNEL) and not real.startswith(f"{MEMORY}/")


def read_regular(path: str | os.PathLike[str], maximum: int) -> bytes:
    """The content of a regular file of at most so many bytes. Raises BadFile; never waits."""
    handle = _opened(path, maximum)
    try:
        return _read(handle, maximum)
    except OSError as error:
        raise BadFile(f"cannot be read: {_why(error)}") from None
    finally:
        os.close(handle)


def read_head(path: str | os.PathLike[str], length: int) -> bytes:
    """The beginning of a regular file, however large. Raises BadFile; never waits."""
    handle = _opened(path, sys.maxsize)
    try:
        return os.pread(handle, length, 0)
    except OSError as error:
        raise BadFile(f"cannot be read: {_why(error)}") from None
    finally:
        os.close(handle)


def _opened(path: str | os.PathLike[str], maximum: int) -> int:
    real = resolved(path)
    if is_kernels(real):
        raise BadFile("is not a regular file (it belongs to the system)")
    try:
        return open_regular(real, maximum)
    except (OSError, ValueError) as error:
        raise BadFile(f"cannot be read: {_why(error)}", isinstance(error, FileNotFoundError)) from None


def open_regular(path: str | os.PathLike[str], maximum: int, flags: int = os.O_RDONLY) -> int:
    """A descriptor of a regular file. Raises BadFile, or OSError where it cannot be opened at all."""
    handle = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        state = os.fstat(handle)
        if not stat.S_ISREG(state.st_mode):
            raise BadFile(f"is {_kind(state.st_mode)}, not a regular file")
        if state.st_size > maximum:
            raise BadFile(f"is too large ({state.st_size:,} bytes; at most {maximum:,} are read)")
    except BaseException:
        os.close(handle)
        raise
    return handle


def _read(handle: int, maximum: int) -> bytes:
    """Up to the maximum: a file may grow while it is read."""
    pieces: list[bytes] = []
    left = maximum + 1
    while left > 0 and (piece := os.read(handle, min(left, _PIECE))):
        pieces.append(piece)
        left -= len(piece)
    if left <= 0:
        raise BadFile(f"is too large (at most {maximum:,} bytes are read)")
    return b"".join(pieces)


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a FIFO",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return kinds.get(stat.S_IFMT(mode), "something else")


def _why(error: OSError | ValueError) -> str:
    return (
        (getattr(error, "strerror", None) or str(error)) if isinstance(error, OSError) else "no file can have that name"
    )
