"""What a stack may name: its repository, links followed; and what the operator adds."""

import os
from pathlib import Path

import pytest

from ecsplan.files.opening import BadFile
from ecsplan.files.reach import Reach


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a stack in a folder of it, and secrets beside it."""
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    (root / "stacks" / "web").mkdir(parents=True)
    (root / "stacks" / "web" / "stack.yaml").write_text("a: 1")
    (root / "shared.sh").write_text("echo")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "token").write_text("canary")
    return root


def reach(repository: Path, *allowed: str) -> Reach:
    return Reach.of([str(repository / "stacks" / "web")], allowed)


def refusal(found: Reach, path: Path | str) -> str:
    with pytest.raises(BadFile) as caught:
        found.read(str(path), 1000)
    return caught.value.reason


def test_all_of_the_repository_may_be_named(repository):
    assert reach(repository).read(str(repository / "stacks" / "web" / ".." / ".." / "shared.sh"), 100) == b"echo"


@pytest.mark.door("paths of a stack")
def test_what_lies_outside_may_not(repository):
    assert refusal(reach(repository), repository.parent / "secrets" / "token") == f"lies outside {repository}"


def test_a_folder_whose_name_begins_alike_is_another(repository):
    (repository.parent / "repository-of-others").mkdir()
    (repository.parent / "repository-of-others" / "x").write_text("canary")
    assert "lies outside" in refusal(reach(repository), repository.parent / "repository-of-others" / "x")


@pytest.mark.door("paths of a stack")
@pytest.mark.parametrize("link", ["file", "folder", "chain"])
def test_a_link_counts_for_where_it_leads(repository, link):
    inside, outside = repository / "stacks" / "web" / "x", repository.parent / "secrets"
    if link == "folder":
        inside.symlink_to(outside)
        path = inside / "token"
    else:
        inside.symlink_to(outside / "token")
        path = inside
    if link == "chain":
        path = repository / "y"
        path.symlink_to(inside)
    assert refusal(reach(repository), path) == f"lies outside {repository} (it leads to {outside / 'token'})"


def test_a_link_that_stays_inside_is_followed(repository):
    (repository / "stacks" / "web" / "x").symlink_to("../../shared.sh")
    assert reach(repository).read(str(repository / "stacks" / "web" / "x"), 100) == b"echo"


def test_a_stack_that_is_itself_a_link_out_of_the_repository_is_refused(repository, monkeypatch):
    """The link is of the checkout: it may not choose what counts as inside."""
    (repository / "stacks" / "evil").symlink_to(repository.parent / "secrets")
    monkeypatch.chdir(repository)
    assert "lies outside" in refusal(Reach.of(["stacks/evil"]), "stacks/evil/token")


@pytest.mark.parametrize("path", [".git/config", ".git", ".ecsplan/journal/x.jsonl", "stacks/web/.ecsplan/emulator.db"])
def test_what_belongs_to_git_or_to_us_is_no_part_of_a_stack(repository, path):
    """A pipeline keeps its token in .git/config."""
    (repository / path).parent.mkdir(parents=True, exist_ok=True)
    assert "is not a file of the stack" in refusal(reach(repository), repository / path)


@pytest.mark.door("paths of a stack")
@pytest.mark.parametrize("path", ["/proc/self/environ", "/dev/stdin", "/sys/kernel/uevent_seqnum"])
def test_what_belongs_to_the_system_is_refused_whatever_is_allowed(repository, path):
    assert "belongs to the system" in refusal(reach(repository, "/"), path)


def test_a_folder_that_is_allowed_may_be_named(repository):
    secrets = repository.parent / "secrets"
    assert reach(repository, str(secrets)).read(str(secrets / "token"), 100) == b"canary"


def test_outside_of_any_repository_the_folder_of_the_stack_is_all(tmp_path):
    (tmp_path / "stack").mkdir()
    (tmp_path / "stack" / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    found = Reach.of([str(tmp_path / "stack")])
    assert found.read(str(tmp_path / "stack" / "a"), 10) == b"a"
    assert "lies outside" in refusal(found, tmp_path / "b")


def test_an_overlay_of_another_folder_may_name_what_lies_there(repository, tmp_path):
    (tmp_path / "overlays").mkdir()
    (tmp_path / "overlays" / "x.sh").write_text("x")
    found = Reach.of([str(repository / "stacks" / "web"), str(tmp_path / "overlays" / "prod.yaml")])
    assert found.read(str(tmp_path / "overlays" / "x.sh"), 10) == b"x"


def test_what_the_operator_names_may_lie_anywhere_but_a_link_of_the_checkout_may_not_lead_out(repository, monkeypatch):
    monkeypatch.chdir(repository)
    token = repository.parent / "secrets" / "token"
    assert reach(repository).read_named(str(token), 100) == b"canary"
    assert reach(repository).read_named("../secrets/token", 100) == b"canary"
    (repository / "vars.yaml").symlink_to(token)
    with pytest.raises(BadFile, match="lies outside"):
        reach(repository).read_named("vars.yaml", 100)


def test_a_working_directory_that_is_reached_through_a_link_is_the_same(repository, tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(repository)
    monkeypatch.chdir(tmp_path / "link")
    monkeypatch.setenv("PWD", str(tmp_path / "link"))
    assert Reach.of(["stacks/web"]).roots == (str(repository),)


def test_a_fifo_in_the_repository_is_refused_at_once(repository):
    os.mkfifo(repository / "pipe")
    assert refusal(reach(repository), repository / "pipe") == "is a FIFO, not a regular file"


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000, "\udcff"])
def test_odd_names_are_refused_in_words(repository, path):
    assert refusal(reach(repository), path)
    with pytest.raises(BadFile):
        Reach.of([path]).read(path, 10)
