"""Cloud Assistant and CloudMonitor, as the API documents them."""

from __future__ import annotations

import base64
import json

import pytest

from .client import Client, Failed, World


def ran(client: Client, *ids: str) -> str:
    content = base64.b64encode(b"systemctl is-active app").decode()
    return str(client.ecs("RunCommand", Type="RunShellScript", CommandContent=content, ContentEncoding="Base64",
                          InstanceId=list(ids), Timeout=30)["InvokeId"])  # fmt: skip


def results(client: Client, invocation: str, **more: object) -> list[dict]:
    answer = client.ecs("DescribeInvocationResults", InvokeId=invocation, ContentEncoding="PlainText", **more)
    return list(answer["Invocation"]["InvocationResults"]["InvocationResult"])


def test_a_command_runs_for_a_while_and_ends_on_each_machine(client: Client, world: World) -> None:
    one, two, three = world.running(Amount=3)
    client.control("POST", "faults", [
        {"fault": "unwell", "id": two, "what": ["command"], "exit": 3, "output": "inactive"},
        {"fault": "unwell", "id": three, "what": ["command"], "error": "ClientNotRunning"},
    ])  # fmt: skip
    invocation = ran(client, one, two, three)
    assert {row["InvocationStatus"] for row in results(client, invocation)} == {"Running"}
    client.settle()
    found = {row["InstanceId"]: row for row in results(client, invocation, MaxResults=50)}
    assert (found[one]["InvocationStatus"], found[one]["ExitCode"]) == ("Success", 0)
    assert (found[two]["InvocationStatus"], found[two]["ExitCode"], found[two]["Output"]) == ("Failed", 3, "inactive")
    assert (found[three]["InvocationStatus"], found[three]["ErrorCode"]) == ("Aborted", "ClientNotRunning")
    assert "ExitCode" not in found[three]
    assert len(results(client, invocation, MaxResults=2)) == 2


def test_a_machine_that_does_not_run_refuses_the_whole_command(client: Client, world: World) -> None:
    one, two = world.running(Amount=2)
    client.ecs("StopInstance", InstanceId=two)
    client.settle()
    with pytest.raises(Failed, match="NotRunning"):
        ran(client, one, two)
    with pytest.raises(Failed, match=r"InvalidInstance\.NotFound"):
        ran(client, "i-none")
    with pytest.raises(Failed, match="DecodeError"):
        client.ecs("RunCommand", Type="RunShellScript", CommandContent="=", ContentEncoding="Base64", InstanceId=[one])


def test_an_agent_beats_once_a_minute_while_its_machine_runs(client: Client, world: World) -> None:
    one, two, three = world.running(Amount=3)
    client.ecs("StopInstance", InstanceId=two)
    client.settle()
    client.control("POST", "faults", [{"fault": "unwell", "id": three, "what": ["assistant"]}])
    answer = client.ecs("DescribeCloudAssistantStatus", InstanceId=[one, two, three])
    rows = answer["InstanceCloudAssistantStatusSet"]["InstanceCloudAssistantStatus"]
    online = {row["InstanceId"]: row["CloudAssistantStatus"] for row in rows}
    assert online == {one: "true", two: "false", three: "false"}
    assert next(row for row in rows if row["InstanceId"] == one)["LastHeartbeatTime"].endswith("00Z")


def test_a_command_that_is_kept_is_run_again(client: Client, world: World) -> None:
    (one,) = world.running()
    command = client.ecs("CreateCommand", Name="check", Type="RunShellScript", CommandContent="true")["CommandId"]
    invocation = client.ecs("InvokeCommand", CommandId=command, InstanceId=[one])["InvokeId"]
    client.settle()
    assert [row["CommandId"] for row in results(client, invocation)] == [command]


def test_the_full_status_tells_of_a_machine_that_is_not_well(client: Client, world: World) -> None:
    one, two = world.running(Amount=2)
    client.control("POST", "faults", [{"fault": "unwell", "id": two, "what": ["status"], "health": "Warning"}])
    rows = client.ecs("DescribeInstancesFullStatus")["InstanceFullStatusSet"]["InstanceFullStatusType"]
    assert {row["InstanceId"]: row["HealthStatus"]["Name"] for row in rows} == {one: "Ok", two: "Warning"}


def test_a_metric_has_a_point_for_each_machine_that_runs(client: Client, world: World) -> None:
    one, two = world.running(Amount=2)
    client.control("POST", "faults", [{"fault": "unwell", "id": two, "what": ["metric"], "value": 97}])
    answer = client.call("cms", "DescribeMetricLast", Namespace="acs_ecs_dashboard", MetricName="CPUUtilization",
                         Dimensions=json.dumps([{"instanceId": id_} for id_ in (one, two, "i-none")]))  # fmt: skip
    points = json.loads(answer["Datapoints"])
    assert answer["Success"] is True and {p["instanceId"]: p["Average"] for p in points} == {one: 0.0, two: 97.0}
    assert all(p["timestamp"] % 60000 == 0 for p in points)
    with pytest.raises(Failed, match="ParameterInvalid"):
        client.call("cms", "DescribeMetricLast", Namespace="acs_ecs_dashboard", MetricName="x", Dimensions="nonsense")
