"""Membership of machines in the server groups of ALB, NLB and CLB, declared on the machine."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from ecsplan.emulator import balancing
from ecsplan.model.call import Product
from ecsplan.model.change import Cause
from tests.kinds.cloud import Cloud, changes, shown, the_line, with_instance

PRODUCTS = {"alb": Product.ALB, "nlb": Product.NLB, "clb": Product.SLB}


@dataclass
class Front:
    """A server group of one product, and what is in it: weight by server and port."""

    cloud: Cloud
    product: str
    group: str

    def members(self) -> dict[tuple[str, int], int]:
        rows = self.cloud.service.account.get(_KIND[self.product], self.group)["Members"]
        return {(row["ServerId"], int(row.get("Port", 0))): int(row["Weight"]) for row in rows}

    def add(self, server: str, port: int, weight: int = 100) -> None:
        """Somebody else adds one."""
        if self.product == "clb":
            text = f'[{{"ServerId": "{server}", "Port": "{port}", "Weight": "{weight}", "Type": "ecs"}}]'
            self.cloud.call(
                "AddVServerGroupBackendServers", Product.SLB, VServerGroupId=self.group, BackendServers=text
            )
        else:
            self._send("AddServersToServerGroup", server, port, Weight=weight)

    def weigh(self, server: str, port: int, weight: int) -> None:
        if self.product == "clb":
            text = f'[{{"ServerId": "{server}", "Port": "{port}", "Weight": "{weight}"}}]'
            self.cloud.call("SetVServerGroupAttribute", Product.SLB, VServerGroupId=self.group, BackendServers=text)
        else:
            self._send("UpdateServerGroupServersAttribute", server, port, Weight=weight)

    def _send(self, operation: str, server: str, port: int, **more: Any) -> None:
        row = {"ServerId": server, "ServerType": "Ecs", "Port": port, **more}
        self.cloud.call(operation, PRODUCTS[self.product], ServerGroupId=self.group, Servers=[row])
        self.cloud.clock.advance(5)


_KIND = {"alb": "albgroup", "nlb": "nlbgroup", "clb": "vservergroup"}


def front(cloud: Cloud, product: str, name: str = "web") -> Front:
    """Made by hand, as all groups are."""
    if product == "clb":
        balancer = balancing.make(cloud.service.account, {"product": "clb", "name": "front"}, cloud.clock.now())["id"]
        made = cloud.call("CreateVServerGroup", Product.SLB, LoadBalancerId=balancer, VServerGroupName=name)
        return Front(cloud, product, str(made["VServerGroupId"]))
    vpc = cloud.call("CreateVpc", Product.VPC, CidrBlock="10.0.0.0/8")["VpcId"]
    cloud.clock.advance(5)
    check = {"HealthCheckEnabled": True}
    made = cloud.call("CreateServerGroup", PRODUCTS[product], ServerGroupName=name, VpcId=vpc, HealthCheckConfig=check)
    cloud.clock.advance(5)
    return Front(cloud, product, str(made["ServerGroupId"]))


def serving(product: str, *entries: str) -> str:
    return f"balancers: {{{product}: [{', '.join(entries)}]}}"


@pytest.fixture(params=PRODUCTS)
def group(cloud: Cloud, request: pytest.FixtureRequest) -> Front:
    return front(cloud, request.param)


def test_a_machine_joins_its_groups_once_it_runs_and_changes_its_weight_in_place(cloud: Cloud, group: Front) -> None:
    two = [f"{{group: {group.group}, port: {port}}}" for port in (80, 81)]
    cloud.settled(with_instance(serving(group.product, *two)))
    machine = cloud.instance().id
    assert group.members() == {(machine, 80): 100, (machine, 81): 100}

    text = with_instance(serving(group.product, f"{{group: {group.group}, port: 80, weight: 30}}"))
    plan = cloud.plan(text)
    assert the_line(plan).cause is Cause.PENDING
    cloud.forget()
    cloud.apply(plan)
    assert group.members() == {(machine, 80): 30}
    added = [name for name in cloud.changed() if name.startswith("Add")]
    assert added == []  # a new weight is no new membership: nothing is out of service
    cloud.assert_settled(text)


def test_another_weight_or_a_membership_that_is_gone_is_drift(cloud: Cloud, group: Front) -> None:
    text = with_instance(serving(group.product, f"{{group: {group.group}, port: 80}}"))
    cloud.settled(text)
    machine = cloud.instance().id
    group.weigh(machine, 80, 5)
    plan = cloud.plan(text)
    assert the_line(plan).cause is Cause.DRIFT, shown(plan)
    cloud.apply(plan)
    assert group.members() == {(machine, 80): 100}


def test_members_of_others_stay_and_ours_go_with_their_line(cloud: Cloud, group: Front) -> None:
    cloud.settled(with_instance(serving(group.product, f"{{group: {group.group}, port: 80}}")))
    machine = cloud.instance().id
    group.add(machine, 9000)
    cloud.assert_settled(with_instance(serving(group.product, f"{{group: {group.group}, port: 80}}")))
    plan = cloud.plan(with_instance())
    assert the_line(plan).cause is Cause.PENDING, shown(plan)
    cloud.apply(plan)
    assert group.members() == {(machine, 9000): 100}
    cloud.assert_settled(with_instance())


def test_a_machine_leaves_its_groups_before_it_is_deleted(cloud: Cloud, group: Front) -> None:
    text = with_instance(serving(group.product, f"{{group: {group.group}, port: 80}}"))
    cloud.settled(text)
    group.add(cloud.instance().id, 9000)
    cloud.forget()
    cloud.apply(cloud.plan(text, destroy=True))
    assert group.members() == {}
    writes = cloud.changed()
    removals = [place for place, name in enumerate(writes) if name.startswith("Remove")]
    assert removals and max(removals) < writes.index("DeleteInstances")


def test_an_adopted_machine_keeps_its_memberships_and_gets_those_that_lack(cloud: Cloud, group: Front) -> None:
    cloud.settled(with_instance())
    machine = cloud.instance().id
    group.add(machine, 80, 20)
    plan = cloud.plan(with_instance(serving(group.product, f"{{group: {group.group}, port: 80, weight: 20}}")))
    assert not changes(plan) or the_line(plan).name == "tags", shown(plan)


def test_a_group_is_found_by_its_name(cloud: Cloud) -> None:
    group = front(cloud, "alb", "shop")
    text = with_instance(serving("alb", "{group: {lookup: {name: shop}}, port: 80}"))
    cloud.settled(text)
    assert set(group.members()) == {(cloud.instance().id, 80)}


# Drain and undrain


class Log:
    """Weights as they were at each power call: what the balancer would have sent to a machine that is away."""

    def __init__(self, group: Front) -> None:
        self.group, self.seen = group, list[tuple[str, int]]()
        heard = group.cloud.service.handle

        def handle(request: Any) -> Any:
            action = next((v for name, v in request.headers.items() if name.lower() == "x-acs-action"), "")
            text = f"{action} {request.target} {request.body!r}"
            if "DryRun" not in text:
                names = ("StopInstances", "StartInstances", "DeleteInstances")
                self.seen += [(name, sum(group.members().values())) for name in names if name in text]
            return heard(request)

        group.cloud.service.handle = handle  # type: ignore[method-assign]


LARGER = "instance_type: ecs.g7.xlarge"


def sized(text: str, size: str) -> str:
    return text.replace("ecs.g7.large", size)


def test_a_machine_takes_no_requests_while_a_change_has_it_stopped(cloud: Cloud, group: Front) -> None:
    text = with_instance(serving(group.product, f"{{group: {group.group}, port: 80, weight: 60}}"))
    cloud.settled(text)
    plan = cloud.plan(sized(text, "ecs.g7.xlarge"))
    verbs = [step.id.verb for step in plan.steps if step.calls or step.gate]
    assert [v for v in verbs if v != "check"] == [
        "mark", "drain", "drained", "stop", "update", "start", "unmark", "undrain", "tag",
    ]  # fmt: skip
    log, began = Log(group), cloud.clock.now()
    cloud.apply(plan)
    assert log.seen == [("StopInstances", 0), ("StartInstances", 0)]
    assert cloud.clock.now() - began > 30  # connections had time to end
    assert list(group.members().values()) == [60]
    cloud.assert_settled(sized(text, "ecs.g7.xlarge"))


def test_the_time_to_drain_is_said_in_the_rollout(cloud: Cloud) -> None:
    group = front(cloud, "alb")
    text = with_instance(serving("alb", f"{{group: {group.group}, port: 80}}"), "lifecycle: {rollout: {drain: 2m}}")
    cloud.settled(text)
    plan = cloud.plan(sized(text, "ecs.g7.xlarge"))
    assert [step.gate.pause for step in plan.steps if step.gate is not None] == [120.0]
    text = text.replace("2m", "0s")
    assert not [s for s in cloud.plan(sized(text, "ecs.g7.xlarge")).steps if s.gate is not None]


def test_members_that_others_gave_a_machine_are_not_drained_by_us(cloud: Cloud, group: Front) -> None:
    text = with_instance(serving(group.product, f"{{group: {group.group}, port: 80}}"))
    cloud.settled(text)
    group.add(cloud.instance().id, 9000, 40)
    cloud.apply(sized(text, "ecs.g7.xlarge"))
    assert sorted(group.members().values()) == [40, 100]


def test_a_run_that_ends_between_drain_and_undrain_leaves_the_weight_to_the_next(cloud: Cloud, group: Front) -> None:
    text = with_instance(serving(group.product, f"{{group: {group.group}, port: 80}}"))
    cloud.settled(text)
    larger = sized(text, "ecs.g7.xlarge")
    plan = cloud.plan(larger)
    cloud.faults({"fault": "error", "action": "StartInstances", "code": "OperationDenied.NoStock", "status": 403})
    report = cloud.try_apply(plan)
    assert not report.is_complete and list(group.members().values()) == [0]
    cloud.service.faults.clear()
    again = cloud.plan(larger)
    line = changes(again)["instance.web"].attributes_by_name[f"balancers.{group.product}"]
    assert line.cause is Cause.PENDING, shown(again)
    log = Log(group)
    cloud.apply(again)
    assert log.seen == [("StartInstances", 0)]  # it runs before it takes requests
    assert list(group.members().values()) == [100]
    cloud.assert_settled(larger)


def test_a_machine_that_is_to_be_off_stays_drained_and_serves_again_when_it_is_on(cloud: Cloud, group: Front) -> None:
    text = with_instance(serving(group.product, f"{{group: {group.group}, port: 80}}"))
    cloud.settled(text)
    log = Log(group)
    off = with_instance(serving(group.product, f"{{group: {group.group}, port: 80}}"), "state: stopped")
    cloud.settled(off)
    assert log.seen == [("StopInstances", 0)] and list(group.members().values()) == [0]
    on = off.replace("state: stopped", "state: running")
    plan = cloud.plan(on)
    assert {line.cause for line in changes(plan)["instance.web"].attributes} == {Cause.PENDING}, shown(plan)
    cloud.apply(plan)
    assert list(group.members().values()) == [100]
    cloud.assert_settled(on)


def test_a_machine_that_goes_is_drained_before_it_leaves_the_group(cloud: Cloud, group: Front) -> None:
    text = with_instance(serving(group.product, f"{{group: {group.group}, port: 80}}"))
    cloud.settled(text)
    plan = cloud.plan(text, destroy=True)
    verbs = [step.id.verb for step in plan.steps if step.addresses[0].kind == "instance"]
    assert verbs[:5] == ["record", "drain", "drained", "release", "delete"]


def test_a_gate_that_fails_keeps_the_machine_out_of_service(cloud: Cloud) -> None:
    group = front(cloud, "alb")
    text = with_instance(
        serving("alb", f"{{group: {group.group}, port: 80}}"),
        "lifecycle: {rollout: {check: [{status: true, timeout: 10s}]}}",
    )
    cloud.settled(text)
    larger = sized(text, "ecs.g7.xlarge")
    cloud.faults({"fault": "unwell", "id": cloud.instance().id, "what": ["status"]})
    report = cloud.try_apply(larger)
    assert [o.step.verb for o in report.failed] == ["gate"]
    assert list(group.members().values()) == [0] and cloud.instance().status == "Running"
    cloud.service.faults.clear()
    cloud.apply(larger)
    assert list(group.members().values()) == [100]


def with_interface(*lines: str) -> str:
    body = ", ".join(("vswitch: app", "security_groups: [web]", "instance: web", *lines))
    return with_instance(more=f"network_interface:\n  front: {{{body}}}\n")


def test_an_interface_serves_in_its_own_name_and_leaves_before_it_goes(cloud: Cloud, group: Front) -> None:
    text = with_interface(serving(group.product, f"{{group: {group.group}, port: 80}}"))
    cloud.settled(text)
    (eni,) = [thing.id for thing in cloud.things("eni") if thing["Type"] == "Secondary"]
    assert group.members() == {(eni, 80): 100}
    cloud.settled(text.replace("port: 80", "port: 80, weight: 20"))
    assert group.members() == {(eni, 80): 20}
    cloud.forget()
    cloud.settled(with_instance())
    assert group.members() == {}
    gone = cloud.changed()
    assert next(i for i, name in enumerate(gone) if name.startswith("Remove")) < gone.index("DetachNetworkInterface")


@pytest.mark.parametrize("count", [20, 21])
def test_members_of_a_classic_group_go_twenty_at_a_time_and_none_is_asked_for_in_vain(cloud: Cloud, count: int) -> None:
    """AddVServerGroupBackendServers: at most 20 servers a call; an empty list is no call."""
    group = front(cloud, "clb")
    text = with_instance(serving("clb", f"{{group: {group.group}, port: 80}}"), f"count: {count}")
    cloud.settled(text)
    assert len(group.members()) == count
    cloud.forget()
    cloud.apply(cloud.plan(text, destroy=True))  # the balancer itself is nobody's
    sent = [entry["params"]["BackendServers"] for entry in cloud.written()
            if entry["action"] == "RemoveVServerGroupBackendServers"]  # fmt: skip
    assert sorted(len(json.loads(listed)) for listed in sent) == ([20] if count == 20 else [1, 20])
    assert group.members() == {}


def test_an_invalid_parameter_is_not_taken_for_a_member_that_is_gone(cloud: Cloud) -> None:
    """What is gone has the code InvalidParameter there, and words of its own."""
    group = front(cloud, "clb")
    cloud.settled(with_instance(serving("clb", f"{{group: {group.group}, port: 80}}")))
    cloud.faults({"fault": "error", "action": "RemoveVServerGroupBackendServers", "code": "InvalidParameter",
                  "message": "The specified parameter is not valid.", "status": 400, "probability": 1.0})  # fmt: skip
    report = cloud.try_apply(with_instance())
    assert [outcome.code for outcome in report.failed] == ["InvalidParameter"]
    assert group.members()
