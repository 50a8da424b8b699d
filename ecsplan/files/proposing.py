"""A change of stack files as a branch of its own; the working tree and its branch stay as they are."""

import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ecsplan.files.git import GitFailed, run_git
from ecsplan.files.repository import git_root

PREFIX = "ecsplan-proposal/"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,49}\Z")
_ENDINGS = (".yaml", ".yml")
_MOST_BYTES, _MOST_FILES = 1_000_000, 20
_AUTHOR = [
    "-c",
    "user.name=ecsplan proposal",
    "-c",
    "user.email=proposal@ecsplan.invalid",
    "-c",
    "commit.gpgsign=false",
]


class NoProposal(Exception):
    """What is proposed cannot be written; the message says why."""


@contextmanager
def proposed(root: Path, name: str, files: Mapping[str, str], message: str) -> Iterator[Path]:
    """A checkout of the new branch, for as long as the block runs. Raises NoProposal.

    `files` are texts by path from `root`, which must lie in a repository of Git. Where the block raises, the branch is
    taken back.
    """
    top = git_root(root)
    if top is None:
        raise NoProposal("this folder is not in a Git repository: a proposal is a branch")
    if not _NAME.match(name):
        raise NoProposal("a proposal is named by small letters, digits and -, at most 50 of them")
    prefix = os.path.relpath(os.path.realpath(root), top)
    wanted = {os.path.normpath(os.path.join(prefix, checked(path))): text for path, text in files.items()}
    if not wanted or len(wanted) > _MOST_FILES or sum(len(text) for text in wanted.values()) > _MOST_BYTES:
        raise NoProposal(f"a proposal has 1 to {_MOST_FILES} files, and {_MOST_BYTES:,} characters at most")
    branch = PREFIX + name
    with tempfile.TemporaryDirectory(prefix="ecsplan-proposal-") as temporary:
        place = Path(temporary, "checkout")
        try:
            run_git(Path(top), ["worktree", "add", "--quiet", "-b", branch, str(place), "HEAD"])
        except GitFailed as error:
            raise NoProposal(str(error)) from None
        is_kept = False
        try:
            for path, text in wanted.items():
                _write(place, path, text)
            run_git(place, ["add", "--", *wanted])
            run_git(place, [*_AUTHOR, "commit", "--quiet", "--allow-empty", "-m", message or f"Proposal {name}"])
            yield place / prefix
            is_kept = True
        except GitFailed as error:
            raise NoProposal(str(error)) from None
        finally:
            run_git(Path(top), ["worktree", "remove", "--force", str(place)])
            if not is_kept:
                run_git(Path(top), ["branch", "-D", branch])


def checked(path: str) -> str:
    """A path that stays below the folder that it is taken from, and names a YAML file. Raises NoProposal."""
    parts = path.replace("\\", "/").split("/")
    if not path or os.path.isabs(path) or ".." in parts or ".git" in (part.lower() for part in parts) or "\0" in path:
        raise NoProposal(f"'{path}' is not a path below the root")
    if not path.endswith(_ENDINGS):
        raise NoProposal(f"'{path}' is not a YAML file")
    return os.path.normpath(path)


def _write(place: Path, path: str, text: str) -> None:
    """Through no symbolic link that the repository has."""
    target = place / path
    if os.path.realpath(target) != os.path.join(os.path.realpath(place), path):
        raise NoProposal(f"'{path}' goes through a symbolic link")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
