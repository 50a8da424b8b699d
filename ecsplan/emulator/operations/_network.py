"""Address arithmetic that several families need: CIDR blocks, private addresses of a vSwitch, public ones."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network
from itertools import chain

from ecsplan.emulator.account import Account, Thing
from ecsplan.emulator.call import Call
from ecsplan.emulator.limits import RESERVED
from ecsplan.emulator.wire import Refusal, invalid

LAST_RESERVED = 3


def parse_block(text: str, parameter: str, smallest: int, largest: int, code: str) -> IPv4Network:
    """A block with a mask length in the range and no host bits."""
    try:
        block = IPv4Network(text)
    except ValueError:
        raise invalid(parameter, "It is an IPv4 CIDR block.", code) from None
    if not smallest <= block.prefixlen <= largest or "/" not in text:
        raise invalid(parameter, f"Its mask is from {smallest} to {largest} bits.", code)
    return block


def check_reserved(block: IPv4Network, parameter: str, code: str) -> None:
    """CreateVpc, CreateVSwitch and AssociateVpcCidrBlock refuse what the service or the internet keeps for itself."""
    if any(block.overlaps(kept) for kept in RESERVED):
        raise invalid(parameter, f"{block} is reserved.", code)


@lru_cache(maxsize=1024)
def usable(cidr: str) -> range:
    """Without the first and the last three addresses of a vSwitch: they are the service's own."""
    block = IPv4Network(cidr)
    first = int(block.network_address)
    return range(first + 1, first + block.num_addresses - LAST_RESERVED)


def spot(vswitch: Thing, address: str) -> str:
    return f"{vswitch.id}/{address}"


def is_taken(account: Account, vswitch: Thing, address: str) -> bool:
    """By an interface, a virtual address, or a NAT gateway, whose interface is not ours to list."""
    place = spot(vswitch, address)
    return any(account.how_many(kind, "Addresses", place) for kind in ("eni", "natgateway", "havip"))


def claim_address(call: Call, vswitch: Thing, wanted: str | None) -> str:
    """The wanted private address if it is free, else the next free one after the last given out."""
    room = usable(vswitch["CidrBlock"])
    if wanted:
        try:
            number = int(IPv4Address(wanted))
        except ValueError:
            raise invalid("PrivateIpAddress", code="InvalidPrivateIpAddress.Malformed") from None
        if number not in room:
            raise invalid("PrivateIpAddress", "It is outside of the vSwitch.", "InvalidPrivateIpAddress.Malformed")
        if is_taken(call.account, vswitch, wanted):
            raise Refusal(403, "InvalidPrivateIpAddress.Duplicated", f"Private IP address {wanted} is in use.")
        return wanted
    start = vswitch.get("NextAddress", room.start)
    for number in chain(range(start, room.stop), range(room.start, min(start, room.stop))):
        address = str(IPv4Address(number))
        if not is_taken(call.account, vswitch, address):
            call.account.change(vswitch, NextAddress=number + 1)
            return address
    raise Refusal(400, "QuotaExceeded.PrivateIpAddress", f"No private address is left in vSwitch {vswitch.id}.")


def free_addresses(account: Account, vswitch: Thing) -> int:
    used = sum(
        len(eni["PrivateIps"]) + 16 * len(eni.get("Ipv4Prefixes", ()))
        for eni in account.where("eni", "VSwitchId", vswitch.id)
    )
    used += sum(account.how_many(kind, "VSwitchId", vswitch.id) for kind in ("natgateway", "havip"))
    return len(usable(vswitch["CidrBlock"])) - used


def public_address(account: Account) -> str:
    """One that nobody in the account has."""
    while True:
        address = f"{account.random.choice((8, 39, 47, 101, 112, 118, 120, 121))}." + ".".join(
            str(account.random.randint(1, 254)) for _ in range(3)
        )
        if not (account.how_many("eip", "PublicIp", address) or account.how_many("instance", "PublicIp", address)):
            return address


def mac_address(account: Account) -> str:
    return "00:16:3e:" + ":".join(f"{account.random.randint(0, 255):02x}" for _ in range(3))
