"""CreateInstance: one machine, made Stopped, as older clients do it."""

from __future__ import annotations

from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.operations._launch import check_order, make_instance
from ecsplan.emulator.operations.run_instances import bill, schedule_release


def create_instance(call: Call) -> Body:
    """A public address is not part of it: AllocatePublicIpAddress brings one.

    It is Stopped at once: libcloud starts it in its next call, without looking.
    """
    order = check_order(call, 1)
    instance = make_instance(call, order, 0, 1)
    call.account.change(instance, Status="Stopped")
    schedule_release(call, instance)
    return {"InstanceId": instance.id, **bill(call, order, 1)}


ECS = {"CreateInstance": create_instance}
