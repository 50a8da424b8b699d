"""Only a regular file of bounded size is read, and opening never waits."""

import os
import socket
import subprocess
import tempfile

import pytest

from ecsplan.files.opening import BadFile, read_head, read_regular
from ecsplan.files.own import doubt_of, own_folder, write_own
from ecsplan.files.repository import git_root, tracked_under


def test_a_regular_file_is_read_whole(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 3_000_000)
    assert len(read_regular(tmp_path / "a", 3_000_000)) == 3_000_000
    assert read_head(tmp_path / "a", 5) == b"xxxxx"


@pytest.mark.door("opening files")
def test_one_byte_too_many_is_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 11)
    with pytest.raises(BadFile, match=r"is too large \(11 bytes; at most 10 are read\)"):
        read_regular(tmp_path / "a", 10)


@pytest.mark.door("opening files")
@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("fifo", "is a FIFO"),
        ("folder", "is a folder"),
        ("socket", "cannot be read"),
        ("loop", "cannot be read"),
        ("nothing", "No such file"),
    ],
)
def test_what_is_no_regular_file_is_refused_at_once(tmp_path, kind, told):
    path = tmp_path / "x"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(path))
    elif kind == "loop":
        path.symlink_to(path)
    with pytest.raises(BadFile, match=told):
        read_regular(path, 10)


@pytest.mark.parametrize("path", ["/proc/self/environ", "/proc/kmsg", "/dev/zero", "/dev/stdin", "/sys/kernel", "a\0b"])
def test_what_belongs_to_the_system_is_refused(path):
    with pytest.raises(BadFile):
        read_regular(path, 1 << 20)


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="there is no file system in memory")
def test_a_file_in_memory_is_a_file_like_any_other():
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        path = os.path.join(folder, "stack.yaml")
        with open(path, "wb") as stream:
            stream.write(b"stack: shop")
        assert read_regular(path, 100) == b"stack: shop"
        os.mkfifo(os.path.join(folder, "pipe"))
        with pytest.raises(BadFile, match="is a FIFO"):
            read_regular(os.path.join(folder, "pipe"), 100)


def test_a_link_to_the_system_is_refused_too(tmp_path):
    (tmp_path / "a").symlink_to("/proc/self/environ")
    with pytest.raises(BadFile, match="belongs to the system"):
        read_regular(tmp_path / "a", 1 << 20)


def git(folder, *args):
    subprocess.run(["git", "-C", str(folder), "-c", "user.email=a@b", "-c", "user.name=a", *args], check=True,
                   capture_output=True)  # fmt: skip


def test_what_git_tracks_is_told_in_worktrees_and_large_indexes(tmp_path):
    main, other = tmp_path / "main", tmp_path / "other"
    main.mkdir()
    git(main, "init", "-q")
    for number in range(300):
        (main / f"file-{number:04d}").write_text("")
    (main / "state").mkdir()
    (main / "state" / "tracked.jsonl").write_text("")
    (main / "state" / "free.jsonl").write_text("")
    git(main, "add", "-f", ".", ":!state/free.jsonl")
    git(main, "commit", "-qm", "all")
    git(main, "worktree", "add", "-q", str(other))
    for version in ("2", "3", "4"):
        git(main, "update-index", "--index-version", version)
        assert tracked_under(main / "state") == {"tracked.jsonl"}
    assert tracked_under(other / "state") == {"tracked.jsonl"}
    assert git_root(other / "state") == str(other) and git_root(tmp_path) is None


def test_an_index_that_cannot_be_read_leaves_nobody_the_wiser(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "index").write_bytes(b"DIRC\0\0\0\4\0\0\0\2nonsense")
    with pytest.raises(BadFile, match="not an index"):
        tracked_under(tmp_path)


@pytest.mark.door("our own files")
def test_a_file_of_ours_is_closed_to_others_even_if_it_was_open(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text("old")
    path.chmod(0o666)
    write_own(path, "new")
    assert path.read_text() == "new" and path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_is_not_ours_alone_is_told(tmp_path):
    own_folder(tmp_path / "state")
    assert doubt_of(tmp_path / "state", is_folder=True) == ""
    (tmp_path / "state").chmod(0o777)
    assert doubt_of(tmp_path / "state", is_folder=True) == "can be written by others"
