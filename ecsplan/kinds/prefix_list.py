"""Prefix list. ECS 2014-05-26: CreatePrefixList, DescribePrefixLists, DescribePrefixListAttributes, ModifyPrefixList.

Its tags are given by CreatePrefixList alone: TagResources of ECS documents no ResourceType for it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ecsplan.kinds._forms import DESCRIPTION, NAME, TAG_KEY, TAG_VALUE
from ecsplan.kinds._prefix import Prefix
from ecsplan.kinds._shared import description, name, resource_group, tags
from ecsplan.model.address import Address
from ecsplan.model.algebra import Value, fields, members
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Call, Params
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.exporting import Exporting
from ecsplan.model.capabilities.ownership import BornTagged
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.change import Change
from ecsplan.model.composites import Record, SetOf, is_deferred
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Create, Delete, Detail, Ids, Kind, Listing, Paging, Update
from ecsplan.model.limits import Pairs
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Choice, Integer, Text

ENTRY = Record(
    "an entry",
    Attribute("cidr", "Cidr", Prefix(), "The range.", required=True),
    Attribute("description", "Description", Text(2, 32, "^(?!https?://)", "a text of 2 to 32 characters that does not "
              "start with http:// or https://"), "What it is; as it was, if left out."),
)  # fmt: skip


class Entries(SetOf):
    """Ranges with their descriptions. Canonical: records, of which no two have the same range."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(ENTRY, maximum=200)

    def parse(self, value: object) -> tuple[Value, ...]:
        parsed = super().parse(value)
        ranges = [fields(entry)["cidr"] for entry in parsed]
        twice = next((cidr for place, cidr in enumerate(ranges) if cidr in ranges[:place]), None)
        if twice is not None:
            raise self.mistake(value, f"{twice} appears twice in the list")
        return parsed

    def decode(self, wire: Any) -> tuple[Value, ...]:
        rows = [{"cidr": ENTRY.by_name["cidr"].type.decode(row["Cidr"]), "description": row.get("Description")}
                for row in wire or ()]  # fmt: skip
        return tuple(sorted(tuple(sorted((k, v) for k, v in row.items() if v)) for row in rows))

    def encode(self, value: Value) -> list[Params]:
        return [_wire(entry) for entry in members(value)]

    def filled(self, desired: Value, live: Value) -> Value:
        """An entry of which the file says the range alone keeps its description."""
        said = {fields(entry)["cidr"]: entry for entry in members(live)}
        wanted = ((entry, fields(entry)) for entry in members(desired))
        kept = (entry if len(record) > 1 else said.get(record["cidr"], entry) for entry, record in wanted)
        return tuple(sorted(kept, key=lambda entry: [(name, str(item)) for name, item in fields(entry).items()]))

    def matches(self, desired: Value, live: Value) -> bool:
        return bool(self.filled(desired, live) == live)


def _wire(entry: Value) -> Params:
    return {ENTRY.by_name[name].wire or name: value for name, value in fields(entry).items()}


def change_entries(change: Change) -> Iterable[Call]:
    """One call; a range that is added again has its description changed, and cannot be removed in the same call."""
    line = change.attributes_by_name["entries"]
    before, after = members(line.before), members(line.after)
    kept = {fields(entry)["cidr"] for entry in after}
    added = [_wire(entry) for entry in after if entry not in before]
    removed = [{"Cidr": cidr} for cidr in (fields(entry)["cidr"] for entry in before) if cidr not in kept]
    rows = {"AddEntry": added, "RemoveEntry": removed}
    yield Call("ModifyPrefixList", {"PrefixListId": change.id, **{n: found for n, found in rows.items() if found}},
               targets=(change.id,))  # fmt: skip


def fits(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """All entries are of its family, and there is room for them."""
    entries, family = resource.attributes.get("entries"), resource.attributes.get("address_family")
    if not isinstance(entries, tuple) or any(map(is_deferred, entries)):
        return
    place = resource.source_of("entries")
    for cidr in (fields(entry)["cidr"] for entry in entries):
        if isinstance(cidr, str) and (":" in cidr) != (family == "IPv6"):
            yield Diagnostic(
                f"{cidr} is no {family} range",
                "write lists of one family each",
                place,
                resource.address,
                rule=Rule.NETWORK,
            )
    room = resource.attributes.get("max_entries")
    if isinstance(room, int) and len(entries) > room:
        summary = f"{len(entries)} entries, and max_entries is {room}"
        yield Diagnostic(
            summary, "write a higher max_entries; it cannot grow later", place, resource.address, rule=Rule.LIMIT
        )


KIND = Kind(
    name="prefix_list",
    summary="A list of address ranges that rules of security groups can name.",
    attributes=(
        name(NAME, "PrefixListName"),
        Attribute("address_family", "AddressFamily", Choice("IPv4", "IPv6"), "The family of all its entries.",
                  required=True, fixed="replace", samples=("IPv4", "IPv6"), samples_with={"entries": None}),
        Attribute("max_entries", "MaxEntries", Integer(1, 200), "How many entries it has room for. That many count "
                  "against the rules of each group that names it.", required=True, fixed="replace", samples=(5, 10)),
        Attribute("entries", "Entry", Entries(), "Its ranges. Exclusive: what is not listed is removed.",
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
        Update("ModifyPrefixList", ("entries",), build=change_entries),
    ),
    delete=Delete("DeletePrefixList", seconds=1.0,
                  held_by=(("security_group", "ingress"), ("security_group", "egress"))),
    id_param="PrefixListId",
    id_prefixes=("pl-",),
    can=(BornTagged(), Rights("ecs:prefixlist"), Checks((fits,)), Exporting(rank=4)),
    example={"address_family": "IPv4", "max_entries": 20, "entries": [{"cidr": "10.0.0.0/8", "description": "office"}]},
    docs="https://help.aliyun.com/document_detail/207969.html",
)  # fmt: skip
