"""An account that libcloud and the official SDK alone have built is brought in and changed, and libcloud sees it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_ecs20140526.client import Client as EcsClient
from alibabacloud_tea_openapi.utils_models import Config
from alibabacloud_vpc20160428 import models as vpc_models
from alibabacloud_vpc20160428.client import Client as VpcClient
from libcloud.compute.base import Node, NodeAuthPassword
from libcloud.compute.drivers import ecs
from libcloud.compute.types import NodeState

from ecsplan import engine
from ecsplan.emulator.testing import running_emulator
from ecsplan.engine import ApplyOptions, PlanOptions
from ecsplan.model.call import Api
from ecsplan.model.export import Exported
from ecsplan.model.plan import Plan
from tests.engine.accounts import assert_adopts_only

ZONE = "cn-hangzhou-h"
KEYS = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-secret"}
PUBLIC = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHaSw601QLuAPAILOu5mzYiHEjI06gxucUPArdc/9DHt me@desk"


@dataclass
class Account:
    """The same account through the three clients."""

    libcloud: ecs.ECSDriver
    ecs: EcsClient
    vpc: VpcClient
    api: Api
    folder: Path

    def plan(self, text: str) -> Plan:
        path = self.folder / "stack.yaml"
        path.write_text(text, encoding="utf-8")
        return engine.plan(engine.load(str(path)), self.api, PlanOptions(refresh_full=True))

    def apply(self, text: str) -> None:
        options = ApplyOptions(approved=True, state_dir=str(self.folder / ".ecsplan"))
        assert engine.apply(self.plan(text), self.api, options).is_complete
        assert self.plan(text).is_empty


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Account]:
    """Transitions end at once; the driver waits three seconds between polls, here it does not."""
    monkeypatch.setattr(ecs, "time", SimpleNamespace(time=time.time, sleep=lambda _: None))
    with running_emulator(settle=0, seed="estate") as server:
        driver = ecs.ECSDriver("emulator", "emulator-secret", region="cn-hangzhou", secure=False, host="127.0.0.1",
                               port=server.port)  # fmt: skip
        config = Config(access_key_id="emulator", access_key_secret="emulator-secret", protocol="HTTP",
                        region_id="cn-hangzhou", endpoint=f"127.0.0.1:{server.port}", no_proxy="127.0.0.1")  # fmt: skip
        api = engine.connect("cn-hangzhou", endpoint=server.url, environ=KEYS)
        yield Account(driver, EcsClient(config), VpcClient(config), api, tmp_path)
        api.close()


def network(account: Account) -> tuple[str, str]:
    """By the SDK: libcloud's driver knows no VPCs."""
    region: dict[str, Any] = {"region_id": "cn-hangzhou"}
    vpc = account.vpc.create_vpc(
        vpc_models.CreateVpcRequest(**region, cidr_block="10.0.0.0/16", vpc_name="office")
    ).body.vpc_id
    vswitch = account.vpc.create_vswitch(
        vpc_models.CreateVSwitchRequest(
            **region, vpc_id=vpc, zone_id=ZONE, cidr_block="10.0.1.0/24", v_switch_name="desks"
        )
    ).body.v_switch_id
    group = account.ecs.create_security_group(
        ecs_models.CreateSecurityGroupRequest(**region, vpc_id=vpc, security_group_name="web")
    ).body.security_group_id
    rule = ecs_models.AuthorizeSecurityGroupRequestPermissions(
        ip_protocol="TCP", port_range="443/443", source_cidr_ip="0.0.0.0/0"
    )
    account.ecs.authorize_security_group(
        ecs_models.AuthorizeSecurityGroupRequest(**region, security_group_id=group, permissions=[rule])
    )
    account.ecs.import_key_pair(ecs_models.ImportKeyPairRequest(**region, key_pair_name="ops", public_key_body=PUBLIC))
    return vswitch, group


def node(account: Account, name: str, **more: Any) -> Node:
    driver = account.libcloud
    size = next(size for size in driver.list_sizes() if size.id == "ecs.g7.large")
    image = next(image for image in driver.list_images() if "ubuntu_22_04_x64" in image.id)
    return driver.create_node(name, size, image, auth=NodeAuthPassword("Secret-123"), **more)


def estate(account: Account) -> None:
    vswitch, group = network(account)
    inside = {"ex_vswitch_id": vswitch, "ex_security_group_id": group}
    for number in range(2):
        node(account, f"web-000{number}", **inside)
    database = node(
        account, "database", ex_description="all orders", ex_hostname="db", **inside,
        ex_data_disks=[{"size": 40, "category": "cloud_essd", "disk_name": "orders", "delete_with_instance": False}],
    )  # fmt: skip
    spare = account.libcloud.create_volume(40, "spare", ex_zone_id=ZONE, ex_disk_category="cloud_essd")
    account.libcloud.attach_volume(database, spare)
    account.libcloud.detach_volume(spare)  # a disk that no machine ever had can have no snapshot
    account.libcloud.create_volume_snapshot(spare, name="before-the-move")
    logs = account.libcloud.create_volume(100, "logs", ex_zone_id=ZONE, ex_disk_category="cloud_essd")
    account.libcloud.attach_volume(database, logs, ex_delete_with_instance=False)
    address = account.vpc.allocate_eip_address(
        vpc_models.AllocateEipAddressRequest(
            region_id="cn-hangzhou", bandwidth="5", internet_charge_type="PayByTraffic"
        )
    ).body.allocation_id
    account.vpc.associate_eip_address(
        vpc_models.AssociateEipAddressRequest(
            region_id="cn-hangzhou", allocation_id=address, instance_id=database.id, instance_type="EcsInstance"
        )
    )


def brought_in(account: Account) -> Exported:
    made = engine.export(account.api, "office")
    assert not made.left_out
    assert_adopts_only(account.plan(made.text))
    account.apply(made.text)
    return made


def test_an_estate_of_others_is_brought_in_and_changed(account: Account) -> None:
    estate(account)
    before = account.libcloud.list_nodes()
    text = brought_in(account).text
    assert "count: 2" in text
    assert sorted(n.id for n in account.libcloud.list_nodes()) == sorted(n.id for n in before)

    for old, new in (
        ("name: database", "name: orders-database"),
        ("description: all orders", "description: all orders and returns"),
        ("size: 100", "size: 120"),
        ("ports: 443", "ports: [80, 443]"),
        ("name: spare", "name: spare-disk"),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    assert text.index("all orders") < text.index("state: running") < text.index("web:\n      count")
    account.apply(text.replace("state: running", "state: stopped", 1))

    driver = account.libcloud
    nodes = {found.name: found for found in driver.list_nodes()}
    assert nodes["orders-database"].state == NodeState.STOPPED
    assert nodes["orders-database"].extra["description"] == "all orders and returns"
    assert nodes["web-0000"].state == NodeState.RUNNING
    assert 120 in [
        volume.size for volume in driver.list_volumes(ex_filters={"InstanceId": nodes["orders-database"].id})
    ]
    assert "spare-disk" in [volume.name for volume in driver.list_volumes()]
    (group,) = driver.ex_list_security_groups()
    ports = {rule.port_range for rule in driver.ex_list_security_group_attributes(group.id, nic_type="intranet")}
    assert ports == {"80/80", "443/443"}


def test_a_machine_of_the_classic_network_is_brought_in(account: Account) -> None:
    group = account.libcloud.ex_create_security_group(description="of the classic nodes")
    old = node(account, "old", ex_security_group_id=group)

    made = engine.export(account.api, "office")

    assert old.id in made.adopted.values()
    assert_adopts_only(account.plan(made.text))
    account.apply(made.text)
