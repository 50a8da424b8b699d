"""Terraform states of what the emulator holds, as the official provider writes them. Written from its schema by hand;
nothing here is taken from the tables of ecsplan.
"""

import random
from typing import Any

from ecsplan.model.call import Product
from tests.kinds.cloud import Cloud

PROVIDER = 'provider["registry.terraform.io/aliyun/alicloud"]'


def state(*resources: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 7,
        "lineage": "3f1c0f0e-1111-2222-3333-444455556666",
        "outputs": {},
        "resources": list(resources),
        "check_results": None,
    }


def block(
    kind: str, name: str, *instances: dict[str, Any], module: str | None = None, mode: str = "managed"
) -> dict[str, Any]:
    found = {"mode": mode, "type": kind, "name": name, "provider": PROVIDER, "instances": list(instances)}
    return {"module": module, **found} if module else found


def one(object_id: str, key: int | str | None = None, **attributes: Any) -> dict[str, Any]:
    found = {"schema_version": 0, "attributes": {"id": object_id, **attributes}, "sensitive_attributes": []}
    return found if key is None else {"index_key": key, **found}


class Written:
    """The state of somebody who made this account with Terraform; the same for the same seed."""

    def __init__(self, cloud: Cloud, seed: int) -> None:
        self.cloud, self.chance = cloud, random.Random(seed)
        self.blocks: list[dict[str, Any]] = []
        self.number = 0

    def state(self) -> dict[str, Any]:
        for thing in self.cloud.things("vpc"):
            self.add("alicloud_vpc", one(thing.id, vpc_name=thing.get("VpcName"), cidr_block=thing["CidrBlock"]))
        for thing in self.cloud.things("vswitch"):
            self.add("alicloud_vswitch", one(thing.id, vswitch_name=thing.get("VSwitchName"), vpc_id=thing["VpcId"]))
        for thing in self.cloud.things("securitygroup"):
            self._group(thing.id, thing)
        for thing in self.cloud.things("keypair"):
            name = thing.id.partition("/")[2]  # the emulator has the region in front
            self.add("alicloud_ecs_key_pair", one(name, key_pair_name=name))
        self._machines()
        self._disks()
        for thing in self.cloud.things("eip"):
            self._address(thing.id, thing.get("InstanceId"), thing.get("InstanceType"))
        for thing in self.cloud.things("eni"):
            if thing.get("Type") == "Secondary":
                self._interface(thing.id, thing.get("InstanceId"))
        for thing in self.cloud.things("snapshot"):
            self.add("alicloud_ecs_snapshot", one(thing.id, disk_id=thing.get("SourceDiskId")))
        return state(*self.blocks)

    def add(self, kind: str, *instances: dict[str, Any]) -> None:
        self.number += 1
        name = self.chance.choice(("main", "web", "Web-Prod", "n", "i-like", "_x", "data", "this")) + str(self.number)
        module = self.chance.choice((None, None, "module.net", 'module.a["x.y"].module.b[0]'))
        self.blocks.append(block(kind, name, *instances, module=module))

    def _group(self, group: str, thing: Any) -> None:
        self.add("alicloud_security_group", one(group, security_group_name=thing.get("SecurityGroupName")))
        found = self.cloud.call("DescribeSecurityGroupAttribute", SecurityGroupId=group)
        for rule in found["Permissions"]["Permission"]:
            if self.chance.random() < 0.2:  # made by hand
                continue
            is_out = rule["Direction"] == "egress"
            side = "Dest" if is_out else "Source"
            self.add(
                "alicloud_security_group_rule",
                one(
                    f"{group}:{rule['Direction']}:…",
                    type=rule["Direction"],
                    security_group_id=group,
                    ip_protocol=rule["IpProtocol"].lower(),
                    port_range=rule["PortRange"],
                    policy=rule["Policy"].lower(),
                    priority=int(rule["Priority"]),
                    cidr_ip=rule.get(f"{side}CidrIp") or None,
                    ipv6_cidr_ip=rule.get(f"Ipv6{side}CidrIp") or None,
                    source_security_group_id=rule.get(f"{side}GroupId") or "",
                    nic_type="intranet",
                ),
            )

    def _machines(self) -> None:
        """Those that were made together are a count; others stand alone, or are members of a for_each."""
        batches: dict[str, list[Any]] = {}
        for thing in self.cloud.things("instance"):
            name = str(thing.get("InstanceName") or "")
            batches.setdefault(name[:-4] if name[-4:].isdigit() else thing.id, []).append(thing)
        for machines in batches.values():
            whole = [one(m.id, n, instance_name=m.get("InstanceName"), password="Never-Exported-1", status="Running")
                     for n, m in enumerate(machines)]  # fmt: skip
            if len(machines) == 1 and self.chance.random() < 0.5:
                whole[0].pop("index_key")
            elif self.chance.random() < 0.5:
                for number, member in enumerate(whole):
                    member["index_key"] = f"k.{number} \"ü'"
            self.add("alicloud_instance", *whole)

    def _disks(self) -> None:
        for thing in self.cloud.things("disk"):
            machine = thing.get("InstanceId")
            if thing.get("Type") == "system" or (machine and self.chance.random() < 0.6):
                continue  # a part of its machine
            self.add("alicloud_ecs_disk", one(thing.id, disk_name=thing.get("DiskName"), size=thing["Size"]))
            if machine:
                self.add("alicloud_ecs_disk_attachment", one(f"{thing.id}:{machine}", disk_id=thing.id))

    def _address(self, address: str, bound: str | None, kind: str | None) -> None:
        self.add("alicloud_eip_address", one(address, bandwidth="5"))
        if bound:
            self.add("alicloud_eip_association", one(f"{address}:{bound}", allocation_id=address, instance_type=kind))

    def _interface(self, interface: str, machine: str | None) -> None:
        self.add("alicloud_ecs_network_interface", one(interface))
        if machine:
            attached = one(f"{interface}:{machine}", network_interface_id=interface, instance_id=machine)
            self.add("alicloud_ecs_network_interface_attachment", attached)


def policies(cloud: Cloud) -> list[dict[str, Any]]:
    found = cloud.call("DescribeAutoSnapshotPolicyEX", Product.ECS)["AutoSnapshotPolicies"]["AutoSnapshotPolicy"]
    return [
        block("alicloud_ecs_auto_snapshot_policy", f"p{n}", one(p["AutoSnapshotPolicyId"])) for n, p in enumerate(found)
    ]
