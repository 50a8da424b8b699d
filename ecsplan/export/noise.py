"""What nobody would write: what the cloud fills in by itself when nothing is said. Pure.

Leaving something out is always safe: what a stack file does not mention stays as it is.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ecsplan.model.attribute import Attribute

Values = Mapping[str, Any]

# What a create call ends up with when it does not say; what is false, zero or empty is never written.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "instance": {
        "charge_type": "PostPaid",
        "metadata.endpoint": "enabled",
        "metadata.tokens": "optional",
        "spot.strategy": "NoSpot",
        "spot.interruption_behavior": "Terminate",
        "renewal.status": "Normal",
        "stopped_mode": "KeepCharging",
        "system_disk.snapshot_policy": "none",
    },
    "security_group": {"type": "normal", "inner_access": "accept"},
    "network_interface": {"traffic_mode": "Standard", "delete_on_release": True},
    "disk": {"snapshot_policy": "none"},
    "eip": {"isp": "BGP"},
    "snapshot": {"category": "standard"},
}
RECORDS: Mapping[str, Any] = {"policy": "accept", "priority": 1, "keep": False, "snapshot_policy": "none"}


def is_noise(kind: str, attribute: Attribute, value: Any, values: Values) -> bool:
    """Whether a person would leave it out; `values` are all of the object, its id too."""
    if attribute.required:
        return False
    if value in (False, 0, "", ()) or value == attribute.default:
        return True
    if DEFAULTS.get(kind, {}).get(attribute.name) == value:
        return True
    rule = _RULES.get((kind, attribute.name)) or _RULES.get((kind, attribute.block or ""))
    return rule is not None and rule(value, values)


def record_noise(name: str, value: Any) -> bool:
    """The same inside lists and maps."""
    return value is None or value in (False, 0, "") or RECORDS.get(name) == value


def _always(value: Any, values: Values) -> bool:
    return True


def _has_no_own_address(value: Any, values: Values) -> bool:
    """Without an address of its own, what is said of its traffic is that of an EIP, or of nothing."""
    return not values.get("internet.max_bandwidth_out") or not values.get("public_ip")


def _is_made_of_the_id(value: Any, values: Values) -> bool:
    """`iZbp1a2b…Z` for the machine i-bp1a2b…."""
    return str(values.get("id", "")).removeprefix("i-").lower() in str(value).lower()


def _follows_out(value: Any, values: Values) -> bool:
    out = values.get("internet.max_bandwidth_out") or 0
    return _has_no_own_address(value, values) or value in (max(out, 10), out, 200)


_RULES: Mapping[tuple[str, str], Callable[[Any, Values], bool]] = {
    ("instance", "zone"): lambda value, values: bool(values.get("vswitch")),
    ("instance", "private_ip"): _always,
    ("instance", "hostname"): _is_made_of_the_id,
    ("instance", "internet"): _has_no_own_address,
    ("instance", "internet.max_bandwidth_in"): _follows_out,
    ("instance", "spot"): lambda value, values: values.get("spot.strategy") in (None, "NoSpot"),
    ("instance", "renewal"): lambda value, values: values.get("charge_type") != "PrePaid",
    ("instance", "renewal.period"): lambda value, values: values.get("renewal.status") != "AutoRenewal",
    ("disk", "delete_auto_snapshot"): _always,
    ("auto_snapshot_policy", "cross_region_copy"): lambda value, values: not values.get("cross_region_copy.regions"),
    ("security_group", "inner_access"): lambda value, values: values.get("type") == "enterprise",
    ("instance", "network_interfaces"): _always,  # each is exported as a resource of its own
    ("network_interface", "primary_ip"): _always,
    ("network_interface", "private_ip_count"): _always,  # the addresses themselves say as much
    ("network_interface", "ipv6_count"): _always,
    ("network_interface", "queue_number"): _always,
}
