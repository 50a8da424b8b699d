"""How long names are, which characters they hold, and which figures are taken: the emulator's own table.

Written from the API reference (parameter descriptions of each create action), apart from the table that the
reconciler's value types have. Where two actions say it differently, the narrower one stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network


@dataclass(frozen=True, slots=True)
class NameRule:
    """`marks` are the characters beside letters and digits of any script; None takes every character."""

    shortest: int = 2
    longest: int = 128
    marks: str | None = ":_.-"
    letter_first: bool = True

    def fits(self, text: str) -> bool:
        if not self.shortest <= len(text) <= self.longest or text.startswith(("http://", "https://")):
            return False
        if self.letter_first and not text[0].isalpha():
            return False
        return self.marks is None or all(ch.isalnum() or ch in self.marks for ch in text)


ANY = NameRule(1, marks=None, letter_first=False)
NO_DOT = NameRule(marks=":_-")
NAMES: Mapping[str, NameRule] = {
    "VpcName": ANY,
    "VSwitchName": ANY,
    "RouteTableName": ANY,
    "RouteEntryName": ANY,
    "NetworkAclName": ANY,
    "SnatEntryName": NameRule(marks=None),
    "ForwardEntryName": NameRule(marks=None),
    "VRouterName": NameRule(marks=None),
    "EipName": NameRule(1, marks="._-"),
    "BandwidthPackageName": NameRule(letter_first=True, marks="._-"),
    "NatGatewayName": NameRule(marks="_-"),
    "InstanceName": NameRule(),
    "DiskName": NameRule(),
    "SnapshotName": NameRule(),
    "DestinationSnapshotName": NameRule(),
    "SnapshotGroupName": NameRule(),
    "SecurityGroupName": NameRule(),
    "NetworkInterfaceName": NameRule(),
    "PrefixListName": NameRule(),
    "PortRangeListName": NameRule(),
    "DedicatedHostName": NameRule(),
    "DestinationImageName": NameRule(),
    "ImageName": NO_DOT,
    "ImageFamily": NO_DOT,
    "KeyPairName": NO_DOT,
    "LaunchTemplateName": NO_DOT,
    "autoSnapshotPolicyName": NO_DOT,
    "DeploymentSetName": NO_DOT,
}
"""By parameter; where a parameter is just called `Name`, by what it names."""

# CreateVpc and CreateVSwitch: blocks that no network of the account may lie in.
RESERVED = tuple(IPv4Network(block) for block in ("100.64.0.0/10", "224.0.0.0/4", "127.0.0.0/8", "169.254.0.0/16"))
# RunInstances, Period and AutoRenewPeriod by unit.
PERIODS: Mapping[str, tuple[int, ...]] = {
    "Week": (1, 2, 3, 4), "Month": (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 24, 36, 48, 60), "Year": (1, 2, 3, 4, 5),
}  # fmt: skip
RENEWALS: Mapping[str, tuple[int, ...]] = {
    "Week": (1, 2, 3), "Month": (1, 2, 3, 6, 12, 24, 36, 48, 60), "Year": (1, 2, 3, 4, 5),
}  # fmt: skip
SOONEST_RELEASE, LATEST_RELEASE = 30 * 60, 3 * 366 * 86400  # seconds ahead
SPOT_HOURS = (0, 1)  # RunInstances, SpotDuration
QUEUES = (1, 2048)  # CreateNetworkInterface and ModifyNetworkInterfaceAttribute, QueueNumber
USER_DATA = 32 * 1024  # bytes before base64


def is_role_name(text: str) -> bool:
    """CreateRole of RAM, RoleName."""
    return len(text) <= 64 and all(ch.isascii() and (ch.isalnum() or ch in ".-") for ch in text)


def is_host_name(text: str, is_windows: bool) -> bool:
    """RunInstances and ModifyInstanceAttribute, HostName."""
    longest = 15 if is_windows else 64
    if not 2 <= len(text) <= longest or text[0] in ".-" or text[-1] in ".-":
        return False
    if any(pair in text for pair in ("..", "--", ".-", "-.")):
        return False
    allowed = "-" if is_windows else ".-"
    return all(ch.isascii() and (ch.isalnum() or ch in allowed) for ch in text) and not (is_windows and text.isdigit())
