"""An apply ends when reads show what it did: neither a plan from elsewhere nor the next one finds it again."""

from typing import Any

import pytest

from ecsplan import engine
from ecsplan.engine import ApplyOptions, PlanOptions
from ecsplan.engine.showing import PAUSES
from ecsplan.model.call import ApiError, ErrorClass, ShortRead
from ecsplan.provider.alibaba import Alibaba
from tests.kinds.cloud import Cloud, stack_of, with_instance

DISK = "disk:\n  data: {{zone: cn-hangzhou-h, size: 100, category: cloud_essd{more}}}\n"
POLICY = "auto_snapshot_policy:\n  night: {hours: [2], weekdays: [1], retention_days: 7}\n"


def lagging(cloud: Cloud, **seconds: float) -> None:
    cloud.service.settings.change({"lag": seconds})


def run(cloud: Cloud, text: str) -> list[str]:
    """Applies it, and answers what was told."""
    told: list[Any] = []
    options = ApplyOptions(state_dir=str(cloud.folder / "state"), environ=cloud.environ, approved=True)
    report = engine.session(cloud.load(text), cloud.api, PlanOptions(), options, lambda plan: True, told.append)[1]
    assert report is not None and report.is_complete
    return [str(event["message"]) for event in told if event["type"] == "diagnostic"]


CHANGES = {
    "a name": ("names", stack_of(DISK.format(more=", name: one")), stack_of(DISK.format(more=", name: two"))),
    "a snapshot policy": ("snapshot_policies", stack_of(DISK.format(more="") + POLICY),
                          stack_of(DISK.format(more=", snapshot_policy: night") + POLICY)),
    "the name of a disk in a slot": ("names", with_instance("data_disks: {logs: {size: 20, name: one}}"),
                                     with_instance("data_disks: {logs: {size: 20, name: two}}")),
    "how a machine is paid": ("billing", with_instance("charge_type: PostPaid"),
                              with_instance("charge_type: PrePaid", "period: 1")),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_what_was_changed_is_waited_for_until_it_is_shown(cloud: Cloud, case: str) -> None:
    what, before, after = CHANGES[case]
    run(cloud, before)
    lagging(cloud, **{what: 10.0})
    run(cloud, after)
    assert cloud.plan(after).is_empty


def test_so_is_what_changes_along_with_a_new_address(cloud: Cloud) -> None:
    run(cloud, stack_of(DISK.format(more=", name: one")))
    lagging(cloud, names=10.0)
    moved = (
        stack_of(DISK.format(more=", name: two").replace("data:", "store:"))
        + "moved: [{from: disk.data, to: disk.store}]\n"
    )
    run(cloud, moved)
    assert cloud.plan(moved).is_empty


def test_a_policy_that_a_new_disk_gets_is_waited_for(cloud: Cloud) -> None:
    text = stack_of(DISK.format(more=", snapshot_policy: night") + POLICY)
    lagging(cloud, snapshot_policies=10.0)
    run(cloud, text)
    assert cloud.plan(text).is_empty


def test_so_is_what_an_address_gets_after_it_was_converted(cloud: Cloud) -> None:
    """The call that makes it takes no name."""
    public = "internet: {max_bandwidth_out: 5, charge_type: PayByTraffic}"
    run(cloud, with_instance(public))
    lagging(cloud, names=10.0)
    text = with_instance("", more="eip:\n  web: {instance: web, convert_public_ip: true, name: front}\n")
    run(cloud, text)
    assert cloud.plan(text).is_empty


def test_one_member_that_is_shown_late_is_waited_for_though_others_are_there(cloud: Cloud) -> None:
    def interfaces(words: str, more: str = "") -> str:
        slots = f"control: {{vswitch: app, security_groups: [web], description: {words}}}{more}"
        return with_instance(f"network_interfaces: {{{slots}}}")

    run(cloud, interfaces("one"))
    lagging(cloud, names=10.0)
    text = interfaces("two", ", other: {vswitch: app, security_groups: [web]}")
    run(cloud, text)
    assert cloud.plan(text).is_empty


def test_who_plans_on_another_machine_finds_what_was_made_in_the_lists(cloud: Cloud) -> None:
    """With the journals of none: what no list shows would be made a second time."""
    lagging(cloud, lists=6.0)
    text = with_instance("", more=DISK.format(more="") + "eip:\n  front: {bandwidth: 5}\n")
    run(cloud, text)
    assert engine.plan(cloud.load(text), cloud.api).is_empty


def test_what_is_never_shown_is_said_and_holds_up_nothing(cloud: Cloud) -> None:
    run(cloud, stack_of(DISK.format(more=", name: one")))
    lagging(cloud, names=3000.0)
    started = cloud.clock.now()
    told = run(cloud, stack_of(DISK.format(more=", name: two")))
    assert told[-1] == "accepted, and not shown yet: disk.data (name); a plan may have it again"
    assert cloud.clock.now() - started < sum(PAUSES) + 30


def test_nothing_is_waited_for_where_nothing_lags(cloud: Cloud) -> None:
    assert run(cloud, with_instance("")) == []


@pytest.mark.parametrize(
    "slot", ["data_disks: {logs: {size: 20}}", "network_interfaces: {ctl: {vswitch: app, security_groups: [web]}}"]
)
def test_nor_for_a_slot_that_is_filled(cloud: Cloud, slot: str) -> None:
    run(cloud, with_instance(""))
    assert run(cloud, with_instance(slot)) == []
    assert run(cloud, with_instance("")) == []


def test_nor_for_a_slot_beside_the_one_that_changes(cloud: Cloud) -> None:
    """The file says less of it than the service does."""
    beside = "data: {category: cloud_essd, size: 100, keep: true}"
    run(cloud, with_instance(f"data_disks: {{{beside}, logs: {{category: cloud_auto, size: 40}}}}"))
    assert run(cloud, with_instance(f"data_disks: {{{beside}, logs: {{category: cloud_auto, size: 60}}}}")) == []


FAILS = {
    "the key ended": (ErrorClass.AUTH_REFRESH, "InvalidSecurityToken.Expired", "the credentials ran out"),
    "the key may not read": (ErrorClass.DENIED, "Forbidden.RAM", "DescribeDisks: Forbidden.RAM"),
    "the service is down": (ErrorClass.TRANSIENT, "ServiceUnavailable", "DescribeDisks: ServiceUnavailable"),
}


@pytest.mark.parametrize("case", FAILS)
def test_a_read_that_fails_at_the_end_takes_no_report_away(
    cloud: Cloud, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All was done: the report stands, it says that the look failed, and nothing waits for it."""
    sort, code, words = FAILS[case]

    def refused(*_: object) -> set[str]:
        raise ApiError("DescribeDisks", code, "no", error_class=sort)

    monkeypatch.setattr(Alibaba, "shown", refused)
    started = cloud.clock.now()
    (told,) = run(cloud, stack_of(DISK.format(more="")))
    assert words in told and "all was done" in told
    assert cloud.clock.now() - started < 60


def test_a_list_that_moves_at_the_end_is_read_again(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, asked = Alibaba.shown, list[str]()

    def moving(self: Alibaba, kind: str, ids: list[str]) -> object:
        asked.append(kind)
        if len(asked) == 1:
            raise ShortRead("DescribeDisks", "it moved", [])
        return shown(self, kind, ids)

    monkeypatch.setattr(Alibaba, "shown", moving)
    assert run(cloud, stack_of(DISK.format(more=""))) == []
    assert asked == ["disk", "disk"]


def test_a_change_whose_object_cannot_be_read_is_told_at_once(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    run(cloud, stack_of(DISK.format(more=", name: one")))
    from ecsplan.engine import showing

    real = showing.wait_until_shown

    def denied(*given: Any) -> None:
        cloud.faults({"fault": "error", "action": "DescribeDisks", "code": "Forbidden.RAM", "message": "no",
                      "status": 403, "probability": 1.0})  # fmt: skip
        real(*given)

    monkeypatch.setattr("ecsplan.engine.applying.wait_until_shown", denied)
    (told,) = run(cloud, stack_of(DISK.format(more=", name: two")))
    assert "DescribeDisks: Forbidden.RAM" in told
