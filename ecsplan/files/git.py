"""What has to be asked of `git` itself: the commit that is checked out, its authors, files as another commit has them.

Runs the program without a pager, hooks or prompts. It refuses a checkout of another user: that is said, not mended.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

_SECONDS = 60.0
_PEOPLE = "<%ae>%n<%ce>%n%(trailers:key=Co-authored-by)"
_ADDRESS = re.compile(r"<([^<>\s]+)>")


class GitFailed(Exception):
    """The program is missing, or refused; the message says why."""


def commit_of(folder: Path) -> str:
    """The full name of the commit that is checked out. Raises GitFailed."""
    return _git(folder, ["rev-parse", "--verify", "HEAD^{commit}"]).strip()


def authors_since(folder: Path, base: str) -> frozenset[str]:
    """The e-mail addresses, in small letters, of all who wrote what is checked out: authors, committers and co-authors.

    These are of all commits that `base` has not, and of those that the last commit brought in (a merge has the others
    behind it). Raises GitFailed, in a shallow clone too: who wrote what it left out cannot be known.
    """
    if _git(folder, ["rev-parse", "--is-shallow-repository"]).strip() == "true":
        raise GitFailed("the clone is shallow, and the authors of the change are not in it; fetch the whole history")
    first = _git(folder, ["rev-list", "--parents", "-1", "HEAD"]).split()[1:2]
    ranges = [f"{first[0]}..HEAD" if first else "HEAD", *([f"{commit_at(folder, base)}..HEAD"] if base else [])]
    found: set[str] = set()
    for one in ranges:
        text = _git(folder, ["log", "--no-show-signature", f"--format={_PEOPLE}", one, "--"])
        found |= {person.casefold() for person in _ADDRESS.findall(text)}
    return frozenset(found)


def commit_at(folder: Path, revision: str) -> str:
    """The full name of the commit that a branch, tag or name means. Raises GitFailed."""
    return _git(folder, ["rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}"]).strip()


def file_at(folder: Path, revision: str, path: Path) -> bytes | None:
    """A file as a commit or branch has it, None where it has none. Raises GitFailed."""
    top = Path(_git(folder, ["rev-parse", "--show-toplevel"]).strip())
    relative = Path(os.path.relpath(os.path.realpath(path), top)).as_posix()
    commit = commit_at(folder, revision)
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
