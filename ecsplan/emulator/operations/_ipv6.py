"""The IPv6 addresses of network interfaces as VPC knows them: each has an id, and what makes it public."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from ecsplan.emulator.account import Account, Thing
from ecsplan.emulator.call import Body
from ecsplan.emulator.wire import Refusal


@dataclass(frozen=True, slots=True)
class Address6:
    """One address of an interface."""

    eni: Thing
    text: str

    @property
    def id(self) -> str:
        return "ipv6-" + hashlib.sha256(f"{self.eni.id} {self.text}".encode()).hexdigest()[:20]

    @property
    def holder(self) -> tuple[str, str]:
        """That of a primary interface is its instance."""
        if self.eni["Type"] == "Primary":
            return "EcsInstance", str(self.eni.get("InstanceId") or "")
        return "NetworkInterface", self.eni.id

    def bandwidth(self, account: Account) -> Thing | None:
        return next(iter(account.where("ipv6bandwidth", "Ipv6AddressId", self.id)), None)

    def gateway(self, account: Account) -> Thing | None:
        return next(iter(account.where("ipv6gateway", "VpcId", self.eni["VpcId"])), None)

    def shown(self, account: Account) -> Body:
        kind, holder = self.holder
        bandwidth, gateway = self.bandwidth(account), self.gateway(account)
        keys = ("Bandwidth", "InternetChargeType")
        return {
            "Ipv6AddressId": self.id,
            "Ipv6Address": self.text,
            "Ipv6AddressName": "",
            "Ipv6AddressDescription": "",
            "AddressType": "IPv6Address",
            "AllocationTime": self.eni.get("Ipv6Times", {}).get(self.text, self.eni["CreationTime"]),
            "AssociatedInstanceId": holder,
            "AssociatedInstanceType": kind,
            "Ipv6GatewayId": gateway.id if gateway is not None else "",
            "Ipv6Isp": "BGP",
            "NetworkType": "Public" if bandwidth is not None else "Private",
            "RealBandwidth": bandwidth["Bandwidth"] if bandwidth is not None else 0,
            "ResourceGroupId": "",
            "ServiceManaged": 0,
            "Status": "Available",
            "Tags": {"Tag": []},
            "VSwitchId": self.eni["VSwitchId"],
            "VpcId": self.eni["VpcId"],
            "Ipv6InternetBandwidth": {} if bandwidth is None else {key: bandwidth[key] for key in keys} | {
                "Ipv6InternetBandwidthId": bandwidth.id,
                "BusinessStatus": "Normal",
                "HasReservationData": False,
                "InstanceChargeType": "PostPaid",
            },
        }  # fmt: skip


def addresses6(enis: list[Thing]) -> Iterator[Address6]:
    for eni in enis:
        yield from (Address6(eni, text) for text in eni.get("Ipv6s", ()))


def check_private(account: Account, eni: Thing, texts: list[str] | None = None) -> None:
    """A public address is neither taken back nor released together with its interface."""
    for address in addresses6([eni]):
        if (texts is None or address.text in texts) and address.bandwidth(account) is not None:
            raise Refusal(
                400, "DependencyViolation.Ipv6InternetBandwidth", f"The address {address.text} has Internet bandwidth."
            )
