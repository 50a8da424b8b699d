"""Who can reach what after a plan and not before, and the other way round: the lines of every format for people."""

from collections.abc import Iterator, Sequence

from ecsplan.model.reach import Reach
from ecsplan.render.words import members, plural

HEADS = ("Newly reachable", "No longer reachable")
SCOPE = "by the rules of security groups alone"


def newly_reachable(found: Sequence[Reach]) -> Iterator[str]:
    """`opens tcp 22 to 0.0.0.0/0 on 14 machines (instance.web[0..13])`."""
    for reach in found:
        yield from (f"opens {line} {_where(reach)}" for line in reach.opened)
        if reach.is_unsure:
            yield f"may open or close more {_where(reach)}: {', '.join(reach.unknown)} could not be read"
        elif reach.opened:
            yield from _left_out(reach)


def no_longer_reachable(found: Sequence[Reach]) -> Iterator[str]:
    for reach in found:
        yield from (f"closes the only way in for {service} to {_who(reach)}" for service in reach.last_way_in)
        yield from (f"closes {line} {_where(reach)}" for line in reach.closed)
        if not reach.opened and not reach.is_unsure:
            yield from _left_out(reach)


def _left_out(reach: Reach) -> Iterator[str]:
    if reach.unknown:
        yield f"not counted {_where(reach)}: {', '.join(reach.unknown)}, of which the rules are not read"


def _where(reach: Reach) -> str:
    return f"on {_who(reach)}" if reach.direction == "ingress" else f"from {_who(reach)}"


def _who(reach: Reach) -> str:
    kinds = {address.kind for address in reach.addresses}
    if kinds == {"security_group"}:
        return f"members of {members(reach.addresses)} that are not of this stack"
    if len(reach.addresses) == 1:
        return str(reach.addresses[0])
    noun = "machine" if kinds == {"instance"} else "interface" if kinds == {"network_interface"} else "resource"
    return f"{plural(len(reach.addresses), noun)} ({members(reach.addresses)})"
