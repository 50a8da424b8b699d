"""Cloud Assistant: the agent on each machine, commands run by it, and their results.

A command here runs nothing: it succeeds with exit code 0 and no output, unless the standing fault `unwell` says what
becomes of it (`exit`, `output`, or an `error` such as ClientNotRunning). It takes a settling time.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations._wellness import trouble
from ecsplan.emulator.paging import by_number
from ecsplan.emulator.wire import Refusal, invalid, not_found

HEARTBEAT = 60.0  # seconds
MOST_AT_ONCE = 50
LONGEST_COMMAND = 24 * 1024  # bytes, by the Base64 text
TYPES = ("RunShellScript", "RunPowerShellScript", "RunBatScript")
FAILURES = {"ClientNotRunning", "ClientNotResponse", "ClientNotOnline", "DeliveryTimeout", "SecurityGroupRuleDenied"}


def is_online(call: Call, instance: Thing) -> bool:
    return instance.status == "Running" and trouble(call, instance, "assistant") is None


def describe_cloud_assistant_status(call: Call) -> Body:
    """Paging is for those who name no machines."""
    ids = call.many("InstanceId", 100)
    instances = call.listed_by("instance", ids) if ids else call.listed("instance")
    instances = [one for one in instances if call.get("OSType") in (None, _system(one))]
    wrap = ("InstanceCloudAssistantStatusSet", "InstanceCloudAssistantStatus")
    if ids:
        return {"TotalCount": len(instances), wrap[0]: {wrap[1]: [_status(call, one) for one in instances]}}
    return by_number(call, instances, _status, wrap, 50)


def _status(call: Call, instance: Thing) -> Body:
    online = is_online(call, instance)
    return {
        "InstanceId": instance.id,
        "CloudAssistantStatus": "true" if online else "false",
        "CloudAssistantVersion": "2.2.3.857",
        "LastHeartbeatTime": to_seconds(call.now - call.now % HEARTBEAT) if online else "",
        "ActiveTaskCount": 0,
        "InvocationCount": 0,
        "LastInvokedTime": "",
        "OSType": _system(instance),
        "SupportSessionManager": True,
    }


def _system(instance: Thing) -> str:
    return "Windows" if str(instance.get("OSType", "")).lower() == "windows" else "Linux"


def create_command(call: Call) -> Body:
    return {"CommandId": _command(call, kept=True).id}


def run_command(call: Call) -> Body:
    instances = _machines(call)
    command = _command(call, kept=bool(call.get("KeepCommand", False)))
    return {"CommandId": command.id, "InvokeId": _invoke(call, command, instances).id}


def invoke_command(call: Call) -> Body:
    command = call.require("command", call.need("CommandId"), "InvalidCmdId.NotFound", "CommandId")
    return {"InvokeId": _invoke(call, command, _machines(call)).id}


def _machines(call: Call) -> list[Thing]:
    """One that does not run, or whose agent is off, refuses the whole call."""
    ids = call.get("InstanceId") or []
    if not ids:
        raise Refusal(400, "MissingParam.InstanceId", "The parameter InstanceId is required.")
    if len(ids) > MOST_AT_ONCE:
        raise Refusal(400, "NumberExceed.InstanceIds", f"At most {MOST_AT_ONCE} machines may be named.")
    found = []
    for id_ in dict.fromkeys(ids):
        instance = call.find("instance", id_)
        if instance is None:
            raise not_found("InvalidInstance.NotFound", "instance", id_)
        if instance.status != "Running":
            raise Refusal(403, "InvalidInstance.NotRunning", f"The instance {id_} is not running.")
        found.append(instance)
    return found


def _command(call: Call, kept: bool) -> Thing:
    content, encoding = call.need("CommandContent"), call.choice("ContentEncoding", "PlainText", "Base64")
    call.choice("Type", *TYPES)
    if len(base64.b64encode(content.encode()) if encoding != "Base64" else content) > LONGEST_COMMAND:
        raise Refusal(400, "CmdContent.ExceedLimit", "The command is longer than 24 KB in Base64.")
    if encoding == "Base64":
        try:
            content = base64.b64decode(content, validate=True).decode(errors="replace")
        except binascii.Error:
            raise Refusal(400, "CmdContent.DecodeError", "The command is no Base64.") from None
    return call.account.add("command", call.region, call.account.new_id("c", call.region), {
        "Content": content, "Type": call.need("Type"), "Timeout": call.number("Timeout", 10, 86400, 60), "Kept": kept,
    }, call.tags())  # fmt: skip


def _invoke(call: Call, command: Thing, instances: list[Thing]) -> Thing:
    results = [_result(call, command, instance) for instance in instances]
    invocation = call.account.add("invocation", call.region, call.account.new_id("t", call.region), {
        "CommandId": command.id, "Results": results, "Status": "Running", "Username": call.get("Username") or "",
        "StartTime": to_seconds(call.now),
    }, call.tags())  # fmt: skip
    call.in_settle(invocation, Status="Finished", EndedAt=to_seconds(call.now + call.settle))
    return invocation


def _result(call: Call, command: Thing, instance: Thing) -> dict[str, Any]:
    """How it will end on a machine, decided when it is sent there."""
    rule = trouble(call, instance, "command")
    online = is_online(call, instance)
    if rule is None and online:
        return {"InstanceId": instance.id, "InvocationStatus": "Success", "ExitCode": 0, "Output": ""}
    rule = rule or {}
    error = rule.get("error") or ("" if online else "ClientNotOnline")
    if error == "Timeout":
        return {"InstanceId": instance.id, "InvocationStatus": "Timeout", "ErrorCode": "ExecutionTimeout"}
    if error:
        return {"InstanceId": instance.id, "InvocationStatus": "Aborted", "ErrorCode": error, "ErrorInfo": error}
    return {
        "InstanceId": instance.id,
        "InvocationStatus": "Failed",
        "ErrorCode": "ExitCodeNonzero",
        "ErrorInfo": "The command ended with an exit code other than 0.",
        "ExitCode": int(rule.get("exit", 1)),
        "Output": str(rule.get("output", "")),
    }


def describe_invocation_results(call: Call) -> Body:
    invocation = call.find("invocation", call.get("InvokeId"))
    rows = invocation["Results"] if invocation is not None else []
    rows = [row for row in rows if call.get("InstanceId") in (None, row["InstanceId"])]
    number, size = call.number("PageNumber", 1, 10_000, 1), call.number("PageSize", 1, 50, 10)
    start = 0
    if call.get("MaxResults") is not None or call.get("NextToken") is not None:
        size = min(max(int(call.get("MaxResults", 10)), 1), 50)
        start, number = _place(call.get("NextToken")), 1
    else:
        start = (number - 1) * size
    shown = rows[start : start + size]
    body: Body = {
        "PageNumber": number,
        "PageSize": size,
        "TotalCount": len(rows),
        "InvocationResults": {"InvocationResult": [_row(call, invocation, row) for row in shown] if invocation else []},
    }
    if start + size < len(rows):
        body["NextToken"] = str(start + size)
    return {"Invocation": body}


def _place(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdecimal():
        raise invalid("NextToken", code="InvalidNextToken")
    return int(token)


def _row(call: Call, invocation: Thing, row: dict[str, Any]) -> Body:
    head = {
        "CommandId": invocation["CommandId"], "InvokeId": invocation.id, "InstanceId": row["InstanceId"],
        "InvokeRecordStatus": invocation["Status"], "StartTime": invocation["StartTime"], "Repeats": 1, "Dropped": 0,
        "Username": invocation["Username"],
    }  # fmt: skip
    if invocation["Status"] == "Running":
        return {**head, "InvocationStatus": "Running", "FinishedTime": "", "Output": ""}
    text = row.get("Output", "")
    if call.choice("ContentEncoding", "PlainText", "Base64", default="Base64") == "Base64":
        text = base64.b64encode(text.encode()).decode()
    ended = {"ErrorCode": row.get("ErrorCode", ""), "ErrorInfo": row.get("ErrorInfo", "")}
    code = {"ExitCode": row["ExitCode"]} if "ExitCode" in row else {}
    return {**head, **ended, **code, "InvocationStatus": row["InvocationStatus"], "Output": text,
            "FinishedTime": invocation["EndedAt"]}  # fmt: skip


ECS = {
    "DescribeCloudAssistantStatus": describe_cloud_assistant_status,
    "CreateCommand": create_command,
    "RunCommand": run_command,
    "InvokeCommand": invoke_command,
    "DescribeInvocationResults": describe_invocation_results,
}
