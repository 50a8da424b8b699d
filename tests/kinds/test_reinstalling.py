"""A machine gets a new system disk: as large and as encrypted as before, under its name, with its policy and tags."""

from typing import Any

import pytest

from ecsplan.emulator.account import Thing
from tests.kinds.cloud import NETWORK, Cloud, stack_of

OLD, NEW = "ubuntu_22_04_x64_20G_alibase_20260522.vhd", "ubuntu_24_04_x64_20G_alibase_20260916.vhd"
POLICY = "auto_snapshot_policy: {nightly: {hours: [2], weekdays: [1], retention_days: 7}}"
FULL = "encrypted: true, kms_key: key-one, name: root-of-web, description: the root, snapshot_policy: nightly"


def machine(image: str, disk: str = "", more: str = "") -> str:
    return stack_of(
        NETWORK,
        POLICY,
        f"""
        instance:
          web:
            instance_type: ecs.g7.large
            image: {image}
            vswitch: app
            security_groups: [web]
            system_disk: {{category: cloud_essd, performance_level: PL1, {disk}}}
            lifecycle: {{on_image_change: reinstall}}
            {more}
        """,
    )


def system_disk(cloud: Cloud) -> Thing:
    (disk,) = (disk for disk in cloud.things("disk") if disk["Type"] == "system")
    return disk


def sent(cloud: Cloud) -> dict[str, Any]:
    (call,) = cloud.written("ReplaceSystemDisk")
    return dict(call["params"])


def test_an_encrypted_disk_stays_encrypted_with_its_key_and_as_large(cloud: Cloud) -> None:
    text = machine(OLD, f"size: 100, {FULL}", "security_enhancement: Active")
    cloud.settled(text)
    old = system_disk(cloud)
    cloud.settled(text.replace(OLD, NEW))
    params = sent(cloud)
    assert (params["SystemDisk.Size"], params["Encrypted"], params["KMSKeyId"]) == ("100", "true", "key-one")
    assert params["SecurityEnhancementStrategy"] == "Active"
    new = system_disk(cloud)
    assert new.id != old.id
    names = ("Size", "Encrypted", "KMSKeyId", "DiskName", "Description", "AutoSnapshotPolicyId", "PerformanceLevel")
    assert {name: new.get(name) for name in names} == {name: old.get(name) for name in names}


def test_what_the_file_does_not_mention_stays_as_it_is_live(cloud: Cloud) -> None:
    """Grown, named, tagged and put under a policy by hand."""
    cloud.settled(machine(OLD))
    old = system_disk(cloud)
    policy = cloud.things("snapshotpolicy")[0].id
    cloud.service.account.change(
        old, Size=80, DiskName="by-hand", Description="by hand", AutoSnapshotPolicyId=[policy], BurstingEnabled=True
    )
    cloud.service.account.set_tags(old, {**old.tags, "team": "web"})
    cloud.settled(machine(NEW))
    new = system_disk(cloud)
    assert new.id != old.id
    assert (new["Size"], new["DiskName"], new["Description"]) == (80, "by-hand", "by hand")
    assert list(new["AutoSnapshotPolicyId"]) == [policy] and new.tags["team"] == "web"


def test_what_changes_with_the_image_goes_to_the_new_disk_alone(cloud: Cloud) -> None:
    cloud.settled(machine(OLD, f"size: 40, {FULL}"))
    old = system_disk(cloud)
    after = FULL.replace("root-of-web", "another-root").replace("the root", "another")
    cloud.settled(machine(NEW, f"size: 60, {after}"))
    assert (system_disk(cloud)["DiskName"], system_disk(cloud)["Description"]) == ("another-root", "another")
    changed = [call["params"].get("DiskIds.1") for call in cloud.written("ModifyDiskAttribute")]
    assert changed == [system_disk(cloud).id] and old.id not in changed
    assert not cloud.written("ResizeDisk")


@pytest.mark.parametrize("refused", ["ModifyDiskAttribute", "ApplyAutoSnapshotPolicy", "TagResources"])
def test_where_the_new_disk_does_not_get_its_words_the_machine_runs_and_the_next_run_gives_them(
    cloud: Cloud, refused: str
) -> None:
    cloud.settled(machine(OLD, f"size: 40, {FULL}"))
    text = machine(NEW, f"size: 40, {FULL}")
    nth = 1 + len([s for s in cloud.plan(text).steps if s.id.verb == "mark"]) if refused == "TagResources" else 1
    cloud.faults({"fault": "error", "action": f"ecs:{refused}", "code": "OperationDenied", "status": 403, "nth": nth})
    assert cloud.try_apply(text).failed
    cloud.clock.advance(60)
    assert cloud.instance().status == "Running"
    cloud.service.faults.clear()
    cloud.settled(text)
    new = system_disk(cloud)
    assert (new["DiskName"], new["Description"]) == ("root-of-web", "the root") and new.get("AutoSnapshotPolicyId")
    assert len(cloud.written("ReplaceSystemDisk")) == 1
