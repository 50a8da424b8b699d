"""An order for instances, checked (by RunInstances and CreateInstance), and how each machine is made of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ecsplan.emulator import catalogue, limits
from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name
from ecsplan.emulator.clock import to_minutes
from ecsplan.emulator.operations._allowance import check_cores
from ecsplan.emulator.operations._deployment import check_deployment
from ecsplan.emulator.operations._disks import DiskSpec, check_disk, make_disk, make_local_disks, next_device
from ecsplan.emulator.operations._interfaces import check_groups, check_room, make_interface, require_vswitch
from ecsplan.emulator.operations._launch_options import host, options, queues
from ecsplan.emulator.operations._spec_quotas import check_family
from ecsplan.emulator.operations._terms import terms
from ecsplan.emulator.operations._type_facts import boot_modes
from ecsplan.emulator.operations.images import boot_mode, find_image, image_of_family
from ecsplan.emulator.operations.interface_addresses import add_ipv4, add_ipv6
from ecsplan.emulator.operations.key_pairs import place
from ecsplan.emulator.prices import SPOT_SHARE, instance_price
from ecsplan.emulator.wire import Refusal, invalid, missing, not_found

ORDERED = re.compile(r"^(?P<head>.*)\[(?P<begin>\d*),?(?P<bits>\d*)\](?P<tail>.*)$")
DEFAULT_DIGITS = 6
DESCRIBED = "InvalidDiskDescription.Malformed"
PRIMARY = ("VSwitchId", "SecurityGroupId", "PrivateIpAddress", "SecurityGroupIds", "Ipv6Address", "Ipv6AddressCount")


@dataclass(slots=True)
class Order:
    """Everything alike in the instances of one call."""

    type_record: dict[str, Any]
    image: Thing
    zone: str
    vswitch: Thing | None
    groups: list[str]
    address: str | None
    system: DiskSpec
    disks: list[tuple[DiskSpec, Mapping[str, Any]]]
    tags: dict[str, str]
    secondary: list[Mapping[str, Any]] = field(default_factory=list)
    primary: Mapping[str, Any] = field(default_factory=dict)
    imaged: list[tuple[DiskSpec, Mapping[str, Any]]] = field(default_factory=list)
    host_id: str | None = None


def require_real_name(call: Call) -> None:
    """Asked by RunInstances and by ModifyInstanceChargeType."""
    if not call.settings.real_name:
        raise Refusal(403, "RealNameAuthenticationError", "Your account has not passed the real-name authentication.")


def check_order(call: Call, amount: int) -> Order:
    type_id = call.need("InstanceType")
    record = catalogue.instance_type(type_id)
    if record is None:
        raise invalid("InstanceType", code="InvalidInstanceType.ValueNotSupported")
    require_real_name(call)
    image = _image(call, record)
    primary, secondary = _interfaces(call)
    check_room(type_id, 1 + len(secondary))
    vswitch_id = primary.get("VSwitchId") or call.get("VSwitchId")
    vswitch = require_vswitch(call, vswitch_id) if vswitch_id else None
    if vswitch is None and any(g.get("VpcId") for g in _known_groups(call, primary)):
        raise missing("VSwitchId")
    zone = vswitch["ZoneId"] if vswitch is not None else call.zone() or catalogue.zones(call.region)[0]
    groups = _groups(call, primary)
    check_groups(call, groups, vswitch["VpcId"] if vswitch is not None else None, amount)
    host_id = host(call, record, zone, amount)
    check_deployment(call, call.get("DeploymentSetId"), call.get("DeploymentSetGroupNo"), zone, amount)
    address = primary.get("PrimaryIpAddress") or call.get("PrivateIpAddress")
    _check_login(call)
    _check_spot(call, type_id)
    if call.sold_out.has_no_type(type_id, zone):
        raise Refusal(403, "OperationDenied.NoStock", f"{type_id} is sold out in {zone}.")
    check_cores(call, call.params, int(record["vcpu"]) * amount)
    check_family(call, call.params, type_id, int(record["vcpu"]) * amount)
    imaged, given = _image_disks(call, type_id, image)
    return Order(
        imaged=imaged,
        type_record=record,
        image=image,
        zone=zone,
        vswitch=vswitch,
        groups=groups,
        address=address,
        system=_system_disk(call, type_id, image),
        disks=_data_disks(call, type_id, given),
        tags=call.tags(),
        secondary=secondary,
        primary=primary,
        host_id=host_id,
    )


def _image(call: Call, record: Mapping[str, Any]) -> Thing:
    image_id, family = call.get("ImageId"), call.get("ImageFamily")
    if image_id and family:
        raise invalid("ImageFamily", "Give ImageId or ImageFamily, not both.", "InvalidParameter.Conflict")
    if not image_id and not family:
        raise missing("ImageId")
    image = find_image(call, image_id) if image_id else image_of_family(call, family)
    if image.status != "Available" or call.lagging(image, "images"):
        raise Refusal(403, "ImageNotReady", f"The image {image.id} is {image.status}.")
    is_arm = record.get("cpu_architecture") == "ARM"
    if is_arm != (image["Architecture"] == "arm64"):
        raise Refusal(403, "ImageNotSupportInstanceType", "The image does not fit the type's CPU architecture.")
    if boot_mode(image) != "UEFI-Preferred" and boot_mode(image) not in boot_modes(record):
        raise Refusal(403, "ImageNotSupportInstanceType", f"The type does not boot by {boot_mode(image)}.")
    return image


def _interfaces(call: Call) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    """NetworkInterface.N with InstanceType=Primary takes the place of the top-level network parameters."""
    given = call.many("NetworkInterface", 16)
    primary = [n for n in given if n.get("InstanceType") == "Primary"]
    if len(primary) > 1:
        raise invalid("NetworkInterface", "There is one primary interface.", "InvalidParameter.NetworkInterface")
    if primary and any(call.get(n) for n in PRIMARY):
        raise invalid("NetworkInterface", "VSwitchId and groups stand inside of it.", "InvalidParameter.Conflict")
    return (primary[0] if primary else {}), [n for n in given if n.get("InstanceType") != "Primary"]


def _groups(call: Call, primary: Mapping[str, Any]) -> list[str]:
    one = primary.get("SecurityGroupId") or call.get("SecurityGroupId")
    many = primary.get("SecurityGroupIds") or call.get("SecurityGroupIds")
    if one and many:
        raise invalid("SecurityGroupIds", "Give SecurityGroupId or SecurityGroupIds.", "InvalidParameter.Conflict")
    if not one and not many:
        raise missing("SecurityGroupId")
    return list(many or [one])


def _known_groups(call: Call, primary: Mapping[str, Any]) -> list[Thing]:
    found = (call.find("securitygroup", id_) for id_ in _groups(call, primary))
    return [group for group in found if group is not None]


def _check_login(call: Call) -> None:
    role = call.get("RamRoleName")
    if role is not None and not limits.is_role_name(role):
        raise not_found("InvalidRamRole.NotFound", "RamRoleName", role)
    name = call.get("KeyPairName")
    if name is not None and call.find("keypair", place(call.region, name)) is None:
        raise not_found("InvalidKeyPairName.NotFound", "KeyPairName", name)
    check_password(call.get("Password"))
    if len(call.get("UserData", "")) > limits.USER_DATA * 4 // 3 + 4:
        raise invalid("UserData", "It is at most 32 KB.", "InvalidUserData.SizeExceeded")


def _check_spot(call: Call, type_id: str) -> None:
    strategy = call.choice("SpotStrategy", "NoSpot", "SpotWithPriceLimit", "SpotAsPriceGo", default="NoSpot")
    if strategy != "NoSpot" and call.get("InstanceChargeType") == "PrePaid":
        raise invalid("SpotStrategy", "A subscription is no spot instance.", "InvalidSpotPrepaid")
    if call.get("SpotPriceLimit") is not None and strategy != "SpotWithPriceLimit":
        raise invalid("SpotPriceLimit", "It is for SpotWithPriceLimit.", "InvalidSpotPriceLimit")
    limit, market = call.get("SpotPriceLimit"), round(instance_price(type_id) * SPOT_SHARE, 3)
    if limit is not None and limit < market:
        told = f"The price {limit} is lower than the market price {market}."
        raise Refusal(400, "InvalidSpotPriceLimit.LowerThanPublicPrice", told)
    if call.get("SpotDuration") not in (None, *limits.SPOT_HOURS):
        raise invalid("SpotDuration", code="InvalidSpotDuration")


def check_password(password: str | None) -> None:
    if password is None:
        return
    classes = (str.islower, str.isupper, str.isdigit, lambda ch: not ch.isalnum())
    if not 8 <= len(password) <= 30 or sum(any(map(test, password)) for test in classes) < 3:
        raise invalid("Password", code="InvalidPassword.Malformed")


def _system_disk(call: Call, type_id: str, image: Thing) -> DiskSpec:
    given = call.get("SystemDisk", {})
    categories = catalogue.categories_of(type_id)
    category = given.get("Category") or ("cloud_efficiency" if "cloud_efficiency" in categories else categories[0])
    if category not in categories:
        raise invalid(
            "SystemDisk.Category",
            f"{type_id} takes {', '.join(categories)}.",
            "InvalidSystemDiskCategory.ValueNotSupported",
        )
    text = str(given.get("Size") or max(40, image["Size"]))
    if not text.isdecimal():
        raise invalid("SystemDisk.Size", code="InvalidSystemDiskSize.ValueNotSupported")
    if int(text) < image["Size"]:
        raise Refusal(404, "InvalidSystemDiskSize.LessThanImageSize", f"The image needs {image['Size']} GiB.")
    return check_disk(call, given, category, int(text), True, DESCRIBED)


Ordered = list[tuple[DiskSpec, Mapping[str, Any]]]


def _image_disks(call: Call, type_id: str, image: Thing) -> tuple[Ordered, list[Mapping[str, Any]]]:
    """The data disks that a full image brings along, and what of DataDisk.N is left for further ones: an entry with the
    device of the image's disk says how that one is made."""
    given = list(call.many("DataDisk", 64))
    orders: Ordered = []
    for row in image.get("DiskDeviceMappings", ()):
        if row.get("Type") != "data":
            continue
        own: Mapping[str, Any] = next((entry for entry in given if entry.get("Device") == row["Device"]), {})
        given = [entry for entry in given if entry is not own]
        category = own.get("Category") or catalogue.categories_of(type_id)[0]
        whole = {"SnapshotId": row.get("SnapshotId"), **own, "Device": row["Device"]}
        size = max(int(own.get("Size") or 0), int(row["Size"]))
        orders.append((check_disk(call, whole, category, size, False, DESCRIBED), whole))
    return orders, given


def _data_disks(call: Call, type_id: str, wanted: list[Mapping[str, Any]]) -> Ordered:
    categories = catalogue.categories_of(type_id)
    orders = []
    for given in wanted:
        category = given.get("Category") or ("cloud_efficiency" if "cloud_efficiency" in categories else categories[0])
        if category not in categories and not category.startswith(("elastic_ephemeral", "cloud_regional")):
            code = "InvalidDataDiskCategory.ValueNotSupported"
            raise invalid("DataDisk.Category", f"{type_id} takes {', '.join(categories)}.", code)
        if given.get("Size") is None and not given.get("SnapshotId"):
            raise missing("DataDisk.Size")
        orders.append((check_disk(call, given, category, given.get("Size"), False, DESCRIBED), given))
    limit = call.quotas.get("data_disks_per_instance", 16)
    if len(orders) > limit:
        raise Refusal(400, "InstanceDiskNumber.LimitExceed", f"At most {limit} data disks are allowed.")
    return orders


def ordered_name(pattern: str, index: int, amount: int, unique: bool) -> str:
    """`web-[0,4]` gives web-0000, web-0001, …; otherwise UniqueSuffix appends 001, 002, …"""
    match = ORDERED.match(pattern)
    if match is None:
        return f"{pattern}{index + 1:03d}" if unique and amount > 1 else pattern
    begin = int(match["begin"] or 0)
    digits = min(int(match["bits"] or DEFAULT_DIGITS), DEFAULT_DIGITS)
    if len(str(begin + amount - 1)) > digits:
        digits = DEFAULT_DIGITS
    number = f"{begin + index:0{digits}d}" if digits else ""
    tail = match["tail"]
    return f"{match['head']}{number}{tail}"


def make_instance(call: Call, order: Order, index: int, amount: int) -> Thing:
    """The machine with its disks, interface and public address; it is Pending."""
    account, region = call.account, call.region
    instance_id = account.new_id("i", region)
    data = _description(call, order, instance_id, index, amount) | terms(call) | options(call)
    if order.host_id is not None:
        data["DedicatedHostId"] = order.host_id
    if order.vswitch is not None:
        data |= {"VpcId": order.vswitch["VpcId"], "VSwitchId": order.vswitch.id}
        primary = make_interface(
            call, order.vswitch, order.groups, order.address if index == 0 else None, order.tags,
            InstanceId=instance_id, Type="Primary", Status="InUse", DeleteOnRelease=True,
            QueueNumber=queues(call) or order.primary.get("QueueNumber", 1),
            TrafficMode=order.primary.get("NetworkInterfaceTrafficMode", "Standard"),
        )  # fmt: skip
        data["PrivateIpAddress"] = primary["PrivateIpAddress"]
        _more_addresses(call, order, primary, amount)
        for wanted in order.secondary:
            _secondary(call, order, instance_id, wanted, amount)
    else:
        data["InnerIpAddress"] = f"10.{account.random.randint(0, 254)}.{account.random.randint(0, 254)}.{index + 2}"
    instance = account.add("instance", region, instance_id, data, order.tags)
    _disks(call, order, instance)
    return instance


def _description(call: Call, order: Order, instance_id: str, index: int, amount: int) -> Body:
    unique = bool(call.get("UniqueSuffix"))
    name = call.get("InstanceName")
    if name is not None:
        name = ordered_name(name, index, amount, unique)
    data: Body = {
        "Status": "Pending",
        "InstanceName": check_name(name, "InstanceName", "InvalidInstanceName.Malformed") or instance_id,
        "HostName": _host_name(call, order, index, amount, unique) or instance_id.replace("-", "") + "Z",
        "Description": check_description(call.get("Description")),
        "InstanceType": order.type_record["id"],
        "ImageId": order.image.id,
        "OSName": order.image["OSName"],
        "OSNameEn": order.image["OSNameEn"],
        "OSType": order.image["OSType"],
        "ZoneId": order.zone,
        "SecurityGroupIds": list(order.groups),
        "CreationTime": to_minutes(call.now),
        "ResourceGroupId": call.get("ResourceGroupId", ""),
    }
    bandwidth = call.number("InternetMaxBandwidthOut", 0, 100, 0, "InvalidInternetMaxBandwidthOut.Malformed")
    data["InternetMaxBandwidthOut"] = bandwidth
    data["InternetMaxBandwidthIn"] = inbound(call, bandwidth)
    data["InternetChargeType"] = call.choice(
        "InternetChargeType", "PayByBandwidth", "PayByTraffic", default="PayByTraffic"
    )
    for name in ("KeyPairName", "RamRoleName", "UserData", "DeploymentSetId", "CreditSpecification", "SpotStrategy",
                 "SpotPriceLimit", "SpotDuration", "SpotInterruptionBehavior", "HttpEndpoint", "HttpTokens",
                 "HpcClusterId", "SecurityEnhancementStrategy", "DeploymentSetGroupNo"):  # fmt: skip
        if call.get(name) is not None:
            data[name] = call.get(name)
    if (call.get("ImageOptions") or {}).get("LoginAsNonRoot") is not None:
        data["LoginAsNonRoot"] = call.get("ImageOptions")["LoginAsNonRoot"]
    if call.get("CpuOptions"):
        data["CpuOptions"] = dict(call.get("CpuOptions"))
    return data


def _host_name(call: Call, order: Order, index: int, amount: int, unique: bool) -> str:
    each = call.get("HostNames", [])
    text = each[index] if index < len(each) else call.get("HostName")
    name = ordered_name(text, index, amount, unique) if text else ""
    if name and not limits.is_host_name(name, order.image["OSType"] == "windows"):
        raise invalid("HostName", code="InvalidHostName.Malformed")
    return name


def inbound(call: Call, outbound: int) -> int:
    """From 1 to 10, or to the outbound bandwidth where that is more."""
    most = max(outbound, 10)
    given = call.number("InternetMaxBandwidthIn", 1, most, code="InvalidInternetMaxBandwidthIn.Malformed")
    return int(given or (most if outbound else 0))


def _more_addresses(call: Call, order: Order, primary: Thing, amount: int) -> None:
    """The IPv6 addresses and the further private ones that were ordered with the primary interface."""
    assert order.vswitch is not None
    given = order.primary or call.params
    named = list(given.get("Ipv6Address") or [])
    if named and amount > 1:
        raise invalid("Amount", "IPv6 addresses that are named are those of one machine.", "InvalidParameter.Conflict")
    add_ipv6(call, primary, order.vswitch, named, given.get("Ipv6AddressCount"))
    add_ipv4(call, primary, order.vswitch, [], order.primary.get("SecondaryPrivateIpAddressCount"))


def _secondary(call: Call, order: Order, instance_id: str, wanted: Mapping[str, Any], amount: int) -> None:
    """It takes none of the order's tags: `Tag.N` is for the instance, its disks and its primary interface. One that
    exists is named by its id, with nothing beside it, and for one machine alone."""
    if wanted.get("NetworkInterfaceId"):
        if amount != 1 or wanted.keys() - {"NetworkInterfaceId", "InstanceType"}:
            raise invalid("NetworkInterface", "Its id stands alone, with Amount 1.", "InvalidParameter.Conflict")
        _take_over(call, order, instance_id, str(wanted["NetworkInterfaceId"]))
        return
    vswitch = require_vswitch(call, wanted["VSwitchId"]) if wanted.get("VSwitchId") else order.vswitch
    if vswitch is None:
        raise missing("NetworkInterface.1.VSwitchId")
    one = wanted.get("SecurityGroupId")
    groups = list(wanted.get("SecurityGroupIds") or ([one] if one else order.groups))
    check_groups(call, groups, vswitch["VpcId"])
    make_interface(
        call, vswitch, groups, wanted.get("PrimaryIpAddress"), {}, InstanceId=instance_id, Type="Secondary",
        Status="InUse", DeleteOnRelease=wanted.get("DeleteOnRelease", True),
        NetworkInterfaceName=wanted.get("NetworkInterfaceName", ""), Description=wanted.get("Description", ""),
        SourceDestCheck=wanted.get("SourceDestCheck", False), QueueNumber=wanted.get("QueueNumber", 1),
        TrafficMode=wanted.get("NetworkInterfaceTrafficMode", "Standard"),
    )  # fmt: skip


def _take_over(call: Call, order: Order, instance_id: str, id_: str) -> None:
    eni = call.require("eni", id_, "InvalidEniId.NotFound", "NetworkInterfaceId")
    if eni.status != "Available":
        raise Refusal(400, "InvalidOperation.InvalidEniState", f"The network interface {id_} is {eni.status}.")
    if eni["ZoneId"] != order.zone:
        raise Refusal(403, "InvalidOperation.AvailabilityZoneMismatch", f"{id_} is in {eni['ZoneId']}.")
    call.account.change(eni, InstanceId=instance_id, Status="InUse", DeviceIndex=1)


def _disks(call: Call, order: Order, instance: Thing) -> None:
    charge = instance["InstanceChargeType"]
    bought: Body = {"InstanceId": instance.id, "DiskChargeType": charge, "ResourceGroupId": instance["ResourceGroupId"]}
    if charge == "PrePaid":
        bought["ExpiredTime"] = instance["ExpiredTime"]
    system = make_disk(call, order.system, order.zone, order.tags, **bought, Device="/dev/xvda", ImageId=order.image.id)
    call.in_settle(system, share=0.4, Status="In_use")
    make_local_disks(call, instance, order.type_record)
    for spec, given in (*order.imaged, *order.disks):
        keep = given.get("DeleteWithInstance", True)
        disk = make_disk(
            call, spec, order.zone, order.tags, **bought, Device=next_device(call.account, instance.id),
            DeleteWithInstance=keep, Portable=charge == "PostPaid",
        )  # fmt: skip
        call.in_settle(disk, share=0.4, Status="In_use")
