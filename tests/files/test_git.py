"""Git asked for commits, authors and files of other commits."""

import shutil
import subprocess
from pathlib import Path

import pytest

from ecsplan.files.git import GitFailed, authors_since, commit_of, file_at, is_clean

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


def test_the_commit_and_whether_it_is_what_lies_there(repository: Path) -> None:
    assert commit_of(repository) == git(repository, "rev-parse", "HEAD") and is_clean(repository)
    (repository / "policy.yaml").write_text("third\n")
    assert not is_clean(repository)


def test_a_file_as_the_base_has_it(repository: Path) -> None:
    path = repository / "policy.yaml"
    assert file_at(repository, "main", path) == b"first\n" and file_at(repository, "HEAD", path) == b"second\n"
    assert file_at(repository, "main", repository / "absent") is None


def test_authors_of_a_change(repository: Path) -> None:
    assert authors_since(repository, "main") == {"bob@example.com"}
    assert authors_since(repository, "") == {"bob@example.com"}


@pytest.mark.parametrize("revision", ["nowhere", "--output=/tmp/x", "-h", "main:policy.yaml"])
def test_a_revision_that_is_none_is_refused(repository: Path, revision: str) -> None:
    with pytest.raises(GitFailed):
        file_at(repository, revision, repository / "policy.yaml")


def test_a_folder_that_is_no_repository_is_said(tmp_path: Path) -> None:
    with pytest.raises(GitFailed, match="not a git repository"):
        commit_of(tmp_path)
