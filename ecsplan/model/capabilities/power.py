"""Being stopped and started. Asked for by plan/window.py, plan/marks.py, render/explain.py and others."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecsplan.model.call import Params
from ecsplan.model.capability import Capability
from ecsplan.model.kind import Kind, Update

if TYPE_CHECKING:
    from ecsplan.model.change import Change
    from ecsplan.model.resource import Resource


@dataclass(frozen=True, slots=True)
class Power(Capability):
    """How objects of a kind are stopped and started, and the attribute (`state`) that asks for it.

    `stopping(change, is_brief)` are more parameters of a stop; `is_brief`: a start follows. `note(resource)` says how
    it will be off, where the file asks for that.
    """

    attribute: str
    running: str  # the status
    stopped: str
    start: Update
    stop: Update
    reboot: Update | None = None
    stopping: Callable[["Change", bool], Params] | None = None
    note: Callable[["Resource"], str] | None = None

    def sets(self) -> Iterable[str]:
        return (self.attribute,)

    def faults(self, kind: Kind) -> Iterable[str]:
        if kind.listing.status == "":
            yield "its objects are stopped and started, and its listing names no status"
