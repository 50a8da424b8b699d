"""Prefixes of network interfaces: /28 blocks of the vSwitch's IPv4 range, /80 blocks of its IPv6 range."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations._network import is_taken, spot, usable
from ecsplan.emulator.wire import Refusal, invalid

BITS4, BITS6 = 28, 80
MOST = 10


def prefix_sets(eni: Thing) -> Body:
    """Both lists, as interfaces and instances show them."""
    return {
        "Ipv4PrefixSets": {"Ipv4PrefixSet": [{"Ipv4Prefix": block} for block in eni.get("Ipv4Prefixes", [])]},
        "Ipv6PrefixSets": {"Ipv6PrefixSet": [{"Ipv6Prefix": block} for block in eni.get("Ipv6Prefixes", [])]},
    }


def asked(call: Call, family: str) -> bool:
    return bool(call.many(f"{family}Prefix", MOST) or call.get(f"{family}PrefixCount"))


def _wanted(call: Call, family: str) -> tuple[list[str], int]:
    named, count = call.many(f"{family}Prefix", MOST), call.number(f"{family}PrefixCount", 1, MOST)
    if named and count is not None:
        raise invalid(f"{family}PrefixCount", "Give prefixes or their number.", "InvalidParameter.Conflict")
    return named, count or 0


def add_prefixes4(call: Call, eni: Thing, vswitch: Thing) -> list[str]:
    """Each of its sixteen addresses is taken from then on."""
    named, count = _wanted(call, "Ipv4")
    new: list[str] = []
    for text in named:
        block = _named4(vswitch, text)
        if not _free4(call, vswitch, block):
            raise Refusal(403, "InvalidIp.IpAssigned", f"An address of {block} is in use.")
        new.append(_hold4(call, eni, vswitch, block))
    blocks = _blocks4(vswitch)
    while len(new) < count:
        free = next((block for block in blocks if _free4(call, vswitch, block)), None)
        if free is None:
            raise Refusal(400, "QuotaExceeded.PrivateIpAddress", f"No free /{BITS4} is left in {vswitch.id}.")
        new.append(_hold4(call, eni, vswitch, free))
    return new


def _named4(vswitch: Thing, text: str) -> IPv4Network:
    try:
        block = IPv4Network(text)
    except ValueError:
        raise invalid("Ipv4Prefix", "It is an IPv4 block.", "InvalidIp.Malformed") from None
    if block.prefixlen != BITS4 or not block.subnet_of(IPv4Network(vswitch["CidrBlock"])):
        raise invalid("Ipv4Prefix", f"It is a /{BITS4} of {vswitch['CidrBlock']}.", "InvalidIp.NotInVSwitch")
    return block


def _blocks4(vswitch: Thing) -> Iterator[IPv4Network]:
    """From the end, where single addresses come last."""
    home = IPv4Network(vswitch["CidrBlock"])
    if home.prefixlen > BITS4:
        return
    last = int(home.broadcast_address) - 15
    for start in range(last, int(home.network_address) - 1, -16):
        yield IPv4Network((start, BITS4))


def _free4(call: Call, vswitch: Thing, block: IPv4Network) -> bool:
    room = usable(vswitch["CidrBlock"])
    return all(int(ip) in room and not is_taken(call.account, vswitch, str(ip)) for ip in block)


def _hold4(call: Call, eni: Thing, vswitch: Thing, block: IPv4Network) -> str:
    spots = [spot(vswitch, str(ip)) for ip in block]
    call.account.change(
        eni, Ipv4Prefixes=[*eni.get("Ipv4Prefixes", []), str(block)], Addresses=[*eni["Addresses"], *spots]
    )
    return str(block)


def add_prefixes6(call: Call, eni: Thing, vswitch: Thing) -> list[str]:
    named, count = _wanted(call, "Ipv6")
    if not named and not count:
        return []
    if not vswitch.get("Ipv6CidrBlock"):
        raise Refusal(400, "InvalidOperation.Ipv6NotSupport", f"IPv6 is not enabled in the vSwitch {vswitch.id}.")
    home = IPv6Network(vswitch["Ipv6CidrBlock"])
    new = [_named6(call, vswitch, home, text) for text in named]
    while len(new) < count:
        start = int(home.network_address) + (call.account.random.randint(1, 0xFFFF) << (128 - BITS6))
        block = str(IPv6Network((start, BITS6)))
        if block not in new and not call.account.how_many("eni", "Addresses", spot(vswitch, block)):
            new.append(block)
    call.account.change(
        eni,
        Ipv6Prefixes=[*eni.get("Ipv6Prefixes", []), *new],
        Addresses=[*eni["Addresses"], *(spot(vswitch, block) for block in new)],
    )
    return new


def _named6(call: Call, vswitch: Thing, home: IPv6Network, text: str) -> str:
    try:
        block = IPv6Network(text)
    except ValueError:
        raise invalid("Ipv6Prefix", "It is an IPv6 block.", "InvalidIp.Malformed") from None
    if block.prefixlen != BITS6 or not block.subnet_of(home):
        raise invalid("Ipv6Prefix", f"It is a /{BITS6} of {home}.", "InvalidIp.NotInVSwitch")
    if call.account.how_many("eni", "Addresses", spot(vswitch, str(block))):
        raise Refusal(403, "InvalidIp.IpAssigned", f"The prefix {block} is in use.")
    return str(block)


def drop_prefixes(call: Call, eni: Thing, vswitch: Thing, family: str) -> None:
    """Those that the call names; one that the interface does not have is refused."""
    field, unwanted = f"{family}Prefixes", call.many(f"{family}Prefix", MOST)
    held = eni.get(field, [])
    for block in unwanted:
        if block not in held:
            raise Refusal(403, "InvalidIp.IpUnassigned", f"{eni.id} does not have the prefix {block}.")
    gone = {spot(vswitch, place) for block in unwanted for place in _places(block)}
    call.account.change_all(eni, {
        field: [block for block in held if block not in unwanted],
        "Addresses": [place for place in eni["Addresses"] if place not in gone],
    })  # fmt: skip


def _places(block: str) -> list[str]:
    return [block] if ":" in block else [str(ip) for ip in IPv4Network(block)]
