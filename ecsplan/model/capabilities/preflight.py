"""Failures that are known before anything is changed. Asked for by planner/ and inventory/."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from ecsplan.model.capability import Capability
from ecsplan.model.inquiry import Inquiry
from ecsplan.model.kind import Kind, Live

if TYPE_CHECKING:
    from ecsplan.model.address import Address
    from ecsplan.model.change import Change
    from ecsplan.model.preflight import Need
    from ecsplan.model.resource import Resource


def _nothing(*_: object) -> tuple[()]:
    return ()


class Preflight(Capability, frozen=True):
    """`inquiries` are reads for what changes. `hindered` says why the service would refuse a change, by what is live
    and by what the inquiries told, `timely` by the service's clock, `noted` what a reader of the plan should know
    besides, `needs` what the service must have for it.
    """

    inquiries: tuple[Inquiry, ...] = ()
    hindered: Callable[["Change", Live], Iterable[str]] = _nothing
    timely: Callable[["Change", float], Iterable[str]] = _nothing
    noted: Callable[["Change"], Iterable[str]] = _nothing
    needs: Callable[["Change", Mapping["Address", "Resource"]], Iterable["Need"]] = _nothing


_NONE = Preflight()


def preflight(kind: Kind) -> Preflight:
    """That of a kind, which says nothing where it has none."""
    return kind.capability(Preflight) or _NONE
