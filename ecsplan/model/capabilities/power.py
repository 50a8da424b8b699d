"""Being stopped and started. Asked for by planner/window.py, planner/marks.py, render/explain.py and others."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec import field

from ecsplan.model.call import Params
from ecsplan.model.capability import Capability
from ecsplan.model.kind import Kind, Update
from ecsplan.model.power import Order, Verb

if TYPE_CHECKING:
    from ecsplan.model.change import Change
    from ecsplan.model.resource import Resource


class Power(Capability, frozen=True):
    """How objects of a kind are stopped and started, and the attribute (`state`) that asks for it.

    `stopping(change, is_brief)` are more parameters of a stop; `is_brief`: a start follows. `note(resource)` says how
    it will be off, where the file asks for that. `ordered(order)` are the parameters of what a person asks for by hand.
    `when_off` are attributes that say how it is off.
    `on_the_way` is the status of an object that is being started, or stopped, already.
    """

    attribute: str
    running: str  # the status
    stopped: str
    start: Update
    stop: Update
    reboot: Update | None = None
    stopping: Callable[["Change", bool], Params] | None = None
    ordered: Callable[[Order], Params] = lambda order: {}
    on_the_way: Mapping[Verb, str] = field(default_factory=dict)
    note: Callable[["Resource"], str] | None = None
    when_off: tuple[str, ...] = ()

    def way(self, verb: Verb) -> Update:
        """How a person's order is carried out."""
        found = {Verb.START: self.start, Verb.STOP: self.stop, Verb.REBOOT: self.reboot}[verb]
        assert found is not None
        return found

    def target(self, verb: Verb) -> str:
        """The status that it leads to."""
        return self.stopped if verb is Verb.STOP else self.running

    def sets(self) -> Iterable[str]:
        return (self.attribute,)

    def faults(self, kind: Kind) -> Iterable[str]:
        if kind.listing.status == "":
            yield "its objects are stopped and started, and its listing names no status"
