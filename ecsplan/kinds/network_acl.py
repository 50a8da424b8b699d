"""Network ACL. VPC 2016-04-28: CreateNetworkAcl, DescribeNetworkAcls, UpdateNetworkAclEntries, AssociateNetworkAcl, …

Which vSwitches have it is said by these (vswitch.network_acl). The rules of a direction are replaced as a whole, in one
call; their order is their priority. The service has entries of its own there, which are neither compared nor sent.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.kinds._forms import LETTERS, OF_NETWORK, ONE_OR_MORE, TAG_KEY, VPC_TAG_VALUE
from ecsplan.kinds._nat_entries import Port
from ecsplan.kinds._shared import description, name, tags, tags_update
from ecsplan.kinds._traffic import TrafficRule
from ecsplan.model.algebra import Raw, fields, members
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Call, Product, at_rest, until
from ecsplan.model.capabilities.exporting import Exporting
from ecsplan.model.capabilities.ordering import Ordering
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import Folded, Terraform, named
from ecsplan.model.change import Change
from ecsplan.model.composites import ListOf, Reference
from ecsplan.model.kind import Create, Delete, Ids, Kind, Listing, Paging, Update
from ecsplan.model.limits import Pairs
from ecsplan.model.values import Choice, Cidr, Mistake, Text

MOST = 100  # rules of a direction
WITH_PORTS = ("tcp", "udp")
ANY_PORT = "-1/-1"
FAR = {"ingress": "SourceCidrIp", "egress": "DestinationCidrIp"}


class AclPort(Port):
    """On the wire both ends always stand: `80/80`."""

    def decode(self, wire: object) -> Any:
        first, _, last = str(wire).partition("/")
        return None if first in ("", "-1") else first if first == last else f"{first}-{last}"

    def encode(self, value: object) -> object:
        first, _, last = str(value).partition("-")
        return f"{first}/{last or first}"


RULE = TrafficRule(
    "a rule",
    Attribute("policy", "Policy", Choice("accept", "drop"), "What becomes of the traffic.", required=True),
    Attribute("protocol", "Protocol", Choice("all", "tcp", "udp", "icmp", "icmpv6", "gre"), "all if left out."),
    Attribute("ports", "Port", AclPort(), "The destination port, or a range of them; for tcp and udp."),
    Attribute("cidr", None, Cidr(), "The other side, as an IPv4 range."),
    Attribute("ipv6_cidr", None, Cidr(6), "The other side, as an IPv6 range; instead of cidr."),
    Attribute("name", "NetworkAclEntryName", Text(1, 128, f"^[{LETTERS}0-9]", "a name of 1 to 128 characters"),
              "Its name."),
    Attribute("description", "Description", ONE_OR_MORE.type(), "What it is for."),
)  # fmt: skip


class AclRules(ListOf):
    """Rules in the order of their priority."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(RULE, maximum=MOST)

    def parse(self, value: object) -> tuple[Any, ...]:
        items = value if isinstance(value, (list, tuple)) else None
        return super().parse(value if items is None else [self.completed(item) for item in items])

    def completed(self, item: object) -> object:
        """What a person wrote, with the protocol. Raises Mistake for members that do not fit each other."""
        if not isinstance(item, Mapping):
            return item
        found = {"protocol": "all", **item}
        if (found.get("cidr") is None) == (found.get("ipv6_cidr") is None):
            raise Mistake("a rule has one other side", "write cidr: 10.0.0.0/8, or ipv6_cidr: ::/0")
        if (found["protocol"] in WITH_PORTS) != (found.get("ports") is not None):
            needs = "needs ports" if found["protocol"] in WITH_PORTS else "takes all ports"
            raise Mistake(
                f"a rule for {found['protocol']} {needs}", "write protocol: tcp with ports, such as ports: 443"
            )
        return found

    def decode(self, wire: Any) -> tuple[Any, ...]:
        return tuple(
            tuple(sorted((n, RULE.by_name[n].type.decode(v)) for n, v in row.items() if v not in (None, "")))
            for row in wire or ()
        )


def _rule(row: Raw, far: str) -> dict[str, object]:
    block = str(row.get(far) or "")
    return {
        "policy": row.get("Policy"),
        "protocol": str(row.get("Protocol") or "all").lower(),
        "ports": row.get("Port") if str(row.get("Protocol")).lower() in WITH_PORTS else None,
        "ipv6_cidr" if ":" in block else "cidr": block,
        "name": row.get("NetworkAclEntryName"),
        "description": row.get("Description"),
    }


def _reader(way: str) -> Any:
    word = way.capitalize()

    def read(raw: Raw) -> object:
        rows = (raw.get(f"{word}AclEntries") or {}).get(f"{word}AclEntry") or []
        return [_rule(row, FAR[way]) for row in rows if row.get("EntryType") in (None, "custom")]

    return read


def change_rules(change: Change) -> Iterable[Call]:
    """Both directions in one call; one that does not change is not named."""
    params: dict[str, object] = {"NetworkAclId": change.id}
    for way, far in FAR.items():
        line = change.attributes_by_name.get(way)
        if line is not None:
            word = way.capitalize()
            params |= {
                f"Update{word}AclEntries": True,
                f"{word}AclEntries": [_wire(fields(rule), far) for rule in members(line.after)],
            }
    yield Call("UpdateNetworkAclEntries", params, Product.VPC, "network_acl", (change.id,), wait=at_rest("Available"))


def _wire(rule: Mapping[str, Any], far: str) -> dict[str, object]:
    block = rule.get("cidr") or rule["ipv6_cidr"]
    found = {str(RULE.by_name[n].wire): RULE.by_name[n].type.encode(v) for n, v in rule.items() if RULE.by_name[n].wire}
    version = ipaddress.ip_network(block).version
    return {"Port": ANY_PORT, "EntryType": "custom", "IpVersion": f"IPv{version}", far: block, **found}


def _rules(way: str, summary: str, *samples: object) -> Attribute:
    return Attribute(way, None, AclRules(), summary, read_as=_reader(way), samples=samples,
                     afterwards=f"its rules stay; write {way}: false to remove them")  # fmt: skip


WEB = {"policy": "accept", "protocol": "tcp", "ports": 443, "cidr": "0.0.0.0/0"}
ELSEWHERE = (
    Terraform(
        "alicloud_network_acl",
        named(
            network_acl_name="name", vpc_id="vpc", description="description", tags="tags",
            ingress_acl_entries="ingress? acl ingress", egress_acl_entries="egress? acl egress",
        ),
        theirs_alone={"source_network_acl_id": ""},
        renamed={"name": "network_acl_name"},
        no_place=("ingress", "egress"),
        folded=(Folded("alicloud_network_acl_entries", ("ingress", "egress")),),
    ),
    Ros(
        "ALIYUN::VPC::NetworkAcl", "NetworkAclId",
        {"network_acl_name": "NetworkAclName", "vpc_id": "VpcId", "description": "Description", "tags": "Tags"},
    ),
)  # fmt: skip

KIND = Kind(
    name="network_acl",
    summary="Ordered rules for the traffic in and out of whole vSwitches.",
    product=Product.VPC,
    attributes=(
        name(OF_NETWORK, "NetworkAclName"),
        description(ONE_OR_MORE),
        Attribute("vpc", "VpcId", Reference("vpc", prefixes=("vpc-",)), "The VPC that it is in.", required=True,
                  fixed="replace", samples=("main", "second")),
        _rules("ingress", "What comes in: the first rule that fits counts. It knows nothing of connections, so that "
               "answers need rules too.", [WEB], [{"policy": "drop", "cidr": "10.9.0.0/16", "name": "lab"}, WEB]),
        _rules("egress", "What goes out: the first rule that fits counts.",
               [{"policy": "accept", "protocol": "tcp", "ports": "1024-65535", "cidr": "0.0.0.0/0"}],
               [{"policy": "accept", "protocol": "all", "ipv6_cidr": "::/0", "description": "all of it"},
                {"policy": "accept", "protocol": "udp", "ports": 53, "cidr": "100.100.2.0/24"}]),
        tags(Pairs(TAG_KEY, VPC_TAG_VALUE)),
    ),
    listing=Listing(
        "DescribeNetworkAcls", items="NetworkAcls.NetworkAcl", id="NetworkAclId", name="NetworkAclName",
        product=Product.VPC, paging=Paging.PAGE, page_size=50, ids=Ids("NetworkAclId", "single", 1),
    ),
    create=Create("CreateNetworkAcl", id="NetworkAclId", later=("ingress", "egress"), wait=until("Available"),
                  seconds=3.0),
    updates=(
        Update("ModifyNetworkAclAttributes", ("name", "description")),
        Update("UpdateNetworkAclEntries", ("ingress", "egress"), build=change_rules, impacts=(Impact.ACCESS,)),
        tags_update(),
    ),
    delete=Delete("DeleteNetworkAcl", held_by=(("vswitch", "network_acl"),)),
    id_param="NetworkAclId",
    id_prefixes=("nacl-",),
    can=(
        Tagged("NETWORKACL"),
        Rights("vpc:networkacl"),
        Ordering(lane="vpc", shields=True),
        Exporting(rank=1),
        *ELSEWHERE,
    ),
    example={"vpc": "main", "ingress": [WEB], "description": "the web tier"},
    docs="https://help.aliyun.com/document_detail/187756.html",
)  # fmt: skip
