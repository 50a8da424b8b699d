"""Files as a commit on a branch of a remote repository. The working tree, its branch and its index stay as they are."""

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ecsplan.files.git import GitFailed, changed_files, commit_of, run_git

WRITER = "ecsplan <drift@ecsplan.invalid>"
_NAME, _, _MAIL = WRITER.rstrip(">").partition(" <")
_WHO = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", _NAME), ("EMAIL", _MAIL))}  # fmt: skip


class NotPublished(Exception):
    """The message says why, without the address of the remote: it may hold a password."""


@dataclass(frozen=True, slots=True)
class Target:
    """A branch of a remote, and the working tree whose commit it grows from. Git runs with `environ`."""

    top: Path
    remote: str
    branch: str
    environ: Mapping[str, str] = field(repr=False)

    def git(self, *arguments: str, **more: str) -> str:
        return run_git(self.top, arguments, {**self.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **more})


def publish(target: Target, files: Mapping[str, str], message: str) -> bool:
    """Pushes a commit that has the files (texts by full path) on top of what is checked out; False where it is there.

    What somebody else committed to the branch is not overwritten. Raises NotPublished.
    """
    try:
        return _publish(target, files, message)
    except GitFailed as error:
        raise NotPublished(re.sub(r"\w+://\S+", "…", str(error))) from None


def branch_of(top: Path) -> str:
    """The branch that is checked out; empty for none."""
    try:
        return run_git(top, ["symbolic-ref", "--short", "--quiet", "HEAD"]).strip()
    except GitFailed:
        return ""


def _publish(target: Target, files: Mapping[str, str], message: str) -> bool:
    changed = sorted(set(changed_files(target.top)) & {os.path.realpath(path) for path in files})
    if changed:
        raise NotPublished(f"{os.path.relpath(changed[0], target.top)} is not as committed: commit it first")
    base = commit_of(target.top)
    tree = _tree(target, base, files)
    there = _there(target)
    if there and _is_same(target, there, base, tree):
        return False
    if there:
        _refuse_foreign(target, there)
    commit = target.git("commit-tree", tree, "-p", base, "-m", message, **_WHO).strip()
    reference = f"refs/heads/{target.branch}"
    lease = f"--force-with-lease={reference}:{there}"
    target.git("push", "--quiet", "--no-verify", lease, target.remote, f"{commit}:{reference}")
    return True


def _tree(target: Target, base: str, files: Mapping[str, str]) -> str:
    """The tree of a commit with other texts in some of its files, by an index of its own."""
    with tempfile.TemporaryDirectory(prefix="ecsplan-") as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        target.git("read-tree", base, **index)
        for path, text in files.items():
            name = Path(os.path.relpath(os.path.realpath(path), target.top)).as_posix()
            mode = target.git("ls-tree", "--full-tree", base, "--", name)[:6]
            if mode not in ("100644", "100755"):
                raise NotPublished(f"{name} is not a file of the repository")
            new = Path(folder, "text")
            new.write_text(text, encoding="utf-8", newline="")
            blob = target.git("hash-object", "-w", "--no-filters", "--", str(new)).strip()
            target.git("update-index", "--cacheinfo", f"{mode},{blob},{name}", **index)
        return target.git("write-tree", **index).strip()


def _there(target: Target) -> str:
    """The commit that the branch names at the remote, which is fetched; empty where there is no such branch."""
    found = target.git("ls-remote", target.remote, f"refs/heads/{target.branch}").split()
    if not found:
        return ""
    target.git("fetch", "--quiet", "--no-tags", target.remote, f"refs/heads/{target.branch}")
    return found[0]


def _is_same(target: Target, there: str, base: str, tree: str) -> bool:
    return target.git("log", "-1", "--no-show-signature", "--format=%T %P", there, "--").split() == [tree, base]


def _refuse_foreign(target: Target, there: str) -> None:
    shown = target.git("log", "-1", "--no-show-signature", "--format=%ae%n%ce", there, "--")
    if set(shown.split()) != {_MAIL}:
        raise NotPublished(f"somebody else has committed to {target.branch}: merge or delete it first")
