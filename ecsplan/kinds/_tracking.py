"""How long an interface remembers connections. Used by network_interface.py, and by instance.py for its primary one.

The list of interfaces does not tell it: it is read one by one, like user data.
"""

from collections.abc import Callable

from ecsplan.kinds._limits import rule
from ecsplan.model.algebra import Raw
from ecsplan.model.attribute import Attribute
from ecsplan.model.change import Change
from ecsplan.model.kind import Detail, Ids, Paging

CONFIGURATION = "ConnectionTrackingConfiguration"
WIRE = {
    "tcp_established_timeout": "TcpEstablishedTimeout",
    "tcp_closed_timeout": "TcpClosedAndTimeWaitTimeout",
    "udp_timeout": "UdpTimeout",
}
_SUMMARY = {
    "tcp_established_timeout": "Seconds after which an idle TCP connection is forgotten.",
    "tcp_closed_timeout": "Seconds after which a closed TCP connection is forgotten.",
    "udp_timeout": "Seconds after which an idle UDP flow is forgotten.",
}
_SAMPLES = {"tcp_established_timeout": (910, 300), "tcp_closed_timeout": (3, 10), "udp_timeout": (30, 60)}


def attributes(block: str, *, is_sent: bool) -> tuple[Attribute, ...]:
    """`is_sent`: the create call takes them."""
    return tuple(
        Attribute(f"{block}.{name}", f"{CONFIGURATION}.{wire}" if is_sent else None,
                  rule(f"network_interface.connection_tracking.{name}").type(), _SUMMARY[name],
                  read_as=f"@tracking.{CONFIGURATION}.{wire}", compare_by_digest=True, samples=_SAMPLES[name])
        for name, wire in WIRE.items()
    )  # fmt: skip


def detail(block: str, asked_by: Callable[[Raw], str] | None = None) -> Detail:
    return Detail("@tracking", "DescribeNetworkInterfaceAttribute", "", ids=Ids("NetworkInterfaceId", "single", 1),
                  params={"Attribute": "connectionTrackingConfiguration"}, paging=Paging.NONE, refresh_only=True,
                  attributes=tuple(f"{block}.{name}" for name in WIRE), asked_by=asked_by)  # fmt: skip


def params(change: Change, block: str) -> dict[str, object]:
    """Those that change, for ModifyNetworkInterfaceAttribute."""
    lines = change.attributes_by_name
    given = {wire: lines[f"{block}.{name}"].after for name, wire in WIRE.items() if f"{block}.{name}" in lines}
    return {CONFIGURATION: given} if given else {}


def usual(block: str) -> dict[str, int]:
    """What an interface has that nobody changed."""
    return {f"{block}.{name}": first for name, (first, _) in _SAMPLES.items()}
