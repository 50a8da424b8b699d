"""The objects of the account: found by id, by region, by what they refer to and by tag; changed in transactions."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

# A thing that names another in one of these fields is found from that other without a scan.
INDEXED = frozenset((
    "VpcId", "VSwitchId", "InstanceId", "SecurityGroupIds", "KeyPairName", "ImageId", "RouteTableId", "GroupRefs",
    "SourceSnapshotId", "SnapshotId", "SourceDiskId", "AutoSnapshotPolicyId", "AllocationId", "PrefixListRefs",
    "Addresses", "PublicIp", "NextHopId", "SnapshotIds", "DeploymentSetId", "RamRoleName", "InstanceName",
    "DedicatedHostId", "NatGatewayId", "BandwidthPackageId", "PortListRefs", "Ipv6AddressId", "Ipv6GatewayId",
    "DiskId",
))  # fmt: skip
REGION_CODES = {"cn-hangzhou": "bp1", "cn-beijing": "2ze", "cn-shanghai": "uf6", "cn-shenzhen": "wz9"}
ALPHABET = string.digits + string.ascii_lowercase


@dataclass(frozen=True, slots=True)
class Cause:
    """Who writes: the number and action of a call and its access key, or somebody outside of the API.

    `params` are those of the call; `delayed` says that the clock brought what the call began.
    """

    call: int = 0
    action: str = ""
    by: str = "outside"
    params: Mapping[str, Any] = field(default_factory=dict)
    delayed: bool = False


OUTSIDE = Cause()


class Thing:
    """One object. `data` uses the API's names; `pending` holds changes that come by themselves, by due time.

    `creator` is the access key that made it, or "outside"; `cause` is whoever set the changes in `pending` going.
    """

    __slots__ = ("cause", "creator", "data", "id", "kind", "pending", "region", "seq", "tags")

    def __init__(
        self, kind: str, region: str, id_: str, seq: int, data: dict[str, Any], tags: dict[str, str],
        creator: str = OUTSIDE.by,
    ) -> None:  # fmt: skip
        self.kind = kind
        self.region = region
        self.id = id_
        self.seq = seq
        self.data = data
        self.tags = tags
        self.pending: list[tuple[float, dict[str, Any], str]] = []
        self.creator = creator
        self.cause = OUTSIDE

    def __getitem__(self, name: str) -> Any:
        return self.data[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.data.get(name, default)

    @property
    def status(self) -> str:
        return str(self.data.get("Status", ""))


@dataclass(frozen=True, slots=True)
class Event:
    """A write that holds: what it was, when and why. `before` and `after` have the fields that it wrote (for tags, all
    of them), None for one that is not there."""

    verb: Literal["add", "change", "tag", "remove"]
    thing: Thing
    at: float
    cause: Cause
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


class Account:
    """Every write goes through here, so that a call can be undone as a whole and stored as a whole."""

    def __init__(self, owner: str, seed: str | None = None) -> None:
        self.owner = owner
        self._seed = seed
        self.random = random.Random(seed)
        self.next_seq = 1
        self.dirty: set[tuple[str, str]] = set()
        self._things: dict[str, dict[str, Thing]] = {}
        self._by_region: dict[tuple[str, str], dict[str, Thing]] = {}
        self._index: dict[tuple[str, str, str], dict[str, Thing]] = {}
        self._tags: dict[tuple[str, str, str], dict[str, dict[str, Thing]]] = {}
        self._undo: list[Callable[[], object]] | None = None
        # What the transaction in course (or the last one) changed; faults that hide new things ask.
        self.touched: set[tuple[str, str]] = set()
        self.retagged: list[tuple[Thing, dict[str, str]]] = []
        # Told of every write once it holds; `cause` and `moment` are set by whoever writes.
        self.witness: Callable[[list[Event]], None] | None = None
        self.cause = OUTSIDE
        self.moment = 0.0
        self._events: list[Event] = []

    def resume(self, next_seq: int) -> None:
        """Goes on where an earlier process stopped: the same seed must not give the same ids again."""
        self.next_seq = next_seq
        if self._seed is not None and next_seq > 1:
            self.random = random.Random(f"{self._seed}/{next_seq}")

    # Reading

    def get(self, kind: str, id_: str) -> Thing | None:
        return self._things.get(kind, {}).get(id_)

    def in_region(self, kind: str, region: str) -> Iterable[Thing]:
        """All of a kind in a region, oldest first."""
        return self._by_region.get((kind, region), {}).values()

    def count(self, kind: str, region: str) -> int:
        return len(self._by_region.get((kind, region), ()))

    def everywhere(self, kind: str) -> Iterable[Thing]:
        return self._things.get(kind, {}).values()

    def where(self, kind: str, field: str, value: str) -> list[Thing]:
        """Those whose indexed field holds that value (or has it among its values)."""
        return list(self._index.get((kind, field, value), {}).values())

    def how_many(self, kind: str, field: str, value: str) -> int:
        return len(self._index.get((kind, field, value), ()))

    def tagged(self, kind: str, region: str, key: str, value: str | None = None) -> list[Thing]:
        by_value = self._tags.get((kind, region, key), {})
        if value is not None:
            return list(by_value.get(value, {}).values())
        return [thing for group in by_value.values() for thing in group.values()]

    def all(self) -> Iterable[Thing]:
        for things in self._things.values():
            yield from things.values()

    # Writing

    def new_id(self, prefix: str, region: str, length: int = 20) -> str:
        """An id in the service's shape, never one that is in use."""
        code = REGION_CODES.get(region, self._code(region))
        while True:
            tail = "".join(self.random.choices(ALPHABET, k=length - len(code)))
            id_ = f"{prefix}-{code}{tail}"
            if not any(id_ in things for things in self._things.values()):
                return id_

    @staticmethod
    def _code(region: str) -> str:
        return (region.replace("-", "")[-3:] + "xxx")[:3]

    def add(
        self, kind: str, region: str, id_: str, data: dict[str, Any], tags: Mapping[str, str] | None = None
    ) -> Thing:
        thing = Thing(kind, region, id_, self.next_seq, data, dict(tags or {}), self.cause.by)
        self.next_seq += 1
        self.insert(thing)
        if tags:
            self.retagged.append((thing, {}))
        return thing

    def insert(self, thing: Thing) -> None:
        self._put_in(thing)
        self._touched(thing, lambda: self._drop(thing))
        self._tell("add", thing)

    def _put_in(self, thing: Thing) -> None:
        self._things.setdefault(thing.kind, {})[thing.id] = thing
        self._by_region.setdefault((thing.kind, thing.region), {})[thing.id] = thing
        for name in INDEXED & thing.data.keys():
            self._link(thing, name, thing.data[name])
        for key, value in thing.tags.items():
            self._link_tag(thing, key, value)

    def change(self, thing: Thing, **values: Any) -> None:
        """Sets fields; None takes a field away."""
        self.change_all(thing, values)

    def change_all(self, thing: Thing, values: Mapping[str, Any]) -> None:
        before = {name: thing.data.get(name) for name in values}
        for name, value in values.items():
            self._set(thing, name, value)
        self._touched(thing, lambda: self._put_back(thing, before))
        self._tell("change", thing, before, values)

    def set_tags(self, thing: Thing, tags: Mapping[str, str]) -> None:
        before = thing.tags
        self.retagged.append((thing, before))
        self._retag(thing, dict(tags))
        self._touched(thing, lambda: self._retag(thing, before))
        self._tell("tag", thing, before, tags)

    def set_pending(self, thing: Thing, pending: list[tuple[float, dict[str, Any], str]]) -> None:
        before = thing.pending, thing.cause
        thing.pending, thing.cause = pending, self.cause

        def undo() -> None:
            thing.pending, thing.cause = before

        self._touched(thing, undo)

    def remove(self, thing: Thing) -> None:
        self._drop(thing)
        self._touched(thing, lambda: self._put_in(thing))
        self._tell("remove", thing)

    # Transactions

    def begin(self) -> None:
        self._undo = []
        self._events = []
        self.touched = set()
        self.retagged = []

    def commit(self) -> None:
        self._undo = None
        events, self._events = self._events, []
        if self.witness is not None and events:
            self.witness(events)

    def rollback(self) -> None:
        undo, self._undo = self._undo or [], None
        self._events = []
        for step in reversed(undo):
            step()

    def _tell(
        self,
        verb: Literal["add", "change", "tag", "remove"],
        thing: Thing,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """In a transaction what happened is told at its end, if it holds; else at once."""
        if self.witness is None:
            return
        event = Event(verb, thing, self.moment, self.cause, before or {}, after or {})
        if self._undo is not None:
            self._events.append(event)
        else:
            self.witness([event])

    def _touched(self, thing: Thing, undo: Callable[[], object]) -> None:
        self.dirty.add((thing.kind, thing.id))
        if self._undo is not None:
            self.touched.add((thing.kind, thing.id))
            self._undo.append(undo)

    def _drop(self, thing: Thing) -> None:
        del self._things[thing.kind][thing.id]
        del self._by_region[thing.kind, thing.region][thing.id]
        for name in INDEXED & thing.data.keys():
            self._unlink(thing, name, thing.data[name])
        for key, value in thing.tags.items():
            self._unlink_tag(thing, key, value)

    def _put_back(self, thing: Thing, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            self._set(thing, name, value)

    def _set(self, thing: Thing, name: str, value: Any) -> None:
        if name in INDEXED:
            self._unlink(thing, name, thing.data.get(name))
            self._link(thing, name, value)
        if value is None:
            thing.data.pop(name, None)
        else:
            thing.data[name] = value

    def _retag(self, thing: Thing, tags: dict[str, str]) -> None:
        for key, value in thing.tags.items():
            self._unlink_tag(thing, key, value)
        thing.tags = tags
        for key, value in tags.items():
            self._link_tag(thing, key, value)

    def _link(self, thing: Thing, field: str, value: Any) -> None:
        for one in value if isinstance(value, list) else (value,):
            if one:
                self._index.setdefault((thing.kind, field, one), {})[thing.id] = thing

    def _unlink(self, thing: Thing, field: str, value: Any) -> None:
        for one in value if isinstance(value, list) else (value,):
            group = self._index.get((thing.kind, field, one))
            if group is not None:
                group.pop(thing.id, None)
                if not group:
                    del self._index[thing.kind, field, one]

    def _link_tag(self, thing: Thing, key: str, value: str) -> None:
        by_value = self._tags.setdefault((thing.kind, thing.region, key), {})
        by_value.setdefault(value, {})[thing.id] = thing

    def _unlink_tag(self, thing: Thing, key: str, value: str) -> None:
        by_value = self._tags[thing.kind, thing.region, key]
        by_value[value].pop(thing.id, None)
        if not by_value[value]:
            del by_value[value]
