"""Whether the holder of a lock is dead: only this folder's journal, and the kernel, can tell."""

import socket

import pytest

from ecsplan.engine import ApplyOptions, locking
from ecsplan.engine.locking import Holding, locked
from ecsplan.engine.sealing import seal_key
from ecsplan.executor.shelf import Folder
from ecsplan.model.call import ApiError, ErrorClass
from ecsplan.model.diagnostic import Refused, Rejected
from tests.kinds.cloud import Cloud


def lock(cloud: Cloud, operation: str = "apply", **more):
    return locked("demo", cloud.api, ApplyOptions(state_dir=str(cloud.folder / ".ecsplan"), **more), operation)


@pytest.fixture
def dead(cloud):
    """A run that died: the kernel has closed its files, the lock and the journal are left behind."""
    run = lock(cloud)
    held = run.__enter__()
    held.journal.stream.close()
    yield held
    run.gen.close()


def test_a_live_run_is_not_disturbed_and_who_was_refused_leaves_no_journal(cloud):
    with lock(cloud):
        with pytest.raises(Refused, match="locked by ecsplan apply"), lock(cloud, "destroy"):
            raise AssertionError
        assert len(list((cloud.folder / ".ecsplan" / "journal").glob("*.jsonl"))) == 1
    assert not list((cloud.folder / ".ecsplan" / "journal").glob("*.jsonl"))


def test_the_lock_of_a_dead_run_is_taken_at_once(cloud, dead: Holding):
    before = cloud.clock.now()
    with lock(cloud) as heir:
        assert heir.taken_from == dead.holder
    assert cloud.clock.now() - before < 1


def test_so_it_is_with_another_key(cloud, dead: Holding, monkeypatch):
    """Temporary keys change between two runs."""
    monkeypatch.setattr(locking, "seal_key", lambda api, shelf: b"another key")
    with lock(cloud) as heir:
        assert heir.taken_from == dead.holder


def test_so_it_is_in_another_container_of_this_machine(cloud, dead: Holding, monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "another-container")
    with lock(cloud) as heir:
        assert heir.taken_from == dead.holder


@pytest.mark.parametrize("lost", ["journal", "machine", "stack"])
def test_whom_we_cannot_judge_is_alive(cloud, dead: Holding, monkeypatch, lost):
    (path,) = (cloud.folder / ".ecsplan" / "journal").glob("*.jsonl")
    if lost == "journal":
        path.unlink()
    elif lost == "stack":
        path.write_text(path.read_text().replace('"demo"', '"other"'))
    else:
        monkeypatch.setattr(socket, "gethostname", lambda: "elsewhere")
        monkeypatch.setattr(locking, "boot_id", lambda: "another kernel")
    with pytest.raises(Refused), lock(cloud):
        raise AssertionError


def test_a_planted_journal_that_names_the_holder_of_a_live_lock_does_not_make_it_dead(cloud):
    """Only who holds it knows what its name is made of."""
    with lock(cloud) as held:
        (path,) = (cloud.folder / ".ecsplan" / "journal").glob("*.jsonl")
        forged = path.read_text().splitlines()[0].replace('"proof": "', '"proof": "x')
        planted = path.with_name(f"demo-0-{held.holder.removeprefix('ecsplan-')}.jsonl")
        planted.write_text(forged + "\n")
        planted.chmod(0o600)
        path.unlink()
        with pytest.raises(Refused), lock(cloud):
            raise AssertionError


def test_a_key_that_may_not_lock_is_told_of_the_way_without(cloud, monkeypatch):
    def refused(request):
        raise ApiError("ImportKeyPair", "Forbidden.RAM", "no", error_class=ErrorClass.FATAL, status=403)

    monkeypatch.setattr(type(cloud.api), "send", lambda self, request: refused(request))
    with pytest.raises(Rejected, match=r"(?s)may not lock the stack.*--no-lock"), lock(cloud):
        raise AssertionError


def test_an_api_without_an_access_key_seals_nothing(cloud, tmp_path):
    shelf = Folder(tmp_path)
    assert seal_key(cloud.api, shelf) and seal_key(object(), shelf) == b""
