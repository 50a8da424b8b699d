"""EIPs on private addresses of interfaces, on addresses in a VPC, and the mode in which an interface has one."""

import pytest

from ecsplan.emulator.account import Thing
from ecsplan.model.attribute import Impact
from ecsplan.model.call import Product
from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Rejected
from tests.engine.accounts import assert_brought_in, disown, export
from tests.kinds.cloud import NETWORK, Cloud, comes_before, stack_of, step, the_change, the_line

INTERFACE = """
network_interface:
  front:
    {vswitch: app, security_groups: [web], primary_ip: 10.0.1.20, private_ips: [10.0.1.21, 10.0.1.22]}
"""


def on(*eips: str) -> str:
    lines = "".join(f"  e{place}: {{bandwidth: 5, {eip}}}\n" for place, eip in enumerate(eips))
    return stack_of(NETWORK, INTERFACE, f"eip:\n{lines}" if lines else "")


def eip(cloud: Cloud, place: int = 0) -> Thing:
    return cloud.thing("eip", f"demo-e{place}")


def test_each_private_address_of_an_interface_takes_one(cloud: Cloud) -> None:
    text = on("instance: front, private_ip: 10.0.1.20", "instance: front, private_ip: 10.0.1.21")
    cloud.settled(text)
    assert (eip(cloud, 0)["PrivateIpAddress"], eip(cloud, 1)["PrivateIpAddress"]) == ("10.0.1.20", "10.0.1.21")
    cloud.destroy(text)


def test_it_moves_to_another_private_address(cloud: Cloud) -> None:
    cloud.settled(on("instance: front, private_ip: 10.0.1.21"))
    text = on("instance: front, private_ip: 10.0.1.22")
    change = the_change(cloud.plan(text))
    assert (change.action, change.impacts) == (Action.UPDATE, {Impact.NEW_ADDRESS, Impact.ACCESS})
    cloud.forget()
    cloud.settled(text)
    assert cloud.changed() == ["UnassociateEipAddress", "AssociateEipAddress"]
    assert eip(cloud)["PrivateIpAddress"] == "10.0.1.22"


def test_two_on_one_interface_that_do_not_say_how_are_refused_offline(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match="already that of eip"):
        cloud.load(on("instance: front", "instance: front"))


def test_an_interface_has_it_in_a_mode_that_changes_in_place(cloud: Cloud) -> None:
    cloud.settled(on("instance: front, mode: MULTI_BINDED", "instance: front, mode: MULTI_BINDED"))
    assert [eip(cloud, place)["Mode"] for place in (0, 1)] == ["MULTI_BINDED"] * 2
    cloud.settled(on("instance: front, mode: MULTI_BINDED"))
    text = on("instance: front, mode: NAT")
    assert the_change(cloud.plan(text)).impacts == {Impact.ACCESS}
    cloud.forget()
    cloud.settled(text)
    assert cloud.changed() == ["ModifyEipForwardMode"]
    cloud.call("ModifyEipForwardMode", Product.VPC, InstanceId=eip(cloud).id, Mode="BINDED")
    line = the_line(cloud.plan(text))
    assert (line.name, line.before, line.cause.name) == ("mode", "BINDED", "DRIFT")


def test_binding_it_elsewhere_says_the_mode_as_well(cloud: Cloud) -> None:
    cloud.settled(on("instance: false"))
    cloud.forget()
    cloud.settled(on("instance: front, mode: BINDED"))
    assert cloud.changed() == ["AssociateEipAddress"]


def test_an_address_in_a_vpc_takes_one(cloud: Cloud) -> None:
    text = on("vpc: main, private_ip: 10.0.1.99")
    cloud.settled(text)
    found = eip(cloud)
    assert (found["InstanceType"], found["InstanceId"]) == ("IpAddress", "10.0.1.99")
    cloud.forget()
    cloud.settled(on("vpc: main, private_ip: 10.0.1.98"))
    assert cloud.changed() == ["UnassociateEipAddress", "AssociateEipAddress"]
    cloud.settled(on("instance: front, private_ip: 10.0.1.22"))
    assert eip(cloud)["InstanceType"] == "NetworkInterface"
    cloud.settled(text)
    plan = cloud.plan(text, destroy=True)
    assert comes_before(plan, step(plan, "UnassociateEipAddress"), step(plan, "DeleteVpc"))
    cloud.destroy(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("vpc: main", "vpc goes with private_ip"),
        ("vpc: main, private_ip: 10.0.1.9, instance: front", "vpc goes with private_ip"),
        ("private_ip: 10.0.1.9", "is an address of a network interface"),
        ("instance: front, private_ip: 10.0.1.9", "has no address 10.0.1.9"),
        ("mode: BINDED", "mode is for a network interface"),
    ],
)
def test_what_does_not_fit_its_target(cloud: Cloud, text: str, says: str) -> None:
    with pytest.raises(Rejected, match=says):
        cloud.load(on(text))


@pytest.mark.parametrize(
    "text",
    ["instance: front, private_ip: 10.0.1.22, mode: NAT", "instance: front, mode: BINDED",
     "vpc: main, private_ip: 10.0.1.99"],
)  # fmt: skip
def test_it_is_brought_in_where_it_is(cloud: Cloud, text: str) -> None:
    cloud.settled(on(text))
    disown(cloud)
    made = export(cloud)
    assert made.left_out == ()
    assert_brought_in(cloud, made)


def test_three_addresses_take_each_others_places(cloud: Cloud) -> None:
    """Each is let go before another takes its place, on the interface and in the VPC."""
    cloud.settled(
        on("instance: front, private_ip: 10.0.1.21", "vpc: main, private_ip: 10.0.1.99",
           "instance: front, private_ip: 10.0.1.20")
    )  # fmt: skip
    text = on("instance: front, private_ip: 10.0.1.22", "instance: front, private_ip: 10.0.1.21",
              "vpc: main, private_ip: 10.0.1.99")  # fmt: skip
    cloud.settled(text)
    assert [eip(cloud, place)["InstanceType"] for place in range(3)] == ["NetworkInterface"] * 2 + ["IpAddress"]
