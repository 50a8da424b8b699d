"""What a person lets a plan do: classes of change that it may have and must not, and what becomes of drift."""

from typing import Any

import pytest

from ecsplan.engine import ApplyOptions, blocked, load_plan, save_plan
from ecsplan.model.call import Product
from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Refused
from ecsplan.model.plan import Plan
from tests.kinds.cloud import Cloud, changes, shown, with_instance

EIP = "eip:\n  front: {bandwidth: %d}"


LARGER = with_instance().replace("ecs.g7.large", "ecs.g7.xlarge")


def guards(plan: Plan, **options: Any) -> list[str]:
    return [guard.name for guard in blocked(plan, ApplyOptions(**options))]


def test_only_some_classes_leave_the_others_out_and_say_so(cloud: Cloud) -> None:
    cloud.settled(with_instance(more=EIP % 5))
    plan = cloud.plan(with_instance("description: new"), only=("create", "update", "spend"))
    assert list(changes(plan)) == ["instance.web"] and [str(a) for a in plan.left_out] == ["eip.front"]
    cloud.apply(plan)
    assert len(cloud.things("eip")) == 1 and not guards(plan)


def test_a_change_that_is_of_another_class_too_is_left_out(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    plan = cloud.plan(LARGER, only=("update",))
    assert plan.is_empty and [str(a) for a in plan.left_out] == ["instance.web"], shown(plan)


def test_a_denied_class_is_refused_even_when_everything_is_approved(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    plan = cloud.plan(LARGER, deny=("stop_start",))
    assert guards(plan, approved=True, allow=("stop_start",)) == ["denied"]
    with pytest.raises(Refused, match="--deny stop_start"):
        cloud.apply(plan)
    assert guards(cloud.plan(LARGER), approved=True, deny=("stop_start",)) == ["denied"]
    assert not guards(cloud.plan(LARGER), approved=True, deny=("delete",))


def test_a_class_that_is_allowed_lifts_the_guard_of_all_its_changes(cloud: Cloud) -> None:
    cloud.settled(with_instance(more="disk:\n  d: {zone: cn-hangzhou-h, category: cloud_essd, size: 40}"))
    plan = cloud.plan(with_instance())
    assert guards(plan) == ["loss"] and guards(plan, allow=("address_loss",)) == ["loss"]
    assert guards(plan, allow=("data_loss",)) == []


def outside(cloud: Cloud) -> str:
    """A machine whose description somebody changed, and an EIP that the file changes."""
    cloud.settled(with_instance("description: ours", more=EIP % 5))
    cloud.call("ModifyInstanceAttribute", InstanceId=cloud.instance().id, Description="by hand")
    return with_instance("description: ours", more=EIP % 9)


def test_drift_is_reverted_unless_something_else_is_said(cloud: Cloud) -> None:
    text = outside(cloud)
    assert set(changes(cloud.plan(text))) == {"instance.web", "eip.front"}


def test_drift_that_is_kept_is_left_out_and_the_rest_is_done(cloud: Cloud) -> None:
    text = outside(cloud)
    plan = cloud.plan(text, on_drift="keep")
    assert list(changes(plan)) == ["eip.front"] and [str(a) for a in plan.left_out] == ["instance.web"]
    cloud.apply(plan)
    assert cloud.instance()["Description"] == "by hand"
    assert list(changes(cloud.plan(text))) == ["instance.web"]


def test_drift_that_is_refused_stops_everything(cloud: Cloud) -> None:
    text = outside(cloud)
    plan = cloud.plan(text, on_drift="refuse")
    assert guards(plan, approved=True) == ["drift"]
    with pytest.raises(Refused, match="somebody changed the cloud"):
        cloud.apply(plan)
    cloud.settled(text)
    assert not guards(cloud.plan(text, on_drift="refuse"), approved=True)


def test_what_the_file_alone_changes_is_no_drift(cloud: Cloud) -> None:
    cloud.settled(with_instance("description: one"))
    plan = cloud.plan(with_instance("description: two"), on_drift="refuse")
    assert list(changes(plan)) == ["instance.web"] and not guards(plan)


@pytest.mark.parametrize("on_drift", ["keep", "refuse"])
def test_what_was_deleted_outside_is_drift(cloud: Cloud, on_drift: Any) -> None:
    cloud.settled(with_instance(more=EIP % 5))
    (eip,) = cloud.things("eip")
    cloud.call("ReleaseEipAddress", Product.VPC, AllocationId=eip.id)
    plan = cloud.plan(with_instance(more=EIP % 5), on_drift=on_drift)
    assert plan.is_empty if on_drift == "keep" else guards(plan) == ["drift"], shown(plan)


def test_a_saved_plan_keeps_what_was_asked(cloud: Cloud) -> None:
    text = outside(cloud)
    plan = cloud.plan(text, on_drift="keep", only=("update", "spend"))
    again = load_plan(save_plan(plan))
    assert again.asked == plan.asked and again.digest == plan.digest
    cloud.apply(again)
    assert cloud.instance()["Description"] == "by hand"


def test_many_restarts_want_a_yes(cloud: Cloud) -> None:
    many = with_instance("count: 12")
    cloud.settled(many)
    plan = cloud.plan(many.replace("ecs.g7.large", "ecs.g7.xlarge"))
    assert guards(plan) == ["restarts"] and not guards(plan, approved=True)
    assert not guards(plan, allow=("stop_start", "reboot", "stop"))
    assert plan.changes and all(change.action is not Action.REPLACE for change in plan.changes)


RULES = "ingress: [{protocol: tcp, ports: 22, cidr: 10.0.0.0/8}]"


def with_rules(rules: str) -> str:
    return with_instance().replace("web: {vpc: main}", f"web: {{vpc: main, {rules}}}")


def test_opening_is_denied_and_closing_is_not(cloud: Cloud) -> None:
    cloud.settled(with_rules(RULES))
    opens = cloud.plan(with_rules(RULES.replace("10.0.0.0/8", "0.0.0.0/0")), deny=("access_opened",))
    assert guards(opens) == ["denied"]
    assert guards(cloud.plan(with_rules("ingress: []"), deny=("access_opened",))) == []
    saved = load_plan(save_plan(cloud.plan(with_rules(RULES.replace("10.0.0.0/8", "0.0.0.0/0")))))
    assert guards(saved, deny=("access_opened",)) == ["denied"] and guards(saved, deny=("access_closed",)) == []


def test_a_new_machine_that_can_be_reached_is_denied_and_comes_with_create_alone(cloud: Cloud) -> None:
    text = with_rules(RULES)
    assert guards(cloud.plan(text, deny=("access_opened",))) == ["denied"]
    assert not guards(cloud.plan(text, only=("create", "spend")))
