"""Follows a branch of a repository with Git: fetches, and lays out each commit in a folder of its own.

Git runs without prompts, hooks and file system monitors. The checkout of a commit is never changed, so that a run may
read it while the next commit is laid out.
"""

import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

SECONDS = 120.0
_COMMIT = re.compile(r"[0-9a-f]{40,64}\Z")
_SAFE = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.ext.allow=never",
         "-c", "submodule.recurse=false", "-c", "advice.detachedHead=false")  # fmt: skip


class GitFailed(Exception):
    """The message is Git's own first line, without the address: it may hold a password."""


class Checkout:
    """`folder` is the loop's own; nobody else works in it."""

    def __init__(self, folder: Path, url: str, branch: str, environ: Mapping[str, str]) -> None:
        self._folder, self._url, self._branch, self._environ = folder, url, branch, environ
        self._bare = folder / "repository.git"

    def _git(self, folder: Path | None, *arguments: str) -> str:
        return _run(self._environ, folder, *arguments)

    def fetch(self) -> str:
        """The commit that the branch names now."""
        if not (self._bare / "HEAD").exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._git(None, "init", "-q", "--bare", str(self._bare))
        refspec = f"+refs/heads/{self._branch}:refs/remotes/origin/{self._branch}"
        self._git(self._bare, "fetch", "-q", "--no-tags", "--prune", "--end-of-options", self._url, refspec)
        found = self._git(self._bare, "rev-parse", "--verify", f"refs/remotes/origin/{self._branch}^{{commit}}").strip()
        if not _COMMIT.match(found):
            raise GitFailed("the branch names no commit")
        return found

    def is_behind(self, commit: str, known: str) -> bool:
        """Whether the branch was rewound: a commit that does not have the known one behind it."""
        return bool(known) and commit != known and not self._is_ancestor(known, commit)

    def _is_ancestor(self, one: str, other: str) -> bool:
        try:
            self._git(self._bare, "merge-base", "--is-ancestor", one, other)
        except GitFailed:
            return False
        return True

    def laid_out(self, commit: str) -> Path:
        """The folder of a commit; one that was cut off half way is made again."""
        folder = self._folder / "commits" / commit
        if not (folder / ".git").exists() or not (folder.parent / f"{commit}.done").exists():
            self._remove(commit)
            self._git(self._bare, "worktree", "prune")
            self._git(self._bare, "worktree", "add", "-q", "--detach", "--force", str(folder), commit)
            (folder.parent / f"{commit}.done").touch()
        return folder

    def forget(self, kept: Iterable[str]) -> None:
        """Removes the folders of all commits but these."""
        commits = self._folder / "commits"
        for folder in commits.iterdir() if commits.is_dir() else ():
            if folder.is_dir() and folder.name not in set(kept):
                self._remove(folder.name)

    def _remove(self, commit: str) -> None:
        folder = self._folder / "commits" / commit
        (folder.parent / f"{commit}.done").unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


def _run(environ: Mapping[str, str], folder: Path | None, *arguments: str) -> str:
    program = shutil.which("git")
    if program is None:
        raise GitFailed("git was not found")
    where = ("-C", str(folder)) if folder else ()
    given = {**environ, "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            [program, *where, *_SAFE, *arguments], capture_output=True, check=False, timeout=SECONDS, env=given,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise GitFailed(f"git did not answer within {SECONDS:.0f} s") from None
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        told = re.sub(r"\w+://\S+|'[^']*'", "…", lines[0]) if lines else f"exit status {done.returncode}"
        raise GitFailed(f"git {arguments[0]}: {told}"[:300])
    return done.stdout.decode("utf-8", "surrogateescape")
