"""A snapshot policy applied: to disks of their own, system disks and slots; and what snapshots disks are made from."""

from tests.kinds.cloud import Cloud, changes, comes_before, shown, stack_of, step, the_line, with_instance

POLICIES = """
auto_snapshot_policy:
  daily: {hours: [2], weekdays: [1, 2, 3, 4, 5, 6, 7], retention_days: 7}
  weekly: {hours: [3], weekdays: [7], retention_days: 30}
"""
DISKS = "disk:\n  data: {{count: 12, zone: cn-hangzhou-h, category: cloud_essd, size: 40, snapshot_policy: {}}}"
DAILY = "auto_snapshot_policy.daily"
DAY = 86400.0


def policies_of(cloud: Cloud, kind: str = "data") -> set[str]:
    names = {policy.id: policy["AutoSnapshotPolicyName"] for policy in cloud.things("snapshotpolicy")}
    held = [d.get("AutoSnapshotPolicyId") or [""] for d in cloud.things("disk") if d["Type"] == kind]
    return {names.get(policy, "none") for policies in held for policy in policies}


def test_many_disks_go_in_one_call(cloud: Cloud) -> None:
    for policy, operation in (("daily", "Apply"), ("weekly", "Apply"), ("false", "Cancel")):
        cloud.forget()
        cloud.settled(stack_of(POLICIES, DISKS.format(policy)))
        assert len(cloud.written(f"{operation}AutoSnapshotPolicy")) == 1
        assert policies_of(cloud) == {"none" if policy == "false" else f"demo-{policy}"}
    cloud.destroy(stack_of(POLICIES, DISKS.format("false")))


def test_a_policy_that_is_applied_outside_is_drift(cloud: Cloud) -> None:
    text = stack_of(POLICIES, DISKS.format("false").replace("count: 12, ", ""))
    cloud.settled(text)
    disk, policy = cloud.things("disk")[0], cloud.things("snapshotpolicy")[0]
    cloud.call("ApplyAutoSnapshotPolicy", autoSnapshotPolicyId=policy.id, diskIds=f'["{disk.id}"]')
    line = the_line(cloud.plan(text))
    assert (line.name, line.before, line.cause.value) == ("snapshot_policy", policy.id, "drift")
    cloud.settled(text)


def test_a_policy_of_ours_that_is_not_mentioned_any_more_is_taken_off(cloud: Cloud) -> None:
    cloud.settled(stack_of(POLICIES, DISKS.format("daily")))
    cloud.settled(stack_of(POLICIES, DISKS.replace(", snapshot_policy: {}", "").format()))
    assert policies_of(cloud) == {"none"}


def test_a_policy_that_was_never_mentioned_is_left_alone(cloud: Cloud) -> None:
    text = stack_of(POLICIES, DISKS.replace(", snapshot_policy: {}", "").replace("count: 12, ", "").format())
    cloud.settled(text)
    disk, policy = cloud.things("disk")[0], cloud.things("snapshotpolicy")[0]
    cloud.call("ApplyAutoSnapshotPolicy", autoSnapshotPolicyId=policy.id, diskIds=f'["{disk.id}"]')
    cloud.assert_settled(text)


def test_the_disks_of_an_instance_are_born_with_it(cloud: Cloud) -> None:
    def text(policy: str, extra: str = "") -> str:
        slots = f"data: {{category: cloud_essd, size: 40, snapshot_policy: {policy}}}{extra}"
        system = f"system_disk: {{category: cloud_essd, size: 40, snapshot_policy: {policy}}}"
        made = with_instance(f"data_disks: {{{slots}}}", more=POLICIES)
        return made.replace("system_disk: {category: cloud_essd, size: 40}", system)

    cloud.settled(text("daily"))
    assert not cloud.written("ApplyAutoSnapshotPolicy")
    assert policies_of(cloud) == policies_of(cloud, "system") == {"demo-daily"}

    cloud.settled(text("weekly", ", logs: {category: cloud_essd, size: 40, snapshot_policy: weekly}"))
    assert policies_of(cloud) == policies_of(cloud, "system") == {"demo-weekly"}

    cloud.settled(text("false", ", logs: {category: cloud_essd, size: 40, snapshot_policy: false}"))
    assert policies_of(cloud) == policies_of(cloud, "system") == {"none"}
    cloud.destroy(text("false"))


def test_a_policy_goes_and_its_disks_stay(cloud: Cloud) -> None:
    cloud.settled(stack_of(POLICIES, DISKS.format("daily")))
    without = stack_of(DISKS.replace(", snapshot_policy: {}", "").format())
    plan = cloud.plan(without)
    assert comes_before(plan, step(plan, "CancelAutoSnapshotPolicy"), step(plan, "DeleteAutoSnapshotPolicy", DAILY))
    cloud.settled(without)
    assert policies_of(cloud) == {"none"}


def test_a_disk_stays_when_the_snapshot_that_it_was_made_from_is_over(cloud: Cloud) -> None:
    """Were it compared, the new snapshot would replace the disk, or block the machine's plan."""
    source = "disk:\n  source: {zone: cn-hangzhou-h, category: cloud_essd, size: 40}\n"
    copy = "  copy: {zone: cn-hangzhou-h, category: cloud_essd, size: 40, snapshot: before}\n"
    taken = "snapshot:\n  before: {disk: source, retention_days: 7, force_delete: true}"
    text = with_instance("data_disks: {data: {category: cloud_essd, size: 40, snapshot: before}}",
                         more=source + copy + taken)  # fmt: skip
    cloud.settled(stack_of(source))
    cloud.thing("disk", "demo-source").data["DetachedTime"] = "2026-01-01T00:00:00Z"  # a machine had it once
    cloud.settled(text)
    cloud.clock.advance(8 * DAY)
    assert list(changes(cloud.plan(text))) == ["snapshot.before"], shown(cloud.plan(text))
    cloud.settled(text)


def system_disk_with(policy: str) -> str:
    text = with_instance("", more=POLICIES)
    disk = "system_disk: {category: cloud_essd, size: 40, snapshot_policy: " + policy + "}"
    return text.replace("system_disk: {category: cloud_essd, size: 40}", disk)


def by_hand(cloud: Cloud, name: str) -> None:
    (disk,), policy = cloud.things("disk"), cloud.thing("snapshotpolicy", name)
    cloud.call("ApplyAutoSnapshotPolicy", autoSnapshotPolicyId=policy.id, diskIds=f'["{disk.id}"]')


def test_associations_are_read_only_where_a_system_disk_declares_its_policy(cloud: Cloud) -> None:
    """DescribeAutoSnapshotPolicyAssociations: all of them in one list."""
    cloud.settled(with_instance("", more=POLICIES))
    assert "DescribeAutoSnapshotPolicyAssociations" not in cloud.service.log.stats()["actions"]
    cloud.settled(system_disk_with("daily"))
    cloud.forget()
    cloud.plan(system_disk_with("daily"))
    assert cloud.service.log.stats()["actions"]["DescribeAutoSnapshotPolicyAssociations"]["calls"] == 1


def test_a_system_disk_that_goes_on_showing_its_first_policy_is_no_change_for_ever(cloud: Cloud) -> None:
    """The official provider: the policy that was applied later works, and the first one is shown."""
    cloud.service.settings.change({"first_policy_stays": True})
    cloud.settled(system_disk_with("daily"))
    cloud.settled(system_disk_with("weekly"))
    assert policies_of(cloud, "system") == {"demo-weekly"}
    assert the_line(cloud.plan(system_disk_with("daily"))).before != cloud.thing("snapshotpolicy", "demo-daily").id
    by_hand(cloud, "demo-daily")
    line = the_line(cloud.plan(system_disk_with("weekly")))
    assert (line.name, line.cause.value) == ("system_disk.snapshot_policy", "drift")
    cloud.settled(system_disk_with("weekly"))
    (disk,) = cloud.things("disk")
    cloud.call("CancelAutoSnapshotPolicy", diskIds=f'["{disk.id}"]')
    assert the_line(cloud.plan(system_disk_with("weekly"))).name == "system_disk.snapshot_policy"
