"""Random histories of a file and an account: edits, applies in whole, in part and refused, and changes by hand."""

import contextlib
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecsplan import engine
from ecsplan.engine import PlanOptions
from ecsplan.model.address import Address
from ecsplan.model.call import Product
from ecsplan.model.change import Cause
from ecsplan.model.diagnostic import Refused
from ecsplan.model.plan import Plan
from tests.kinds.cloud import Cloud

FIXED: Mapping[str, Mapping[str, Any]] = {
    "vpc.main": {"cidr_block": "10.0.0.0/8"},
    "vswitch.app": {"vpc": "main", "zone": "cn-hangzhou-h", "cidr_block": "10.0.1.0/24"},
    "security_group.web": {"vpc": "main"},
    "security_group.extra": {"vpc": "main"},
    "disk.data": {"zone": "cn-hangzhou-h", "category": "cloud_essd", "size": 40},
    "eip.front": {"charge_type": "PayByTraffic"},
    "instance.web": {
        "count": 2, "instance_type": "ecs.g7.large", "image": "ubuntu_22_04_x64_20G_alibase_20260522.vhd",
        "vswitch": "app", "security_groups": ["web"], "system_disk": {"category": "cloud_essd", "size": 40},
    },
}  # fmt: skip


def rule(port: int) -> dict[str, Any]:
    return {"protocol": "tcp", "ports": port, "cidr": "10.0.0.0/8"}


def modify(action: str, id_param: str, name: str, product: Product = Product.ECS) -> Callable[[Cloud, str, Any], None]:
    return lambda cloud, id_, value: void(cloud.call(action, product, **{id_param: id_, name: value}))


def void(_answer: object) -> None:
    pass


def tagged(cloud: Cloud, id_: str, value: Any) -> None:
    tags = [{"Key": key, "Value": text} for key, text in value.items()]
    cloud.call("TagResources", ResourceType="instance", ResourceId=[id_], Tag=tags)


def powered(cloud: Cloud, id_: str, value: str) -> None:
    cloud.call("StopInstance" if value == "stopped" else "StartInstance", InstanceId=id_)


def opened(cloud: Cloud, id_: str, value: list[dict[str, Any]]) -> None:
    for one in value:
        permission = {"IpProtocol": "TCP", "PortRange": f"{one['ports']}/{one['ports']}", "SourceCidrIp": one["cidr"]}
        cloud.call("AuthorizeSecurityGroup", SecurityGroupId=id_, Permissions=[permission])


def grouped(cloud: Cloud, id_: str, value: list[str]) -> None:
    ids = [cloud.thing("securitygroup", f"demo-{name}").id for name in value]
    cloud.call("ModifyInstanceAttribute", InstanceId=id_, SecurityGroupIds=ids)


def tokens(cloud: Cloud, id_: str, value: str) -> None:
    cloud.call("ModifyInstanceMetadataOptions", InstanceId=id_, HttpEndpoint="enabled", HttpTokens=value)


@dataclass(frozen=True, eq=False)
class Trait:
    """An attribute that the file may have, the values that it takes, and how somebody else sets it."""

    block: str
    name: str
    values: tuple[Any, ...]
    outside: Callable[[Cloud, str, Any], None]
    must: bool = False
    strange: tuple[Any, ...] = ()  # values that only somebody else gives

    def put(self, body: dict[str, Any], value: Any) -> None:
        *above, last = self.name.split(".")
        for key in above:
            body = body.setdefault(key, {})
        body[last] = value


TRAITS = (
    Trait("vpc.main", "description", ("one", "two"), modify("ModifyVpcAttribute", "VpcId", "Description", Product.VPC)),
    Trait("vswitch.app", "description", ("one", "two"),
          modify("ModifyVSwitchAttribute", "VSwitchId", "Description", Product.VPC)),
    Trait("security_group.web", "ingress", ([], [rule(80)], [rule(80), rule(443)]), opened, strange=([rule(22)],)),
    Trait("security_group.extra", "description", ("one", "two"),
          modify("ModifySecurityGroupAttribute", "SecurityGroupId", "Description")),
    Trait("disk.data", "description", ("one", "two"), modify("ModifyDiskAttribute", "DiskId", "Description")),
    Trait("eip.front", "bandwidth", (5, 10, 20),
          modify("ModifyEipAddressAttribute", "AllocationId", "Bandwidth", Product.VPC)),
    Trait("instance.web", "description", ("one", "two"),
          modify("ModifyInstanceAttribute", "InstanceId", "Description")),
    Trait("instance.web", "deletion_protection", (True, False),
          modify("ModifyInstanceAttribute", "InstanceId", "DeletionProtection")),
    Trait("instance.web", "tags", ({"team": "web"}, {"team": "db"}, {"team": "web", "cost": "7"}), tagged,
          strange=({"team": "other"},)),
    Trait("instance.web", "metadata.tokens", ("optional", "required"), tokens),
    Trait("instance.web", "security_groups", (["web"], ["web", "extra"], ["extra"]), grouped, must=True),
    Trait("instance.web", "state", ("running", "stopped"), powered),
)  # fmt: skip


@dataclass
class History:
    """A file and an account that go their ways. `outside` is what somebody else has set since the last whole apply, by
    member and trait; `unsure` are those that an apply which was cut off may have put right."""

    cloud: Cloud
    chance: random.Random
    file: dict[Trait, Any] = field(default_factory=dict)
    outside: dict[tuple[Address, Trait], Any] = field(default_factory=dict)
    unsure: set[tuple[Address, Trait]] = field(default_factory=set)
    settled: bool = False
    told: list[str] = field(default_factory=list)

    def text(self) -> str:
        blocks: dict[str, dict[str, Any]] = {name: json.loads(json.dumps(body)) for name, body in FIXED.items()}
        for trait, value in self.file.items():
            trait.put(blocks[trait.block], value)
        resources: dict[str, dict[str, Any]] = {}
        for name, body in blocks.items():
            kind, _, label = name.partition(".")
            resources.setdefault(kind, {})[label] = body
        return "resources: " + json.dumps(resources)

    # What happens

    def edit(self) -> None:
        trait = self.chance.choice(TRAITS)
        others = [value for value in trait.values if value != self.file.get(trait)]
        if trait in self.file and not trait.must and self.chance.random() < 0.25:
            del self.file[trait]
            self.told.append(f"{trait.block}.{trait.name} leaves the file")
        else:
            self.file[trait] = self.chance.choice(others)
            self.told.append(f"{trait.block}.{trait.name}: {self.file[trait]}")
        self.settled = False

    def apply(self) -> None:
        self.told.append("apply")
        report = self.cloud.try_apply(self.text())
        assert report.is_complete, report.failed
        self.cloud.clock.advance(120)
        self.outside, self.unsure, self.settled = {}, set(), True

    def apply_in_part(self) -> None:
        block = self.chance.choice(sorted(FIXED))
        self.told.append(f"apply --target {block}")
        plan = self.cloud.plan(self.text(), targets=(block,))
        assert self.cloud.try_apply(plan).is_complete
        self.cloud.clock.advance(120)
        self._may_be_right({change.address for change in plan.changes if change.address.group in touched(plan)})

    def apply_refused(self) -> None:
        plan = self.cloud.plan(self.text())
        calls = [call.operation for step in plan.steps if step.question is None for call in step.calls]
        if not calls:
            return
        action = self.chance.choice(calls)
        self.told.append(f"apply, {action} is refused")
        fault = {"fault": "error", "action": action, "code": "OperationDenied", "status": 403, "times": 1}
        self.cloud.faults(fault | {"message": "not now"})
        with contextlib.suppress(Refused):
            self.cloud.try_apply(plan)
        self.cloud.service.faults.clear()
        self.cloud.clock.advance(120)
        self._may_be_right({change.address for change in plan.changes})
        self.settled = False

    def meddle(self) -> None:
        if not self.settled:
            return
        trait = self.chance.choice([trait for trait in TRAITS if trait in self.file])
        members = sorted(ids(self.cloud.plan(self.text()), trait.block).items())
        address, id_ = self.chance.choice(members)
        value = self.chance.choice([v for v in (*trait.values, *trait.strange) if v != self.file[trait]])
        if trait.outside is opened:
            value = [one for one in value if one not in self.file[trait]]
        if (address, trait) in self.outside or (not value and value is not False):
            return
        self.told.append(f"by hand: {address}.{trait.name}: {value}")
        trait.outside(self.cloud, id_, value)
        self.cloud.clock.advance(120)
        self.outside[address, trait] = value

    def _may_be_right(self, addresses: set[Address]) -> None:
        self.unsure |= {(address, trait) for address, trait in self.outside if address in addresses}

    # What has to be so

    def check(self) -> None:
        found = dict(self._found())
        wanted = {(a, t.name) for (a, t) in self.outside if self._differs(a, t) and (a, t) not in self.unsure}
        allowed = {(address, trait.name) for address, trait in self.outside}
        story = "\n".join(self.told)
        assert set(found) <= allowed, f"false drift: {set(found) - allowed}\n{story}"
        assert wanted <= set(found), f"missed drift: {wanted - set(found)}\n{story}"

    def _differs(self, address: Address, trait: Trait) -> bool:
        """Whether the file says otherwise than what somebody has set; what it no longer has is not managed."""
        if trait not in self.file:
            return False
        value, wanted = self.outside[address, trait], self.file[trait]
        if trait.outside is opened:
            return any(one not in wanted for one in value)
        if trait.outside is tagged:
            return any(wanted.get(key) not in (text, None) for key, text in value.items())
        return bool(value != wanted)

    def _found(self) -> Iterator[tuple[tuple[Address, str], Cause]]:
        stack = self.cloud.load(self.text())
        folder = str(self.cloud.folder / ".ecsplan")
        drift = engine.drift(stack, self.cloud.api, PlanOptions(state_dir=folder), state_dir=folder)
        for finding in drift.findings:
            assert finding.change is not None, f"{finding}\n" + "\n".join(self.told)
            for line in finding.change.attributes:
                yield (finding.address, line.name), line.cause


def ids(plan: Plan, block: str) -> dict[Address, str]:
    return {c.address: c.before.id for c in plan.changes if c.before is not None and str(c.address.group) == block}


def touched(plan: Plan) -> set[Address]:
    return {address.group for step in plan.steps for address in step.addresses}
