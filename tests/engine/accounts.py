"""Accounts that no stack made: one whose tags are gone, and random ones built through the API."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from ecsplan import engine
from ecsplan.model.call import Product
from ecsplan.model.change import Action
from ecsplan.model.copying import replace
from ecsplan.model.export import Exported
from ecsplan.model.plan import Plan
from ecsplan.model.selection import Selection
from tests.kinds.cloud import Cloud

TAGGING = {"TagResources"}
NAMES = ("web", "web-prod-db", "数据库", "big-box-7", "i-am-a-name", "vpc-like", "a.b-c", "null", "x" * 100, "web")
# What the names of some were before the service held them to its characters; a new thing can't be called so.
OLD_NAMES = {"big-box-7": "Big Box 7", "a.b-c": "a.b/c", "my-disk": "my disk", "vor-dem-Umbau": "vor dem Umbau"}
KEYS = ("team", "cost:center", "yes", "7", "a b", "owner")
VALUES = ("web", "", "true", "0123", "${x}", "a: b # c", '"quoted"', "später", "null", "1e3")
TYPES = ("ecs.g7.large", "ecs.c7.large", "ecs.r7.xlarge")
ZONES = ("cn-hangzhou-h", "cn-hangzhou-i")
IMAGE = "ubuntu_22_04_x64_20G_alibase_20260522.vhd"
SCRIPTS = (
    "#!/bin/sh\necho one\n",
    "#cloud-config\nruncmd: [ls]\n",
    "no end",
    " indented\n\n",
    "tab\tand ${x}\n\n\n",
    "a\r\nb\n",
)


def disown(cloud: Cloud) -> None:
    """Takes our tags from everything, as if no stack had ever been there."""
    account = cloud.service.account
    for thing in list(account.all()):
        account.set_tags(thing, {k: v for k, v in thing.tags.items() if not k.startswith("ecsplan:")})


def export(cloud: Cloud, stack: str = "imported", **selection: Any) -> Exported:
    return engine.export(cloud.api, stack, Selection(**selection))


def assert_brought_in(cloud: Cloud, made: Exported, writes: set[str] = TAGGING) -> None:
    """The promise: only adoptions, which write nothing but tags; then no changes, with adopt: and in full."""
    plan = cloud.plan(made.text)
    assert_adopts_only(plan)
    cloud.forget()
    cloud.apply(plan)
    assert set(cloud.writes()) <= writes
    assert cloud.plan(made.text, refresh_full=True).is_empty
    stack = cloud.load(made.text)
    cloud.assert_settled(replace(stack, resources=tuple(replace(r, adopt=None) for r in stack.resources)))


def assert_adopts_only(plan: Plan) -> None:
    wrong = [(c.action.name, str(c.address), c.attributes, c.blocked) for c in plan.changes
             if c.action is not Action.ADOPT or c.attributes]  # fmt: skip
    assert not wrong
    assert not plan.guards
    assert {call.operation for step in plan.steps for call in step.calls} <= TAGGING


class Estate:
    """A random account, the same for the same seed, made by calls as people and scripts make them."""

    def __init__(self, cloud: Cloud, seed: int) -> None:
        self.cloud = cloud
        self.chance = random.Random(seed)

    def build(self) -> None:
        vpcs = [self._vpc(number) for number in range(self.chance.randint(1, 2))]
        self._settle()
        switches = [self._vswitch(vpc, place) for vpc in vpcs for place in range(self.chance.randint(1, 3))]
        groups = [self._group(vpc) for vpc in vpcs for _ in range(self.chance.randint(1, 3))]
        self._rules(groups)
        keys = [self._key(number) for number in range(self.chance.randint(0, 2))]
        self._settle()
        machines = [m for _ in range(self.chance.randint(1, 4)) for m in self._machines(switches, groups, keys)]
        self._settle()
        for _ in range(self.chance.randint(0, 3)):
            self._disk(machines)
        for _ in range(self.chance.randint(0, 3)):
            self._address(machines)
        for _ in range(self.chance.randint(0, 2)):
            self._interface(switches, groups, machines)
        self._backups()
        for thing in self.cloud.service.account.all():
            thing.data |= {name: OLD_NAMES[text] for name, text in thing.data.items() if text in list(OLD_NAMES)}
        if machines and self.chance.random() < 0.4:
            self._call("StopInstance", InstanceId=machines[0][0])
        self._settle()

    def _call(self, operation: str, product: Product = Product.ECS, **params: Any) -> Mapping[str, Any]:
        return self.cloud.call(operation, product, **params)

    def _settle(self) -> None:
        self.cloud.clock.advance(120)

    def _some(self, values: Sequence[Any]) -> Any:
        return self.chance.choice(values)

    def _name(self) -> str | None:
        return self._some((*NAMES, None))

    def _tags(self) -> list[dict[str, str]]:
        keys = self.chance.sample(KEYS, self.chance.randint(0, 3))
        return [{"Key": key, "Value": self._some(VALUES)} for key in keys]

    def _vpc(self, number: int) -> str:
        found = self._call("CreateVpc", Product.VPC, CidrBlock=f"10.{number}.0.0/16", VpcName=self._vpc_name(),
                           Description=self._some((None, "the net")), Tag=self._tags())  # fmt: skip
        return str(found["VpcId"])

    def _vpc_name(self) -> str | None:
        return self._some(("net", "web-prod", "Netz", None))

    def _vswitch(self, vpc: str, place: int) -> tuple[str, str, str]:
        number = next(int(t["CidrBlock"].split(".")[1]) for t in self.cloud.things("vpc") if t.id == vpc)
        zone = self._some(ZONES)
        found = self._call("CreateVSwitch", Product.VPC, VpcId=vpc, ZoneId=zone, CidrBlock=f"10.{number}.{place}.0/24",
                           VSwitchName=self._vpc_name(), Tag=self._tags())  # fmt: skip
        self._settle()
        return str(found["VSwitchId"]), vpc, zone

    def _group(self, vpc: str) -> tuple[str, str]:
        found = self._call("CreateSecurityGroup", VpcId=vpc, SecurityGroupName=self._name(), Tag=self._tags(),
                           Description=self._some((None, "who may come in")))  # fmt: skip
        return str(found["SecurityGroupId"]), vpc

    def _rules(self, groups: Sequence[tuple[str, str]]) -> None:
        for group, vpc in groups:
            for _ in range(self.chance.randint(0, 4)):
                peers = [other for other, where in groups if where == vpc]
                peer = self._some(({"SourceCidrIp": "0.0.0.0/0"}, {"SourceCidrIp": "10.0.0.0/8"},
                                   {"Ipv6SourceCidrIp": "::/0"}, {"SourceGroupId": self._some(peers)}))  # fmt: skip
                protocol, ports = self._some((("TCP", "443/443"), ("TCP", "80/90"), ("UDP", "53/53"), ("ICMP", "-1/-1"),
                                              ("ALL", "-1/-1"), ("TCP", "22/22")))  # fmt: skip
                rule = {"IpProtocol": protocol, "PortRange": ports, "Priority": str(self._some((1, 1, 50))),
                        "Policy": self._some(("accept", "accept", "drop")), **peer}  # fmt: skip
                self._call("AuthorizeSecurityGroup", SecurityGroupId=group, Permissions=[rule])

    def _key(self, number: int) -> str:
        name = f"key-{number}" if self.chance.random() < 0.5 else f"ops_{number}"
        body = f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHaSw601QLuAPAILOu5mzYiHEjI06gxucUPArdc/9DH{number} me@desk"
        self._call("ImportKeyPair", KeyPairName=name, PublicKeyBody=body)
        return name

    def _machines(
        self, switches: Sequence[tuple[str, str, str]], groups: Sequence[tuple[str, str]], keys: Sequence[str]
    ) -> list[tuple[str, str]]:
        from base64 import b64encode

        switch, vpc, zone = self._some(switches)
        inside = [group for group, where in groups if where == vpc]
        many = self._some((1, 1, 1, 3))
        name = self._name()
        disks = [self._data_disk() for _ in range(self.chance.randint(0, 3))]
        params: dict[str, Any] = {
            "InstanceType": self._some(TYPES),
            "ImageId": IMAGE,
            "VSwitchId": switch,
            "SecurityGroupIds": self.chance.sample(inside, self.chance.randint(1, len(inside))),
            "Amount": many,
            "InstanceName": f"{name or 'node'}-[0,4]" if many > 1 else name,
            "Description": self._some((None, "a machine: # 1")),
            "SystemDisk": {"Category": "cloud_essd", "Size": str(self._some((40, 60)))},
            "DataDisk": disks,
            "UserData": self._some((None, b64encode(self._some(SCRIPTS).encode()).decode())),
            "HostName": self._some((None, "box")) if many == 1 else None,
            "Tag": self._tags(),
            "DeletionProtection": self._some((False, False, True)),
        }
        if keys and self.chance.random() < 0.5:
            params["KeyPairName"] = self._some(keys)
        else:
            params["Password"] = "Never-Exported-1"
        if self.chance.random() < 0.3:
            params |= {"InternetMaxBandwidthOut": 5, "InternetChargeType": "PayByTraffic"}
        found = self._call("RunInstances", **params)["InstanceIdSets"]["InstanceIdSet"]
        return [(machine, zone) for machine in found]

    def _data_disk(self) -> dict[str, Any]:
        return {
            "Category": self._some(("cloud_essd", "cloud_auto")),
            "Size": self._some((40, 100)),
            "DiskName": self._some((None, "data", "data", "data01", "my-disk", "日志")),
            "DeleteWithInstance": self._some((True, False)),
        }

    def _disk(self, machines: Sequence[tuple[str, str]]) -> None:
        machine, zone = self._some(machines)
        found = self._call("CreateDisk", ZoneId=zone, DiskCategory="cloud_essd", Size=40, DiskName=self._name(),
                           Tag=self._tags())["DiskId"]  # fmt: skip
        self._settle()
        if self.chance.random() < 0.5:
            self._call("AttachDisk", DiskId=found, InstanceId=machine)
            self._settle()

    def _address(self, machines: Sequence[tuple[str, str]]) -> None:
        found = self._call("AllocateEipAddress", Product.VPC, Bandwidth="5", InternetChargeType="PayByTraffic",
                           Name=self._some((None, "front")))["AllocationId"]  # fmt: skip
        bound = {thing.get("InstanceId") for thing in self.cloud.things("eip")}
        free = [
            thing.id
            for thing in self.cloud.things("instance")
            if thing.id not in bound and not thing.get("InternetMaxBandwidthOut")
        ]
        if free and self.chance.random() < 0.6:
            self._call("AssociateEipAddress", Product.VPC, AllocationId=found, InstanceId=self._some(free),
                       InstanceType="EcsInstance")  # fmt: skip
            self._settle()

    def _interface(
        self, switches: Sequence[tuple[str, str, str]], groups: Sequence[tuple[str, str]],
        machines: Sequence[tuple[str, str]],
    ) -> None:  # fmt: skip
        switch, vpc, zone = self._some(switches)
        inside = [group for group, where in groups if where == vpc]
        found = self._call("CreateNetworkInterface", VSwitchId=switch, SecurityGroupIds=[self._some(inside)],
                           NetworkInterfaceName=self._name(), Tag=self._tags(),
                           SecondaryPrivateIpAddressCount=self._some((None, 2)))["NetworkInterfaceId"]  # fmt: skip
        self._settle()
        near = [machine for machine, where in machines if where == zone and self._vpc_of(machine) == vpc]
        if near and self.chance.random() < 0.5:
            self._call("AttachNetworkInterface", NetworkInterfaceId=found, InstanceId=self._some(near))
            self._settle()

    def _vpc_of(self, machine: str) -> str:
        (found,) = self._call("DescribeInstances", InstanceIds=f'["{machine}"]')["Instances"]["Instance"]
        return str(found["VpcAttributes"]["VpcId"])

    def _backups(self) -> None:
        disks = [thing.id for thing in self.cloud.things("disk")]
        had = [
            thing.id for thing in self.cloud.things("disk") if thing.get("InstanceId")
        ]  # others can have no snapshot
        for disk in self.chance.sample(had, min(len(had), self.chance.randint(0, 2))):
            self._call("CreateSnapshot", DiskId=disk, SnapshotName=self._some((None, "before", "vor-dem-Umbau")),
                       RetentionDays=self._some((None, 30)), Tag=self._tags())  # fmt: skip
            self._settle()
        if self.chance.random() < 0.5:
            found = self._call("CreateAutoSnapshotPolicy", autoSnapshotPolicyName=self._some((None, "nightly")),
                               timePoints='["2", "14"]', repeatWeekdays='["1", "7"]',
                               retentionDays=self._some((7, -1)))  # fmt: skip
            self._call("ApplyAutoSnapshotPolicy", autoSnapshotPolicyId=found["AutoSnapshotPolicyId"],
                       diskIds=f'["{self._some(disks)}"]')  # fmt: skip
