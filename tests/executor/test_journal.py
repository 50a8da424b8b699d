"""The journal: what is on disk before a call, what a later run reads of it, and what it does not believe."""

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from ecsplan.executor.history import KEPT, History, applied, is_dead, last_births, prune, read_history
from ecsplan.executor.journal import Journal, file_name, folder_of, open_journal, shortened
from ecsplan.executor.past import Past, close
from ecsplan.executor.records import Start
from ecsplan.executor.seal import Seal, holder_of
from ecsplan.model.address import Address
from ecsplan.model.diagnostic import Rejected
from tests.executor.world import KEY, PROOF

REGION = "here"


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


def written(
    folder: Path, *acts, stack: str = "lab", name: str = "1", end: str = "", key: bytes = KEY, proof: str = PROOF,
    region: str = REGION, boot: str = "", ended: float = 9.0,
) -> Path:  # fmt: skip
    """A journal in which `acts` happened after its start."""
    with open_journal(folder, stack, name) as stream:
        journal = Journal(stream, Seal(key, file_name(stack, name)))
        journal.start(Start(stack, region, proof, "apply", 1.0, boot))
        for act in acts:
            act(journal)
        if end:
            journal.end(end, ended)
    return folder / "journal" / file_name(stack, name)


def intends(**more):
    return lambda journal: journal.intend(**an_intent(**more))


def answers(number: int = 1, **ids: str):
    return lambda journal: journal.answer(number, ids)


def tags(ids: list[str], number: int, **of: str):
    """A TagResources that went well."""
    params = {"ResourceId": ids, "Tag": [{"Key": f"ecsplan:{key}", "Value": value} for key, value in of.items()]}

    def act(journal: Journal) -> None:
        journal.intend(**an_intent(operation="TagResources", creates=[], token="", params=params))
        journal.answer(number, {})

    return act


def history(folder: Path, stack: str = "lab", region: str = REGION, key: bytes = KEY) -> History:
    return read_history(folder, stack, region, key)


def only(folder: Path, **more) -> Past:
    (past,) = history(folder, **more).pasts
    return past


def test_an_intent_is_on_disk_before_its_answer(tmp_path):
    path = written(tmp_path, intends())
    assert [sorted(json.loads(line))[0] for line in path.read_text().splitlines()] == ["mac", "intent"]


def test_a_write_without_an_answer_is_found_again(tmp_path):
    written(tmp_path, intends(), intends(step="create box.b"), answers(1, **{"box.a": "bx-1"}))
    past = only(tmp_path)
    assert [intent.step for intent in past.unanswered] == ["create box.b"]
    assert past.births.made == {"bx-1": "box"} and not past.is_ended
    assert past.holder == holder_of(PROOF)


def test_a_refusal_is_an_answer(tmp_path):
    written(tmp_path, intends(), lambda journal: journal.answer(1, {}, "Forbidden"))
    assert not only(tmp_path).unanswered


def test_only_creates_with_a_token_are_asked_for_again(tmp_path):
    written(tmp_path, intends(token=""), intends(creates=[]), intends(step="create box.z"))
    assert [intent.step for intent in only(tmp_path).lost_creates] == ["create box.z"]


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_cut_last_line_is_no_record(tmp_path, cut):
    path = written(tmp_path, intends(), answers(1, **{"box.a": "bx-1"}))
    path.write_text(path.read_text()[:-cut])
    assert len(only(tmp_path).unanswered) == 1 or cut == 1


def test_a_journal_with_a_cut_line_can_be_closed(tmp_path):
    path = written(tmp_path, intends())
    path.write_text(path.read_text() + '{"answer": {"num')
    close(only(tmp_path), KEY, 10.0)
    past = only(tmp_path)
    assert past.is_authentic and past.is_ended and not past.unanswered and past.at == 10.0


def test_a_run_that_ended_may_still_have_lost_an_answer(tmp_path):
    written(tmp_path, intends(), end="in part")
    past = only(tmp_path)
    assert past.is_ended and past.is_open and len(past.lost_creates) == 1


def test_what_a_delete_took_away_is_known(tmp_path):
    written(tmp_path, intends(creates=[], token="", removes=["bx-9"]))
    assert only(tmp_path).births.going == {"bx-9"}


def test_stacks_whose_names_begin_alike_and_regions_are_not_mixed_up(tmp_path):
    written(tmp_path, stack="lab")
    written(tmp_path, stack="lab-2")
    written(tmp_path, name="2", region="there")
    assert only(tmp_path).path.name == "lab-1.jsonl"
    assert only(tmp_path, region="there").path.name == "lab-2.jsonl"


def test_the_folder_is_the_owners_alone_and_ignores_itself(tmp_path):
    state = tmp_path / "state"
    before = os.umask(0)
    try:
        path = written(state)
    finally:
        os.umask(before)
    assert (state / ".gitignore").read_text() == "*\n"
    modes = [stat.S_IMODE(place.stat().st_mode) for place in (state, path.parent, path, state / ".gitignore")]
    assert modes == [0o700, 0o700, 0o600, 0o600]


def test_a_folder_that_was_open_is_closed(tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    state.chmod(0o777)
    folder_of(state)
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


@pytest.mark.parametrize("made", ["file", "link", "unwritable"])
def test_where_the_folder_cannot_be_ours_the_reason_is_told(tmp_path, made):
    state = tmp_path / "state"
    if made == "file":
        state.write_text("")
    elif made == "link":
        (tmp_path / "elsewhere").mkdir()
        state.symlink_to(tmp_path / "elsewhere")
    else:
        state = Path("/proc/nothing/state")
    with pytest.raises(Rejected, match=r"state (is a file|is a symbolic link|cannot be made)"):
        folder_of(state)


# What is believed


def test_a_journal_that_another_key_sealed_is_not_believed(tmp_path):
    written(tmp_path, intends(), answers(1, **{"box.a": "bx-1"}), key=b"another key")
    found = history(tmp_path)
    assert [past.is_authentic for past in found.pasts] == [False]
    assert not found.known and not found.made and not found.retired and not only(tmp_path).lost_creates


def test_without_a_key_nothing_is_believed(tmp_path):
    written(tmp_path, intends(), key=b"")
    assert not only(tmp_path, key=b"").is_authentic


def test_a_journal_under_another_name_is_not_believed(tmp_path):
    path = written(tmp_path, intends())
    path.rename(path.with_name("lab-2.jsonl"))
    assert not only(tmp_path).is_authentic


def test_a_line_that_was_added_changed_or_repeated_is_no_record(tmp_path):
    path = written(tmp_path, intends(), answers(1, **{"box.a": "bx-1"}))
    start, intent, answer = path.read_text().splitlines()
    forged = json.dumps({"n": 9, "intent": {"number": 9, **an_intent(step="forged")}})
    path.write_text("\n".join([start, intent, answer.replace("bx-1", "bx-2"), answer, intent, forged]) + "\n")
    past = only(tmp_path)
    assert past.births.made == {"bx-1": "box"} and not past.unanswered


def test_an_end_that_was_added_does_not_end_it(tmp_path):
    path = written(tmp_path, intends())
    path.write_text(path.read_text() + json.dumps({"n": 9, "end": "recovered", "at": 9, "ids": {}, "open": 0}) + "\n")
    assert len(only(tmp_path).lost_creates) == 1


def test_the_last_line_alone_tells_what_a_finished_journal_says(tmp_path):
    path = written(tmp_path, intends(), answers(1, **{"box.a": "bx-1"}), end="complete")
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], "nonsense", lines[-1]]) + "\n")
    assert only(tmp_path).births.made == {"bx-1": "box"}


def test_one_that_git_tracks_is_refused(tmp_path):
    state = tmp_path / "stacks" / ".ecsplan"
    state.parent.mkdir()
    path = written(state, intends())
    git = ["git", "-c", "user.email=a@b", "-c", "user.name=a", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    for version in ("2", "3", "4"):
        subprocess.run([*git, "add", "-f", str(path)], check=True)
        subprocess.run([*git, "update-index", "--index-version", version], check=True)
        found = history(state)
        assert [why for _, why in found.refused] == ["is tracked by Git"] and not found.pasts, version
    subprocess.run([*git, "rm", "-q", "--cached", str(path)], check=True)
    assert len(history(state).pasts) == 1


@pytest.mark.door("our own files")
def test_one_that_others_may_write_is_refused(tmp_path):
    written(tmp_path).chmod(0o620)
    assert [why for _, why in history(tmp_path).refused] == ["can be written by others"]


def test_one_of_another_user_is_refused(tmp_path, monkeypatch):
    written(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    assert history(tmp_path).refused[0][1] == "belongs to another user"


@pytest.mark.parametrize("made", ["fifo", "folder", "loop", "link", "huge", "binary", "empty"])
def test_what_is_no_journal_is_passed_over_or_refused_without_waiting(tmp_path, made):
    path = folder_of(tmp_path) / "lab-9.jsonl"
    makers = {
        "fifo": lambda: os.mkfifo(path),
        "folder": path.mkdir,
        "loop": lambda: path.symlink_to(path),
        "link": lambda: path.symlink_to("/dev/zero"),
        "huge": lambda: os.truncate(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), 1 << 40),
        "binary": lambda: path.write_bytes(bytes(range(256)) * 40),
        "empty": path.touch,
    }
    makers[made]()
    written(tmp_path, intends())
    found = history(tmp_path)
    assert [past.path.name for past in found.pasts] == ["lab-1.jsonl"]
    assert bool(found.refused) == (made not in ("binary", "empty"))


SHAPES = [
    {"start": []}, {"start": "lab"}, {"start": {"stack": "lab"}}, {"start": {"stack": 7}}, [], 7, "x", None,
    {"intent": None}, {"intent": {"number": 1}}, {"intent": {"number": 1, **an_intent(creates="box.a")}},
    {"intent": {"number": True, **an_intent()}}, {"intent": {"number": 1, **an_intent(at="x")}},
    {"intent": {"number": 1, **an_intent(at=10**400)}}, {"intent": {"number": 1, **an_intent(at=float("nan"))}},
    {"intent": {"number": 1, **an_intent(params=[])}}, {"answer": None}, {"answer": {"number": 1, "ids": []}},
    {"answer": {"number": [], "ids": {}, "error": ""}}, {"members": []}, {"members": {"a": 1}},
    {"end": "recovered", "at": "x"}, {"end": "complete", "at": 1, "open": 0, "ids": {"a": ["b"]}},
    {"end": "complete", "at": 1, "open": 0, "ids": {}, "removed": 7},
]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: json.dumps(shape)[:40])
@pytest.mark.parametrize("key", [KEY, b"another key"], ids=["sealed", "not sealed"])
def test_a_record_of_another_shape_is_passed_over(tmp_path, shape, key):
    """Sealed it is of another version of ours."""
    written(tmp_path, intends(), lambda journal: journal._write(shape) if isinstance(shape, dict) else None, key=key)
    path = tmp_path / "journal" / "lab-1.jsonl"
    if not isinstance(shape, dict):
        path.write_text(path.read_text() + json.dumps(shape) + "\n")
    assert [intent.step for intent in only(tmp_path).unanswered] == (["create box.a"] if key == KEY else [])


# What it says of ids


def test_what_was_made_is_known_by_id_and_by_address(tmp_path):
    batch = intends(creates=["box.b[0]", "box.b[1]"])
    both = answers(2, **{"box.b[0]": "b0", "box.b[1]": "b1"})
    written(tmp_path, intends(), answers(1, **{"box.a": "bx-1"}), batch, both)
    found = history(tmp_path)
    assert found.known == {"bx-1": Address("box", "a")}
    assert last_births(found.births)[Address("box", "b", 1)] == "b1"


def test_members_of_one_call_are_known_exactly_once_they_are_told_apart(tmp_path):
    batch = intends(creates=["box.b[0]", "box.b[1]"])
    learns = lambda journal: journal.learn({"box.b[0]": "b1", "box.b[1]": "b0"})  # noqa: E731
    written(tmp_path, batch, answers(1, **{"box.b[0]": "b0", "box.b[1]": "b1"}), learns, end="complete")
    assert history(tmp_path).known == {"b1": Address("box", "b", 0), "b0": Address("box", "b", 1)}


def test_a_later_journal_knows_what_was_moved_deleted_and_retired_since(tmp_path):
    made = [act for n, name in enumerate(("a", "b", "c"), 1)
            for act in (intends(creates=[f"box.{name}"]), answers(n, **{f"box.{name}": f"bx-{name}"}))]  # fmt: skip
    written(tmp_path, *made, name="1", end="complete")
    deletes = (intends(creates=[], token="", removes=["bx-a"]), lambda journal: journal.answer(1, {}))
    written(tmp_path, *deletes, tags(["bx-b"], 2, box="lab/box.z"), tags(["bx-c"], 3, **{"box:retired": "true"}),
            name="2", end="complete")  # fmt: skip
    found = history(tmp_path)
    assert found.known == {"bx-b": Address("box", "z"), "bx-c": Address("box", "c")}
    assert found.retired == {"bx-c"} and found.made == {"bx-b": "box", "bx-c": "box"}


def test_a_mark_that_a_batch_shares_takes_nothing_from_what_is_known_of_a_member(tmp_path):
    learns = lambda journal: journal.learn({"box.b[0]": "b1", "box.b[1]": "b0"})  # noqa: E731
    batch = intends(creates=["box.b[0]", "box.b[1]"])
    made = (batch, answers(1, **{"box.b[0]": "b0", "box.b[1]": "b1"}), learns)
    written(tmp_path, *made, tags(["b0", "b1"], 2, box="lab/box.b[0..1]"), tags(["b9"], 3, box="lab/box.b[0..1]"))
    assert history(tmp_path).known == {"b1": Address("box", "b", 0), "b0": Address("box", "b", 1)}


def test_a_retired_one_may_be_taken_up_again(tmp_path):
    written(tmp_path, tags(["bx-1"], 1, **{"box:retired": "true"}), name="1", end="complete")
    untag = {"ResourceId": ["bx-1"], "TagKey": ["ecsplan:box:retired"]}
    takes_up = intends(operation="UntagResources", creates=[], token="", params=untag)
    written(tmp_path, takes_up, answers(1), name="2", end="complete")
    assert history(tmp_path).retired == frozenset()


def test_a_part_is_known_by_its_slot(tmp_path):
    written(tmp_path, tags(["d-1"], 1, box="lab/instance.web[0].data_disks.data"))
    assert {i: str(place) for i, place in history(tmp_path).known.items()} == {"d-1": "instance.web[0].data_disks.data"}


def test_a_delete_that_was_refused_takes_nothing_away(tmp_path):
    written(tmp_path, intends(), answers(1, **{"box.a": "bx-1"}), intends(creates=[], removes=["bx-1"]),
            lambda journal: journal.answer(2, {}, "DependencyViolation"))  # fmt: skip
    assert history(tmp_path).known == {"bx-1": Address("box", "a")}


def test_which_stacks_this_folder_applied_is_told_by_authentic_journals(tmp_path):
    written(tmp_path)
    written(tmp_path, stack="shop", region="there")
    written(tmp_path, stack="forged", key=b"another key")
    assert applied(tmp_path, KEY) == {("lab", REGION): 1.0, ("shop", "there"): 1.0}


# How many are kept


def test_only_the_newest_finished_journals_are_kept_and_what_older_ones_said_is_not_forgotten(tmp_path):
    for number in range(KEPT + 5):
        name = f"box.b{number}"
        written(tmp_path, intends(creates=[name]), answers(1, **{name: f"bx-{number}"}), name=f"{number + 1:03d}",
                end="complete")  # fmt: skip
        prune(tmp_path, "lab", history(tmp_path), KEY)
    found = history(tmp_path)
    assert len(found.pasts) == KEPT + 1 and len(found.known) == KEPT + 5
    assert all(past.is_authentic for past in found.pasts) and found.pasts[0].path.name == "lab-0.jsonl"


def test_a_journal_with_a_lost_answer_is_never_pruned(tmp_path):
    written(tmp_path, intends(), name="000", end="in part")
    for number in range(1, KEPT + 5):
        written(tmp_path, name=f"{number:03d}", end="complete")
    prune(tmp_path, "lab", history(tmp_path), KEY)
    assert len(list((tmp_path / "journal").glob("lab-000.jsonl"))) == 1


def test_journals_of_keys_that_change_with_each_run_do_not_pile_up(tmp_path):
    for number in range(KEPT + 5):
        written(tmp_path, name=f"{number:03d}", end="complete", key=f"key {number}".encode())
    prune(tmp_path, "lab", history(tmp_path), KEY)
    assert len(history(tmp_path).pasts) == KEPT


# Whether its run lives


def test_a_run_lives_as_long_as_its_journal_is_locked(tmp_path):
    holder = holder_of(PROOF)
    name = f"1-{holder.removeprefix('ecsplan-')}"
    with open_journal(tmp_path, "lab", name) as stream:
        journal = Journal(stream, Seal(KEY, file_name("lab", name)))
        journal.start(Start("lab", REGION, PROOF, "apply", 1.0, "boot"))
        assert not is_dead(tmp_path, "lab", holder, "boot", is_same_host=True)
        assert only(tmp_path).is_running
    assert is_dead(tmp_path, "lab", holder, "another boot", is_same_host=True)
    assert is_dead(tmp_path, "lab", holder, "boot", is_same_host=False)
    assert not is_dead(tmp_path, "lab", holder, "another boot", is_same_host=False)
    assert not is_dead(tmp_path, "lab", holder, "", is_same_host=False)


@pytest.mark.parametrize("holder", ["", "ecsplan-", "x", "../../x", "ecsplan-0123456789abcdef"])
def test_a_holder_that_no_journal_is_of_is_not_known_to_be_dead(tmp_path, holder):
    written(tmp_path, name="1-0123456789abcdef", proof="a forged proof")
    assert not is_dead(tmp_path, "lab", holder, "boot", is_same_host=True)


def test_long_texts_are_kept_as_digests(tmp_path):
    assert shortened({"UserData": "x" * 5000, "Tag": [{"Key": "a"}]}) == {
        "UserData": {"$sha256": shortened("x" * 5000)["$sha256"], "characters": 5000},
        "Tag": [{"Key": "a"}],
    }
    path = written(tmp_path, intends(params={"UserData": "x" * 500_000}))
    assert path.stat().st_size < 2000


class Full:
    """A disk without room, after so many bytes."""

    def __init__(self, stream, room: int) -> None:
        self.stream, self.room = stream, room

    def write(self, text: str) -> int:
        self.room -= len(text)
        if self.room < 0:
            raise OSError(28, "No space left on device")
        return self.stream.write(text)

    def __getattr__(self, name: str):
        return getattr(self.stream, name)


def test_where_there_is_no_room_nothing_is_noted_and_the_reason_is_told(tmp_path):
    with open_journal(tmp_path, "lab", "1") as stream:
        journal = Journal(Full(stream, 400), Seal(KEY, "lab-1.jsonl"))
        journal.start(Start("lab", REGION, PROOF, "apply", 1.0))
        with pytest.raises(Rejected, match="cannot be written: No space left"):
            journal.intend(**an_intent())
        journal.stream.room = 10_000
        journal.intend(**an_intent(step="create box.b"))
    assert [intent.step for intent in only(tmp_path).unanswered] == ["create box.b"]


def test_what_was_released_is_ours_no_more_until_it_is_adopted_again(tmp_path):
    written(tmp_path, intends(creates=["box.a"]), answers(1, **{"box.a": "bx-1"}), name="1", end="complete")
    untag = intends(
        operation="UntagResources", creates=[], token="", params={"ResourceId": ["bx-1"], "TagKey": ["ecsplan:box"]}
    )
    written(tmp_path, untag, answers(1), name="2", end="complete")
    assert not history(tmp_path).known and not history(tmp_path).made
    written(tmp_path, tags(["bx-1"], 1, box="lab/box.b"), name="3", end="complete")
    assert history(tmp_path).known == {"bx-1": Address("box", "b")}
