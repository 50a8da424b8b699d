"""Prefixes of a network interface: blocks of addresses that belong to it as a whole. Used by network_interface.py."""

from collections.abc import Iterable
from typing import Any

from ecsplan.kinds import _addresses, _impacts
from ecsplan.kinds._limits import types_of
from ecsplan.model.algebra import Raw
from ecsplan.model.attribute import Attribute, Reader
from ecsplan.model.call import Call
from ecsplan.model.change import Change
from ecsplan.model.composites import SetOf
from ecsplan.model.kind import Update
from ecsplan.model.values import Cidr

of = types_of("network_interface")

EITHER = (("ipv4_prefixes", "ipv4_prefix_count"), ("ipv6_prefixes", "ipv6_prefix_count"))
_WIRE = {"ipv4": "Ipv4Prefix", "ipv6": "Ipv6Prefix"}
_CALLS = {"ipv4": _addresses.PRIVATE_CALLS, "ipv6": _addresses.IPV6_CALLS}
BACK = "write false to give them back"


def _read(family: str) -> Any:
    wire = _WIRE[family]

    def read(raw: Raw) -> list[str]:
        return [str(block[wire]) for block in (raw.get(f"{wire}Sets") or {}).get(f"{wire}Set") or []]

    return read


def _number(family: str) -> Reader:
    return lambda raw: len(_read(family)(raw)) or None


ATTRIBUTES = (
    Attribute("ipv4_prefixes", "Ipv4Prefix", SetOf(Cidr(4, 28, 28), maximum=10), "Blocks of 16 addresses of the "
              "vSwitch, each a /28. Exclusive: what is not listed is given back.", afterwards=BACK,
              read_as=_read("ipv4"), samples=(["10.0.100.64/28"], ["10.0.100.80/28", "10.0.100.96/28"])),
    Attribute("ipv4_prefix_count", "Ipv4PrefixCount", of("ipv4_prefix_count"), "How many such blocks; the cloud "
              "chooses them, and it can only grow.", read_as=_number("ipv4"), fixed="refuse", samples=(1, 2),
              samples_with={"ipv4_prefixes": None}),
    Attribute("ipv6_prefixes", "Ipv6Prefix", SetOf(Cidr(6, 80, 80), maximum=10), "Blocks of IPv6 addresses of the "
              "vSwitch, each a /80. Exclusive: what is not listed is given back.", afterwards=BACK,
              read_as=_read("ipv6"), unsampled="needs a vSwitch with IPv6; test_interface_options.py has one"),
    Attribute("ipv6_prefix_count", "Ipv6PrefixCount", of("ipv6_prefix_count"), "How many such blocks; the cloud "
              "chooses them, and it can only grow.", read_as=_number("ipv6"), fixed="refuse",
              unsampled="needs a vSwitch with IPv6; test_interface_options.py has one"),
)  # fmt: skip


def _change(family: str) -> Any:
    name = f"{family}_prefixes"

    def calls(change: Change) -> Iterable[Call]:
        return _addresses.move(change, name, change.id, _CALLS[family], _WIRE[family])

    return calls


def _grow(family: str) -> Any:
    give, wire = _CALLS[family][0], f"{_WIRE[family]}Count"
    return lambda change: _addresses.grow(change, f"{family}_prefix_count", change.id, give, wire)


UPDATES = tuple(
    update
    for family in _WIRE
    for update in (
        Update(_CALLS[family][0], (f"{family}_prefixes",), build=_change(family),
               impacts=_impacts.of_addresses(f"{family}_prefixes")),
        Update(_CALLS[family][0], (f"{family}_prefix_count",), build=_grow(family), only_if=_addresses.grows,
               otherwise=_addresses.FEWER),
    )
)  # fmt: skip
