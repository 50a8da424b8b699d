"""The promise of `import`: its plan shows only adoptions, applying them writes only tags, and everything is told."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecsplan.engine.importing import bring_over, read_source
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.migration import Fate, Migration
from tests.engine.accounts import Estate, assert_brought_in, disown
from tests.kinds.cloud import Cloud, with_instance
from tests.support.tfstate import Written, block, one, state

SEEDS = int(os.environ.get("ECSPLAN_EXPORT_SEEDS", "6"))

STACK = with_instance(
    "data_disks: {data: {category: cloud_essd, size: 40}}",
    more="""
disk:
  logs: {zone: cn-hangzhou-h, category: cloud_essd, size: 60, instance: web}
eip:
  front: {bandwidth: 5, charge_type: PayByTraffic}
""",
)


def brought(cloud: Cloud, found: dict[str, Any], stack: str = "moved", **options: Any) -> Migration:
    return bring_over(read_source("terraform", json.dumps(found), "x.tfstate", **options), cloud.api, stack)


def only(cloud: Cloud, kind: str) -> str:
    (found,) = cloud.things(kind)
    return str(found.id)


@pytest.fixture
def estate(cloud: Cloud) -> dict[str, str]:
    """A small account that Terraform made: ids by what they are."""
    cloud.settled(STACK)
    disown(cloud)
    disks = {thing["DiskName"]: thing.id for thing in cloud.things("disk")}
    found = {kind: only(cloud, kind) for kind in ("vpc", "vswitch", "securitygroup", "instance", "eip")}
    cloud.call("AuthorizeSecurityGroup", SecurityGroupId=found["securitygroup"],
               Permissions=[{"IpProtocol": "TCP", "PortRange": "443/443", "SourceCidrIp": "0.0.0.0/0"}])  # fmt: skip
    return {**found, "logs": next(i for name, i in disks.items() if "logs" in str(name))}


def terraform(ids: dict[str, str], *more: dict[str, Any]) -> dict[str, Any]:
    rule = one("…", type="ingress", security_group_id=ids["securitygroup"], ip_protocol="tcp", port_range="443/443",
               cidr_ip="0.0.0.0/0", priority=1, policy="accept", nic_type="intranet")  # fmt: skip
    return state(
        block("alicloud_vpc", "main", one(ids["vpc"])),
        block("alicloud_vswitch", "app", one(ids["vswitch"])),
        block("alicloud_security_group", "web", one(ids["securitygroup"])),
        block("alicloud_security_group_rule", "https", rule),
        block("alicloud_instance", "web", one(ids["instance"], 0, password="Geheim-1")),
        block("alicloud_disk", "logs", one(ids["logs"])),
        block("alicloud_disk_attachment", "logs", one(f"{ids['logs']}:{ids['instance']}")),
        block("alicloud_eip", "front", one(ids["eip"])),
        *more,
    )


def test_a_state_becomes_a_file_that_adopts_under_the_same_names(cloud: Cloud, estate: dict[str, str]) -> None:
    found = brought(cloud, terraform(estate))

    resources = yaml.safe_load(found.made.text)["resources"]
    assert {kind: list(blocks) for kind, blocks in resources.items()} == {
        "vpc": ["main"], "vswitch": ["app"], "security_group": ["web"], "instance": ["web"], "disk": ["logs"],
        "eip": ["front"],
    }  # fmt: skip
    assert list(resources["instance"]["web"]["data_disks"]) == ["data"]
    assert resources["disk"]["logs"]["instance"] == "web"
    assert resources["security_group"]["web"]["ingress"] == [{"protocol": "tcp", "ports": 443, "cidr": "0.0.0.0/0"}]
    assert found.is_complete and found.is_proven
    assert_brought_in(cloud, found.made)


def test_attachments_and_rules_are_told_with_what_they_are_part_of(cloud: Cloud, estate: dict[str, str]) -> None:
    found = brought(cloud, terraform(estate))

    assert {one.address: one.to for one in found.of(Fate.FOLDED)} == {
        "alicloud_security_group_rule.https": "security_group.web.ingress",
        "alicloud_disk_attachment.logs": "disk.logs.instance",
    }


def test_a_live_rule_that_the_state_does_not_have_stays(cloud: Cloud, estate: dict[str, str]) -> None:
    cloud.call("AuthorizeSecurityGroup", SecurityGroupId=estate["securitygroup"],
               Permissions=[{"IpProtocol": "TCP", "PortRange": "22/22", "SourceCidrIp": "10.0.0.0/8"}])  # fmt: skip

    found = brought(cloud, terraform(estate))

    web = yaml.safe_load(found.made.text)["resources"]["security_group"]["web"]
    assert web["lifecycle"] == {"additive": ["ingress"]}
    assert [rule["ports"] for rule in web["ingress"]] == [443]
    assert [note.text for note in found.live_only] == [
        "ingress rule: cidr 10.0.0.0/8, policy accept, ports 22, priority 1, protocol tcp"
    ]
    assert_brought_in(cloud, found.made)


def test_no_secret_of_the_state_is_copied(cloud: Cloud, estate: dict[str, str]) -> None:
    found = brought(cloud, terraform(estate))

    assert "Geheim" not in repr(found)
    assert [(note.about, note.text) for note in found.secrets] == [
        ("instance.web", "its password; to manage it, write password: {env: MOVED_WEB_PASSWORD, version: 1}")
    ]


def test_what_is_left_is_told_with_the_reason(cloud: Cloud, estate: dict[str, str]) -> None:
    tainted = {**one("sg-tainted"), "status": "tainted"}
    deposed = {**one("i-old"), "deposed": "1a2b3c4d"}
    more = (
        block("alicloud_vpn_gateway", "out", one("vpn-1")),
        block("alicloud_security_group", "bad", tainted),
        block("alicloud_instance", "half", deposed),
        block("alicloud_vpc", "gone", one("vpc-gone")),
        block("alicloud_vpc", "again", one(estate["vpc"])),
        block("alicloud_images", "u", one("123"), mode="data"),
        {**block("random_id", "x", one("abc")), "provider": 'provider["registry.terraform.io/hashicorp/random"]'},
        block("alicloud_security_group_rule", "lost", one("…", type="ingress", security_group_id="sg-elsewhere")),
    )

    found = brought(cloud, terraform(estate, *more))

    why = {one.address: one.why for one in found.of(Fate.LEFT)}
    assert why["alicloud_vpn_gateway.out"] == "ecsplan does not manage VPN gateways"
    assert why["alicloud_security_group.bad"].startswith("tainted: ")
    assert why["alicloud_instance.half"].startswith("deposed: ")
    assert why["alicloud_vpc.gone"].startswith("not found in cn-hangzhou: ")
    assert why["alicloud_vpc.again"] == "the same object as alicloud_vpc.main"
    assert why["data.alicloud_images.u"] == "a data source: it only reads"
    assert why["random_id.x"] == "of another provider"
    assert why["alicloud_security_group_rule.lost"].endswith("sg-elsewhere is not in the state")
    assert not found.is_complete
    assert "#   alicloud_vpn_gateway.out (vpn-1): ecsplan does not manage VPN gateways\n" in found.made.text
    assert_brought_in(cloud, found.made)


def test_what_another_stack_owns_is_left_to_it(cloud: Cloud) -> None:
    cloud.settled(STACK)

    found = brought(cloud, state(block("alicloud_vpc", "main", one(only(cloud, "vpc")))))

    assert [one.why for one in found.of(Fate.LEFT)] == ["the stack demo owns it already"]


def test_where_state_and_cloud_differ_is_told(cloud: Cloud, estate: dict[str, str]) -> None:
    vpc = one(estate["vpc"], cidr_block="10.0.0.0/8")
    eip = block("alicloud_eip", "front", one(estate["eip"], bandwidth="9"))
    found = brought(cloud, state(eip, block("alicloud_vpc", "v", vpc)))

    assert [(d.address, d.attribute, d.state, d.cloud) for d in found.differences] == [
        ("alicloud_eip.front", "bandwidth", "9", "5")
    ]


def test_without_an_account_the_values_are_those_of_the_state() -> None:
    found = bring_over(
        read_source("terraform", json.dumps(state(
            block("alicloud_vpc", "main", one("vpc-1", vpc_name="net", cidr_block="10.0.0.0/8", tags={"a": "b"})),
            block("alicloud_vswitch", "app", one("vsw-1", 0, vpc_id="vpc-1", zone_id="cn-hangzhou-h",
                                                 cidr_block="10.0.0.0/24", vswitch_name="app-1"),
                  one("vsw-2", 1, vpc_id="vpc-1", zone_id="cn-hangzhou-i", cidr_block="10.0.1.0/24",
                      vswitch_name="app-2")),
        ))),
        None, "moved",
    )  # fmt: skip

    assert not found.is_proven
    resources = yaml.safe_load(found.made.text)["resources"]
    assert resources["vpc"]["main"] == {
        "adopt": "vpc-1", "name": "net", "cidr_block": "10.0.0.0/8", "tags": {"a": "b"},
    }  # fmt: skip
    assert resources["vswitch"]["app"] == {
        "count": 2, "adopt": {0: "vsw-1", 1: "vsw-2"}, "name": "app-${index + 1}", "vpc": "main",
        "zone": "${['cn-hangzhou-h', 'cn-hangzhou-i'][index]}", "cidr_block": "10.0.${index}.0/24",
    }  # fmt: skip


def test_code_gives_lifecycle_variables_and_new_names(cloud: Cloud, estate: dict[str, str], tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "main.tf").write_text("""
variable "kind" {
  type        = string
  default     = "ecs.g6.large"
  description = "The sort of machine."
}
resource "alicloud_vpc" "net" {
  cidr_block = "10.0.0.0/8"
  lifecycle { prevent_destroy = true }
}
moved {
  from = alicloud_vpc.main
  to   = alicloud_vpc.net
}
removed {
  from = alicloud_eip.front
  lifecycle { destroy = false }
}
resource "alicloud_instance" "web" {
  count         = 1
  instance_type = var.kind
  image_id      = "ubuntu"
  private_ip    = "10.0.1.1"
  depends_on    = [alicloud_vpc.net]
  lifecycle {
    ignore_changes       = [user_data, tags["owner"], cpu_options]
    replace_triggered_by = [alicloud_vpc.net]
  }
  timeouts { create = "20m" }
}
resource "alicloud_vswitch" "more" {
  vpc_id     = alicloud_vpc.net.id
  cidr_block = "10.9.0.0/24"
}
""")

    found = brought(cloud, terraform(estate), code=str(code))

    loaded = yaml.safe_load(found.made.text)
    assert loaded["variables"] == {"kind": {"default": "ecs.g7.large", "description": "The sort of machine."}}
    web = loaded["resources"]["instance"]["web"]
    assert web["instance_type"] == "${kind}"
    assert "private_ip" in web and "hostname" not in web
    assert web["lifecycle"] == {"ignore_changes": ["tags.owner", "user_data"], "timeouts": {"create": "20m"}}
    assert web["depends_on"] == ["vpc.net"]
    assert loaded["resources"]["vpc"]["net"]["lifecycle"] == {"prevent_destroy": True}
    assert "# ignore_changes: no counterpart of cpu_options\n" in found.made.text
    assert "# lifecycle: no counterpart of replace_triggered_by\n" in found.made.text
    assert {one.address: one.why for one in found.of(Fate.LEFT)} == {
        "alicloud_eip.front": "the code gives it up (a removed block)"
    }
    notes = {note.about: note.text for note in found.code}
    assert notes["alicloud_vswitch.more"] == "declared at main.tf:31, and not in the state: not made yet"
    assert notes["alicloud_vswitch.app"] == "not in the code: its next apply would destroy it"
    assert_brought_in(cloud, found.made)


def test_outputs_that_name_one_attribute_are_taken_over_and_others_told(
    cloud: Cloud, estate: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text("""
resource "alicloud_instance" "web" {
  count = 1
}
resource "alicloud_eip" "front" {}
output "network" { value = alicloud_vpc.main.id }
output "inside" {
  description = "Where it listens."
  value       = alicloud_instance.web[0].primary_ip_address
}
output "outside" { value = alicloud_eip.front.ip_address }
output "all" { value = alicloud_instance.web[*].id }
output "url" { value = "https://${alicloud_eip.front.ip_address}/" }
output "password" { value = alicloud_instance.web[0].password }
""")

    found = brought(cloud, terraform(estate), code=str(tmp_path))

    assert yaml.safe_load(found.made.text)["outputs"] == {
        "network": "${vpc.main.id}",
        "inside": "${instance.web.private_ip}",
        "outside": "${eip.front.ip_address}",
    }
    assert {note.about for note in found.code if note.about.startswith("output.")} == {
        "output.all", "output.url", "output.password",
    }  # fmt: skip
    assert_brought_in(cloud, found.made)


def test_a_lifecycle_that_a_stack_file_may_not_have_costs_no_resource(
    cloud: Cloud, estate: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text("""
resource "alicloud_vswitch" "app" {
  timeouts { update = "0s" }
}
""")
    found = brought(cloud, terraform(estate), code=str(tmp_path))

    assert not found.of(Fate.LEFT)
    assert "timeouts" not in str(yaml.safe_load(found.made.text))
    assert "# not taken over, since a stack file may not say it here: timeouts\n" in found.made.text


def test_ignore_changes_all_leaves_what_is_not_needed_to_the_cloud(
    cloud: Cloud, estate: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "main.tf").write_text("""
resource "alicloud_instance" "web" {
  count = 1
  lifecycle { ignore_changes = all }
}
""")
    found = brought(cloud, terraform(estate), code=str(tmp_path))

    web = yaml.safe_load(found.made.text)["resources"]["instance"]["web"]
    assert set(web) - {"adopt", "name", "data_disks"} == {"instance_type", "image", "security_groups"}
    assert_brought_in(cloud, found.made)


def test_what_stays_and_names_what_goes_is_told_with_the_id(cloud: Cloud, estate: dict[str, str]) -> None:
    gateway = block("alicloud_vpn_gateway", "out", one("vpn-1", vpc_id=estate["vpc"], vswitch_id="vsw-elsewhere"))
    found = brought(cloud, terraform(estate, gateway))
    assert [(note.about, note.text) for note in found.refers] == [
        ("alicloud_vpn_gateway.out", f"names alicloud_vpc.main: write {estate['vpc']} there")
    ]


@pytest.mark.parametrize(
    ("zone", "region"),
    [("cn-hangzhou-h", "cn-hangzhou"), ("us-east-1a", "us-east-1"), ("ap-southeast-1b", "ap-southeast-1"),
     ("cn-hangzhou-finance-h", "cn-hangzhou-finance"), ("eu-central-1a", "eu-central-1"), ("x", "")],
)  # fmt: skip
def test_the_region_is_that_of_the_zones(zone: str, region: str) -> None:
    source = read_source("terraform", json.dumps(state(block("alicloud_vswitch", "a", one("vsw-1", zone_id=zone)))))
    assert source.region == region


def test_code_that_is_no_hcl_is_told_with_its_place(cloud: Cloud, tmp_path: Path) -> None:
    (tmp_path / "bad.tf").write_text('resource "alicloud_vpc" "x" {\n  a = = 1\n}\n')
    with pytest.raises(Rejected) as caught:
        brought(cloud, state(), code=str(tmp_path))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.source is not None and (diagnostic.source.line, diagnostic.source.column) == (2, 7)


def test_members_that_have_one_name_keep_it(cloud: Cloud, estate: dict[str, str]) -> None:
    ids = [cloud.call("CreateSecurityGroup", VpcId=estate["vpc"], SecurityGroupName="same")["SecurityGroupId"]
           for _ in range(2)]  # fmt: skip
    by_key = block("alicloud_vswitch", "one", one(estate["vswitch"], "front"))
    groups = block("alicloud_security_group", "g", *(one(group, n) for n, group in enumerate(ids)))

    found = brought(cloud, state(groups, by_key))

    resources = yaml.safe_load(found.made.text)["resources"]
    assert resources["security_group"]["g"]["lifecycle"] == {"ignore_changes": ["name"]}
    assert resources["vswitch"]["one"]["for_each"] == {"front": "demo-app"}
    assert resources["vswitch"]["one"]["name"] == "${each.value}"
    assert_brought_in(cloud, found.made)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_state_of_a_random_account_is_brought_in(cloud: Cloud, seed: int) -> None:
    Estate(cloud, seed).build()
    written = Written(cloud, seed).state()

    found = brought(cloud, written)

    number = sum(len(resource["instances"]) for resource in written["resources"])
    assert len(found.outcomes) == number
    assert "Never-Exported-1" not in repr(found)
    assert_brought_in(cloud, found.made)
