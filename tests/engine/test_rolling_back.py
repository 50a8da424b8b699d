"""The way back: what a run changed has its values again; what cannot be had again is said."""

import pytest

from ecsplan import engine
from ecsplan.engine import PlanOptions
from ecsplan.engine.rolling_back import changed_by, rollback, touched_by
from ecsplan.engine.runs import find_run
from ecsplan.kinds import load_kinds
from ecsplan.model.diagnostic import Refused
from tests.engine.test_rollouts import fleet, off, types, unwell
from tests.kinds.cloud import Cloud, changes, with_instance

KINDS = load_kinds()
EIP = "eip:\n  e: {charge_type: PayByTraffic}\n"


def back(cloud: Cloud, plan=None):
    state = str(cloud.folder / ".ecsplan")
    options = PlanOptions(state_dir=state)
    if plan is not None:
        return rollback(plan, changed_by(plan), cloud.api, KINDS, options)
    run = find_run("", "last", state_dir=state, has_effect=True)
    found = rollback(engine.load_plan(run.plan), touched_by(run), cloud.api, KINDS, options)
    return engine.load_plan(engine.save_plan(found))  # it is saved and read as any other


def warnings(plan) -> list[str]:
    return [f"{warning.address}: {warning.summary}" for warning in plan.warnings]


def test_a_rollout_that_stopped_is_brought_back_and_none_is_off(cloud):
    cloud.apply(fleet("ecs.g7.large", size=40))
    unwell(cloud, "*-0002")
    cloud.try_apply(fleet("ecs.g7.xlarge", size=40), store="")
    plan = back(cloud)
    assert sorted(changes(plan)) == ["instance.web[0]", "instance.web[1]", "instance.web[2]"]
    cloud.apply(plan)
    assert types(cloud) == ["ecs.g7.large"] * 40 and off(cloud) == []
    cloud.assert_settled(fleet("ecs.g7.large", size=40))


def test_what_was_changed_in_place_has_its_value_again_and_what_was_made_goes(cloud):
    first = with_instance("description: first")
    cloud.apply(first)
    cloud.apply(with_instance("description: second", "tags: {team: web}", more=EIP), store="")
    cloud.apply(back(cloud))
    assert cloud.instance()["Description"] == "first" and cloud.things("eip") == []
    cloud.assert_settled(first, records=True)


def test_a_value_that_the_service_does_not_take_back_is_said_and_the_others_go_back(cloud):
    disk = "data_disks: {data: {category: cloud_essd, size: SIZE}}"
    cloud.apply(with_instance("description: first", disk.replace("SIZE", "40")))
    cloud.apply(with_instance("description: second", disk.replace("SIZE", "60")), store="")
    plan = back(cloud)
    assert any(text.startswith("instance.web: data_disks cannot be taken back") for text in warnings(plan))
    cloud.apply(plan)
    assert cloud.instance()["Description"] == "first"


def test_a_replacement_is_lossy_and_a_deletion_impossible(cloud):
    old = with_instance("lifecycle: {on_image_change: replace}", more=EIP)
    cloud.apply(old)
    new = with_instance("lifecycle: {on_image_change: replace}").replace("20260522", "20260723")
    cloud.apply(new, store="")
    plan = back(cloud)
    assert any("instance.web: the way back is lossy" in text for text in warnings(plan))
    assert any("eip.e: it cannot be taken back: it was deleted" in text for text in warnings(plan))
    cloud.apply(plan)
    assert cloud.instance()["ImageId"].endswith("20260522.vhd")


def test_a_saved_plan_that_was_applied_has_a_way_back_too(cloud):
    cloud.apply(with_instance("description: first"))
    plan = cloud.plan(with_instance("description: second"))
    cloud.apply(plan)
    cloud.apply(back(cloud, plan))
    assert cloud.instance()["Description"] == "first"


def test_where_nothing_can_be_taken_back_the_reason_is_said(cloud):
    cloud.apply(with_instance(more=EIP))
    cloud.apply(with_instance(), store="")
    with pytest.raises(Refused, match="nothing that can be taken back"):
        back(cloud)


def test_before_an_apply_the_way_back_says_what_can_be_had_again(cloud):
    """Judged from the plan alone: nothing of it has been done yet."""
    data = "data_disks: {data: {category: cloud_essd, size: SIZE}}"
    cloud.apply(with_instance("description: first", data.replace("SIZE", "40"), more=EIP))
    key = "key_pair:\n  k: {public_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFJ1cHBlbHJ1cHBlbHJ1cHBlbHJ1cHBlbHJ1cHBl}\n"
    plan = cloud.plan(with_instance("description: second", data.replace("SIZE", "60"), more=key))
    cloud.forget()
    found = back(cloud, plan)
    told = {(str(one.address), one.attribute): (one.sort.value, one.why) for one in found.recoveries}
    assert told["instance.web", ""][0] == "reversible"
    assert told["instance.web", "data_disks"][0] == "impossible"
    assert told["eip.e", ""] == (
        "impossible",
        "it was deleted, with what was on it: apply the commit before to make a new one",
    )
    assert told["key_pair.k", ""][0] == "reversible"
    assert found.is_empty and cloud.changed() == []


@pytest.mark.parametrize(
    ("lifecycle", "sort", "why"),
    [("replace", "lossy", "a new object takes its place again"), ("reinstall", "lossy", "data")],
)
def test_what_loses_data_on_the_way_back_is_lossy_before_and_after_the_apply(cloud, lifecycle, sort, why):
    body = with_instance(f"lifecycle: {{on_image_change: {lifecycle}}}")
    cloud.apply(body)
    plan = cloud.plan(body.replace("20260522", "20260723"))
    (before,) = back(cloud, plan).recoveries
    assert before.sort.value == sort and why in before.why
    cloud.apply(plan)
    assert back(cloud, plan).recoveries == (before,)


def test_a_change_of_type_is_taken_back_by_a_stop_and_says_so(cloud):
    cloud.apply(with_instance())
    plan = cloud.plan(with_instance().replace("g7.large", "g7.xlarge"))
    (found,) = back(cloud, plan).recoveries
    assert found.sort.value == "reversible" and "stop" in found.why


def test_the_last_run_is_the_last_that_changed_something(cloud):
    """A run that was stopped by the members that an earlier one left unwell is not what is taken back."""
    old, new = (fleet(f"ecs.g7.{size}", size=3, rollout="max_unavailable: 1") for size in ("large", "xlarge"))
    cloud.apply(old)
    unwell(cloud, "*-0001")
    cloud.try_apply(new, store="")
    assert cloud.try_apply(new, store="").failed[0].step.verb == "gate" and types(cloud).count("ecs.g7.xlarge") == 2
    cloud.service.faults.clear()
    cloud.apply(back(cloud))
    assert types(cloud) == ["ecs.g7.large"] * 3 and off(cloud) == []
