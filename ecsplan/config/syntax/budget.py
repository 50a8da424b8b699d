"""Limits on loading one stack, so that no file, however written, holds a reader for minutes or fills memory.

Bounds on single texts and expressions stand where these are read; these are sums over the whole load. Each is far
above what a stack of 10,000 machines needs.
"""

from msgspec import Struct, field

from ecsplan.config.syntax.nodes import Node

LIMITS = {
    "values": (3_000_000, "values in its files"),
    "resources": (100_000, "resources"),
    "characters": (100_000_000, "characters in the strings that it makes"),
    "steps": (10_000_000, "steps in the expressions that it evaluates"),
}


class OverBudget(Exception):
    """A stack is too large to be read; `node` is the value at which that was seen."""

    def __init__(self, what: str) -> None:
        limit, words = LIMITS[what]
        self.summary, self.detail = f"the stack has more than {limit:,} {words}", "split it into several stacks"
        self.node: Node | None = None
        super().__init__(self.summary)


class Budget(Struct):
    """What is left of each limit."""

    left: dict[str, int] = field(default_factory=lambda: {what: limit for what, (limit, _) in LIMITS.items()})

    def take(self, what: str, amount: int) -> None:
        """Raises OverBudget where there is not so much left."""
        self.left[what] -= amount
        if self.left[what] < 0:
            raise OverBudget(what)
