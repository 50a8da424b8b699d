"""What two resources cannot share, told with both places. With the real kinds: their types tell addresses."""

from pathlib import Path

import pytest

from ecsplan import load
from ecsplan.model.diagnostic import Rejected

HEAD = """\
apiVersion: ecsplan/v1
stack: shop
region: cn-hangzhou
resources:
  vpc:
    main: {cidr_block: 10.0.0.0/8}
  vswitch:
    app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}
    db: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.2.0/24}
  security_group:
    web: {vpc: main}
"""
MACHINE = "instance_type: ecs.g7.large, image: m-1, security_groups: [web]"
PLACE = "vswitch: app, security_groups: [web]"


def problems(folder: Path, body: str) -> list[str]:
    path = folder / "stack.yaml"
    path.write_text(HEAD + body)
    try:
        load(str(path))
    except Rejected as rejected:
        return [f"{d.address}: {d.summary} | {d.detail}" for d in rejected.diagnostics]
    return []


@pytest.mark.parametrize(
    ("first", "second", "where"),
    [
        ("vswitch: app, private_ip: 10.0.1.9", "vswitch: app, private_ip: 10.0.1.9", "private_ip"),
        (
            "vswitch: app, private_ip: 10.0.1.9",
            "vswitch: app, secondary_private_ips: [10.0.1.8, 10.0.1.9]",
            "secondary_private_ips",
        ),
        (
            "vswitch: app, private_ip: 10.0.1.9",
            f"vswitch: db, network_interfaces: {{aa: {{{PLACE}, primary_ip: 10.0.1.9}}}}",
            "network_interfaces.aa.primary_ip",
        ),
    ],
)
def test_an_address_in_a_subnet_is_one_machines(tmp_path: Path, first: str, second: str, where: str) -> None:
    body = f"  instance:\n    a: {{{MACHINE}, {first}}}\n    b: {{{MACHINE}, {second}}}\n"
    (found,) = problems(tmp_path, body)
    assert found.startswith(f"instance.b: {where}: 10.0.1.9 is already that of instance.a | the other one is at ")
    assert "stack.yaml:13" in found


def test_an_interface_cannot_have_the_address_of_a_machine(tmp_path: Path) -> None:
    body = f"  instance:\n    a: {{{MACHINE}, vswitch: app, private_ip: 10.0.1.9}}\n"
    body += f"  network_interface:\n    b: {{{PLACE}, primary_ip: 10.0.1.9}}\n"
    (found,) = problems(tmp_path, body)
    assert "10.0.1.9 is already that of" in found


def test_members_of_a_group_are_told_how_to_differ(tmp_path: Path) -> None:
    body = f"  instance:\n    a: {{{MACHINE}, count: 2, vswitch: app, private_ip: 10.0.1.9}}\n"
    (found,) = problems(tmp_path, body)
    assert found.startswith("instance.a[1]: private_ip: 10.0.1.9 is already that of instance.a[0] | use an expression")


def test_one_instance_has_one_eip(tmp_path: Path) -> None:
    body = f"  instance:\n    a: {{{MACHINE}, vswitch: app}}\n"
    body += "  eip:\n    x: {instance: a}\n    y: {instance: a}\n    z: {bandwidth: 5}\n"
    (found,) = problems(tmp_path, body)
    assert found.startswith("eip.y: instance: instance.a is already that of eip.x")


def test_the_same_address_in_another_subnet_is_another(tmp_path: Path) -> None:
    body = "".join(
        f"    {name}: {{{MACHINE}, vswitch: {subnet}, private_ip: 10.0.1.9}}\n"
        for name, subnet in (("a", "app"), ("b", "vsw-elsewhere"))
    )
    assert problems(tmp_path, "  instance:\n" + body) == []


SLOTS = "data_disks: {" + "d" * 60 + ": {category: cloud_essd, size: 40}}"


@pytest.mark.parametrize(
    ("block", "length"),
    [
        (f"k{'x' * 113}: {{{MACHINE}, vswitch: app}}", None),
        (f"k{'x' * 114}: {{{MACHINE}, vswitch: app}}", 129),
        (f"k{'x' * 107}: {{count: 2, {MACHINE}, vswitch: app}}", None),
        (f"k{'x' * 108}: {{count: 2, {MACHINE}, vswitch: app}}", 129),
        (f"k{'x' * 40}: {{{MACHINE}, vswitch: app, {SLOTS}}}", None),
        (f"k{'x' * 42}: {{{MACHINE}, vswitch: app, {SLOTS}}}", 129),
    ],
)
def test_what_marks_a_resource_and_its_parts_fits_a_tag(tmp_path, block, length):
    found = problems(tmp_path, f"  instance:\n    {block}\n")
    assert (not found) if length is None else f"would have {length} characters" in "".join(found)
