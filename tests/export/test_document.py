"""The text of a stack file from plain objects: what is folded, joined, referred to, and left out."""

from typing import Any

import pytest
import yaml

from ecsplan.engine import kinds
from ecsplan.export.document import export
from ecsplan.model.address import Address
from ecsplan.model.copying import replace
from ecsplan.model.resource import LiveObject, Owner

KINDS = kinds()
VPC = LiveObject("vpc", "vpc-1", "net", "Available", attributes={"cidr_block": "10.0.0.0/16"})
GROUP = LiveObject("security_group", "sg-1", "web", "", attributes={"vpc": "vpc-1"})


def machine(number: int, name: str, tags: dict[str, str] | None = None, **attributes: Any) -> LiveObject:
    values = {
        "instance_type": "ecs.g7.large",
        "image": "ubuntu.vhd",
        "security_groups": ("sg-1",),
        "state": "running",
        "key_pair": "ops",
        **attributes,
    }
    return LiveObject("instance", f"i-{number}", name, "Running", attributes=values, tags=tags or {})


def made(*objects: LiveObject, owned: tuple[LiveObject, ...] = (), **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(export(objects, owned, KINDS, "shop", "cn-hangzhou", **options).text)
    return found


def test_a_reference_is_a_name_where_the_file_has_it_and_an_id_where_not() -> None:
    assert made(VPC, GROUP)["resources"]["security_group"]["web"]["vpc"] == "net"
    assert made(GROUP)["resources"]["security_group"]["web"]["vpc"] == "vpc-1"


def test_what_another_stack_owns_is_referred_to_by_its_name() -> None:
    owned = replace(VPC, owner=Owner("network", Address("vpc", "main")))

    assert made(GROUP, owned=(owned,))["resources"]["security_group"]["web"]["vpc"] == {
        "stack": "network",
        "name": "main",
    }


def test_a_name_that_blocks_of_two_kinds_have_is_written_with_its_kind() -> None:
    interface = LiveObject(
        "network_interface", "eni-1", "web", "InUse", attributes={"vswitch": "vsw-1", "security_groups": ("sg-1",)}
    )
    eips = [
        LiveObject("eip", f"eip-{n}", f"ip{n}", "InUse", attributes={"bandwidth": 5, "instance": target})
        for n, target in enumerate(("i-1", "eni-1", "i-2"))
    ]
    found = made(machine(1, "web"), machine(2, "db"), interface, *eips)["resources"]["eip"]
    assert [found[name]["instance"] for name in ("ip0", "ip1", "ip2")] == [
        "instance.web", "network_interface.web", "db",
    ]  # fmt: skip


def test_an_interface_of_another_stack_is_not_read_as_a_machine() -> None:
    owner = Owner("network", Address("network_interface", "front"))
    interface = LiveObject("network_interface", "eni-1", "front", "InUse", owner=owner)
    eip = LiveObject("eip", "eip-1", "ip", "InUse", attributes={"bandwidth": 5, "instance": "eni-1"})
    found = made(eip, owned=(interface,))["resources"]["eip"]["ip"]["instance"]
    assert found == {"stack": "network", "name": "network_interface.front"}


def test_machines_that_are_numbered_as_ours_are_a_group() -> None:
    instances = made(*(machine(n, f"shop-web-000{n}") for n in range(3)))["resources"]["instance"]

    assert list(instances) == ["web"]
    assert instances["web"]["count"] == 3
    assert instances["web"]["adopt"] == {0: "i-0", 1: "i-1", 2: "i-2"}
    assert "name" not in instances["web"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["web-0000", "web-0001"], {"count": 2, "name": "web"}),
        (["web-1", "web-2", "web-3"], {"count": 3, "name": "web-${index + 1}"}),
        (["web-9", "web-10"], {"count": 2, "name": "web-${index + 9}"}),
        (["web-01", "web-02"], {"count": 2, "name": "web-${'%02d' % (index + 1)}"}),
        (["web0", "web1"], {"count": 2, "name": "web${index}"}),
        (["a.web_08", "a.web_09", "a.web_10"], {"count": 3, "name": "a.web_${'%02d' % (index + 8)}"}),
    ],
)
def test_alike_machines_are_a_group_whatever_their_numbers(names: list[str], expected: dict[str, Any]) -> None:
    instances = made(*(machine(n, name) for n, name in enumerate(names)))["resources"]["instance"]
    (found,) = instances.values()
    assert {key: found[key] for key in expected} == expected
    assert found["adopt"] == {n: f"i-{n}" for n in range(len(names))}


def test_numbers_of_two_forms_are_two_groups() -> None:
    names = ["web-1", "web-2", "web-01", "web-02"]
    instances = made(*(machine(n, name) for n, name in enumerate(names)))["resources"]["instance"]
    assert sorted(found["name"] for found in instances.values()) == ["web-${'%02d' % (index + 1)}", "web-${index + 1}"]


def test_a_gap_in_the_numbers_is_said_and_the_others_keep_theirs() -> None:
    members = [machine(1, "web-1"), machine(2, "web-2"), machine(4, "web-4")]
    text = export(members, (), KINDS, "shop", "cn-hangzhou").text
    web = yaml.safe_load(text)["resources"]["instance"]["web"]
    assert web["for_each"] == ["1", "2", "4"]
    assert web["adopt"] == {"1": "i-1", "2": "i-2", "4": "i-4"}
    assert "    # web-3 is not there\n    web:\n" in text


def test_years_are_no_numbers_of_a_group() -> None:
    assert len(made(machine(0, "web-1999"), machine(1, "web-2026"))["resources"]["instance"]) == 2


def test_what_names_its_number_elsewhere_is_alike_too() -> None:
    members = [machine(n, f"web-{n}", {"Name": f"w{n}"}, hostname=f"host{n + 5}") for n in range(2)]
    (web,) = made(*members)["resources"]["instance"].values()
    assert web["tags"] == {"Name": "w${index}"}
    assert web["hostname"] == "host${index + 5}"


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([machine(1, "web-0001", instance_type="ecs.c7.large")], id="not alike"),
        pytest.param([machine(1, "web-0001", {"a": "b"})], id="other tags"),
        pytest.param([], id="alone"),
        pytest.param([machine(1, "web-1")], id="other digits"),
    ],
)
def test_what_is_no_whole_group_stands_alone(others: list[LiveObject]) -> None:
    instances = made(machine(0, "web-0000"), *others)["resources"]["instance"]

    assert len(instances) == 1 + len(others)
    assert all("count" not in block for block in instances.values())


def test_what_is_common_is_said_once() -> None:
    found = made(VPC, machine(0, "a", {"team": "web", "n": "0"}), machine(1, "b", {"team": "web", "n": "1"}))

    assert "tags" not in found["defaults"]  # the VPC has none
    assert found["defaults"]["instance"] == {"image": "ubuntu.vhd", "key_pair": "ops"}
    assert found["resources"]["instance"]["a"]["instance_type"] == "ecs.g7.large"


def test_tags_of_everything_are_defaults() -> None:
    found = made(machine(0, "a", {"team": "web", "n": "0"}), machine(1, "b", {"team": "web", "n": "1"}))

    assert found["defaults"]["tags"] == {"team": "web"}
    assert found["resources"]["instance"]["b"]["tags"] == {"n": "1"}


def test_a_literal_is_not_taken_for_a_block() -> None:
    key = LiveObject("key_pair", "mine", "ops", "", attributes={"public_key": "ssh-ed25519 AAAA x"})

    found = made(key, machine(0, "a"))["resources"]

    assert list(found["key_pair"]) != ["ops"]
    assert found["instance"]["a"]["key_pair"] == "ops"


def test_a_password_is_only_remarked_on() -> None:
    text = export((machine(0, "a", key_pair=None),), (), KINDS, "shop", "cn-hangzhou").text

    assert "# its password is not told by the API" in text
    assert "password" not in yaml.safe_load(text)["resources"]["instance"]["a"]


@pytest.mark.parametrize(
    ("obj", "why"),
    [
        (LiveObject("vswitch", "vsw-1", "app", "", attributes={"zone": "cn-hangzhou-h"}), "it has no vpc"),
        (replace(GROUP, _answer={"ServiceManaged": True}), "a cloud service manages it"),
        (replace(VPC, tags={str(n): "" for n in range(17)}), "at most 20 tags"),
        (
            LiveObject("snapshot", "s-1", "auto1", "", attributes={"disk": "d-1"}, _answer={"SnapshotType": "timer"}),
            "automatically",
        ),
    ],
)
def test_what_cannot_be_declared_is_left_out_and_said(obj: LiveObject, why: str) -> None:
    exported = export((obj,), (), KINDS, "shop", "cn-hangzhou")

    assert why in exported.left_out[0].why
    assert not exported.adopted


def test_a_value_that_no_file_may_say_is_left_to_the_cloud() -> None:
    exported = export((replace(GROUP, name="1 & 2"),), (), KINDS, "shop", "cn-hangzhou")

    assert [(one.attribute, one.id) for one in exported.left_out] == [("name", "sg-1")]


def test_what_must_not_be_written_is_not() -> None:
    assert "vpc" not in made(VPC, dropped={("vpc-1", "")})["resources"]
    assert made(VPC, dropped={("vpc-1", "name")})["resources"]["vpc"]["net"] == {
        "adopt": "vpc-1",
        "cidr_block": "10.0.0.0/16",
    }


def test_rules_that_differ_in_their_port_alone_are_one() -> None:
    rules = tuple(
        tuple(sorted({"protocol": "tcp", "ports": p, "cidr": "0.0.0.0/0", "policy": "accept", "priority": 1}.items()))
        for p in ("8000-8080", "443", "80")
    )
    block = made(replace(GROUP, attributes={"vpc": "vpc-1", "ingress": rules}))["resources"]["security_group"]["web"]

    assert block["ingress"] == [{"protocol": "tcp", "ports": [80, 443, "8000-8080"], "cidr": "0.0.0.0/0"}]


def test_a_name_that_the_cloud_made_of_the_id_is_none() -> None:
    block = made(machine(0, "i-0"))["resources"]["instance"]

    assert list(block) == ["instance"]
    assert "name" not in block["instance"]


def test_what_no_attribute_says_is_told() -> None:
    values = {"vswitch": "vsw-1", "security_groups": ("sg-1",)}
    raw = {"Attachment": {"TrunkNetworkInterfaceId": "eni-0"}}
    interface = LiveObject("network_interface", "eni-1", "web", "InUse", attributes=values, _answer=raw)
    left = export((interface,), (), KINDS, "shop", "cn-hangzhou").left_out
    assert [(one.id, one.attribute) for one in left] == [("eni-1", "trunk_interface")]
