"""Automatic snapshot policies: what the conformance test cannot say."""

import pytest

from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import Cloud, stack_of, the_line

POLICY = "auto_snapshot_policy:\n  nightly: {hours: [2], weekdays: [1, 5], retention_days: 14}"


def test_an_answer_that_got_lost_makes_no_second_policy(cloud: Cloud) -> None:
    """The create takes no token: after an unknown outcome it is looked for by its tags, which the lists show late."""
    cloud.faults(
        {"fault": "drop_after_commit", "action": "CreateAutoSnapshotPolicy"}, {"fault": "tag_index_lag", "seconds": 10}
    )
    cloud.settled(stack_of(POLICY))
    assert cloud.writes().count("CreateAutoSnapshotPolicy") == len(cloud.things("snapshotpolicy")) == 1


def test_a_call_that_was_never_carried_out_is_made_again(cloud: Cloud) -> None:
    cloud.faults({"fault": "drop_before_commit", "action": "CreateAutoSnapshotPolicy"})
    cloud.settled(stack_of(POLICY))
    assert (cloud.writes().count("CreateAutoSnapshotPolicy"), len(cloud.things("snapshotpolicy"))) == (2, 1)


def test_the_order_of_hours_and_days_means_nothing(cloud: Cloud) -> None:
    cloud.settled(stack_of(POLICY.replace("[2]", "[14, 2]")))
    cloud.assert_settled(stack_of(POLICY.replace("[2]", "[2, 14]").replace("[1, 5]", "[5, 1]")))


def test_an_empty_list_of_regions_turns_the_copies_off(cloud: Cloud) -> None:
    copied = POLICY.replace("14}", "14, cross_region_copy: {regions: [cn-beijing], retention_days: 7}}")
    cloud.settled(stack_of(copied))
    assert cloud.things("snapshotpolicy")[0]["EnableCrossRegionCopy"] is True

    off = stack_of(copied.replace("[cn-beijing], retention_days: 7", "[]"))
    assert the_line(cloud.plan(off)).name == "cross_region_copy.regions"
    cloud.settled(off)
    assert cloud.things("snapshotpolicy")[0]["EnableCrossRegionCopy"] is False


def test_changing_how_copies_are_kept_sends_their_region_along(cloud: Cloud) -> None:
    copied = POLICY.replace("14}", "14, cross_region_copy: {regions: [cn-beijing], retention_days: 7}}")
    cloud.settled(stack_of(copied))
    cloud.forget()
    cloud.settled(stack_of(copied.replace("days: 7", "days: 30")))
    (call,) = cloud.written("ModifyAutoSnapshotPolicyEx")
    assert call["params"]["TargetCopyRegions"] == '["cn-beijing"]'
    assert call["params"]["EnableCrossRegionCopy"] == "true"


@pytest.mark.parametrize("days", ["0", "-2", "70000", "often"])
def test_a_term_is_days_or_for_ever(cloud: Cloud, days: str) -> None:
    with pytest.raises(Rejected, match="retention_days"):
        cloud.load(stack_of(POLICY.replace("14", days)))


def test_copies_go_to_one_region(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match="one region"):
        cloud.load(stack_of(POLICY.replace("14}", "14, cross_region_copy: {regions: [cn-beijing, cn-shanghai]}}")))


def test_a_policy_goes_by_tags_from_its_birth_or_never(cloud: Cloud) -> None:
    by_tags = POLICY.replace("14}", "14, target_tags: {backup: daily}}")
    cloud.settled(stack_of(by_tags))
    assert cloud.things("snapshotpolicy")[0]["AssociationType"] == "AssociatedWithInstanceTag"
    plan = cloud.plan(stack_of(by_tags.replace("{backup: daily}", "false")))
    assert [guard.name for guard in plan.guards] == ["blocked"]
