"""vSwitch: a subnet of a VPC in one zone. VPC 2016-04-28: CreateVSwitch, DescribeVSwitches, ModifyVSwitchAttribute."""

import ipaddress
from collections.abc import Iterable, Mapping

from ecsplan.kinds._limits import types_of
from ecsplan.kinds._nat_gateways import nat_gateways
from ecsplan.kinds._one_vpc import links_stay_in_it
from ecsplan.kinds._shared import ZONE, description, name, tags, tags_update
from ecsplan.model.address import Address, Ref
from ecsplan.model.algebra import Raw, members, texts
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Call, Params, Product, Replay, Wait, at_rest, until
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.exclusivity import Exclusive, Exclusivity
from ecsplan.model.capabilities.exporting import Exporting
from ecsplan.model.capabilities.ordering import Ordering
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.preflight import Preflight
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import Folded, Terraform, named
from ecsplan.model.change import Action, Change
from ecsplan.model.composites import Reference
from ecsplan.model.copying import replace
from ecsplan.model.decoder import Decoder
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Create, Delete, Ids, Kind, Listing, Live, Paging, Update
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Integer

of = types_of("vswitch")


def lies_in_its_vpc(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """A VPC that is adopted may have ranges of its own beside; these are looked at when it is read."""
    vpc, block = resource.attributes.get("vpc"), resource.attributes.get("cidr_block")
    owner = everything.get(vpc.address) if isinstance(vpc, Ref) else None
    around = owner.attributes.get("cidr_block") if owner else None
    if owner is None or not isinstance(block, str) or not isinstance(around, str):
        return
    further = owner.attributes.get("secondary_cidr_blocks")
    ranges = [around, *texts(further)]
    if (further is None and owner.adopt is not None) or len(ranges) <= len(members(further)):
        return
    if not _is_inside(block, ranges):
        yield Diagnostic(
            f"cidr_block {block} lies outside the VPC's {' and '.join(ranges)}",
            f"write a range inside {' or '.join(ranges)} of {vpc}",
            resource.source_of("cidr_block"),
            resource.address,
            rule=Rule.NETWORK,
        )


def _is_inside(block: str, ranges: Iterable[str]) -> bool:
    return any(ipaddress.IPv4Network(block).subnet_of(ipaddress.IPv4Network(around)) for around in ranges)


def has_ipv6(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """CreateVSwitch takes Ipv6CidrBlock in a VPC that has IPv6 alone."""
    vpc = resource.attributes.get("vpc")
    owner = everything.get(vpc.address) if isinstance(vpc, Ref) else None
    if "ipv6_cidr_block" not in resource.attributes or owner is None or owner.adopt is not None:
        return
    if owner.attributes.get("enable_ipv6") is not True:
        yield Diagnostic(
            f"ipv6_cidr_block: {vpc} has no IPv6 range",
            f"write enable_ipv6: true in {owner.address}",
            resource.source_of("ipv6_cidr_block"),
            resource.address,
            rule=Rule.NETWORK,
        )


@Decoder
def _ranges(vpc: Raw) -> list[str]:
    further = (vpc.get("SecondaryCidrBlocks") or {}).get("SecondaryCidrBlock") or ()
    return [str(vpc["CidrBlock"]), *map(str, further)]


def hindered(change: Change, live: Live) -> Iterable[str]:
    """A range outside of all that a live VPC has, and is to have."""
    vpc, block = change.desired("vpc"), change.desired("cidr_block")
    if change.action not in (Action.CREATE, Action.REPLACE) or not isinstance(vpc, str) or not isinstance(block, str):
        return
    owner, fate = live(vpc)
    if owner is None or (fate is not None and fate.action is not Action.NOOP):
        return
    ranges = owner.fact(_ranges)
    if not _is_inside(block, ranges):
        yield f"cidr_block {block} lies outside the VPC's {' and '.join(ranges)}"


def last_bits(raw: Raw) -> int | None:
    """Ipv6CidrBlock is a number when it is written, and a range of 64 bits when it is read."""
    block = raw.get("Ipv6CidrBlock")
    return int(ipaddress.IPv6Network(str(block)).network_address) >> 64 & 0xFF if block else None


def change_ipv6(change: Change) -> Iterable[Call]:
    """A range is given once; another one comes after the old has been given up."""
    moved = change.attributes_by_name["ipv6_cidr_block"]
    call = Call("ModifyVSwitchAttribute", {}, Product.VPC, "vswitch", (change.id,), wait=at_rest("Available"))
    if moved.before is not None:
        yield replace(call, params={"VSwitchId": change.id, "EnableIPv6": False})
    if moved.after is not None:
        yield replace(call, params={"VSwitchId": change.id, "EnableIPv6": True, "Ipv6CidrBlock": moved.after})


def change_table(change: Change) -> Iterable[Call]:
    """A vSwitch has one table: it comes back to that of its VPC before it gets another."""
    moved = change.attributes_by_name["route_table"]
    for operation, table in (("UnassociateRouteTable", moved.before), ("AssociateRouteTable", moved.after)):
        if table is not None:
            params = {"RouteTableId": table, "VSwitchId": change.id}
            yield Call(operation, params, Product.VPC, "vswitch", (change.id,), absent_is_done=table is moved.before)


def change_acl(change: Change) -> Iterable[Call]:
    """A vSwitch has one ACL: the old one leaves before the new one comes, and for that moment nothing is filtered."""
    moved = change.attributes_by_name["network_acl"]
    if moved.before is not None:
        yield Call("UnassociateNetworkAcl", _resource(moved.before, change), Product.VPC, "vswitch", (change.id,),
                   wait=Wait((("NetworkAclId", (None, "")),)), absent_is_done=True,
                   done_on=("InvalidResource.NotBinding",),
                   undo=_associate(moved.before, change) if moved.after is not None else None)  # fmt: skip
    if moved.after is not None:
        yield _associate(moved.after, change)


def noted(change: Change) -> Iterable[str]:
    moved = change.attributes_by_name.get("network_acl")
    if moved is not None and moved.before is not None and moved.after is not None:
        yield f"it leaves {moved.before} before it has the other ACL: for that moment nothing is filtered"


def _associate(acl: object, change: Change) -> Call:
    return Call("AssociateNetworkAcl", _resource(acl, change), Product.VPC, "vswitch", (change.id,),
                wait=until(NetworkAclId=acl), token=True, replay=Replay.TOKEN)  # fmt: skip


def _resource(acl: object, change: Change) -> Params:
    return {"NetworkAclId": acl, "Resource": [{"ResourceId": change.id, "ResourceType": "VSwitch"}]}


def own_table(raw: Raw) -> str | None:
    """That of its VPC is none of its own."""
    table = raw.get("RouteTable") or {}
    return table.get("RouteTableId") if table.get("RouteTableType") == "Custom" else None


def overlap(vswitches: Iterable[Resource]) -> Iterable[Diagnostic]:
    """Ranges of one VPC in the order of their first addresses: one that overlaps any overlaps the widest before it."""
    placed = [
        (str(vswitch.attributes.get("vpc")), ipaddress.IPv4Network(block), vswitch)
        for vswitch in vswitches
        if isinstance(block := vswitch.attributes.get("cidr_block"), str)
    ]
    placed.sort(key=lambda one: (one[0], one[1].network_address, one[1].prefixlen, one[2].address.sort_key))
    before: tuple[str, ipaddress.IPv4Network, Resource] | None = None
    for found in placed:
        if before is not None and before[0] == found[0] and before[1].overlaps(found[1]):
            yield _overlap(*sorted((before[2], found[2]), key=lambda vswitch: vswitch.address.sort_key))
        if before is None or before[0] != found[0] or before[1].broadcast_address < found[1].broadcast_address:
            before = found


def _overlap(first: Resource, second: Resource) -> Diagnostic:
    theirs, block = (vswitch.attributes["cidr_block"] for vswitch in (first, second))
    place = first.source_of("cidr_block")
    return Diagnostic(
        f"cidr_block {block} overlaps {theirs} of {first.address}",
        f"write ranges that do not overlap; the other one is at {place}" if place else "",
        second.source_of("cidr_block"),
        second.address,
        rule=Rule.NETWORK,
    )


ELSEWHERE = (
    Terraform(
        "alicloud_vswitch",
        named(
            vswitch_name="name", vpc_id="vpc", zone_id="zone", cidr_block="cidr_block", description="description",
            tags="tags", ipv6_cidr_block_mask="ipv6_cidr_block? number",
        ),
        older=("alicloud_subnet",),
        renamed={"name": "vswitch_name", "availability_zone": "zone_id"},
        no_place=("route_table", "network_acl"),
        not_written=("ipv6_cidr_block",),
        folded=(
            Folded("alicloud_route_table_attachment", ("route_table",), "vswitch_id", 1),
            Folded("alicloud_vpc_network_acl_attachment", ("network_acl",), "resource_id", 1),
            Folded("alicloud_network_acl_attachment", ("network_acl",)),
        ),
    ),
    Ros(
        "ALIYUN::ECS::VSwitch", "VSwitchId",
        {"vswitch_name": "VSwitchName", "vpc_id": "VpcId", "zone_id": "ZoneId", "cidr_block": "CidrBlock",
         "description": "Description", "tags": "Tags"},
    ),
)  # fmt: skip

KIND = Kind(
    name="vswitch",
    summary="A subnet of a VPC, in one zone.",
    product=Product.VPC,
    attributes=(
        name("vswitch", "VSwitchName"),
        Attribute(
            "vpc",
            "VpcId",
            Reference("vpc", prefixes=("vpc-",)),
            "The VPC that it belongs to.",
            required=True,
            fixed="replace",
            samples=("main", "second"),
        ),
        Attribute(
            "zone",
            "ZoneId",
            ZONE,
            "The zone, like cn-hangzhou-h.",
            required=True,
            fixed="replace",
            samples=("cn-hangzhou-h", "cn-hangzhou-i"),
        ),
        Attribute(
            "cidr_block",
            "CidrBlock",
            of("cidr_block"),
            "The address range, inside the VPC's.",
            required=True,
            fixed="replace",
            samples=("10.0.200.0/24", "10.0.201.0/24"),
        ),
        Attribute(
            "ipv6_cidr_block",
            "Ipv6CidrBlock",
            Integer(0, 255),
            "The last 8 bits of its IPv6 range, in that of the VPC; without one, nothing in it has IPv6.",
            read_as=last_bits,
            samples=(7, 8),
            samples_with={"vpc": "dual"},
        ),
        Attribute(
            "route_table",
            None,
            Reference("route_table", prefixes=("vtb-",)),
            "The route table that it uses in place of the VPC's.",
            read_as=own_table,
            optional=True,
            is_relation=True,
            samples=("one", "two"),
        ),
        Attribute(
            "network_acl",
            None,
            Reference("network_acl", prefixes=("nacl-",)),
            "The network ACL that filters its traffic.",
            read_as=lambda raw: raw.get("NetworkAclId") or None,
            optional=True,
            is_relation=True,
            samples=("one", "two"),
        ),
        description("vswitch"),
        tags("vswitch"),
        Attribute(
            "available_ips", None, Integer(), "Free addresses.", computed=True, read_as="AvailableIpAddressCount"
        ),
    ),
    listing=Listing(
        "DescribeVSwitches",
        items="VSwitches.VSwitch",
        id="VSwitchId",
        name="VSwitchName",
        product=Product.VPC,
        paging=Paging.PAGE,
        page_size=50,
        ids=Ids("VSwitchId", "single", 1),
        dry_run=True,
    ),
    create=Create("CreateVSwitch", id="VSwitchId", later=("route_table", "network_acl"), wait=until("Available")),
    updates=(
        Update("ModifyVSwitchAttribute", ("name", "description"), wait=at_rest("Available")),
        Update("ModifyVSwitchAttribute", ("ipv6_cidr_block",), build=change_ipv6),
        Update("AssociateNetworkAcl", ("network_acl",), build=change_acl, impacts=(Impact.ACCESS,)),
        Update("AssociateRouteTable", ("route_table",), build=change_table, impacts=(Impact.ACCESS,)),
        tags_update(),
    ),
    delete=Delete(
        "DeleteVSwitch",
        release=("route_table", "network_acl"),
        held_by=(("instance", "vswitch"), ("network_interface", "vswitch")),
    ),
    id_param="VSwitchId",
    id_prefixes=("vsw-",),
    can=(
        Tagged("VSWITCH"),
        Rights("vpc:vswitch"),
        Checks((lies_in_its_vpc, has_ipv6, links_stay_in_it), (overlap,)),
        Preflight(
            (nat_gateways(lambda raw: (raw.get("NatGatewayPrivateInfo") or {}).get("VswitchId")),),
            hindered=hindered,
            noted=noted,
        ),
        Ordering(lane="vpc"),
        Exclusivity((Exclusive("cidr_block", "vpc"),)),
        Exporting(rank=1),
        *ELSEWHERE,
    ),
    example={"vpc": "main", "zone": "cn-hangzhou-h", "cidr_block": "10.0.1.0/24"},
    docs="https://help.aliyun.com/document_detail/35745.html",
)
