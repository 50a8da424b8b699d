"""Random sequences of actions: never a crash, and the account always makes sense.

`ECSPLAN_EMULATOR_EXAMPLES` sizes the sweep; the default is short enough for every run.
"""

from __future__ import annotations

import json
import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ecsplan.emulator.account import INDEXED, Account, Thing
from ecsplan.emulator.service import Options, Service, VirtualClock
from ecsplan.emulator.storage import export

from .client import Client, Failed, build_world

KINDS = {
    "instance": "i-none", "disk": "d-none", "eni": "eni-none", "vswitch": "vsw-none", "vpc": "vpc-none",
    "securitygroup": "sg-none", "eip": "eip-none", "snapshot": "s-none", "image": "m-none", "routetable": "vtb-none",
    "routeentry": "rte-none", "prefixlist": "pl-none", "snapshotpolicy": "sp-none",
}  # fmt: skip
picks = st.integers(0, 10**6)
flags = st.booleans()
tags = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from(["", "1", "2"]), max_size=3)
FINAL = {"InstanceId": "instance", "VSwitchId": "vswitch", "VpcId": "vpc", "RouteTableId": "routetable"}


class Cloud(RuleBasedStateMachine):
    """Any action on any object, in any order; refusals are welcome, as long as they are the service's."""

    def __init__(self) -> None:
        super().__init__()
        self.service = Service(Options(seed="machine", settle=2.0), VirtualClock(1_800_000_000.0))
        self.client = Client(self.service)

    @property
    def account(self) -> Account:
        return self.service.account

    @initialize()
    def network(self) -> None:
        """Enough of everything that most actions have something to work on."""
        self.world = build_world(self.client)
        self.world.running(Amount=2)
        self.client.ecs("CreateDisk", ZoneId=self.world.zone, Size=40, DiskCategory="cloud_essd")
        self.client.ecs("CreateNetworkInterface", VSwitchId=self.world.vswitch, SecurityGroupId=self.world.group)
        self.client.vpc("AllocateEipAddress")
        self.client.ecs("CreateKeyPair", KeyPairName="k1")
        self.client.settle()

    def teardown(self) -> None:
        self.client.settle()
        self.client.ecs("DescribeInstances")
        self.check_references()
        self.service.close()

    def pick(self, kind: str, number: int) -> str:
        """One that exists, or now and then one that does not."""
        things = sorted(self.account.everywhere(kind), key=lambda thing: thing.seq)
        return things[number % len(things)].id if things and number % 17 != 16 else KINDS[kind]

    def ask(self, product: str, action: str, **params: Any) -> dict[str, Any] | None:
        self.service.clock.sleep(0.4)
        self.service.lifecycle.advance(self.service.clock.now())
        before = json.dumps(export(self.account))
        try:
            return self.client.call(product, action, **params)
        except Failed as refused:
            assert refused.status < 500, (action, refused)
            assert refused.code != "InvalidAction.NotFound"
            assert json.dumps(export(self.account)) == before, (action, params, refused)
            return None

    @rule(seconds=st.sampled_from([1.0, 3.0, 60.0]))
    def wait(self, seconds: float) -> None:
        self.service.clock.sleep(seconds)

    @rule(
        amount=st.integers(1, 4),
        tagged=tags,
        disks=st.integers(0, 2),
        keep=flags,
        number=picks,
        out=st.sampled_from([0, 5]),
    )
    def run(self, amount: int, tagged: dict[str, str], disks: int, keep: bool, number: int, out: int) -> None:
        self.ask(
            "ecs", "RunInstances", Amount=amount, InstanceType="ecs.g7.large", ImageFamily="acs:ubuntu_22_04_x64",
            VSwitchId=self.pick("vswitch", number), SecurityGroupId=self.pick("securitygroup", number),
            InstanceName="n-[0,3]", InternetMaxBandwidthOut=out,
            Tag=[{"Key": k, "Value": v} for k, v in tagged.items()],
            DataDisk=[{"Size": 40, "Category": "cloud_essd", "DeleteWithInstance": not keep}] * disks,
        )  # fmt: skip

    @rule(number=picks, action=st.sampled_from(["Start", "Stop", "Reboot"]), force=flags)
    def power(self, number: int, action: str, force: bool) -> None:
        more = {"ForceStop": True} if force and action == "Stop" else {}
        self.ask("ecs", f"{action}Instances", InstanceId=[self.pick("instance", number)], **more)

    @rule(number=picks, other=picks, force=flags)
    def delete_instances(self, number: int, other: int, force: bool) -> None:
        ids = list({self.pick("instance", number), self.pick("instance", other)})
        self.ask("ecs", "DeleteInstances", InstanceId=ids, Force=force)

    @rule(number=picks, groups=st.lists(picks, min_size=1, max_size=3))
    def modify_instance(self, number: int, groups: list[int]) -> None:
        ids = [self.pick("securitygroup", g) for g in groups]
        self.ask("ecs", "ModifyInstanceAttribute", InstanceId=self.pick("instance", number), SecurityGroupIds=ids)

    @rule(number=picks, type_id=st.sampled_from(["ecs.g7.xlarge", "ecs.g6.large", "ecs.g8y.large", "ecs.none"]))
    def change_type(self, number: int, type_id: str) -> None:
        self.ask("ecs", "ModifyInstanceSpec", InstanceId=self.pick("instance", number), InstanceType=type_id)

    @rule(number=picks, vswitch=picks, last=st.integers(0, 30))
    def move(self, number: int, vswitch: int, last: int) -> None:
        self.ask(
            "ecs", "ModifyInstanceVpcAttribute", InstanceId=self.pick("instance", number),
            VSwitchId=self.pick("vswitch", vswitch), PrivateIpAddress=f"10.0.0.{last}",
        )  # fmt: skip

    @rule(number=picks)
    def replace_disk(self, number: int) -> None:
        image = "ubuntu_24_04_x64_20G_alibase_20240812.vhd"
        self.ask("ecs", "ReplaceSystemDisk", InstanceId=self.pick("instance", number), ImageId=image)

    @rule(size=st.integers(1, 100), category=st.sampled_from(["cloud_essd", "cloud_efficiency", "cloud_auto", "x"]))
    def create_disk(self, size: int, category: str) -> None:
        self.ask("ecs", "CreateDisk", ZoneId=self.world.zone, Size=size, DiskCategory=category)

    @rule(number=picks, other=picks, action=st.sampled_from(["AttachDisk", "DetachDisk"]))
    def disk(self, number: int, other: int, action: str) -> None:
        self.ask("ecs", action, DiskId=self.pick("disk", number), InstanceId=self.pick("instance", other))

    @rule(number=picks, size=st.integers(20, 300))
    def resize(self, number: int, size: int) -> None:
        self.ask("ecs", "ResizeDisk", DiskId=self.pick("disk", number), NewSize=size)

    @rule(number=picks, action=st.sampled_from(["DeleteDisk", "CreateSnapshot", "ReInitDisk"]))
    def one_disk(self, number: int, action: str) -> None:
        self.ask("ecs", action, DiskId=self.pick("disk", number))

    @rule(number=picks, force=flags)
    def delete_snapshot(self, number: int, force: bool) -> None:
        self.ask("ecs", "DeleteSnapshot", SnapshotId=self.pick("snapshot", number), Force=force)

    @rule(number=picks, make=flags)
    def image(self, number: int, make: bool) -> None:
        if make:
            self.ask("ecs", "CreateImage", InstanceId=self.pick("instance", number))
        else:
            self.ask("ecs", "DeleteImage", ImageId=self.pick("image", number))

    @rule(number=picks, address=st.one_of(st.none(), st.integers(0, 260)))
    def create_interface(self, number: int, address: int | None) -> None:
        more = {} if address is None else {"PrimaryIpAddress": f"10.0.0.{address}"}
        self.ask(
            "ecs", "CreateNetworkInterface", VSwitchId=self.pick("vswitch", number),
            SecurityGroupId=self.pick("securitygroup", number), **more,
        )  # fmt: skip

    @rule(number=picks, other=picks, action=st.sampled_from(["Attach", "Detach"]))
    def interface(self, number: int, other: int, action: str) -> None:
        ids = {"NetworkInterfaceId": self.pick("eni", number), "InstanceId": self.pick("instance", other)}
        self.ask("ecs", f"{action}NetworkInterface", **ids)

    @rule(number=picks, count=st.integers(1, 3), delete=flags)
    def addresses(self, number: int, count: int, delete: bool) -> None:
        eni = self.pick("eni", number)
        if delete:
            self.ask("ecs", "DeleteNetworkInterface", NetworkInterfaceId=eni)
        else:
            self.ask("ecs", "AssignPrivateIpAddresses", NetworkInterfaceId=eni, SecondaryPrivateIpAddressCount=count)

    @rule(number=picks, third=st.integers(0, 4), mask=st.sampled_from([16, 24, 29, 30]))
    def create_vswitch(self, number: int, third: int, mask: int) -> None:
        self.ask(
            "vpc",
            "CreateVSwitch",
            VpcId=self.pick("vpc", number),
            CidrBlock=f"10.{third}.0.0/{mask}",
            ZoneId=self.world.zone,
        )

    @rule(number=picks, kind=st.sampled_from(["VSwitch", "Vpc"]))
    def delete_network(self, number: int, kind: str) -> None:
        self.ask("vpc", f"Delete{kind}", **{f"{kind}Id": self.pick(kind.lower(), number)})

    @rule(number=picks)
    def create_group(self, number: int) -> None:
        self.ask("ecs", "CreateSecurityGroup", VpcId=self.pick("vpc", number))

    @rule(number=picks)
    def delete_group(self, number: int) -> None:
        self.ask("ecs", "DeleteSecurityGroup", SecurityGroupId=self.pick("securitygroup", number))

    @rule(number=picks, other=picks, port=st.sampled_from(["80/80", "1/65535", "-1/-1", "0/1"]), revoke=flags)
    def rules(self, number: int, other: int, port: str, revoke: bool) -> None:
        permission = {"IpProtocol": "tcp", "PortRange": port, "SourceGroupId": self.pick("securitygroup", other)}
        self.ask(
            "ecs", "RevokeSecurityGroup" if revoke else "AuthorizeSecurityGroup",
            SecurityGroupId=self.pick("securitygroup", number), Permissions=[permission],
        )  # fmt: skip

    @rule()
    def allocate_eip(self) -> None:
        self.ask("vpc", "AllocateEipAddress")

    @rule(number=picks, other=picks, onto=st.sampled_from(["instance", "eni"]))
    def bind_eip(self, number: int, other: int, onto: str) -> None:
        self.ask("vpc", "AssociateEipAddress", AllocationId=self.pick("eip", number), InstanceId=self.pick(onto, other))

    @rule(number=picks, action=st.sampled_from(["UnassociateEipAddress", "ReleaseEipAddress"]))
    def let_go_of_eip(self, number: int, action: str) -> None:
        self.ask("vpc", action, AllocationId=self.pick("eip", number))

    @rule(number=picks, other=picks, third=st.integers(0, 3))
    def route(self, number: int, other: int, third: int) -> None:
        self.ask(
            "vpc", "CreateRouteEntry", RouteTableId=self.pick("routetable", number), NextHopType="Instance",
            NextHopId=self.pick("instance", other), DestinationCidrBlock=f"192.168.{third}.0/24",
        )  # fmt: skip

    @rule(number=picks)
    def delete_route(self, number: int) -> None:
        self.ask("vpc", "DeleteRouteEntry", RouteEntryId=self.pick("routeentry", number))

    @rule(
        number=picks, table=picks, vswitch=picks, what=st.sampled_from(["Create", "Delete", "Associate", "Unassociate"])
    )
    def route_table(self, number: int, table: int, vswitch: int, what: str) -> None:
        ids = {
            "Create": {"VpcId": self.pick("vpc", number)},
            "Delete": {"RouteTableId": self.pick("routetable", table)},
        }
        both = {"RouteTableId": self.pick("routetable", table), "VSwitchId": self.pick("vswitch", vswitch)}
        self.ask("vpc", f"{what}RouteTable", **ids.get(what, both))

    @rule(
        kind=st.sampled_from(["instance", "disk", "eni", "securitygroup", "snapshot"]),
        number=picks,
        new=tags,
        gone=flags,
    )
    def tag(self, kind: str, number: int, new: dict[str, str], gone: bool) -> None:
        ids = [self.pick(kind, number)]
        if gone:
            self.ask("ecs", "UntagResources", ResourceType=kind, ResourceId=ids, TagKey=list(new) or ["a"])
        elif new:
            pairs = [{"Key": k, "Value": v} for k, v in new.items()]
            self.ask("ecs", "TagResources", ResourceType=kind, ResourceId=ids, Tag=pairs)

    @rule(
        name=st.sampled_from(["k1", "k2"]), number=picks, what=st.sampled_from(["Create", "Delete", "Attach", "Detach"])
    )
    def key_pair(self, name: str, number: int, what: str) -> None:
        ids = json.dumps([self.pick("instance", number)])
        if what == "Delete":
            self.ask("ecs", "DeleteKeyPairs", KeyPairNames=json.dumps([name]))
        else:
            more = {} if what == "Create" else {"InstanceIds": ids}
            self.ask("ecs", f"{what}KeyPair", KeyPairName=name, **more)

    @rule()
    def read_everything(self) -> None:
        """Lists never fail and count what they show."""
        for product, action, wrap in (
            ("ecs", "DescribeInstances", ("Instances", "Instance")), ("ecs", "DescribeDisks", ("Disks", "Disk")),
            ("ecs", "DescribeNetworkInterfaces", ("NetworkInterfaceSets", "NetworkInterfaceSet")),
            ("ecs", "DescribeSecurityGroups", ("SecurityGroups", "SecurityGroup")),
            ("ecs", "DescribeSnapshots", ("Snapshots", "Snapshot")), ("vpc", "DescribeVpcs", ("Vpcs", "Vpc")),
            ("vpc", "DescribeVSwitches", ("VSwitches", "VSwitch")),
            ("vpc", "DescribeEipAddresses", ("EipAddresses", "EipAddress")),
            ("vpc", "DescribeRouteTableList", ("RouterTableList", "RouterTableListType")),
        ):  # fmt: skip
            body = self.client.call(product, action)
            assert len(body[wrap[0]][wrap[1]]) == min(10, body["TotalCount"]), action

    @invariant()
    def check_references(self) -> None:
        things = list(self.account.all())
        known = {(t.kind, t.id) for t in things}
        for thing in things:
            for field, kind in FINAL.items():
                value = thing.get(field)
                # An EIP may be bound to an interface; a snapshot remembers an instance that is long gone.
                if value and thing.kind not in ("snapshot", "snapshotgroup", "eip"):
                    assert (kind, value) in known, (thing.kind, thing.id, field, value)
            for group in thing.get("SecurityGroupIds", []):
                assert ("securitygroup", group) in known, (thing.kind, thing.id)

    @invariant()
    def no_address_twice(self) -> None:
        spots = [spot for eni in self.account.everywhere("eni") for spot in eni["Addresses"]]
        assert len(spots) == len(set(spots))
        public = [
            t["PublicIp"] for kind in ("eip", "instance") for t in self.account.everywhere(kind) if t.get("PublicIp")
        ]
        assert len(public) == len(set(public))

    @invariant()
    def disks_and_interfaces_belong(self) -> None:
        for disk in self.account.everywhere("disk"):
            attached = disk.status in ("In_use", "Attaching", "Detaching", "ReIniting")
            assert not attached or disk.get("InstanceId"), disk.id
            assert disk.status != "Available" or not disk.get("InstanceId"), disk.id
        for instance in self.account.everywhere("instance"):
            primaries = [e for e in self.account.where("eni", "InstanceId", instance.id) if e["Type"] == "Primary"]
            assert len(primaries) == 1
            assert primaries[0]["SecurityGroupIds"] == instance["SecurityGroupIds"]
            systems = [d for d in self.account.where("disk", "InstanceId", instance.id) if d["Type"] == "system"]
            assert len(systems) <= 1

    @invariant()
    def the_indexes_agree(self) -> None:
        """What a scan finds is what the index finds, and no tag is without a thing."""
        account = self.account
        found: dict[tuple[str, str, str], set[str]] = {}
        tagged: dict[tuple[str, str, str], dict[str, set[str]]] = {}
        for thing in account.all():
            for key in INDEXED & thing.data.keys():
                self._note(found, thing, key)
            for key, value in thing.tags.items():
                tagged.setdefault((thing.kind, thing.region, key), {}).setdefault(value, set()).add(thing.id)
        assert {place: set(group) for place, group in account._index.items()} == found
        kept = {place: {v: set(g) for v, g in values.items()} for place, values in account._tags.items() if values}
        assert kept == tagged

    @staticmethod
    def _note(found: dict[tuple[str, str, str], set[str]], thing: Thing, key: str) -> None:
        value = thing.data[key]
        for one in value if isinstance(value, list) else [value]:
            if one:
                found.setdefault((thing.kind, key, one), set()).add(thing.id)


EXAMPLES = int(os.environ.get("ECSPLAN_EMULATOR_EXAMPLES", "25"))
TestCloud = Cloud.TestCase
TestCloud.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
