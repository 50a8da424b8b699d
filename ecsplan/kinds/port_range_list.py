"""Port list. ECS 2014-05-26: CreatePortRangeList, DescribePortRangeLists, DescribePortRangeListEntries,
ModifyPortRangeList.

Its tags are given by CreatePortRangeList alone: TagResources of ECS documents no ResourceType for it.
"""

from typing import Any

from ecsplan.kinds._entries import Entries, room
from ecsplan.kinds._forms import DESCRIPTION, NAME, TAG_KEY, TAG_VALUE
from ecsplan.kinds._rules import Ports, ports_of, ports_on_the_wire
from ecsplan.kinds._shared import description, name, resource_group, tags
from ecsplan.model.algebra import Schema, Value
from ecsplan.model.attribute import Attribute
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.exporting import Exporting
from ecsplan.model.capabilities.ownership import BornTagged
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.terraform import NoCounterpart
from ecsplan.model.copying import replace
from ecsplan.model.kind import Create, Delete, Detail, Ids, Kind, Listing, Paging, Update
from ecsplan.model.limits import Pairs
from ecsplan.model.values import Integer


class PortRange(Ports):
    """A port or a range; canonical `80` or `80-90`, `80/90` on the wire."""

    says = "a port like 443, or a range like 8000-8080"

    def schema(self) -> Schema:
        return {"anyOf": super().schema()["anyOf"][:2]}

    def decode(self, wire: Any) -> str:
        return ports_of(wire)

    def encode(self, value: Value) -> object:
        return ports_on_the_wire(str(value))


ENTRIES = Entries("ports", "PortRange", PortRange(), "A port, or a range of ports.")

KIND = Kind(
    name="port_range_list",
    summary="A list of ports that rules of security groups can name.",
    attributes=(
        name(NAME, "PortRangeListName"),
        Attribute("max_entries", "MaxEntries", Integer(1, 2000), "How many entries it has room for. That many count "
                  "against the rules of each group that names it.", required=True, fixed="replace", samples=(5, 10)),
        Attribute("entries", "Entry", ENTRIES, "Its ports. Exclusive: what is not listed is removed.",
                  read_as="@entries.Entries",
                  samples=([{"ports": 443, "description": "https"}, {"ports": "8000-8080"}],
                           [{"ports": 443, "description": "the web"}, {"ports": 22}])),
        description(DESCRIPTION),
        replace(resource_group(), fixed="refuse"),
        tags(Pairs(TAG_KEY, TAG_VALUE), fixed="refuse"),
        Attribute("association_count", None, Integer(), "How many resources name it.", computed=True,
                  read_as="AssociationCount"),
    ),
    listing=Listing(
        "DescribePortRangeLists", items="PortRangeLists", id="PortRangeListId", name="PortRangeListName",
        tags="Tags", ids=Ids("PortRangeListId", "list", 100),
        details=(
            Detail("@entries", "DescribePortRangeListEntries", "", ids=Ids("PortRangeListId", "single", 1),
                   paging=Paging.NONE, attributes=("entries",)),
        ),
    ),
    create=Create("CreatePortRangeList", id="PortRangeListId", seconds=1.0),
    updates=(
        Update("ModifyPortRangeList", ("name", "description")),
        Update("ModifyPortRangeList", ("entries",),
               build=lambda change: ENTRIES.calls(change, "ModifyPortRangeList", "PortRangeListId")),
    ),
    delete=Delete("DeletePortRangeList", seconds=1.0,
                  held_by=(("security_group", "ingress"), ("security_group", "egress"))),
    id_param="PortRangeListId",
    id_prefixes=("prl-",),
    can=(BornTagged(), Rights("ecs:portrangelist"), Checks((room,)), Exporting(rank=4),
         NoCounterpart("no resource of the other tool is a port list")),
    example={"max_entries": 5, "entries": [{"ports": 443, "description": "https"}, {"ports": "8000-8080"}]},
    docs="https://help.aliyun.com/zh/ecs/developer-reference/api-ecs-2014-05-26-createportrangelist",
)  # fmt: skip
