"""A block that was renamed without `moved` is seen, and what the plan proposes then works."""

from tests.kinds.cloud import NETWORK, Cloud, changes, stack_of, with_instance

EIP = "eip:\n  front: {bandwidth: 5, charge_type: PayByTraffic}\n"


def proposals(cloud: Cloud, text: str) -> list[str]:
    return [w.detail for w in cloud.plan(text).warnings if "looks like" in w.summary]


def test_a_renamed_machine_is_proposed_as_moved(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    renamed = with_instance(name="app")

    (proposal,) = proposals(cloud, renamed)

    assert "moved: [{from: instance.web, to: instance.app}]" in proposal
    text = "moved: [{from: instance.web, to: instance.app}]\n" + renamed
    assert proposals(cloud, text) == []
    assert [change.action.name for change in changes(cloud.plan(text)).values()] == ["MOVE"]


def test_a_renamed_group_is_proposed_once(cloud: Cloud) -> None:
    cloud.settled(with_instance("count: 3"))

    (proposal,) = proposals(cloud, with_instance("count: 3", name="app"))

    assert "{from: instance.web, to: instance.app}" in proposal


def test_a_machine_that_became_a_member_is_quoted(cloud: Cloud) -> None:
    cloud.settled(with_instance())

    (proposal,) = proposals(cloud, with_instance("count: 1", name="app"))

    assert "{from: instance.web, to: 'instance.app[0]'}" in proposal


def test_an_address_is_not_given_up_for_a_new_name(cloud: Cloud) -> None:
    cloud.settled(stack_of(EIP))

    assert "eip.front" in proposals(cloud, stack_of(EIP.replace("front:", "back:")))[0]


def test_what_is_not_alike_is_no_rename(cloud: Cloud) -> None:
    cloud.settled(stack_of(NETWORK, EIP))

    other = EIP.replace("front:", "back:").replace("5,", "7,").replace("PayByTraffic", "PayByBandwidth")
    assert proposals(cloud, stack_of(NETWORK, other)) == []


def test_each_is_proposed_once(cloud: Cloud) -> None:
    two = EIP + "  second: {bandwidth: 5, charge_type: PayByTraffic}\n"
    cloud.settled(stack_of(two))

    assert len(proposals(cloud, stack_of(EIP.replace("front:", "back:")))) == 1


def test_a_destroy_proposes_nothing(cloud: Cloud) -> None:
    cloud.settled(stack_of(EIP))

    assert not cloud.plan(stack_of(EIP), destroy=True).warnings


def test_what_is_renamed_goes_only_when_its_like_is_there(cloud: Cloud) -> None:
    """A disk under another name: the new one is refused, and the old one stays with all that is on it."""
    text = stack_of("disk:\n  old: {zone: cn-hangzhou-h, category: cloud_essd, size: 40}")
    cloud.settled(text)
    (disk,) = cloud.things("disk")
    cloud.faults({"fault": "error", "action": "ecs:CreateDisk", "code": "QuotaExceed.DiskCapacity", "status": 403,
                  "probability": 1.0})  # fmt: skip
    report = cloud.try_apply(text.replace("old", "new"))
    assert [str(outcome.step) for outcome in report.skipped] == ["delete disk.old"]
    assert [one.id for one in cloud.things("disk")] == [disk.id]


def test_where_both_cannot_live_at_once_the_old_one_goes_first_all_the_same(cloud: Cloud) -> None:
    vpc = "vpc:\n  main: {cidr_block: 10.0.0.0/16}"
    text = stack_of(vpc, "vswitch:\n  old: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}")
    cloud.settled(text)
    cloud.settled(text.replace("old", "new"))
