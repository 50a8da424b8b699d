"""IPv6 gateway. VPC 2016-04-28: CreateIpv6Gateway, DescribeIpv6Gateways, ModifyIpv6GatewayAttribute, DeleteIpv6Gateway.

What makes addresses public stands with their interfaces (_ipv6_internet.py).
"""

from ecsplan.kinds._forms import OF_NETWORK, ONE_OR_MORE, TAG_KEY, VPC_TAG_VALUE
from ecsplan.kinds._ipv6_internet import HOLDERS
from ecsplan.kinds._shared import description, name, resource_group, resource_group_update, tags, tags_update
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Product, until
from ecsplan.model.capabilities.exclusivity import Exclusive, Exclusivity
from ecsplan.model.capabilities.exporting import Exporting
from ecsplan.model.capabilities.ordering import Ordering
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.preflight import Preflight
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import COMMON, Terraform, named
from ecsplan.model.composites import Reference
from ecsplan.model.kind import Create, Delete, Ids, Kind, Listing, Paging, Update
from ecsplan.model.limits import Pairs

ELSEWHERE = (
    Terraform(
        "alicloud_vpc_ipv6_gateway",
        named(ipv6_gateway_name="name", vpc_id="vpc") + COMMON,
        theirs_alone={"spec": ""},
    ),
    Ros(
        "ALIYUN::VPC::Ipv6Gateway", "Ipv6GatewayId",
        {"ipv6_gateway_name": "Name", "vpc_id": "VpcId", "description": "Description", "tags": "Tags",
         "resource_group_id": "ResourceGroupId"},
    ),
)  # fmt: skip

KIND = Kind(
    name="ipv6_gateway",
    summary="The way between the IPv6 addresses of a VPC and the Internet; a VPC has one.",
    product=Product.VPC,
    attributes=(
        name(OF_NETWORK, "Name"),
        description(ONE_OR_MORE),
        Attribute("vpc", "VpcId", Reference("vpc", prefixes=("vpc-",)), "The VPC that it is in, which has IPv6.",
                  required=True, fixed="replace", samples=("dual", "double")),
        resource_group(),
        tags(Pairs(TAG_KEY, VPC_TAG_VALUE)),
    ),
    listing=Listing(
        "DescribeIpv6Gateways", items="Ipv6Gateways.Ipv6Gateway", id="Ipv6GatewayId", name="Name", product=Product.VPC,
        paging=Paging.PAGE, page_size=50, ids=Ids("Ipv6GatewayId", "single", 1),
    ),
    create=Create("CreateIpv6Gateway", id="Ipv6GatewayId", wait=until("Available", "Created"), seconds=5.0),
    updates=(
        Update("ModifyIpv6GatewayAttribute", ("name", "description"), token=True),
        resource_group_update("ipv6gateway", Product.VPC),
        tags_update(),
    ),
    delete=Delete("DeleteIpv6Gateway", token=True, seconds=5.0),
    id_param="Ipv6GatewayId",
    id_prefixes=("ipv6gw-",),
    can=(
        Tagged("IPV6GATEWAY"),
        Rights("vpc:ipv6gateway"),
        Ordering(lane="vpc"),
        Exclusivity((Exclusive("vpc"),), one_holder=("vpc",)),
        Preflight((HOLDERS,)),
        Exporting(rank=2),
        *ELSEWHERE,
    ),
    example={"vpc": "dual", "description": "the way out of IPv6"},
    docs="https://help.aliyun.com/document_detail/102214.html",
)  # fmt: skip
