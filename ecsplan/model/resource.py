"""The two sides that a plan compares: what the YAML declares, and what the cloud has.

Resources are made by config/, RemoteObjects by inventory/; both use a kind's attribute names.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr, replace

from ecsplan.model.address import Address, Part, Ref, Span, Template
from ecsplan.model.algebra import PLAIN, Fields, Raw, Values, leaves
from ecsplan.model.decoder import Decoder
from ecsplan.model.diagnostic import SourceRange
from ecsplan.model.record import Applied
from ecsplan.model.safety import DATA_LOSS, DAYS

T = TypeVar("T")

DEFAULT_TIMEOUT = 1200.0


def matches(pattern: str, attribute: str) -> bool:
    """Whether a name is meant: the name itself, a block above it, or a pattern (`tags.o*`) for either."""
    if "*" in pattern:
        return bool(_pattern(pattern).match(attribute))
    return attribute == pattern or attribute.startswith(pattern + ".")


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, text.split("*"))) + r"(\..*)?\Z", re.DOTALL)


class Lifecycle(Struct, frozen=True):
    """How a resource is to be treated; none of it is compared with the cloud.

    `max_unavailable`: how many members of a group may be away at once: a number, `10%` or `all`; None: the default,
    max(1, 10 %). `timeouts`: seconds by verb (create, update, delete).

    `canary`: the members that go first, as numbers or shares of the group, each with those before it; after each of
    them the rollout waits `pause` seconds. `order` is that of the members. `checks` are passed by each member before
    the next ones follow (model/gate.py). `drain` are the seconds that connections get to end after a machine takes no
    new requests. `on_failure`, of a member that does not pass: stop, continue with
    the others, or stop and roll_back its wave.
    `rollout` names what it rolls with, across blocks; empty where that is its group.
    `schedule`: the hours in which a machine runs (model/hours.py); empty where the file says it once for all.
    `snapshot_before`: the risks (model/safety.py) before which snapshots are taken of the disks at risk, that are kept
    for `snapshot_days`.
    """

    prevent_destroy: bool = False
    create_before_destroy: bool = False
    ignore_changes: tuple[str, ...] = ()
    additive: tuple[str, ...] = ()
    exclusive: tuple[str, ...] = ()
    on_image_change: Literal["replace", "reinstall", "ignore"] | None = None
    on_user_data_change: Literal["update", "replace", "ignore"] = "update"
    max_unavailable: str | None = None
    timeouts: tuple[tuple[str, float], ...] = ()
    canary: tuple[str, ...] = ()
    order: Literal["address", "reverse"] = "address"
    pause: float = 0.0
    drain: float = 30.0
    on_failure: Literal["stop", "continue", "roll_back"] = "stop"
    checks: tuple[Fields, ...] = ()
    rollout: str = ""
    schedule: str = ""
    snapshot_before: tuple[str, ...] = ()
    snapshot_days: int = DAYS

    def timeout(self, verb: str) -> float:
        return dict(self.timeouts).get(verb, DEFAULT_TIMEOUT)

    @property
    def safety_mark(self) -> str:
        """How many days a snapshot is kept that is taken before it goes; empty where none is. It is also a tag."""
        return str(self.snapshot_days) if DATA_LOSS in self.snapshot_before else ""

    def ignores(self, attribute: str) -> bool:
        """Whether `attribute` or a block above it is in ignore_changes, by its name or by a pattern."""
        return bool(self.ignore_changes) and any(matches(name, attribute) for name in self.ignore_changes)


class Resource(Struct, frozen=True):
    """What the YAML declares of one address, resolved: canonical values by attribute name.

    `attributes` holds declared attributes only. `name` is the cloud name it is to have; `name_is_managed` when the
    file declares it or its group's numbering needs it. `sources` knows where each attribute is written.
    """

    address: Address
    attributes: Values
    name: str
    name_is_managed: bool = False
    depends_on: tuple[Address, ...] = ()
    lifecycle: Lifecycle = msgspec.field(default_factory=Lifecycle)
    adopt: str | None = None
    source: SourceRange | None = None
    sources: Mapping[str, SourceRange] = msgspec.field(default_factory=dict)
    inherited: frozenset[str] = frozenset()
    _held: tuple[Values, tuple[tuple[str, object], ...]] | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Resource) and all(getattr(self, n) == getattr(other, n) for n in DECLARED)

    @property
    def held(self) -> tuple[tuple[str, object], ...]:
        """What its values hold beside texts and numbers, each with the attribute: references, look-ups, secrets, …

        Nearly all values are plain, and many stages ask: they are walked once, and kept with what is held. A copy has
        the same, until other values.
        """
        if self._held is None or self._held[0] is not self.attributes:
            found = [
                (name, leaf)
                for name, value in self.attributes.items()
                if type(value) not in PLAIN
                for leaf in leaves(value)
                if type(leaf) not in PLAIN
            ]
            force_setattr(self, "_held", (self.attributes, tuple(found)))
        return self._held[1] if self._held is not None else ()

    @property
    def refs(self) -> Iterator[tuple[str, Ref]]:
        """What it names of other resources, with the attribute, also in templates."""
        for name, leaf in self.held:
            if isinstance(leaf, Ref):
                yield name, leaf
            elif isinstance(leaf, Template):
                yield from ((name, ref) for ref in leaf.refs)

    @property
    def named(self) -> set[Address]:
        """The resources that it refers to."""
        return {ref.address for _, ref in self.refs}

    @property
    def rolls_with(self) -> Address:
        """What its waves are counted in: the rollout that the stack names, else its group."""
        return Address("rollout", self.lifecycle.rollout) if self.lifecycle.rollout else self.address.group

    def source_of(self, attribute: str) -> SourceRange | None:
        """The place of an attribute, or of the nearest thing around it."""
        while attribute:
            if attribute in self.sources:
                return self.sources[attribute]
            attribute = attribute.rpartition(".")[0]
        return self.source


DECLARED = tuple(name for name in Resource.__struct_fields__ if name != "_held")


class Owner(Struct, frozen=True):
    """Who owns an object, as its marks say. `address` is that of the resource: of a group where a batch shares one.

    `span` are the numbers of such a batch; None where the mark names one member, or an earlier version wrote it. A part
    has `part`; one that merely was born with the marks of its machine has not.
    """

    stack: str
    address: Address
    part: Part | None = None
    span: Span | None = None

    def is_part_of(self, kind: str) -> bool:
        """Whether an object of this kind is a part of the resource, and not the resource itself."""
        return self.part is not None or self.address.kind != kind


class RemoteObject(Struct, frozen=True):
    """One object of the cloud: which it is, and whose. What it is like, its facts and a LiveObject say.

    `owner` is None for what no stack made. `parent` is the id of the instance that a disk or interface is part of.
    `marks` are the texts of the marks that count for it, by name (model/marks.py). `applied` is the record of what was
    applied; None where it is missing, damaged or of a format that is not known.
    `unread` are attributes that the service could not tell of when it was asked: they differ from nothing.
    """

    kind: str
    id: str
    name: str
    status: str
    tags: Mapping[str, str] = msgspec.field(default_factory=dict)
    owner: Owner | None = None
    marks: Mapping[str, str] = msgspec.field(default_factory=dict)
    applied: Applied | None = None
    retired: bool = False
    is_protected: bool = False
    parent: str | None = None
    unread: frozenset[str] = frozenset()
    _answer: Raw = msgspec.field(default_factory=dict)

    def __repr__(self) -> str:
        """Without the answer: that may be long, and hold what is in no log."""
        return super(RemoteObject, replace(self, _answer={})).__repr__()

    @property
    def was_read(self) -> bool:
        """Whether it comes from an answer, and not from a saved plan or another tool's state."""
        return bool(self._answer)

    def fact(self, decoder: Decoder[T]) -> T:
        """What its answer tells of it."""
        return decoder.read(self._answer)


class Listed(RemoteObject, frozen=True):
    """One object as a list has it, its attributes not decoded: for inventory/, which alone sees answers."""

    @property
    def raw(self) -> Raw:
        return self._answer


class LiveObject(RemoteObject, frozen=True):
    """One object with its attributes: canonical values; one that the service does not tell is missing."""

    attributes: Values = msgspec.field(default_factory=dict)
