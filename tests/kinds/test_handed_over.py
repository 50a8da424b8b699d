"""What one file lets go of and another takes over, and machines that lost something outside."""

from ecsplan.model.change import Action
from tests.kinds.cloud import INSTANCE, NETWORK, Cloud, changes, stack_of, with_instance

KEPT = "data_disks: {logs: {category: cloud_essd, size: 40, keep: true}}"


def test_a_kept_disk_of_a_machine_that_was_released_and_adopted_has_its_mark_again(cloud: Cloud) -> None:
    cloud.settled(with_instance(KEPT))
    machine = cloud.instance()
    disk = cloud.disks(machine).popitem()[1]
    cloud.apply(stack_of(NETWORK) + "released: [instance.web]\n")
    assert not any(key.startswith("ecsplan:") for key in disk.tags)
    cloud.settled(with_instance(KEPT, f"adopt: {machine.id}"))
    assert any(key.startswith("ecsplan:") for key in disk.tags)

    plan = cloud.plan(stack_of(NETWORK))
    going = changes(plan)["instance.web"]
    assert going.action is Action.DELETE and any(disk.id in note and "stays" in note for note in going.notes)
    cloud.apply(plan)
    assert cloud.things("disk") == [disk]
    left = cloud.plan(stack_of(NETWORK))
    assert [change.id_text for change in left.changes if change.action is Action.DELETE] == [disk.id]


def two(text: str) -> str:
    body = "".join(f"    {line}\n" for line in INSTANCE.strip().splitlines())
    return stack_of(NETWORK, f"instance:\n  db:\n    state: stopped\n{body}  web:\n    description: {text}\n{body}")


def test_a_machine_that_lost_its_system_disk_holds_up_nothing_but_itself(cloud: Cloud) -> None:
    cloud.settled(two("one"))
    odd = cloud.instance("demo-db")
    root = cloud.disks(odd, "system").popitem()[1]
    cloud.call("DetachDisk", DiskId=root.id, InstanceId=odd.id)
    cloud.clock.advance(30)

    found = changes(cloud.plan(two("two")))
    assert found["instance.web"].action is Action.UPDATE and not found["instance.web"].blocked
    cloud.apply(cloud.plan(two("two"), targets=("instance.web",)))
    assert cloud.instance("demo-web")["Description"] == "two"
    assert root in cloud.things("disk")
