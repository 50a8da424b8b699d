"""Journals in which somebody wrote: read in any case, and never believed beyond what our key has sealed."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.executor.history import History, applied, read_history
from tests.executor.test_journal import REGION, answers, intends, tags, written
from tests.executor.world import KEY
from tests.fuzz.odd import damaged, places, put, values

NAME = "lab-1.jsonl"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(tmp_path_factory.mktemp("journals"))


@pytest.fixture(scope="module")
def genuine(folder: Path) -> bytes:
    acts = (intends(), answers(1, **{"box.a": "b-1"}), intends(), tags(["b-1"], 3, box="lab/box.a"), intends(token="u"))
    written(folder, *acts)
    return (folder / "journal" / NAME).read_bytes()


def said(found: History) -> dict[str, object]:
    """What a run goes by."""
    lost = {intent.token for past in found.authentic for intent in past.unanswered}
    return {"ids": set(found.births.ids), "known": set(found.known), "retired": set(found.retired), "lost": lost}


def read(folder: Path, content: bytes) -> dict[str, object]:
    (folder / "journal" / NAME).write_bytes(content)
    applied(folder, KEY)
    return said(read_history(folder, "lab", REGION, KEY))


def believed_no_more(before: dict[str, object], now: dict[str, object]) -> bool:
    """A line that is cut off may leave a write without its answer; nothing is ever added that was not sealed."""
    return all(now[name] <= before[name] for name in ("ids", "known", "retired")) and now["lost"] <= {"t", "u", ""}  # type: ignore[operator]


@given(st.data())
def test_damaged_bytes(folder: Path, genuine: bytes, data: st.DataObject) -> None:
    before = read(folder, genuine)
    assert believed_no_more(before, read(folder, data.draw(damaged(genuine))))


@pytest.mark.door("journals")
@given(st.data())
def test_an_odd_value_anywhere(folder: Path, genuine: bytes, data: st.DataObject) -> None:
    before = read(folder, genuine)
    lines = [json.loads(line) for line in genuine.decode().splitlines()]
    place = data.draw(st.sampled_from(list(places(lines))))
    lines = put(lines, place, data.draw(values))
    content = "".join(json.dumps(line) + "\n" for line in lines).encode()
    assert believed_no_more(before, read(folder, content))


@given(st.data())
def test_lines_in_another_order_left_out_or_repeated(folder: Path, genuine: bytes, data: st.DataObject) -> None:
    before, lines = read(folder, genuine), genuine.splitlines(keepends=True)
    chosen = data.draw(st.lists(st.sampled_from(lines), max_size=2 * len(lines)))
    assert believed_no_more(before, read(folder, b"".join(chosen)))


@given(st.binary(max_size=300) | st.lists(values).map(lambda found: "\n".join(map(json.dumps, found)).encode()))
def test_anything_at_all(folder: Path, genuine: bytes, content: bytes) -> None:
    assert not any(read(folder, content).values())
