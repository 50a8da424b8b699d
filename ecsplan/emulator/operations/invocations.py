"""Commands as they are run on machines: what is asked for, how far each machine is, and its result.

A command here runs nothing: it succeeds with exit code 0 and no output, unless the standing fault `unwell` says what
becomes of it (`exit`, `output`, or an `error` such as ClientNotRunning). It takes a settling time. One that is to run
later, or again and again, stays Scheduled until it is stopped.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ecsplan.emulator.account import Thing
from ecsplan.emulator.call import Body, Call, ecs_tags
from ecsplan.emulator.clock import to_seconds
from ecsplan.emulator.operations._wellness import trouble
from ecsplan.emulator.operations.assistant import is_online
from ecsplan.emulator.operations.commands import UNDER_WAY, add_command, find_command, spelled
from ecsplan.emulator.paging import by_either
from ecsplan.emulator.wire import Refusal, invalid, not_found

MOST_AT_ONCE = 50
REPEATS = ("Once", "Period", "NextRebootOnly", "EveryReboot", "DryRun")
STOPPED = ("Cancelled", "Terminated", "Stopped")
LONGEST_OUTPUT = 24 * 1024  # bytes


def run_command(call: Call) -> Body:
    instances = _machines(call)
    command = add_command(call, kept=bool(call.get("KeepCommand", False)))
    return {"CommandId": command.id, "InvokeId": _invoke(call, command, instances)}


def invoke_command(call: Call) -> Body:
    command = find_command(call)
    return {"InvokeId": _invoke(call, command, _machines(call))}


def _machines(call: Call) -> list[Thing]:
    """One that does not run refuses the whole call; so do none, and too many."""
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


def _invoke(call: Call, command: Thing, instances: list[Thing]) -> str:
    """The id of the invocation; a dry run makes none."""
    repeat = call.choice("RepeatMode", *REPEATS, default="Period" if call.get("Frequency") else "Once")
    if repeat == "Period" and not call.get("Frequency"):
        raise Refusal(400, "MissingParam.Frequency", "The parameter Frequency is required.")
    parameters = _parameters(call, command)
    if repeat == "DryRun":
        return ""
    is_later = repeat != "Once"
    invocation = call.account.add("invocation", call.region, call.account.new_id("t", call.region), {
        "CommandId": command.id, "Results": [_result(call, command, instance) for instance in instances],
        "Status": "Scheduled" if is_later else "Running", "Username": call.get("Username") or "",
        "StartTime": to_seconds(call.now), "EndedAt": "", "StoppedAt": "", "RepeatMode": repeat,
        "Frequency": call.get("Frequency", ""), "Parameters": parameters,
        "Timeout": call.number("Timeout", 10, 86400, command["Timeout"]),
        "WorkingDir": call.get("WorkingDir") or command["WorkingDir"],
        "TerminationMode": call.get("TerminationMode", "Process"), "Launcher": command["Launcher"],
        "ContainerId": call.get("ContainerId", ""), "ContainerName": call.get("ContainerName", ""),
        "ResourceGroupId": call.get("ResourceGroupId", ""),
        "Command": {key: command[key] for key in ("Name", "Description", "Type", "Content")},
    }, call.tags())  # fmt: skip
    call.account.change(command, InvokeTimes=command["InvokeTimes"] + 1)
    if not is_later:
        call.in_settle(invocation, Status="Finished", EndedAt=to_seconds(call.now + call.settle))
    return invocation.id


def _parameters(call: Call, command: Thing) -> str:
    """JSON text with values for the parameters that the content names."""
    given = call.get("Parameters", "{}")
    try:
        values = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        raise invalid("Parameters", "It is no JSON.", "InvalidParam.Parameters") from None
    unknown = sorted(set(values) - set(command["Parameters"]))
    if unknown:
        raise Refusal(400, "CmdParam.InvalidParamName", f"The command has no parameter {unknown[0]}.")
    if command["EnableParameter"] and set(command["Parameters"]) - set(values):
        raise Refusal(400, "MissingParam.Parameters", "The parameters of the command need values.")
    return json.dumps(values, sort_keys=True)


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
    code, output = int(rule.get("exit", 1)), str(rule.get("output", ""))
    if code == 0:
        return {"InstanceId": instance.id, "InvocationStatus": "Success", "ExitCode": 0, "Output": output}
    told = "The command ended with an exit code other than 0."
    return {"InstanceId": instance.id, "InvocationStatus": "Failed", "ErrorCode": "ExitCodeNonzero", "ErrorInfo": told,
            "ExitCode": code, "Output": output}  # fmt: skip


def stop_invocation(call: Call) -> Body:
    """On the machines that are named, else on all; what has ended stays as it is."""
    invocation = call.require("invocation", call.need("InvokeId"), "InvalidInvokeId.NotFound", "InvokeId")
    ids = call.many("InstanceId", 50)
    known = {row["InstanceId"] for row in invocation["Results"]}
    for id_ in ids:
        if id_ not in known:
            raise not_found("InvalidInstance.NotFound", "instance", id_)
    if invocation["Status"] not in UNDER_WAY:
        return {}
    word = "Cancelled" if invocation["Status"] == "Scheduled" else "Terminated"
    rows = [
        {"InstanceId": row["InstanceId"], "InvocationStatus": word} if not ids or row["InstanceId"] in ids else row
        for row in invocation["Results"]
    ]
    is_over = all(row["InvocationStatus"] in STOPPED for row in rows)
    now = to_seconds(call.now)
    call.account.change(
        invocation, Results=rows, StoppedAt=now, **({"Status": "Finished", "EndedAt": now} if is_over else {})
    )
    return {}


def describe_invocations(call: Call) -> Body:
    """InstanceId and InvokeId narrow the list; the output of machines is there only with one of them."""
    id_, machine = call.get("InvokeId"), call.get("InstanceId")
    if call.get("IncludeOutput") and not (id_ or machine):
        raise invalid("IncludeOutput", "InvokeId or InstanceId must be given with it.")
    runs = call.listed_by("invocation", [id_]) if id_ else call.candidates("invocation")
    runs = call.matching_tags(call.filtered(runs, CommandId="CommandId"))
    runs = [run for run in runs if machine is None or any(row["InstanceId"] == machine for row in run["Results"])]
    if machine is None:
        runs = [
            run
            for run in call.filtered(runs, RepeatMode="RepeatMode")
            if call.get("CommandName") in (None, run["Command"]["Name"])
        ]
    runs = [run for run in runs if call.get("CommandType") in (None, run["Command"]["Type"])]
    runs = [run for run in runs if call.get("InvokeStatus") in (None, _invoke_status(run))]
    runs = [run for run in runs if call.get("Timed") in (None, run["RepeatMode"] == "Period")]
    return by_either(call, runs, _shown, ("Invocations", "Invocation"), 50, 50)


AS_IT_IS = ("CommandId", "Frequency", "RepeatMode", "Timeout", "WorkingDir", "Username", "Parameters", "Launcher",
            "TerminationMode", "ContainerId", "ContainerName")  # fmt: skip


def _shown(call: Call, run: Thing) -> Body:
    command = run["Command"]
    machine = call.get("InstanceId")
    rows = [row for row in run["Results"] if machine in (None, row["InstanceId"])]
    return {
        "InvokeId": run.id,
        **{key: run[key] for key in AS_IT_IS},
        "CommandName": command["Name"],
        "CommandType": command["Type"],
        "CommandDescription": command["Description"],
        "CommandContent": spelled(call, command["Content"]),
        "CreationTime": run["StartTime"],
        "InvocationStatus": overall(run),
        "InvokeStatus": _invoke_status(run),
        "Timed": run["RepeatMode"] == "Period",
        "Tags": ecs_tags(run),
        "InvokeInstances": {"InvokeInstance": [_machine(call, run, row) for row in rows]},
    }


def _status(run: Thing, row: dict[str, Any]) -> str:
    """On one machine: as the invocation while it is under way, but for what was stopped."""
    if run["Status"] in UNDER_WAY and row["InvocationStatus"] not in STOPPED:
        return str(run["Status"])
    return str(row["InvocationStatus"])


def overall(run: Thing) -> str:
    """Of all its machines, as the reference derives it."""
    states = {_status(run, row) for row in run["Results"]}
    for word in ("Pending", "Scheduled", "Running", "Stopping"):
        if word in states:
            return word
    states = {"Stopped" if state in STOPPED else state for state in states}
    if states == {"Stopped"}:
        return "Stopped"
    if states <= {"Stopped", "Success"}:
        return "Success"
    return "PartialFailed" if "Success" in states else "Failed"


def _invoke_status(run: Thing) -> str:
    """The older word for it."""
    return {"Success": "Finished", "Scheduled": "Running", "Pending": "Running"}.get(overall(run), overall(run))


def _machine(call: Call, run: Thing, row: dict[str, Any]) -> Body:
    status = _status(run, row)
    is_over = status not in UNDER_WAY
    old = {"Success": "Finished", "Scheduled": "Running", "Cancelled": "Stopped", "Terminated": "Stopped"}
    return {
        "InstanceId": row["InstanceId"],
        "InvocationStatus": status,
        "InstanceInvokeStatus": old.get(status, status if status in ("Running", "Stopping") else "Failed"),
        "CreationTime": run["StartTime"],
        "UpdateTime": run["EndedAt"] or run["StartTime"],
        "StartTime": run["StartTime"],
        "FinishTime": run["EndedAt"] if is_over else "",
        "StopTime": run["StoppedAt"],
        "Repeats": int(status != "Scheduled"),
        "Timed": run["RepeatMode"] == "Period",
        **_outcome(call, row, is_over=is_over, with_output=bool(call.get("IncludeOutput"))),
    }


def _outcome(call: Call, row: dict[str, Any], *, is_over: bool, with_output: bool) -> Body:
    """What a machine tells once it is through; an exit code only where the command came to its end."""
    text = row.get("Output", "") if is_over else ""
    shown = text.encode()[:LONGEST_OUTPUT].decode(errors="ignore")
    found: Body = {
        "ErrorCode": row.get("ErrorCode", "") if is_over else "",
        "ErrorInfo": row.get("ErrorInfo", "") if is_over else "",
        "Dropped": len(text.encode()) - len(shown.encode()),
        "Output": spelled(call, shown) if with_output else "",
    }
    return {**found, "ExitCode": row["ExitCode"]} if is_over and "ExitCode" in row else found


def describe_invocation_results(call: Call) -> Body:
    runs = _asked_for(call)
    rows = [
        (run, row)
        for run in runs
        for row in run["Results"]
        if call.get("InstanceId") in (None, row["InstanceId"])
        and call.get("InvokeRecordStatus") in (None, _invoke_status(run))
    ]
    number, size = call.number("PageNumber", 1, 10_000, 1), call.number("PageSize", 1, 50, 10)
    start = (number - 1) * size
    if call.get("MaxResults") is not None or call.get("NextToken") is not None:
        size = min(max(int(call.get("MaxResults", 10)), 1), 50)
        start, number = _place(call.get("NextToken")), 1
    shown = [_row(call, run, row) for run, row in rows[start : start + size]]
    body: Body = {"PageNumber": number, "PageSize": size, "TotalCount": len(rows),
                  "InvocationResults": {"InvocationResult": shown}}  # fmt: skip
    if start + size < len(rows):
        body["NextToken"] = str(start + size)
    return {"Invocation": body}


def _asked_for(call: Call) -> Iterable[Thing]:
    id_ = call.get("InvokeId")
    runs = call.listed_by("invocation", [id_]) if id_ else call.candidates("invocation")
    return sorted(call.matching_tags(call.filtered(runs, CommandId="CommandId")), key=lambda run: -run.seq)


def _place(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdecimal():
        raise invalid("NextToken", code="InvalidNextToken")
    return int(token)


def _row(call: Call, run: Thing, row: dict[str, Any]) -> Body:
    status = _status(run, row)
    is_over = status not in UNDER_WAY
    return {
        "CommandId": run["CommandId"], "InvokeId": run.id, "InstanceId": row["InstanceId"],
        "InvokeRecordStatus": _invoke_status(run), "InvocationStatus": status, "StartTime": run["StartTime"],
        "FinishedTime": run["EndedAt"] if is_over else "", "StopTime": run["StoppedAt"], "Repeats": 1,
        "Username": run["Username"], "Launcher": run["Launcher"], "TerminationMode": run["TerminationMode"],
        "ContainerId": run["ContainerId"], "ContainerName": run["ContainerName"], "Tags": ecs_tags(run),
        **_outcome(call, row, is_over=is_over, with_output=True),
    }  # fmt: skip


ECS = {
    "RunCommand": run_command,
    "InvokeCommand": invoke_command,
    "StopInvocation": stop_invocation,
    "DescribeInvocations": describe_invocations,
    "DescribeInvocationResults": describe_invocation_results,
}
TAGGABLE = {("ecs", "invocation"): "invocation"}
