"""Names of instance types, zones and public image families, held against a catalogue that comes with the product.

The catalogue has a date: the service may know more, so that an unknown name is a warning here. Used by the engine.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.diagnostic import Diagnostic, Hint, Severity
from ecsplan.model.kind import Kinds
from ecsplan.model.preflight import Image, Need, Sold
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Offer


class UnknownOffer(Struct, frozen=True):
    """A declared name that the catalogue does not have. `near` are names that it has."""

    resource: Resource
    attribute: str
    offer: Offer
    name: str
    near: tuple[str, ...]

    def diagnostic(self, why: str, severity: Severity = Severity.ERROR) -> Diagnostic:
        """`why` says who does not know the name."""
        summary = f"{self.attribute}: {self.name} {why}"
        hint = f"`ecsplan catalog {self.offer.listing}` lists what there is"
        if self.near:
            is_zone = self.offer is Offer.ZONE
            hint = f"zones: {', '.join(self.near)}" if is_zone else f"did you mean {_either(self.near)}?"
            alike = get_close_matches(self.name, self.near, 3, 0.75)
            hint = Hint(hint, self.name, dict.fromkeys((*alike, *self.near)))
        source = self.resource.source_of(self.attribute)
        return Diagnostic(summary, hint, source, self.resource.address, severity, rule=Rule.NOT_IN_CATALOGUE)


def built() -> str:
    """The date of the catalogue."""
    return str(_catalogue()["built"])


def zones() -> dict[str, tuple[str, ...]]:
    """The zones of each region."""
    return {region: tuple(found.split()) for region, found in _catalogue()["zones"].items()}


def unknown(resources: Iterable[Resource], region: str, kinds: Kinds) -> Iterator[UnknownOffer]:
    """Each name that is not in the catalogue, once."""
    told = set()
    for resource in resources:
        for attribute in kinds[resource.address.kind].attributes:
            found = attribute.type.offer(resource.attributes.get(attribute.name))
            if found is None or found in told:
                continue
            told.add(found)
            offer, name = found
            known = _names(offer, region)
            if known and name not in known:
                # A region has few zones: all of them are said.
                near = sorted(known) if offer is Offer.ZONE else get_close_matches(name, known, 3, 0.75)
                yield UnknownOffer(resource, attribute.name, offer, name, tuple(near))


def remarks(resources: Iterable[Resource], region: str, kinds: Kinds) -> list[Diagnostic]:
    """A warning for each unknown name."""
    why = f"is not in the catalogue of {built()}"
    return [one.diagnostic(why, Severity.WARNING) for one in unknown(resources, region, kinds)]


def misfits(needs: Iterable[Need], declared: Mapping[Address, Resource]) -> list[Diagnostic]:
    """A warning for what the catalogue says does not go together: a type and its disks, a type and its image."""
    found: dict[str, Diagnostic] = {}
    for need in needs:
        for attribute, why, detail in _against(need):
            summary = f"{attribute}: {why} (catalogue of {built()})"
            source = declared[need.address].source_of(attribute)
            found.setdefault(
                summary, Diagnostic(summary, detail, source, need.address, Severity.WARNING, rule=Rule.MISFIT)
            )
    return list(found.values())


def _against(need: Need) -> Iterator[tuple[str, str, str]]:
    """The attribute, what stands against it, and what would be right."""
    known = _catalogue()
    if isinstance(need, Sold):
        family = _family(need.instance_type)
        uses = [("system_disk.category", need.system_disk), *(("data_disks", name) for name in need.data_disks)]
        for attribute, category in uses:
            families = known["disk_families"].get(category, family).split()
            if category in known["retired_disks"].split():
                yield attribute, f"{category} disks are no longer sold", "write cloud_essd, or cloud_auto"
            elif family not in families:
                told = f"{category} disks go with {' and '.join(families)}, not with {need.instance_type}"
                yield attribute, told, "write cloud_essd, or cloud_auto, or another instance_type"
    elif isinstance(need, Image) and need.image.startswith("family:acs:"):
        is_arm = _family(need.instance_type) in known["arm_families"].split()
        if is_arm != ("arm64" in need.image):
            built_for, runs = ("x86_64", "ARM") if is_arm else ("arm64", "x86")
            image = need.image.removeprefix("family:")
            told = f"the family {image} is for {built_for}, and {need.instance_type} is {runs}"
            yield "image", told, "choose an image family, or an instance_type, of the other architecture"


def _family(instance_type: str) -> str:
    """`ecs.u1` of ecs.u1-c1m2.large."""
    return instance_type.rpartition(".")[0].partition("-")[0]


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)


@cache
def offered(offer: Offer, region: str) -> tuple[str, ...]:
    """The names that the catalogue has of something."""
    return tuple(_names(offer, region))


def _names(offer: Offer, region: str) -> Mapping[str, None]:
    """What the catalogue has; nothing where it cannot tell."""
    if offer is Offer.ZONE:
        return dict.fromkeys(zones().get(region, ()))
    if offer is Offer.IMAGE_FAMILY:
        return dict.fromkeys(_catalogue()["image_families"])
    sizes = _catalogue()["instance_types"].items()
    return dict.fromkeys(f"{family}.{size}" for family, found in sizes for size in found.split())


@cache
def _catalogue() -> Any:
    return json.loads(files("ecsplan.catalog").joinpath("known.json").read_text(encoding="utf-8"))
