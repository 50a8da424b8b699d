"""How a plan changes who can reach what, by the rules of security groups alone."""

from msgspec import Struct

from ecsplan.model.address import Address


class Reach(Struct, frozen=True):
    """What becomes reachable, and what no longer is, for machines and interfaces that change alike.

    `direction` is ingress or egress; a line of `opened` and `closed` is `tcp 22 to 0.0.0.0/0`: protocol, ports and
    other sides. `addresses` are security groups where none of their members is in the plan. `last_way_in` are the
    services (ssh, rdp) for which no rule lets anybody in any more. `groups` are the groups whose change it is.
    `unknown` are groups, prefix lists and port lists that were not read: what they let through is left out.
    `is_unsure`: some of these come or go, so that more may be opened or closed than is said.
    """

    addresses: tuple[Address, ...]
    direction: str
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    last_way_in: tuple[str, ...] = ()
    groups: tuple[Address, ...] = ()
    unknown: tuple[str, ...] = ()
    is_unsure: bool = False
