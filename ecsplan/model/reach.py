"""How a plan changes who can reach what, by the rules of security groups alone."""

from dataclasses import dataclass

from ecsplan.model.address import Address


@dataclass(frozen=True, slots=True)
class Reach:
    """What becomes reachable, and what no longer is, for machines and interfaces that change alike.

    `direction` is ingress or egress; a line of `opened` and `closed` is `tcp 22 0.0.0.0/0`, protocol, ports and other
    sides. `unknown` are groups and prefix lists whose rules or entries are not known: beyond them nothing is said.
    """

    addresses: tuple[Address, ...]
    direction: str
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
