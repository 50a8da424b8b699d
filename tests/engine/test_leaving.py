"""The way out: everything that a stack owns, as files of Terraform that import it and change nothing."""

import json
import os
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from ecsplan.engine.importing import bring_over, read_source
from ecsplan.engine.leaving import Leaving, leave
from ecsplan.model.capabilities.terraform import NoCounterpart, Terraform, why_not
from ecsplan.model.kind import Kind
from ecsplan.model.migration import Fate
from tests.engine.accounts import Estate, assert_brought_in, disown, export
from tests.engine.test_importing import terraform
from tests.kinds.cloud import KINDS, Cloud, stack_of, with_instance
from tests.kinds.test_balancers import front, serving
from tests.kinds.test_conformance import nested, stack
from tests.support.tfstate import block, one, state

hcl2 = pytest.importorskip("hcl2")

# What the provider's schema requires, and what it has that no import of its own reads (written here from its source).
REQUIRED = {
    "alicloud_security_group_rule": {"security_group_id", "type", "ip_protocol"},
    "alicloud_eip_association": {"allocation_id", "instance_id"},
    "alicloud_ecs_snapshot": {"disk_id"},
    "alicloud_ecs_auto_snapshot_policy": {"repeat_weekdays", "retention_days", "time_points"},
    "alicloud_ecs_auto_snapshot_policy_attachment": {"auto_snapshot_policy_id", "disk_id"},
    "alicloud_image_share_permission": {"image_id", "account_id"},
    "alicloud_ecs_network_interface": {"vswitch_id"},
    "alicloud_ecs_network_interface_attachment": {"network_interface_id", "instance_id"},
    "alicloud_ecs_disk_attachment": {"disk_id", "instance_id"},
    "alicloud_common_bandwidth_package": {"bandwidth"},
    "alicloud_common_bandwidth_package_attachment": {"bandwidth_package_id", "instance_id"},
    "alicloud_route_entry": {"route_table_id"},
    "alicloud_route_table_attachment": {"route_table_id", "vswitch_id"},
    "alicloud_snat_entry": {"snat_table_id", "snat_ip"},
    "alicloud_forward_entry": {
        "forward_table_id", "external_ip", "external_port", "internal_ip", "internal_port", "ip_protocol",
    },
}  # fmt: skip
UNREAD = {
    "alicloud_instance": {"user_data", "dry_run", "force_delete", "include_data_disks"},
    "alicloud_ecs_key_pair": {"public_key"},
    "alicloud_image": {"force"},
    "alicloud_ecs_disk_attachment": {"bootable", "delete_with_instance"},
    "alicloud_eip_association": {"private_ip_address", "vpc_id"},
}


def resources(text: str) -> dict[tuple[str, str], dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in hcl2.loads(text).get("resource", []):
        for kind, blocks in entry.items():
            for name, body in blocks.items():
                key = (kind.strip('"'), name.strip('"'))
                assert key not in found
                found[key] = body
    return found


def left(cloud: Cloud, text: str) -> Leaving:
    return leave(cloud.api, KINDS, cloud.load(text))


def assert_sound(made: Leaving) -> None:
    """It is HCL, each block has what is required, ignores what would differ, and is imported."""
    blocks = resources(made.text)
    imported = {re.sub(r"\[.*", "", address) for address in made.imported}
    assert imported == {f"{kind}.{name}" for kind, name in blocks}
    for (kind, _), body in blocks.items():
        assert REQUIRED.get(kind, set()) <= body.keys()
        (lifecycle,) = body.get("lifecycle", [{"ignore_changes": []}])
        assert UNREAD.get(kind, set()) <= {
            name.removeprefix("${").removesuffix("}") for name in lifecycle["ignore_changes"]
        }
    named = set(re.findall(r"\b(alicloud_\w+\.[\w-]+)", made.text))
    assert named <= {f"{kind}.{name}" for kind, name in blocks}


LEAVING = [pytest.param(KINDS[name], id=name) for name in KINDS if KINDS[name].capability(Terraform)]


@pytest.mark.parametrize("kind", LEAVING)
def test_the_example_of_every_kind_leaves(cloud: Cloud, kind: Kind) -> None:
    text = stack(kind, nested(kind.example))
    cloud.settled(text)

    made = left(cloud, text)

    assert_sound(made)
    owned = {thing.id.rpartition("/")[2] for thing in cloud.service.account.all()
             if thing.get("Type") not in ("Primary", "system")
             and any(key.startswith("ecsplan:") for key in thing.tags)}  # fmt: skip
    assert owned <= set(made.imported.values())

    disown(cloud)
    of_state = [block(*address.split("."), one(own)) for address, own in made.imported.items()
                if ":" not in own and address.count(".") == 1]  # fmt: skip
    comes_back(cloud, kind, "terraform", json.dumps(state(*of_state)))


def comes_back(cloud: Cloud, kind: Kind, tool: str, text: str, resources: str | None = None) -> None:
    """What left can be brought in again; what nobody can adopt is told."""
    back = bring_over(read_source(tool, text, resources=resources), cloud.api, "back")
    if kind.ownership.tag_type:
        assert not back.of(Fate.LEFT)
        assert_brought_in(cloud, back.made)
    else:
        assert ["cannot be adopted" in entry.why for entry in back.of(Fate.LEFT)] == [True], back.of(Fate.LEFT)


@pytest.mark.parametrize("seed", range(6))
def test_a_random_account_leaves(cloud: Cloud, seed: int) -> None:
    Estate(cloud, seed).build()
    text = export(cloud).text
    cloud.apply(text)

    made = left(cloud, text)

    assert_sound(made)
    assert "Never-Exported-1" not in made.text


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.capability(NoCounterpart)])
def test_what_the_other_tool_has_no_word_for_is_told(cloud: Cloud, kind: Kind) -> None:
    text = stack(kind, nested(kind.example))
    cloud.settled(text)
    assert (kind.name, why_not(kind)) in [(one.kind, one.why) for one in left(cloud, text).left_out]


def test_a_rule_that_names_a_port_list_is_told_and_left_out(cloud: Cloud) -> None:
    text = stack_of(
        "port_range_list: {web: {max_entries: 2, entries: [{ports: 443}]}}\n"
        "vpc: {main: {cidr_block: 10.0.0.0/16}}\n"
        "security_group: {web: {vpc: main, ingress: [{protocol: tcp, ports: 22, cidr: 10.0.0.0/8},"
        " {protocol: tcp, port_range_list: web, cidr: 10.0.0.0/8}]}}\n"
    )
    cloud.settled(text)
    made = left(cloud, text)
    assert [one.attribute for one in made.left_out if one.kind == "security_group"] == ["ingress"]
    assert [kind for kind, _ in resources(made.text)].count("alicloud_security_group_rule") == 1


SLOTS = with_instance(
    "count: 2\ndata_disks: {data: {category: cloud_essd, size: 40},"
    " logs: {category: cloud_essd, size: 20, keep: true}}\n"
    'user_data: "#!/bin/sh\\necho geheim\\n"',
    more="eip:\n  front: {bandwidth: 5, charge_type: PayByTraffic, instance: 'web[1]'}\n",
)


def test_slots_and_bindings_are_resources_of_their_own(cloud: Cloud) -> None:
    cloud.settled(SLOTS)

    made = left(cloud, SLOTS)

    assert_sound(made)
    blocks = resources(made.text)
    assert blocks["alicloud_instance", "web"]["count"] == 2
    assert blocks["alicloud_instance", "web"]["instance_name"] == '"demo-web-${format("%04d", count.index)}"'
    disk = blocks["alicloud_ecs_disk_attachment", "web_data"]
    assert disk["disk_id"] == "${alicloud_ecs_disk.web_data[count.index].id}"
    assert disk["instance_id"] == "${alicloud_instance.web[count.index].id}"
    assert disk["delete_with_instance"] is True
    assert "delete_with_instance" not in blocks["alicloud_ecs_disk_attachment", "web_logs"]
    assert blocks["alicloud_eip_association", "front"]["instance_id"] == "${alicloud_instance.web[1].id}"
    assert "geheim" not in made.text and "Z2VoZWlt" not in made.text
    assert [one.attribute for one in made.left_out] == ["user_data", "user_data"]


def test_our_marks_are_no_difference(cloud: Cloud) -> None:
    cloud.settled(SLOTS)
    body = resources(left(cloud, SLOTS).text)["alicloud_vpc", "main"]
    assert '${tags["ecsplan:vpc"]}' in body["lifecycle"][0]["ignore_changes"]
    assert "tags" not in body


def test_a_rule_is_imported_by_the_eight_parts_of_its_id(cloud: Cloud) -> None:
    text = with_instance("").replace(
        "web: {vpc: main}",
        "web: {vpc: main, ingress: [{protocol: tcp, ports: [80, 443], ipv6_cidr: '::/0', policy: drop, priority: 5}],"
        " egress: [{protocol: icmp, cidr: 10.0.0.0/8, description: 'a $${b} %{c}'}]}",
    )
    cloud.settled(text)
    made = left(cloud, text)
    group = cloud.things("securitygroup")[0].id

    assert (
        made.imported["alicloud_security_group_rule.web_ingress_tcp_80"]
        == f"{group}:ingress:tcp:80/80:intranet:__/0:drop:5"
    )
    assert (
        made.imported["alicloud_security_group_rule.web_egress_icmp"]
        == f"{group}:egress:icmp:-1/-1:intranet:10.0.0.0/8:accept:1"
    )
    assert '"a $${b} %%{c}"' in made.text


def test_entries_of_a_gateway_leave_and_come_back(cloud: Cloud) -> None:
    text = with_instance(more="""
nat_gateway:
  out:
    vpc: main
    vswitch: app
    description: the way out
    snat: [{vswitch: app, addresses: [front]}]
    forward: [{external_ip: front, external_port: 443, internal_ip: web, internal_port: 8443, protocol: tcp}]
eip:
  front: {bandwidth: 5, charge_type: PayByTraffic, instance: nat_gateway.out}
""")  # fmt: skip
    cloud.settled(text)

    made = left(cloud, text)

    assert_sound(made)
    blocks = resources(made.text)
    assert blocks["alicloud_snat_entry", "out_snat_1"]["snat_table_id"] == "${alicloud_nat_gateway.out.snat_table_ids}"
    assert blocks["alicloud_snat_entry", "out_snat_1"]["source_vswitch_id"] == "${alicloud_vswitch.app.id}"
    assert blocks["alicloud_forward_entry", "out_forward_1"]["internal_port"] == '"8443"'
    disown(cloud)
    assert blocks["alicloud_route_entry", "main_route_1"]["nexthop_id"] == "${alicloud_nat_gateway.out.id}"
    tables = {f"{word}_table_ids": cloud.things("natgateway")[0][f"{word.capitalize()}TableId"]
              for word in ("snat", "forward")}  # fmt: skip
    network = {"route_table_id": cloud.things("vpc")[0]["SystemTable"]}
    more = {"alicloud_nat_gateway": tables, "alicloud_vpc": network}
    entries = [block(*address.split("."), one(own, **more.get(address.partition(".")[0], {})))
               for address, own in made.imported.items()]  # fmt: skip
    back = bring_over(read_source("terraform", json.dumps(state(*entries))), cloud.api, "back")
    assert not back.of(Fate.LEFT)
    assert {one.to for one in back.of(Fate.FOLDED)} == {
        "nat_gateway.out.snat", "nat_gateway.out.forward", "eip.front.instance", "vpc.main.routes",
    }  # fmt: skip
    assert_brought_in(cloud, back.made)


def test_rules_of_a_network_acl_leave_with_their_ports(cloud: Cloud) -> None:
    text = with_instance(
        more="""
network_acl:
  edge:
    vpc: main
    ingress:
      - {policy: accept, protocol: tcp, ports: 443, cidr: 0.0.0.0/0}
      - {policy: accept, protocol: udp, ports: 1024-65535, cidr: 0.0.0.0/0}
      - {policy: drop, protocol: icmp, cidr: 0.0.0.0/0}
"""
    )
    cloud.settled(text)

    made = left(cloud, text)

    assert_sound(made)
    acl = made.text[made.text.index('"alicloud_network_acl"') :]
    assert re.findall(r'port += +"(.*)"', acl)[:3] == ["443/443", "1024/65535", "-1/-1"]


def test_what_came_from_terraform_goes_back_under_the_same_addresses(cloud: Cloud) -> None:
    cloud.settled(with_instance(more="""
disk:
  logs: {zone: cn-hangzhou-h, category: cloud_essd, size: 60, instance: web}
eip:
  front: {bandwidth: 5, charge_type: PayByTraffic}
"""))  # fmt: skip
    disown(cloud)
    ids = {kind: cloud.things(kind)[0].id for kind in ("vpc", "vswitch", "securitygroup", "instance", "eip")}
    ids["logs"] = next(thing.id for thing in cloud.things("disk") if thing.get("Type") == "data")
    brought = bring_over(read_source("terraform", json.dumps(terraform(ids))), cloud.api, "moved")
    cloud.apply(brought.made.text)

    imported = left(cloud, brought.made.text).imported

    assert {address: own for address, own in imported.items() if ":" not in own} == {
        "alicloud_vpc.main": ids["vpc"],
        "alicloud_vswitch.app": ids["vswitch"],
        "alicloud_security_group.web": ids["securitygroup"],
        "alicloud_instance.web": ids["instance"],
        "alicloud_ecs_disk.logs": ids["logs"],
        "alicloud_eip_address.front": ids["eip"],
    }
    assert imported["alicloud_ecs_disk_attachment.logs"] == f"{ids['logs']}:{ids['instance']}"


def test_a_stack_leaves_as_a_template_and_comes_back_from_it(cloud: Cloud) -> None:
    text = SLOTS.replace(
        "web: {vpc: main}", "web: {vpc: main, egress: [{protocol: all, cidr: 0.0.0.0/0, policy: drop}]}"
    )
    cloud.settled(text)

    made = leave(cloud.api, KINDS, cloud.load(text), "ros")

    resources = yaml.safe_load(made.text)["Resources"]
    assert resources["InstanceWeb0"]["Properties"]["VSwitchId"] == {"Ref": "VSwitchApp"}
    assert resources["SecurityGroupWeb"]["Properties"]["SecurityGroupEgress"] == [
        {"PortRange": "-1/-1", "IpProtocol": "all", "Policy": "drop", "NicType": "intranet", "DestCidrIp": "0.0.0.0/0"}
    ]
    assert {resource["DeletionPolicy"] for resource in resources.values()} == {"Retain"}
    assert made.imported["VPCMain"] == cloud.things("vpc")[0].id
    assert "geheim" not in made.text
    assert '#   "LogicalResourceId": "VPCMain",\n' in made.text
    assert {one.attribute for one in made.left_out} == {
        "user_data", "alicloud_eip_association", "alicloud_ecs_disk_attachment",
    }  # fmt: skip

    disown(cloud)
    listed = [{"LogicalResourceId": name, "PhysicalResourceId": own, "ResourceType": resources[name]["Type"]}
              for name, own in made.imported.items()]  # fmt: skip
    back = bring_over(read_source("ros", made.text, resources=json.dumps(listed)), cloud.api, "back")
    assert not back.of(Fate.LEFT)
    assert_brought_in(cloud, back.made)


@pytest.mark.parametrize("kind", LEAVING)
def test_the_example_of_every_kind_leaves_as_a_template(cloud: Cloud, kind: Kind) -> None:
    text = stack(kind, nested(kind.example))
    cloud.settled(text)
    made = leave(cloud.api, KINDS, cloud.load(text), "ros")
    resources = yaml.safe_load(made.text)["Resources"]
    assert set(resources) == set(made.imported)
    assert "${" not in str(resources)

    disown(cloud)
    listed = [{"LogicalResourceId": name, "PhysicalResourceId": own, "ResourceType": resources[name]["Type"]}
              for name, own in made.imported.items()]  # fmt: skip
    comes_back(cloud, kind, "ros", made.text, json.dumps(listed))


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_the_files_are_laid_out_as_terraform_does_it(cloud: Cloud) -> None:
    cloud.settled(SLOTS)
    text = left(cloud, SLOTS).text
    environ = os.environ | {"CHECKPOINT_DISABLE": "1"}
    done = subprocess.run(
        ["terraform", "fmt", "-"], input=text, capture_output=True, text=True, env=environ, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, text)


@pytest.mark.parametrize("product", ["nlb", "clb"])
def test_memberships_leave_and_come_back(cloud: Cloud, product: str) -> None:
    """Each is a resource of its own there: those of others in the same group are not touched."""
    group = front(cloud, product).group
    text = with_instance(serving(product, f"{{group: {group}, port: 80, weight: 30}}"))
    cloud.settled(text)
    kind = {"nlb": "alicloud_nlb_server_group_server_attachment", "clb": "alicloud_slb_server_group_server_attachment"}

    made = left(cloud, text)

    blocks = resources(made.text)
    assert blocks[kind[product], f"web_{product}_1"]["weight"] == 30
    assert made.imported[f"{kind[product]}.web_{product}_1"].startswith(group)
    machine = cloud.instance().id
    sort = {"nlb": {"server_type": "Ecs"}, "clb": {"type": "ecs"}}
    members = {"server_group_id": group, "server_id": machine, "port": 80, "weight": 30, **sort[product]}
    read = json.dumps(state(
        block("alicloud_instance", "web", one(machine)),
        block(kind[product], "web", one(f"{group}:{machine}:80", **members)),
    ))  # fmt: skip
    disown(cloud)
    back = bring_over(read_source("terraform", read), cloud.api, "back")
    assert not back.of(Fate.LEFT)
    assert f"{product}:" in back.made.text and group in back.made.text
    assert_brought_in(cloud, back.made)


@pytest.mark.parametrize(("product", "attribute"), [("alb", "balancers.alb"), ("own", "balancers.clb")])
def test_memberships_whose_resource_would_take_those_of_others_are_told(
    cloud: Cloud, product: str, attribute: str
) -> None:
    made = front(cloud, "clb" if product == "own" else product)
    group = made.group
    if product == "own":
        group = cloud.service.account.get("vservergroup", made.group)["LoadBalancerId"]
    port = "" if product == "own" else ", port: 80"
    text = with_instance(serving("clb" if product == "own" else "alb", f"{{group: {group}{port}}}"))
    cloud.settled(text)
    assert attribute in [one.attribute for one in left(cloud, text).left_out]


def test_a_shared_disk_and_addresses_of_an_interface_leave_with_each_of_their_ties(cloud: Cloud) -> None:
    text = with_instance(
        "count: 2",
        more="disk:\n  files: {zone: cn-hangzhou-h, category: cloud_essd, size: 40, multi_attach: true, "
        "instances: ['web[0]', 'web[1]']}\n"
        "network_interface:\n  front: {vswitch: app, security_groups: [web], primary_ip: 10.0.1.20}\n"
        "eip:\n  one: {bandwidth: 5, instance: front, private_ip: 10.0.1.20, mode: NAT}\n"
        "  two: {bandwidth: 5, vpc: main, private_ip: 10.0.1.99}\n",
    )
    cloud.settled(text)
    made = left(cloud, text)
    assert_sound(made)
    blocks = resources(made.text)
    assert sum(kind == "alicloud_ecs_disk_attachment" for kind, _ in blocks) == 2
    ties = [body for (kind, _), body in blocks.items() if kind == "alicloud_eip_association"]
    assert sorted(body["instance_type"].strip('"') for body in ties) == ["IpAddress", "NetworkInterface"]
    assert {body["private_ip_address"].strip('"') for body in ties if "private_ip_address" in body} == {"10.0.1.20"}
    (disk,) = (body for (kind, _), body in blocks.items() if kind == "alicloud_ecs_disk")
    assert disk["multi_attach"].strip('"') == "Enabled"
