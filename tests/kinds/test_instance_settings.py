"""Hosts, private pools, boot security and the primary interface: what the conformance test cannot say."""

import pytest

from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Rejected
from tests.engine.accounts import disown, export
from tests.kinds.cloud import Cloud, changes, shown, the_change, with_instance


def test_a_machine_on_a_dedicated_host_says_so_and_is_never_moved(cloud: Cloud) -> None:
    cloud.call("AllocateDedicatedHosts", DedicatedHostType="ddh.g7", ZoneId="cn-hangzhou-h", ChargeType="PostPaid")
    text = with_instance("tenancy: host", "host_affinity: host")
    cloud.settled(text)
    assert cloud.instance()["DedicatedHostId"] == cloud.things("ddh")[0].id
    plan = cloud.plan(with_instance("tenancy: default"))
    assert [guard.name for guard in plan.guards] == ["blocked"], shown(plan)


def test_a_machine_that_nobody_placed_is_left_where_it_is(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    cloud.assert_settled(with_instance("tenancy: default"), records=True)


@pytest.mark.parametrize("text", ["private_pool: {match: Target}", "private_pool: {match: Open, id: eap-1234}",
                                  "private_pool: {id: eap-1234}", "host_affinity: host"])  # fmt: skip
def test_halves_that_belong_together_are_asked_for_offline(cloud: Cloud, text: str) -> None:
    with pytest.raises(Rejected) as caught:
        cloud.load(with_instance(text))
    (found,) = caught.value.diagnostics
    assert found.source is not None and found.detail


def test_a_pool_is_left_with_the_line_that_says_so(cloud: Cloud) -> None:
    cloud.settled(with_instance("private_pool: {match: Target, id: eap-1234}"))
    cloud.settled(with_instance("private_pool: {match: None}"))
    assert (cloud.instance()["PrivatePoolMatch"], cloud.instance().get("PrivatePoolId")) == ("None", None)


def test_the_id_of_a_pool_that_was_matched_by_itself_is_no_difference(cloud: Cloud) -> None:
    cloud.settled(with_instance("private_pool: {match: Open}"))
    cloud.service.account.change(cloud.instance(), PrivatePoolId="eap-found")
    cloud.assert_settled(with_instance("private_pool: {match: Open}"))


def test_secure_boot_says_that_it_stops_the_machine(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    plan = cloud.plan(with_instance("security_options: {secure_boot: true}"))
    assert "stop and start" in {impact.text for impact in the_change(plan).impacts}


def test_what_counts_when_it_is_made_goes_along_then_and_is_no_change_later(cloud: Cloud) -> None:
    text = with_instance("security_options: {trusted_system: vTPM, confidential_computing: Enclave}")
    cloud.settled(with_instance())
    assert cloud.plan(text).is_empty
    cloud.destroy(with_instance())
    cloud.settled(text)
    assert cloud.instance()["TrustedSystemMode"] == "vTPM"
    assert cloud.instance()["ConfidentialComputingMode"] == "Enclave"


def test_what_is_read_one_by_one_is_no_drift_for_a_machine_that_is_adopted_later(cloud: Cloud) -> None:
    """Queues, jumbo frames and timeouts that the file does not say are neither read nor touched."""
    cloud.settled(with_instance("jumbo_frames: true", "primary_network: {queue_number: 2, udp_timeout: 60}"))
    cloud.assert_settled(with_instance("jumbo_frames: true", "primary_network: {queue_number: 2, udp_timeout: 60}"))
    plan = cloud.plan(with_instance(), refresh_full=True)
    assert plan.is_empty and not [c for c in changes(plan).values() if c.action is not Action.NOOP]


def test_the_primary_interface_is_ordered_with_its_traffic_mode_and_all_that_it_has(cloud: Cloud) -> None:
    slot = "{control: {vswitch: app, security_groups: [web]}}"
    text = with_instance(
        f"private_ip: 10.0.1.30\nnetwork_interfaces: {slot}\n"
        "primary_network: {traffic_mode: HighPerformance, queue_number: 2}"
    )
    cloud.settled(text)
    enis = {eni["Type"]: eni for eni in cloud.things("eni")}
    primary = enis["Primary"]
    assert (primary["TrafficMode"], primary["QueueNumber"]) == ("HighPerformance", 2)
    assert primary["PrivateIpAddress"] == "10.0.1.30" == cloud.instance()["PrivateIpAddress"]
    assert enis["Secondary"]["TrafficMode"] == "Standard"
    assert cloud.plan(text, refresh_full=True).is_empty
    (reason,) = the_change(cloud.plan(text.replace("HighPerformance", "Standard"))).blocked
    assert "primary_network.traffic_mode" in reason
    cloud.destroy(text)


def test_machines_of_a_group_have_their_traffic_mode_in_one_call(cloud: Cloud) -> None:
    cloud.settled(with_instance("count: 3\nprimary_network: {traffic_mode: HighPerformance}"))
    assert len(cloud.written("RunInstances")) == 1
    assert {eni["TrafficMode"] for eni in cloud.things("eni")} == {"HighPerformance"}


def test_a_chosen_topology_is_exported_and_cores_of_the_type_are_not(cloud: Cloud) -> None:
    cloud.settled(with_instance("cpu_options: {topology: DiscreteCoreToHTMapping}"))
    disown(cloud)
    assert "cpu_options: {topology: DiscreteCoreToHTMapping}" in export(cloud).text
