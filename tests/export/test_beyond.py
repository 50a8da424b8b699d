"""Where something can be asked for and is told, and no attribute says it, export names it: by the documented fields."""

import re
from pathlib import Path

import pytest

import ecsplan.kinds
from ecsplan.api.unread import UNREAD
from ecsplan.emulator import contract
from ecsplan.export.document import export
from ecsplan.model.capabilities.exporting import exporting
from ecsplan.model.kind import Kind
from ecsplan.model.resource import LiveObject
from tests.kinds.cloud import KINDS

SOURCES = "".join(path.read_text(encoding="utf-8") for path in Path(ecsplan.kinds.__file__).parent.glob("*.py"))
# Told of every object alike, or no setting of its own: field, and why no export speaks of it.
NO_SETTING = {
    "RegionId": "the region of the stack",
    "eip.Netmode": "only public is ever answered",
    "image.SecureBootOptions": "what the source of the image supports",
    "nat_gateway.Spec": "of gateways of an earlier form, which nobody can make",
    "nat_gateway.AccessMode": "of private links, which are named",
    "nat_gateway.AvailabilityMode": "what the gateway was made as",
    "snapshot.InstantAccessRetentionDays": "goes with instant access, which is named",
}


def untold(kind: Kind) -> set[str]:
    """Fields of the list that the create call takes by the same name, and no file of kinds mentions."""
    product = kind.listing.product.value
    listing, create = (contract.find(product, action) for action in (kind.listing.operation, kind.create.operation))
    assert listing is not None and create is not None
    fields = listing.response
    for step in kind.listing.items.split("."):
        fields = fields[step]
    shared = set(fields[0] if isinstance(fields, list) else fields) & set(create.request.types)
    dropped = UNREAD.get(kind.listing.operation, frozenset())
    return {name for name in shared - dropped if not re.search(rf"\b{name}\b", SOURCES)}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_can_be_asked_for_and_is_read_is_an_attribute_or_named_by_export(kind: Kind) -> None:
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
