"""The limits of the service, one row each, with the document that says so and the code of the refusal.

Where documents differ it is the safer one. Types of attributes take theirs by `of`, kinds check by `checks_of` what
depends on other attributes, and a test walks all rows against the file and against the emulator.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ecsplan.kinds._forms import (
    DESCRIPTION,
    NAME,
    NO_DOT,
    OF_ADDRESS,
    OF_EIP,
    OF_INTERFACE,
    OF_NETWORK,
    ONE_OR_MORE,
    TAG_KEY,
    TAG_VALUE,
    VPC_TAG_VALUE,
)
from ecsplan.kinds._limits_of_disks import DISKS
from ecsplan.kinds._limits_of_machines import MACHINES, addresses, groups, ipv6
from ecsplan.model.address import Address
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.limits import Absent, Block, Entries, Limit, OneOf, Pairs, Range, check
from ecsplan.model.resource import Resource

RESERVED = ("100.64.0.0/10", "224.0.0.0/4", "127.0.0.0/8", "169.254.0.0/16")
_RESERVED = ("100.64.0.0/16", "224.0.0.0/8", "127.0.0.0/16", "169.254.0.0/20")

_NETWORK = (
    Limit("vpc.name", OF_NETWORK, "CreateVpc.VpcName"),
    Limit("vpc.description", ONE_OR_MORE, "CreateVpc.Description"),
    Limit("vpc.cidr_block", Block(8, 28, RESERVED, ("10.0.0.0/8", "192.168.0.0/28"), ("10.0.0.0/29", *_RESERVED)),
          "CreateVpc.CidrBlock"),
    Limit("vswitch.name", OF_NETWORK, "CreateVSwitch.VSwitchName"),
    Limit("vswitch.description", ONE_OR_MORE, "CreateVSwitch.Description"),
    Limit("vswitch.cidr_block", Block(16, 29, RESERVED, ("10.0.0.0/16", "10.0.0.0/29"),
          ("10.0.0.0/15", "10.0.0.0/30", *_RESERVED)), "CreateVSwitch.CidrBlock"),
    Limit("eip.name", OF_EIP, "AllocateEipAddress.Name"),
    Limit("eip.description", OF_ADDRESS, "AllocateEipAddress.Description"),
    Limit("eip.bandwidth", Range(1, 1000), "AllocateEipAddress.Bandwidth"),
    Limit("eip.bandwidth", Range(1, 200), "AllocateEipAddress.Bandwidth", (), {"charge_type": ("PayByTraffic",)},
          "for charge_type: PayByTraffic"),
    Limit("eip.period", Range(1, 9), "AllocateEipAddress.Period"),
    Limit("eip.period", Range(1, 5), "AllocateEipAddress.Period", (), {"subscription": (True,),
          "period_unit": ("Year",)}, "for period_unit: Year"),
    Limit("network_interface.name", NAME, "CreateNetworkInterface.NetworkInterfaceName"),
    Limit("network_interface.description", OF_INTERFACE, "ModifyNetworkInterfaceAttribute.Description"),
    Limit("network_interface.security_groups", Entries(16, groups, 1, "groups"),
          "CreateNetworkInterface.SecurityGroupIds.N"),
    Limit("network_interface.private_ips", Entries(49, addresses, what="addresses"),
          "AssignPrivateIpAddresses.SecondaryPrivateIpAddressCount"),
    Limit("network_interface.private_ip_count", Range(1, 49), "CreateNetworkInterface.SecondaryPrivateIpAddressCount"),
    Limit("network_interface.ipv6_addresses", Entries(10, ipv6, what="addresses"),
          "CreateNetworkInterface.Ipv6Address.N"),
    Limit("network_interface.ipv6_count", Range(1, 10), "CreateNetworkInterface.Ipv6AddressCount"),
    Limit("network_interface.queue_number", Range(1, 2048), "CreateNetworkInterface.QueueNumber",
          (("InvalidParameter.InvalidEniQueueNumber", 403),)),
    *(Limit(f"network_interface.connection_tracking.{name}", numbers,
            f"CreateNetworkInterface.ConnectionTrackingConfiguration.{wire}")
      for name, wire, numbers in (
          ("tcp_established_timeout", "TcpEstablishedTimeout",
           OneOf((30, 60, 80, 100, 200, 300, 500, 700, 910), (29, 40, 911))),
          ("tcp_closed_timeout", "TcpClosedAndTimeWaitTimeout", Range(3, 15)),
          ("udp_timeout", "UdpTimeout", OneOf((10, 20, 30, 60, 80, 100), (9, 40, 101))))),
    Limit("network_interface.ipv4_prefix_count", Range(1, 10), "CreateNetworkInterface.Ipv4PrefixCount"),
    Limit("network_interface.ipv6_prefix_count", Range(1, 10), "CreateNetworkInterface.Ipv6PrefixCount"),
)  # fmt: skip

_GROUPS = (
    Limit("security_group.name", NAME, "CreateSecurityGroup.SecurityGroupName",
          (("InvalidSecurityGroupName.Malformed", 400),)),
    Limit("security_group.description", DESCRIPTION, "CreateSecurityGroup.Description",
          (("InvalidSecurityGroupDiscription.Malformed", 400),)),
    Limit("security_group.inner_access", Absent("accept", "write drop or leave it out, or use type: normal"),
          "ModifySecurityGroupPolicy.InnerAccessPolicy", (), {"type": ("enterprise",), "inner_access": ("accept",)},
          "for type: enterprise"),
    Limit("key_pair.name", NO_DOT, "ImportKeyPair.KeyPairName", (("InvalidKeyPairName.Malformed", 400),)),
)  # fmt: skip

_VALUES = {"vpc": VPC_TAG_VALUE, "vswitch": VPC_TAG_VALUE, "eip": VPC_TAG_VALUE}
_TAGS = tuple(
    Limit(f"{kind}.tags", Pairs(TAG_KEY, _VALUES.get(kind, TAG_VALUE)), f"{operation}.Tag.N",
          () if kind in _VALUES else (("InvalidTagKey.Malformed", 400), ("InvalidTagValue.Malformed", 400)))
    for kind, operation in (
        ("instance", "RunInstances"), ("disk", "CreateDisk"), ("image", "CreateImage"),
        ("snapshot", "CreateSnapshot"), ("auto_snapshot_policy", "CreateAutoSnapshotPolicy"),
        ("security_group", "CreateSecurityGroup"), ("key_pair", "ImportKeyPair"),
        ("network_interface", "CreateNetworkInterface"), ("vpc", "CreateVpc"),
        ("vswitch", "CreateVSwitch"), ("eip", "AllocateEipAddress"),
    )
)  # fmt: skip

LIMITS = (*MACHINES, *DISKS, *_NETWORK, *_GROUPS, *_TAGS)


def rule(path: str) -> Any:
    """The rule of an attribute, `kind.attribute`, whatever else is declared."""
    return next(limit.rule for limit in LIMITS if limit.path == path and not limit.is_checked)


def types_of(kind: str) -> Callable[..., Any]:
    """Makes the types of a kind's attributes from their rules, by name."""
    return lambda name, **options: rule(f"{kind}.{name}").type(**options)


def checks_of(kind: str) -> Callable[[Resource, Mapping[Address, Resource]], Iterator[Diagnostic]]:
    """The check of a kind's limits that depend on other attributes."""
    return check(limit for limit in LIMITS if limit.kind == kind)
