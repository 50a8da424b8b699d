"""Power operations over the emulator: batches, waits, the lock, and what each machine became."""

from collections.abc import Iterable, Mapping
from threading import Event
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.api.client import Client
from ecsplan.engine import ApplyOptions
from ecsplan.model.call import ApiError, Request
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.power import Became, Order, PowerPlan, PowerReport, Verb
from tests.kinds.cloud import Cloud, with_instance

GROUP = with_instance("count: 3")
STOP, START, REBOOT = Order(Verb.STOP), Order(Verb.START), Order(Verb.REBOOT)


def power(cloud: Cloud, text: str, order: Order, *patterns: str, answer: bool = True) -> PowerReport | None:
    options = ApplyOptions(state_dir=str(cloud.folder / ".ecsplan"))
    return engine.power(cloud.load(text), cloud.api, order, patterns, options, lambda plan: answer)


def statuses(cloud: Cloud) -> list[str]:
    return [thing.status for thing in sorted(cloud.things("instance"), key=lambda thing: str(thing["InstanceName"]))]


def became(report: PowerReport | None) -> dict[str, Became]:
    assert report is not None
    return {str(row.address): row.became for row in report.machines}


def test_a_group_stops_and_starts_by_one_call_each(cloud: Cloud) -> None:
    cloud.settled(GROUP)
    cloud.forget()

    assert set(became(power(cloud, GROUP, STOP, "instance.web[*]")).values()) == {Became.DONE}
    assert statuses(cloud) == ["Stopped"] * 3
    assert set(became(power(cloud, GROUP, START, "instance.*")).values()) == {Became.DONE}
    assert statuses(cloud) == ["Running"] * 3
    assert cloud.writes() == ["StopInstances", "StartInstances"]


def test_more_than_a_hundred_go_in_batches(cloud: Cloud) -> None:
    text = with_instance("count: 120")
    cloud.settled(text)
    cloud.forget()

    report = power(cloud, text, STOP, "instance.web")

    assert cloud.writes() == ["StopInstances", "StopInstances"]
    assert report is not None and report.count(Became.DONE) == 120
    assert report.calls < 30


def test_a_reboot_ends_when_it_runs_again(cloud: Cloud) -> None:
    cloud.settled(GROUP)

    assert became(power(cloud, GROUP, REBOOT, "instance.web[1]")) == {"instance.web[1]": Became.DONE}
    assert statuses(cloud) == ["Running"] * 3


def test_what_is_off_already_is_not_stopped_again(cloud: Cloud) -> None:
    cloud.settled(GROUP)
    power(cloud, GROUP, STOP, "instance.web[0]")
    cloud.forget()

    found = became(power(cloud, GROUP, STOP, "instance.web"))

    assert found["instance.web[0]"] is Became.ALREADY
    params = cloud.written("StopInstances")[0]["params"]
    assert sum(name.startswith("InstanceId.") for name in params) == 2


def test_force_and_economy_reach_the_service(cloud: Cloud) -> None:
    cloud.settled(with_instance())

    power(cloud, with_instance(), Order(Verb.STOP, force=True, stop_charging=True), "instance.web")

    (call,) = cloud.written("StopInstances")
    assert (call["params"]["ForceStop"], call["params"]["StoppedMode"]) == ("true", "StopCharging")
    assert cloud.instance()["StoppedMode"] == "StopCharging"


def test_a_machine_that_the_service_refuses_is_told_by_itself(cloud: Cloud) -> None:
    cloud.settled(GROUP)
    power(cloud, GROUP, STOP, "instance.web[1]")

    report = power(cloud, GROUP, REBOOT, "instance.web")  # a machine that is off cannot be rebooted

    found = became(report)
    assert found == {
        "instance.web[0]": Became.DONE, "instance.web[1]": Became.FAILED, "instance.web[2]": Became.DONE,
    }  # fmt: skip
    assert report is not None
    assert next(row.code for row in report.machines if row.code) == "IncorrectInstanceStatus"


def test_a_declined_one_changes_nothing(cloud: Cloud) -> None:
    cloud.settled(GROUP)
    cloud.forget()

    assert power(cloud, GROUP, STOP, "instance.web", answer=False) is None
    assert cloud.writes() == []


@pytest.mark.parametrize("pattern", ["instance.nobody", "vpc.main", "instance.web[9]"])
def test_only_machines_of_the_stack_are_meant(cloud: Cloud, pattern: str) -> None:
    cloud.settled(GROUP)

    with pytest.raises(Rejected):
        power(cloud, GROUP, STOP, pattern)


def test_a_machine_that_is_only_to_be_adopted_is_not_ours_yet(cloud: Cloud) -> None:
    cloud.settled(GROUP)
    machine = cloud.instance("demo-web-0001").id
    cloud.call("UntagResources", ResourceType="instance", ResourceId=[machine], All=True)
    text = with_instance(f"adopt: {machine}", name="other")

    with pytest.raises(Rejected):
        power(cloud, text, STOP, "instance.other")


def test_the_lock_is_held_meanwhile_and_given_up(cloud: Cloud) -> None:
    cloud.settled(GROUP)
    seen: list[Iterable[str]] = []

    def approve(plan: PowerPlan) -> bool:
        seen.append([str(thing["KeyPairName"]) for thing in cloud.call("DescribeKeyPairs")["KeyPairs"]["KeyPair"]])
        with pytest.raises(Refused):
            power(cloud, GROUP, STOP, "instance.web")
        return True

    engine.power(cloud.load(GROUP), cloud.api, STOP, ["instance.web"], ApplyOptions(), approve)

    assert seen == [["ecsplan-lock:demo"]]
    assert cloud.things("keypair") == []


class Interrupted:
    """A Ctrl-C that comes when the machine of a given number is told of."""

    def __init__(self, at: str) -> None:
        self.requested = Event()
        self.at = at

    def hear(self, event: Mapping[str, Any]) -> None:
        if event["type"] == self.at:
            self.requested.set()


def test_an_interruption_leaves_what_was_not_asked_for(cloud: Cloud) -> None:
    text = with_instance("count: 120")
    cloud.settled(text)
    stop = Interrupted("apply_start")

    one = ApplyOptions(parallelism=1)

    report = engine.power(cloud.load(text), cloud.api, STOP, ["instance.web"], one, lambda plan: True, stop.hear, stop)

    assert report is not None and report.interrupted
    assert report.count(Became.SKIPPED) == 120
    asked = [row.message.startswith("sent") for row in report.machines]
    assert asked == [status == "Stopping" for status in statuses(cloud)]
    assert asked.count(False) == 20


def test_a_batch_that_fails_as_a_whole_fails_each_of_its_machines(cloud: Cloud) -> None:
    cloud.settled(GROUP)
    denied = Denying(cloud.api, "StopInstances")

    report = engine.power(cloud.load(GROUP), denied, STOP, ["instance.web"], ApplyOptions(), lambda plan: True)

    assert report is not None
    assert {row.code for row in report.machines} == {"Forbidden.RAM"}
    assert statuses(cloud) == ["Running"] * 3
    assert cloud.things("keypair") == []


def test_a_poll_that_fails_is_no_news(cloud: Cloud) -> None:
    cloud.settled(GROUP)
    failing = Denying(cloud.api, "DescribeInstances", after=1, times=2)

    report = engine.power(cloud.load(GROUP), failing, STOP, ["instance.web"], ApplyOptions(), lambda plan: True)

    assert report is not None and report.count(Became.DONE) == 3


class Denying:
    """A cloud that refuses some calls of one operation."""

    def __init__(self, api: Client, operation: str, after: int = 0, times: int = 1000) -> None:
        self.api, self.operation, self.left, self.until = api, operation, after, after + times
        self.seen = 0
        self.region, self.clock, self.server_now, self.calls = api.region, api.clock, api.server_now, 0

    def send(self, request: Request) -> Mapping[str, Any]:
        if request.operation == self.operation:
            self.seen += 1
            if self.left < self.seen <= self.until:
                raise ApiError(request.operation, "Forbidden.RAM", "not allowed", status=403)
        return self.api.send(request)
