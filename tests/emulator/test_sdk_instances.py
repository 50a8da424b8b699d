"""Instances through the official SDK: launch, list, power, changes, billing, network and release."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from .sdk import Network, Refused, Sdk

TAGS = [{"Key": "team", "Value": "web"}]


def instance_of(sdk: Sdk, instance: str, *more: str) -> dict[str, Any]:
    asked = ["META_OPTIONS", "NETWORK_PRIMARY_ENI_IP", "LOGIN_AS_NON_ROOT", "CPU_OPTIONS_TOPOLOGY_TYPE", *more]
    given = {"InstanceIds": json.dumps([instance]), "AdditionalAttributes": asked}
    (row,) = sdk.ecs("DescribeInstances", **given)["Instances"]["Instance"]
    return dict(row)


def stopped(sdk: Sdk, network: Network, **more: Any) -> str:
    (instance,) = network.run(**more)
    sdk.ecs("StopInstance", InstanceId=instance)
    sdk.settle()
    return instance


def test_alike_machines_in_one_call(sdk: Sdk, network: Network) -> None:
    order = {"InstanceName": "web-[3,4]", "HostName": "web[0,3]", "Description": "of web", "Tag": TAGS,
             "UserData": "aGk=", "RamRoleName": "reader", "DeletionProtection": True, "InternetMaxBandwidthOut": 5,
             "CpuOptions": {"Core": 1, "ThreadsPerCore": 1}, "MinAmount": 2}  # fmt: skip
    ids = network.run(Amount=3, **order)
    rows = sdk.ecs("DescribeInstances", Tag=TAGS, InstanceName="web-*")["Instances"]["Instance"]
    assert [row["InstanceName"] for row in rows] == ["web-0005", "web-0004", "web-0003"]
    assert {row["InstanceId"] for row in rows} == set(ids)
    row = rows[0]
    assert (row["Status"], row["HostName"], row["DeletionProtection"]) == ("Running", "web002", True)
    assert row["CpuOptions"]["CoreCount"] == 1
    assert len(row["PublicIpAddress"]["IpAddress"]) == 1
    assert sdk.ecs("DescribeUserData", InstanceId=ids[0])["UserData"] == "aGk="


def test_a_machine_that_is_made_stopped(sdk: Sdk, network: Network) -> None:
    order = {"InstanceType": "ecs.g7.large", "ImageId": "ubuntu_22_04_x64_20G_alibase_20260723.vhd"}
    made = sdk.ecs("CreateInstance", VSwitchId=network.vswitch, SecurityGroupId=network.group, **order)["InstanceId"]
    assert instance_of(sdk, made)["Status"] == "Stopped"
    sdk.ecs("StartInstance", InstanceId=made)
    assert instance_of(sdk, made)["Status"] == "Starting"
    sdk.settle()
    attribute = sdk.ecs("DescribeInstanceAttribute", InstanceId=made)
    assert (attribute["Status"], attribute["VpcAttributes"]["VSwitchId"]) == ("Running", network.vswitch)


def test_lists_by_filter_and_page(sdk: Sdk, network: Network) -> None:
    network.run(Amount=12)
    first = sdk.ecs("DescribeInstances", MaxResults=10, VpcId=network.vpc)
    rest = sdk.ecs("DescribeInstances", MaxResults=10, VpcId=network.vpc, NextToken=first["NextToken"])
    assert len(rest["Instances"]["Instance"]) == 2
    assert sdk.ecs("DescribeInstances", PageNumber=2, PageSize=10)["PageNumber"] == 2
    assert sdk.ecs("DescribeInstances", InstanceIds="[]")["TotalCount"] == 0
    assert sdk.ecs("DescribeInstances", Status="Running", InstanceTypeFamily="ecs.g7")["TotalCount"] == 12
    address = first["Instances"]["Instance"][0]["VpcAttributes"]["PrivateIpAddress"]["IpAddress"]
    assert sdk.ecs("DescribeInstances", PrivateIpAddresses=json.dumps(address), VpcId=network.vpc)["TotalCount"] == 1
    assert sdk.ecs("DescribeInstanceStatus", PageSize=50)["TotalCount"] == 12


def test_power_one_by_one(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    seen = []
    for action, more in (("StopInstance", {"StoppedMode": "StopCharging"}), ("StartInstance", {}),
                         ("RebootInstance", {"ForceStop": True}), ("StopInstance", {"ForceStop": True})):  # fmt: skip
        sdk.ecs(action, InstanceId=instance, **more)
        seen.append(instance_of(sdk, instance)["Status"])
        sdk.settle()
    assert seen == ["Stopping", "Starting", "Stopping", "Stopping"]
    with pytest.raises(Refused, match="IncorrectInstanceStatus"):
        sdk.ecs("StopInstance", InstanceId=instance)
    sdk.ecs("DeleteInstance", InstanceId=instance)
    sdk.settle()
    assert sdk.ecs("DescribeInstances")["TotalCount"] == 0


def test_power_of_many(sdk: Sdk, network: Network) -> None:
    ids = network.run(Amount=2)
    sdk.ecs("RebootInstances", InstanceId=ids)
    sdk.settle()
    rows = sdk.ecs("StopInstances", InstanceId=ids)["InstanceResponses"]["InstanceResponse"]
    assert {(row["PreviousStatus"], row["CurrentStatus"]) for row in rows} == {("Running", "Stopping")}
    sdk.settle()
    mixed = sdk.ecs("StartInstances", InstanceId=[ids[0], "i-nowhere"], BatchOptimization="SuccessFirst")
    codes = [row["Code"] for row in mixed["InstanceResponses"]["InstanceResponse"]]
    assert codes == ["200", "InvalidInstanceId.NotFound"]
    sdk.settle()
    sdk.ecs("DeleteInstances", InstanceId=ids, Force=True)
    sdk.settle()
    assert sdk.ecs("DescribeInstances")["TotalCount"] == 0


def test_names_types_and_settings_change(sdk: Sdk, network: Network) -> None:
    instance = stopped(sdk, network)
    sdk.ecs("ModifyInstanceAttribute", InstanceId=instance, InstanceName="web", Description="of web", UserData="aGk=")
    sdk.ecs("ModifyInstanceSpec", InstanceId=instance, InstanceType="ecs.g7.xlarge")
    sdk.ecs("ModifyInstanceMetadataOptions", InstanceId=instance, HttpEndpoint="enabled", HttpTokens="required")
    row = instance_of(sdk, instance)
    assert (row["InstanceName"], row["InstanceType"], row["Cpu"]) == ("web", "ecs.g7.xlarge", 4)
    assert row["MetadataOptions"]["HttpTokens"] == "required"
    window = [{"StartTime": "02:00:00", "EndTime": "04:00:00"}]
    sdk.ecs("ModifyInstanceMaintenanceAttributes", InstanceId=[instance], MaintenanceWindow=window,
            ActionOnMaintenance="Stop", NotifyOnMaintenance=True)  # fmt: skip
    (row,) = sdk.ecs("DescribeInstanceMaintenanceAttributes", InstanceId=[instance])["MaintenanceAttributes"][
        "MaintenanceAttribute"
    ]
    assert (row["ActionOnMaintenance"]["Value"], row["MaintenanceWindows"]["MaintenanceWindow"]) == ("Stop", window)
    sdk.ecs("ModifyInstanceAttachmentAttributes", InstanceId=instance, PrivatePoolOptions={"MatchCriteria": "None"})
    (row,) = sdk.ecs("DescribeInstanceAttachmentAttributes", InstanceIds=json.dumps([instance]))["Instances"][
        "Instance"
    ]
    assert row["PrivatePoolOptionsMatchCriteria"] == "None"


def test_an_address_moves_and_becomes_an_eip(sdk: Sdk, network: Network) -> None:
    instance = stopped(sdk, network)
    sdk.ecs("ModifyInstanceVpcAttribute", InstanceId=instance, VSwitchId=network.vswitch, PrivateIpAddress="10.0.9.9")
    assert instance_of(sdk, instance)["VpcAttributes"]["PrivateIpAddress"]["IpAddress"] == ["10.0.9.9"]
    sdk.ecs("ModifyInstanceNetworkSpec", InstanceId=instance, InternetMaxBandwidthOut=5)
    address = sdk.ecs("AllocatePublicIpAddress", InstanceId=instance)["IpAddress"]
    assert instance_of(sdk, instance)["PublicIpAddress"]["IpAddress"] == [address]
    sdk.ecs("ConvertNatPublicIpToEip", InstanceId=instance)
    row = instance_of(sdk, instance)
    assert (row["PublicIpAddress"]["IpAddress"], row["EipAddress"]["IpAddress"]) == ([], address)
    assert row["EipAddress"]["AllocationId"].startswith("eip-")


def test_further_addresses_stay_in_their_vswitch(sdk: Sdk, network: Network) -> None:
    instance = stopped(sdk, network)
    (eni,) = instance_of(sdk, instance)["NetworkInterfaces"]["NetworkInterface"]
    sdk.ecs("AssignPrivateIpAddresses", NetworkInterfaceId=eni["NetworkInterfaceId"], PrivateIpAddress=["10.0.8.8"])

    def held() -> list[str]:
        (row,) = instance_of(sdk, instance)["NetworkInterfaces"]["NetworkInterface"]
        return [ip["PrivateIpAddress"] for ip in row["PrivateIpSets"]["PrivateIpSet"]]

    sdk.ecs("ModifyInstanceVpcAttribute", InstanceId=instance, VSwitchId=network.vswitch, PrivateIpAddress="10.0.9.9")
    assert held() == ["10.0.9.9", "10.0.8.8"]
    other = sdk.vpc("CreateVSwitch", VpcId=network.vpc, CidrBlock="10.1.0.0/24", ZoneId=network_zone(sdk, instance))
    sdk.settle()
    sdk.ecs("ModifyInstanceVpcAttribute", InstanceId=instance, VSwitchId=other["VSwitchId"])
    assert len(held()) == 1


def test_a_public_address_is_given_back(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run(InternetMaxBandwidthOut=5)
    (address,) = instance_of(sdk, instance)["PublicIpAddress"]["IpAddress"]
    sdk.ecs("ReleasePublicIpAddress", InstanceId=instance, PublicIpAddress=address)
    assert instance_of(sdk, instance)["PublicIpAddress"] == {"IpAddress": []}


def test_the_way_into_a_subscription_and_out(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    ids = json.dumps([instance])
    paid = sdk.ecs("ModifyInstanceChargeType", InstanceIds=ids, Period=1, PeriodUnit="Month", IsDetailFee=True)
    assert paid["FeeOfInstances"]["FeeOfInstance"][0]["InstanceId"] == instance
    with pytest.raises(Refused, match="ChargeTypeViolation"):
        sdk.ecs("DeleteInstance", InstanceId=instance, Force=True)
    before = instance_of(sdk, instance)["ExpiredTime"]
    sdk.ecs("RenewInstance", InstanceId=instance, Period=1, PeriodUnit="Month")
    assert instance_of(sdk, instance)["ExpiredTime"] > before
    sdk.ecs("ModifyInstanceAutoRenewAttribute", InstanceId=instance, RenewalStatus="AutoRenewal", Duration=3)
    (row,) = sdk.ecs("DescribeInstanceAutoRenewAttribute", InstanceId=instance)["InstanceRenewAttributes"][
        "InstanceRenewAttribute"
    ]
    assert (row["RenewalStatus"], row["Duration"], row["PeriodUnit"]) == ("AutoRenewal", 3, "Month")
    sdk.ecs("ModifyPrepayInstanceSpec", InstanceId=instance, InstanceType="ecs.g7.xlarge")
    assert sdk.ecs("ModifyInstanceNetworkSpec", InstanceId=instance, InternetMaxBandwidthOut=5)["OrderId"]
    disk = sdk.ecs("CreateDisk", ZoneId=network_zone(sdk, instance), DiskCategory="cloud_essd", Size=40)["DiskId"]
    sdk.settle()
    sdk.ecs("AttachDisk", InstanceId=instance, DiskId=disk)
    sdk.settle()
    sdk.ecs("ModifyDiskChargeType", InstanceId=instance, DiskIds=json.dumps([disk]), DiskChargeType="PrePaid")
    (row,) = sdk.ecs("DescribeDisks", DiskIds=json.dumps([disk]))["Disks"]["Disk"]
    assert row["DiskChargeType"] == "PrePaid"
    sdk.ecs("ModifyInstanceChargeType", InstanceIds=ids, InstanceChargeType="PostPaid")
    sdk.ecs("DeleteInstance", InstanceId=instance, Force=True)


def network_zone(sdk: Sdk, instance: str) -> str:
    return str(instance_of(sdk, instance)["ZoneId"])


def test_a_machine_is_released_by_the_clock(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    soon = datetime.fromtimestamp(time.time() + sdk.clock.shift + 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    sdk.ecs("ModifyInstanceAutoReleaseTime", InstanceId=instance, AutoReleaseTime=soon)
    assert instance_of(sdk, instance)["AutoReleaseTime"] == f"{soon[:16]}Z"
    sdk.settle(3700)
    assert sdk.ecs("DescribeInstances")["TotalCount"] == 0


def test_everything_about_a_machine_is_in_its_row(sdk: Sdk, network: Network) -> None:
    """A dedicated host, a pool and the like are names only here, but they come back."""
    sdk.ecs("ImportKeyPair", KeyPairName="mine", PublicKeyBody="ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC0 web")
    (instance,) = network.run(KeyPairName="mine", SpotStrategy="SpotAsPriceGo", SpotDuration=0)
    row = instance_of(sdk, instance)
    assert (row["KeyPairName"], row["SpotStrategy"], row["SpotDuration"]) == ("mine", "SpotAsPriceGo", 0)
    assert row["NetworkInterfaces"]["NetworkInterface"][0]["Type"] == "Primary"
    assert (row["InstanceNetworkType"], row["OSType"], row["Memory"]) == ("vpc", "linux", 8192)


def test_dns_names_secure_boot_and_queues_of_a_machine(sdk: Sdk, network: Network) -> None:
    """Told only where they are asked for; Secure Boot and queues change while it is off."""
    (instance,) = network.run(
        PrivateDnsNameOptions={"HostnameType": "IpBased"}, NetworkOptions={"EnableJumboFrame": True},
        PrivatePoolOptions={"MatchCriteria": "None"}, NetworkInterfaceQueueNumber=2,
    )  # fmt: skip
    assert "PrivateDnsNameOptions" not in instance_of(sdk, instance)
    for action, change in (
        ("ModifyInstanceSecurityOptions", {"EnableSecureBoot": True}),
        ("ModifyInstanceAttribute", {"NetworkInterfaceQueueNumber": 4}),
    ):
        with pytest.raises(Refused) as refused:
            sdk.ecs(action, InstanceId=instance, **change)
        assert refused.value.code == "IncorrectInstanceStatus"
    sdk.ecs("StopInstance", InstanceId=instance)
    sdk.settle()
    sdk.ecs("ModifyInstanceSecurityOptions", InstanceId=instance, EnableSecureBoot=True)
    sdk.ecs("ModifyInstanceAttribute", InstanceId=instance, NetworkInterfaceQueueNumber=4)
    row = instance_of(sdk, instance, "PRIVATE_DNS_OPTIONS")
    assert row["SecurityOptions"] == {"EnableSecureBoot": True}
    assert row["PrivateDnsNameOptions"]["HostnameType"] == "IpBased"


def test_groups_and_deployment_sets_of_one_machine(sdk: Sdk, network: Network) -> None:
    (instance,) = network.run()
    families = sdk.ecs("DescribeInstanceTypeFamilies")["InstanceTypeFamilies"]["InstanceTypeFamily"]
    assert instance_of(sdk, instance)["InstanceTypeFamily"] in {row["InstanceTypeFamilyId"] for row in families}
    other = sdk.ecs("CreateSecurityGroup", VpcId=network.vpc)["SecurityGroupId"]
    sdk.ecs("JoinSecurityGroup", InstanceId=instance, SecurityGroupId=other)
    sdk.ecs("LeaveSecurityGroup", InstanceId=instance, SecurityGroupId=network.group)
    wanted = sdk.ecs("CreateDeploymentSet")["DeploymentSetId"]
    sdk.ecs("ModifyInstanceDeployment", InstanceId=instance, DeploymentSetId=wanted)
    row = instance_of(sdk, instance)
    assert (row["SecurityGroupIds"]["SecurityGroupId"], row["DeploymentSetId"]) == ([other], wanted)
