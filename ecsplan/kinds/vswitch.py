"""vSwitch: a subnet of a VPC in one zone. VPC 2016-04-28: CreateVSwitch, DescribeVSwitches, ModifyVSwitchAttribute."""

import ipaddress
from collections.abc import Iterable, Mapping

from ecsplan.kinds._limits import types_of
from ecsplan.kinds._nat_gateways import nat_gateways
from ecsplan.kinds._shared import ZONE, description, name, tags, tags_update
from ecsplan.model.address import Address, Ref
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Product, until
from ecsplan.model.composites import Reference
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Create, Delete, Exclusive, Ids, Kind, Listing, Paging, Update
from ecsplan.model.resource import Resource
from ecsplan.model.values import Integer

of = types_of("vswitch")


def lies_in_its_vpc(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    vpc, block = resource.attributes.get("vpc"), resource.attributes.get("cidr_block")
    owner = everything.get(vpc.address) if isinstance(vpc, Ref) else None
    around = owner.attributes.get("cidr_block") if owner else None
    if not isinstance(block, str) or not isinstance(around, str):
        return
    if not ipaddress.IPv4Network(block).subnet_of(ipaddress.IPv4Network(around)):
        yield Diagnostic(
            f"cidr_block {block} lies outside the VPC's {around}",
            f"write a range inside {around} of {vpc}",
            resource.source_of("cidr_block"),
            resource.address,
        )


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
    )


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
    create=Create("CreateVSwitch", id="VSwitchId", wait=until("Available")),
    updates=(
        Update("ModifyVSwitchAttribute", ("name", "description"), wait=until("Available")),
        tags_update(),
    ),
    delete=Delete("DeleteVSwitch", held_by=(("instance", "vswitch"), ("network_interface", "vswitch"))),
    inquiries=(nat_gateways(lambda raw: (raw.get("NatGatewayPrivateInfo") or {}).get("VswitchId")),),
    lane="vpc",
    exclusive=(Exclusive("cidr_block", "vpc"),),
    id_param="VSwitchId",
    id_prefixes=("vsw-",),
    tag_type="VSWITCH",
    example={"vpc": "main", "zone": "cn-hangzhou-h", "cidr_block": "10.0.1.0/24"},
    checks=(lies_in_its_vpc,),
    checks_together=(overlap,),
    docs="https://help.aliyun.com/document_detail/35745.html",
)
