"""Serving behind balancers: what is drained before a machine goes away for a while, or for good.

Asked for by planner/draining.py and planner/gating.py.
"""

from collections.abc import Callable, Iterable
from typing import Any

from ecsplan.model.algebra import Raw
from ecsplan.model.capability import Capability
from ecsplan.model.kind import Kind


class Serving(Capability, frozen=True):
    """`attributes` say in which server groups an object is. `drained` makes of a value the same without new requests:
    all weights 0. `leaving(name, before, after)` is the value before, with weight 0 where the value after has no such
    member. `within` names the machine that an object serves from in its own name; empty for a machine. `others` are the
    ids of what may serve in its own name from a live machine.
    """

    attributes: tuple[str, ...]
    drained: Callable[[Any], Any]
    leaving: Callable[[str, Any, Any], Any]
    within: str = ""
    others: Callable[[Raw], Iterable[str]] = lambda raw: ()

    def faults(self, kind: Kind) -> Iterable[str]:
        known = {attribute.name for attribute in kind.attributes}
        named = (*self.attributes, *([self.within] if self.within else ()))
        unknown = [name for name in named if name not in known]
        yield from (f"it serves by {name}, which is none of its attributes" for name in unknown)
