"""Virtual private cloud. VPC 2016-04-28: CreateVpc, DescribeVpcs, ModifyVpcAttribute, DeleteVpc."""

import ipaddress
from collections.abc import Iterable

from ecsplan.kinds import _asking, _leaving, _routes
from ecsplan.kinds._limits import types_of
from ecsplan.kinds._nat_gateways import nat_gateways
from ecsplan.kinds._one_vpc import links_stay_in_it
from ecsplan.kinds._shared import (
    description,
    name,
    resource_group,
    resource_group_update,
    tags,
    tags_update,
)
from ecsplan.model.address import Ref
from ecsplan.model.algebra import Raw, Value, members, texts
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Call, Product, at_rest, until
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.enclosing import Encloses
from ecsplan.model.capabilities.exporting import Exporting
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.preflight import Preflight
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import COMMON, Folded, Terraform, named
from ecsplan.model.change import Change
from ecsplan.model.composites import SetOf
from ecsplan.model.kind import Create, Delete, Ids, Kind, Listing, Paging, Update
from ecsplan.model.values import Boolean, Cidr, Text

of = types_of("vpc")


def grows_or_shrinks(before: str | None, after: str) -> bool:
    """The service takes a wider or a narrower range, no other one (ModifyVpcAttribute, CidrBlock)."""
    if before is None:
        return True
    old, new = ipaddress.IPv4Network(before), ipaddress.IPv4Network(after)
    return old.subnet_of(new) or new.subnet_of(old)


def change_ranges(change: Change) -> Iterable[Call]:
    """One range a call; new ones come before old ones go."""
    moved = change.attributes_by_name["secondary_cidr_blocks"]
    before, after = members(moved.before), members(moved.after)
    came = [("AssociateVpcCidrBlock", block) for block in after if block not in before]
    went = [("UnassociateVpcCidrBlock", block) for block in before if block not in after]
    for operation, block in (*came, *went):
        params = {"VpcId": change.id, "SecondaryCidrBlock": block}
        yield Call(operation, params, Product.VPC, "vpc", (change.id,), wait=at_rest("Available"))


def system_table(raw: Raw) -> str | None:
    return next(iter((raw.get("RouterTableIds") or {}).get("RouterTableIds") or ()), None)


def table_of(change: Change) -> Value:
    return change.live("route_table") or Ref(change.address, "route_table")


ELSEWHERE = (
    Terraform(
        "alicloud_vpc",
        named(
            vpc_name="name", cidr_block="cidr_block", enable_ipv6="enable_ipv6 bool", user_cidrs="user_cidrs list",
            secondary_cidr_blocks="secondary_cidr_blocks list", route_table_id="route_table?",
        ) + COMMON,
        theirs_alone={
            "ipv4_ipam_pool_id": "", "classic_link_enabled": False, "system_route_table_name": "",
            "system_route_table_description": "", "dns_hostname_status": "DISABLED",
        },
        renamed={"name": "vpc_name"},
        no_place=("routes",),
        decided=("route_table_id",),
        not_written=("secondary_cidr_blocks",),
        ignored=("system_route_table_name", "system_route_table_description"),
        folded=(
            Folded("alicloud_route_entry", ("routes",)),
            Folded("alicloud_vpc_route_entry", ("routes",)),
            Folded("alicloud_vpc_ipv4_cidr_block", ("secondary_cidr_blocks",), "vpc_id", 0),
        ),
    ),
    Ros(
        "ALIYUN::ECS::VPC", "VpcId",
        {"vpc_name": "VpcName", "cidr_block": "CidrBlock", "description": "Description", "enable_ipv6": "EnableIpv6",
         "resource_group_id": "ResourceGroupId", "tags": "Tags"},
    ),
)  # fmt: skip

KIND = Kind(
    name="vpc",
    summary="A private network of a region.",
    product=Product.VPC,
    attributes=(
        name("vpc", "VpcName"),
        Attribute(
            "cidr_block",
            "CidrBlock",
            of("cidr_block"),
            "The address range; it can shrink around its vSwitches, and grow again as far as it was made, not move.",
            required=True,
            fixed="replace",
            samples=("10.0.0.0/12", "10.0.0.0/16"),
        ),
        description("vpc"),
        Attribute(
            "enable_ipv6",
            "EnableIpv6",
            Boolean(),
            "Whether the VPC has an IPv6 range too.",
            read_as=lambda raw: bool(raw.get("Ipv6CidrBlock") or raw.get("EnabledIpv6")),
            samples=(False, True),
        ),
        Attribute(
            "user_cidrs",
            "UserCidr",
            SetOf(Cidr(), maximum=3),
            "Public ranges that are used as private ones.",
            read_as="UserCidrs.UserCidr",
            fixed="replace",
            samples=(["192.168.8.0/24"], ["192.168.8.0/24", "192.168.9.0/24"]),
        ),
        Attribute(
            "secondary_cidr_blocks",
            None,
            SetOf(Cidr(shortest=8, longest=28), maximum=5),
            "Further ranges. Exclusive: what is not listed is taken off, as soon as no vSwitch lies in it.",
            read_as="SecondaryCidrBlocks.SecondaryCidrBlock",
        ),
        Attribute(
            "routes",
            None,
            _routes.Routes(),
            "The routes of the table that all vSwitches use that have no other one. Those of others stay, unless "
            "lifecycle.exclusive names routes.",
            read_as=_routes.read_routes,
            is_shared=True,
            afterwards="its routes stay; write routes: false to remove them",
            unsampled="a next hop is in the VPC itself; test_routes.py has some",
        ),
        resource_group(),
        tags("vpc"),
        Attribute(
            "ipv6_cidr_block",
            None,
            Text(),
            "The IPv6 range that the cloud gave.",
            computed=True,
            read_as="Ipv6CidrBlock",
        ),
        Attribute(
            "route_table",
            None,
            Text(),
            "The id of the system route table.",
            computed=True,
            read_as=system_table,
        ),
    ),
    listing=Listing(
        "DescribeVpcs",
        items="Vpcs.Vpc",
        id="VpcId",
        name="VpcName",
        product=Product.VPC,
        paging=Paging.PAGE,
        page_size=50,
        ids=Ids("VpcId", "comma", 20),
        dry_run=True,
        details=(_routes.detail(lambda raw: system_table(raw) or ""),),
    ),
    create=Create(
        "CreateVpc",
        id="VpcId",
        asks=_asking.dry_run_of_create,
        later=("secondary_cidr_blocks", "routes"),
        wait=until("Available"),
        extra=lambda resource: (
            {"UserCidr": ",".join(texts(resource.attributes["user_cidrs"]))}
            if "user_cidrs" in resource.attributes
            else {}
        ),
    ),
    updates=(
        Update(
            "ModifyVpcAttribute",
            ("name", "description", "enable_ipv6"),
            wire={"enable_ipv6": "EnableIPv6"},
            wait=at_rest("Available"),
        ),
        Update("ModifyVpcAttribute", ("cidr_block",), only_if=grows_or_shrinks, wait=at_rest("Available")),
        Update("AssociateVpcCidrBlock", ("secondary_cidr_blocks",), build=change_ranges),
        Update(None, ("routes",), build=_routes.change_routes(table_of), impacts=(Impact.ACCESS,)),
        resource_group_update("VPC", Product.VPC),
        tags_update(),
    ),
    delete=Delete(
        "DeleteVpc",
        release=("routes",),
        empties=("routes",),
        held_by=(("vswitch", "vpc"), ("security_group", "vpc"), ("route_table", "vpc")),
        token=True,
    ),
    id_param="VpcId",
    id_prefixes=("vpc-",),
    can=(
        Tagged("VPC"),
        _leaving.ROUTES,
        Rights("vpc:vpc"),
        Checks((links_stay_in_it, _routes.check)),
        Preflight((nat_gateways(lambda raw: raw.get("VpcId")),)),
        Encloses("cidr_block", "vswitch", "vpc", "cidr_block", "secondary_cidr_blocks"),
        Exporting(rank=0),
        *ELSEWHERE,
    ),
    example={"cidr_block": "10.0.0.0/16"},
    docs="https://help.aliyun.com/document_detail/35737.html",
)
