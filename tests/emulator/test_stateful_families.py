"""Random sequences with the later families in them: gateways, hosts, sets, templates, prefixes, copies, policies.

They go on from the sequences of `test_stateful`, with all of its rules, and hold one more promise: nothing refers to
what is gone. `ECSPLAN_EMULATOR_EXAMPLES` sizes the sweep.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from .test_stateful import EXAMPLES, KINDS, Cloud, flags, picks

MORE = {
    "natgateway": "ngw-none", "snatentry": "snat-none", "forwardentry": "fwd-none", "ddh": "dh-none",
    "deploymentset": "ds-none", "launchtemplate": "lt-none", "snapshotgroup": "ssg-none",
}  # fmt: skip
# Field of what refers, to the kinds that it may name.
REFERENCES = {
    "NatGatewayId": ("natgateway",), "DeploymentSetId": ("deploymentset",), "DedicatedHostId": ("ddh",),
    "AutoSnapshotPolicyId": ("snapshotpolicy",), "NextHopId": ("instance", "eni", "natgateway"),
    "GroupRefs": ("securitygroup",), "PrefixListRefs": ("prefixlist",),
}  # fmt: skip


class Families(Cloud):
    """The same cloud, with more to do in it."""

    @initialize()
    def network(self) -> None:
        """In place of the other's, which it begins with: initial rules have no order of their own."""
        super().network()
        vpc, ecs = self.client.vpc, self.client.ecs
        vpc("CreateNatGateway", VpcId=self.world.vpc, VSwitchId=self.world.vswitch)
        ecs("AllocateDedicatedHosts", DedicatedHostType="ddh.g7", ZoneId=self.world.zone)
        ecs("CreateDeploymentSet")
        ecs("CreatePrefixList", PrefixListName="office", AddressFamily="IPv4", MaxEntries=2)
        ecs("CreateAutoSnapshotPolicy", regionId=self.client.region, timePoints='["1"]', repeatWeekdays='["1"]',
            retentionDays=1)  # fmt: skip
        self.client.settle()

    def pick(self, kind: str, number: int) -> str:
        things = sorted(self.account.everywhere(kind), key=lambda thing: thing.seq)
        return things[number % len(things)].id if things and number % 17 != 16 else {**KINDS, **MORE}[kind]

    def field(self, kind: str, number: int, name: str) -> Any:
        thing = self.account.get(kind, self.pick(kind, number))
        return thing[name] if thing is not None else "none"

    @rule(number=picks, inside=flags)
    def create_gateway(self, number: int, inside: bool) -> None:
        vswitch = self.pick("vswitch", number)
        network = "intranet" if inside else "internet"
        self.ask("vpc", "CreateNatGateway", VpcId=self.world.vpc, VSwitchId=vswitch, NetworkType=network)

    @rule(number=picks, force=flags)
    def delete_gateway(self, number: int, force: bool) -> None:
        self.ask("vpc", "DeleteNatGateway", NatGatewayId=self.pick("natgateway", number), Force=force)

    @rule(number=picks, gateway=picks)
    def bind_to_gateway(self, number: int, gateway: int) -> None:
        ids = {"AllocationId": self.pick("eip", number), "InstanceId": self.pick("natgateway", gateway)}
        self.ask("vpc", "AssociateEipAddress", InstanceType="Nat", **ids)

    @rule(number=picks, eip=picks, third=st.integers(0, 3))
    def translate(self, number: int, eip: int, third: int) -> None:
        self.ask(
            "vpc", "CreateSnatEntry", SnatTableId=self.field("natgateway", number, "SnatTableId"),
            SnatIp=self.field("eip", eip, "IpAddress"), SourceCIDR=f"10.0.{third}.0/24",
        )  # fmt: skip

    @rule(number=picks, eip=picks, port=st.integers(79, 81))
    def forward(self, number: int, eip: int, port: int) -> None:
        self.ask(
            "vpc", "CreateForwardEntry", ForwardTableId=self.field("natgateway", number, "ForwardTableId"),
            ExternalIp=self.field("eip", eip, "IpAddress"), ExternalPort=port, InternalIp="10.0.0.9", InternalPort=port,
            IpProtocol="TCP",
        )  # fmt: skip

    @rule(number=picks)
    def delete_translation(self, number: int) -> None:
        table = self.field("snatentry", number, "SnatTableId")
        self.ask("vpc", "DeleteSnatEntry", SnatTableId=table, SnatEntryId=self.pick("snatentry", number))

    @rule(table=picks, hop=picks, kind=st.sampled_from(["eni", "natgateway"]), third=st.integers(4, 6))
    def route_elsewhere(self, table: int, hop: int, kind: str, third: int) -> None:
        types = {"eni": "NetworkInterface", "natgateway": "NatGateway"}
        self.ask(
            "vpc", "CreateRouteEntry", RouteTableId=self.pick("routetable", table), NextHopType=types[kind],
            NextHopId=self.pick(kind, hop), DestinationCidrBlock=f"192.168.{third}.0/24",
        )  # fmt: skip

    @rule(host=picks, spread=picks, number=picks, on_host=flags)
    def run_placed(self, host: int, spread: int, number: int, on_host: bool) -> None:
        place = {"DedicatedHostId": self.pick("ddh", host)} if on_host else {}
        self.ask(
            "ecs", "RunInstances", InstanceType="ecs.g7.8xlarge", ImageFamily="acs:ubuntu_22_04_x64",
            VSwitchId=self.pick("vswitch", number), SecurityGroupId=self.pick("securitygroup", number),
            DeploymentSetId=self.pick("deploymentset", spread), **place,
        )  # fmt: skip

    @rule(number=picks, spread=picks, leave=flags)
    def place(self, number: int, spread: int, leave: bool) -> None:
        ids = {"InstanceId": self.pick("instance", number), "DeploymentSetId": self.pick("deploymentset", spread)}
        self.ask("ecs", "ModifyInstanceDeployment", RemoveFromDeploymentSet=leave, **ids)

    @rule(number=picks, make=flags)
    def sets_and_hosts(self, number: int, make: bool) -> None:
        if make:
            self.ask("ecs", "CreateDeploymentSet")
            self.ask("ecs", "AllocateDedicatedHosts", DedicatedHostType="ddh.g7", ZoneId=self.world.zone)
        else:
            self.ask("ecs", "DeleteDeploymentSet", DeploymentSetId=self.pick("deploymentset", number))
            self.ask("ecs", "ReleaseDedicatedHost", DedicatedHostId=self.pick("ddh", number))

    @rule(name=st.sampled_from(["t1", "t2"]), number=picks, what=st.sampled_from(["", "Version", "Delete", "Run"]))
    def templates(self, name: str, number: int, what: str) -> None:
        order = {"InstanceType": "ecs.g7.large", "ImageId": "ubuntu_22_04_x64_20G_alibase_20260723.vhd"}
        order |= {"VSwitchId": self.pick("vswitch", number), "SecurityGroupId": self.pick("securitygroup", number)}
        if what == "Run":
            self.ask("ecs", "RunInstances", LaunchTemplateName=name)
        elif what == "Delete":
            self.ask("ecs", "DeleteLaunchTemplate", LaunchTemplateName=name)
        else:
            self.ask("ecs", f"CreateLaunchTemplate{what}", LaunchTemplateName=name, **order)

    @rule(number=picks, count=st.integers(1, 2), gone=flags)
    def prefixes(self, number: int, count: int, gone: bool) -> None:
        eni = self.pick("eni", number)
        held = self.account.get("eni", eni)
        if gone and held is not None and held.get("Ipv4Prefixes"):
            wanted = held["Ipv4Prefixes"][:count]
            self.ask("ecs", "UnassignPrivateIpAddresses", NetworkInterfaceId=eni, Ipv4Prefix=wanted)
        else:
            self.ask("ecs", "AssignPrivateIpAddresses", NetworkInterfaceId=eni, Ipv4PrefixCount=count)

    @rule(number=picks, gone=flags)
    def permissions(self, number: int, gone: bool) -> None:
        eni = self.pick("eni", number)
        held = self.account.get("eni", eni)
        if gone and held is not None and held.get("Permissions"):
            wanted = held["Permissions"][0]["NetworkInterfacePermissionId"]
            self.ask("ecs", "DeleteNetworkInterfacePermission", NetworkInterfacePermissionId=wanted)
        else:
            order = {"NetworkInterfaceId": eni, "AccountId": 42, "Permission": "InstanceAttach"}
            self.ask("ecs", "CreateNetworkInterfacePermission", **order)

    @rule(number=picks, lists=picks, what=st.sampled_from(["refer", "let go", "delete", "make"]))
    def prefix_lists(self, number: int, lists: int, what: str) -> None:
        wanted, group = self.pick("prefixlist", lists), self.pick("securitygroup", number)
        rule_ = {"IpProtocol": "tcp", "PortRange": "22/22", "SourcePrefixListId": wanted}
        if what == "make":
            self.ask("ecs", "CreatePrefixList", PrefixListName="more", AddressFamily="IPv4", MaxEntries=2)
        elif what == "delete":
            self.ask("ecs", "DeletePrefixList", PrefixListId=wanted)
        else:
            action = "AuthorizeSecurityGroup" if what == "refer" else "RevokeSecurityGroup"
            self.ask("ecs", action, SecurityGroupId=group, Permissions=[rule_])

    @rule(number=picks, policy=picks, what=st.sampled_from(["Apply", "Cancel", "Delete", "Create"]))
    def policies(self, number: int, policy: int, what: str) -> None:
        wanted = {"regionId": self.client.region, "autoSnapshotPolicyId": self.pick("snapshotpolicy", policy)}
        if what == "Create":
            times = {"timePoints": '["1"]', "repeatWeekdays": '["1"]', "retentionDays": 1}
            self.ask("ecs", "CreateAutoSnapshotPolicy", regionId=self.client.region, **times)
        elif what == "Delete":
            self.ask("ecs", "DeleteAutoSnapshotPolicy", **wanted)
        else:
            self.ask("ecs", f"{what}AutoSnapshotPolicy", diskIds=json.dumps([self.pick("disk", number)]), **wanted)

    @rule(number=picks, what=st.sampled_from(["copy", "group", "ungroup"]))
    def snapshots(self, number: int, what: str) -> None:
        if what == "copy":
            there = {"DestinationRegionId": "cn-beijing", "DestinationSnapshotName": "copy"}
            self.ask("ecs", "CopySnapshot", SnapshotId=self.pick("snapshot", number),
                     DestinationSnapshotDescription="of it", **there)  # fmt: skip
        elif what == "group":
            self.ask("ecs", "CreateSnapshotGroup", InstanceId=self.pick("instance", number))
        else:
            self.ask("ecs", "DeleteSnapshotGroup", SnapshotGroupId=self.pick("snapshotgroup", number))

    @rule()
    def read_the_families(self) -> None:
        for product, action, wrap in (
            ("vpc", "DescribeNatGateways", ("NatGateways", "NatGateway")),
            ("ecs", "DescribeDedicatedHosts", ("DedicatedHosts", "DedicatedHost")),
            ("ecs", "DescribeDeploymentSets", ("DeploymentSets", "DeploymentSet")),
            ("ecs", "DescribeLaunchTemplates", ("LaunchTemplateSets", "LaunchTemplateSet")),
            ("ecs", "DescribeSnapshotLinks", ("SnapshotLinks", "SnapshotLink")),
            ("ecs", "DescribeDisksFullStatus", ("DiskFullStatusSet", "DiskFullStatusType")),
        ):  # fmt: skip
            body = self.client.call(product, action)
            assert len(body[wrap[0]][wrap[1]]) == min(10, body["TotalCount"]), action

    @invariant()
    def nothing_refers_to_what_is_gone(self) -> None:
        things = list(self.account.all())
        known = {(thing.kind, thing.id) for thing in things}
        for thing in things:
            for field, kinds in REFERENCES.items():
                value = thing.get(field)
                for one in value if isinstance(value, list) else [value]:
                    assert not one or any((kind, one) in known for kind in kinds), (thing.kind, thing.id, field, one)
            bound = thing.get("InstanceId") if thing.kind == "eip" else None
            assert not bound or any((kind, bound) in known for kind in ("instance", "eni", "natgateway")), thing.id

    @invariant()
    def no_address_is_a_gateways_too(self) -> None:
        kinds = ("eni", "natgateway")
        spots = [spot for kind in kinds for thing in self.account.everywhere(kind) for spot in thing["Addresses"]]
        assert len(spots) == len(set(spots))


TestFamilies = Families.TestCase
TestFamilies.settings = settings(
    max_examples=max(5, EXAMPLES * 2 // 5), stateful_step_count=50, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
