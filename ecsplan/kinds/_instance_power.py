"""How a machine is stopped, started and restarted. Used by instance.py."""

from ecsplan.kinds import _instance_calls as calls
from ecsplan.kinds._instance_hours import power_note
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Merge, Params, at_rest, until
from ecsplan.model.capabilities.power import Power
from ecsplan.model.kind import Update
from ecsplan.model.power import Order, Verb
from ecsplan.model.values import Choice


def _ordered(order: Order) -> Params:
    """SuccessFirst carries out what it can and tells of each machine, where AllTogether refuses all for one."""
    how: dict[Verb, Params] = {
        Verb.START: {},
        Verb.STOP: {
            "ForceStop": order.force,
            "StoppedMode": calls.STOP_CHARGING if order.stop_charging else calls.KEEP_CHARGING,
        },
        Verb.REBOOT: {"ForceReboot": order.force},
    }
    return {"BatchOptimization": "SuccessFirst", **how[order.verb]}


STOPPED_MODE = Attribute(
    "stopped_mode", None, Choice(calls.KEEP_CHARGING, calls.STOP_CHARGING),
    "How it is off, beside state: stopped. KeepCharging (if left out) keeps vCPUs, memory and its public address; "
    "StopCharging (economical mode) gives them back, so that a later start may fail.",
    fixed="refuse", read_as=calls.stopped_mode, samples=(calls.KEEP_CHARGING, calls.STOP_CHARGING),
    samples_with={"state": "stopped"},
)  # fmt: skip
POWER = Power(
    attribute="state",
    running="Running",
    stopped="Stopped",
    start=Update("StartInstances", ("state",), id="InstanceId", params={"BatchOptimization": "SuccessFirst"},
                 merge=Merge("InstanceId", 100), wait=until("Running"), seconds=10.0, rows=calls.POWER_ROWS),
    stop=Update("StopInstances", ("state",), id="InstanceId", params={"ForceStop": False},
                merge=Merge("InstanceId", 100), wait=until("Stopped"), seconds=10.0, rows=calls.POWER_ROWS),
    reboot=Update("RebootInstances", ("state",), id="InstanceId", params={"ForceReboot": False},
                  merge=Merge("InstanceId", 100), wait=at_rest("Running"), seconds=30.0, rows=calls.POWER_ROWS),
    stopping=calls.stopping,
    note=power_note,
    when_off=("stopped_mode",),
    ordered=_ordered,
    on_the_way={Verb.START: "Starting", Verb.STOP: "Stopping"},
)  # fmt: skip
