"""Regions of traffic in the words that people use: protocol and ports, and the other side by its name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, summarize_address_range

from msgspec import Struct

from ecsplan.access.rules import END, EVERYWHERE, PORTS, Directory, Family, Rule, Span, network
from ecsplan.access.sweep import OTHER, PROTOCOLS, WITH_PORTS, Region
from ecsplan.model.copying import replace

MOST_PEERS = 8
"""Other sides that one line names; the rest are counted."""


class Opening(Struct, frozen=True):
    """Traffic from or to some other sides. `ports` is '' for protocols without; `peers` are names or CIDR blocks."""

    protocol: str
    ports: str
    peers: tuple[str, ...]
    source_ports: str = ""

    def __str__(self) -> str:
        shown = ", ".join(self.peers[:MOST_PEERS])
        left = len(self.peers) - MOST_PEERS
        more = f" and {left} more" if left > 0 else ""
        source = f" (source ports {self.source_ports})" if self.source_ports else ""
        return f"{self.traffic} to {shown}{more}{source}"

    @property
    def traffic(self) -> str:
        return f"{self.protocol} {self.ports}" if self.ports else self.protocol


def openings(regions: Sequence[Region], directory: Directory, names: Mapping[str, str] | None = None) -> list[Opening]:
    """Regions in words, those of one traffic together. `names` are the words for groups and prefix lists."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for region in _folded(regions):
        key = (_protocol(region), _ports(region.ports, region.protocol), _range(region.source_ports))
        peers = found.setdefault(key, [])
        peers += [peer for peer in _peers(region, directory, names or {}) if peer not in peers]
    return [Opening(protocol, ports, tuple(peers), source) for (protocol, ports, source), peers in found.items()]


def traffic_of(rule: Rule, names: Mapping[str, str]) -> str:
    """One rule as an opening is written."""
    far = (
        rule.far.name
        if rule.far.kind == "cidr"
        else f"{_KINDS[rule.far.kind]} {names.get(rule.far.name, rule.far.name)}"
    )
    ports = _ports(rule.ports, rule.protocol)
    return str(Opening(rule.protocol, ports, (far,), _range(rule.source_ports)))


_KINDS = {"group": "group", "prefix_list": "prefix list"}


def _folded(regions: Sequence[Region]) -> Iterator[Region]:
    """The same other sides for every protocol and port are one region of the protocol `all`."""
    whole: dict[Region, set[str]] = {}
    for region in regions:
        if region.ports == PORTS and region.source_ports == PORTS:
            whole.setdefault(replace(region, protocol="all"), set()).add(region.protocol)
    everything = {region for region, protocols in whole.items() if protocols >= {*PROTOCOLS, OTHER}}
    yield from (region for region in whole if region in everything)
    yield from (region for region in regions if replace(region, protocol="all") not in everything)


def _protocol(region: Region) -> str:
    return "other protocols" if region.protocol == OTHER else region.protocol


def _ports(ports: Span, protocol: str) -> str:
    if protocol not in WITH_PORTS:
        return ""
    first, last = max(ports[0], 1), ports[1] - 1
    if (first, last) == (1, 65535):
        return "all ports"
    return str(first) if first == last else f"{first}-{last}"


def _range(ports: Span) -> str:
    return "" if ports == PORTS else f"{ports[0]}-{ports[1] - 1}"


def _peers(region: Region, directory: Directory, names: Mapping[str, str]) -> Iterator[str]:
    """Everywhere, then groups and prefix lists that are in it as a whole, then what is left as CIDR blocks."""
    blocks = list(region.spans)
    if blocks == [(0, END[region.family])]:
        yield EVERYWHERE[region.family]
        return
    for group in region.groups:
        yield f"{_KINDS[group.kind]} {names.get(group.name, group.name)}"
        members = _spans(directory.groups.get(group.name, ()), region.family)
        blocks = [block for block in blocks if block not in members]
    for listed, entries in directory.prefix_lists.items():
        spans = _spans(entries, region.family)
        if spans and spans <= set(blocks):
            yield f"prefix list {names.get(listed, listed)}"
            blocks = [block for block in blocks if block not in spans]
    for first, end in blocks:
        yield from _blocks(region.family, first, end)


def _spans(ranges: Iterable[str], family: Family) -> set[Span]:
    """The ranges of one family, joined where they touch."""
    found: list[Span] = []
    for first, end in sorted(span for other, span in map(network, ranges) if other == family):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((first, end))
    return set(found)


def _blocks(family: Family, first: int, end: int) -> Iterator[str]:
    if family == 4:
        yield from map(str, summarize_address_range(IPv4Address(first), IPv4Address(end - 1)))
    else:
        yield from map(str, summarize_address_range(IPv6Address(first), IPv6Address(end - 1)))
