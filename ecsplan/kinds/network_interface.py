"""A secondary network interface with its attachment. ECS 2014-05-26: CreateNetworkInterface, AttachNetworkInterface, …

The primary interface is a part of its instance, and no object of this kind.
"""

from collections.abc import Iterable, Mapping

from ecsplan.kinds import (
    _addresses,
    _balancers,
    _impacts,
    _interfaces,
    _ipv6_internet,
    _leaving,
    _needs,
    _prefixes,
    _tracking,
)
from ecsplan.kinds._limits import checks_of, types_of
from ecsplan.kinds._machine import holder
from ecsplan.kinds._one_vpc import links_stay_in_it
from ecsplan.kinds._one_zone import is_in_its_zone
from ecsplan.kinds._reach import GROUP_RULES
from ecsplan.kinds._shared import GROUPS, description, name, resource_group, resource_group_update, tags, tags_update
from ecsplan.model.address import Address
from ecsplan.model.algebra import Raw, Value, members
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Call, Params, until
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.exclusivity import Exclusivity
from ecsplan.model.capabilities.exporting import Exporting, always
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.parts import Parts
from ecsplan.model.capabilities.preflight import Preflight
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import COMMON, Folded, Terraform, named
from ecsplan.model.change import Action, Change
from ecsplan.model.composites import Reference
from ecsplan.model.copying import replace
from ecsplan.model.decoder import Decoder
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Create, Delete, Ids, Kind, Listing, Live, Paging, Update
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Boolean, Choice, IpAddress, Text

of = types_of("network_interface")

EITHER = (("private_ips", "private_ip_count"), ("ipv6_addresses", "ipv6_count"), *_prefixes.EITHER)


def itself(change: Change) -> Value:
    return change.id


def move_attachment(change: Change) -> Iterable[Call]:
    moved = change.attributes_by_name["instance"]
    if moved.before is not None:
        back = _interfaces.attach(change.id, moved.before) if moved.after is not None else None
        yield replace(_interfaces.detach(change.id, moved.before), undo=back)
    if moved.after is not None:
        yield _interfaces.attach(change.id, moved.after)


def change_tracking(change: Change) -> Iterable[Call]:
    params = {"NetworkInterfaceId": change.id, **_tracking.params(change, "connection_tracking")}
    yield Call("ModifyNetworkInterfaceAttribute", params, kind="network_interface", targets=(change.id,))


def stays_by_itself(resource: Resource) -> Params:
    """The service's own default would let it go with the instance that it hangs on."""
    return {} if "delete_on_release" in resource.attributes else {"DeleteOnRelease": False}


def attached_to(raw: Raw) -> object:
    return raw.get("InstanceId") or None


def hindered(change: Change, live: Live) -> Iterable[str]:
    """ModifyNetworkInterfaceAttribute, QueueNumber: Available, or on an instance that is Stopped."""
    machine_id = change.fact(holder)
    if not machine_id or "queue_number" not in change.attributes_by_name or change.action is Action.REPLACE:
        return
    machine, _ = live(machine_id)
    if machine is None or machine.status != "Stopped":
        yield (
            "queue_number: the service changes it only while the interface hangs on no machine that runs; stop "
            f"{machine_id} first (ecsplan stop), or detach the interface"
        )


def names_or_numbers(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    for names, count in EITHER:
        if names in resource.attributes and count in resource.attributes:
            yield Diagnostic(
                f"{names} and {count} say the same thing twice",
                "write the addresses, or how many; not both",
                resource.source_of(count),
                resource.address,
                rule=Rule.COMBINATION,
            )


LATER = ("instance", *_ipv6_internet.NAMES, *_balancers.NAMES)


def has_a_primary_ipv6(raw: Raw) -> bool:
    return any(address.get("Primary") for address in (raw.get("Ipv6Sets") or {}).get("Ipv6Set") or ())


CREATE = Create("CreateNetworkInterface", id="NetworkInterfaceId", later=LATER, extra=stays_by_itself,
                wait=until("Available", "InUse"), seconds=3.0)  # fmt: skip
MANY = replace(CREATE, later=("private_ips", *LATER))  # the create call takes ten addresses at most

ELSEWHERE = (
    Terraform(
        "alicloud_ecs_network_interface",
        named(
            network_interface_name="name", vswitch_id="vswitch", security_group_ids="security_groups list",
            primary_ip_address="primary_ip?", private_ip_addresses="private_ips list",
            ipv6_addresses="ipv6_addresses list", queue_number="queue_number? number",
            network_interface_traffic_mode="traffic_mode", source_dest_check="source_dest_check bool",
            delete_on_release="delete_on_release bool",
        ) + COMMON,
        older=("alicloud_network_interface",),
        theirs_alone={"ipv4_prefixes": [], "instance_type": "Secondary"},
        renamed={
            "name": "network_interface_name", "private_ip": "primary_ip_address",
            "private_ips": "private_ip_addresses", "security_groups": "security_group_ids",
        },
        plan_names={"private_ip_count": "secondary_private_ip_address_count", "ipv6_count": "ipv6_address_count"},
        no_place=(
            "instance", "ipv6_internet.bandwidth", "ipv6_internet.gateway", "ipv6_internet.charge_type",
            "balancers.alb", "balancers.nlb", "balancers.clb",
        ),
        not_written=("ipv6_internet.bandwidth",),
        written=frozenset({"primary_ip", "resource_group", "source_dest_check"}),
        folded=(
            Folded("alicloud_ecs_network_interface_attachment", ("instance",), "network_interface_id", 0,
                   older=("alicloud_network_interface_attachment",)),
            Folded("alicloud_nlb_server_group_server_attachment", ("balancers.nlb",)),
            Folded("alicloud_slb_server_group_server_attachment", ("balancers.clb",)),
            Folded("alicloud_vpc_ipv6_internet_bandwidth", ("ipv6_internet.bandwidth",)),
        ),
        remark="or a slot of `instance.network_interfaces`",
    ),
    Ros(
        "ALIYUN::ECS::NetworkInterface", "NetworkInterfaceId",
        {"network_interface_name": "NetworkInterfaceName", "vswitch_id": "VSwitchId",
         "security_group_ids": "SecurityGroupIds", "primary_ip_address": "PrimaryIpAddress",
         "private_ip_addresses": "PrivateIpAddresses", "description": "Description",
         "resource_group_id": "ResourceGroupId", "tags": "Tags"},
    ),
)  # fmt: skip

KIND = Kind(
    name="network_interface",
    summary="A further network interface, which can move from one instance to another with its addresses.",
    attributes=(
        name("network_interface", "NetworkInterfaceName"),
        description("network_interface"),
        Attribute("vswitch", "VSwitchId", Reference("vswitch", prefixes=("vsw-",)),
                  "The subnet that its addresses are of, in the zone of the instance.", required=True, fixed="replace",
                  samples=("app", "beside"), samples_with={"primary_ip": None}),
        Attribute("security_groups", "SecurityGroupIds",
                  GROUPS,
                  _impacts.MEMBERSHIP, required=True,
                  read_as="SecurityGroupIds.SecurityGroupId", samples=(["web"], ["web", "extra"])),
        Attribute("primary_ip", "PrimaryIpAddress", IpAddress(), "Its own private address, inside the vSwitch's range.",
                  read_as="PrivateIpAddress", fixed="replace", samples=("10.0.100.20", "10.0.100.21")),
        Attribute("private_ips", "PrivateIpAddress", _addresses.PRIVATE,
                  "Further private addresses. Exclusive: what is not listed is given back.",
                  afterwards="write false to give them back",
                  read_as=_addresses.secondary, samples=(["10.0.100.30"], ["10.0.100.31", "10.0.100.32"])),
        Attribute("private_ip_count", "SecondaryPrivateIpAddressCount", of("private_ip_count"),
                  "How many further private addresses; the cloud chooses them, and it can only grow.",
                  read_as=lambda raw: len(_addresses.secondary(raw)) or None, fixed="refuse", samples=(1, 3),
                  samples_with={"private_ips": None}),
        Attribute("ipv6_addresses", "Ipv6Address", _addresses.IPV6,
                  "IPv6 addresses. Exclusive: what is not listed is given back.",
                  afterwards="write false to give them back", read_as=_addresses.ipv6),
        Attribute("ipv6_count", "Ipv6AddressCount", of("ipv6_count"),
                  "How many IPv6 addresses; the cloud chooses them, and it can only grow.",
                  read_as=lambda raw: len(_addresses.ipv6(raw)) or None, fixed="refuse"),
        Attribute("instance", None, Reference("instance", prefixes=("i-",)), "The instance it is attached to.",
                  read_as=attached_to, optional=True, is_relation=True, samples=("web", "other")),
        Attribute("delete_on_release", "DeleteOnRelease", Boolean(),
                  "Whether it goes with the instance that it is attached to; it does not if left out.",
                  samples=(False, True)),
        Attribute("queue_number", "QueueNumber", of("queue_number"), "How many queues it has."),
        Attribute("source_dest_check", "SourceDestCheck", Boolean(),
                  "Whether what is not from or to one of its addresses is dropped.", samples=(False, True)),
        Attribute("traffic_mode", "NetworkInterfaceTrafficMode", Choice("Standard", "HighPerformance"),
                  "Standard (TCP), or HighPerformance (RDMA).", fixed="replace",
                  samples=("Standard", "HighPerformance")),
        *_ipv6_internet.ATTRIBUTES,
        *_prefixes.ATTRIBUTES,
        *_tracking.attributes("connection_tracking", is_sent=True),
        Attribute("primary_ipv6", "EnablePrimaryIPv6", Boolean(), "Whether its first IPv6 address is its primary one: "
                  "it stays as long as the interface does.", read_as=has_a_primary_ipv6, fixed="refuse",
                  unsampled="needs a vSwitch with IPv6; test_interface_options.py has one"),
        *_balancers.ATTRIBUTES,
        resource_group(),
        tags("network_interface"),
        Attribute("mac_address", None, Text(), "The MAC address.", computed=True, read_as="MacAddress"),
        Attribute("zone", None, Text(), "The zone, that of the vSwitch.", computed=True, read_as="ZoneId"),
    ),
    listing=Listing(
        "DescribeNetworkInterfaces",
        items="NetworkInterfaceSets.NetworkInterfaceSet",
        id="NetworkInterfaceId",
        name="NetworkInterfaceName",
        paging=Paging.EITHER,
        page_size=500,
        params={"Type": "Secondary"},
        ids=Ids("NetworkInterfaceId", "list", 100),
        parent="InstanceId",
        born_with="instance",
        skip=lambda raw: raw.get("Status") == "Deleting",  # nothing can be done with it any more
        outlives=Decoder(lambda raw: not raw.get("InstanceId") or raw.get("DeleteOnRelease") is False),
        details=(_ipv6_internet.detail("network_interface"), _tracking.detail("connection_tracking"),
                 *_balancers.details(_balancers.ENI)),
    ),
    create=replace(CREATE, instead=lambda resource: MANY if _has_many(resource) else None),
    updates=(
        Update("ModifyNetworkInterfaceAttribute",
               ("name", "description", "security_groups", "delete_on_release", "queue_number", "source_dest_check"),
               wire={"security_groups": "SecurityGroupId"}, impacts=_impacts.only(Impact.ACCESS, "security_groups")),
        Update("AssignPrivateIpAddresses", ("private_ips",), impacts=_impacts.of_addresses("private_ips"),
               build=_addresses.change_private("private_ips", itself)),
        Update("AssignPrivateIpAddresses", ("private_ip_count",), only_if=_addresses.grows, otherwise=_addresses.FEWER,
               build=_addresses.grow_private("private_ip_count", itself)),
        Update("AssignIpv6Addresses", ("ipv6_addresses",), impacts=_impacts.of_addresses("ipv6_addresses"),
               build=_ipv6_internet.along(_addresses.change_ipv6("ipv6_addresses", itself))),
        Update("AssignIpv6Addresses", ("ipv6_count",), only_if=_addresses.grows, otherwise=_addresses.FEWER,
               build=_ipv6_internet.along(_addresses.grow_ipv6("ipv6_count", itself))),
        *_prefixes.UPDATES,
        Update("ModifyNetworkInterfaceAttribute", tuple(f"connection_tracking.{name}" for name in _tracking.WIRE),
               build=change_tracking),
        Update("ModifyNetworkInterfaceAttribute", ("primary_ipv6",), only_if=lambda before, after: bool(after),
               wire={"primary_ipv6": "EnablePrimaryIPv6"}, otherwise="the service has no way back"),
        Update("AttachNetworkInterface", ("instance",), build=move_attachment, impacts=_impacts.of_plugging),
        *_ipv6_internet.UPDATES,
        *_balancers.updates(_balancers.ENI),
        resource_group_update("eni"),
        tags_update(),
    ),
    delete=Delete("DeleteNetworkInterface", release=(*_balancers.NAMES, _ipv6_internet.BANDWIDTH, "instance"),
                  empties=_balancers.NAMES, impacts=(Impact.NEW_ADDRESS,)),
    id_param="NetworkInterfaceId",
    id_prefixes=("eni-",),
    can=(
        _leaving.BALANCERS,
        Tagged("eni"),
        Rights("ecs:eni"),
        Checks((checks_of("network_interface"), names_or_numbers, links_stay_in_it, is_in_its_zone,
                _ipv6_internet.check,
                _addresses.need_ipv6("ipv6_addresses", "ipv6_count"),
                _addresses.lie_in_the_vswitch("primary_ip", "private_ips"))),
        Preflight((GROUP_RULES,), hindered=hindered, needs=_needs.of_interface),
        Parts((), _ipv6_internet.refine),
        *_balancers.CAN_FROM_A_MACHINE,
        Exclusivity(_addresses.exclusive("primary_ip", "private_ips", "ipv6_addresses")),
        Exporting(
            rank=10,
            word="interface",
            defaults={"traffic_mode": "Standard", "delete_on_release": True, **_tracking.usual("connection_tracking")},
            # The addresses themselves say how many they are.
            noise={
                "primary_ipv6": lambda value, values: value is False,
                **dict.fromkeys(("primary_ip", "private_ip_count", "ipv6_count", "ipv4_prefix_count",
                                 "ipv6_prefix_count", "queue_number"), always),
            },
            beyond={"trunk_interface": "Attachment.TrunkNetworkInterfaceId",
                    "network_card": "Attachment.NetworkCardIndex"},
        ),
        *ELSEWHERE,
    ),
    example={"vswitch": "app", "security_groups": ["web"], "primary_ip": "10.0.100.50", "instance": "web"},
    docs="https://help.aliyun.com/document_detail/58504.html",
)  # fmt: skip


def _has_many(resource: Resource) -> bool:
    return len(members(resource.attributes.get("private_ips"))) > _addresses.AT_ONCE
