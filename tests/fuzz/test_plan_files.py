"""A saved plan with something odd in it is refused in words, or can be shown in every form and does nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan import engine
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.unseen import is_printable, printable
from ecsplan.planner.planfile import fingerprint
from ecsplan.render.json_format import plan_json
from ecsplan.render.markdown import plan_markdown
from ecsplan.render.text import plan_text
from ecsplan.render.view import view
from tests.fuzz.odd import damaged, places, put, values
from tests.kinds.cloud import INSTANCE, NETWORK, Cloud, stack_of

WEB = "instance:\n  web:\n    count: 2\n    " + INSTANCE.strip("\n").replace("\n", "\n    ")
MORE = """
eip:
  front: {bandwidth: 5, instance: "web[0]"}
disk:
  data: {zone: cn-hangzhou-h, category: cloud_essd, size: 40}
"""
BEFORE = stack_of(NETWORK, WEB)
AFTER = stack_of(NETWORK, WEB.replace("count: 2", "count: 3\n    tags: {team: web}"), MORE)


class Documents(list[Any]):
    def __repr__(self) -> str:
        return "the plans"


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Any]]:
    """Of plans that create, that change and delete, and that destroy."""
    cloud = Cloud(Path(tmp_path_factory.mktemp("fuzz")))
    fresh = cloud.plan(AFTER)
    cloud.apply(BEFORE)
    plans = (fresh, cloud.plan(AFTER), cloud.plan(stack_of(NETWORK)), cloud.plan(BEFORE, destroy=True))
    yield Documents(json.loads(engine.save_plan(plan)) for plan in plans)
    cloud.service.close()


def read(text: str) -> None:
    try:
        plan = engine.load_plan(text)
    except (Refused, Rejected) as told:
        assert told.diagnostics and all(one.summary for one in told.diagnostics)
        return
    seen = view(plan)
    assert plan_text(seen) and plan_text(seen, verbose=True)  # what is unseen in it is spelled out at the door
    assert is_printable(plan_markdown(seen))
    assert json.loads(printable(plan_json(seen)))


@pytest.mark.door("plan files")
@given(st.integers(0, 3), st.lists(st.tuples(st.integers(0, 10**6), values), min_size=1, max_size=2))
def test_a_plan_with_an_odd_value_anywhere(documents: list[Any], which: int, odd: list[tuple[int, Any]]) -> None:
    """Its digest fits: that is anybody's to compute."""
    document = documents[which]
    for number, value in odd:
        all_places = list(places(document))
        document = put(document, all_places[number % len(all_places)], value)
    content = {name: value for name, value in document.items() if name != "digest"}
    try:
        digest = fingerprint(content)
    except UnicodeEncodeError:
        digest = "sha256:" + "0" * 64
    read(json.dumps({**content, "digest": digest}))


@given(st.data())
def test_a_plan_with_damaged_bytes(documents: list[Any], data: st.DataObject) -> None:
    text = json.dumps(data.draw(st.sampled_from(documents))).encode()
    read(data.draw(damaged(text)).decode("utf-8", "replace"))


@given(st.text() | st.recursive(st.none() | st.text(max_size=5), lambda x: st.lists(x)).map(json.dumps))
def test_any_text(text: str) -> None:
    read(text)
