"""The limits of instances, but for their disks. Used by _limits.py."""

from ecsplan.kinds._forms import DESCRIPTION, HOST, NAME, OF_INTERFACE
from ecsplan.model.algebra import Raw
from ecsplan.model.limits import Absent, Computed, Entries, Length, Limit, OneOf, Range

PREPAID, POSTPAID = {"charge_type": ("PrePaid",)}, {"charge_type": ("PostPaid", None)}
MONTHS = (*range(1, 10), 12, 24, 36, 48, 60)
BY_TRAFFIC = ("PayByTraffic", None)


def groups(count: int) -> list[str]:
    return [f"sg-{number:04}" for number in range(count)]


def addresses(count: int) -> list[str]:
    return [f"10.250.1.{number + 10}" for number in range(count)]


def ipv6(count: int) -> list[str]:
    return [f"2001:db8::{number:x}" for number in range(1, count + 1)]


def _in(holder: Raw) -> Range | None:
    """As much as goes out may come in, and 10 Mbit/s in any case."""
    out = holder.get("internet.max_bandwidth_out") or 0
    return Range(1, max(10, out)) if isinstance(out, int) else None


MACHINES = (
    Limit("instance.name", NAME, "RunInstances.InstanceName", (("InvalidInstanceName.Malformed", 400),)),
    Limit("instance.description", DESCRIPTION, "RunInstances.Description", (("InvalidDescription.Malformed", 400),)),
    Limit("instance.hostname", HOST, "RunInstances.HostName", (("InvalidHostName.Malformed", 400),)),
    Limit("instance.instance_type", Length(5, 64, r"^ecs\.", "an instance type, like ecs.g7.large", ("ecs.g7.large",),
          ("g7.large",)), "RunInstances.InstanceType", (("InvalidInstanceType.ValueNotSupported", 400),)),
    Limit("instance.security_groups", Entries(16, groups, 1, "groups"), "RunInstances.SecurityGroupIds.N"),
    Limit("instance.ram_role", Length(1, 64, "^[A-Za-z0-9.-]+$", "a RAM role of 1 to 64 letters, digits, '.' and '-'",
          ("web-1.a",), ("web role", "web/role")), "CreateRole.RoleName", (("InvalidRamRole.NotFound", 404),)),
    Limit("instance.internet.max_bandwidth_out", Range(0, 200), "ModifyInstanceNetworkSpec.InternetMaxBandwidthOut",
          (("InvalidInternetMaxBandwidthOut.Malformed", 400),)),
    Limit("instance.internet.max_bandwidth_out", Range(0, 100), "RunInstances.InternetMaxBandwidthOut",
          (("InvalidInternetMaxBandwidthOut.Malformed", 400),), {**POSTPAID}, "for charge_type: PostPaid"),
    Limit("instance.internet.max_bandwidth_out", Range(0, 100), "ModifyInstanceNetworkSpec.InternetMaxBandwidthOut",
          (("InvalidInternetMaxBandwidthOut.Malformed", 400),), {**PREPAID, "internet.charge_type": BY_TRAFFIC},
          "for internet.charge_type: PayByTraffic"),
    Limit("instance.internet.max_bandwidth_in", Range(1, 200), "RunInstances.InternetMaxBandwidthIn",
          (("InvalidInternetMaxBandwidthIn.Malformed", 400),)),
    Limit("instance.internet.max_bandwidth_in", Computed(_in, ({"internet.max_bandwidth_out": 20}, 20)),
          "RunInstances.InternetMaxBandwidthIn", (("InvalidInternetMaxBandwidthIn.Malformed", 400),), {},
          "where so much goes out"),
    Limit("instance.secondary_private_ips", Entries(49, addresses, what="addresses"),
          "AssignPrivateIpAddresses.SecondaryPrivateIpAddressCount"),
    Limit("instance.ipv6_addresses", Entries(10, ipv6, what="addresses"), "RunInstances.Ipv6Address.N"),
    Limit("instance.spot.duration", Range(0, 6), "RunInstances.SpotDuration", (("InvalidSpotDuration", 400),)),
    Limit("instance.spot.strategy", Absent("SpotAsPriceGo", "write charge_type: PostPaid, or NoSpot"),
          "RunInstances.SpotStrategy", (("InvalidSpotPrepaid", 400),), PREPAID, "for charge_type: PrePaid"),
    Limit("instance.spot.price_limit", Absent(0.5, "remove it, or write strategy: SpotWithPriceLimit"),
          "RunInstances.SpotPriceLimit", (("InvalidSpotPriceLimit", 400),),
          {"spot.strategy": (None, "NoSpot", "SpotAsPriceGo")}, "without spot.strategy: SpotWithPriceLimit"),
    Limit("instance.deletion_protection", Absent(True, "remove it: a subscription is not deleted before its end"),
          "RunInstances.DeletionProtection", (), PREPAID, "for charge_type: PrePaid"),
    Limit("instance.auto_release_time", Absent("2027-12-31T18:00Z", "remove it: a subscription has an end of its own"),
          "RunInstances.AutoReleaseTime", (), PREPAID, "for charge_type: PrePaid"),
    Limit("instance.period", OneOf(MONTHS, (0, 10, 11, 13, 61)), "RunInstances.Period", (("InvalidPeriod", 400),)),
    Limit("instance.period", Range(1, 4), "RunInstances.Period", (("InvalidPeriod", 400),), {"period_unit": ("Week",)},
          "for period_unit: Week"),
    Limit("instance.renewal.period", OneOf((1, 2, 3, 6, 12, 24, 36, 48, 60), (0, 4, 5, 7, 13, 61)),
          "RunInstances.AutoRenewPeriod", (("InvalidAutoRenewPeriod.ValueNotSupported", 400),)),
    *(Limit(f"instance.{name}", Absent(sample, "remove it, or write charge_type: PrePaid"), f"RunInstances.{wire}",
            (), {"charge_type": ("PostPaid",)}, "for charge_type: PostPaid", is_ignored=name == "renewal.period")
      for name, sample, wire in (("renewal.status", "AutoRenewal", "AutoRenew"),
                                 ("renewal.period", 1, "AutoRenewPeriod"))),
    Limit("instance.network_interfaces[].name", NAME, "CreateNetworkInterface.NetworkInterfaceName"),
    Limit("instance.network_interfaces[].description", OF_INTERFACE, "ModifyNetworkInterfaceAttribute.Description"),
    Limit("instance.network_interfaces[].queue_number", Range(1, 2048), "CreateNetworkInterface.QueueNumber",
          (("InvalidParameter.InvalidEniQueueNumber", 403),)),
)  # fmt: skip
