"""Questions for `git` itself: the commit that is checked out, its authors, files as another commit has them.

Runs the program without a pager, hooks or prompts. It refuses a checkout of another user: that is said, not mended.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from msgspec import Struct

_SECONDS = 60.0
_PEOPLE = "<%ae>%n<%ce>%n%(trailers:key=Co-authored-by)"
_BLAMED = re.compile(r"[0-9a-f]{40,64}")
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


def changed_files(folder: Path) -> dict[str, bool]:
    """The files of a checkout that are not as committed, by their full paths: whether Git knows each. Raises GitFailed.

    What is ignored is left out. To compare, Git may run filters: those of the configuration, which no commit can set.
    """
    top = Path(_git(folder, ["rev-parse", "--show-toplevel"]).strip())
    form = ["--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=none"]
    text = _git(folder, ["status", *form])
    return {str(top / line[3:]): line[:2] != "??" for line in text.split("\0") if len(line) > 3}


def file_at(folder: Path, revision: str, path: Path) -> bytes | None:
    """A file as a commit or branch has it, None where it has none. Raises GitFailed."""
    top = Path(_git(folder, ["rev-parse", "--show-toplevel"]).strip())
    relative = Path(os.path.relpath(os.path.realpath(path), top)).as_posix()
    commit = commit_at(folder, revision)
    if not _git(folder, ["ls-tree", "--name-only", "--full-tree", commit, "--", relative]).strip():
        return None
    return _run(folder, ["cat-file", "blob", f"{commit}:{relative}"])


class Blamed(Struct, frozen=True):
    """The commit that last wrote a line; `name` is empty for a line that is not committed. `time` is of the author, in
    seconds since 1970."""

    name: str = ""
    author: str = ""
    email: str = ""
    time: float = 0.0
    summary: str = ""


def blame(path: Path) -> dict[int, Blamed]:
    """Who last wrote each line of a file, by its number from 1. Raises GitFailed.

    What is committed is asked about, and compared with the file here: what lies in a checkout would go through filters,
    which are programs that somebody configured. Where a shallow clone begins, nobody can tell: such lines are left out.
    """
    folder = path.resolve().parent
    is_shallow = _git(folder, ["rev-parse", "--is-shallow-repository"]).strip() == "true"
    text = _git(folder, ["blame", "--porcelain", "--no-textconv", "HEAD", "--", path.name])
    names, texts, commits = _read_blame(text)
    here = path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    found = dict.fromkeys(range(1, len(here) + 1), Blamed())
    for block in SequenceMatcher(None, texts, here, autojunk=False).get_matching_blocks():
        for offset in range(block.size):
            commit, is_boundary = commits[names[block.a + offset]]
            if is_shallow and is_boundary:
                del found[block.b + offset + 1]
            else:
                found[block.b + offset + 1] = commit
    return found


def _read_blame(text: str) -> tuple[list[str], list[str], dict[str, tuple[Blamed, bool]]]:
    """The commit of each line, its text, and the commits by name; the facts of one stand at its first line."""
    names: list[str] = []
    texts: list[str] = []
    facts: dict[str, dict[str, str]] = {}
    for line in text.split("\n"):
        if line.startswith("\t"):
            texts.append(line[1:].removesuffix("\r"))
        elif len(names) == len(texts) and (head := _BLAMED.match(line)):
            names.append(head[0])
            facts.setdefault(head[0], {})
        elif names:
            key, _, value = line.partition(" ")
            facts[names[-1]].setdefault(key, value)
    return names, texts, {name: (_blamed(name, found), "boundary" in found) for name, found in facts.items()}


def _blamed(name: str, found: Mapping[str, str]) -> Blamed:
    email = found.get("author-mail", "").strip("<>")
    return Blamed(name, found.get("author", ""), email, float(found.get("author-time") or 0), found.get("summary", ""))


def run_git(folder: Path, arguments: Sequence[str], environ: Mapping[str, str] | None = None) -> str:
    """What a command of git prints, run with a whole environment, or with that of this process. Raises GitFailed."""
    return _run(folder, arguments, environ).decode("utf-8", "surrogateescape")


def _git(folder: Path, arguments: Sequence[str]) -> str:
    return _run(folder, arguments).decode("utf-8", "surrogateescape")


def _run(folder: Path, arguments: Sequence[str], environ: Mapping[str, str] | None = None) -> bytes:
    program = shutil.which("git")
    if program is None:
        raise GitFailed("git was not found; install it, or leave out what asks for a commit")
    command = [program, "-C", str(folder), "--no-optional-locks", "-c", "core.hooksPath=/dev/null"]
    command += ["-c", "core.fsmonitor=false", "--no-pager"]
    try:
        done = subprocess.run(
            [*command, *arguments], capture_output=True, check=False, timeout=_SECONDS, stdin=subprocess.DEVNULL,
            env=environ,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise GitFailed(f"git did not answer within {_SECONDS:.0f} s") from None
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitFailed(f"git: {lines[0] if lines else f'exit status {done.returncode}'}")
    return done.stdout
