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
