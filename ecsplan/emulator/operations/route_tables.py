"""Route tables, and the vSwitches that use them. A vSwitch without one of its own uses the VPC's System table."""

from __future__ import annotations

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, check_description, check_name, vpc_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import Refusal

NOT_FOUND = "InvalidRouteTableId.NotFound"


def require_table(call: Call) -> Thing:
    return call.require("routetable", call.need("RouteTableId"), NOT_FOUND, "RouteTableId")


def create_route_table(call: Call) -> Body:
    vpc = call.require("vpc", call.need("VpcId"), "InvalidVpcId.NotFound", "VpcId")
    used = call.account.how_many("routetable", "VpcId", vpc.id) - 1
    call.check_quota("custom_route_tables_per_vpc", used, "QuotaExceeded.RouteTable")
    table = call.account.add("routetable", vpc.region, call.account.new_id("vtb", vpc.region, 21), {
        "VpcId": vpc.id,
        "RouteTableType": "Custom",
        "RouteTableName": _name(call),
        "Description": check_description(call.get("Description"), 1),
        "AssociateType": call.choice("AssociateType", "VSwitch", "Gateway", default="VSwitch"),
        "Status": "Pending",
        "CreationTime": to_seconds(call.now),
        "VRouterId": vpc["VRouterId"],
    }, call.tags())  # fmt: skip
    call.in_settle(table, share=0.5, Status="Available")
    return {"RouteTableId": table.id}


def _name(call: Call) -> str:
    return check_name(call.get("RouteTableName"), "RouteTableName", "InvalidRouteTableName.Malformed")


def delete_route_table(call: Call) -> Body:
    table = require_table(call)
    if table["RouteTableType"] == "System":
        raise Refusal(400, "OperationDenied.SystemRouteTable", "The System route table goes with its VPC.")
    if call.account.how_many("vswitch", "RouteTableId", table.id):
        raise Refusal(400, "DependencyViolation.VSwitch", f"vSwitches use the route table {table.id}.")
    if call.account.how_many("routeentry", "RouteTableId", table.id):
        raise Refusal(400, "DependencyViolation.RouteEntry", f"The route table {table.id} has entries.")
    require_available(table)
    call.account.remove(table)
    return {}


def require_available(table: Thing) -> None:
    if table.status != "Available":
        raise Refusal(400, "IncorrectRouteTableStatus", f"The route table {table.id} is {table.status}.")


def describe_route_table_list(call: Call) -> Body:
    one = call.get("RouteTableId")
    tables = call.listed_by("routetable", [one]) if one is not None else call.candidates("routetable")
    tables = call.filtered(
        call.matching_tags(tables), VpcId="VpcId", RouteTableName="RouteTableName", RouteTableType="RouteTableType",
        RouterId="VRouterId",
    )  # fmt: skip
    if call.get("RouterType") not in (None, "VRouter"):
        tables = []
    return by_number(call, tables, _shown, ("RouterTableList", "RouterTableListType"), 50)


def vswitches_of(call: Call, table: Thing) -> list[str]:
    return [vswitch.id for vswitch in call.account.where("vswitch", "RouteTableId", table.id)]


def _shown(call: Call, table: Thing) -> Body:
    vpc = call.account.get("vpc", table["VpcId"])
    return {
        "RouteTableId": table.id,
        "RouteTableName": table["RouteTableName"],
        "Description": table["Description"],
        "RouteTableType": table["RouteTableType"],
        "AssociateType": table.get("AssociateType", "VSwitch"),
        "Status": table["Status"],
        "CreationTime": table["CreationTime"],
        "VpcId": table["VpcId"],
        "RouterId": table["VRouterId"],
        "RouterType": "VRouter",
        "RoutePropagationEnable": table.get("RoutePropagationEnable", True),
        "ResourceGroupId": vpc["ResourceGroupId"] if vpc is not None else "",
        "OwnerId": int(call.account.owner),
        "VSwitchIds": {"VSwitchId": vswitches_of(call, table)},
        "GatewayIds": {"GatewayIds": []},
        "Tags": vpc_tags(table),
    }


def modify_route_table_attributes(call: Call) -> Body:
    table = require_table(call)
    changes: Body = {}
    if call.get("RouteTableName") is not None:
        changes["RouteTableName"] = _name(call)
    if call.get("Description") is not None:
        changes["Description"] = check_description(call.get("Description"), 1)
    if call.get("RoutePropagationEnable") is not None:
        changes["RoutePropagationEnable"] = call.get("RoutePropagationEnable")
    call.account.change_all(table, changes)
    return {}


def _pair(call: Call) -> tuple[Thing, Thing]:
    table = require_table(call)
    vswitch = call.require("vswitch", call.need("VSwitchId"), "InvalidVSwitchId.NotFound", "VSwitchId")
    require_available(table)
    if vswitch["VpcId"] != table["VpcId"]:
        raise Refusal(400, "InvalidVSwitchId.VpcMismatch", "The vSwitch and the route table are in two VPCs.")
    return table, vswitch


def associate_route_table(call: Call) -> Body:
    table, vswitch = _pair(call)
    current = call.account.get("routetable", vswitch["RouteTableId"])
    if current is not None and current["RouteTableType"] != "System":
        raise Refusal(400, "OperationDenied.AlreadyAssociated", f"{vswitch.id} uses the route table {current.id}.")
    call.account.change(vswitch, RouteTableId=table.id)
    return {}


def unassociate_route_table(call: Call) -> Body:
    table, vswitch = _pair(call)
    vpc = call.require("vpc", table["VpcId"], "InvalidVpcId.NotFound", "VpcId")
    if vswitch["RouteTableId"] != table.id or table["RouteTableType"] == "System":
        raise Refusal(400, "OperationDenied.NotAssociated", f"{vswitch.id} does not use the route table {table.id}.")
    call.account.change(vswitch, RouteTableId=vpc["SystemTable"])
    return {}


def describe_vrouters(call: Call) -> Body:
    routers = [v for v in call.listed("vpc") if call.get("VRouterId") in (None, v["VRouterId"])]
    return by_number(call, routers, _router, ("VRouters", "VRouter"), 50)


def _router(call: Call, vpc: Thing) -> Body:
    return {
        "VRouterId": vpc["VRouterId"],
        "VRouterName": vpc.get("VRouterName", ""),
        "Description": vpc.get("VRouterText", ""),
        "RegionId": vpc.region,
        "VpcId": vpc.id,
        "CreationTime": vpc["CreationTime"],
        "RouteTableIds": {"RouteTableId": [t.id for t in call.account.where("routetable", "VpcId", vpc.id)]},
    }


def modify_vrouter_attribute(call: Call) -> Body:
    wanted = call.need("VRouterId")
    vpc = next((v for v in call.account.everywhere("vpc") if v["VRouterId"] == wanted), None)
    if vpc is None:
        raise Refusal(404, "InvalidVRouterId.NotFound", f"The VRouter {wanted} does not exist.")
    if call.get("VRouterName"):
        name = check_name(call.get("VRouterName"), "VRouterName", "InvalidVRouterName.Malformed")
        call.account.change(vpc, VRouterName=name)
    if call.get("Description"):
        call.account.change(vpc, VRouterText=check_description(call.get("Description")))
    return {}


VPC = {
    "CreateRouteTable": create_route_table,
    "DeleteRouteTable": delete_route_table,
    "DescribeRouteTableList": describe_route_table_list,
    "ModifyRouteTableAttributes": modify_route_table_attributes,
    "AssociateRouteTable": associate_route_table,
    "UnassociateRouteTable": unassociate_route_table,
    "DescribeVRouters": describe_vrouters,
    "ModifyVRouterAttribute": modify_vrouter_attribute,
}
ECS = {"DescribeVRouters": describe_vrouters}
TAGGABLE = {("vpc", "routetable"): "routetable"}
