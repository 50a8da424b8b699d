"""Whether the holder of a lock is dead: only this machine's own journal and process table can tell."""

import os
import socket

import pytest

from ecsplan.apply.journal import Journal, open_journal
from ecsplan.apply.lock import Held
from ecsplan.engine.locking import _is_dead, is_alive


@pytest.fixture
def known(tmp_path):
    """A folder whose journal names the holder `h`."""
    with open_journal(tmp_path, "demo", "1") as stream:
        Journal(stream).start("demo", "h", socket.gethostname(), 1, "", 0.0)
    return _is_dead(tmp_path, "demo")


def held(holder: str = "h", host: str = "", pid: int = 2**22 + 1) -> Held:
    return Held(holder, host or socket.gethostname(), pid, 0.0)


def test_a_process_of_ours_that_is_gone_is_dead(known):
    assert known(held())


@pytest.mark.parametrize("other", [held("x"), held(host="elsewhere"), held(pid=os.getpid())])
def test_whom_we_cannot_judge_is_alive(known, other):
    assert not known(other)


def test_a_process_of_somebody_else_is_alive(monkeypatch):
    def refused(pid: int, signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refused)
    assert is_alive(1)
