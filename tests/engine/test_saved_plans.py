"""A saved plan, applied later: as it was approved, or refused; and taken up again where a run was cut off.

pytest tests/engine/test_saved_plans.py                      some hundred cases
ECSPLAN_SWEEP=full pytest tests/engine/test_saved_plans.py   every point and a thousand edits
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.engine import ApplyOptions
from ecsplan.model.change import Action
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.plan import Plan, Report
from tests.kinds.cloud import INSTANCE, Cloud, changes, shown, stack_of

FULL = os.environ.get("ECSPLAN_SWEEP") == "full"
EDITS = 1000 if FULL else 36
EVERY = 1 if FULL else 5

NETWORK = """
vpc:
  main: {cidr_block: 10.0.0.0/8, description: the network}
vswitch:
  app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24, description: the subnet}
security_group:
  web: {vpc: main, description: the group, TYPE ingress: [RULES]}
  spare: {vpc: main, description: nobody uses it}
"""
ONE, TWO = "{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}", "{protocol: tcp, ports: 80, cidr: 0.0.0.0/0}"
IMAGE = "ubuntu_22_04_x64_20G_alibase_20260522.vhd"


def network(rules: str = ONE, kind: str = "") -> str:
    return NETWORK.replace("RULES", rules).replace("TYPE", f"type: {kind}," if kind else "")


def machines(count: int = 3, more: str = "", body: str = INSTANCE) -> str:
    lines = body.strip("\n").replace("\n", "\n    ")
    return f"instance:\n  web:\n    count: {count}\n    description: a machine\n    {lines}\n{more}"


def a_server(more: str = "", body: str = INSTANCE) -> str:
    return f"  db:\n    description: the server\n    {body.strip(chr(10)).replace(chr(10), chr(10) + '    ')}\n{more}"


DATA = "    data_disks:\n      data: {category: cloud_essd, size: 40}\n"
GROWN = "    data_disks:\n      data: {category: cloud_essd, size: 60}\n      logs: {category: cloud_essd, size: 20}\n"
EIP = "eip:\n  front: {bandwidth: 5, description: the address, instance: db}\n"
BIGGER = INSTANCE.replace("g7.large", "g7.xlarge")
OTHER_IMAGE = (
    INSTANCE.replace(IMAGE, "ubuntu_24_04_x64_20G_alibase_20260916.vhd") + "\nlifecycle: {on_image_change: replace}"
)
BASE = stack_of(network(), machines() + a_server(DATA), EIP)

SCENARIOS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "create": ("", BASE, {}),
    "change in place": (BASE, stack_of(network(TWO), machines(body=BIGGER) + a_server(GROWN), EIP), {}),
    "replace, create first": (BASE, stack_of(network(kind="enterprise"), machines() + a_server(DATA), EIP), {}),
    "replace": (BASE, stack_of(network(), machines() + a_server(DATA, OTHER_IMAGE), EIP), {}),
    "scale up": (BASE, stack_of(network(), machines(6) + a_server(DATA), EIP), {}),
    "scale down": (BASE, stack_of(network(), machines(1) + a_server(DATA), EIP), {}),
    "fewer blocks": (BASE, stack_of(network(), machines()), {}),
    "destroy": (BASE, BASE, {"destroy": True}),
    "target": (BASE, stack_of(network(TWO), machines(body=BIGGER) + a_server(GROWN)), {"targets": ("instance.web",)}),
    "target a deletion": (BASE, stack_of(network(), machines() + a_server(DATA)), {"targets": ("eip.front",)}),
    "asked to replace": (BASE, BASE, {"replaces": ("security_group.web", "instance.db")}),
}


@dataclass
class Stop:
    """Asks for no new call after so many writes."""

    cloud: Cloud
    after: int
    requested: Any = field(init=False)

    def __post_init__(self) -> None:
        self.requested = self

    def is_set(self) -> bool:
        return len(self.cloud.written()) >= self.after


def options(cloud: Cloud, **more: Any) -> ApplyOptions:
    return ApplyOptions(state_dir=str(cloud.folder / ".ecsplan"), approved=True, allow_destroy=1000, **more)


def saved(cloud: Cloud, scenario: str) -> Plan:
    """What is live before, and the plan of the change as it comes out of its file."""
    before, after, asked = SCENARIOS[scenario]
    if before:
        cloud.settled(before)
    plan = engine.load_plan(engine.save_plan(cloud.plan(after, **asked)))
    cloud.forget()
    return plan


def carried_out(cloud: Cloud, plan: Plan, after: int | None = None) -> Report:
    stop = None if after is None else Stop(cloud, after)
    return engine.apply(plan, cloud.api, options(cloud, parallelism=2), stop=stop)


def failures(report: Report) -> list[str]:
    return [f"{o.step}: {o.code} {o.message}" for o in report.outcomes if o.code]


def is_reached(cloud: Cloud, scenario: str, plan: Plan) -> bool:
    """Whether nothing is left to do, so far as it was asked for."""
    _, after, asked = SCENARIOS[scenario]
    left = cloud.plan(after, **{key: value for key, value in asked.items() if key == "destroy"})
    touched = {change.address for change in plan.changes if change.action is not Action.NOOP}
    return not [change for change in left.changes if change.address in touched and change.action is not Action.NOOP]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_saved_plan_does_what_it_said(cloud, scenario):
    plan = saved(cloud, scenario)
    report = carried_out(cloud, plan)
    assert report.is_complete, failures(report)
    assert is_reached(cloud, scenario, plan)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_saved_plan_that_is_done_has_nothing_left_to_do(cloud, scenario):
    plan = saved(cloud, scenario)
    carried_out(cloud, plan)
    cloud.forget()
    assert carried_out(cloud, plan).is_complete
    assert cloud.writes() == []


@pytest.mark.parametrize("journal", ["kept", "lost"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_saved_plan_cut_off_anywhere_is_taken_up_again(tmp_path_factory, scenario, journal):
    first = Random(scenario + journal).randrange(EVERY)
    for cut in range(1 + first, 40, EVERY):
        cloud = Cloud(tmp_path_factory.mktemp("cut"))
        plan = saved(cloud, scenario)
        cut_off = carried_out(cloud, plan, cut)
        if journal == "lost":
            shutil.rmtree(cloud.folder / ".ecsplan")
        report = carried_out(cloud, plan)
        assert report.is_complete, (cut, failures(report))
        assert is_reached(cloud, scenario, plan), (cut, shown(cloud.plan(SCENARIOS[scenario][1])))
        if cut_off.is_complete:
            return


FIELD = {"vpc": "vpc", "vswitch": "vswitch", "security_group": "securitygroup", "instance": "instance", "eip": "eip"}


def edit(cloud: Cloud, kind: str, object_id: str) -> None:
    """Somebody else puts other words on it."""
    thing = next(thing for thing in cloud.things(FIELD[kind]) if thing.id == object_id)
    cloud.service.account.change(thing, Description="changed by hand")


CHANGING = ("change in place", "replace, create first", "replace", "asked to replace", "target")


@pytest.mark.parametrize("number", range(EDITS))
def test_an_edit_of_what_a_plan_changes_is_refused_and_nothing_is_written(cloud, number):
    chance = Random(number)
    scenario = CHANGING[number % len(CHANGING)]
    plan = saved(cloud, scenario)
    touched = [c for c in plan.changes if c.action in (Action.UPDATE, Action.REPLACE) and c.before]
    change = chance.choice(touched)
    edit(cloud, change.kind, change.before.id)
    with pytest.raises(Refused, match=rf"{change.address.name}.*description is 'changed by hand' now"):
        carried_out(cloud, plan)
    assert cloud.writes() == []


@pytest.mark.parametrize("number", range(EDITS // 2))
def test_an_edit_of_what_a_plan_leaves_alone_is_accepted(cloud, number):
    chance = Random(number)
    scenario = chance.choice(["change in place", "replace", "scale up", "scale down", "target", "fewer blocks"])
    plan = saved(cloud, scenario)
    quiet = [change for change in plan.changes if change.action is Action.NOOP]
    change = chance.choice(quiet)
    edit(cloud, change.kind, change.before.id)
    assert carried_out(cloud, plan).is_complete
    assert (
        next(t for t in cloud.things(FIELD[change.kind]) if t.id == change.before.id)["Description"]
        == "changed by hand"
    )


def test_a_thing_to_be_made_may_be_there_but_not_otherwise(cloud):
    plan = saved(cloud, "create")
    carried_out(cloud, plan, 3)
    edit(cloud, "vpc", cloud.thing("vpc", "demo-main").id)
    with pytest.raises(Refused, match=r"vpc\.main.*description is 'changed by hand' now"):
        carried_out(cloud, plan)


def test_what_a_plan_refers_to_must_not_be_gone(cloud):
    cloud.settled(stack_of(network()))
    plan = engine.load_plan(engine.save_plan(cloud.plan(stack_of(network(), machines(1)))))
    cloud.call("DeleteSecurityGroup", SecurityGroupId=cloud.thing("securitygroup", "demo-web").id)
    cloud.forget()
    with pytest.raises(Refused, match=r"security_group\.web.*it is gone; the plan counts on it"):
        carried_out(cloud, plan)
    assert cloud.writes() == []


def test_what_a_plan_refers_to_must_not_be_another_thing_of_the_same_name(cloud):
    cloud.settled(stack_of(network()))
    plan = engine.load_plan(engine.save_plan(cloud.plan(stack_of(network(), machines(1)))))
    cloud.call("DeleteSecurityGroup", SecurityGroupId=cloud.thing("securitygroup", "demo-web").id)
    cloud.apply(stack_of(network()))
    with pytest.raises(Refused, match=r"security_group\.web.*it is another object now"):
        carried_out(cloud, plan)


def test_a_machine_that_runs_by_now_is_not_stopped_by_a_plan_that_never_said_so(cloud):
    text = stack_of(network(), machines(1))
    cloud.settled(text)
    cloud.call("StopInstances", InstanceId=[cloud.instance("demo-web-0000").id])
    cloud.clock.advance(60)
    cloud.call("DescribeInstances")
    plan = engine.load_plan(engine.save_plan(cloud.plan(stack_of(network(), machines(1, body=BIGGER)))))
    if not changes(plan)["instance.web[0]"].attributes_by_name.get("state"):
        cloud.call("StartInstances", InstanceId=[cloud.instance("demo-web-0000").id])
        cloud.clock.advance(60)
        cloud.call("DescribeInstances")
        with pytest.raises(Refused, match="would mean stop and start now"):
            carried_out(cloud, plan)


def test_a_disk_that_was_attached_since_is_not_lost_with_the_machine(cloud):
    plan = saved(cloud, "destroy")
    instance = cloud.instance("demo-db")
    made = cloud.call("CreateDisk", ZoneId="cn-hangzhou-h", Size=20, DiskCategory="cloud_essd", DiskName="precious")
    cloud.clock.advance(60)
    cloud.call("AttachDisk", DiskId=made["DiskId"], InstanceId=instance.id, DeleteWithInstance=True)
    cloud.clock.advance(60)
    cloud.forget()
    with pytest.raises(Refused, match=r"instance\.db.*the attachment of disk .*precious"):
        carried_out(cloud, plan)
    assert cloud.writes() == []


def test_a_machine_that_was_protected_since_is_not_deleted(cloud):
    plan = saved(cloud, "fewer blocks")
    cloud.call("ModifyInstanceAttribute", InstanceId=cloud.instance("demo-db").id, DeletionProtection=True)
    cloud.forget()
    with pytest.raises(Refused, match="deletion_protection is on"):
        carried_out(cloud, plan)
    assert cloud.writes() == []


@pytest.mark.parametrize(
    ("alter", "problem"),
    [
        (lambda text: text.replace("10.0.1.0/24", "10.0.2.0/24"), "altered"),
        (lambda text: text[:-100], "cut off"),
        (lambda text: text[: len(text) // 2], "cut off"),
        (lambda text: text[1:], "damaged"),
        (lambda text: "x" + text[1:40], "not JSON"),
        (lambda text: text.replace("ecsplan-plan/v1", "ecsplan-plan/v9"), "not a plan of format"),
        (lambda text: "[]", "not a plan of format"),
        (lambda text: text.replace('"steps"', '"stebs"'), "altered"),
    ],
)
def test_an_altered_plan_is_no_plan(cloud, alter: Callable[[str], str], problem):
    text = engine.save_plan(cloud.plan(BASE))
    with pytest.raises(Refused if problem == "altered" else Rejected, match=problem):
        engine.load_plan(alter(text))


@pytest.mark.parametrize(("field_name", "value"), [("region", "cn-beijing"), ("account", "42")])
def test_a_plan_for_another_place_is_refused(cloud, field_name, value):
    plan = replace(cloud.plan(BASE), **{field_name: value})
    with pytest.raises(Refused, match=f"the plan is for {field_name} {value}"):
        carried_out(cloud, plan)
    assert cloud.writes() == []


def test_a_plan_without_its_stack_is_refused(cloud):
    with pytest.raises(Refused, match="holds no stack"):
        carried_out(cloud, replace(cloud.plan(BASE), definition=None))


def test_a_guarded_plan_is_refused_before_anything_is_read(cloud):
    plan = saved(cloud, "fewer blocks")
    cloud.forget()
    with pytest.raises(Refused, match=r"would be (destroyed|lost)"):
        engine.apply(plan, cloud.api, ApplyOptions(state_dir=str(cloud.folder)))
    assert cloud.service.log.calls() == []


def test_what_a_saved_plan_changes_is_not_left_out_because_its_machine_has_become_a_question(cloud):
    """Another list lacks its system disk for the moment: that is no reason to say that all of the plan is done."""
    plan = saved(cloud, "change in place")
    cloud.faults({"fault": "list_vs_get_disagree", "kind": "disk", "share": 1.0, "action": "*", "times": 999})
    cloud.forget()
    with pytest.raises(Refused, match=r"instance\.db: the cloud has moved.*DescribeDisks tells nothing of it"):
        carried_out(cloud, plan)
    assert cloud.writes() == []


def test_a_run_that_wrote_one_record_of_two_is_taken_up_again_from_its_plan(cloud: Cloud) -> None:
    """What is written down already is not written again, so that the steps of the two come in another order."""
    disks = "disk:\n  files: {{{0}, multi_attach: true, instances: {1}}}\n  store: {{{0}, instance: 'web[0]'{2}}}\n"
    of = "zone: cn-hangzhou-h, category: cloud_essd, size: 40"
    paid = machines(3, "    charge_type: PrePaid\n    period: 1\n")
    cloud.settled(stack_of(network(), paid, disks.format(of, "['web[0]', 'web[1]']", "")))
    text = stack_of(network(), paid, disks.format(of, "['web[1]', 'web[2]']", ", subscription: true"))
    plan = cloud.plan(text)
    (first,) = [step for step in plan.steps if step.id.verb == "record" and str(step.addresses[0]) == "disk.files"]
    cloud.call(first.calls[0].operation, **first.calls[0].params)
    assert cloud.try_apply(plan).is_complete
    cloud.assert_settled(text)
