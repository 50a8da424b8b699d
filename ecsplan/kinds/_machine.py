"""Facts about a machine in the answer, beside its attributes. ECS 2014-05-26: DescribeInstances."""

from ecsplan.model.algebra import Raw
from ecsplan.model.decoder import Decoder


@Decoder
def zone(raw: Raw) -> str:
    return str(raw.get("ZoneId") or "")


@Decoder
def network(raw: Raw) -> str:
    """The id of its VPC; empty in the classic network."""
    return str((raw.get("VpcAttributes") or {}).get("VpcId") or "")


@Decoder
def subnet(raw: Raw) -> str:
    return str((raw.get("VpcAttributes") or {}).get("VSwitchId") or "")


@Decoder
def private_addresses(raw: Raw) -> tuple[str, ...]:
    return tuple(((raw.get("VpcAttributes") or {}).get("PrivateIpAddress") or {}).get("IpAddress") or ())


@Decoder
def instance_type(raw: Raw) -> str:
    return str(raw.get("InstanceType"))


@Decoder
def image(raw: Raw) -> str:
    return str(raw.get("ImageId") or "")


@Decoder
def spot(raw: Raw) -> str:
    """NoSpot for one that is no spot machine."""
    return str(raw.get("SpotStrategy") or "NoSpot")


@Decoder
def is_subscription(raw: Raw) -> bool:
    return bool(raw.get("InstanceChargeType") == "PrePaid")


@Decoder
def expires(raw: Raw) -> str:
    return str(raw.get("ExpiredTime") or "its end")


@Decoder
def is_protected(raw: Raw) -> bool:
    """Against being deleted."""
    return bool(raw.get("DeletionProtection"))


@Decoder
def stops_charging(raw: Raw) -> bool:
    """Whether it gave its vCPUs back when it was stopped."""
    return bool(raw.get("StoppedMode") == "StopCharging")


@Decoder
def holder(raw: Raw) -> str:
    """The machine that a disk or an interface hangs on; empty for none."""
    return str(raw.get("InstanceId") or "")
