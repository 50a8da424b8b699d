"""Images: what the conformance test cannot say."""

import pytest

from ecsplan.executor.wait import Waiter
from ecsplan.kinds.image import AVAILABLE
from ecsplan.model.attribute import Impact
from ecsplan.model.call import ApiError
from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import (
    Cloud,
    changes,
    comes_before,
    stack_of,
    step,
    steps,
    the_change,
    the_line,
    with_instance,
)

IMAGE = "image:\n  golden: {instance: web, name: golden-1, version: '1', delete_snapshots: true}"
SNAPSHOTS = """
snapshot:
  system: {disk: {instance: web}}
  data: {disk: {instance: web, slot: data}}
"""
DATA = "data_disks: {data: {category: cloud_essd, size: 40}}"
NETWORK_OF_FLEET = """
vpc:
  main: {cidr_block: 10.0.0.0/8}
vswitch:
  app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}
security_group:
  web: {vpc: main}
"""


def test_an_image_from_a_snapshot_leaves_that_snapshot_alone(cloud: Cloud) -> None:
    image = "image:\n  golden: {snapshot: system, platform: Ubuntu, architecture: x86_64, delete_snapshots: true}"
    cloud.settled(with_instance(more="snapshot:\n  system: {disk: {instance: web}}\n" + image))
    without = with_instance(more="snapshot:\n  system: {disk: {instance: web}}")
    plan = cloud.plan(without)
    assert steps(plan) == ["DeleteImage image.golden"]
    cloud.settled(without)
    assert len(cloud.things("snapshot")) == 1


@pytest.mark.parametrize("goes_along", [True, False])
def test_an_image_is_data_and_says_whether_its_snapshots_go_along(cloud: Cloud, goes_along: bool) -> None:
    image = f"image:\n  golden: {{instance: web, delete_snapshots: {str(goes_along).lower()}}}"
    cloud.settled(with_instance(more=image))
    change = the_change(cloud.plan(with_instance()))
    assert change.impacts == {Impact.DATA_LOSS}
    assert change.loses == ("what is in the image and its snapshots" if goes_along else "what is in the image",)
    cloud.settled(with_instance())
    assert bool(cloud.things("snapshot")) is not goes_along


def test_an_image_of_several_disks(cloud: Cloud) -> None:
    image = (
        "image:\n  golden: {disks: [{snapshot: system, type: system}, {snapshot: data, device: /dev/xvdb, size: 60}]}"
    )
    text = with_instance(DATA, more=SNAPSHOTS + image)
    cloud.settled(text)
    (made,) = cloud.things("image")
    assert set(made["SnapshotIds"]) == {snapshot.id for snapshot in cloud.things("snapshot")}

    destroy = cloud.plan(text, destroy=True)
    gone = step(destroy, "DeleteImage")
    for name in ("system", "data"):
        assert comes_before(destroy, gone, step(destroy, "DeleteSnapshot", f"snapshot.{name}"))
    cloud.destroy(text)


def test_a_copy_is_asked_for_in_the_region_that_it_comes_from(cloud: Cloud) -> None:
    cloud.settled(with_instance(more=IMAGE))
    (here,) = cloud.things("image")
    there = str(cloud.call("CopyImage", ImageId=here.id, DestinationRegionId="cn-beijing")["ImageId"])
    cloud.clock.advance(600)
    cloud.destroy(with_instance(more=IMAGE))

    text = stack_of(
        f"image:\n  copy: {{copy_from: {{image: {there}, region: cn-beijing, encrypted: true, kms_key: key-one}}, "
        "family: shop, boot_mode: UEFI, description: a copy}"
    )
    plan = cloud.plan(text)
    (call,) = step(plan, "CopyImage").calls
    assert (call.region, call.params["DestinationRegionId"]) == ("cn-beijing", "cn-hangzhou")
    cloud.settled(text)
    (copied,) = cloud.things("image")
    assert (copied["ImageFamily"], copied["BootMode"], copied.region) == ("shop", "UEFI", "cn-hangzhou")
    cloud.destroy(text)


def test_a_copy_whose_answer_got_lost_is_asked_for_again_where_it_was(cloud: Cloud) -> None:
    cloud.settled(with_instance(more=IMAGE))
    (here,) = cloud.things("image")
    there = str(cloud.call("CopyImage", ImageId=here.id, DestinationRegionId="cn-beijing")["ImageId"])
    cloud.clock.advance(600)
    text = with_instance(more=f"{IMAGE}\n  copy: {{copy_from: {{image: {there}, region: cn-beijing}}}}")
    lost = {"code": "Mayi.InternalError", "status": 403, "commit": True, "times": 1000}
    cloud.faults({"fault": "error", "action": "CopyImage", **lost})
    assert not cloud.try_apply(text).is_complete
    cloud.service.faults.clear()
    cloud.settled(text)
    assert len(cloud.things("image")) == 2


def test_accounts_go_ten_a_call_and_exactly_those_that_are_listed_stay(cloud: Cloud) -> None:
    accounts = [f'"{10**15 + number}"' for number in range(13)]
    text = with_instance(more=IMAGE.replace("true}", f"true, shared_with: [{', '.join(accounts)}]}}"))
    cloud.settled(text)
    assert len(cloud.written("ModifyImageSharePermission")) == 2
    (image,) = cloud.things("image")
    assert len(image["Shares"]) == 13

    cloud.call("ModifyImageSharePermission", ImageId=image.id, RemoveAccount=["1000000000000003"])
    assert the_line(cloud.plan(text)).name == "shared_with"
    cloud.settled(text)
    fewer = with_instance(more=IMAGE.replace("true}", f"true, shared_with: [{accounts[0]}]}}"))
    cloud.settled(fewer)
    assert list(image["Shares"]) == ["1000000000000000"]


def test_an_image_is_shared_with_no_one_before_it_is_deleted(cloud: Cloud) -> None:
    """DeleteImage: ImageUseShared 403, whatever Force says. Somebody else may have shared it."""
    accounts = [f'"{10**15 + number}"' for number in range(12)]
    text = with_instance(more=IMAGE.replace("true}", f"true, shared_with: [{', '.join(accounts)}]}}"))
    cloud.settled(text)
    (image,) = cloud.things("image")
    cloud.call("ModifyImageSharePermission", ImageId=image.id, AddAccount=["2222222222222222"])
    with pytest.raises(ApiError, match="ImageUseShared"):
        cloud.call("DeleteImage", ImageId=image.id, Force=True)
    cloud.forget()
    cloud.apply(with_instance())
    assert len(cloud.written("ModifyImageSharePermission")) == 2 and not cloud.things("image")


def test_an_image_that_is_not_available_is_not_absent(cloud: Cloud) -> None:
    text = with_instance(more=IMAGE)
    cloud.settled(text)
    (image,) = cloud.things("image")
    for status in ("UnAvailable", "Deprecated", "Creating"):
        cloud.service.account.change(image, Status=status)
        cloud.assert_settled(text)


@pytest.mark.parametrize(
    ("raw", "is_ready"),
    [
        ({"Status": "Available", "Usable": False}, False),
        ({"Status": "Creating", "Usable": True}, False),
        ({"Status": "Available", "Usable": True}, True),
        ({"Status": "Available"}, True),
    ],
)
def test_an_image_is_ready_when_it_is_available_and_usable_in_whatever_order(
    raw: dict[str, object], is_ready: bool
) -> None:
    waiter = Waiter(None, "image", {"m-1"}, AVAILABLE, 0.0, 600.0)
    assert waiter.look(["m-1"], {"m-1": raw}, 1.0) is is_ready


def test_a_failed_image_is_not_waited_for(cloud: Cloud) -> None:
    cloud.faults({"fault": "state_fail", "kind": "image", "state": "Available", "instead": "CreateFailed"})
    report = cloud.try_apply(with_instance(more=IMAGE))
    assert "went to CreateFailed" in report.failed[0].message


def test_the_impact_on_a_running_instance_is_said(cloud: Cloud) -> None:
    plan = cloud.plan(with_instance(more=IMAGE))
    assert "goes on running" in changes(plan)["image.golden"].notes[0]


def test_a_builder_that_is_replaced_makes_no_new_image(cloud: Cloud) -> None:
    cloud.settled(with_instance(more=IMAGE))
    newer = with_instance(more=IMAGE, body=BODY_ENCRYPTED)
    assert the_change(cloud.plan(newer)).address.kind == "instance"
    cloud.settled(newer)


BODY_ENCRYPTED = """
instance_type: ecs.g7.large
image: ubuntu_22_04_x64_20G_alibase_20260522.vhd
vswitch: app
security_groups: [web]
system_disk: {category: cloud_essd, size: 40, encrypted: true}
"""


def test_snapshots_of_a_deletion_that_was_cut_off_are_not_left_behind(cloud: Cloud) -> None:
    cloud.settled(with_instance(DATA, more=IMAGE))
    assert len(cloud.things("snapshot")) == 2
    cloud.faults({"fault": "error", "action": "DeleteSnapshot", "code": "Forbidden.RAM", "status": 403, "nth": 2})
    assert not cloud.try_apply(with_instance(DATA)).is_complete
    assert len(cloud.things("snapshot")) == 1

    change = the_change(cloud.plan(with_instance(DATA)))
    assert (change.action, change.reason) == (Action.DELETE, "its image is gone")
    cloud.settled(with_instance(DATA))
    assert cloud.things("snapshot") == []


def test_snapshots_stay_while_their_image_does(cloud: Cloud) -> None:
    """A deletion that never came further than its first call."""
    cloud.settled(with_instance(more=IMAGE))
    cloud.faults({"fault": "error", "action": "DeleteImage", "code": "Forbidden.RAM", "status": 403})
    assert not cloud.try_apply(with_instance()).is_complete
    cloud.assert_settled(with_instance(more=IMAGE))
    cloud.settled(with_instance())
    assert cloud.things("snapshot") == []


def fleet(version: int, lifecycle: str, **more: str) -> str:
    return stack_of(
        NETWORK_OF_FLEET,
        f"""
        instance:
          builder: {{instance_type: ecs.g7.large, image: ubuntu_22_04_x64_20G_alibase_20260522.vhd, vswitch: app,
                     security_groups: [web], system_disk: {{category: cloud_essd, size: 40}}, state: stopped}}
          web:
            count: 3
            instance_type: ecs.g7.large
            image: golden
            vswitch: app
            security_groups: [web]
            system_disk: {{category: cloud_essd, size: 40}}
            lifecycle: {{{lifecycle}}}
        image:
          golden: {{instance: builder, name: golden-{version}, version: "{version}", delete_snapshots: true}}
        """,
    )


@pytest.mark.parametrize(
    "lifecycle",
    [
        "on_image_change: replace, create_before_destroy: true",
        "on_image_change: replace",
        "on_image_change: reinstall",
        "on_image_change: replace, rollout: {max_unavailable: all}",
    ],
)
def test_servers_roll_onto_a_new_image_and_the_old_one_goes_last(cloud: Cloud, lifecycle: str) -> None:
    """CreateImage → each server, one after the other → DeleteImage"""
    cloud.settled(fleet(1, lifecycle))
    plan = cloud.plan(fleet(2, lifecycle))
    found = changes(plan)
    assert found["image.golden"].action is Action.REPLACE
    assert set(found) == {"image.golden", *(f"instance.web[{number}]" for number in range(3))}
    assert not [guard for guard in plan.guards if guard.name == "blocked"]
    assert found["image.golden"].create_first is ("unavailable: all" not in lifecycle)
    cloud.apply(plan)
    cloud.assert_settled(fleet(2, lifecycle))
    (image,) = cloud.things("image")
    assert {instance["ImageId"] for instance in cloud.things("instance") if "web" in instance["InstanceName"]} == {
        image.id
    }
    cloud.destroy(fleet(2, lifecycle))


def test_an_image_that_keeps_its_name_cannot_be_made_first(cloud: Cloud) -> None:
    """The name is unique: the servers would have to move to an image that cannot be made yet."""
    lifecycle = "on_image_change: replace, create_before_destroy: true"
    cloud.settled(fleet(1, lifecycle))
    plan = cloud.plan(fleet(1, lifecycle).replace('version: "1"', 'version: "2"'))
    assert "two live objects cannot share name golden-1" in changes(plan)["image.golden"].blocked[0]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{name: golden}", "says nothing of what it is made from"),
        ("{instance: web, snapshot: s-bp1}", "is made from instance and snapshot"),
        ("{copy_from: {image: m-bp1}}", "needs an image and a region"),
        ("{copy_from: {image: m-bp1, region: cn-beijing}, version: '2'}", "version cannot be set for a copy"),
        ("{instance: web, platform: Ubuntu}", "platform cannot be set for an image from an instance"),
        ("{instance: web, name: acs-one}", None),
        ("{instance: web, name: 'acs:one'}", "not with acs: or aliyun"),
    ],
)
def test_sources_that_do_not_fit_are_refused(cloud: Cloud, body: str, message: str | None) -> None:
    text = with_instance(more=f"image:\n  golden: {body}")
    if message is None:
        cloud.load(text)
        return
    with pytest.raises(Rejected, match=message):
        cloud.load(text)


def test_a_license_of_your_own_is_written_afterwards_and_read_back(cloud: Cloud) -> None:
    cloud.settled(with_instance(more=IMAGE.replace("golden-1", "golden-1, license_type: BYOL")))
    assert cloud.things("image")[0]["LicenseType"] == "BYOL"


def test_an_image_that_insists_on_session_tokens_never_goes_back(cloud: Cloud) -> None:
    text = with_instance(more=IMAGE.replace("golden-1", "golden-1, imds_support: v2"))
    cloud.settled(text)
    plan = cloud.plan(text.replace("imds_support: v2", "imds_support: v1"))
    assert [guard.name for guard in plan.guards] == ["blocked"]
