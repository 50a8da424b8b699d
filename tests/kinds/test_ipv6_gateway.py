"""IPv6 gateways, and the Internet bandwidth of the IPv6 addresses of machines and interfaces."""

import pytest

from ecsplan.model.call import Product
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.plan import Plan
from tests.kinds.cloud import Cloud, changes, shown, stack_of

NETWORK = """
vpc: {main: {cidr_block: 10.0.0.0/16, enable_ipv6: true}}
vswitch: {app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24, ipv6_cidr_block: 1}}
security_group: {web: {vpc: main}}
"""
GATEWAY = "ipv6_gateway: {main: {vpc: main}}\n"
MACHINE = """
instance:
  web:
    instance_type: ecs.g7.large
    image: ubuntu_22_04_x64_20G_alibase_20260522.vhd
    vswitch: app
    security_groups: [web]
    system_disk: {category: cloud_essd, size: 40}
"""
PUBLIC = "ipv6_internet: {gateway: main, bandwidth: 100, charge_type: PayByTraffic}"


def with_machine(*lines: str) -> str:
    return stack_of(NETWORK, GATEWAY, MACHINE + "".join(f"    {line}\n" for line in lines))


def bandwidths(cloud: Cloud) -> list[tuple[int, str]]:
    return sorted((thing["Bandwidth"], thing["InternetChargeType"]) for thing in cloud.things("ipv6bandwidth"))


def test_the_addresses_of_a_new_machine_are_public_when_it_is_made(cloud: Cloud) -> None:
    cloud.settled(with_machine("ipv6_count: 2", PUBLIC))
    assert bandwidths(cloud) == [(100, "PayByTraffic")] * 2


def test_an_address_that_comes_later_is_public_too(cloud: Cloud) -> None:
    cloud.settled(with_machine("ipv6_count: 1", PUBLIC))
    cloud.settled(with_machine("ipv6_count: 3", PUBLIC))
    assert bandwidths(cloud) == [(100, "PayByTraffic")] * 3


def test_more_and_none_are_made_in_place_and_bandwidth_goes_before_the_machine(cloud: Cloud) -> None:
    cloud.settled(with_machine("ipv6_count: 1"))
    cloud.settled(with_machine("ipv6_count: 1", PUBLIC))
    cloud.forget()
    cloud.settled(with_machine("ipv6_count: 1", PUBLIC.replace("100", "200")))
    assert cloud.changed() == ["ModifyIpv6InternetBandwidth"]
    cloud.settled(with_machine("ipv6_count: 1"))
    assert bandwidths(cloud) == []
    cloud.settled(with_machine("ipv6_count: 1", PUBLIC))
    cloud.destroy(with_machine("ipv6_count: 1", PUBLIC))
    assert cloud.left() == []


def test_a_named_address_is_private_again_before_it_is_given_back(cloud: Cloud) -> None:
    cloud.settled(with_machine("ipv6_count: 1"))
    (held,) = cloud.things("eni")[0]["Ipv6s"]
    block = held.rpartition(":")[0]
    one, other = f"{block}:a", f"{block}:b"
    cloud.settled(with_machine(f'ipv6_addresses: ["{one}"]', PUBLIC))
    cloud.settled(with_machine(f'ipv6_addresses: ["{other}"]', PUBLIC))
    assert cloud.things("eni")[0]["Ipv6s"] == [other]
    assert bandwidths(cloud) == [(100, "PayByTraffic")]


def test_an_interface_of_its_own_is_public_while_it_is_on_a_machine(cloud: Cloud) -> None:
    text = with_machine() + (
        "  network_interface:\n"
        f"    front: {{vswitch: app, security_groups: [web], instance: web, ipv6_count: 1, {PUBLIC}}}\n"
    )
    cloud.settled(text)
    assert bandwidths(cloud) == [(100, "PayByTraffic")]
    cloud.destroy(text)
    assert cloud.left() == []


def blocked(plan: Plan) -> bool:
    return any(guard.name == "blocked" for guard in plan.guards)


def test_another_way_to_pay_is_refused_and_a_gateway_in_use_stays(cloud: Cloud) -> None:
    cloud.settled(with_machine("ipv6_count: 1", PUBLIC))
    plan = cloud.plan(with_machine("ipv6_count: 1", PUBLIC.replace("PayByTraffic", "PayByBandwidth")))
    assert blocked(plan), shown(plan)
    live = cloud.things("ipv6gateway")[0].id
    gone = stack_of(NETWORK, MACHINE + f"    ipv6_count: 1\n    {PUBLIC.replace('main', live)}\n")
    assert blocked(cloud.plan(gone)), shown(cloud.plan(gone))
    cloud.settled(stack_of(NETWORK, MACHINE + "    ipv6_count: 1\n"))
    assert not cloud.things("ipv6bandwidth") and not cloud.things("ipv6gateway")


def test_bandwidth_that_another_hand_took_is_given_again(cloud: Cloud) -> None:
    text = with_machine("ipv6_count: 1", PUBLIC)
    cloud.settled(text)
    cloud.call("DeleteIpv6InternetBandwidth", Product.VPC, Ipv6InternetBandwidthId=cloud.things("ipv6bandwidth")[0].id)
    assert list(changes(cloud.plan(text))) == ["instance.web"]
    cloud.settled(text)
    assert bandwidths(cloud) == [(100, "PayByTraffic")]


def test_a_vpc_has_one_gateway(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match=r"vpc.main is already that of ipv6_gateway.main"):
        cloud.load(stack_of(NETWORK, GATEWAY.replace("{main", "{other: {vpc: main}, main")))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("ipv6_count: 1", "ipv6_internet: {bandwidth: 100}"), "ipv6_internet names no gateway"),
        ((PUBLIC,), "ipv6_internet is for IPv6 addresses, and it has none"),
        (("ipv6_count: 1", PUBLIC.replace("100", "1001")), "by traffic an address has at most 1000"),
    ],
)
def test_what_makes_no_sense_is_told_offline(cloud: Cloud, lines: tuple[str, ...], words: str) -> None:
    with pytest.raises(Rejected, match=words):
        cloud.load(with_machine(*lines))
