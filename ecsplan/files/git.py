"""What has to be asked of `git` itself: the commit that is checked out, its authors, files as another commit has them.

Runs the program without a pager, hooks or prompts. It refuses a checkout of another user: that is said, not mended.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

_SECONDS = 60.0


class GitFailed(Exception):
    """The program is missing, or refused; the message says why."""


def commit_of(folder: Path) -> str:
    """The full name of the commit that is checked out. Raises GitFailed."""
    return _git(folder, ["rev-parse", "--verify", "HEAD^{commit}"]).strip()


def is_clean(folder: Path) -> bool:
    """Whether all tracked files are as the commit has them. Raises GitFailed."""
    return not _git(folder, ["status", "--porcelain", "--untracked-files=no"]).strip()


def authors_since(folder: Path, base: str) -> frozenset[str]:
    """The e-mail addresses of all authors and committers of what is checked out and not in `base`; without a base,
    those of the commit alone. Raises GitFailed."""
    which = [f"{base}..HEAD"] if base else ["-1", "HEAD"]
    return frozenset(
        _git(folder, ["log", "--format=%ae%n%ce", *which[:-1], "--end-of-options", which[-1], "--"]).split()
    )


def file_at(folder: Path, revision: str, path: Path) -> bytes | None:
    """A file as a commit or branch has it, None where it has none. Raises GitFailed."""
    top = Path(_git(folder, ["rev-parse", "--show-toplevel"]).strip())
    relative = Path(os.path.relpath(os.path.realpath(path), top)).as_posix()
    commit = _git(folder, ["rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}"]).strip()
    if not _git(folder, ["ls-tree", "--name-only", "--full-tree", commit, "--", relative]).strip():
        return None
    return _run(folder, ["cat-file", "blob", f"{commit}:{relative}"])


def _git(folder: Path, arguments: Sequence[str]) -> str:
    return _run(folder, arguments).decode("utf-8", "surrogateescape")


def _run(folder: Path, arguments: Sequence[str]) -> bytes:
    program = shutil.which("git")
    if program is None:
        raise GitFailed("git was not found; install it, or leave out what asks for a commit")
    command = [program, "-C", str(folder), "--no-optional-locks", "-c", "core.hooksPath=/dev/null", "--no-pager"]
    try:
        done = subprocess.run(
            [*command, *arguments], capture_output=True, check=False, timeout=_SECONDS, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise GitFailed(f"git did not answer within {_SECONDS:.0f} s") from None
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitFailed(f"git: {lines[0] if lines else f'exit status {done.returncode}'}")
    return done.stdout
