"""What is taken away for the sake of something else is given back where that is refused, and nothing is deleted."""

import pytest

from tests.kinds.cloud import Cloud, stack_of
from tests.kinds.test_instance_moving import NETWORK, machine

BOTH = stack_of(NETWORK, "instance: {{a: {0}, b: {0}}}".format(
    "{instance_type: ecs.g7.large, image: ubuntu_22_04_x64_20G_alibase_20260522.vhd, vswitch: app, "
    "security_groups: [web], system_disk: {category: cloud_essd, size: 40}}"))  # fmt: skip
DISK = "  disk: {store: {zone: cn-hangzhou-h, category: cloud_essd, size: 40, instance: a}}\n"
EIP = "  eip: {public: {bandwidth: 5, instance: a}}\n"
INTERFACE = "  network_interface: {second: {vswitch: app, security_groups: [web], instance: a}}\n"


def refuse(cloud: Cloud, action: str) -> None:
    """Once, and not what puts it back."""
    cloud.faults({"fault": "error", "action": action, "code": "OperationDenied", "status": 403, "nth": 1})


@pytest.mark.parametrize(
    ("what", "kind", "gives"),
    [
        (DISK, "disk", "ecs:AttachDisk"),
        (EIP, "eip", "vpc:AssociateEipAddress"),
        (INTERFACE, "eni", "ecs:AttachNetworkInterface"),
    ],
)
def test_what_cannot_be_attached_to_another_machine_is_attached_to_its_old_one_again(
    cloud: Cloud, what: str, kind: str, gives: str
) -> None:
    cloud.settled(BOTH + what)
    refuse(cloud, gives)
    report = cloud.try_apply((BOTH + what).replace("instance: a", "instance: b"))
    assert [outcome.code for outcome in report.failed] == ["OperationDenied"]
    cloud.assert_settled(BOTH + what, records=True)
    cloud.settled((BOTH + what).replace("instance: a", "instance: b"))


def test_a_machine_keeps_its_role_where_another_one_is_refused(cloud: Cloud) -> None:
    cloud.settled(machine("app", "web", "ram_role: role-one"))
    refuse(cloud, "ecs:AttachInstanceRamRole")
    assert cloud.try_apply(machine("app", "web", "ram_role: role-two")).failed
    cloud.assert_settled(machine("app", "web", "ram_role: role-one"), records=True)


def interfaces(**slots: str) -> str:
    return "network_interfaces: {" + ", ".join(f"{slot}: {{{body}}}" for slot, body in slots.items()) + "}"


IN_APP, IN_SAME = "vswitch: app, security_groups: [web]", "vswitch: same, security_groups: [web]"


@pytest.mark.parametrize("refused", ["ecs:CreateNetworkInterface", "ecs:AttachNetworkInterface"])
def test_an_interface_is_not_deleted_before_the_one_in_its_place_is_plugged_in(cloud: Cloud, refused: str) -> None:
    cloud.settled(machine("app", "web", interfaces(second=IN_APP)))
    old = next(eni.id for eni in cloud.things("eni") if eni["Type"] == "Secondary")
    refuse(cloud, refused)
    text = machine("app", "web", interfaces(second=IN_SAME))
    assert cloud.try_apply(text).failed
    assert old in [eni.id for eni in cloud.things("eni")]
    cloud.settled(text)


def test_two_interfaces_that_exchange_their_addresses_go_before_their_like_comes(cloud: Cloud) -> None:
    one, two = f"{IN_APP}, primary_ip: 10.0.1.60", f"{IN_APP}, primary_ip: 10.0.1.61"
    cloud.settled(machine("app", "web", interfaces(one=one, two=two)))
    cloud.settled(machine("app", "web", interfaces(one=two, two=one)))
    found = {e["NetworkInterfaceName"]: e["PrivateIpAddress"] for e in cloud.things("eni") if e["Type"] == "Secondary"}
    assert found == {"one": "10.0.1.61", "two": "10.0.1.60"}
