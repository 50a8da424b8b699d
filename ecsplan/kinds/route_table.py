"""Route table of its own. VPC 2016-04-28: CreateRouteTable, DescribeRouteTableList, ModifyRouteTableAttributes, …

Which vSwitches use it is said by these (vswitch.route_table).
"""

from ecsplan.kinds import _leaving, _routes
from ecsplan.kinds._forms import DESCRIPTION, LETTERS, TAG_KEY, VPC_TAG_VALUE
from ecsplan.kinds._one_vpc import links_stay_in_it
from ecsplan.kinds._shared import description, name, tags, tags_update
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Product, until
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.exporting import Exporting
from ecsplan.model.capabilities.ordering import Ordering
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import Folded, Terraform, named
from ecsplan.model.composites import Reference
from ecsplan.model.kind import Create, Delete, Ids, Kind, Listing, Paging, Update
from ecsplan.model.limits import Length, Pairs
from ecsplan.model.values import Boolean, Choice

NAME = Length(1, 128, f"^[{LETTERS}][{LETTERS}0-9._-]*$",
              "a name of 1 to 128 letters, digits, '.', '_' and '-' that starts with a letter")  # fmt: skip


ELSEWHERE = (
    Terraform(
        "alicloud_route_table",
        named(
            route_table_name="name", vpc_id="vpc", associate_type="associate_type?", description="description",
            route_propagation_enable="route_propagation? bool", tags="tags",
        ),
        renamed={"name": "route_table_name"},
        no_place=("routes",),
        folded=(
            Folded("alicloud_route_entry", ("routes",)),
            Folded("alicloud_vpc_route_entry", ("routes",)),
        ),
    ),
    Ros(
        "ALIYUN::VPC::RouteTable", "RouteTableId",
        {"route_table_name": "RouteTableName", "vpc_id": "VpcId", "description": "Description", "tags": "Tags",
         "associate_type": "AssociateType"},
    ),
)  # fmt: skip

KIND = Kind(
    name="route_table",
    summary="A table of routes for some vSwitches of a VPC, in place of the one that every VPC has.",
    product=Product.VPC,
    attributes=(
        name(NAME, "RouteTableName"),
        description(DESCRIPTION),
        Attribute("vpc", "VpcId", Reference("vpc", prefixes=("vpc-",)), "The VPC that it is in.", required=True,
                  fixed="replace", samples=("main", "second"), samples_with={"routes": None}),
        Attribute("associate_type", "AssociateType", Choice("VSwitch", "Gateway"),
                  "Whether vSwitches (if left out) or a gateway can use it.", fixed="replace",
                  samples=("VSwitch", "Gateway")),
        Attribute("route_propagation", None, Boolean(), "Whether it takes over routes that others announce.",
                  read_as="RoutePropagationEnable", samples=(True, False)),
        Attribute("routes", None, _routes.Routes(), "Its routes. Those of others stay, unless lifecycle.exclusive "
                  "names routes.", read_as=_routes.read_routes, is_shared=True,
                  afterwards="its routes stay; write routes: false to remove them",
                  samples=([{"cidr": "192.168.0.0/16", "next_hop": "instance.web", "description": "the office"}],
                           [{"cidr": "192.168.0.0/16", "next_hop": "instance.other", "description": "the lab"},
                            {"cidr": "172.16.0.0/12", "next_hop": "instance.web", "name": "partner"}])),
        tags(Pairs(TAG_KEY, VPC_TAG_VALUE)),
    ),
    listing=Listing(
        "DescribeRouteTableList", items="RouterTableList.RouterTableListType", id="RouteTableId", name="RouteTableName",
        product=Product.VPC, paging=Paging.PAGE, page_size=50, ids=Ids("RouteTableId", "single", 1),
        skip=lambda raw: raw.get("RouteTableType") == "System",  # goes with its VPC, which has its routes
        details=(_routes.detail(),),
    ),
    create=Create("CreateRouteTable", id="RouteTableId", later=("route_propagation", "routes"),
                  wait=until("Available"), seconds=3.0),
    updates=(
        Update("ModifyRouteTableAttributes", ("name", "description")),
        Update("ModifyRouteTableAttributes", ("route_propagation",),
               wire={"route_propagation": "RoutePropagationEnable"}),
        Update(None, ("routes",), build=_routes.change_routes(lambda change: change.id), impacts=(Impact.ACCESS,)),
        tags_update(),
    ),
    delete=Delete("DeleteRouteTable", release=("routes",), empties=("routes",), held_by=(("vswitch", "route_table"),)),
    id_param="RouteTableId",
    id_prefixes=("vtb-",),
    can=(Tagged("ROUTETABLE"), _leaving.ROUTES, Rights("vpc:routetable"), Checks((links_stay_in_it, _routes.check)),
         Ordering(lane="vpc"), *ELSEWHERE,
         Exporting(rank=2, defaults={"associate_type": "VSwitch", "route_propagation": True})),
    example={"vpc": "main", "routes": [{"cidr": "192.168.0.0/16", "next_hop": "instance.web"}]},
    docs="https://help.aliyun.com/document_detail/87586.html",
)  # fmt: skip
