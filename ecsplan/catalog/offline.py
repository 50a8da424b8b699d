"""Names of instance types, zones and public image families, held against a catalogue that comes with the product.

The catalogue has a date: the service may know more, so that an unknown name is a warning here. Used by the engine.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import Resource
from ecsplan.model.values import Offer


@dataclass(frozen=True, slots=True)
class Unknown:
    """A declared name that the catalogue does not have. `near` are names that it has, the nearest first."""

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
            hint = (
                f"zones: {', '.join(self.near)}" if self.offer is Offer.ZONE else f"did you mean {_either(self.near)}?"
            )
        source = self.resource.source_of(self.attribute)
        return Diagnostic(summary, hint, source, self.resource.address, severity)


def built() -> str:
    """The date of the catalogue."""
    return str(_catalogue()["built"])


def zones() -> dict[str, tuple[str, ...]]:
    """The zones of each region."""
    return {region: tuple(found.split()) for region, found in _catalogue()["zones"].items()}


def unknown(resources: Iterable[Resource], region: str, kinds: Kinds) -> Iterator[Unknown]:
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
                yield Unknown(resource, attribute.name, offer, name, tuple(near))


def remarks(resources: Iterable[Resource], region: str, kinds: Kinds) -> list[Diagnostic]:
    """A warning for each unknown name."""
    why = f"is not in the catalogue of {built()}"
    return [one.diagnostic(why, Severity.WARNING) for one in unknown(resources, region, kinds)]


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)


@cache
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
