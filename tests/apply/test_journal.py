"""The journal: what is on disk before a call, what a later run reads of it, whatever line the power went out on."""

import json
import stat
from pathlib import Path

import pytest

from ecsplan.apply.journal import KEPT, Journal, close, directory, open_journal, read_all


def an_intent(**more) -> dict:
    plain = {"step": "create box.a", "operation": "Create", "product": "ecs", "params": {"Name": "a"}}
    return {
        **plain,
        "token": "t",
        "creates": ["box.a"],
        "kind": "box",
        "id_path": "Id",
        "removes": [],
        "at": 5.0,
        **more,
    }


def written(folder: Path, *acts, stack: str = "lab", name: str = "1", end: str = "") -> Path:
    """A journal in which `acts` happened after its start."""
    with open_journal(folder, stack, name) as stream:
        journal = Journal(stream)
        journal.start(stack, "me", "host", 7, "sha256:1", 1.0)
        for act in acts:
            act(journal)
        if end:
            journal.end(end, 9.0)
    return folder / "journal" / f"{stack}-{name}.jsonl"


def intends(**more):
    return lambda journal: journal.intend(**an_intent(**more))


def answers(number: int = 1, **ids: str):
    return lambda journal: journal.answer(number, ids)


def test_an_intent_is_on_disk_before_its_answer(tmp_path):
    path = written(tmp_path, intends())
    assert [next(iter(json.loads(line))) for line in path.read_text().splitlines()] == ["start", "intent"]


def test_a_write_without_an_answer_is_found_again(tmp_path):
    written(tmp_path, intends(), intends(step="create box.b"), answers(1, a="bx-1"))
    (past,) = read_all(tmp_path, "lab")
    assert [intent.step for intent in past.unanswered] == ["create box.b"]
    assert past.made == {"bx-1": "box"} and not past.is_ended
    assert (past.holder, past.host, past.pid) == ("me", "host", 7)


def test_a_refusal_is_an_answer(tmp_path):
    written(tmp_path, intends(), lambda journal: journal.answer(1, {}, "Forbidden"))
    assert not read_all(tmp_path, "lab")[0].unanswered


def test_only_creates_with_a_token_are_asked_for_again(tmp_path):
    written(tmp_path, intends(token=""), intends(creates=[]), intends(step="create box.z"))
    assert [intent.step for intent in read_all(tmp_path, "lab")[0].lost_creates] == ["create box.z"]


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_cut_last_line_is_no_record(tmp_path, cut):
    path = written(tmp_path, intends(), answers(1, a="bx-1"))
    path.write_text(path.read_text()[:-cut])
    (past,) = read_all(tmp_path, "lab")
    assert len(past.unanswered) == 1 or cut == 1


def test_a_journal_with_a_cut_line_can_be_closed(tmp_path):
    path = written(tmp_path, intends())
    path.write_text(path.read_text() + '{"answer": {"num')
    close(read_all(tmp_path, "lab")[0], 10.0)
    (past,) = read_all(tmp_path, "lab")
    assert past.is_ended and not past.unanswered and past.at == 10.0


def test_a_run_that_ended_may_still_have_lost_an_answer(tmp_path):
    written(tmp_path, intends(), end="in part")
    (past,) = read_all(tmp_path, "lab")
    assert past.is_ended and len(past.lost_creates) == 1


def test_what_a_delete_took_away_is_known(tmp_path):
    written(tmp_path, intends(creates=[], token="", removes=["bx-9"]))
    assert read_all(tmp_path, "lab")[0].removed == {"bx-9"}


def test_a_journal_of_an_older_version_is_read(tmp_path):
    old = {key: value for key, value in an_intent().items() if key not in ("id_path", "at")}
    written(tmp_path, lambda journal: journal.intend(**old))
    assert read_all(tmp_path, "lab")[0].unanswered[0].at == 0.0


def test_stacks_whose_names_begin_alike_are_not_mixed_up(tmp_path):
    written(tmp_path, stack="lab")
    written(tmp_path, stack="lab-2")
    assert len(read_all(tmp_path, "lab")) == 1


def test_a_file_that_is_no_journal_is_passed_over(tmp_path):
    directory(tmp_path)
    (tmp_path / "journal" / "lab-x.jsonl").write_text("[1]\nnonsense")
    assert read_all(tmp_path, "lab") == []


def test_only_the_newest_finished_journals_are_kept(tmp_path):
    for number in range(KEPT + 5):
        written(tmp_path, name=f"{number:03d}", end="complete")
    assert len(read_all(tmp_path, "lab")) == KEPT + 1


def test_a_journal_with_a_lost_answer_is_never_pruned(tmp_path):
    written(tmp_path, intends(), name="000", end="in part")
    for number in range(1, KEPT + 5):
        written(tmp_path, name=f"{number:03d}", end="complete")
    assert read_all(tmp_path, "lab")[0].path.name == "lab-000.jsonl"


def test_the_folder_ignores_itself_and_the_file_is_the_owners_alone(tmp_path):
    path = written(tmp_path)
    assert (tmp_path / ".gitignore").read_text() == "*\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
