"""A state without an account: attachments, nested disks and rules are where a stack file has them."""

import json
from typing import Any

import pytest
import yaml

from ecsplan.engine.importing import bring_over, read_source
from ecsplan.migrate.forms import FORMS, ports_of
from ecsplan.model.migration import Migration
from tests.support.tfstate import block, one, state


def offline(*blocks: dict[str, Any]) -> Migration:
    return bring_over(read_source("terraform", json.dumps(state(*blocks))), None, "moved")


def resources(*blocks: dict[str, Any]) -> Any:
    return yaml.safe_load(offline(*blocks).made.text)["resources"]


def machine(name: str = "web", **more: Any) -> dict[str, Any]:
    return block("alicloud_instance", name, one("i-1", instance_type="ecs.g7.large", image_id="ubuntu.vhd",
                                                security_groups=["sg-1"], vswitch_id="vsw-1", **more))  # fmt: skip


def test_attachments_become_attributes() -> None:
    found = resources(
        machine(),
        block("alicloud_ecs_disk", "d", one("d-1", zone_id="cn-hangzhou-h", category="cloud_essd", size=20)),
        block("alicloud_ecs_disk_attachment", "d", one("d-1:i-1")),
        block("alicloud_ecs_auto_snapshot_policy_attachment", "d", one("sp-1:d-1")),
        block("alicloud_eip_address", "e", one("eip-1", bandwidth="5")),
        block("alicloud_eip_association", "e", one("eip-1:i-1", instance_id="i-1", allocation_id="eip-1")),
        block("alicloud_ecs_key_pair_attachment", "k", one('ops:["i-1"]')),
        block("alicloud_ecs_ram_role_attachment", "r", one("i-1:reader", ram_role_name="reader", instance_id="i-1")),
        block("alicloud_ecs_network_interface", "n", one("eni-1", vswitch_id="vsw-1", security_group_ids=["sg-1"])),
        block("alicloud_ecs_network_interface_attachment", "n", one("eni-1:i-1")),
    )
    assert found["disk"]["d"]["instance"] == "web"
    assert found["disk"]["d"]["snapshot_policy"] == "sp-1"
    assert found["eip"]["e"]["instance"] == "web"
    assert found["eip"]["e"]["bandwidth"] == 5
    assert found["network_interface"]["n"]["instance"] == "web"
    assert found["instance"]["web"]["key_pair"] == "ops"
    assert found["instance"]["web"]["ram_role"] == "reader"


def test_nested_disks_become_slots() -> None:
    disks = [
        {"name": "Logs", "size": 40, "category": "cloud_essd", "delete_with_instance": False, "encrypted": False},
        {"name": "", "size": "20", "category": "cloud_auto", "delete_with_instance": True},
    ]
    assert resources(machine(data_disks=disks))["instance"]["web"]["data_disks"] == {
        "logs": {"name": "Logs", "size": 40, "category": "cloud_essd", "keep": True},
        "data02": {"size": 20, "category": "cloud_auto"},
    }


def test_rules_stand_in_their_group() -> None:
    rule = one("r", security_group_id="sg-1", type="egress", ip_protocol="all", port_range="-1/-1", cidr_ip="::/0",
               ipv6_cidr_ip="", policy="drop", priority=5, description="nothing out")  # fmt: skip
    rule["attributes"] |= {"cidr_ip": "", "ipv6_cidr_ip": "::/0"}
    group = resources(
        block("alicloud_security_group", "g", one("sg-1", vpc_id="vpc-1", inner_access_policy="Drop")),
        block("alicloud_security_group_rule", "r", rule),
    )["security_group"]["g"]
    assert group["inner_access"] == "drop"
    assert group["egress"] == [
        {"protocol": "all", "ipv6_cidr": "::/0", "policy": "drop", "priority": 5, "description": "nothing out"}
    ]


def test_an_instance_set_is_a_group() -> None:
    found = offline(block("alicloud_ecs_instance_set", "s", one("WyJpLTEiLCAiaS0yIl0=")))
    assert [(outcome.address, outcome.id) for outcome in found.outcomes] == [
        ("alicloud_ecs_instance_set.s:0", "i-1"), ("alicloud_ecs_instance_set.s:1", "i-2"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "theirs", "ours"),
    [
        ("lower", "Accept", "accept"), ("number", "40", 40), ("number", 0.5, 0.5), ("text number", "5", 5),
        ("text numbers", ["2", "14"], [2, 14]), ("payment", "Subscription", "PrePaid"), ("not", True, False),
        ("base64", "IyEvYmluL3NoCg==", "#!/bin/sh\n"), ("base64", "no base64", "no base64"),
        ("minutes", "2027-12-31T18:00:00Z", "2027-12-31T18:00Z"), ("bool", "true", True),
    ],
)  # fmt: skip
def test_a_value_changes_its_form(form: str, theirs: Any, ours: Any) -> None:
    assert FORMS[form].ours(theirs) == ours


@pytest.mark.parametrize("form", ["lower", "number", "text numbers", "base64", "minutes", "bool"])
@pytest.mark.parametrize("value", [None, [], {"a": 1}, object()])
def test_what_is_no_value_of_the_provider_is_not_taken_over(form: str, value: Any) -> None:
    if form == "text numbers" and value == []:
        return
    with pytest.raises(ValueError):
        FORMS[form].ours(value)


@pytest.mark.parametrize(("text", "ports"), [("22/22", 22), ("1/65535", "1-65535"), ("-1/-1", None), ("", None)])
def test_a_port_range_has_our_form(text: str, ports: Any) -> None:
    assert ports_of(text) == ports


@pytest.mark.parametrize("text", ["22", "a/b", "1/2/3", 22, "²/²", "1/99999999999999999999"])
def test_a_port_range_that_is_none_is_refused(text: Any) -> None:
    with pytest.raises(ValueError):
        ports_of(text)


def test_the_hand_over_holds_keys_as_they_are() -> None:
    found = offline(
        block("alicloud_vpc", "v", one("vpc-1", 'a${b}"\n%{c}', cidr_block="10.0.0.0/8"), module='module.m["x"]')
    )
    assert 'to = module.m["x"].alicloud_vpc.v["a$${b}\\"\\n%%{c}"]\n' in found.files["back/imports.tf"]
    assert "  from = module.m.alicloud_vpc.v\n" in found.files["removed.tf"]
    assert found.forget == ('terraform state rm \'module.m["x"].alicloud_vpc.v["a${b}\\"\\n%{c}"]\'',)
