"""The NAT gateways of a VPC and its vSwitches: kept by no kind of ours, and in the way of their deletion."""

from collections.abc import Callable, Iterable

from ecsplan.model.algebra import Raw
from ecsplan.model.call import Product
from ecsplan.model.change import Action, Change
from ecsplan.model.inquiry import Inquiry
from ecsplan.model.kind import Paging

INTO = "nat_gateways"


def nat_gateways(lives_in: Callable[[Raw], str | None]) -> Inquiry:
    """`lives_in` is the id of what a gateway keeps from being deleted."""
    return Inquiry(
        INTO,
        "NAT gateways",
        "DescribeNatGateways",
        "NatGateways.NatGateway",
        wanted=_doomed,
        about=lambda raw: filter(None, (lives_in(raw),)),
        product=Product.VPC,
        paging=Paging.PAGE,
        page_size=50,
        holders=_holders,
    )


def _doomed(change: Change) -> Iterable[str]:
    return (change.before.id,) if change.action in (Action.DELETE, Action.REPLACE) and change.before is not None else ()


def _holders(change: Change, told: tuple[Raw, ...]) -> Iterable[tuple[str, str, str]]:
    for raw in told:
        if raw.get("Status") != "Deleting":
            yield "NAT gateway", str(raw.get("NatGatewayId")), str(raw.get("Name") or "")
