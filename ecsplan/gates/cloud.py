"""Looks that the service makes for us: full status, Cloud Assistant, balancers, CloudMonitor. One look each.

What was refused or could not be read is unknown, never failed. Sources: the API reference of ECS 2014-05-26
(DescribeInstancesFullStatus, DescribeCloudAssistantStatus, RunCommand, DescribeInvocationResults), SLB 2014-05-15
(DescribeHealthStatus), ALB 2020-06-16 and NLB 2022-04-30 (ListServerGroupServers, GetListenerHealthStatus: only servers
that are not well are listed there), CMS 2019-01-01 (DescribeMetricLast).
"""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ecsplan.gates.probes import failed, passed, shortened
from ecsplan.model.call import ApiError, Product, Request
from ecsplan.model.gate import Check, CheckResult, Measurement, Target

Ask = Callable[[Request], Mapping[str, Any]]
NAMESPACE = "acs_ecs_dashboard"
RUNNING = ("Pending", "Scheduled", "Running", "Stopping")
GONE = ("InstanceNotExists", "InstanceReleased", "InstanceNotRunning")
WRONG = ("CommandNotApplicable", "AccountNotExists", "DirectoryNotExists")
STARTING = ("Initializing", "InsufficientData")
_MEMBERS = ("GetListenerHealthStatus", "ListServerGroupServers")
_SENT: Mapping[str, tuple[tuple[Product, str], ...]] = {
    "status": ((Product.ECS, "DescribeInstancesFullStatus"),),
    "assistant": ((Product.ECS, "DescribeCloudAssistantStatus"),),
    "command": ((Product.ECS, "RunCommand"), (Product.ECS, "DescribeInvocationResults")),
    "clb": ((Product.SLB, "DescribeHealthStatus"),),
    "alb": tuple((Product.ALB, name) for name in _MEMBERS),
    "nlb": tuple((Product.NLB, name) for name in _MEMBERS),
    "metric": ((Product.CMS, "DescribeMetricLast"),),
}


def sent_by(check: Check) -> tuple[tuple[Product, str], ...]:
    """The actions that a check calls, for the rights of the key; none for looks of the runner itself."""
    kind = next(iter({"clb", "alb", "nlb"} & check.settings.keys()), "") if check.kind == "balancer" else check.kind
    return _SENT.get(kind, ())


def unknown(text: str) -> Measurement:
    return Measurement(CheckResult.UNKNOWN, text)


WAITING = Measurement(CheckResult.WAITING)


def status(settings: Mapping[str, Any], target: Target, ask: Ask) -> Measurement:
    """Runs, and the service sees nothing wrong with it; no reboot is due."""
    if target.status != target.running:
        return failed(f"it is {target.status or 'not there'}")
    answer = ask(_ecs("DescribeInstancesFullStatus", target, InstanceId=[target.id]))
    rows = (answer.get("InstanceFullStatusSet") or {}).get("InstanceFullStatusType") or []
    if not rows:
        return unknown("the service does not know its status")
    name = str((rows[0].get("HealthStatus") or {}).get("Name", ""))
    if name in STARTING:
        return unknown(f"its health is {name}")
    events = (rows[0].get("ScheduledSystemEventSet") or {}).get("ScheduledSystemEventType") or []
    if events:
        return failed(f"a system event is due: {(events[0].get('EventType') or {}).get('Name', '')}")
    return passed() if name.lower() == "ok" else failed(f"its health is {name}")


def assistant(settings: Mapping[str, Any], target: Target, ask: Ask, since: float) -> Measurement:
    """Online, with a heartbeat that is newer than the change: an older one may be of before a reboot."""
    answer = ask(_ecs("DescribeCloudAssistantStatus", target, InstanceId=[target.id]))
    rows = (answer.get("InstanceCloudAssistantStatusSet") or {}).get("InstanceCloudAssistantStatus") or []
    if not rows or rows[0].get("CloudAssistantStatus") != "true":
        return failed("Cloud Assistant is not online")
    beat = _moment(str(rows[0].get("LastHeartbeatTime", "")))
    return passed() if beat is not None and beat >= since else unknown("its last heartbeat is older than the change")


def command(settings: Mapping[str, Any], target: Target, ask: Ask, memory: dict[str, Any]) -> Measurement:
    """Sent by Cloud Assistant with one look, its result read with later ones. Exit code 0 passes."""
    invocation = memory.get("invocation")
    if invocation is None:
        memory["invocation"] = ask(_run(settings, target)).get("InvokeId")
        return WAITING
    request = _ecs("DescribeInvocationResults", target, InvokeId=invocation, ContentEncoding="PlainText", MaxResults=50)
    results = ((ask(request).get("Invocation") or {}).get("InvocationResults") or {}).get("InvocationResult") or []
    row = next((row for row in results if row.get("InstanceId") == target.id), None)
    if row is None or row.get("InvocationStatus") in RUNNING:
        return WAITING
    memory.clear()
    return _ended(row)


def _ended(row: Mapping[str, Any]) -> Measurement:
    state, code = str(row.get("InvocationStatus", "")), str(row.get("ErrorCode") or "")
    told = shortened(str(row.get("Output") or ""))
    if state == "Success":
        return passed() if row.get("ExitCode") == 0 else failed(f"exit code {row.get('ExitCode')}{told}")
    if state == "Failed":
        return failed(f"exit code {row.get('ExitCode')}{told}")
    if state == "Timeout" or code == "ExecutionTimeout":
        return failed("the command did not end in time")
    if code in WRONG:
        return failed(f"the command cannot run there: {code}", is_final=True)
    return failed(code) if code in GONE else unknown(code or state)


def _run(settings: Mapping[str, Any], target: Target) -> Request:
    content = base64.b64encode(target.filled(str(settings["run"])).encode()).decode()
    parameters = {
        "RegionId": target.region, "Type": settings.get("type", "RunShellScript"), "CommandContent": content,
        "ContentEncoding": "Base64", "InstanceId": [target.id], "Timeout": int(settings.get("within", 60)),
        "KeepCommand": False, "RepeatMode": "Once", "Name": "ecsplan-check",
    }  # fmt: skip
    if settings.get("user"):
        parameters["Username"] = settings["user"]
    return Request("RunCommand", parameters, Product.ECS, write=True)


def balancer(settings: Mapping[str, Any], target: Target, ask: Ask) -> Measurement:
    """`clb` and a `port`; or `alb` or `nlb`, the id of a listener."""
    if "clb" in settings:
        return _classic(settings, target, ask)
    product = Product.ALB if "alb" in settings else Product.NLB
    listener = str(settings[product.value])
    answer = ask(Request("GetListenerHealthStatus", {"ListenerId": listener}, product))
    infos = [info for row in answer.get("ListenerHealthStatus") or [] for info in row.get("ServerGroupInfos") or []]
    if not infos:
        return unknown(f"{listener} has no server group")
    found = [_in_group(info, target, ask, product) for info in infos]
    return next((m for m in found if m.result is not CheckResult.UNKNOWN), found[0])


def _in_group(info: Mapping[str, Any], target: Target, ask: Ask, product: Product) -> Measurement:
    """One that was never registered is in no list of sick servers either."""
    group = str(info.get("ServerGroupId", ""))
    key = "HealthCheckEnabled" if product is Product.ALB else "HeathCheckEnabled"
    if str(info.get(key, "")).lower() not in ("on", "true"):
        return unknown(f"the health check of {group} is off")
    wanted = {"ServerGroupId": group, "ServerIds": list(target.servers), "MaxResults": 100}
    rows = ask(Request("ListServerGroupServers", wanted, product)).get("Servers") or []
    if not rows:
        return unknown(f"it is not a server of {group}")
    if changing := [row for row in rows if row.get("Status") != "Available"]:
        return unknown(f"in {group} it is {changing[0].get('Status')}")
    sick = [row for row in info.get("NonNormalServers") or [] if row.get("ServerId") in target.servers]
    if not sick:
        return passed()
    state, why = str(sick[0].get("Status", "")), str((sick[0].get("Reason") or {}).get("ReasonCode", ""))
    return unknown(f"in {group} it is Initial") if state == "Initial" else failed(f"in {group} it is {state} ({why})")


def _classic(settings: Mapping[str, Any], target: Target, ask: Ask) -> Measurement:
    wanted = {"RegionId": target.region, "LoadBalancerId": settings["clb"]}
    if settings.get("port"):
        wanted["ListenerPort"] = int(settings["port"])
    answer = ask(Request("DescribeHealthStatus", wanted, Product.SLB))
    rows = [
        row
        for row in (answer.get("BackendServers") or {}).get("BackendServer") or []
        if row.get("ServerId") in target.servers
    ]
    if not rows:
        return unknown(f"it is not a server of {settings['clb']}")
    states = {str(row.get("ServerHealthStatus")) for row in rows}
    if states == {"normal"}:
        return passed()
    bad = next(row for row in rows if row.get("ServerHealthStatus") != "normal")
    text = f"{settings['clb']} port {bad.get('ListenerPort')} finds it {bad.get('ServerHealthStatus')}"
    return failed(text) if "abnormal" in states else unknown(text)


def metric(settings: Mapping[str, Any], target: Target, ask: Ask, since: float) -> Measurement:
    """The newest `statistic` (Average) of a metric is `below` or `above` a number, and newer than the change."""
    parameters = {
        "Namespace": settings.get("namespace", NAMESPACE), "MetricName": settings["name"],
        "Period": str(settings.get("period", 60)), "Dimensions": json.dumps([{"instanceId": target.id}]),
    }  # fmt: skip
    answer = ask(Request("DescribeMetricLast", parameters, Product.CMS))
    if answer.get("Success") is False:
        return unknown(f"{answer.get('Code')}: {answer.get('Message')}")
    try:
        points = json.loads(str(answer.get("Datapoints") or "[]"))
    except ValueError:
        points = []
    statistic = str(settings.get("statistic", "Average"))
    fresh = [p for p in points if float(p.get("timestamp", 0)) / 1000 >= since and statistic in p]
    if not fresh:
        return unknown("there is no value since the change")
    value = float(max(fresh, key=lambda point: point["timestamp"])[statistic])
    told = f"{settings['name']} is {value:g}"
    if "below" in settings and value >= float(settings["below"]):
        return failed(f"{told}, not below {settings['below']:g}")
    if "above" in settings and value <= float(settings["above"]):
        return failed(f"{told}, not above {settings['above']:g}")
    return passed(told)


def refused(error: ApiError) -> Measurement:
    return unknown(f"{error.operation} was refused: {error.code}")


def _ecs(operation: str, target: Target, **parameters: Any) -> Request:
    return Request(operation, {"RegionId": target.region, **parameters}, Product.ECS)


def _moment(text: str) -> float | None:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
