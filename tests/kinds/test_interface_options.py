"""Prefixes, timeouts and the primary IPv6 address of an interface: what the conformance test cannot say."""

import pytest

from ecsplan.model.attribute import Impact
from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import Cloud, shown, stack_of, the_change

NETWORK = """
vpc: {main: {cidr_block: 10.0.0.0/8, enable_ipv6: true}}
vswitch: {app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24, ipv6_cidr_block: 1}}
security_group: {web: {vpc: main}}
network_interface: {second: {vswitch: app, security_groups: [web], %s}}
"""


def stack(attributes: str) -> str:
    return stack_of(NETWORK % attributes)


def test_prefixes_come_and_go_by_their_list(cloud: Cloud) -> None:
    cloud.settled(stack("ipv4_prefixes: [10.0.1.64/28]"))
    plan = cloud.plan(stack("ipv4_prefixes: [10.0.1.80/28]"))
    assert the_change(plan).impacts == {Impact.NEW_ADDRESS}
    cloud.settled(stack("ipv4_prefixes: [10.0.1.80/28]"))
    cloud.settled(stack("ipv4_prefixes: []"))
    assert cloud.things("eni")[0]["Ipv4Prefixes"] == []


def test_the_number_of_ipv6_prefixes_only_grows_and_named_ones_are_exclusive(cloud: Cloud) -> None:
    cloud.settled(stack("ipv6_prefix_count: 1"))
    cloud.settled(stack("ipv6_prefix_count: 2"))
    assert [guard.name for guard in cloud.plan(stack("ipv6_prefix_count: 1")).guards] == ["blocked"]
    kept = cloud.things("eni")[0]["Ipv6Prefixes"][0]
    cloud.settled(stack(f"ipv6_prefixes: ['{kept}']"))
    assert cloud.things("eni")[0]["Ipv6Prefixes"] == [kept]


def test_prefixes_that_others_gave_are_left_alone(cloud: Cloud) -> None:
    cloud.settled(stack("description: plain one"))
    cloud.call("AssignPrivateIpAddresses", NetworkInterfaceId=cloud.things("eni")[0].id, Ipv4PrefixCount=1)
    cloud.assert_settled(stack("description: plain one"))


def test_a_primary_ipv6_address_comes_and_stays(cloud: Cloud) -> None:
    cloud.settled(stack("ipv6_count: 1"))
    cloud.settled(stack("ipv6_count: 1, primary_ipv6: true"))
    plan = cloud.plan(stack("ipv6_count: 1, primary_ipv6: false"))
    assert [guard.name for guard in plan.guards] == ["blocked"], shown(plan)


@pytest.mark.parametrize(
    "text",
    [
        "ipv4_prefixes: [10.0.1.64/27]",
        "ipv4_prefixes: [10.0.1.64/28], ipv4_prefix_count: 1",
        "connection_tracking: {udp_timeout: 31}",
    ],
)
def test_what_cannot_be_is_refused_offline(cloud: Cloud, text: str) -> None:
    with pytest.raises(Rejected) as caught:
        cloud.load(stack(text))
    assert caught.value.diagnostics[0].source is not None
