"""What hangs on a machine is in its zone: told offline, where the service would say so in the middle of an apply."""

import pytest

from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import INSTANCE, Cloud, stack_of

MACHINE = ", ".join(INSTANCE.split("\n")[1:-1])
NETWORK = """
vpc: {main: {cidr_block: 10.0.0.0/16}}
vswitch:
  app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}
  far: {vpc: main, zone: cn-hangzhou-i, cidr_block: 10.0.2.0/24}
security_group: {web: {vpc: main}}
"""
APART = "network_interface: {{i: {{vswitch: {}, security_groups: [web], instance: w}}}}\n"


def text(more: str = "", apart: str = "") -> str:
    return stack_of(NETWORK, (APART.format(apart) if apart else "") + f"instance: {{w: {{{MACHINE}{more}}}}}")


@pytest.mark.parametrize(
    ("stack", "words"),
    [
        (text(apart="far"), "vswitch: vswitch.far is in cn-hangzhou-i, and instance.w in cn-hangzhou-h"),
        (
            text(", network_interfaces: {inner: {vswitch: far, security_groups: [web]}}"),
            "network_interfaces.inner.vswitch: vswitch.far is in cn-hangzhou-i",
        ),
    ],
)
def test_an_interface_in_another_zone_than_its_machine_is_told_offline(cloud: Cloud, stack: str, words: str) -> None:
    with pytest.raises(Rejected) as told:
        cloud.load(stack)
    assert words in str(told.value) and "name a vSwitch in cn-hangzhou-h" in str(told.value)


@pytest.mark.parametrize("more", ["", ", fallback: {vswitches: [far]}"])
def test_an_interface_in_the_zone_of_its_machine_is_taken(cloud: Cloud, more: str) -> None:
    assert cloud.load(text(more, apart="far" if more else "app"))  # the machine may be made in the other zone
