"""Are enough addresses free in the subnets of a plan, for all of it? The inventory tells; no call is made.

A subnet that the plan makes has all addresses of its range but the four that the service keeps.
"""

from collections.abc import Iterator, Sequence

from ecsplan.model.address import Address
from ecsplan.model.preflight import Addresses, Finding, Level, Need
from ecsplan.preflight.quotas import Sum
from ecsplan.preflight.world import Answers, Judgement, Room, World, unique

LOW = 0.1  # of all addresses: somebody else may take them first
CODE = "QuotaExceeded.PrivateIpAddress"


def judged(needs: Sequence[Need], world: World, answers: Answers) -> Iterator[Judgement]:
    rooms: dict[Address | str, Room] = {room.key: room for room in world.rooms.values()}
    for place, taken in _by_room(needs, world).items():
        room, addresses = rooms.get(place), unique(taken.addresses)
        if not taken.addresses:
            continue
        if room is None:
            told = f"how many addresses are free in {place}: the lists do not tell"
            yield Finding(Level.UNCHECKED, "subnet", told, addresses=addresses)
        else:
            yield _of_room(room, taken, addresses, world)


def _by_room(needs: Sequence[Need], world: World) -> dict[Address | str, Sum]:
    """What each machine takes of a subnet, less what it gives back there: it is replaced."""
    net: dict[tuple[Address | str, Address], int] = {}
    for need in needs:
        if isinstance(need, Addresses):
            room = world.rooms.get(need.subnet.place)
            place = room.key if room is not None else need.subnet.place
            net[place, need.address] = net.get((place, need.address), 0) + need.count
    found: dict[Address | str, Sum] = {}
    for (place, address), count in net.items():
        one = found.setdefault(place, Sum())
        if count > 0:
            one.takes += count
            one.addresses.append(address)
        else:
            one.returns -= count
    return found


def _of_room(room: Room, taken: Sum, addresses: tuple[Address, ...], world: World) -> Judgement:
    line = world.source_of(addresses[0], "vswitch")
    told = f"{taken.takes:,} more addresses are needed in {room.name}, and {room.free:,} of {room.size:,} are free"
    advice = "use a larger subnet, or several"
    if taken.takes - taken.returns > room.free:
        return Finding(Level.FAIL, "subnet", told, CODE, advice, addresses, line)
    if taken.takes > room.free:
        more = f"{told}; the plan gives {taken.returns:,} back, if that comes first"
        return Finding(Level.WARN, "subnet", more, CODE, advice, addresses, line)
    left = room.free - taken.takes
    if left < LOW * room.size:
        few = f"{left:,} of {room.size:,} addresses will be free in {room.name}"
        return Finding(Level.WARN, "subnet", few, CODE, "", addresses, line)
    return None
