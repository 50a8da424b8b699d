"""The entries of a NAT gateway: made after the addresses are bound, gone before they are let go, and told apart."""

import pytest

from ecsplan.model.attribute import Impact
from ecsplan.model.call import Product
from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import NETWORK, Cloud, changes, comes_before, shown, stack_of, step, with_instance

GATEWAY = """
nat_gateway:
  out:
    vpc: main
    vswitch: app
    snat: SNAT
    forward: FORWARD
eip:
  one: {bandwidth: 5, charge_type: PayByTraffic, instance: nat_gateway.out}
  two: {bandwidth: 5, charge_type: PayByTraffic, instance: nat_gateway.out}
"""
WEB = "{external_ip: one, external_port: 443, internal_ip: web, internal_port: 8443, protocol: tcp}"


def text(snat: str = "[{vswitch: app, addresses: [one]}]", forward: str = "[]", without: str = "") -> str:
    blocks = GATEWAY.replace("SNAT", snat).replace("FORWARD", forward)
    return with_instance(more="\n".join(line for line in blocks.splitlines() if not without or without not in line))


def sources(cloud: Cloud) -> dict[str, set[str]]:
    cloud.clock.advance(60)
    cloud.call("DescribeInstances")  # lets what is under way come to its end
    return {entry["SourceCIDR"]: set(entry["SnatIp"].split(",")) for entry in cloud.things("snatentry")}


def address(cloud: Cloud, name: str) -> str:
    return str(cloud.thing("eip", f"demo-{name}")["IpAddress"])


def test_entries_come_after_their_addresses_and_go_before_them(cloud: Cloud) -> None:
    whole = text("[{vswitch: app, addresses: [one, two]}, {cidr: 10.9.0.0/16, addresses: [two]}]", f"[{WEB}]")
    cloud.settled(whole)
    one, two = address(cloud, "one"), address(cloud, "two")
    assert sources(cloud) == {"10.0.1.0/24": {one, two}, "10.9.0.0/16": {two}}
    (forward,) = cloud.things("forwardentry")
    assert (forward["ExternalIp"], forward["InternalIp"], forward["InternalPort"]) == (
        one, cloud.instance()["PrivateIpAddress"], "8443",
    )  # fmt: skip

    cloud.settled(text("[{vswitch: app, addresses: [one]}]", without="two:"))
    assert sources(cloud) == {"10.0.1.0/24": {one}} and not cloud.things("forwardentry")
    cloud.destroy(text("[{vswitch: app, addresses: [one]}]", without="two:"))


def test_an_address_leaves_its_gateway_when_no_entry_uses_it_any_more(cloud: Cloud) -> None:
    cloud.settled(text("[{vswitch: app, addresses: [one, two]}]"))
    plan = cloud.plan(text("[{vswitch: app, addresses: [one]}]", without="two:"))
    changed, left = step(plan, "ModifySnatEntry"), step(plan, "UnassociateEipAddress", "eip.two")
    assert comes_before(plan, changed, left), shown(plan)


def test_entries_of_others_stay_unless_the_file_says_that_it_is_exclusive(cloud: Cloud) -> None:
    cloud.settled(text())
    (table,) = {entry["SnatTableId"] for entry in cloud.things("snatentry")}
    cloud.call("CreateSnatEntry", Product.VPC, SnatTableId=table, SourceCIDR="10.7.0.0/16",
               SnatIp=address(cloud, "two"), SnatEntryName="theirs")  # fmt: skip
    cloud.clock.advance(60)

    cloud.assert_settled(text())
    cloud.settled(text("[{cidr: 10.8.0.0/16, addresses: [one]}]"))
    assert set(sources(cloud)) == {"10.7.0.0/16", "10.8.0.0/16"}
    exclusive = text("[{cidr: 10.8.0.0/16, addresses: [one]}]").replace(
        "vswitch: app\n      snat", "vswitch: app\n      lifecycle: {exclusive: [snat]}\n      snat"
    )
    assert set(changes(cloud.plan(exclusive))) == {"nat_gateway.out"}
    cloud.settled(exclusive)
    assert set(sources(cloud)) == {"10.8.0.0/16"}


def test_an_entry_is_changed_in_place_and_only_where_the_file_says_so(cloud: Cloud) -> None:
    cloud.settled(text("[{vswitch: app, addresses: [one], name: the-app, eip_affinity: true}]"))
    (entry,) = cloud.things("snatentry")
    cloud.settled(text("[{vswitch: app, addresses: [one, two]}]"))
    (changed,) = cloud.things("snatentry")
    assert changed.id == entry.id and changed["SnatEntryName"] == "the-app" and changed["EipAffinity"] == 1
    cloud.settled(text("[{vswitch: app, addresses: [one, two], eip_affinity: false}]"))
    assert changed["EipAffinity"] == 0
    cloud.forget()
    cloud.settled(text("[{vswitch: app, addresses: [one, two]}]"))
    assert cloud.changed() == []


def test_an_affinity_that_a_person_set_is_drift_only_where_the_file_says_it(cloud: Cloud) -> None:
    cloud.settled(text("[{vswitch: app, addresses: [one]}]"))
    (entry,) = cloud.things("snatentry")
    cloud.service.account.change(entry, EipAffinity=1)
    cloud.assert_settled(text("[{vswitch: app, addresses: [one]}]"))
    cloud.settled(text("[{vswitch: app, addresses: [one], eip_affinity: false}]"))
    assert entry["EipAffinity"] == 0


@pytest.mark.parametrize(
    ("snat", "forward", "words"),
    [
        ("[{vswitch: app, cidr: 10.0.0.0/8, addresses: [one]}]", "[]", "an SNAT entry has one source"),
        ("[{addresses: [one]}]", "[]", "an SNAT entry has one source"),
        ("[{cidr: 10.0.0.0/8, addresses: [one]}, {cidr: 10.0.0.0/8, addresses: [two]}]", "[]", "appears twice"),
        ("[{cidr: 10.0.0.0/8, addresses: [three]}]", "[]", "there is no eip called three"),
        ("[]", f"[{WEB.replace('tcp', 'any')}]", "an entry for any protocol takes all ports"),
        ("[]", f"[{WEB.replace('external_port: 443, ', '')}]", "a tcp entry needs external_port and internal_port"),
        ("[]", f"[{WEB.replace('8443', '9-8')}]", "is not a range of ports"),
    ],
)
def test_what_no_entry_can_be_is_told_offline(cloud: Cloud, snat: str, forward: str, words: str) -> None:
    with pytest.raises(Rejected, match=words):
        cloud.load(text(snat, forward))


@pytest.mark.parametrize("more", ["", ", instance: web"])
def test_an_eip_that_is_not_on_the_gateway_is_told_offline(cloud: Cloud, more: str) -> None:
    """The service would say that it is not on the gateway until the patience of an apply ends."""
    elsewhere = text().replace("PayByTraffic, instance: nat_gateway.out", f"PayByTraffic{more}", 1)

    with pytest.raises(Rejected, match=r"snat: eip.one is (bound to instance.web|not bound to the gateway)") as told:
        cloud.load(elsewhere)

    assert "write instance: nat_gateway.out in eip.one" in str(told.value)


def test_a_gateway_between_private_networks_uses_its_own_address(cloud: Cloud) -> None:
    block = """
    nat_gateway:
      inner:
        vpc: main
        vswitch: app
        network_type: intranet
        private_ip: 10.0.1.9
        snat: [{vswitch: app, addresses: [10.0.1.9]}]
        forward: [{external_ip: 10.0.1.9, internal_ip: 10.0.1.7, protocol: any}]
    """
    cloud.settled(stack_of(NETWORK, block))
    assert sources(cloud) == {"10.0.1.0/24": {"10.0.1.9"}}
    cloud.destroy(stack_of(NETWORK, block))


def test_what_goes_says_who_has_no_way_out_any_more(cloud: Cloud) -> None:
    cloud.settled(text("[{vswitch: app, addresses: [one]}, {cidr: 10.8.0.0/16, addresses: [two]}]"))
    app = cloud.thing("vswitch", "demo-app").id
    one = changes(cloud.plan(text("[{vswitch: app, addresses: [one]}]")))["nat_gateway.out"]
    assert one.notes == ("no way out for 10.8.0.0/16 by it any more",) and Impact.ACCESS in one.impacts
    plan = cloud.plan(text("[{vswitch: app, addresses: [one]}, {cidr: 10.8.0.0/16, addresses: [two]}]"), destroy=True)
    gone = changes(plan)["nat_gateway.out"]
    assert Impact.ACCESS in gone.impacts and set(gone.notes[0].split()) >= {"no", "way", "out"}
    assert app in gone.notes[0] and "10.8.0.0/16" in gone.notes[0]
