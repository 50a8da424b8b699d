"""EIPs that are paid for ahead. Used by eip.py. VPC 2016-04-28: AllocateEipAddress, InstanceChargeType PrePaid.

What is so of a subscription: it is paid by bandwidth, is made without a name and a description, changes in nothing that
ModifyEipAddressAttribute changes, and is released by its end alone. No public action makes one of a pay-as-you-go
address, ends one, or renews one.
"""

from collections.abc import Iterable, Iterator, Mapping

from ecsplan.kinds._limits import rule, types_of
from ecsplan.kinds._shared import name as shared_name
from ecsplan.model.address import Address
from ecsplan.model.algebra import Raw, Value, whole
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Params
from ecsplan.model.change import Action, Change, Purchase
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Boolean, Choice, Text

of = types_of("eip")

SUBSCRIPTION, NAMES = "subscription", ("subscription", "period", "period_unit")
UNNAMED = {"name": "", "description": ""}  # what the create call does not take
FIXED = ("name", "description", "bandwidth")

ATTRIBUTES = (
    Attribute(SUBSCRIPTION, "InstanceChargeType", Boolean("PrePaid", "PostPaid"), "Whether it is paid for ahead; it "
              "stays what it was made as.", read_as="ChargeType", fixed="refuse",
              samples=(False, True), samples_with={"charge_type": None}),
    Attribute("period", "Period", of("period"), "For a subscription: how many period units are bought; 1 if left out.",
              read_as=False, only_at_birth=True, unsampled="it only says how it is made; test_eip_terms.py buys some"),
    Attribute("period_unit", "PricingCycle", Choice("Month", "Year"), "For a subscription: Month if left out.",
              read_as=False, only_at_birth=True, unsampled="it only says how it is made; test_eip_terms.py buys some"),
)  # fmt: skip


class Named(Text):
    """A subscription may have none, and takes none."""

    __slots__ = ()

    def matches(self, desired: Value, live: Value) -> bool:
        return live is None or desired == live


def named(raw: Raw) -> object:
    return raw.get("Name") or (None if raw.get("ChargeType") == "PrePaid" else "")


_form = rule("eip.name")
NAME = replace(shared_name("eip", "Name"), read_as=named, type=Named(_form.low, _form.high, _form.form, _form.rule))


def order(resource: Resource) -> Params:
    """AutoPay is required, and false would leave an order that makes nothing."""
    if not resource.attributes.get(SUBSCRIPTION):
        return {"Period": None, "PricingCycle": None}
    found = resource.attributes
    return {
        "InternetChargeType": "PayByBandwidth", "Period": found.get("period", 1),
        "PricingCycle": found.get("period_unit", "Month"), "AutoPay": True,
    }  # fmt: skip


def checks(resource: Resource, everything: Mapping[Address, Resource]) -> Iterator[Diagnostic]:
    found = resource.attributes
    if found.get(SUBSCRIPTION) and found.get("charge_type") == "PayByTraffic":
        yield _wrong(resource, "charge_type", "a subscription is paid by bandwidth",
                     "write charge_type: PayByBandwidth, or remove subscription")  # fmt: skip
    if found.get(SUBSCRIPTION) and found.get("convert_public_ip"):
        yield _wrong(resource, SUBSCRIPTION, "an address of an instance's own becomes a pay-as-you-go EIP",
                     "remove subscription, or convert_public_ip")  # fmt: skip
    if found.get(SUBSCRIPTION) and found.get("bandwidth_package") is not None:
        yield _wrong(resource, "bandwidth_package", "a shared bandwidth takes pay-as-you-go addresses alone",
                     "remove bandwidth_package, or subscription")  # fmt: skip
    for name in NAMES[1:]:
        if found.get(name) is not None and found.get(SUBSCRIPTION) is False:
            yield _wrong(resource, name, f"{name} is for subscription: true", f"remove {name}")


def _wrong(resource: Resource, name: str, what: str, instead: str) -> Diagnostic:
    return Diagnostic(what, instead, resource.source_of(name), resource.address, rule=Rule.COMBINATION)


def hindered(change: Change) -> Iterable[str]:
    """By the calls, which take all of it for pay-as-you-go addresses alone."""
    if change.action in (Action.CREATE, Action.REPLACE) and change.desired(SUBSCRIPTION):
        for name in ("name", "description"):
            if change.after is not None and name in change.after.sources:  # members of a group are named without it
                yield f"{name}: a subscription is made without one; remove the line, its tags say whose it is"
    elif change.action is not Action.DELETE and change.live(SUBSCRIPTION):
        for name in FIXED:
            if name in change.attributes_by_name:
                yield f"{name} of a subscription is changed in the console alone; take over what is there"


def purchase(change: Change) -> Purchase | None:
    """What a new one buys at once."""
    if change.action not in (Action.CREATE, Action.REPLACE) or not change.desired(SUBSCRIPTION):
        return None
    count, unit = whole(change.desired("period")) or 1, str(change.desired("period_unit") or "Month")
    months = count * 12 if unit == "Year" else count
    return Purchase(f"{count} {unit.lower()}{'s' if count != 1 else ''}", months)
