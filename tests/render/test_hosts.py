"""Machines for other tools, read by those tools where they are installed."""

import json
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from ecsplan.model.copying import replace
from ecsplan.model.resource import LiveObject
from ecsplan.render.hosts import Host, ansible_inventory, hosts_csv, hosts_of, prometheus_targets, ssh_config
from tests.render.plans import address

HOSTILE = "{{ lookup('pipe', 'touch owned') }}\n- \u202e\"x\" #[y]"


def machine(id_: str, ip: str = "10.0.1.1", tags: Any = None, **more: Any) -> LiveObject:
    attributes = {"private_ip": ip, "zone": "cn-hangzhou-h", "instance_type": "ecs.g7.large", **more}
    return LiveObject("instance", id_, "any", "Running", attributes=attributes, tags=tags or {})


def found(*pairs: tuple[str, LiveObject]) -> tuple[Host, ...]:
    return hosts_of((address(text), obj) for text, obj in pairs)


WEB = found(
    ("instance.web[0]", machine("i-0", tags={"role": "front", "ecsplan:instance": "s/instance.web"})),
    ("instance.web[1]", machine("i-1", "10.0.1.2", public_ip="47.1.1.1", elastic_ip="47.2.2.2")),
    ("instance.db", machine("i-2", "10.0.1.3", tags={"role": HOSTILE, HOSTILE: "x"})),
    ("vpc.main", LiveObject("vpc", "vpc-1", "main", "Available")),
)


def program(name: str) -> str:
    """A program beside this Python, or on the path; skips where there is none."""
    beside = Path(sysconfig.get_path("scripts")) / name
    path = str(beside) if beside.exists() else shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def test_machines_are_named_by_their_addresses_and_the_rest_is_left_out() -> None:
    assert [(host.host, host.group, host.public_ip) for host in WEB] == [
        ("db", "", ""), ("web-0", "web", ""), ("web-1", "web", "47.2.2.2")
    ]  # fmt: skip


def test_two_addresses_that_would_have_one_name_keep_two() -> None:
    hosts = found(("instance.web[0]", machine("i-0")), ("instance.web-0", machine("i-1")))
    assert len({host.host for host in hosts}) == 2


def test_an_old_machine_that_is_being_replaced_is_left_out() -> None:
    assert not found(("instance.web", replace(machine("i-0"), retired=True)))


def test_ansible_reads_hosts_groups_and_variables_and_runs_nothing(tmp_path: Path) -> None:
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(ansible_inventory(WEB, "private"), encoding="utf-8")
    ran = subprocess.run(
        [program("ansible-inventory"), "-i", str(inventory), "--list", "--export"],
        capture_output=True, text=True, cwd=tmp_path, check=True, env={"HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    told = json.loads(ran.stdout)
    assert "WARNING" not in ran.stderr, ran.stderr
    assert told["web"]["hosts"] == ["web-0", "web-1"] and told["tag_role_front"]["hosts"] == ["web-0"]
    assert set(told["zone_cn_hangzhou_h"]["hosts"]) == {"db", "web-0", "web-1"}
    variables = told["_meta"]["hostvars"]
    assert plain(variables["web-0"]["ansible_host"]) == "10.0.1.1"
    assert plain(variables["db"]["ecsplan_tags"]["role"]) == HOSTILE
    assert plain(variables["web-1"]["ecsplan_public_ip"]) == "47.2.2.2"
    assert not (tmp_path / "owned").exists()


def plain(value: Any) -> Any:
    return value["__ansible_unsafe"] if isinstance(value, dict) and "__ansible_unsafe" in value else value


def test_ansible_does_not_expand_what_stands_in_a_tag(tmp_path: Path) -> None:
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(ansible_inventory(WEB, "private"), encoding="utf-8")
    ran = subprocess.run(
        [program("ansible"), "-i", str(inventory), "db", "-c", "local", "-m", "debug", "-a", "var=ecsplan_tags"],
        capture_output=True, text=True, cwd=tmp_path, check=False, env={"HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert "lookup('pipe'" in ran.stdout, ran.stdout + ran.stderr
    assert not (tmp_path / "owned").exists()


def test_ssh_reads_the_address_and_remembers_keys_by_machine(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(ssh_config(WEB, "private"), encoding="utf-8")
    ran = subprocess.run([program("ssh"), "-G", "-F", str(config), "web-1"], capture_output=True, text=True, check=True)
    lines = ran.stdout.splitlines()
    assert "hostname 10.0.1.2" in lines and "hostkeyalias i-1" in lines


def test_prometheus_gets_a_target_each_with_its_labels() -> None:
    targets = json.loads(prometheus_targets(WEB[1:], "private", 9100))
    assert [target["targets"] for target in targets] == [["10.0.1.1:9100"], ["10.0.1.2:9100"]]
    assert targets[0]["labels"]["__meta_ecsplan_tag_role"] == "front"
    assert targets[0]["labels"]["__meta_ecsplan_address"] == "instance.web[0]"


def test_csv_has_a_line_each() -> None:
    assert (
        hosts_csv(WEB).splitlines()[3]
        == "web-1,instance.web[1],i-1,Running,10.0.1.2,47.2.2.2,cn-hangzhou-h,ecs.g7.large"
    )
