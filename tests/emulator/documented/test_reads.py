"""What reads answer, and what they leave out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.client import Client, Failed, World

ASKED = ["META_OPTIONS", "NETWORK_PRIMARY_ENI_IP", "LOGIN_AS_NON_ROOT", "CPU_OPTIONS_TOPOLOGY_TYPE"]


def instance(client: Client, id_: str, **params: Any) -> dict[str, Any]:
    """The row of DescribeInstances."""
    (row,) = client.ecs("DescribeInstances", InstanceIds=json.dumps([id_]), **params)["Instances"]["Instance"]
    return dict(row)


def test_instances_tell_some_things_only_when_asked(world: World) -> None:
    """DescribeInstances, AdditionalAttributes: the provider asks for each; recorded rows have empty MetadataOptions
    and ImageOptions, and no Ipv6Sets."""
    (id_,) = world.running(HttpTokens="required", HttpEndpoint="enabled", CpuOptions={"Core": 1, "ThreadsPerCore": 2})
    bare = instance(world.client, id_)
    assert bare["MetadataOptions"] == {"HttpTokens": "", "HttpEndpoint": ""}
    assert bare["ImageOptions"] == {}
    assert "TopologyType" not in bare["CpuOptions"]
    assert all("Ipv6Sets" not in eni for eni in bare["NetworkInterfaces"]["NetworkInterface"])
    asked = instance(world.client, id_, AdditionalAttributes=ASKED)
    assert (asked["MetadataOptions"]["HttpTokens"], asked["MetadataOptions"]["HttpEndpoint"]) == ("required", "enabled")
    assert asked["ImageOptions"] == {"LoginAsNonRoot": False}
    assert asked["CpuOptions"]["TopologyType"] == ""
    assert [eni["Ipv6Sets"] for eni in asked["NetworkInterfaces"]["NetworkInterface"]] == [{"Ipv6Set": []}]
    one = instance(world.client, id_, AdditionalAttributes=["META_OPTIONS"])
    assert one["MetadataOptions"]["HttpTokens"] == "required" and one["ImageOptions"] == {}


# EIPs


def eip(client: Client, id_: str) -> dict[str, Any]:
    (row,) = client.vpc("DescribeEipAddresses", AllocationId=id_)["EipAddresses"]["EipAddress"]
    return dict(row)


def test_an_eip_on_a_machine_tells_no_private_address_and_no_vpc(world: World) -> None:
    """DescribeEipAddresses: recorded rows of bound addresses; PrivateIpAddress is of a secondary interface, VpcId of
    the InstanceType IpAddress."""
    client = world.client
    (machine,) = world.running()
    made = client.vpc("AllocateEipAddress")["AllocationId"]
    client.vpc("AssociateEipAddress", AllocationId=made, InstanceId=machine)
    client.settle()
    row = eip(client, made)
    assert (row["Status"], row["InstanceId"]) == ("InUse", machine)
    assert row["PrivateIpAddress"] == "" and "VpcId" not in row


def test_an_eip_has_a_bandwidth_of_its_own_only_beside_a_shared_one(client: Client) -> None:
    """DescribeEipAddresses: Bandwidth is the package's, EipBandwidth what the address had; a cap takes the package's
    place (the official provider)."""
    made = client.vpc("AllocateEipAddress", Bandwidth="5")["AllocationId"]
    assert eip(client, made)["Bandwidth"] == "5" and "EipBandwidth" not in eip(client, made)
    package = {"BandwidthPackageId": client.vpc("CreateCommonBandwidthPackage", Bandwidth=200)["BandwidthPackageId"]}
    client.vpc("AddCommonBandwidthPackageIp", **package, IpInstanceId=made)
    row = eip(client, made)
    assert (row["Bandwidth"], row["BandwidthPackageBandwidth"], row["EipBandwidth"]) == ("200", "200", "5")
    client.vpc("ModifyCommonBandwidthPackageIpBandwidth", **package, EipId=made, Bandwidth="50")
    assert (eip(client, made)["Bandwidth"], eip(client, made)["BandwidthPackageBandwidth"]) == ("50", "200")


def test_an_eip_that_is_a_subscription_is_answered_with_its_order_alone(client: Client) -> None:
    """AllocateEipAddress: EipAddress and ResourceGroupId of PostPaid only, OrderId of PrePaid only."""
    later = client.vpc("AllocateEipAddress", Bandwidth="5")
    bought = client.vpc(
        "AllocateEipAddress", Bandwidth="5", InstanceChargeType="PrePaid", Period=1, PricingCycle="Month", AutoPay=True
    )
    assert {"EipAddress", "ResourceGroupId"} <= later.keys() and "OrderId" not in later
    assert bought.keys() == {"RequestId", "AllocationId", "OrderId"} and isinstance(bought["OrderId"], int)


def test_service_managed_is_a_number(client: Client) -> None:
    """DescribeEipAddresses, ServiceManaged: 0 or 1."""
    assert type(eip(client, client.vpc("AllocateEipAddress")["AllocationId"])["ServiceManaged"]) is int


# Security groups


def test_the_nic_type_of_a_group_in_a_vpc_is_not_looked_at(world: World) -> None:
    """DescribeSecurityGroupAttribute: the official provider sends a NicType that is no word of the documents."""
    rule = {"IpProtocol": "TCP", "PortRange": "443/443", "SourceCidrIp": "0.0.0.0/0"}
    world.client.ecs("AuthorizeSecurityGroup", SecurityGroupId=world.group, Permissions=[rule])
    body = world.client.ecs("DescribeSecurityGroupAttribute", SecurityGroupId=world.group, NicType="<nil>")
    assert len(body["Permissions"]["Permission"]) == 1


def test_a_rule_is_found_by_what_it_is(world: World) -> None:
    """ModifySecurityGroupRule and …EgressRule: SecurityGroupRuleId is not required."""
    client, group = world.client, world.group
    client.ecs(
        "AuthorizeSecurityGroup",
        SecurityGroupId=group,
        Permissions=[{"IpProtocol": "TCP", "PortRange": "22/22", "SourceCidrIp": "10.0.0.0/8"}],
    )
    client.ecs(
        "AuthorizeSecurityGroupEgress",
        SecurityGroupId=group,
        Permissions=[{"IpProtocol": "UDP", "PortRange": "53/53", "DestCidrIp": "10.0.0.0/8", "Priority": 5}],
    )
    named = {"SecurityGroupId": group, "NicType": "intranet", "Policy": "accept"}
    client.ecs("ModifySecurityGroupRule", **named, IpProtocol="tcp", PortRange="22/22", SourceCidrIp="10.0.0.0/8",
               Priority="1", Description="ssh")  # fmt: skip
    client.ecs("ModifySecurityGroupEgressRule", **named, IpProtocol="udp", PortRange="53/53", DestCidrIp="10.0.0.0/8",
               Priority="5", Description="names")  # fmt: skip
    rows = client.ecs("DescribeSecurityGroupAttribute", SecurityGroupId=group)["Permissions"]["Permission"]
    assert sorted(row["Description"] for row in rows) == ["names", "ssh"]


# Disks and policies


def disk(client: Client, id_: str) -> dict[str, Any]:
    (row,) = client.ecs("DescribeDisks", DiskIds=json.dumps([id_]))["Disks"]["Disk"]
    return dict(row)


def test_a_disk_made_alone_keeps_its_snapshots_until_it_is_attached(world: World) -> None:
    """CreateDisk: recorded rows have DeleteAutoSnapshot false; AttachDisk turns it on, the provider turns it back."""
    client = world.client
    (machine,) = world.running()
    made = client.ecs("CreateDisk", ZoneId=world.zone, DiskCategory="cloud_essd", Size=40)["DiskId"]
    client.settle()
    assert disk(client, made)["DeleteAutoSnapshot"] is False
    client.ecs("AttachDisk", DiskId=made, InstanceId=machine)
    assert disk(client, made)["DeleteAutoSnapshot"] is True


def test_a_disk_names_its_machine_only_while_it_hangs_there(world: World) -> None:
    """DescribeDisks, InstanceId and Device: a value in In_use and Detaching only."""
    client = world.client
    (machine,) = world.run()
    (system,) = client.ecs("DescribeDisks", InstanceId=machine)["Disks"]["Disk"]
    assert (system["Status"], system["InstanceId"], system["Device"]) == ("Creating", "", "")
    assert system["Attachments"] == {"Attachment": []}
    client.settle()
    (system,) = client.ecs("DescribeDisks", InstanceId=machine)["Disks"]["Disk"]
    assert (system["Status"], system["InstanceId"], system["Device"]) == ("In_use", machine, "/dev/xvda")


def test_a_disk_without_a_category_is_a_basic_one(client: Client) -> None:
    """CreateDisk, DiskCategory: the default is cloud."""
    made = client.ecs("CreateDisk", ZoneId="cn-hangzhou-h", Size=40)["DiskId"]
    assert disk(client, made)["Category"] == "cloud"


def test_texts_that_are_json_are_absent_where_there_is_none(client: Client) -> None:
    """DescribeAutoSnapshotPolicyEx: the official example has no TargetCopyRegions; an empty text is no JSON list."""
    order = {"regionId": "cn-hangzhou", "timePoints": '["2"]', "repeatWeekdays": '["1"]', "retentionDays": 7}
    client.ecs("CreateAutoSnapshotPolicy", **order)
    (row,) = client.ecs("DescribeAutoSnapshotPolicyEx")["AutoSnapshotPolicies"]["AutoSnapshotPolicy"]
    assert "TargetCopyRegions" not in row
    assert (json.loads(row["TimePoints"]), json.loads(row["RepeatWeekdays"])) == (["2"], ["1"])


def policies(client: Client, count: int) -> list[str]:
    order = {"regionId": "cn-hangzhou", "timePoints": '["2"]', "repeatWeekdays": '["1"]', "retentionDays": 7}
    return [client.ecs("CreateAutoSnapshotPolicy", **order)["AutoSnapshotPolicyId"] for _ in range(count)]


def test_in_an_account_with_several_policies_a_disk_apply_adds(client: Client) -> None:
    """ApplyAutoSnapshotPolicy and CancelAutoSnapshotPolicy: without a name none of several can go."""
    old, new = policies(client, 2)
    made = client.ecs("CreateDisk", ZoneId="cn-hangzhou-h", Size=40, DiskCategory="cloud_essd")["DiskId"]
    named = {"regionId": "cn-hangzhou", "diskIds": json.dumps([made])}
    client.ecs("ApplyAutoSnapshotPolicy", **named, autoSnapshotPolicyId=old)
    client.ecs("ApplyAutoSnapshotPolicy", **named, autoSnapshotPolicyId=new)
    assert disk(client, made)["AutoSnapshotPolicyId"] == new
    client.control("POST", "settings", {"snapshot_policies_per_disk": 2})
    client.ecs("ApplyAutoSnapshotPolicy", **named, autoSnapshotPolicyId=old)
    assert set(disk(client, made)["AutoSnapshotPolicyId"].split(",")) == {old, new}
    rows = client.ecs("DescribeAutoSnapshotPolicyAssociations", DiskId=made)["AutoSnapshotPolicyAssociations"]
    assert len(rows["AutoSnapshotPolicyAssociation"]) == 2
    with pytest.raises(Failed, match="TooManyAutoSnapshotPolicies"):
        client.ecs("CancelAutoSnapshotPolicy", **named)
    client.ecs("CancelAutoSnapshotPolicy", **named, autoSnapshotPolicyId=new)
    assert disk(client, made)["AutoSnapshotPolicyId"] == old


def test_a_system_disk_may_go_on_showing_the_policy_that_it_was_born_with(world: World) -> None:
    """DescribeDisks, AutoSnapshotPolicyId (the official provider)."""
    client = world.client
    client.control("POST", "settings", {"first_policy_stays": True})
    first, second = policies(client, 2)
    (machine,) = world.running(SystemDisk={"AutoSnapshotPolicyId": first})
    (row,) = client.ecs("DescribeDisks", InstanceId=machine)["Disks"]["Disk"]
    named = {"regionId": "cn-hangzhou", "diskIds": json.dumps([row["DiskId"]]), "autoSnapshotPolicyId": second}
    client.ecs("ApplyAutoSnapshotPolicy", **named)
    assert disk(client, row["DiskId"])["AutoSnapshotPolicyId"] == first
    rows = client.ecs("DescribeAutoSnapshotPolicyAssociations", DiskId=row["DiskId"])
    held = rows["AutoSnapshotPolicyAssociations"]["AutoSnapshotPolicyAssociation"]
    assert [one["AutoSnapshotPolicyId"] for one in held] == [second]


# Pages


def test_one_of_many_where_no_floor_is_documented(client: Client) -> None:
    """MaxResults: 10 is the least of DescribeInstances, DescribeDisks and DescribeNetworkInterfaces alone."""
    for n in range(12):
        client.ecs("CreatePrefixList", PrefixListName=f"list{n}", AddressFamily="IPv4", MaxEntries=3)
        client.ecs("CreateDisk", ZoneId="cn-hangzhou-h", Size=40)
    assert len(client.ecs("DescribePrefixLists", MaxResults=1)["PrefixLists"]["PrefixList"]) == 1
    assert len(client.ecs("DescribeDisks", MaxResults=1)["Disks"]["Disk"]) == 10


def test_a_type_leaves_out_custom_images_that_it_cannot_run(world: World) -> None:
    """DescribeImages, InstanceType."""
    client = world.client
    (machine,) = world.running()
    client.ecs("CreateImage", InstanceId=machine, ImageName="mine")
    client.settle()
    for type_, count in (("ecs.g7.large", 1), ("ecs.g8y.large", 0)):
        body = client.ecs("DescribeImages", ImageOwnerAlias="self", InstanceType=type_)
        assert len(body["Images"]["Image"]) == count


# What lags


def test_fields_lag_each_by_itself(world: World) -> None:
    """Accepted is not yet visible: the official provider waits for renewal, charge type, addresses and policies."""
    client = world.client
    (machine,) = world.running(InstanceName="old")
    client.control("POST", "settings", {"lag": {"names": 30, "billing": [10, 20]}})
    client.ecs("ModifyInstanceAttribute", InstanceId=machine, InstanceName="new")
    order = {"InstanceIds": json.dumps([machine]), "InstanceChargeType": "PrePaid", "Period": 1}
    client.ecs("ModifyInstanceChargeType", **order)
    row = instance(client, machine)
    assert (row["InstanceName"], row["InstanceChargeType"]) == ("old", "PostPaid")
    renewal = {"InstanceId": machine, "RenewalStatus": "AutoRenewal", "Duration": 1}
    with pytest.raises(Failed, match="ChargeTypeViolation"):
        client.ecs("ModifyInstanceAutoRenewAttribute", **renewal)
    client.control("POST", "clock", {"advance": 20})
    row = instance(client, machine)
    assert (row["InstanceName"], row["InstanceChargeType"]) == ("old", "PrePaid")
    client.ecs("ModifyInstanceAutoRenewAttribute", **renewal)
    client.control("POST", "clock", {"advance": 10})
    assert instance(client, machine)["InstanceName"] == "new"


def test_a_private_address_that_changes_is_not_there_meanwhile(world: World) -> None:
    """ModifyInstanceVpcAttribute (the official provider)."""
    client = world.client
    (machine,) = world.running()
    client.ecs("StopInstance", InstanceId=machine)
    client.settle()
    client.control("POST", "settings", {"lag": {"private_address": 5}})
    move = {"InstanceId": machine, "VSwitchId": world.vswitch, "PrivateIpAddress": "10.0.9.9"}
    client.ecs("ModifyInstanceVpcAttribute", **move)
    assert instance(client, machine)["VpcAttributes"]["PrivateIpAddress"] == {"IpAddress": []}
    client.control("POST", "clock", {"advance": 5})
    assert instance(client, machine)["VpcAttributes"]["PrivateIpAddress"] == {"IpAddress": ["10.0.9.9"]}


def test_the_renewal_of_a_young_machine_cannot_be_read(world: World) -> None:
    """DescribeInstanceAutoRenewAttribute: InvalidParameter for minutes (the official provider)."""
    client = world.client
    client.control("POST", "settings", {"young_renewal": 120})
    (old,) = world.run(InstanceChargeType="PrePaid", Period=1)
    client.settle()
    client.ecs("DescribeInstances")
    (young,) = world.run(InstanceChargeType="PrePaid", Period=1)
    client.control("POST", "clock", {"advance": 5})
    client.ecs("DescribeInstanceAutoRenewAttribute", InstanceId=old)
    with pytest.raises(Failed, match="InvalidParameter"):
        client.ecs("DescribeInstanceAutoRenewAttribute", InstanceId=f"{old},{young}")


def test_lists_of_a_template_are_there_when_they_are_empty(client: Client) -> None:
    """DescribeLaunchTemplateVersions: the official provider reads them without looking, and Encrypted as a boolean."""
    common = {"InstanceType": "ecs.g7.large", "ImageId": "ubuntu_22_04_x64_20G_alibase_20260522.vhd"}
    client.ecs("CreateLaunchTemplate", LaunchTemplateName="plain", **common)
    disks = [{"Category": "cloud_essd", "Size": 40, "Encrypted": "false"}]
    client.ecs("CreateLaunchTemplate", LaunchTemplateName="disks", DataDisk=disks, **common)
    found = {}
    for name in ("plain", "disks"):
        body = client.ecs("DescribeLaunchTemplateVersions", LaunchTemplateName=name, DetailFlag=True)
        (row,) = body["LaunchTemplateVersionSets"]["LaunchTemplateVersionSet"]
        found[name] = row["LaunchTemplateData"]
    assert found["plain"]["DataDisks"] == {"DataDisk": []}
    assert found["plain"]["SecurityGroupIds"] == {"SecurityGroupId": []}
    assert found["disks"]["DataDisks"]["DataDisk"][0]["Encrypted"] is False


# Machines


def test_a_full_image_brings_its_data_disks_along(world: World) -> None:
    """RunInstances and DescribeImages, DiskDeviceMappings: one made for each, changed by the entry with its device."""
    client = world.client
    (machine,) = world.running(DataDisk=[{"Category": "cloud_essd", "Size": 50}])
    image = client.ecs("CreateImage", InstanceId=machine, ImageName="golden")["ImageId"]
    client.settle()

    def sizes(*wanted: dict[str, Any]) -> list[int]:
        order = {"ImageFamily": None, "ImageId": image, "DataDisk": list(wanted) or None}
        (made,) = world.running(**order)
        rows = client.ecs("DescribeDisks", InstanceId=made, DiskType="data")["Disks"]["Disk"]
        return sorted(row["Size"] for row in rows)

    assert sizes() == [50]
    assert sizes({"Category": "cloud_essd", "Size": 80}) == [50, 80]
    assert sizes({"Category": "cloud_essd", "Size": 80, "Device": "/dev/xvdb"}) == [80]


def test_local_disks_belong_to_the_type(world: World) -> None:
    """DescribeDisks lists them; CreateImage, ModifyInstanceSpec, DetachDisk and ResizeDisk refuse them."""
    client = world.client
    (machine,) = world.running(InstanceType="ecs.i3.2xlarge")
    rows = client.ecs("DescribeDisks", InstanceId=machine)["Disks"]["Disk"]
    (local,) = [row for row in rows if row["Category"] == "local_ssd_pro"]
    assert (local["Size"], local["Portable"], local["DeleteWithInstance"], local["Type"]) == (1788, False, True, "data")
    with pytest.raises(Failed, match=r"InvalidDiskCategory\.CreateImage"):
        client.ecs("CreateImage", InstanceId=machine, ImageName="direct")
    for action, params in (("DetachDisk", {"InstanceId": machine}), ("ResizeDisk", {"NewSize": 2000})):
        with pytest.raises(Failed, match="OperationNotSupported"):
            client.ecs(action, DiskId=local["DiskId"], **params)
    (plain,) = world.running()
    client.ecs("StopInstance", InstanceId=plain)
    client.settle()
    with pytest.raises(Failed, match="LocalDiskUnsupported"):
        client.ecs("ModifyInstanceSpec", InstanceId=plain, InstanceType="ecs.i3.2xlarge")


def test_an_economical_stop_gives_the_public_address_up(world: World) -> None:
    """StopInstance, StoppedMode: where the account has enabled it, it is the default of machines that can have it."""
    client = world.client
    (machine,) = world.running(InternetMaxBandwidthOut=5, InternetChargeType="PayByTraffic")

    def seen() -> tuple[str, list[str]]:
        row = instance(client, machine)
        return row["StoppedMode"], row["PublicIpAddress"]["IpAddress"]

    before = seen()[1]
    for settings, params, mode, kept in (
        ({}, {}, "KeepCharging", True),
        ({}, {"StoppedMode": "StopCharging"}, "StopCharging", False),
        ({"economical_mode": True}, {"StoppedMode": "KeepCharging"}, "KeepCharging", True),
        ({"economical_mode": True}, {}, "StopCharging", False),
    ):
        client.control("POST", "settings", {"economical_mode": False} | settings)
        client.ecs("StopInstance", InstanceId=machine, **params)
        client.settle()
        assert seen() == (mode, before if kept else [])
        client.ecs("StartInstance", InstanceId=machine)
        client.settle()
        client.ecs("DescribeInstances")
        assert (seen()[1] == before) is kept
        before = seen()[1]
    (paid,) = world.running(InstanceChargeType="PrePaid", Period=1)
    with pytest.raises(Failed, match="ChargeTypeViolation"):
        client.ecs("StopInstance", InstanceId=paid, StoppedMode="StopCharging")


def test_an_existing_interface_is_taken_by_its_id_alone(world: World) -> None:
    """RunInstances, NetworkInterface.N.NetworkInterfaceId."""
    client = world.client
    made = client.ecs("CreateNetworkInterface", VSwitchId=world.vswitch, SecurityGroupId=world.group)
    client.settle()
    taken = {"InstanceType": "Secondary", "NetworkInterfaceId": made["NetworkInterfaceId"]}
    with pytest.raises(Failed, match="Conflict"):
        world.run(NetworkInterface=[{**taken, "SecurityGroupId": world.group}])
    with pytest.raises(Failed, match="Conflict"):
        world.run(NetworkInterface=[taken], Amount=2)
    (machine,) = world.running(NetworkInterface=[taken])
    interfaces = instance(client, machine)["NetworkInterfaces"]["NetworkInterface"]
    assert made["NetworkInterfaceId"] in [row["NetworkInterfaceId"] for row in interfaces]


def test_tags_of_a_machine_are_copied_over_those_of_its_parts(world: World) -> None:
    """The Tag service's inheritance rules: disks, interfaces and EIPs, equal keys overwritten, deleted at detach."""
    client = world.client
    (machine,) = world.running(Tag=[{"Key": "team", "Value": "web"}])
    client.control("POST", "settings", {"inherit_tags": ["team", "cost*"]})
    made = client.ecs("CreateDisk", ZoneId=world.zone, DiskCategory="cloud_essd", Size=40,
                      Tag=[{"Key": "team", "Value": "db"}, {"Key": "own", "Value": "yes"}])["DiskId"]  # fmt: skip
    client.settle()
    client.ecs("AttachDisk", DiskId=made, InstanceId=machine)
    both = [{"Key": "cost1", "Value": "7"}, {"Key": "x", "Value": "y"}]
    client.ecs("TagResources", ResourceType="instance", ResourceId=[machine], Tag=both)
    tags = {tag["TagKey"]: tag["TagValue"] for tag in disk(client, made)["Tags"]["Tag"]}
    assert tags == {"team": "web", "own": "yes", "cost1": "7"}
    client.settle()
    client.ecs("DetachDisk", DiskId=made, InstanceId=machine)
    client.settle()
    assert {tag["TagKey"] for tag in disk(client, made)["Tags"]["Tag"]} == {"own"}


# Networks


def test_ranges_that_are_reserved_or_outside_of_the_first_one(client: Client) -> None:
    """CreateVpc, CreateVSwitch, AssociateVpcCidrBlock and ModifyVpcAttribute, CidrBlock."""
    for block in ("100.64.0.0/16", "224.0.0.0/8", "169.254.0.0/16", "127.0.0.0/8"):
        with pytest.raises(Failed, match="InvalidCidrBlock"):
            client.vpc("CreateVpc", CidrBlock=block)
    vpc = client.vpc("CreateVpc", CidrBlock="10.0.0.0/16")["VpcId"]
    client.settle()
    with pytest.raises(Failed, match="InvalidCidrBlock"):
        client.vpc("AssociateVpcCidrBlock", VpcId=vpc, SecondaryCidrBlock="100.64.0.0/16")
    for block in ("192.168.0.0/16", "10.0.0.0/8"):
        with pytest.raises(Failed, match="InvalidCidrBlock"):
            client.vpc("ModifyVpcAttribute", VpcId=vpc, CidrBlock=block)
    client.vpc("ModifyVpcAttribute", VpcId=vpc, CidrBlock="10.0.0.0/20")
    client.vpc("ModifyVpcAttribute", VpcId=vpc, CidrBlock="10.0.0.0/16")


def test_an_ipv6_block_of_a_vswitch_changes_only_by_off_and_on(world: World) -> None:
    """CreateVSwitch and ModifyVSwitchAttribute: 0 is a block, an other one is refused, two are never the same."""
    client = world.client
    client.vpc("ModifyVpcAttribute", VpcId=world.vpc, EnableIPv6=True)
    named = {"VSwitchId": world.vswitch}

    def block() -> str:
        (row,) = client.vpc("DescribeVSwitches", **named)["VSwitches"]["VSwitch"]
        return str(row["Ipv6CidrBlock"])

    client.vpc("ModifyVSwitchAttribute", **named, EnableIPv6=True, Ipv6CidrBlock=0)
    assert block().endswith("00::/64")
    with pytest.raises(Failed, match="Ipv6CidrBlockExist"):
        client.vpc("ModifyVSwitchAttribute", **named, EnableIPv6=True, Ipv6CidrBlock=7)
    with pytest.raises(Failed, match="Ipv6CidrBlock"):
        client.vpc("ModifyVSwitchAttribute", **named, EnableIPv6=False, Ipv6CidrBlock=7)
    order = {"VpcId": world.vpc, "ZoneId": world.zone, "CidrBlock": "10.9.0.0/24", "Ipv6CidrBlock": 0}
    with pytest.raises(Failed, match="Overlapped"):
        client.vpc("CreateVSwitch", **order)
    client.vpc("ModifyVSwitchAttribute", **named, EnableIPv6=False)
    client.vpc("ModifyVSwitchAttribute", **named, EnableIPv6=True, Ipv6CidrBlock=7)
    assert block().endswith("07::/64")


def test_a_block_that_was_left_is_in_use_for_a_while(world: World) -> None:
    """UnassociateVpcCidrBlock: OperationFailed.CidrInUse (the official provider waits)."""
    client = world.client
    vpc = client.vpc("CreateVpc", CidrBlock="172.16.0.0/16")["VpcId"]
    client.settle()
    client.vpc("AssociateVpcCidrBlock", VpcId=vpc, SecondaryCidrBlock="172.20.0.0/16")
    order = {"VpcId": vpc, "ZoneId": world.zone, "CidrBlock": "172.20.1.0/24"}
    vswitch = client.vpc("CreateVSwitch", **order)["VSwitchId"]
    client.settle()
    client.vpc("DeleteVSwitch", VSwitchId=vswitch)
    client.control("POST", "clock", {"advance": 1.5})
    with pytest.raises(Failed, match="CidrInUse"):
        client.vpc("UnassociateVpcCidrBlock", VpcId=vpc, SecondaryCidrBlock="172.20.0.0/16")
    client.settle()
    client.vpc("UnassociateVpcCidrBlock", VpcId=vpc, SecondaryCidrBlock="172.20.0.0/16")
