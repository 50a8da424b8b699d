"""Prefix list. ECS 2014-05-26: CreatePrefixList, DescribePrefixLists, DescribePrefixListAttributes, ModifyPrefixList.

Its tags are given by CreatePrefixList alone: TagResources of ECS documents no ResourceType for it.
"""

from collections.abc import Iterable, Mapping

from ecsplan.kinds._entries import Entries, known, room
from ecsplan.kinds._forms import DESCRIPTION, NAME, TAG_KEY, TAG_VALUE
from ecsplan.kinds._prefix import Prefix
from ecsplan.kinds._shared import description, name, resource_group, tags
from ecsplan.model.address import Address
from ecsplan.model.algebra import fields
from ecsplan.model.attribute import Attribute
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.exporting import Exporting
from ecsplan.model.capabilities.ownership import BornTagged
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import Terraform, named
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Create, Delete, Detail, Ids, Kind, Listing, Paging, Update
from ecsplan.model.limits import Pairs
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Choice, Integer

ENTRIES = Entries("cidr", "Cidr", Prefix(), "The range.")


def fits(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """All entries are of its family."""
    family = resource.attributes.get("address_family")
    for cidr in (fields(entry)["cidr"] for entry in known(resource)):
        if isinstance(cidr, str) and (":" in cidr) != (family == "IPv6"):
            yield Diagnostic(
                f"{cidr} is not an {family} range",
                "write lists of one family each",
                resource.source_of("entries"),
                resource.address,
                rule=Rule.NETWORK,
            )


ELSEWHERE = (
    Terraform(
        "alicloud_ecs_prefix_list",
        named(
            prefix_list_name="name", address_family="address_family", max_entries="max_entries number",
            entry="entries records", description="description",
        ),
        no_place=("resource_group", "tags"),
    ),
    Ros(
        "ALIYUN::ECS::PrefixList", "PrefixListId",
        {"prefix_list_name": "PrefixListName", "address_family": "AddressFamily", "max_entries": "MaxEntries",
         "entry": "Entries", "description": "Description"},
    ),
)  # fmt: skip

KIND = Kind(
    name="prefix_list",
    summary="A list of address ranges that rules of security groups can name.",
    attributes=(
        name(NAME, "PrefixListName"),
        Attribute("address_family", "AddressFamily", Choice("IPv4", "IPv6"), "The family of all its entries.",
                  required=True, fixed="replace", samples=("IPv4", "IPv6"), samples_with={"entries": None}),
        Attribute("max_entries", "MaxEntries", Integer(1, 200), "How many entries it has room for. That many count "
                  "against the rules of each group that names it.", required=True, fixed="replace", samples=(5, 10)),
        Attribute("entries", "Entry", ENTRIES, "Its ranges. Exclusive: what is not listed is removed.",
                  read_as="@entries.Entries.Entry",
                  samples=([{"cidr": "10.0.0.0/8", "description": "office"}, {"cidr": "192.168.0.0/16"}],
                           [{"cidr": "10.0.0.0/8", "description": "the office"}, {"cidr": "172.16.0.1"}])),
        description(DESCRIPTION),
        replace(resource_group(), fixed="refuse"),
        tags(Pairs(TAG_KEY, TAG_VALUE), fixed="refuse"),
        Attribute("association_count", None, Integer(), "How many resources name it.", computed=True,
                  read_as="AssociationCount"),
    ),
    listing=Listing(
        "DescribePrefixLists", items="PrefixLists.PrefixList", id="PrefixListId", name="PrefixListName",
        ids=Ids("PrefixListId", "list", 100),
        details=(
            Detail("@entries", "DescribePrefixListAttributes", "", ids=Ids("PrefixListId", "single", 1),
                   paging=Paging.NONE, attributes=("entries",)),
        ),
    ),
    create=Create("CreatePrefixList", id="PrefixListId", seconds=1.0),
    updates=(
        Update("ModifyPrefixList", ("name", "description")),
        Update("ModifyPrefixList", ("entries",),
               build=lambda change: ENTRIES.calls(change, "ModifyPrefixList", "PrefixListId")),
    ),
    delete=Delete("DeletePrefixList", seconds=1.0,
                  held_by=(("security_group", "ingress"), ("security_group", "egress"))),
    id_param="PrefixListId",
    id_prefixes=("pl-",),
    can=(BornTagged(), Rights("ecs:prefixlist"), Checks((fits, room)), Exporting(rank=4), *ELSEWHERE),
    example={"address_family": "IPv4", "max_entries": 20, "entries": [{"cidr": "10.0.0.0/8", "description": "office"}]},
    docs="https://help.aliyun.com/document_detail/207969.html",
)  # fmt: skip
