"""Cloud Assistant through the official SDK: a command that is run at once, and one that is kept and run again."""

from __future__ import annotations

from .sdk import Network, Sdk


def test_commands_run_and_their_results_are_read(sdk: Sdk, network: Network) -> None:
    (one,) = network.run()
    (status,) = sdk.ecs("DescribeCloudAssistantStatus", InstanceId=[one])["InstanceCloudAssistantStatusSet"][
        "InstanceCloudAssistantStatus"
    ]
    assert status["CloudAssistantStatus"] == "true"
    command = sdk.ecs("CreateCommand", Name="check", Type="RunShellScript", CommandContent="true")["CommandId"]
    at_once = sdk.ecs("RunCommand", Type="RunShellScript", CommandContent="true", InstanceId=[one])["InvokeId"]
    again = sdk.ecs("InvokeCommand", CommandId=command, InstanceId=[one])["InvokeId"]
    sdk.settle()
    for invocation in (at_once, again):
        answer = sdk.ecs("DescribeInvocationResults", InvokeId=invocation)["Invocation"]["InvocationResults"]
        assert [row["InvocationStatus"] for row in answer["InvocationResult"]] == ["Success"]


def test_kept_commands_are_listed_changed_and_deleted(sdk: Sdk, network: Network) -> None:
    (one,) = network.run()
    made = sdk.ecs("CreateCommand", Name="check", Type="RunShellScript", CommandContent="ZWNobyB7e2F9fQ==",
                   EnableParameter=True, Description="looks", WorkingDir="/opt",
                   Tag=[{"Key": "team", "Value": "web"}])  # fmt: skip
    command = made["CommandId"]
    sdk.ecs("ModifyCommand", CommandId=command, Name="look", Timeout=30)
    (found,) = sdk.ecs("DescribeCommands", CommandId=command)["Commands"]["Command"]
    assert (found["Name"], found["Timeout"], found["ParameterNames"]) == ("look", 30, {"ParameterName": ["a"]})
    run = sdk.ecs("InvokeCommand", CommandId=command, InstanceId=[one], Parameters={"a": "1"}, RepeatMode="EveryReboot",
                  Tag=[{"Key": "run", "Value": "x"}])["InvokeId"]  # fmt: skip
    sdk.ecs("StopInvocation", InvokeId=run, InstanceId=[one])
    (told,) = sdk.ecs("DescribeInvocations", InvokeId=run, IncludeOutput=True)["Invocations"]["Invocation"]
    assert told["InvocationStatus"] == "Stopped"
    sdk.ecs("DescribeInvocationResults", InvokeId=run)
    sdk.ecs("DeleteCommand", CommandId=command)
    assert sdk.ecs("DescribeCommands", CommandId=command)["TotalCount"] == 0
