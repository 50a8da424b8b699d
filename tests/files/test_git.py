"""Git asked for commits, authors and files of other commits."""

import shutil
import subprocess
from pathlib import Path

import pytest

from ecsplan.files.git import GitFailed, authors_since, blame, commit_of, file_at

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str, who: str = "alice@example.com") -> str:
    command = [
        "git",
        "-C",
        folder,
        "-c",
        "user.name=A",
        "-c",
        f"user.email={who}",
        "-c",
        "commit.gpgsign=false",
        *arguments,
    ]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "policy.yaml").write_text("first\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    git(tmp_path, "checkout", "-qb", "change")
    (tmp_path / "policy.yaml").write_text("second\n")
    git(tmp_path, "commit", "-qam", "second", who="bob@example.com")
    return tmp_path


def test_the_commit_that_is_checked_out(repository: Path) -> None:
    assert commit_of(repository) == git(repository, "rev-parse", "HEAD")


def test_a_file_as_the_base_has_it(repository: Path) -> None:
    path = repository / "policy.yaml"
    assert file_at(repository, "main", path) == b"first\n" and file_at(repository, "HEAD", path) == b"second\n"
    assert file_at(repository, "main", repository / "absent") is None


def test_authors_of_a_change(repository: Path) -> None:
    assert authors_since(repository, "main") == {"bob@example.com"}
    assert authors_since(repository, "") == {"bob@example.com"}


def test_who_merges_a_change_does_not_hide_who_wrote_it(repository: Path) -> None:
    git(
        repository,
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "third\n\nCo-authored-by: E <Eve@Example.com>",
        who="Bob@example.com",
    )
    git(repository, "checkout", "-q", "main")
    git(repository, "merge", "-q", "--no-ff", "-m", "merge", "change", who="carol@example.com")
    everybody = {"bob@example.com", "eve@example.com", "carol@example.com"}
    assert authors_since(repository, "") == everybody
    assert authors_since(repository, "main") == everybody, "a base that has it already hides nobody"


def test_a_shallow_clone_cannot_tell(repository: Path, tmp_path: Path) -> None:
    git(repository, "clone", "-q", "--depth", "1", f"file://{repository}", str(tmp_path / "shallow"))
    with pytest.raises(GitFailed, match="fetch the whole history"):
        authors_since(tmp_path / "shallow", "")


def test_no_program_that_a_configuration_names_is_run(repository: Path) -> None:
    trap = repository / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {repository}/sprung\n")
    trap.chmod(0o755)
    for name, value in (("log.showSignature", "true"), ("gpg.program", str(trap)), ("core.fsmonitor", str(trap)),
                        ("core.pager", str(trap)), ("core.sshCommand", str(trap))):  # fmt: skip
        git(repository, "config", name, value)
    commit_of(repository), authors_since(repository, "main"), file_at(repository, "main", repository / "policy.yaml")
    assert not (repository / "sprung").exists()


@pytest.mark.parametrize("revision", ["nowhere", "--output=/tmp/x", "-h", "main:policy.yaml"])
def test_a_revision_that_is_none_is_refused(repository: Path, revision: str) -> None:
    with pytest.raises(GitFailed):
        file_at(repository, revision, repository / "policy.yaml")


def test_a_folder_that_is_no_repository_is_said(tmp_path: Path) -> None:
    with pytest.raises(GitFailed, match="not a git repository"):
        commit_of(tmp_path)


def test_blame_names_the_commit_of_each_line_and_a_line_that_is_not_committed(repository: Path) -> None:
    path = repository / "policy.yaml"
    path.write_text("second\nthird\n")
    git(repository, "commit", "-qam", "third", who="carol@example.com")
    path.write_text("zero\nsecond\nthird\n")
    found = blame(path)
    assert [found[line].email for line in (1, 2, 3)] == ["", "bob@example.com", "carol@example.com"]
    assert found[3].name == commit_of(repository) and found[3].summary == "third" and found[3].time > 0


def test_blame_leaves_out_what_a_shallow_clone_cannot_tell(repository: Path, tmp_path: Path) -> None:
    path = repository / "policy.yaml"
    path.write_text("second\nthird\n")
    git(repository, "commit", "-qam", "third")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository}", str(clone))
    assert blame(clone / "policy.yaml") == {}


def test_blame_runs_no_program_that_the_checkout_configures(repository: Path, tmp_path: Path) -> None:
    told = tmp_path / "ran"
    (repository / ".gitattributes").write_text("*.yaml diff=bad filter=bad\n")
    for name in ("diff.bad.textconv", "filter.bad.clean", "filter.bad.smudge", "core.fsmonitor"):
        git(repository, "config", name, f"touch {told}; cat")
    assert blame(repository / "policy.yaml") and not told.exists()


def test_a_file_that_is_not_committed_has_no_blame(repository: Path) -> None:
    (repository / "new.yaml").write_text("a\n")
    with pytest.raises(GitFailed):
        blame(repository / "new.yaml")
