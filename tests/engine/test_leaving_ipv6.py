"""Bandwidth of IPv6 addresses: an attribute here, and there a resource that names an address by its own id."""

import json
from typing import Any

from ecsplan.engine.importing import bring_over, read_source
from ecsplan.migrate.parts import attached
from ecsplan.migrate.sorting import sort
from ecsplan.migrate.state import read_state
from ecsplan.model.migration import Fate
from tests.engine.accounts import assert_brought_in, disown
from tests.engine.test_leaving import assert_sound, left, resources
from tests.kinds.cloud import KINDS, Cloud
from tests.kinds.test_ipv6_gateway import PUBLIC, with_machine
from tests.support.tfstate import block, one, state

BANDWIDTH = "alicloud_vpc_ipv6_internet_bandwidth"


def read_by_terraform(cloud: Cloud) -> dict[str, Any]:
    """The data source that such a file has the ids of the addresses from."""
    machine = cloud.instance().id
    rows = [
        {"id": thing["Ipv6AddressId"], "associated_instance_id": machine} for thing in cloud.things("ipv6bandwidth")
    ]
    return block("alicloud_vpc_ipv6_addresses", "web", one("data", addresses=rows), mode="data")


def test_the_bandwidth_of_addresses_leaves_and_comes_back(cloud: Cloud) -> None:
    text = with_machine("ipv6_count: 2", PUBLIC)
    cloud.settled(text)
    made = left(cloud, text)
    assert_sound(made)
    bodies = [body for (kind, _), body in resources(made.text).items() if kind == BANDWIDTH]
    assert [str(body["bandwidth"]) for body in bodies] == ["100", "100"]
    assert {body["ipv6_gateway_id"].strip('"') for body in bodies} == {"${alicloud_vpc_ipv6_gateway.main.id}"}
    assert len({body["ipv6_address_id"] for body in bodies}) == 2

    disown(cloud)
    found = [block(*address.split("."), one(own, **known(cloud, own))) for address, own in made.imported.items()
             if address.count(".") == 1]  # fmt: skip
    written = json.dumps(state(*found, read_by_terraform(cloud)))
    back = bring_over(read_source("terraform", written), cloud.api, "back")
    assert not [entry for entry in back.of(Fate.LEFT) if entry.type == BANDWIDTH]
    assert_brought_in(cloud, back.made)


def known(cloud: Cloud, own: str) -> dict[str, Any]:
    for thing in cloud.things("ipv6bandwidth"):
        if thing.id == own:
            return {"ipv6_address_id": thing["Ipv6AddressId"], "bandwidth": str(thing["Bandwidth"]),
                    "ipv6_gateway_id": thing["Ipv6GatewayId"], "internet_charge_type": "PayByTraffic"}  # fmt: skip
    return {}


def test_without_an_account_it_is_that_of_the_machine_which_a_data_source_names() -> None:
    """One that no data source tells of is left, and said."""
    rows = [{"id": "ipv6-1", "associated_instance_id": "i-1"}]
    text = json.dumps(state(
        block(BANDWIDTH, "a", one("ipv6bw-1", ipv6_address_id="ipv6-1", ipv6_gateway_id="ipv6gw-1", bandwidth="20")),
        block(BANDWIDTH, "b", one("ipv6bw-2", ipv6_address_id="ipv6-2", ipv6_gateway_id="ipv6gw-1", bandwidth="20")),
        block("alicloud_vpc_ipv6_addresses", "x", one("data", addresses=rows), mode="data"),
    ))  # fmt: skip
    found = sort(read_state(text, "state"), KINDS)
    assert attached(found.folds) == {
        ("instance", "i-1"): {"ipv6_internet.bandwidth": 20, "ipv6_internet.gateway": "ipv6gw-1"}
    }
    assert [(entry.logical, why) for entry, why in found.left if not entry.is_data] == [
        ("b", "the state does not say what it belongs to")
    ]
