"""Names of types, zones and public image families that the catalogue does not know: the service is asked about them.

A plan for which all names are known asks nothing. Used by planning.py.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.catalog.offline import Unknown, unknown
from ecsplan.inventory.read import Source
from ecsplan.model.address import Address
from ecsplan.model.call import ApiError, Request
from ecsplan.model.change import Action, Change
from ecsplan.model.diagnostic import Diagnostic, Severity
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import Resource
from ecsplan.model.values import Offer

_MAKING = (Action.CREATE, Action.UPDATE, Action.REPLACE)
_INVALID = ("InvalidInstanceType", "InvalidImageFamily", "InvalidZoneId")  # how codes of such refusals begin


def not_offered(
    source: Source, kinds: Kinds, declared: Mapping[Address, Resource], changes: Iterable[Change]
) -> list[Diagnostic]:
    """An error for each name that the service does not know, a warning where it could not be asked."""
    making = [declared[c.address] for c in changes if c.action in _MAKING and c.address in declared]
    found = []
    for one in unknown(making, source.region, kinds):
        try:
            if not _is_offered(source, one):
                found.append(one.diagnostic(f"is not offered in {source.region}"))
        except ApiError as error:
            if error.code.startswith(_INVALID):
                found.append(one.diagnostic(f"is not offered in {source.region}"))
            else:
                why = f"is not in the catalogue, and the service could not be asked ({error.code})"
                found.append(one.diagnostic(why, Severity.WARNING))
    return found


def _is_offered(source: Source, one: Unknown) -> bool:
    if one.offer is Offer.INSTANCE_TYPE:
        answer = source.send(Request("DescribeInstanceTypes", {"InstanceTypes": [one.name]}))
        return one.name in _texts(answer.get("InstanceTypes"), "InstanceType", "InstanceTypeId")
    if one.offer is Offer.ZONE:
        answer = source.send(Request("DescribeZones", {"Verbose": False}))
        return one.name in _texts(answer.get("Zones"), "Zone", "ZoneId")
    answer = source.send(Request("DescribeImageFromFamily", {"ImageFamily": one.name}))
    return bool((answer.get("Image") or {}).get("ImageId"))


def _texts(listed: Any, items: str, field: str) -> list[str]:
    return [str(item.get(field)) for item in (listed or {}).get(items) or ()]
