"""Stop, reboot, start and reinit by hand of machines behind a balancer: no requests while they are away."""

import pytest

from ecsplan import engine
from ecsplan.engine import ApplyOptions
from ecsplan.model.power import Order, Verb
from tests.engine.test_operating import power
from tests.kinds.cloud import Cloud, with_instance
from tests.kinds.test_balancers import Front, front, serving

SETS = "SetVServerGroupAttribute"


@pytest.fixture
def group(cloud: Cloud) -> Front:
    return front(cloud, "clb")


def behind(group: Front, more: str = "") -> str:
    drain = "lifecycle: {rollout: {drain: 60s}}"
    entry = f"{{group: {group.group}, port: 80, weight: 70}}"
    return with_instance(serving("clb", entry), drain, more)


def weights(group: Front) -> list[int]:
    return [weight for _, weight in sorted(group.members().items())]


def test_a_reboot_waits_for_connections_and_gives_the_weight_back(cloud: Cloud, group: Front) -> None:
    cloud.settled(behind(group))
    cloud.forget()
    before = cloud.clock.now()
    power(cloud, behind(group), Order(Verb.REBOOT), "instance.web")
    assert cloud.changed() == [SETS, "RebootInstances", SETS] and weights(group) == [70]
    assert cloud.clock.now() - before > 60
    cloud.assert_settled(behind(group))


def test_a_machine_that_is_stopped_stays_out_until_it_is_started(cloud: Cloud, group: Front) -> None:
    cloud.settled(behind(group))
    cloud.forget()
    power(cloud, behind(group), Order(Verb.STOP), "instance.web")
    assert cloud.changed() == [SETS, "StopInstances"] and weights(group) == [0]
    cloud.assert_settled(behind(group))  # it is off, and not given requests by an apply
    power(cloud, behind(group), Order(Verb.START), "instance.web")
    assert cloud.changed()[2:] == ["StartInstances", SETS] and weights(group) == [70]
    cloud.assert_settled(behind(group))


def test_where_the_drain_is_refused_the_machine_is_not_stopped(cloud: Cloud, group: Front) -> None:
    cloud.settled(behind(group))
    cloud.faults({"fault": "error", "action": SETS, "code": "Forbidden.RAM", "status": 403})
    report = power(cloud, behind(group), Order(Verb.STOP), "instance.web")
    assert report is not None and [row.became.value for row in report.machines] == ["skipped"]
    assert cloud.instance().status == "Running" and weights(group) == [70]


def test_a_reboot_that_is_refused_gives_the_weight_back(cloud: Cloud, group: Front) -> None:
    cloud.settled(behind(group))
    cloud.faults({"fault": "error", "action": "RebootInstances", "code": "Forbidden.RAM", "status": 403})
    report = power(cloud, behind(group), Order(Verb.REBOOT), "instance.web")
    assert report is not None and report.machines[0].became.value == "failed" and weights(group) == [70]


def test_without_drain_the_weight_stays(cloud: Cloud, group: Front) -> None:
    cloud.settled(behind(group))
    cloud.forget()
    power(cloud, behind(group), Order(Verb.REBOOT, drains=False), "instance.web")
    assert cloud.changed() == ["RebootInstances"]


def test_members_of_others_keep_their_weight(cloud: Cloud, group: Front) -> None:
    cloud.settled(behind(group))
    group.add(cloud.instance().id, 8080, 30)
    power(cloud, behind(group), Order(Verb.STOP), "instance.web")
    assert weights(group) == [0, 30]


def test_a_machine_whose_disk_is_put_back_takes_no_requests_meanwhile(cloud: Cloud, group: Front) -> None:
    text = behind(group, "data_disks: {logs: {category: cloud_essd, size: 40}}")
    cloud.settled(text)
    cloud.forget()
    options = ApplyOptions(state_dir=str(cloud.folder / ".ecsplan"), approved=True)
    report = engine.reinit(cloud.load(text), cloud.api, ["instance.web.data_disks.logs"], options, lambda plan: True)
    assert report is not None and not report.has_failed and weights(group) == [70]
    assert cloud.changed() == [SETS, "StopInstances", "ReInitDisk", "StartInstances", SETS]
    cloud.assert_settled(text)


def test_a_saved_reboot_drains_as_well(cloud: Cloud, group: Front) -> None:
    from ecsplan.engine.by_hand import power_plan
    from ecsplan.kinds import load_kinds

    cloud.settled(behind(group))
    options = ApplyOptions(state_dir=str(cloud.folder / ".ecsplan"))
    order, stack = Order(Verb.REBOOT), cloud.load(behind(group))
    _, plan = power_plan(stack, cloud.api, load_kinds(), order, ["instance.web"], options)
    cloud.forget()
    cloud.apply(engine.load_plan(engine.save_plan(plan)))
    assert cloud.changed() == [SETS, "RebootInstances", SETS] and weights(group) == [70]
