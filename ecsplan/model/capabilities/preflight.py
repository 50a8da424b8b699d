"""What is known to fail before anything is changed. Asked for by plan/hindered.py, plan/held.py and inventory/."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecsplan.model.capability import Capability
from ecsplan.model.inquiry import Inquiry
from ecsplan.model.kind import Kind, Live

if TYPE_CHECKING:
    from ecsplan.model.change import Change


def _nothing(*_: object) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Preflight(Capability):
    """`inquiries` are reads for what changes. `hindered` says why the service would refuse a change, by what is live
    and by what the inquiries told, `timely` by the service's clock, `noted` what a reader of the plan should know
    besides.
    """

    inquiries: tuple[Inquiry, ...] = ()
    hindered: Callable[["Change", Live], Iterable[str]] = _nothing
    timely: Callable[["Change", float], Iterable[str]] = _nothing
    noted: Callable[["Change"], Iterable[str]] = _nothing


_NONE = Preflight()


def preflight(kind: Kind) -> Preflight:
    """That of a kind, which says nothing where it has none."""
    return kind.capability(Preflight) or _NONE
