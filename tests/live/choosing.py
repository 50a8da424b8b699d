"""The smallest machine that can be had here now, and an image for it."""

from ecsplan import engine
from ecsplan.model.catalog import ImageRow, InstanceType

from .account import Account

CATEGORY, SIZE = "cloud_essd", 20  # of disks, in GiB


def smallest(account: Account) -> tuple[str, str, str]:
    """Zone, instance type, image: of what is in stock by the hour, the one of the fewest cores and the least memory."""
    rows = [row for row in engine.catalog("instance-types", account.client) if isinstance(row, InstanceType)]
    zones = _zones_with(account, CATEGORY)
    had = [
        (row.cpu, row.memory, row.id, zone)
        for row in rows
        if not row.gpu and "x86" in row.architecture.lower()
        for zone in row.zones
        if zone in zones
    ]
    assert had, f"no machine with {CATEGORY} is in stock in {account.client.region}"
    _, _, instance_type, zone = min(had)
    return zone, instance_type, _image(account)


def _image(account: Account) -> str:
    """The newest small Linux of the vendor's own."""
    rows = [row for row in engine.catalog("images", account.client) if isinstance(row, ImageRow)]
    had = [
        (row.created, row.id)
        for row in rows
        if (row.owner, row.os_type, row.architecture) == ("system", "linux", "x86_64")
        and row.size <= SIZE
        and row.platform in ("Debian", "Ubuntu", "Aliyun")
    ]
    assert had, f"no small Linux image in {account.client.region}"
    return max(had)[1]


def _zones_with(account: Account, category: str) -> set[str]:
    answer = account.call("DescribeZones", Verbose=True, AcceptLanguage="en-US")
    rows = answer["Zones"]["Zone"]
    return {row["ZoneId"] for row in rows if category in row["AvailableDiskCategories"]["DiskCategories"]}
