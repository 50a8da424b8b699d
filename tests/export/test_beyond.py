"""Where something can be asked for and is told, and no attribute says it, export names it: by the documented fields."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import ecsplan.kinds
from ecsplan.emulator import contract
from ecsplan.export.document import export
from ecsplan.model.capabilities.exporting import exporting
from ecsplan.model.kind import Kind
from ecsplan.model.resource import LiveObject
from tests.kinds.cloud import KINDS

SOURCES = "".join(path.read_text(encoding="utf-8") for path in Path(ecsplan.kinds.__file__).parent.glob("*.py"))
# Told of every object alike, or no setting of its own: field, and why no export speaks of it.
NO_SETTING = {
    "disk.EnableAutoSnapshot": "of an older way: a policy is what counts",
    "disk.Throughput": "what its category and size come to",
    "eip.InstanceRegionId": "of Global Accelerators alone",
    "image.SecureBootSupport": "what the source of the image supports",
    "instance.Configured": "hibernation is not public",
    "instance.NestedVirtualization": "not public",
    "instance.Numa": "no longer used",
    "instance.Recyclable": "not public",
    "network_acl.NetworkAclEntryId": "which rule it is, not what it says",
    "network_interface.QueuePairNumber": "not public",
    "snapshot_group.InstantAccessRetentionDays": "no longer used",
    "vpc.Ipv6Isp": "BGP, but for accounts that may have single lines",
    "RegionId": "the region of the stack",
    "eip.Netmode": "only public is ever answered",
    "nat_gateway.Spec": "of gateways of an earlier form, which nobody can make",
    "nat_gateway.AvailabilityMode": "what the gateway was made as",
    "snapshot.InstantAccessRetentionDays": "goes with instant access, which is named",
}


def leaves(shape: Any) -> Iterator[str]:
    """The names of all values in a shape, at whatever depth."""
    inner = shape[0] if isinstance(shape, list) else shape
    members = inner.types if isinstance(inner, contract.Fields) else inner
    for name, value in members.items() if isinstance(members, Mapping) else ():
        if isinstance(value, contract.Fields | list | Mapping) and not isinstance(value, str):
            found = list(leaves(value))
            yield from found or [name]
        else:
            yield name


def asked(kind: Kind) -> set[str]:
    """What the calls that make and change it take."""
    calls = [(kind.create.product or kind.product, kind.create.operation)]
    calls += [(update.product or kind.product, update.operation) for update in kind.updates if update.operation]
    known = [contract.find(product.value, operation) for product, operation in calls]
    return {name for one in known if one is not None for name in leaves(one.request)}


def untold(kind: Kind) -> set[str]:
    """What the list tells and a call takes by the same name, and no file of kinds mentions."""
    listing = contract.find(kind.listing.product.value, kind.listing.operation)
    assert listing is not None
    fields: Any = listing.response
    for step in kind.listing.items.split("."):
        fields = fields[step]
    return {name for name in set(leaves(fields)) & asked(kind) if not re.search(rf"\b{name}\b", SOURCES)}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_can_be_asked_for_and_is_read_is_an_attribute_or_named_by_export(kind: Kind) -> None:
    """Whether an answer keeps it or drops it, at whatever depth, and whichever call takes it."""
    left = {name for name in untold(kind) if name not in NO_SETTING and f"{kind.name}.{name}" not in NO_SETTING}
    assert left == set()


BEYOND = [(kind, name) for kind in KINDS.values() for name in exporting(kind).beyond]


@pytest.mark.parametrize(("kind", "name"), BEYOND, ids=[f"{kind.name}.{name}" for kind, name in BEYOND])
def test_export_names_what_no_attribute_says(kind: Kind, name: str) -> None:
    raw: object = "something"
    for step in reversed(exporting(kind).beyond[name].split(".")):
        raw = {step: raw}
    assert isinstance(raw, dict)
    values = {a.name: a.samples[0] if a.samples else "x" for a in kind.attributes if a.required}
    obj = LiveObject(kind.name, "x-1", "web", "Available", attributes=values, _answer=raw)
    left = export((obj,), (), KINDS, "shop", "cn-hangzhou").left_out
    assert name in {one.attribute for one in left}


def test_no_reason_is_older_than_what_it_is_for() -> None:
    left = {name if name in NO_SETTING else f"{kind.name}.{name}" for kind in KINDS.values() for name in untold(kind)}
    assert set(NO_SETTING) == left
