"""A directed graph, and what planner/graph.py asks of one. Pure.

A library for graphs takes longer to load than a plan of a hundred machines takes to make.
"""

from collections import deque
from collections.abc import Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Node = TypeVar("Node", bound=Hashable)
Label = TypeVar("Label")


@dataclass(slots=True)
class Net(Generic[Node, Label]):
    """`succ` has the edges by their beginning, `pred` the same by their end; both in the order in which they came."""

    succ: dict[Node, dict[Node, Label]] = field(default_factory=dict)
    pred: dict[Node, dict[Node, Label]] = field(default_factory=dict)

    def add(self, node: Node) -> None:
        self.succ.setdefault(node, {})
        self.pred.setdefault(node, {})

    def connect(self, one: Node, other: Node, label: Label) -> None:
        """An edge from one to the other; a second one takes the place of the first."""
        self.add(one)
        self.add(other)
        self.succ[one][other] = self.pred[other][one] = label

    def cut(self, one: Node, other: Node) -> None:
        del self.succ[one][other], self.pred[other][one]

    def has(self, one: Node, other: Node) -> bool:
        return other in self.succ.get(one, ())

    def edges(self) -> Iterator[tuple[Node, Node, Label]]:
        return ((one, other, label) for one, found in self.succ.items() for other, label in found.items())

    def edges_among(self, nodes: Collection[Node]) -> Iterator[tuple[Node, Node, Label]]:
        inside = set(nodes)
        for one in self.succ:
            if one in inside:
                yield from ((one, other, label) for other, label in self.succ[one].items() if other in inside)

    def in_order(self) -> list[Node]:
        """Every node after those from which an edge leads to it; without those that lie on a cycle, or behind one."""
        waiting = {node: len(before) for node, before in self.pred.items() if before}
        found = [node for node, before in self.pred.items() if not before]
        for node in found:  # grows
            for other in self.succ[node]:
                waiting[other] -= 1
                if not waiting[other]:
                    del waiting[other]
                    found.append(other)
        return found

    def components(self) -> Iterator[set[Node]]:
        """Nodes that lead to each other, in sets, each after those that it leads to (Tarjan, without recursion)."""
        number: dict[Node, int] = {}
        lowest: dict[Node, int] = {}
        open_: dict[Node, None] = {}  # visited, and of no component yet
        for root in self.succ:
            if root in number:
                continue
            path: list[tuple[Node, Iterator[Node]]] = []
            self._enter(root, path, number, lowest, open_)
            while path:
                node, left = path[-1]
                other = next(left, None)
                if other is not None and other not in number:
                    self._enter(other, path, number, lowest, open_)
                elif other is not None:
                    if other in open_:
                        lowest[node] = min(lowest[node], number[other])
                else:
                    path.pop()
                    if path:
                        lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[node])
                    if lowest[node] == number[node]:
                        yield _since(node, open_)

    def _enter(
        self,
        node: Node,
        path: list[tuple[Node, Iterator[Node]]],
        number: dict[Node, int],
        lowest: dict[Node, int],
        open_: dict[Node, None],
    ) -> None:
        number[node] = lowest[node] = len(number)
        open_[node] = None
        path.append((node, iter(self.succ[node])))

    def path(self, first: Node, last: Node) -> list[Node]:
        """A shortest way along the edges, both ends in it. KeyError where there is none."""
        came: dict[Node, Node | None] = {first: None}
        todo = deque([first])
        while last not in came and todo:
            node = todo.popleft()
            for other in self.succ[node]:
                if other not in came:
                    came[other] = node
                    todo.append(other)
        way: list[Node] = [last]
        while (before := came[way[-1]]) is not None:
            way.append(before)
        return way[::-1]


def _since(node: Node, open_: dict[Node, None]) -> set[Node]:
    """Takes out all that was visited since the node, and the node itself."""
    found: set[Node] = set()
    while node not in found:
        found.add(open_.popitem()[0])
    return found


def numbered(components: Iterable[set[Node]]) -> dict[Node, int]:
    return {node: number for number, component in enumerate(components) for node in component}
