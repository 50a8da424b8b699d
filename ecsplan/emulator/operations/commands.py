"""Commands of Cloud Assistant that are kept: made, listed, changed and deleted. They are run by invocations.py.

Neither the type nor the content of a command can be changed: ModifyCommand takes a content, and ignores it.
"""

from __future__ import annotations

import base64
import re

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, ecs_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.paging import by_either
from ecsplan.emulator.wire import Refusal, invalid

LONGEST_COMMAND = 24 * 1024  # bytes, by the Base64 text
TYPES = ("RunShellScript", "RunPowerShellScript", "RunBatScript")
UNDER_WAY = ("Pending", "Running", "Stopping", "Scheduled")
NOT_FOUND = "InvalidCmdId.NotFound"
PARAMETER = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
_LONGEST = {"Name": 128, "Description": 512, "WorkingDir": 200, "Launcher": 1024}


def create_command(call: Call) -> Body:
    call.need("Name")
    return {"CommandId": add_command(call, kept=True).id}


def add_command(call: Call, kept: bool) -> Thing:
    content = content_of(call)
    call.choice("Type", *TYPES)
    names = PARAMETER.findall(content) if call.get("EnableParameter") else []
    own = sorted({name for name in names if not name.startswith("ACS::")})
    if len(own) > 20:
        raise Refusal(400, "CmdParamCount.ExceedLimit", "A command has at most 20 parameters.")
    return call.account.add("command", call.region, call.account.new_id("c", call.region), {
        "Content": content, "Type": call.need("Type"), "Timeout": call.number("Timeout", 10, 86400, 60), "Kept": kept,
        "Name": _text(call, "Name"), "Description": _text(call, "Description"), "Launcher": _text(call, "Launcher"),
        "WorkingDir": _text(call, "WorkingDir"), "EnableParameter": bool(call.get("EnableParameter", False)),
        "Parameters": own, "CreationTime": to_seconds(call.now), "ResourceGroupId": call.get("ResourceGroupId", ""),
        "InvokeTimes": 0,
    }, call.tags())  # fmt: skip


def _text(call: Call, name: str) -> str:
    text = str(call.get(name, ""))
    if len(text) > _LONGEST[name]:
        raise invalid(name, f"It has at most {_LONGEST[name]} characters.", f"Invalid{name}.ExceedLimit")
    return text


def content_of(call: Call) -> str:
    """What is neither of the two encodings is read as Base64."""
    content = str(call.need("CommandContent"))
    is_plain = call.get("ContentEncoding") == "PlainText"
    if len(base64.b64encode(content.encode()) if is_plain else content) > LONGEST_COMMAND:
        raise Refusal(400, "CmdContent.ExceedLimit", "The command is longer than 24 KB in Base64.")
    if is_plain:
        return content
    try:
        return base64.b64decode(content, validate=True).decode(errors="replace")
    except ValueError:  # text that is not ASCII, or no Base64
        raise Refusal(400, "CmdContent.DecodeError", "The command is no Base64.") from None


def spelled(call: Call, text: str) -> str:
    """As ContentEncoding of a read asks for it."""
    plain = call.choice("ContentEncoding", "PlainText", "Base64", default="Base64") == "PlainText"
    return text if plain else base64.b64encode(text.encode()).decode()


def find_command(call: Call) -> Thing:
    return call.require("command", call.need("CommandId"), NOT_FOUND, "CommandId")


def describe_commands(call: Call) -> Body:
    """Those of the account; nothing here has a provider."""
    id_ = call.get("CommandId")
    things = call.listed_by("command", [id_]) if id_ else call.candidates("command")
    things = call.matching_tags(call.filtered([one for one in things if one["Kept"]], Type="Type"))
    for name in ("Name", "Description"):  # by their beginnings
        things = [one for one in things if one[name].startswith(call.get(name, ""))]
    return by_either(call, call.lacking(things, "Provider"), _shown, ("Commands", "Command"), 50, 50)


SHOWN = ("Type", "Timeout", "Name", "Description", "WorkingDir", "Launcher", "EnableParameter", "CreationTime",
         "ResourceGroupId", "InvokeTimes")  # fmt: skip


def _shown(call: Call, command: Thing) -> Body:
    head = {"CommandId": command.id, "CommandContent": spelled(call, command["Content"]), "Tags": ecs_tags(command)}
    names = {"ParameterNames": {"ParameterName": command["Parameters"]}, "Provider": "User", "Category": ""}
    return {**head, **names, **{key: command[key] for key in SHOWN}}


def modify_command(call: Call) -> Body:
    """What is given is set, an empty text too; a content is not looked at."""
    command = find_command(call)
    given = {name: _text(call, name) for name in _LONGEST if name in call.params}
    if given.get("Name") == "":
        raise invalid("Name", "It must not be empty.", "InvalidName.Malformed")
    if call.get("Timeout") is not None:
        given["Timeout"] = call.number("Timeout", 10, 86400)
    call.account.change(command, **given)
    return {}


def delete_command(call: Call) -> Body:
    """Not while it runs anywhere."""
    command = find_command(call)
    runs = call.account.in_region("invocation", call.region)
    if any(run["CommandId"] == command.id and run["Status"] in UNDER_WAY for run in runs):
        raise Refusal(403, "InvalidStatus.CmdIdInUse", "The specified commandId is in use by a running invocation.")
    call.account.remove(command)
    return {}


ECS = {
    "CreateCommand": create_command,
    "DescribeCommands": describe_commands,
    "ModifyCommand": modify_command,
    "DeleteCommand": delete_command,
}
TAGGABLE = {("ecs", "command"): "command"}
