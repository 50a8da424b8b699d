"""Deployment sets and launch templates through the official SDK, and what RunInstances makes of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecsplan.emulator import contract

from .sdk import Network, Refused, Sdk

ORDER: dict[str, Any] = {
    "InstanceType": "ecs.g7.large",
    "ImageId": "ubuntu_22_04_x64_20G_alibase_20260723.vhd",
    "SystemDisk": {"Category": "cloud_essd", "Size": 60, "PerformanceLevel": "PL0", "DiskName": "root"},
    "DataDisk": [{"Category": "cloud_essd", "Size": 100, "DiskName": "data", "DeleteWithInstance": False}],
    "Tag": [{"Key": "team", "Value": "web"}],
    "InternetMaxBandwidthOut": 5,
    "InternetChargeType": "PayByTraffic",
    "UserData": "IyEvYmluL3No",
}


def test_a_deployment_set_counts_its_members(sdk: Sdk, network: Network) -> None:
    made = sdk.ecs("CreateDeploymentSet", DeploymentSetName="spread", Description="of web", Strategy="Availability")
    wanted = made["DeploymentSetId"]
    families = sdk.ecs("DescribeDeploymentSetSupportedInstanceTypeFamily", Strategy="Availability")
    assert "ecs.g7" in families["InstanceTypeFamilies"].split(",")
    ids = network.run(Amount=2, DeploymentSetId=wanted)
    sdk.ecs("ModifyDeploymentSetAttribute", DeploymentSetId=wanted, DeploymentSetName="apart", Affinity=2)
    (row,) = sdk.ecs("DescribeDeploymentSets", DeploymentSetIds=json.dumps([wanted]))["DeploymentSets"]["DeploymentSet"]
    assert (row["DeploymentSetName"], row["DeploymentSetDescription"], row["Affinity"]) == ("apart", "of web", 2)
    assert (row["InstanceAmount"], sorted(row["InstanceIds"]["InstanceId"])) == (2, sorted(ids))
    (here,) = [zone for zone in row["Capacities"]["Capacity"] if zone["UsedAmount"]]
    assert (here["ZoneId"], here["UsedAmount"], here["AvailableAmount"]) == ("cn-hangzhou-h", 2, 12)
    with pytest.raises(Refused, match="NotEmpty"):
        sdk.ecs("DeleteDeploymentSet", DeploymentSetId=wanted)
    for id_ in ids:
        sdk.ecs("ModifyInstanceDeployment", InstanceId=id_, DeploymentSetId=wanted, RemoveFromDeploymentSet=True)
    sdk.ecs("DeleteDeploymentSet", DeploymentSetId=wanted)
    assert sdk.ecs("DescribeDeploymentSets")["TotalCount"] == 0


def test_a_full_set_takes_no_more(sdk: Sdk, network: Network) -> None:
    wanted = sdk.ecs("CreateDeploymentSet", Strategy="Availability")["DeploymentSetId"]
    network.run(Amount=7, DeploymentSetId=wanted)
    with pytest.raises(Refused, match=r"QuotaExceed\.DeploymentSetInstanceQuotaFull"):
        network.run(DeploymentSetId=wanted)
    with pytest.raises(Refused, match=r"InvalidDeploymentSetId\.NotFound"):
        network.run(DeploymentSetId="ds-nowhere")


def test_groups_of_a_set_are_numbered(sdk: Sdk, network: Network) -> None:
    wanted = sdk.ecs("CreateDeploymentSet", Strategy="AvailabilityGroup", GroupCount=2)["DeploymentSetId"]
    network.run(DeploymentSetId=wanted, DeploymentSetGroupNo=2)
    with pytest.raises(Refused, match="InvalidDeploymentSetGroupNo"):
        network.run(DeploymentSetId=wanted, DeploymentSetGroupNo=3)
    (row,) = sdk.ecs("DescribeDeploymentSets", Strategy="AvailabilityGroup")["DeploymentSets"]["DeploymentSet"]
    assert row["GroupCount"] == 2


def template(sdk: Sdk, network: Network, name: str = "web", **more: Any) -> str:
    order = {**ORDER, "VSwitchId": network.vswitch, "SecurityGroupId": network.group, **more}
    return str(sdk.ecs("CreateLaunchTemplate", LaunchTemplateName=name, **order)["LaunchTemplateId"])


def test_a_template_keeps_its_versions_apart(sdk: Sdk, network: Network) -> None:
    made = template(sdk, network, TemplateTag=[{"Key": "owner", "Value": "ops"}], VersionDescription="the first")
    second = sdk.ecs("CreateLaunchTemplateVersion", LaunchTemplateId=made, InstanceType="ecs.g7.xlarge")
    assert second["LaunchTemplateVersionNumber"] == 2
    (row,) = sdk.ecs("DescribeLaunchTemplates", TemplateTag=[{"Key": "owner"}])["LaunchTemplateSets"][
        "LaunchTemplateSet"
    ]
    assert (row["LaunchTemplateName"], row["DefaultVersionNumber"], row["LatestVersionNumber"]) == ("web", 1, 2)
    newest, first = versions(sdk, made)
    assert first["LaunchTemplateData"]["SystemDisk"]["Size"] == 60
    assert first["LaunchTemplateData"]["DataDisks"]["DataDisk"][0]["DiskName"] == "data"
    assert first["LaunchTemplateData"]["Tags"]["InstanceTag"] == [{"Key": "team", "Value": "web"}]
    assert (first["VersionDescription"], first["DefaultVersion"]) == ("the first", True)
    told = dict(newest["LaunchTemplateData"])
    assert told.pop("InstanceType") == "ecs.g7.xlarge"
    assert all(list(value.values()) == [[]] for value in told.values())  # lists are there when they are empty
    assert "LaunchTemplateData" not in versions(sdk, made, DetailFlag=False)[0]


def versions(sdk: Sdk, template_id: str, **more: Any) -> list[dict[str, Any]]:
    body = sdk.ecs("DescribeLaunchTemplateVersions", LaunchTemplateId=template_id, **more)
    rows: list[dict[str, Any]] = body["LaunchTemplateVersionSets"]["LaunchTemplateVersionSet"]
    return rows


def test_the_default_version_moves_only_when_told(sdk: Sdk, network: Network) -> None:
    made = template(sdk, network)
    sdk.ecs("CreateLaunchTemplateVersion", LaunchTemplateName="web", **{**ORDER, "InstanceType": "ecs.g7.xlarge"})
    with pytest.raises(Refused, match="InvalidParameter"):
        sdk.ecs("DeleteLaunchTemplateVersion", LaunchTemplateId=made, DeleteVersion=[1])
    sdk.ecs("ModifyLaunchTemplateDefaultVersion", LaunchTemplateId=made, DefaultVersionNumber=2)
    (row,) = versions(sdk, made, DefaultVersion=True)
    assert row["VersionNumber"] == 2
    gone = sdk.ecs("DeleteLaunchTemplateVersion", LaunchTemplateId=made, DeleteVersion=[1])
    assert gone["LaunchTemplateVersions"]["LaunchTemplateVersion"][0]["LaunchTemplateVersionNumber"] == 1
    with pytest.raises(Refused, match=r"InvalidLaunchTemplateVersion\.NotFound"):
        versions(sdk, made, LaunchTemplateVersion=[1])
    assert sdk.ecs("DeleteLaunchTemplate", LaunchTemplateName="web")["LaunchTemplateId"] == made
    assert sdk.ecs("DescribeLaunchTemplates")["TotalCount"] == 0


def test_instances_come_from_a_template_and_the_call_wins(sdk: Sdk, network: Network) -> None:
    made = template(sdk, network)
    sdk.ecs("CreateLaunchTemplateVersion", LaunchTemplateId=made, InstanceType="ecs.g7.xlarge")
    ids = sdk.ecs("RunInstances", LaunchTemplateId=made, InstanceType="ecs.c7.large")["InstanceIdSets"]["InstanceIdSet"]
    (row,) = sdk.ecs("DescribeInstances", InstanceIds=json.dumps(ids))["Instances"]["Instance"]
    assert (row["InstanceType"], row["ImageId"]) == ("ecs.c7.large", ORDER["ImageId"])
    assert row["Tags"]["Tag"] == [{"TagKey": "team", "TagValue": "web"}]
    disks = {d["DiskName"]: d["Size"] for d in sdk.ecs("DescribeDisks", InstanceId=ids[0])["Disks"]["Disk"]}
    assert disks == {"root": 60, "data": 100}
    with pytest.raises(Refused, match="ImageId"):
        sdk.ecs("RunInstances", LaunchTemplateId=made, LaunchTemplateVersion=2)


def test_template_names_are_unique(sdk: Sdk, network: Network) -> None:
    template(sdk, network)
    with pytest.raises(Refused, match=r"LaunchTemplateName\.Duplicated"):
        template(sdk, network)
    with pytest.raises(Refused, match=r"InvalidLaunchTemplate\.NotFound"):
        sdk.ecs("RunInstances", LaunchTemplateName="other")


def value_of(kind: Any) -> Any:
    """Any value of a type of the contract."""
    if isinstance(kind, list):
        return [value_of(kind[0])]
    if isinstance(kind, contract.Words):
        return kind.listed[0]
    if isinstance(kind, contract.Fields):
        return {name: value_of(inner) for name, inner in kind.types.items()}
    if hasattr(kind, "listed"):
        return kind.listed[0]
    return {"s": "text", "i": 1, "b": True, "f": 0.5}[kind]


def test_a_template_gives_back_all_it_was_given(sdk: Sdk) -> None:
    """Nothing is checked before it is used, so any value does."""
    agreed = contract.find("ecs", "CreateLaunchTemplate")
    assert agreed is not None
    order = {name: value_of(kind) for name, kind in agreed.request.types.items() if name not in ("RegionId", "Arn")}
    del order["SecurityGroupIds"]
    made = sdk.ecs("CreateLaunchTemplate", **order)["LaunchTemplateId"]
    data = versions(sdk, made)[0]["LaunchTemplateData"]
    assert data["NetworkInterfaces"]["NetworkInterface"][0]["SecurityGroupIds"] == {"SecurityGroupId": ["text"]}
    assert data["SystemDisk"] == {**order["SystemDisk"], "Encrypted": False}
    for name, value in order.items():
        if name in data:
            assert data[name] == value or name in ("SecurityOptions", "ImageOptions", "SystemDisk")
