"""Values of an instance that are not exported: the cloud fills them in. Used by instance.py."""

from ecsplan.kinds import _tracking
from ecsplan.model.algebra import Value, Values, whole
from ecsplan.model.capabilities.exporting import Exporting, always


def _has_no_own_address(value: Value, values: Values) -> bool:
    """Without an address of its own, what is said of its traffic is that of an EIP, or of nothing."""
    return not values.get("internet.max_bandwidth_out") or not values.get("public_ip")


def _is_made_of_the_id(value: Value, values: Values) -> bool:
    """`iZbp1a2b…Z` for the machine i-bp1a2b…."""
    return str(values.get("id", "")).removeprefix("i-").lower() in str(value).lower()


def _follows_out(value: Value, values: Values) -> bool:
    out = whole(values.get("internet.max_bandwidth_out"))
    return _has_no_own_address(value, values) or value in (max(out, 10), out, 200)


BEYOND = {
    "clock": "ClockOptions.PtpStatus",
    "host_cluster": "DedicatedHostAttribute.DedicatedHostClusterId",
    "managed_host": "AdditionalInfo.ManagedHostId",
}

EXPORTING = Exporting(
    beyond=BEYOND,
    rank=9,
    defaults={
        "charge_type": "PostPaid",
        "metadata.endpoint": "enabled",
        "metadata.tokens": "optional",
        "maintenance.action": "AutoRecover",
        "maintenance.notify": False,
        "login_as_non_root": False,
        "tenancy": "default",
        "host_affinity": "default",
        "private_dns.hostname_type": "Custom",
        **_tracking.usual("primary_network"),
        "primary_network.traffic_mode": "Standard",
        "spot.strategy": "NoSpot",
        "spot.interruption_behavior": "Terminate",
        "renewal.status": "Normal",
        "stopped_mode": "KeepCharging",
        "system_disk.snapshot_policy": "none",
    },
    noise={
        "zone": lambda value, values: bool(values.get("vswitch")),
        "private_pool.match": lambda value, values: value in ("Open", "None"),  # what no reservation answers to
        "primary_network.queue_number": always,  # as many as its type has, as far as anybody can tell
        "private_ip": always,
        "cpu_options": always,  # those of its type, as far as anybody can tell
        "cpu_options.topology": lambda value, values: False,  # told only where somebody chose one
        "ipv6_count": always,  # ipv6_addresses says which
        "hostname": _is_made_of_the_id,
        "internet": _has_no_own_address,
        "internet.max_bandwidth_in": _follows_out,
        "spot": lambda value, values: values.get("spot.strategy") in (None, "NoSpot"),
        "renewal": lambda value, values: values.get("charge_type") != "PrePaid",
        "renewal.period": lambda value, values: values.get("renewal.status") != "AutoRenewal",
        "network_interfaces": always,  # each is exported as a resource of its own
    },
)
