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


def kept(client: Client, content: str = "true", **more: object) -> str:
    """The id of a command that can be run again and again."""
    encoded = base64.b64encode(content.encode()).decode()
    return str(
        client.ecs("CreateCommand", Name="setup", Type="RunShellScript", CommandContent=encoded, **more)["CommandId"]
    )


def test_the_content_of_a_command_is_never_changed(client: Client) -> None:
    command = kept(client, "echo one", WorkingDir="/opt")
    client.ecs("ModifyCommand", CommandId=command, CommandContent="ZWNobyB0d28=", Timeout=90, WorkingDir="")
    (found,) = client.ecs("DescribeCommands", CommandId=command, ContentEncoding="PlainText")["Commands"]["Command"]
    assert (found["CommandContent"], found["Timeout"], found["WorkingDir"]) == ("echo one", 90, "")
    with pytest.raises(Failed, match="InvalidName"):
        client.ecs("ModifyCommand", CommandId=command, Name="")


def test_a_command_that_runs_somewhere_is_not_deleted(client: Client, world: World) -> None:
    (one,) = world.running()
    command = kept(client)
    client.ecs("InvokeCommand", CommandId=command, InstanceId=[one])
    with pytest.raises(Failed, match=r"InvalidStatus\.CmdIdInUse"):
        client.ecs("DeleteCommand", CommandId=command)
    client.settle()
    client.ecs("DeleteCommand", CommandId=command)
    with pytest.raises(Failed, match=r"InvalidCmdId\.NotFound"):
        client.ecs("InvokeCommand", CommandId=command, InstanceId=[one])


def test_the_same_token_runs_a_command_once(client: Client, world: World) -> None:
    (one,) = world.running()
    command = kept(client)
    asked = {"CommandId": command, "InstanceId": [one], "ClientToken": "once"}
    assert client.ecs("InvokeCommand", **asked)["InvokeId"] == client.ecs("InvokeCommand", **asked)["InvokeId"]
    assert client.ecs("DescribeInvocations", CommandId=command)["TotalCount"] == 1


def test_invocations_are_found_by_command_and_tag_and_tell_of_each_machine(client: Client, world: World) -> None:
    one, two = world.running(Amount=2)
    client.control("POST", "faults", [{"fault": "unwell", "id": two, "what": ["command"], "exit": 2, "output": "no"}])
    command = kept(client)
    tag = [{"Key": "run", "Value": "first"}]
    invocation = client.ecs("InvokeCommand", CommandId=command, InstanceId=[one, two], Tag=tag)["InvokeId"]
    client.ecs("InvokeCommand", CommandId=command, InstanceId=[one])
    client.settle()
    asked = {"CommandId": command, "Tag": tag, "MaxResults": 50}
    (found,) = client.ecs("DescribeInvocations", **asked)["Invocations"]["Invocation"]
    assert (found["InvokeId"], found["InvocationStatus"], found["InvokeStatus"]) == (
        invocation, "PartialFailed", "PartialFailed",
    )  # fmt: skip
    assert {m["InstanceId"]: m["Output"] for m in found["InvokeInstances"]["InvokeInstance"]} == {one: "", two: ""}
    (told,) = client.ecs("DescribeInvocations", InvokeId=invocation, IncludeOutput=True, ContentEncoding="PlainText")[
        "Invocations"
    ]["Invocation"]
    machines = {m["InstanceId"]: (m["ExitCode"], m["Output"]) for m in told["InvokeInstances"]["InvokeInstance"]}
    assert machines == {one: (0, ""), two: (2, "no")}
    with pytest.raises(Failed, match="IncludeOutput"):
        client.ecs("DescribeInvocations", CommandId=command, IncludeOutput=True)


def test_what_is_to_run_later_waits_until_it_is_stopped(client: Client, world: World) -> None:
    one, two = world.running(Amount=2)
    command = kept(client)
    invocation = client.ecs("InvokeCommand", CommandId=command, InstanceId=[one, two], RepeatMode="EveryReboot")[
        "InvokeId"
    ]
    client.settle()
    client.ecs("StopInvocation", InvokeId=invocation, InstanceId=[one])
    assert [row["InvocationStatus"] for row in results(client, invocation)] == ["Cancelled", "Scheduled"]
    client.ecs("StopInvocation", InvokeId=invocation)
    (found,) = client.ecs("DescribeInvocations", InvokeId=invocation)["Invocations"]["Invocation"]
    assert found["InvocationStatus"] == "Stopped"
    with pytest.raises(Failed, match="Frequency"):
        client.ecs("InvokeCommand", CommandId=command, InstanceId=[one], RepeatMode="Period")


def test_parameters_are_those_that_the_content_names(client: Client, world: World) -> None:
    (one,) = world.running()
    command = kept(client, "echo {{what}} {{ACS::InstanceId}}", EnableParameter=True)
    (found,) = client.ecs("DescribeCommands", CommandId=command)["Commands"]["Command"]
    assert found["ParameterNames"]["ParameterName"] == ["what"]
    client.ecs("InvokeCommand", CommandId=command, InstanceId=[one], Parameters=json.dumps({"what": "a"}))
    with pytest.raises(Failed, match="InvalidParamName"):
        client.ecs("InvokeCommand", CommandId=command, InstanceId=[one], Parameters=json.dumps({"who": "a"}))
    with pytest.raises(Failed, match="MissingParam"):
        client.ecs("InvokeCommand", CommandId=command, InstanceId=[one])
