"""How a machine is stopped, started and restarted. Used by instance.py."""

from ecsplan.kinds import _instance_calls as calls
from ecsplan.model.call import Merge, until
from ecsplan.model.capabilities.power import Power
from ecsplan.model.kind import Update

POWER = Power(
    attribute="state",
    running="Running",
    stopped="Stopped",
    start=Update("StartInstances", ("state",), id="InstanceId", params={"BatchOptimization": "SuccessFirst"},
                 merge=Merge("InstanceId", 100), wait=until("Running"), seconds=10.0, rows=calls.POWER_ROWS),
    stop=Update("StopInstances", ("state",), id="InstanceId", params={"ForceStop": False},
                merge=Merge("InstanceId", 100), wait=until("Stopped"), seconds=10.0),
    reboot=Update("RebootInstances", ("state",), id="InstanceId", params={"ForceReboot": False},
                  merge=Merge("InstanceId", 100), wait=until("Running"), seconds=30.0),
    stopping=calls.stopping,
    note=calls.how_it_is_off,
)  # fmt: skip
