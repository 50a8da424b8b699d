"""Interfaces that serve behind a balancer in their own name: drained as a machine is, while their machine is away."""

from typing import Any

import pytest

from ecsplan import engine
from ecsplan.engine import ApplyOptions
from ecsplan.model.change import Action, Cause
from ecsplan.model.power import Order, Verb
from tests.engine.test_operating import power
from tests.kinds.cloud import Cloud, changes, shown, with_instance
from tests.kinds.test_balancers import Front, Log, front, serving, sized


@pytest.fixture
def group(cloud: Cloud) -> Front:
    return front(cloud, "clb")


def behind(group: Front, *lines: str, instance: tuple[str, ...] = (), on: str = "instance: web") -> str:
    entry = serving("clb", f"{{group: {group.group}, port: 80, weight: 70}}")
    body = ", ".join(("vswitch: app", "security_groups: [web]", on, entry, *lines))
    return with_instance(*instance, more=f"network_interface:\n  front: {{{body}}}\n")


def weights(group: Front) -> list[int]:
    return list(group.members().values())


def test_an_interface_takes_no_requests_while_its_machine_is_stopped_for_a_change(cloud: Cloud, group: Front) -> None:
    text = behind(group)
    cloud.settled(text)
    plan = cloud.plan(sized(text, "ecs.g7.xlarge"))
    beside = changes(plan)["network_interface.front"]
    assert beside.action is Action.UPDATE and beside.notes == ("takes no requests while instance.web is away",)
    log, began = Log(group), cloud.clock.now()
    cloud.apply(plan)
    assert log.seen == [("StopInstances", 0), ("StartInstances", 0)] and weights(group) == [70]
    assert cloud.clock.now() - began > 30  # connections had time to end
    cloud.assert_settled(sized(text, "ecs.g7.xlarge"))


def test_an_interface_is_drained_where_only_its_machine_is_asked_for(cloud: Cloud, group: Front) -> None:
    text = behind(group)
    cloud.settled(text)
    log = Log(group)
    cloud.apply(cloud.plan(sized(text, "ecs.g7.xlarge"), targets=("instance.web",)))
    assert log.seen == [("StopInstances", 0), ("StartInstances", 0)] and weights(group) == [70]


def test_an_interface_whose_own_change_is_left_out_is_not_drained_and_the_plan_says_so(
    cloud: Cloud, group: Front
) -> None:
    text = behind(group)
    cloud.settled(text)
    other = sized(behind(group, "description: other"), "ecs.g7.xlarge")
    plan = cloud.plan(other, targets=("instance.web",))
    (change,) = changes(plan).values()
    assert change.notes == (
        "network_interface.front takes requests meanwhile: its own change is left out of this plan",
    )
    cloud.apply(plan)
    assert [line.cause for line in changes(cloud.plan(other))["network_interface.front"].attributes] == [Cause.PENDING]


def test_an_interface_of_a_machine_that_is_to_be_off_rests_with_it(cloud: Cloud, group: Front) -> None:
    cloud.settled(behind(group))
    log = Log(group)
    off = behind(group, instance=("state: stopped",))
    cloud.settled(off)
    assert log.seen == [("StopInstances", 0)] and weights(group) == [0]
    on = off.replace("state: stopped", "state: running")
    plan = cloud.plan(on)
    assert {line.cause for line in changes(plan)["network_interface.front"].attributes} == {Cause.PENDING}, shown(plan)
    cloud.apply(plan)
    assert log.seen[1:] == [("StartInstances", 0)] and weights(group) == [70]
    cloud.assert_settled(on)


def test_a_run_that_ends_with_the_machine_off_leaves_the_weight_of_its_interface_to_the_next(
    cloud: Cloud, group: Front
) -> None:
    text = behind(group)
    cloud.settled(text)
    larger = sized(text, "ecs.g7.xlarge")
    plan = cloud.plan(larger)
    cloud.faults({"fault": "error", "action": "StartInstances", "code": "OperationDenied.NoStock", "status": 403})
    assert not cloud.try_apply(plan).is_complete and weights(group) == [0]
    cloud.service.faults.clear()
    again = cloud.plan(larger)
    assert {line.cause for line in changes(again)["network_interface.front"].attributes} == {Cause.PENDING}
    log = Log(group)
    cloud.apply(again)
    assert log.seen == [("StartInstances", 0)] and weights(group) == [70]
    cloud.assert_settled(larger)


def test_where_the_drain_is_refused_the_machine_stays_on(cloud: Cloud, group: Front) -> None:
    text = behind(group)
    cloud.settled(text)
    plan = cloud.plan(sized(text, "ecs.g7.xlarge"))
    cloud.faults({"fault": "error", "action": "SetVServerGroupAttribute", "code": "Forbidden.RAM", "status": 403})
    assert not cloud.try_apply(plan).is_complete
    assert cloud.instance().status == "Running" and weights(group) == [70]


def test_a_stop_that_is_refused_gives_the_weight_back(cloud: Cloud, group: Front) -> None:
    text = behind(group)
    cloud.settled(text)
    plan = cloud.plan(sized(text, "ecs.g7.xlarge"))
    cloud.faults({"fault": "error", "action": "StopInstances", "code": "Forbidden.RAM", "status": 403})
    assert not cloud.try_apply(plan).is_complete
    assert cloud.instance().status == "Running" and weights(group) == [70]


class Seen:
    """The weight at each call of these names."""

    def __init__(self, group: Front, *names: str) -> None:
        self.seen: list[tuple[str, int]] = []
        heard = group.cloud.service.handle

        def handle(request: Any) -> Any:
            text = f"{request.headers} {request.target} {request.body!r}"
            if "DryRun" not in text:
                self.seen += [(name, sum(weights(group))) for name in names if name in text]
            return heard(request)

        group.cloud.service.handle = handle  # type: ignore[method-assign]


@pytest.mark.parametrize("is_first", [False, True])
def test_an_interface_that_moves_to_a_new_machine_is_drained_around_the_move(
    cloud: Cloud, group: Front, is_first: bool
) -> None:
    text = behind(group, instance=("lifecycle: {create_before_destroy: true}",) if is_first else ())
    cloud.settled(text)
    seen = Seen(group, "DetachNetworkInterface", "AttachNetworkInterface")
    cloud.apply(cloud.plan(text, replaces=("instance.web",)))
    assert seen.seen == [("DetachNetworkInterface", 0), ("AttachNetworkInterface", 0)] and weights(group) == [70]
    cloud.assert_settled(text)


def test_an_interface_that_is_detached_is_drained_first(cloud: Cloud, group: Front) -> None:
    cloud.settled(behind(group))
    seen = Seen(group, "DetachNetworkInterface")
    cloud.settled(behind(group, on="description: spare"))
    assert seen.seen == [("DetachNetworkInterface", 0)]


def test_where_machine_and_interface_go_both_are_drained_before_the_machine_is_deleted(
    cloud: Cloud, group: Front
) -> None:
    text = behind(group)
    cloud.settled(text)
    log = Log(group)
    cloud.apply(cloud.plan(text, destroy=True))
    assert [weight for _, weight in log.seen] == [0] * len(log.seen) and group.members() == {}


# By hand


def test_an_interface_is_drained_around_a_reboot_by_hand_and_rests_with_a_stopped_machine(
    cloud: Cloud, group: Front
) -> None:
    text = behind(group)
    cloud.settled(text)
    seen = Seen(group, "RebootInstances", "StopInstances", "StartInstances")
    power(cloud, text, Order(Verb.REBOOT), "instance.web")
    assert weights(group) == [70]
    power(cloud, text, Order(Verb.STOP), "instance.web")
    assert weights(group) == [0]
    cloud.assert_settled(text)
    power(cloud, text, Order(Verb.START), "instance.web")
    assert weights(group) == [70] and {weight for _, weight in seen.seen} == {0}
    cloud.assert_settled(text)


def test_an_interface_takes_no_requests_while_a_disk_of_its_machine_is_put_back(cloud: Cloud, group: Front) -> None:
    text = behind(group, instance=("data_disks: {logs: {category: cloud_essd, size: 40}}",))
    cloud.settled(text)
    seen = Seen(group, "StopInstances", "StartInstances")
    options = ApplyOptions(state_dir=str(cloud.folder / ".ecsplan"), approved=True)
    report = engine.reinit(cloud.load(text), cloud.api, ["instance.web.data_disks.logs"], options, lambda plan: True)
    assert report is not None and not report.has_failed
    assert seen.seen == [("StopInstances", 0), ("StartInstances", 0)] and weights(group) == [70]
