"""The calls that move a secondary network interface, on its own or inside an instance.

Used by network_interface.py and _instance_interfaces.py.
"""

from ecsplan.model.algebra import ValueOrUnknown
from ecsplan.model.call import Call, Replay, Wait, until


def attach(interface: ValueOrUnknown, instance: ValueOrUnknown) -> Call:
    """It may not be sent twice on a guess: an interface that is on its way counts as busy, for minutes."""
    return Call(
        "AttachNetworkInterface",
        {"NetworkInterfaceId": interface, "InstanceId": instance},
        kind="network_interface",
        targets=(interface,),
        replay=Replay.NEVER,
        wait=until("InUse", InstanceId=instance),
    )


def detach(interface: ValueOrUnknown, instance: ValueOrUnknown) -> Call:
    """As careful as `attach`; an interface that hangs nowhere, or is gone, counts as done."""
    return Call(
        "DetachNetworkInterface",
        {"NetworkInterfaceId": interface, "InstanceId": instance},
        kind="network_interface",
        targets=(interface,),
        replay=Replay.NEVER,
        wait=until("Available"),
        absent_is_done=True,
        done_on=("InvalidOperation.EniNotAttached",),
    )


def delete(interface: ValueOrUnknown) -> Call:
    return Call(
        "DeleteNetworkInterface",
        {"NetworkInterfaceId": interface},
        kind="network_interface",
        targets=(interface,),
        wait=Wait(absent=True, kind="network_interface"),
        absent_is_done=True,
    )
