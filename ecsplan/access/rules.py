"""A firewall rule in numbers, and the addresses that its other side stands for.

Addresses are integers, ranges are half-open. Beyond the last address of a family lies one number for each group that a
rule names: it stands for members whose address is not known (machines that the plan makes, groups of other accounts),
so that a group is compared like any other range. So does one for each prefix list whose entries are not known.
A range of all addresses covers these numbers too, a smaller one none.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal

from msgspec import Struct, field

Direction = Literal["ingress", "egress"]
Family = Literal[4, 6]
Span = tuple[int, int]
PORTS: Span = (0, 65536)
END: Mapping[Family, int] = {4: 1 << 32, 6: 1 << 128}
EVERYWHERE: Mapping[Family, str] = {4: "0.0.0.0/0", 6: "::/0"}
FIRST, LAST = 0, 101  # before every rule of a file (priorities 1 to 100), and after them


class Far(Struct, frozen=True, order=True):
    """The other side of a rule: a CIDR block, or a group or prefix list by its name or id."""

    kind: Literal["cidr", "group", "prefix_list"]
    name: str


class Rule(Struct, frozen=True):
    """One rule. `protocol` is tcp, udp, icmp, icmpv6, gre, all or a number; ports are half-open and of the target.

    `near` is the part of the own addresses that it holds for ('' is all), `source_ports` those of who begins.
    """

    protocol: str
    far: Far
    ports: Span = PORTS
    accepts: bool = True
    priority: int = 1
    source_ports: Span = PORTS
    near: str = ""

    @property
    def precedence(self) -> tuple[int, bool]:
        """The order in which the cloud looks at rules: by priority, and drop before accept."""
        return self.priority, self.accepts


class Directory(Struct, frozen=True):
    """Which addresses the names in rules stand for, as ranges. A name that is missing is not known."""

    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    prefix_lists: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Policy(Struct, frozen=True):
    """What holds for one network interface in one direction: the rules of all its groups, and the defaults."""

    rules: tuple[Rule, ...]
    directory: Directory = Directory()
    addresses: tuple[str, ...] = ()

    @property
    def unknown(self) -> tuple[str, ...]:
        """Prefix lists whose entries are not known: what the rules that name them let through is not either."""
        named = {rule.far.name for rule in self.rules if rule.far.kind == "prefix_list"}
        return tuple(sorted(named - set(self.directory.prefix_lists)))


def defaults(direction: Direction, group_type: str, open_inside: Iterable[str]) -> Iterable[Rule]:
    """What no rule of a file says. Source: the service's page on security group types and rules.

    Members of a basic group whose inner policy is accept reach each other whatever the rules say; a basic group lets
    everything out that no rule stops; everything else is dropped.
    """
    for group in open_inside:
        yield Rule("all", Far("group", group), priority=FIRST)
    if direction == "egress" and group_type == "normal":
        for everywhere in EVERYWHERE.values():
            yield Rule("all", Far("cidr", everywhere), priority=LAST)


@lru_cache(maxsize=65536)
def network(text: str) -> tuple[Family, Span]:
    """The family and the range of a CIDR block or an address. ValueError where it is neither."""
    found: IPv4Network | IPv6Network = ip_network(text, strict=False)
    first = int(found.network_address)
    return (4 if found.version == 4 else 6), (first, first + found.num_addresses)


def holds_here(rule: Rule, addresses: Sequence[str]) -> bool:
    """Whether it counts for an interface with these addresses. Where none is known it counts."""
    if not rule.near or not addresses:
        return True
    family, (first, end) = network(rule.near)
    own = (network(address) for address in addresses)
    return any(other == family and first <= span[0] and span[1] <= end for other, span in own)
