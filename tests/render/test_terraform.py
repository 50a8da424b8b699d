"""A plan in Terraform's form: actions, values, what is unknown or secret, and parts that are resources there."""

import json
from typing import Any

import pytest

from ecsplan.kinds import load_kinds
from ecsplan.model.address import Ref, Secret
from ecsplan.model.change import Action, AttributeChange, Cause, Change
from ecsplan.model.copying import replace
from ecsplan.model.plan import Plan
from ecsplan.model.stack import Stack
from ecsplan.render.terraform import terraform_document, terraform_json
from ecsplan.render.view import view
from tests.render.plans import SECRET, address, every_action, live, resource, rule


def document(*changes: Change, **more: Any) -> dict[str, Any]:
    declared = tuple(change.after for change in changes if change.after is not None)
    plan = Plan("shop", "cn-hangzhou", "123", changes, (), definition=Stack("shop", "cn-hangzhou", declared), **more)
    return terraform_document(view(plan, with_objects=True), load_kinds())


def changes_of(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["address"]: one for one in found["resource_changes"]}


def created(text: str, **attributes: Any) -> Change:
    return Change(address(text), Action.CREATE, after=resource(text, **attributes))


def updated(text: str, id_: str, before: dict[str, Any], **attributes: Any) -> Change:
    return Change(address(text), Action.UPDATE, live(text, id_), resource(text, **attributes), live_values=before)


def test_each_action_has_its_word_there() -> None:
    plan = replace(every_action(), definition=Stack("web-prod", "cn-hangzhou", ()))
    found = changes_of(terraform_document(view(plan, with_objects=True), load_kinds()))
    actions = {name: one["change"]["actions"] for name, one in found.items()}
    assert actions["alicloud_disk.data"] == ["create"]
    assert actions["alicloud_instance.db"] == ["delete", "create"]
    assert actions["alicloud_instance.cron"] == ["update"]
    assert actions["alicloud_eip_address.old"] == ["delete"]
    assert actions["alicloud_disk.scratch"] == ["forget"]
    assert actions["alicloud_vswitch.app"] == ["no-op"]
    assert found["alicloud_vpc.main"]["change"]["importing"] == {"id": "vpc-1"}
    assert found["alicloud_ecs_key_pair.ops"]["previous_address"] == "alicloud_ecs_key_pair.admin"
    assert found["alicloud_instance.db"]["action_reason"] == "replace_because_cannot_update"
    assert found["alicloud_instance.db"]["change"]["replace_paths"] == [["image_id"]]
    assert found["alicloud_eip_address.old"]["action_reason"] == "delete_because_no_resource_config"


def test_all_that_readers_need_is_there() -> None:
    found = document(created("vpc.main", cidr_block="10.0.0.0/8"))
    assert found["terraform_version"] and found["format_version"] == "1.2"
    (planned,) = found["planned_values"]["root_module"]["resources"]
    assert planned == {
        "address": "alicloud_vpc.main",
        "mode": "managed",
        "type": "alicloud_vpc",
        "name": "main",
        "provider_name": "registry.terraform.io/aliyun/alicloud",
        "schema_version": 0,
        "values": {"cidr_block": "10.0.0.0/8", "vpc_name": "web-prod-main"},
        "sensitive_values": {},
    }
    assert found["ecsplan"]["resources"] == {"alicloud_vpc.main": {"address": "vpc.main", "source": "stack.yaml:1"}}


def test_what_stays_keeps_what_the_file_does_not_mention() -> None:
    before = {"size": 40, "encrypted": True, "tags": (("old", "x"), ("team", "a"))}
    found = document(updated("disk.data", "d-1", before, size=60, tags=(("team", "b"),)))
    change = changes_of(found)["alicloud_disk.data"]["change"]
    assert change["before"]["size"] == 40 and change["before"]["tags"] == {"old": "x", "team": "a"}
    assert change["after"] == {
        "id": "d-1", "disk_name": "web-prod-data", "size": 60, "encrypted": True, "tags": {"team": "b"},
    }  # fmt: skip


def test_a_deleted_object_is_shown_as_it_was() -> None:
    gone = Change(address("disk.data"), Action.DELETE, live("disk.data", "d-1"), live_values={"size": 40})
    found = document(gone)
    change = changes_of(found)["alicloud_disk.data"]["change"]
    assert change["before"] == {"id": "d-1", "disk_name": "web-prod-data", "size": 40}
    assert change["after"] is None
    assert found["planned_values"]["root_module"]["resources"] == []


def test_a_reference_is_an_id_once_there_is_one_and_unknown_before() -> None:
    old = Change(address("vpc.old"), Action.NOOP, live("vpc.old", "vpc-1"), resource("vpc.old"))
    found = document(
        old,
        created("vpc.new"),
        created("vswitch.a", vpc=Ref(address("vpc.old"))),
        created("vswitch.b", vpc=Ref(address("vpc.new"))),
    )
    changes = changes_of(found)
    assert changes["alicloud_vswitch.a"]["change"]["after"]["vpc_id"] == "vpc-1"
    assert "vpc_id" not in changes["alicloud_vswitch.b"]["change"]["after"]
    assert changes["alicloud_vswitch.b"]["change"]["after_unknown"]["vpc_id"] is True
    blocks = {one["address"]: one["expressions"] for one in found["configuration"]["root_module"]["resources"]}
    assert blocks["alicloud_vswitch.b"]["vpc_id"] == {"references": ["alicloud_vpc.new.id", "alicloud_vpc.new"]}


def test_lists_keep_their_length_where_an_item_is_unknown() -> None:
    groups = ("sg-1", Ref(address("security_group.new")))
    found = document(created("instance.a", security_groups=groups), created("security_group.new"))
    change = changes_of(found)["alicloud_instance.a"]["change"]
    assert change["after"]["security_groups"] == ["sg-1", None]
    assert change["after_unknown"]["security_groups"] == [False, True]


def test_a_secret_is_null_and_marked() -> None:
    found = document(created("instance.a", password=Secret(1, env="PASSWORD")))
    change = changes_of(found)["alicloud_instance.a"]["change"]
    assert change["after"]["password"] is None
    assert change["after_sensitive"] == {"password": True}


def test_no_secret_is_in_it() -> None:
    assert SECRET not in terraform_json(view(every_action(), with_objects=True), load_kinds())


def test_rules_are_resources_named_for_what_they_say() -> None:
    rules = (rule("22", "0.0.0.0/0"), rule("8080-8090", "10.0.0.0/8"))
    before = {"ingress": (rule("22", "0.0.0.0/0"), rule("443", "0.0.0.0/0"))}
    found = changes_of(document(updated("security_group.web", "sg-1", before, ingress=rules)))
    actions = {name: one["change"]["actions"] for name, one in found.items() if "_rule." in name}
    prefix = "alicloud_security_group_rule.web_ingress_tcp"
    assert actions == {
        f"{prefix}_22_22_0_0_0_0_0_accept_1": ["no-op"],
        f"{prefix}_443_443_0_0_0_0_0_accept_1": ["delete"],
        f"{prefix}_8080_8090_10_0_0_0_8_accept_1": ["create"],
    }
    after = found[f"{prefix}_8080_8090_10_0_0_0_8_accept_1"]["change"]["after"]
    assert after["port_range"] == "8080/8090" and after["cidr_ip"] == "10.0.0.0/8"
    assert after["security_group_id"] == "sg-1" and after["type"] == "ingress"


def test_a_rule_without_ports_is_for_all_of_them() -> None:
    everything = tuple(sorted({"protocol": "all", "cidr": "0.0.0.0/0", "policy": "accept", "priority": 1}.items()))
    found = document(created("security_group.web", egress=(everything,)))
    (one,) = [r for r in found["resource_changes"] if r["type"] == "alicloud_security_group_rule"]
    assert one["change"]["after"]["port_range"] == "-1/-1" and one["change"]["after"]["type"] == "egress"


def test_what_hangs_on_a_machine_is_an_attachment() -> None:
    machine = Ref(address("instance.db"))
    found = changes_of(document(created("disk.data", instance=machine), created("eip.web", instance=machine)))
    assert found["alicloud_disk_attachment.data"]["change"]["after_unknown"] == {"disk_id": True, "instance_id": True}
    assert found["alicloud_eip_association.web"]["change"]["actions"] == ["create"]
    assert "instance_id" not in found["alicloud_disk.data"]["change"]["after_unknown"]


def test_disks_inside_an_instance_are_blocks_of_it() -> None:
    slots = (("data", (("keep", True), ("kms_key", "key-1"), ("size", 40))),)
    found = changes_of(document(created("instance.a", data_disks=slots)))
    after = found["alicloud_instance.a"]["change"]["after"]
    assert after["data_disks"] == [{"delete_with_instance": False, "kms_key_id": "key-1", "size": 40}]


@pytest.mark.parametrize(
    ("text", "reason"), [("disk.d[3]", "delete_because_count_index"), ('disk.d["a"]', "delete_because_each_key")]
)
def test_a_member_that_its_block_no_longer_has(text: str, reason: str) -> None:
    gone = Change(address(text), Action.DELETE, live(text, "d-1"))
    stays = Change(address("disk.d[0]"), Action.NOOP, live("disk.d[0]", "d-0"), resource("disk.d[0]"))
    found = changes_of(document(gone, stays))
    one = next(one for one in found.values() if one["change"]["actions"] == ["delete"])
    assert one["action_reason"] == reason
    assert one["index"] == address(text).key


def test_drift_is_from_what_was_applied_to_what_is_live() -> None:
    line = AttributeChange("size", 80, 40, Cause.DRIFT, applied=40)
    change = replace(updated("disk.data", "d-1", {"size": 80}, size=40), attributes=(line,))
    (drift,) = document(change)["resource_drift"]
    assert drift["change"]["before"]["size"] == 40
    assert drift["change"]["after"]["size"] == 80


def test_guards_are_checks_that_failed_and_nothing_is_applicable() -> None:
    found = json.loads(terraform_json(view(every_action(), with_objects=True), load_kinds()))
    assert [one["status"] for one in found["checks"]] == ["fail", "fail"]
    assert found["checks"][0]["instances"][0]["problems"] == [{"message": "is protected"}]
    assert not found["applyable"]
