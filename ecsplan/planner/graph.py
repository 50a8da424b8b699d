"""The graph of a plan: which step runs before which, and why.

Nodes are the ids of steps and of barriers. A barrier does nothing: what waits for all of a group waits for one node
that waits for its members, an edge for each of them instead of one for each pair. An edge a → b means that a runs
before b: b needs that a is done, or, where b closes a window, only that a has ended, well or not.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from ecsplan.model.plan import CLOSES, Plan, StepId
from ecsplan.planner.net import Net, numbered

if TYPE_CHECKING:
    from networkx import DiGraph


class Why(Enum):
    """Why the later step waits for the earlier one."""

    CHAIN = "the steps of one change follow each other"
    CLOSES = CLOSES
    REFERS = "refers to it"
    JOINS = "joins it when it is finished"
    DEPENDS = "depends_on"
    MADE_FROM = "is changed only after the other is made from it"
    CHANGED_FIRST = "takes it up after it is changed"
    HOLDS = "is deleted after what holds it"
    SUCCEEDS = "goes when what comes in its place is there"
    LEAVES = "leaves it when it is off"
    FREES = "takes a value that two cannot have at once"
    FITS = "is not changed before what lies outside of it is gone"
    HANDS_OVER = "takes what one alone can hold"
    OPENS_FIRST = "closes after the other has opened"
    WAVE = "waits for the wave before"
    GATE = "waits for the checks of the machine"
    KEPT = "waits for the snapshot of what it may lose"


Edge = tuple[StepId, StepId, Why, str]
"""The later step, the earlier one, why, and the attribute that it is about."""


class _Because(NamedTuple):
    why: Why
    about: str
    needed: bool


class Graph:
    """Edges between steps, each with its reason: `why`, and the attribute that it is `about` where there is one."""

    def __init__(self) -> None:
        self.net: Net[StepId, _Because] = Net()
        self.preferred: list[Edge] = []

    def add(self, step: StepId) -> None:
        self.net.add(step)

    def need(self, later: StepId, earlier: StepId, why: Why, about: str = "") -> None:
        """The first reason for an edge is kept."""
        # An edge that only closes a window is replaced: "needed" is the stronger of the two, as a failure then holds
        # the later step back.
        if later != earlier and not (self.net.has(earlier, later) and self.net.succ[earlier][later].needed):
            self.net.connect(earlier, later, _Because(why, about, True))

    def need_all(self, later: StepId, earlier: Iterable[StepId], why: Why) -> None:
        for step in earlier:
            self.need(later, step, why)

    def follow(self, later: StepId, earlier: Iterable[StepId]) -> None:
        """A step that closes a window runs once others have ended, well or not."""
        for step in earlier:
            if not self.net.has(step, later):
                self.net.connect(step, later, _Because(Why.CLOSES, "", False))

    def prefer(self, later: StepId, earlier: StepId, why: Why, about: str = "") -> None:
        """An edge that `settle` adds if no steps wait for each other by it."""
        self.preferred.append((later, earlier, why, about))

    def needs(self, step: StepId) -> list[StepId]:
        """What has to be done right before a step."""
        return [earlier for earlier, edge in self.net.pred[step].items() if edge.needed]

    def reasons(self, step: StepId) -> dict[StepId, str]:
        """What has to be done right before a step, and why."""
        edges = ((earlier, edge) for earlier, edge in self.net.pred[step].items() if edge.needed)
        return {earlier: told(edge.why, edge.about) for earlier, edge in edges}

    def comes_after(self, step: StepId) -> Collection[StepId]:
        """What has to have ended right before a step, done or not."""
        return self.net.pred[step].keys()

    def followers(self, step: StepId) -> list[StepId]:
        """What needs a step to be done right before it."""
        return [later for later, edge in self.net.succ[step].items() if edge.needed]

    def heads(self, steps: Collection[StepId]) -> list[StepId]:
        """Those of some steps that wait for none of them."""
        inside = set(steps)
        return [step for step in steps if inside.isdisjoint(self.comes_after(step))]

    def tails(self, steps: Collection[StepId]) -> list[StepId]:
        """Those of some steps that none of them needs."""
        inside = set(steps)
        return [s for s in steps if not any(edge.needed for t, edge in self.net.succ[s].items() if t in inside)]

    def all_after(self, steps: Iterable[StepId]) -> set[StepId]:
        """All that waits for some steps, by whatever way, those themselves too."""
        found = set(steps)
        todo = list(found)
        while todo:
            fresh = [step for step in self.net.succ[todo.pop()] if step not in found]
            found.update(fresh)
            todo += fresh
        return found

    def in_order(self, members: Mapping[StepId, int], count: int) -> list[int]:
        """Numbers from 0 as they are; but one of whose steps another's waits for comes before that one.

        `members` gives the steps of each. Those that wait for each other cannot be told apart: the lowest goes first.
        """
        whole: Net[int | StepId, None] = Net()
        for number in range(count):
            whole.add(number)
        for earlier, later, _ in self.net.edges():
            one, other = members.get(earlier, earlier), members.get(later, later)
            if one != other:
                whole.connect(one, other, None)
        # Steps that wait for each other are one node here: a group in a cycle keeps its place among the others, and the
        # cycle itself is reported elsewhere (knots.py), with its reasons.
        knots, numbers = _condensed(whole)
        waiting = {knot: len(before) for knot, before in knots.pred.items()}
        ready: list[tuple[int, int]] = []

        def make_ready(knot: int) -> None:
            heappush(ready, (numbers[knot][0] if numbers[knot] else -1, knot))

        for knot, left in waiting.items():
            if not left:
                make_ready(knot)
        found: list[int] = []
        while ready:
            _, knot = heappop(ready)
            found += numbers[knot]
            for other in knots.succ[knot]:
                waiting[other] -= 1
                if not waiting[other]:
                    make_ready(other)
        return found

    def settle(self) -> None:
        """Adds what was preferred, but for what lies on a cycle then."""
        # Preferences are wishes (a new machine before the old one goes). All are tried together, and on a cycle all of
        # them give way at once: which one was added first must not decide, else the same plan would come out in two
        # orders.
        added = [one for one in self.preferred if not self.net.has(one[1], one[0])]
        self.preferred.clear()
        for one in added:
            self.need(*one)
        knots = numbered(self.knots() if added else ())
        for later, earlier, _, _ in added if knots else ():
            if later in knots and knots[later] == knots.get(earlier) and self.net.has(earlier, later):
                self.net.cut(earlier, later)

    def knots(self) -> list[set[StepId]]:
        """The steps that wait for each other, in sets."""
        # A topological order that has every step proves that there is no cycle; components are needed only where it
        # falls short.
        if len(self.net.in_order()) == len(self.net.succ):  # nearly always, and told in half the time
            return []
        return [knot for knot in self.net.components() if len(knot) > 1]

    def edges_in(self, knot: Collection[StepId]) -> list[Edge]:
        """The edges among some steps, in the same order in every run."""
        inside = self.net.edges_among(knot)
        found = [(later, earlier, edge.why, edge.about) for earlier, later, edge in inside]
        return sorted(found, key=lambda edge: (edge[0], edge[1]))

    def path(self, first: StepId, last: StepId) -> list[StepId]:
        """A shortest way along the edges from one step to another that waits for it."""
        return self.net.path(first, last)

    def cut(self, later: StepId, earlier: StepId) -> None:
        self.net.cut(earlier, later)

    def generations(self, barriers: Collection[StepId]) -> list[list[StepId]]:
        """Steps by how many must run before them; within a generation none waits for another. There is no cycle here.

        Barriers count for nothing, and stand at the beginning of the generation that waits for them, in their order.
        """
        place: dict[StepId, int] = {}
        found: dict[int, tuple[list[StepId], list[StepId]]] = {}
        for step in self.net.in_order():
            # A barrier stands for "all members of a group" and sends nothing: counted as a generation, it would delay
            # by one round what could be sent in the same call.
            before = (place[earlier] + (earlier not in barriers) for earlier in self.comes_after(step))
            place[step] = max(before, default=0)
            found.setdefault(place[step], ([], []))[step not in barriers].append(step)
        return [[*found[number][0], *sorted(found[number][1])] for number in sorted(found)]

    def merged(self, became: Mapping[StepId, StepId]) -> "Graph":
        """The graph of the steps that several of these have become."""
        found = Graph()
        for step in became.values():
            found.add(step)
        for earlier, later, edge in self.net.edges():
            # Steps of one call fall together, and an edge between them falls away with it: a call needs no order in
            # itself.
            if edge.needed:
                found.need(became[later], became[earlier], edge.why, edge.about)
            elif became[later] != became[earlier]:
                found.follow(became[later], (became[earlier],))
        return found


def _condensed(whole: "Net[int | StepId, None]") -> tuple[Net[int, None], dict[int, list[int]]]:
    """The graph of the knots of a graph, and the numbers that each has, the lowest first."""
    number = numbered(whole.components())
    knots: Net[int, None] = Net()
    numbers: dict[int, list[int]] = {knot: [] for knot in number.values()}
    for node, knot in number.items():
        knots.add(knot)
        if isinstance(node, int):
            numbers[knot].append(node)
    for one, other, _ in whole.edges():
        if number[one] != number[other]:
            knots.connect(number[one], number[other], None)
    return knots, {knot: sorted(found) for knot, found in numbers.items()}


def told(why: Why, about: str) -> str:
    """A reason for a reader: `refers to it (vswitch)`."""
    return f"{why.value} ({about})" if about else why.value


PlanGraph: TypeAlias = "DiGraph[StepId]"


def graph_of(plan: Plan) -> PlanGraph:
    """The graph of a plan: each node has its `step`, each edge from the earlier to the later one its `why`.

    `needed` is false for what must only have ended, done or not. An edge runs in the direction of time.
    """
    import networkx  # it takes longer to load than many a plan to make

    found: PlanGraph = networkx.DiGraph()
    for step in plan.steps:
        found.add_node(step.id, step=step)
    for edge in plan.edges:
        found.add_edge(edge.earlier, edge.later, why=edge.why, needed=edge.is_needed)
    return found
