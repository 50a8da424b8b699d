"""Tags are anybody's to write: the lock's, and those of every object of a stack. Read in any case, and no proof."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecsplan import engine
from ecsplan.executor.lock import Holder, LockTaken, StackLock, break_lock
from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.keepers import claimed
from ecsplan.model.marks import PREFIX, read_marks, read_tags
from ecsplan.model.ownership import read_record
from ecsplan.model.resource import Listed
from tests.executor.world import KeyPairs, VirtualClock
from tests.fuzz.odd import texts, values
from tests.kinds.cloud import INSTANCE, KINDS, NETWORK, Cloud, stack_of

FIELDS = ("holder", "expiry", "host", "pid", "since", "operation", "user", "boot")
NAMES = ("applied", "applied2", "open", "members", "protected", "retired", "restart")
OLD = ("stack", "address", "slot", "applied", "protected", "retired", "restart", "secrets")
KEYS = [f"{kind}:{name}" for kind in ("vpc", "instance", "disk") for name in NAMES]
OURS = [PREFIX + name for name in ("vpc", "instance", "disk", *KEYS, *OLD)]
tag_sets = st.dictionaries(st.sampled_from(OURS) | texts, texts, max_size=6)
stored_sets = tag_sets.filter(lambda tags: "\ud800" not in "".join([*tags, *tags.values()]))  # none is in UTF-8
STACK = stack_of(NETWORK, "instance:\n  web:\n    count: 2\n    " + INSTANCE.strip("\n").replace("\n", "\n    "))


@pytest.mark.door("lock")
@given(st.dictionaries(st.sampled_from([f"ecsplan:{name}" for name in FIELDS]), texts))
def test_a_lock_of_any_tags_is_held_taken_over_or_broken(found: dict[str, str]) -> None:
    clock = VirtualClock()
    pairs = KeyPairs(clock)
    pairs.pairs["ecsplan-lock:web"] = [{"Key": key, "Value": value} for key, value in found.items()]
    pairs.pairs["prod-key"] = []
    try:
        StackLock(pairs, "web", Holder("me", "host", 7), clock, there=clock.now).acquire()
    except LockTaken as taken:
        assert str(taken)
    break_lock(pairs, "web", clock)
    assert "prod-key" in pairs.pairs


@given(tag_sets, st.sampled_from(sorted(KINDS)))
def test_marks_of_any_text_are_read(found: dict[str, str], kind: str) -> None:
    marks = read_marks(found, kind)
    read_record(marks.named)
    claimed(Listed(kind, "x-1", "data", "Available", tags=found))


@given(st.lists(st.dictionaries(st.sampled_from(["TagKey", "TagValue", "Key", "Value", "x"]), values)))
def test_tags_of_any_value_are_read(raw: Any) -> None:
    """That they are a list of objects is seen to where answers are fitted to their shapes."""
    assert all(isinstance(text, str) for pair in read_tags(raw).items() for text in pair)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    cloud = Cloud(Path(tmp_path_factory.mktemp("tags")))
    cloud.settled(STACK)
    cloud.call("CreateDisk", ZoneId="cn-hangzhou-h", Size=20, DiskCategory="cloud_essd", DiskName="foreign")
    yield cloud
    cloud.service.close()


@pytest.mark.door("tags")
@settings(max_examples=25)
@given(st.data())
def test_a_stack_whose_objects_have_any_tags_is_planned_and_loses_nothing_unguarded(
    cloud: Cloud, data: st.DataObject
) -> None:
    things = [thing for kind in ("vpc", "vswitch", "instance", "disk", "securitygroup") for thing in cloud.things(kind)]
    before = {thing.id: dict(thing.tags) for thing in things}
    try:
        for thing in data.draw(st.lists(st.sampled_from(things), min_size=1, max_size=4)):
            cloud.service.account.set_tags(thing, {**thing.tags, **data.draw(stored_sets)})
        plan = cloud.plan(STACK)
        going = {c.address for c in plan.changes if c.action in (Action.DELETE, Action.REPLACE) and c.loses}
        guarded = {address for guard in plan.guards for address in guard.addresses}
        assert going <= guarded
        engine.drift(cloud.load(STACK), cloud.api)
    except (Refused, Rejected) as told:
        assert all(one.summary for one in told.diagnostics)
    finally:
        for thing in things:
            cloud.service.account.set_tags(thing, before[thing.id])
