"""What the service is documented to refuse, to leave out or to do otherwise, and what the kinds make of it.

Each test names the action, and the parameter or field, that says it.
"""

from datetime import UTC, datetime
from typing import Any

import pytest

from ecsplan.kinds import instance, network_interface
from ecsplan.kinds.eip import own_bandwidth
from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.kind import Kind
from ecsplan.model.plan import Plan
from tests.kinds.cloud import NETWORK, Cloud, changes, stack_of, step, the_change, with_instance

DISK = "disk:\n  data: {{zone: cn-hangzhou-h, {}}}"
PREPAID = "charge_type: PrePaid"


def blocked(plan: Plan) -> str:
    return "; ".join(guard.summary for guard in plan.guards if guard.name == "blocked")


def refused(cloud: Cloud, text: str, words: str) -> None:
    with pytest.raises(Rejected, match=words) as found:
        cloud.load(text)
    assert all(problem.source is not None for problem in found.value.diagnostics)


# Told offline


def test_an_ed25519_key_is_warned_of(cloud: Cloud) -> None:
    """ImportKeyPair, PublicKeyBody names RSA in every version of its page."""
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHaSw601QLuAPAILOu5mzYiHEjI06gxucUPArdc/9DHt one"
    stack = cloud.load(stack_of(f"key_pair: {{ops: {{public_key: {key}}}}}"))
    assert ["ssh-ed25519" in warning.summary for warning in stack.warnings] == [True]


# Known when it is planned


@pytest.mark.parametrize("minutes", [-60, 10])
def test_a_release_time_that_is_too_near(cloud: Cloud, minutes: int) -> None:
    """RunInstances, AutoReleaseTime: 30 minutes ahead at the earliest."""
    when = datetime.fromtimestamp(cloud.clock.now() + 60 * minutes, UTC).strftime("%Y-%m-%dT%H:%MZ")
    assert "30 minutes" in blocked(cloud.plan(with_instance(f'auto_release_time: "{when}"')))


def test_queues_of_an_interface_on_a_running_machine(cloud: Cloud) -> None:
    """ModifyNetworkInterfaceAttribute, QueueNumber."""
    second = "network_interface:\n  second: {{vswitch: app, security_groups: [web], instance: web, queue_number: {}}}"
    cloud.settled(with_instance(more=second.format(1)))
    assert "queue_number" in blocked(cloud.plan(with_instance(more=second.format(2))))
    cloud.call("StopInstance", InstanceId=cloud.instance().id)
    cloud.clock.advance(60)
    cloud.settled(with_instance(more=second.format(2)))


def test_a_slot_of_a_subscription_disk_is_not_taken_away(cloud: Cloud) -> None:
    """DeleteDisk: a subscription disk cannot be deleted before its end."""
    logs = "logs: {category: cloud_essd, size: 60}"
    cloud.settled(with_instance(f"data_disks: {{data: {{category: cloud_essd, size: 40}}, {logs}}}"))
    cloud.disks(cloud.instance())["data"].data |= {"DiskChargeType": "PrePaid", "ExpiredTime": "2030-01-01T00:00Z"}
    assert "data_disks.data: a subscription until" in blocked(cloud.plan(with_instance(f"data_disks: {{{logs}}}")))


@pytest.mark.parametrize("inside", [False, True])
def test_a_region_that_encrypts_every_disk_makes_no_plain_one(cloud: Cloud, inside: bool) -> None:
    """DescribeDiskEncryptionByDefaultStatus."""
    plain = "category: cloud_essd, size: 40, encrypted: false"
    text = with_instance(f"data_disks: {{data: {{{plain}}}}}") if inside else stack_of(DISK.format(plain))
    assert blocked(cloud.plan(text)) == ""
    cloud.call("EnableDiskEncryptionByDefault")
    assert "this region encrypts every new disk" in blocked(cloud.plan(text))
    assert blocked(cloud.plan(text.replace("false", "true"))) == ""


def test_tags_that_do_not_fit_beside_those_of_others(cloud: Cloud) -> None:
    """TagResources: 20 on a resource."""
    vpc = "vpc: {main: {cidr_block: 10.0.0.0/16, tags: {TAGS}}}"

    def with_tags(count: int, prefix: str = "a") -> str:
        return stack_of(vpc.replace("TAGS", ", ".join(f"{prefix}{n}: v" for n in range(count))))

    cloud.settled(with_tags(6))
    (live,) = cloud.things("vpc")
    live.tags |= {f"other{n}": "x" for n in range(8)}
    assert "12 declared tags, 8 that others gave it" in blocked(cloud.plan(with_tags(12)))
    live.tags = {key: value for key, value in live.tags.items() if not key.startswith("other")}
    cloud.settled(with_tags(12))
    cloud.settled(with_tags(12, "b"))  # what would not fit beside the old keys comes after they are gone


# Read


def test_an_eip_in_a_shared_bandwidth_package_has_its_own_cap_or_none() -> None:
    """DescribeEipAddresses, EipBandwidth and BandwidthPackageBandwidth."""
    package = {"BandwidthPackageId": "cbwp-1", "BandwidthPackageBandwidth": "200", "Bandwidth": "200"}
    assert own_bandwidth({**package, "EipBandwidth": "5"}) == "5"
    assert own_bandwidth(package) is None
    assert own_bandwidth({"Bandwidth": "5", "BandwidthPackageId": ""}) == "5"


def test_what_is_answered_empty_is_the_default(cloud: Cloud) -> None:
    """DescribeInstances, recorded: MetadataOptions and InternetChargeType are empty, SpotDuration is 0 or absent."""
    found = {attribute.name: attribute.type for attribute in instance.KIND.attributes}
    assert found["metadata.endpoint"].matches("enabled", None) and not found["metadata.endpoint"].matches(
        "disabled", None
    )
    assert found["metadata.tokens"].matches("optional", None) and not found["metadata.tokens"].matches("required", None)
    assert found["internet.charge_type"].matches("PayByBandwidth", None)
    assert found["spot.strategy"].matches("NoSpot", None) and found["spot.duration"].matches(0, None)


def test_a_machine_whose_system_disk_is_still_being_made_has_not_lost_it(cloud: Cloud) -> None:
    """DescribeDisks, InstanceId: a disk that is being made names no machine yet. Lists are read again meanwhile."""
    cloud.settled(with_instance())
    (disk,) = cloud.things("disk")
    disk.data["Status"] = "Creating"
    cloud.service.lifecycle.schedule(disk, cloud.clock.now() + 2.0, Status="In_use")
    cloud.assert_settled(with_instance())
    disk.data["Status"] = "Creating"
    assert "DescribeDisks tells nothing of it" in blocked(cloud.plan(with_instance()))


@pytest.mark.parametrize("kind", [instance.KIND, network_interface.KIND], ids=lambda kind: kind.name)
def test_what_becomes_of_sessions_is_said(kind: Kind) -> None:
    """ModifyInstanceAttribute and ModifyNetworkInterfaceAttribute: the whole set of groups in one call."""
    assert "Open sessions" in kind.attribute("security_groups").summary


def test_protocol_numbers_are_protocols(cloud: Cloud) -> None:
    """AuthorizeSecurityGroup, IpProtocol takes the numbers of IP, and DescribeSecurityGroupAttribute answers them."""
    rules = '[{protocol: "112", cidr: 10.0.0.0/16}, {protocol: "6", ports: 443, cidr: 0.0.0.0/0}]'
    cloud.settled(stack_of(NETWORK.replace("web: {vpc: main}", f"web: {{vpc: main, ingress: {rules}}}")))
    live = {rule["IpProtocol"] for rule in cloud.thing("securitygroup", "demo-web")["Rules"]}
    assert {word.upper() for word in live} == {"112", "TCP"}


# Sent


def test_host_names_with_their_numbers_are_given_in_one_call(cloud: Cloud) -> None:
    """RunInstances, HostName takes the ordered form of names: web-[0,1]."""
    text = with_instance("count: 4", 'hostname: "box-${index}"')
    plan = cloud.plan(text)
    (call,) = [call for one in plan.steps for call in one.calls if call.operation == "RunInstances"]
    assert (call.params["HostName"], call.params["Amount"]) == ("box-[0,1]", 4)
    cloud.settled(text)
    assert {machine["HostName"] for machine in cloud.things("instance")} == {f"box-{n}" for n in range(4)}


def test_disks_without_a_category_are_all_of_one(cloud: Cloud) -> None:
    """CreateDisk makes cloud, RunInstances cloud_efficiency, where nothing is said."""
    text = with_instance("data_disks: {data: {size: 40}}", more=DISK.format("size: 40, instance: web"))
    text = text.replace("system_disk: {category: cloud_essd, size: 40}", "system_disk: {size: 40}")
    cloud.settled(text)
    assert {disk["Category"] for disk in cloud.things("disk")} == {"cloud_essd"}
    assert "cloud_essd, as the file does not name" in " ".join(
        changes(cloud.plan(text, replaces=("disk.data",)))["disk.data"].notes
    )


@pytest.mark.parametrize(
    ("renewal", "sent"),
    [
        ("{status: AutoRenewal, period: 3}", {"AutoRenew": True, "AutoRenewPeriod": 3}),
        ("{status: AutoRenewal, period: 1, period_unit: Week}", {}),
        ("{status: NotRenewal}", {}),
    ],
)
def test_renewal_is_bought_with_the_machine_where_its_unit_is_that_of_the_purchase(
    cloud: Cloud, renewal: str, sent: dict[str, Any]
) -> None:
    """RunInstances, AutoRenewPeriod is in PeriodUnit; ModifyInstanceAutoRenewAttribute has a unit of its own."""
    text = with_instance(PREPAID, "period: 1", f"renewal: {renewal}")
    plan = cloud.plan(text)
    params = step(plan, "RunInstances").calls[0].params
    assert {name: params[name] for name in ("AutoRenew", "AutoRenewPeriod") if name in params} == sent
    later = [c for one in plan.steps for c in one.calls if c.operation == "ModifyInstanceAutoRenewAttribute"]
    assert bool(later) is not bool(sent)
    cloud.settled(text)


def test_a_release_time_is_cancelled_before_a_subscription_begins(cloud: Cloud) -> None:
    """ModifyInstanceChargeType: a release time and a subscription exclude each other."""
    cloud.settled(with_instance('auto_release_time: "2027-12-31T18:00Z"'))
    plan = cloud.plan(with_instance(PREPAID, "period: 1"))
    sent = [call.operation for one in plan.steps for call in one.calls if call.operation.startswith("ModifyInstance")]
    assert sent == ["ModifyInstanceAutoReleaseTime", "ModifyInstanceChargeType"]


@pytest.mark.parametrize(("wanted", "said"), [("ecs.g7.large", "downgrade"), ("ecs.g7.2xlarge", None)])
def test_a_subscription_says_that_it_gets_smaller(cloud: Cloud, wanted: str, said: str | None) -> None:
    """ModifyPrepayInstanceSpec, OperatorType."""
    big = with_instance(PREPAID, "period: 1").replace("ecs.g7.large", "ecs.g7.xlarge")
    cloud.settled(big)
    call = step(cloud.plan(big.replace("ecs.g7.xlarge", wanted)), "ModifyPrepayInstanceSpec").calls[0]
    assert call.params.get("OperatorType") == said


def test_a_type_with_local_disks_is_not_come_to_in_place(cloud: Cloud) -> None:
    """ModifyInstanceSpec takes no type with local disks."""
    cloud.settled(with_instance())
    plan = cloud.plan(with_instance().replace("ecs.g7.large", "ecs.i3.2xlarge"))
    assert "local disks" in blocked(plan) and the_change(plan).action is not Action.REPLACE


def test_a_new_system_disk_is_as_the_old_one_was(cloud: Cloud) -> None:
    """ReplaceSystemDisk: without SystemDisk.Size it is 40 GiB, without Encrypted it is plain."""
    life = "lifecycle: {on_image_change: reinstall}"
    text = with_instance(life).replace("size: 40}", "size: 100, encrypted: true}")
    cloud.settled(text)
    other = text.replace("ubuntu_22_04_x64_20G_alibase_20260522", "ubuntu_24_04_x64_20G_alibase_20260916")
    params = step(cloud.plan(other), "ReplaceSystemDisk").calls[0].params
    assert (params["SystemDisk"], params["Encrypted"]) == ({"Size": 100}, True)
    cloud.settled(other)


def test_in_an_account_with_several_policies_the_old_one_is_ended(cloud: Cloud) -> None:
    """ApplyAutoSnapshotPolicy adds there; CancelAutoSnapshotPolicy ends the one that is named."""
    cloud.service.settings.change({"snapshot_policies_per_disk": 3})
    both = "auto_snapshot_policy:\n  old: {hours: [2], weekdays: [1], retention_days: 7}\n"
    both += "  new: {hours: [3], weekdays: [2], retention_days: 7}"
    text = stack_of(both, DISK.format("category: cloud_essd, size: 40, snapshot_policy: old"))
    cloud.settled(text)
    cloud.settled(text.replace("snapshot_policy: old", "snapshot_policy: new"))
    (disk,) = cloud.things("disk")
    new = next(p.id for p in cloud.things("snapshotpolicy") if p["AutoSnapshotPolicyName"] == "demo-new")
    assert disk["AutoSnapshotPolicyId"] == [new]


def test_automatic_snapshots_do_not_begin_to_go_with_a_disk_that_is_attached(cloud: Cloud) -> None:
    """AttachDisk turns DeleteAutoSnapshot on."""
    cloud.settled(with_instance(more=DISK.format("category: cloud_essd, size: 40, instance: web")))
    assert cloud.thing("disk", "demo-data")["DeleteAutoSnapshot"] is False


def test_an_auto_disk_stops_bursting_before_it_changes_its_category(cloud: Cloud) -> None:
    """ModifyDiskSpec: a disk that bursts keeps its category; ProvisionedIops is for cloud_auto, 0 too."""
    auto = "category: cloud_auto, size: 40, bursting_enabled: true, provisioned_iops: 100"
    cloud.settled(stack_of(DISK.format(auto)))
    cloud.settled(stack_of(DISK.format("category: cloud_essd, size: 40")))


def test_both_sorts_of_addresses(cloud: Cloud) -> None:
    """CreateVSwitch, Ipv6CidrBlock: 0 to 255, in a VPC that has IPv6; ModifyVSwitchAttribute: another by off and on."""
    vpc = "vpc: {main: {cidr_block: 10.0.0.0/16, enable_ipv6: true}}"
    subnet = "vswitch: {{app: {{vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24, ipv6_cidr_block: {}}}}}"
    refused(cloud, stack_of(vpc.replace(", enable_ipv6: true", ""), subnet.format(0)), "has no IPv6 range")
    refused(cloud, stack_of(vpc, subnet.format(256)), "from 0 to 255")
    cloud.settled(stack_of(vpc, subnet.format(0)))
    cloud.settled(stack_of(vpc, subnet.format(7)))
    text = with_instance("ipv6_addresses: ['2408:4005:300::1']")
    assert ["vswitch.app no IPv6 range" in warning.summary for warning in cloud.load(text).warnings] == [True]


def test_further_ranges_of_a_vpc(cloud: Cloud) -> None:
    """AssociateVpcCidrBlock before a vSwitch lies in it, UnassociateVpcCidrBlock after it has gone."""
    vpc = "vpc: {{main: {{cidr_block: 10.0.0.0/16{}}}}}"
    subnet = "vswitch: {pods: {vpc: main, zone: cn-hangzhou-h, cidr_block: 172.20.1.0/24}}"
    refused(cloud, stack_of(vpc.format(""), subnet), "lies outside the VPC's 10.0.0.0/16")
    cloud.settled(stack_of(vpc.format(", secondary_cidr_blocks: [172.20.0.0/16]"), subnet))
    cloud.settled(stack_of(vpc.format(", secondary_cidr_blocks: [192.168.0.0/16]")))
    (live,) = cloud.things("vpc")
    assert live["SecondaryCidrBlocks"] == ["192.168.0.0/16"]
