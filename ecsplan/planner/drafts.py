"""Steps in the making, and all of them that a plan has. Filled by steps.py and window.py, read by order.py."""

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from ecsplan.model.address import Address
from ecsplan.model.asking import Probe
from ecsplan.model.attribute import Impact
from ecsplan.model.call import Call
from ecsplan.model.capabilities.ordering import ordering
from ecsplan.model.change import Change
from ecsplan.model.gate import Gate
from ecsplan.model.kind import Kind, Kinds, Update
from ecsplan.model.plan import BRIEF, Closing, Step, StepId
from ecsplan.model.resource import Resource
from ecsplan.planner.graph import Graph, Why
from ecsplan.planner.recording import BirthRecords


class Draft(Struct):
    """A step in the making; what it waits for stands in the Graph. `wave` numbers the batches of a rolling change.

    One that `closes` a window has the fields of a Closing. Without calls it is a barrier. `is_last_release`: it takes
    names of others that go out of a list, once nothing needs them any more (the rules of a group).
    """

    id: StepId
    addresses: tuple[Address, ...]
    calls: tuple[Call, ...]
    lane: str | None = None
    impacts: frozenset[Impact] = frozenset()
    wave: int = 0
    seconds: float = 1.0
    timeout: float = 1200.0
    question: Probe | None = None
    sets: tuple[str, ...] = ()
    closes: bool = False
    after: set[StepId] = field(default_factory=set)
    opened_by: set[StepId] = field(default_factory=set)
    unless: set[StepId] = field(default_factory=set)
    is_last_release: bool = False
    gate: Gate | None = None

    def frozen(self, needs: Mapping[StepId, str]) -> Step:
        """`needs` has the reason of each."""
        closing = Closing(*(tuple(sorted(found)) for found in (self.after, self.opened_by, self.unless)))
        return Step(
            self.id,
            self.addresses,
            self.calls,
            tuple(sorted(needs)),
            self.lane,
            self.impacts,
            self.wave,
            self.seconds,
            self.timeout,
            closing if self.closes else None,
            self.question,
            self.sets,
            tuple(needs[step] for step in sorted(needs)),
            self.gate,
        )


class Work(Struct):
    """All drafts of a plan by address and verb, in the order in which a change's own steps follow each other.

    `graph` has what each waits for.
    """

    kinds: Kinds
    declared: Mapping[Address, Resource]
    region: str = ""
    last: Mapping[Address, int] = field(default_factory=dict)  # the highest number in each group
    graph: Graph = field(default_factory=Graph)
    drafts: dict[StepId, Draft] = field(default_factory=dict)
    of: dict[Address, list[Draft]] = field(default_factory=dict)
    counts: Counter[tuple[Address, str]] = field(default_factory=Counter)
    birth_records: BirthRecords = field(default_factory=BirthRecords)

    def add(
        self,
        change: Change,
        verb: str,
        call: Call,
        update: Update | None = None,
        seconds: float = 1.0,
        sets: Iterable[str] = (),
    ) -> Draft:
        """One more step of a change; `sets` are the attributes that it sets."""
        draft = self._added(
            change,
            verb,
            (call,),
            lane=_lane(self.kinds[call.kind], change, call),
            impacts=change.impacts if update is not None and update.needs_status else frozenset(),
            seconds=update.seconds if update else seconds,
        )
        draft.sets = tuple(sets)
        return draft

    def ask(self, change: Change, question: Probe) -> Draft:
        """A step that asks whether the change would be carried out."""
        draft = self._added(change, "check", question.calls, lane=None, impacts=frozenset(), seconds=0.5)
        draft.question = question
        return draft

    def pause(self, change: Change, verb: str, seconds: float) -> Draft:
        """A step that only waits."""
        draft = self._added(change, verb, (), lane=None, impacts=frozenset(), seconds=seconds)
        draft.gate = Gate(pause=seconds)
        return draft

    def _added(
        self,
        change: Change,
        verb: str,
        calls: tuple[Call, ...],
        *,
        lane: str | None,
        impacts: frozenset[Impact],
        seconds: float,
    ) -> Draft:
        chain = self.of.setdefault(change.address, [])
        number = self.counts[change.address, verb]
        self.counts[change.address, verb] += 1
        resource = self.declared.get(change.address)
        timeout = resource.lifecycle.timeout(_timeout_verb(verb)) if resource else 1200.0
        name = StepId(str(change.address), verb, number)
        draft = Draft(name, (change.address,), calls, lane=lane, impacts=impacts, seconds=seconds, timeout=timeout)
        chain.append(draft)
        self.drafts[draft.id] = draft
        self.graph.add(draft.id)
        return draft

    def chain(self, drafts: Iterable[Draft]) -> None:
        """Each needs the one before it. One that closes a window needs none: it runs though they fail; but what
        comes after it needs both."""
        before: list[StepId] = []
        for draft in drafts:
            if draft.closes:
                before = [*before, draft.id]
            else:
                self.graph.need_all(draft.id, before, Why.CHAIN)
                before = [draft.id]

    def close(
        self,
        draft: Draft,
        after: Iterable[StepId] = (),
        opened_by: Iterable[StepId] = (),
        unless: Iterable[StepId] = (),
    ) -> None:
        """Makes a step close a window; see Closing."""
        draft.closes = True
        draft.after, draft.opened_by, draft.unless = set(after), set(opened_by), set(unless)
        self.graph.follow(draft.id, sorted(draft.after | draft.opened_by))

    def close_after(self, steps: Iterable[StepId], other: StepId, why: Why) -> None:
        """Closing steps that need another one besides."""
        for step in steps:
            self.drafts[step].after.add(other)
            self.graph.need(step, other, why)

    def barrier(self, group: Address, verb: str, number: int, before: Iterable[StepId], why: Why) -> StepId:
        """A step that does nothing, after all of `before`: one edge to it stands for one to each of them."""
        barrier = StepId(str(group), verb, number)
        self.drafts[barrier] = Draft(barrier, (group,), (), seconds=0.0)
        self.graph.add(barrier)
        self.graph.need_all(barrier, before, why)
        return barrier


def _timeout_verb(verb: str) -> str:
    return {"create": "create", "finish": "create", "delete": "delete", "release": "delete"}.get(verb, "update")


def _lane(kind: Kind, change: Change, call: Call) -> str | None:
    """Writes to vSwitches and routes of one VPC must not overlap."""
    order = ordering(kind)
    if order.lane_of is not None:
        found = order.lane_of(call)
    else:
        value = change.desired(order.lane) or change.live(order.lane) if order.lane else None
        found = f"{order.lane} {value}" if value is not None else None
    return BRIEF + found if found is not None and order.is_brief else found
