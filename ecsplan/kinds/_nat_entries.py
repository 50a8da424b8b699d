"""The SNAT and DNAT entries of a NAT gateway. VPC 2016-04-28: CreateSnatEntry, CreateForwardEntry, …

They are parts of their gateway: they have no tags, are listed by gateway alone, and no two of one gateway have the same
source, or the same outer address, port and protocol. So they are whose the gateway is, and what tells them apart is
what they say, as with the rules of a security group.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ecsplan.kinds._forms import LETTERS
from ecsplan.kinds._keyed import AddressOf, Entry, Keyed
from ecsplan.model.address import Address, Ref, Template
from ecsplan.model.algebra import Raw, Schema, Value, fields, leaves
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Call, Params, Product, Replay
from ecsplan.model.change import Action, Change
from ecsplan.model.composites import Record, Reference, SetOf
from ecsplan.model.decoder import Decoder
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Detail, Ids, Paging
from ecsplan.model.quoting import shown
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Boolean, Choice, Cidr, Mistake, Text, ValueType

ENTRY_NAME = Text(2, 128, f"^[{LETTERS}][{LETTERS}0-9._-]*$", "a name of 2 to 128 letters, digits, '.', '_' and '-'")
MOST = 40  # SNAT entries of a gateway
MOST_FORWARDS = 100


class Port(ValueType):
    """A port or a range; canonical `80` or `8000-8080`, on the wire `8000/8080`."""

    says = "a port like 443, or a range like 8000-8080"

    def schema(self) -> Schema:
        return {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 65535}, {"type": "string"}]}

    def parse(self, value: object) -> str:
        low, dash, high = str(value).partition("-")
        ends = [low, high] if dash else [low]
        if isinstance(value, bool) or not all(end.isascii() and end.isdecimal() for end in ends):
            raise self.mistake(value)
        first, last = int(ends[0]), int(ends[-1])
        if not 1 <= first <= last <= 65535:
            raise self.mistake(value, f"{shown(value)} is not a range of ports from 1 to 65535")
        return str(first) if not dash else f"{first}-{last}"

    def decode(self, wire: object) -> Value:
        return None if str(wire).lower() == "any" else str(wire).replace("/", "-")

    def encode(self, value: Value) -> object:
        return str(value).replace("-", "/")


SNAT = Record(
    "an SNAT entry",
    Attribute("vswitch", "SourceVSwitchId", Reference("vswitch", prefixes=("vsw-",)),
              "The vSwitch whose machines go out by it."),
    Attribute("cidr", "SourceCIDR", Cidr(), "The range that goes out by it; instead of vswitch."),
    Attribute("addresses", "SnatIp", SetOf(AddressOf("eip", "ip_address"), 1, 64),
              "EIPs that are bound to the gateway (instance), by name or by address; of a gateway between private "
              "networks its own address.", required=True),
    Attribute("name", "SnatEntryName", ENTRY_NAME, "Its name; as it was, if left out."),
    Attribute("eip_affinity", "EipAffinity", Boolean(), "Whether one client keeps one of several addresses; as it "
              "was, if left out."),
)  # fmt: skip

FORWARD = Record(
    "a DNAT entry",
    Attribute("external_ip", "ExternalIp", AddressOf("eip", "ip_address"),
              "The EIP on the gateway, by name or by address.", required=True),
    Attribute("external_port", "ExternalPort", Port(), "Its port or range; none for protocol any."),
    Attribute("internal_ip", "InternalIp", AddressOf("instance", "private_ip"),
              "The machine that it leads to, by name or by address.", required=True),
    Attribute("internal_port", "InternalPort", Port(), "The port or range there; none for protocol any."),
    Attribute("protocol", "IpProtocol", Choice("tcp", "udp", "any"), "tcp, udp, or any: all ports and protocols.",
              required=True),
    Attribute("name", "ForwardEntryName", ENTRY_NAME, "Its name; as it was, if left out."),
)  # fmt: skip


class SnatEntries(Keyed):
    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(SNAT, "vswitch", "cidr", maximum=MOST, defaults={"eip_affinity": False})

    def complete(self, item: Raw) -> Raw:
        if (item.get("vswitch") is None) == (item.get("cidr") is None):
            raise Mistake("an SNAT entry has one source", "write vswitch: NAME, or cidr: RANGE")
        return item


class ForwardEntries(Keyed):
    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(FORWARD, "external_ip", "external_port", "protocol", maximum=MOST_FORWARDS)

    def complete(self, item: Raw) -> Raw:
        ports = [name for name in ("external_port", "internal_port") if item.get(name) is not None]
        if item.get("protocol") == "any" and ports:
            raise Mistake("an entry for any protocol takes all ports", f"remove {' and '.join(ports)}")
        if item.get("protocol") in ("tcp", "udp") and len(ports) < 2:
            raise Mistake(f"a {item['protocol']} entry needs external_port and internal_port", "write both")
        return item


def name_eips_of_the_gateway(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """The service takes an entry once its EIP is on the gateway: of any other it says EIP_NOT_IN_GATEWAY, for ever."""
    for name in ("snat", "forward"):
        refs = {leaf.address for leaf in leaves(resource.attributes.get(name)) if isinstance(leaf, Ref)}
        for address in sorted(refs & everything.keys(), key=str):
            eip = everything[address]
            holder = eip.attributes.get("instance")
            if address.kind != "eip" or holder == Ref(resource.address) or (holder is None and eip.adopt is not None):
                continue
            bound = f"bound to {holder}" if holder else "not bound to the gateway"
            yield Diagnostic(
                f"{name}: {address} is {bound}",
                f"write instance: {resource.address} in {address}",
                resource.source_of(name),
                resource.address,
                rule=Rule.NETWORK,
            )


def noted(change: Change) -> Iterable[str]:
    """Who has no way out any more, or nothing that leads in."""
    line = change.attributes_by_name.get("snat")
    if change.action in (Action.DELETE, Action.REPLACE):
        gone = change.fact(_snat_entries)
        until = " until the new gateway has its entries" if change.action is Action.REPLACE else " by it any more"
    else:
        gone, until = (SNATS.moves(line.before, line.after)[2] if line is not None else []), " by it any more"
    sources = [str(found.get("vswitch") or found.get("cidr")) for found in map(fields, gone)]
    if sources:
        yield f"no way out for {', '.join(sources)}{until}"


def _detail(into: str, operation: str, items: str, attribute: str) -> Detail:
    return Detail(into, operation, items, product=Product.VPC, paging=Paging.PAGE, page_size=50,
                  ids=Ids("NatGatewayId", "single", 1), attributes=(attribute,))  # fmt: skip


DETAILS = (
    _detail("@snat", "DescribeSnatTableEntries", "SnatTableEntries.SnatTableEntry", "snat"),
    _detail("@forward", "DescribeForwardTableEntries", "ForwardTableEntries.ForwardTableEntry", "forward"),
)


def _rows(raw: Raw, into: str, *path: str) -> list[Raw]:
    found: Any = raw.get(into)
    for step in path:
        found = (found or {}).get(step)
    return [row for row in found or () if row.get("Status") != "Deleting"]


def _snat_rows(raw: Raw) -> list[Raw]:
    return _rows(raw, "@snat", "SnatTableEntries", "SnatTableEntry")


def _forward_rows(raw: Raw) -> list[Raw]:
    return _rows(raw, "@forward", "ForwardTableEntries", "ForwardTableEntry")


def _snat(row: Raw) -> dict[str, object]:
    source = {"vswitch": row["SourceVSwitchId"]} if row.get("SourceVSwitchId") else {"cidr": row.get("SourceCIDR")}
    return source | {
        "addresses": str(row.get("SnatIp") or "").split(","),
        "name": row.get("SnatEntryName"),
        "eip_affinity": str(row.get("EipAffinity")) == "1",
    }


def _forward(row: Raw) -> dict[str, object]:
    found = {member.name: row.get(str(member.wire)) for member in FORWARD.members}
    ports = ("external_port", "internal_port") if str(row.get("IpProtocol")).lower() == "any" else ()
    return {**found, "protocol": str(row.get("IpProtocol")).lower()} | dict.fromkeys(ports)


def read_snat(raw: Raw) -> object:
    return [_snat(row) for row in _snat_rows(raw)] if "@snat" in raw else None


def read_forward(raw: Raw) -> object:
    return [_forward(row) for row in _forward_rows(raw)] if "@forward" in raw else None


@Decoder
def _snat_entries(raw: Raw) -> list[Entry]:
    return list(SNATS.live(map(_snat, _snat_rows(raw))))


@Decoder
def _snat_ids(raw: Raw) -> dict[Entry, str]:
    return {SNATS.identity(SNATS.live([_snat(row)])[0]): row["SnatEntryId"] for row in _snat_rows(raw)}


@Decoder
def _forward_ids(raw: Raw) -> dict[Entry, str]:
    rows = _forward_rows(raw)
    return {FORWARDS.identity(FORWARDS.live([_forward(row)])[0]): row["ForwardEntryId"] for row in rows}


def change_snat(change: Change) -> Iterator[Call]:
    yield from _calls(change, "snat", SNATS, change.fact(_snat_ids))


def change_forward(change: Change) -> Iterator[Call]:
    yield from _calls(change, "forward", FORWARDS, change.fact(_forward_ids))


def _calls(change: Change, name: str, of: Keyed, ids: Mapping[Entry, str]) -> Iterator[Call]:
    """What goes makes room first: a machine's range is in one entry at a time."""
    word = name.capitalize()
    line = change.attributes_by_name[name]
    made, changed, gone = of.moves(line.before, line.after)
    table = {f"{word}TableId": change.live(f"{name}_table") or Ref(change.address, f"{name}_table")}
    for entry in gone:
        params = {**table, f"{word}EntryId": ids[of.identity(entry)]}
        yield _call(f"Delete{word}Entry", params, change, absent_is_done=True)
    for entry in changed:
        fixed = of.key if name == "snat" else ()
        body = _body(of, [*of.defaults.items(), *(pair for pair in entry if pair[0] not in fixed)])
        yield _call(f"Modify{word}Entry", {**table, f"{word}EntryId": ids[of.identity(entry)], **body}, change)
    for entry in made:
        yield _call(f"Create{word}Entry", {**table, **_body(of, entry)}, change)


def _call(operation: str, params: Params, change: Change, absent_is_done: bool = False) -> Call:
    """A change or a removal says what is to be, so that it needs no token; a token would have a refusal replayed.

    No two entries of a table are alike: one that is there already was made by a run whose answer was lost.
    """
    is_new = operation.startswith("Create")
    return Call(operation, params, Product.VPC, "nat_gateway", (change.id,), token=is_new,
                replay=Replay.TOKEN if is_new else Replay.NATURAL, absent_is_done=absent_is_done,
                done_on=("Duplicated.SnatEntry", "Forward.Duplicated") if is_new else ())  # fmt: skip


def _body(of: Keyed, entry: Iterable[tuple[str, Value]]) -> dict[str, object]:
    found = {str(of.record.by_name[name].wire): _wire(of.record.by_name[name].type, value) for name, value in entry}
    if of is FORWARDS and found.get("IpProtocol") == "any":
        found |= {"ExternalPort": "any", "InternalPort": "any"}
    return found


def _wire(of: ValueType, value: Value) -> object:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, tuple):  # addresses, some of which only apply knows
        parts = [part for item in value if isinstance(item, (str, Ref)) for part in (",", item)][1:]
        texts = [part for part in parts if isinstance(part, str)]
        return "".join(texts) if len(texts) == len(parts) else Template(tuple(parts))
    return value if isinstance(value, (Ref, Template)) else of.encode(value)


SNATS, FORWARDS = SnatEntries(), ForwardEntries()
