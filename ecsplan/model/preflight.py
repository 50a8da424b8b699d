"""A look ahead: what a plan needs from the service, and what was found of it. Kinds say the needs of a change,
preflight/ judges, every format shows the findings. Plain values.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Literal

from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.diagnostic import SourceRange

Mode = Literal["off", "fast", "full"]
MODES: tuple[Mode, ...] = ("off", "fast", "full")


class Level(Enum):
    FAIL = "fail"  # the service would refuse, as things stand
    WARN = "warn"  # it may refuse, or takes it with a catch
    UNCHECKED = "unchecked"  # it was not possible to look; neither passed nor failed


class Finding(Struct, frozen=True):
    """What was found of some addresses. `check` is the sort of look (a key of CHECKS), `code` the refusal that the
    service would answer, `advice` what to do, with alternatives that are in stock."""

    level: Level
    check: str
    summary: str
    code: str = ""
    advice: str = ""
    addresses: tuple[Address, ...] = ()
    source: SourceRange | None = None


CHECKS = {
    "stock": "types and disks in stock",
    "change": "changes of type that are possible",
    "image": "images that exist and fit",
    "type": "limits of instance types",
    "quota": "quotas of the account",
    "subnet": "free addresses of subnets",
    "dry run": "dry runs of calls, with their permissions",
}
"""Name: what it looks at, for people."""


class PreflightReport(Struct, frozen=True):
    """`passed` counts what was looked at and has nothing against it; `calls` is what that took, and no part of a saved
    plan."""

    mode: Mode = "off"
    passed: int = 0
    findings: tuple[Finding, ...] = ()
    calls: int = 0

    def of(self, level: Level) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level is level)


NO_PREFLIGHT = PreflightReport()


class Subnet(Struct, frozen=True):
    """The subnet that something is in: its address, or an id."""

    place: Address | str


class Sold(Struct, frozen=True):
    """A machine that the service must have in stock. `zone` is None where the subnet decides it, or the service.

    `system_disk` and `data_disks` are categories; it is asked for with each of the latter. `bid` is the highest price
    an hour of a spot machine that has one.
    """

    address: Address
    instance_type: str
    zone: str | None
    subnet: Subnet | None
    charge_type: str = "PostPaid"
    spot: str = "NoSpot"
    system_disk: str = ""
    data_disks: tuple[str, ...] = ()
    attribute: str = "instance_type"
    bid: float | None = None


class SoldDisk(Struct, frozen=True):
    """A pay-as-you-go disk by itself. `size` in GiB, 0 where it is not declared."""

    address: Address
    category: str
    size: int
    zone: str
    attribute: str = "category"


class Image(Struct, frozen=True):
    """An image that a machine of a type is made with. `image` is an id, or `family:NAME`; `disk` the size of the
    system disk in GiB, 0 where it is not declared."""

    address: Address
    image: str
    instance_type: str
    disk: int = 0


class Fits(Struct, frozen=True):
    """What a machine has at once, for the limits of its type: interfaces with the primary one, the most private and
    IPv6 addresses on one of them, and disks without the system disk."""

    address: Address
    instance_type: str
    interfaces: int
    addresses: int
    ipv6: int
    disks: int


class Cores(Struct, frozen=True):
    """vCPUs that a machine begins to use, or with `count` -1 gives back. `pool` is prepaid, postpaid or spot."""

    address: Address
    instance_type: str
    pool: str
    count: int = 1


class Addresses(Struct, frozen=True):
    """Private addresses that are taken from a subnet; below 0, given back."""

    address: Address
    subnet: Subnet
    count: int


class Counted(Struct, frozen=True):
    """One or more of what a quota counts (a key of preflight/quotas.py); below 0, given back."""

    address: Address
    quota: str
    count: int = 1


Need = Sold | SoldDisk | Image | Fits | Cores | Addresses | Counted


def addresses_of(needs: Iterable[Need]) -> tuple[Address, ...]:
    return tuple(dict.fromkeys(need.address for need in needs))
