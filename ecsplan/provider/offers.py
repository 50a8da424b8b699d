"""Whether the cloud offers what a name says: an instance type, a zone, a public image family. Used by alibaba.py."""

from collections.abc import Mapping
from typing import Any, Protocol

from ecsplan.model.call import Request
from ecsplan.model.values import Offer


class Sends(Protocol):
    def send(self, request: Request) -> Mapping[str, Any]: ...


def is_offered(cloud: Sends, offer: Offer, name: str) -> bool:
    """Raises ApiError, also for a name that the service refuses as none."""
    if offer is Offer.INSTANCE_TYPE:
        answer = cloud.send(Request("DescribeInstanceTypes", {"InstanceTypes": [name]}))
        return name in _texts(answer.get("InstanceTypes"), "InstanceType", "InstanceTypeId")
    if offer is Offer.ZONE:
        answer = cloud.send(Request("DescribeZones", {"Verbose": False}))
        return name in _texts(answer.get("Zones"), "Zone", "ZoneId")
    answer = cloud.send(Request("DescribeImageFromFamily", {"ImageFamily": name}))
    return bool((answer.get("Image") or {}).get("ImageId"))


def _texts(listed: Any, items: str, field: str) -> list[str]:
    return [str(item.get(field)) for item in (listed or {}).get(items) or ()]
