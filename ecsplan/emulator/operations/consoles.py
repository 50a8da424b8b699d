"""The console of an instance: a line of text, and a picture of nothing."""

from __future__ import annotations

from base64 import b64encode

from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations.instances import require_instance, require_status
from ecsplan.emulator.wire import Refusal

# The smallest JPEG: one grey pixel.
PIXEL = (
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////"
    "////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA="
)


def get_instance_console_output(call: Call) -> Body:
    instance = require_instance(call)
    if instance["OSType"] == "windows":
        raise Refusal(403, "InvalidInstance.OsNotSupported", "A Windows instance has no console output.")
    text = f"{instance['HostName']} login: \n"
    return {
        "InstanceId": instance.id,
        "ConsoleOutput": b64encode(text.encode()).decode(),
        "LastUpdateTime": to_seconds(call.now),
    }


def get_instance_screenshot(call: Call) -> Body:
    instance = require_instance(call)
    require_status(instance, "Running")
    return {"InstanceId": instance.id, "Screenshot": PIXEL}


ECS = {
    "GetInstanceConsoleOutput": get_instance_console_output,
    "GetInstanceScreenshot": get_instance_screenshot,
}
