"""One reading of the cloud to one plan: whose account, what is proven absent, what is only strange."""

import pytest

from ecsplan import engine
from ecsplan.emulator import strikes
from ecsplan.model.diagnostic import Refused, Rejected
from tests.kinds.cloud import Cloud, changes, stack_of, with_instance

NET = "vpc:\n  main: {cidr_block: 10.0.0.0/8}\n"
STACK = stack_of(NET)
GROUP = with_instance("count: 2")


def test_another_account_is_refused(cloud):
    with pytest.raises(
        Refused, match="the stack is meant for account 9999999999999999, the key is of account 1234567890123456"
    ):
        cloud.plan('account: "9999999999999999"\n' + STACK)


def test_the_right_account_is_written_in_the_plan(cloud):
    assert cloud.plan('account: "1234567890123456"\n' + STACK).account == "1234567890123456"


def denied(cloud: Cloud) -> None:
    """The key may not list VPCs: RAM answers with nothing, and says so only to a dry run."""
    cloud.faults({"fault": "empty_by_permission", "action": "DescribeVpcs", "times": 99})


def test_an_empty_list_that_may_not_be_read_is_no_absence(cloud):
    cloud.settled(STACK)
    cloud.forget()
    denied(cloud)
    with pytest.raises(Refused, match="DescribeVpcs answers nothing, and that does not prove that there is none"):
        cloud.plan(STACK)
    assert cloud.writes() == []


def test_absence_that_is_proven_is_no_warning(cloud):
    assert cloud.plan(STACK).warnings == ()


def test_a_cut_list_is_not_planned_on(cloud):
    cloud.settled(STACK)
    cloud.faults({"fault": "page_shift", "action": "DescribeVpcs", "shift": 1, "times": 99})
    try:
        plan = cloud.plan(STACK)
    except Exception as error:  # noqa: BLE001
        assert "DescribeVpcs" in str(error)
    else:
        assert plan.is_empty


def test_a_stranger_is_shown_and_left_alone(cloud):
    cloud.settled(GROUP)
    for number in (0, 1):
        machine = cloud.instance(f"demo-web-000{number}")
        cloud.call("ModifyInstanceAttribute", InstanceId=machine.id, InstanceName=f"mine-{number}")
    plan = cloud.plan(GROUP, state_dir=None)
    assert [str(w.address) for w in plan.warnings] == ["instance.web", "instance.web"]
    assert not plan.steps and {guard.name for guard in plan.guards} == {"blocked"}
    assert {str(address) for guard in plan.guards for address in guard.addresses} == {
        "instance.web[0]", "instance.web[1]",
    }  # fmt: skip


def test_one_that_was_renamed_gets_its_name_back(cloud):
    cloud.settled(GROUP)
    machine = cloud.instance("demo-web-0001")
    cloud.call("ModifyInstanceAttribute", InstanceId=machine.id, InstanceName="mine")
    (line,) = changes(cloud.plan(GROUP))["instance.web[1]"].attributes
    assert (line.name, line.before, line.after, line.cause.value) == ("name", "mine", "demo-web-0001", "drift")
    cloud.settled(GROUP)


def test_two_lists_that_disagree_are_not_planned_on(cloud):
    cloud.settled(with_instance())
    for disk in list(cloud.things("disk")):
        cloud.service.account.remove(disk)
    (guard,) = cloud.plan(with_instance()).guards
    assert "is listed, but DescribeDisks tells nothing of it" in guard.summary


@pytest.mark.parametrize(
    ("text", "problem"), [("nonsense", "is not an address"), ("vpc.other", "the stack declares no such address")]
)
def test_what_is_asked_to_be_replaced_must_be_declared(cloud, text, problem):
    with pytest.raises(Rejected, match=problem):
        cloud.plan(STACK, replaces=(text,))


def test_known_outputs_are_told_by_the_plan(cloud):
    text = STACK + "outputs:\n  table: ${vpc.main.route_table}\n"
    cloud.settled(text)
    assert str(cloud.plan(text).outputs["table"]).startswith("vtb-")


def test_a_region_that_owns_nothing_yet_is_a_new_stack(cloud):
    assert cloud.plan(STACK).is_new_stack
    cloud.settled(STACK)
    again = cloud.plan(STACK)
    assert not again.is_new_stack and again.live == 1 and again.calls_read > 0


def test_live_things_are_listed_by_address(cloud):
    cloud.settled(GROUP)
    found = engine.list_objects(cloud.load(stack_of(NET)), cloud.api)
    assert [str(address) for address, _ in found] == [
        "instance.web[0]", "instance.web[1]", "security_group.web", "vpc.main", "vswitch.app",
    ]  # fmt: skip


def test_who_am_i_tells_no_secret(cloud):
    told = engine.whoami(cloud.api)
    assert told["account"] == "1234567890123456" and told["region"] == "cn-hangzhou"
    assert "emulator-secret" not in str(told)


def test_an_emptied_stack_is_guarded(cloud):
    cloud.settled(STACK)
    plan = cloud.plan("resources: {}\n")
    assert "empty" in [guard.name for guard in plan.guards]


def test_a_schema_is_made_of_the_tables():
    assert "vpc" in str(engine.stack_schema()) and "digest" in engine.plan_schema()["properties"]


def test_what_something_live_is_in_cannot_be_gone_though_no_read_tells_of_it(cloud, monkeypatch):
    """A list and the read by id both leave the VPC out, while its vSwitch and its group are there."""
    monkeypatch.setattr(strikes, "_is_list", lambda call: True)
    cloud.settled(with_instance())
    cloud.faults({"fault": "list_vs_get_disagree", "kind": "vpc", "share": 1.0, "action": "*", "times": 999})
    with pytest.raises(Rejected, match=r"vsw-\w+ is in vpc-\w+, which DescribeVpcs does not tell of"):
        cloud.plan(with_instance())
