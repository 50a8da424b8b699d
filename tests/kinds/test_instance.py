"""The machine itself: what each change does to it while it runs, and what must not be done to it."""

import base64
import re
from collections.abc import Iterable

import pytest

from ecsplan import engine
from ecsplan.kinds import _instance_calls as calls
from ecsplan.model.attribute import Impact
from ecsplan.model.call import ApiError
from ecsplan.model.change import Action, Cause
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.marks import read_marks
from ecsplan.model.ownership import read_record
from ecsplan.model.plan import Plan
from ecsplan.model.values import Mistake
from tests.kinds.cloud import (
    INSTANCE,
    Cloud,
    changes,
    comes_before,
    shown,
    stack_of,
    step,
    the_change,
    the_line,
    with_instance,
)

OLD_IMAGE = "ubuntu_22_04_x64_20G_alibase_20260522.vhd"
NEW_IMAGE = "ubuntu_24_04_x64_20G_alibase_20260916.vhd"


def operations(plan: Plan) -> list[str]:
    """What is to be written; neither what is asked before nor what is for the case that something fails."""
    expected = [one for one in plan.steps if one.question is None and not one.is_rescue]
    return [call.operation for one in expected for call in one.calls]


def blocked(plan: Plan) -> str:
    return "".join(guard.summary for guard in plan.guards if guard.name == "blocked")


def with_image(image: str, choice: str | None = None, *more: str) -> str:
    life = f"lifecycle: {{on_image_change: {choice}}}" if choice else ""
    return with_instance(life, *more).replace(OLD_IMAGE, image)


# Type, image, disks


def test_a_type_change_stops_and_starts_once(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    text = with_instance().replace("g7.large", "g7.xlarge")
    plan = cloud.plan(text)
    assert the_change(plan).impacts == {Impact.STOP_START, Impact.BILLING}
    around = ["StopInstances", "ModifyInstanceSpec", "StartInstances"]
    assert operations(plan) == ["TagResources", *around, "UntagResources", "UntagResources"]
    cloud.apply(plan)
    cloud.assert_settled(text)
    assert cloud.instance()["Status"] == "Running"


def test_all_that_needs_a_stop_shares_one(cloud: Cloud) -> None:
    cloud.settled(with_instance("private_ip: 10.0.1.10", "lifecycle: {on_image_change: reinstall}"))
    text = with_instance("private_ip: 10.0.1.20", "lifecycle: {on_image_change: reinstall}")
    text = text.replace("g7.large", "g7.xlarge").replace(OLD_IMAGE, NEW_IMAGE)
    plan = cloud.plan(text)
    assert operations(plan).count("StopInstances") == operations(plan).count("StartInstances") == 1
    cloud.apply(plan)
    cloud.assert_settled(text)


def test_a_type_change_of_a_stopped_machine_does_not_start_it(cloud: Cloud) -> None:
    cloud.settled(with_instance("state: stopped"))
    text = with_instance("state: stopped").replace("g7.large", "g7.xlarge")
    plan = cloud.plan(text)
    assert the_change(plan).impacts == {Impact.BILLING}
    assert operations(plan) == ["TagResources", "ModifyInstanceSpec", "UntagResources"]
    cloud.apply(plan)
    assert cloud.instance()["Status"] == "Stopped"


def test_a_machine_that_somebody_stopped_is_left_off(cloud: Cloud) -> None:
    """Its power is its own where the file says nothing of it."""
    cloud.settled(with_instance())
    stop(cloud)
    cloud.assert_settled(with_instance())
    cloud.settled(with_instance().replace("g7.large", "g7.xlarge"))
    assert cloud.instance()["Status"] == "Stopped"


@pytest.mark.parametrize("larger", [True, False])
def test_a_subscription_changes_its_type_by_another_call(cloud: Cloud, larger: bool) -> None:
    types = ("ecs.g7.large", "ecs.g7.2xlarge")
    first, second = types if larger else types[::-1]
    prepaid = with_instance("charge_type: PrePaid", "period: 1").replace("ecs.g7.large", first)
    cloud.settled(prepaid)
    cloud.settled(prepaid.replace(first, second))
    assert "ModifyPrepayInstanceSpec" in cloud.writes()
    (call,) = cloud.written("ModifyPrepayInstanceSpec")
    assert call["params"].get("OperatorType") == (None if larger else "downgrade")


def test_a_changed_image_asks_what_to_do(cloud: Cloud) -> None:
    cloud.settled(with_image(OLD_IMAGE))
    plan = cloud.plan(with_image(NEW_IMAGE))
    assert "replace, reinstall or ignore" in blocked(plan)
    with pytest.raises(Refused, match="on_image_change"):
        cloud.apply(plan)


def test_an_image_change_that_is_ignored_is_a_note(cloud: Cloud) -> None:
    cloud.settled(with_image(OLD_IMAGE))
    plan = cloud.plan(with_image(NEW_IMAGE, "ignore"))
    assert plan.is_empty
    assert any("ignored" in note for change in plan.changes for note in change.notes)


def test_an_image_change_that_replaces(cloud: Cloud) -> None:
    cloud.settled(with_image(OLD_IMAGE))
    before = cloud.instance().id
    plan = cloud.plan(with_image(NEW_IMAGE, "replace"))
    change = the_change(plan)
    assert (change.action, change.impact) == (Action.REPLACE, Impact.DATA_LOSS)
    assert change.attributes[0].note == "on_image_change: replace"
    cloud.apply(plan)
    cloud.assert_settled(with_image(NEW_IMAGE, "replace"))
    assert cloud.instance().id != before


def test_an_image_change_that_reinstalls_keeps_the_machine(cloud: Cloud) -> None:
    cloud.settled(with_image(OLD_IMAGE, None, "key_pair: admin") + KEYS)
    before = cloud.instance().id
    text = with_image(NEW_IMAGE, "reinstall", "key_pair: admin") + KEYS
    plan = cloud.plan(text)
    change = the_change(plan)
    assert (change.action, change.impact, change.loses) == (
        Action.UPDATE, Impact.DATA_LOSS, ("what is on the system disk",),
    )  # fmt: skip
    assert [guard.name for guard in plan.guards] == ["loss"]
    cloud.apply(plan)
    cloud.assert_settled(text)
    assert cloud.instance().id == before
    (call,) = cloud.written("ReplaceSystemDisk")
    assert call["params"]["KeyPairName"] == "demo-admin"


def test_reinstalling_and_growing_is_one_disk(cloud: Cloud) -> None:
    cloud.settled(with_image(OLD_IMAGE, "reinstall"))
    text = with_image(NEW_IMAGE, "reinstall").replace("size: 40", "size: 60")
    cloud.settled(text)
    assert "ResizeDisk" not in cloud.writes()
    assert [entry["params"]["SystemDisk.Size"] for entry in cloud.written("ReplaceSystemDisk")] == ["60"]


def test_reinstalling_from_a_family_is_refused(cloud: Cloud) -> None:
    """ReplaceSystemDisk takes an id; the plan says so instead of replacing the machine."""
    cloud.settled(with_image('{family: "acs:ubuntu_22_04_x64"}', "reinstall"))
    plan = cloud.plan(with_image('{family: "acs:ubuntu_24_04_x64"}', "reinstall"))
    assert "from an image id only" in blocked(plan)


def test_a_newer_image_of_the_family_is_no_change(cloud: Cloud) -> None:
    text = with_image('{family: "acs:ubuntu_22_04_x64"}')
    cloud.settled(text)
    cloud.service.account.change(cloud.instance(), ImageId=OLD_IMAGE.replace("0522", "0213"))
    cloud.assert_settled(text)


@pytest.mark.parametrize("family", [{"family": ""}, {"family": 3}])
def test_a_family_has_a_name(family: dict[str, object]) -> None:
    with pytest.raises(Mistake, match="image family"):
        calls.ImageSource().parse(family)


@pytest.mark.parametrize(("state", "way"), [("running", "online"), ("stopped", "offline")])
def test_a_system_disk_grows_in_place(cloud: Cloud, state: str, way: str) -> None:
    cloud.settled(with_instance(f"state: {state}"))
    text = with_instance(f"state: {state}").replace("size: 40", "size: 60")
    line = the_line(cloud.plan(text))
    assert "growpart" in line.note
    cloud.settled(text)
    assert [entry["params"]["Type"] for entry in cloud.written("ResizeDisk")] == [way]


def test_a_system_disk_does_not_shrink(cloud: Cloud) -> None:
    cloud.settled(with_instance().replace("size: 40", "size: 60"))
    assert "a disk cannot shrink" in blocked(cloud.plan(with_instance()))


@pytest.mark.parametrize(
    ("disk", "summary"),
    [
        ("system_disk: {category: cloud_auto, size: 40, performance_level: PL1}", r"system_disk.performance_level has"),
        ("data_disks: {a: {category: cloud_essd, size: 40}, bb: {category: cloud_essd}}", "slot name"),
        ("data_disks: {logs: {category: cloud_essd}}", "data_disks.logs needs a size"),
        (
            "data_disks: {logs: {category: cloud_auto, size: 20, performance_level: PL0}}",
            r"data_disks.logs.performance_level has",
        ),
    ],
)
def test_disks_that_cannot_be_are_refused_offline(cloud: Cloud, disk: str, summary: str) -> None:
    body = "\n".join(line for line in INSTANCE.splitlines() if not line.startswith("system_disk"))
    with pytest.raises(Rejected, match=summary):
        cloud.load(with_instance(disk, body=body))


# Power


def stop(cloud: Cloud) -> None:
    cloud.call("StopInstance", InstanceId=cloud.instance().id)
    cloud.clock.advance(60)


def test_a_machine_may_be_born_stopped(cloud: Cloud) -> None:
    text = with_instance("state: stopped")
    cloud.settled(text)
    assert cloud.instance()["Status"] == "Stopped"
    cloud.destroy(text)


def test_stopping_says_so_and_starting_is_harmless(cloud: Cloud) -> None:
    cloud.settled(with_instance("state: running"))
    assert the_change(cloud.plan(with_instance("state: stopped"))).impacts == {Impact.STOP}
    cloud.settled(with_instance("state: stopped"))
    assert the_change(cloud.plan(with_instance("state: running"))).impact is Impact.NONE
    cloud.settled(with_instance("state: running"))


def test_a_machine_stopped_outside_is_started_again(cloud: Cloud) -> None:
    cloud.settled(with_instance("state: running"))
    stop(cloud)
    assert the_line(cloud.plan(with_instance("state: running"))).cause is Cause.DRIFT
    cloud.settled(with_instance("state: running"))


def test_a_new_type_and_a_new_state_make_one_stop(cloud: Cloud) -> None:
    cloud.settled(with_instance("state: running"))
    text = with_instance("state: stopped").replace("g7.large", "g7.xlarge")
    plan = cloud.plan(text)
    assert operations(plan) == ["TagResources", "StopInstances", "ModifyInstanceSpec", "UntagResources"]
    cloud.apply(plan)
    cloud.assert_settled(text)


@pytest.mark.parametrize(
    ("status", "state"), [("Running", "running"), ("Starting", "running"), ("Pending", "running"),
                          ("Stopping", "stopped"), ("Stopped", "stopped"), ("", None)]
)  # fmt: skip
def test_a_machine_on_its_way_counts_as_where_it_goes(status: str, state: str | None) -> None:
    assert calls.power_state({"Status": status}) == state


# Network


def test_bandwidth_brings_and_takes_a_public_address(cloud: Cloud) -> None:
    def text(out: int) -> str:
        return with_instance(f"internet: {{max_bandwidth_out: {out}}}")

    cloud.settled(text(0))
    assert the_change(cloud.plan(text(5))).impacts == {Impact.BILLING, Impact.ACCESS}
    cloud.settled(text(5))
    address = cloud.instance()["PublicIp"]
    assert address
    assert the_change(cloud.plan(text(8))).impacts == {Impact.BILLING}
    plan = cloud.plan(text(0))
    change = the_change(plan)
    assert (change.impact, change.loses) == (Impact.NEW_ADDRESS, (f"the public address {address}",))
    assert [guard.name for guard in plan.guards] == ["loss"]
    cloud.apply(plan)
    cloud.assert_settled(text(0))
    assert cloud.instance().get("PublicIp") is None


def test_another_private_address_needs_a_stop(cloud: Cloud) -> None:
    cloud.settled(with_instance("private_ip: 10.0.1.10"))
    text = with_instance("private_ip: 10.0.1.20")
    plan = cloud.plan(text)
    change = the_change(plan)
    assert change.impacts == {Impact.NEW_ADDRESS, Impact.STOP_START, Impact.REBOOT}
    assert not plan.guards
    cloud.apply(plan)
    cloud.assert_settled(text)
    assert cloud.instance()["PrivateIpAddress"] == "10.0.1.20"


def test_a_fixed_private_address_forbids_to_create_first(cloud: Cloud) -> None:
    text = with_instance("private_ip: 10.0.1.10", "lifecycle: {create_before_destroy: true}")
    cloud.settled(text)
    assert "cannot share private_ip 10.0.1.10" in blocked(cloud.plan(text, replaces=("instance.web",)))


def test_groups_are_changed_whole_in_one_call(cloud: Cloud) -> None:
    more = "security_group:\n  extra: {vpc: main}"
    text = with_instance().replace("web: {vpc: main}", "web: {vpc: main}\n    extra: {vpc: main}")
    cloud.settled(text)
    both = text.replace("security_groups: [web]", "security_groups: [extra, web]")
    cloud.forget()
    cloud.settled(both)
    assert cloud.changed() == ["ModifyInstanceAttribute"]
    cloud.assert_settled(text.replace("security_groups: [web]", "security_groups: [web, extra]"))
    cloud.forget()
    cloud.settled(text)
    assert cloud.changed() == ["ModifyInstanceAttribute"], more


def test_a_group_that_is_replaced_is_followed(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    text = with_instance().replace("web: {vpc: main}", "web: {vpc: main, type: enterprise}")
    plan = cloud.plan(text)
    assert changes(plan)["security_group.web"].create_first
    moving = step(plan, "ModifyInstanceAttribute", "instance.web")
    assert comes_before(plan, step(plan, "CreateSecurityGroup"), moving)
    assert comes_before(plan, moving, step(plan, "DeleteSecurityGroup"))


def test_a_zone_that_is_not_the_vswitchs_is_refused_offline(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match=r"is not the zone of vswitch.app"):
        cloud.load(with_instance("zone: cn-hangzhou-i"))


def test_a_private_address_outside_the_vswitch_is_refused_offline(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match=r"private_ip 10.0.2.7 lies outside the vSwitch's 10.0.1.0/24") as caught:
        cloud.load(with_instance("private_ip: 10.0.2.7"))
    assert len(caught.value.diagnostics) == 1


def test_two_machines_of_a_group_cannot_have_one_address(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match="already that of instance"):
        cloud.load(with_instance("count: 2", "private_ip: 10.0.1.10"))
    cloud.load(with_instance("count: 2", 'private_ip: "10.0.1.${index + 10}"'))


# Login, user data, metadata

KEYS = (
    "  key_pair:\n    admin: {public_key: ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAIHaSw601QLuAPAILOu5mzYiHEjI06gxucUPArdc/9DHt}\n"
)
SECRET = "Correct-Horse-7"


def with_password(version: int) -> str:
    return with_instance(f"password: {{env: LOGIN, version: {version}}}")


def test_a_password_changes_with_its_version_and_is_nowhere_to_be_read(cloud: Cloud) -> None:
    cloud.environ["LOGIN"] = SECRET
    cloud.settled(with_password(1))
    cloud.environ["LOGIN"] = SECRET + "x"
    cloud.assert_settled(with_password(1))  # the value alone is no change

    plan = cloud.plan(with_password(2))
    assert (the_line(plan).name, the_line(plan).sensitive) == ("password", True)
    cloud.apply(plan)
    cloud.assert_settled(with_password(2))
    written = [
        engine.save_plan(plan),
        str(cloud.instance().tags),
        shown(plan),
        *[path.read_text() for path in (cloud.folder / ".ecsplan").rglob("*") if path.is_file()],
    ]
    assert SECRET not in "".join(written)
    applied = read_record(read_marks(cloud.instance().tags, "instance").named)
    assert applied is not None and applied.version("password") == 2


def test_a_password_that_is_missing_is_named_by_its_source(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match="environment variable LOGIN is not set"):
        cloud.apply(with_password(1))
    assert cloud.things("vpc") == []


def test_a_secret_that_is_no_longer_declared_leaves_no_tag(cloud: Cloud) -> None:
    cloud.environ["LOGIN"] = SECRET
    cloud.settled(with_password(1))
    cloud.settled(with_instance("description: without"))
    assert "ecsplan:instance:secrets" not in cloud.instance().tags


def test_a_reinstalled_machine_gets_its_password_again(cloud: Cloud) -> None:
    cloud.environ["LOGIN"] = SECRET
    password = "password: {env: LOGIN, version: 1}"
    cloud.settled(with_image(OLD_IMAGE, "reinstall", password))
    cloud.settled(with_image(NEW_IMAGE, "reinstall", password))
    assert "Password" in cloud.written("ReplaceSystemDisk")[0]["params"]


def test_user_data_is_compared_by_what_was_applied(cloud: Cloud) -> None:
    """It can only be read one by one: an ordinary plan asks for none of it, --refresh=full does."""

    def text(word: str) -> str:
        return with_instance(f'user_data: "#!/bin/sh\\necho {word}\\n"')

    cloud.settled(text("one"))
    cloud.forget()
    cloud.assert_settled(text("one"))
    assert "DescribeUserData" not in cloud.service.log.stats()["actions"]

    line = the_line(cloud.plan(text("two")))
    assert (line.name, line.cause) == ("user_data", Cause.PENDING)
    assert "does not run it" in line.note
    cloud.settled(text("two"))

    behind = base64.b64encode(b"#!/bin/sh\necho three\n").decode()
    cloud.call("ModifyInstanceAttribute", InstanceId=cloud.instance().id, UserData=behind)
    cloud.assert_settled(text("two"))
    plan = cloud.plan(text("two"), refresh_full=True)
    assert the_line(plan).cause is Cause.DRIFT
    cloud.apply(plan)
    assert cloud.plan(text("two"), refresh_full=True).is_empty


def test_metadata_options_always_carry_the_endpoint(cloud: Cloud) -> None:
    cloud.settled(with_instance("metadata: {endpoint: disabled}"))
    cloud.forget()
    cloud.settled(with_instance("metadata: {tokens: required}"))
    (call,) = cloud.written("ModifyInstanceMetadataOptions")
    assert (call["params"]["HttpEndpoint"], call["params"]["HttpTokens"]) == ("disabled", "required")


def test_one_role_takes_the_place_of_another(cloud: Cloud) -> None:
    cloud.settled(with_instance("ram_role: one"))
    cloud.forget()
    cloud.settled(with_instance("ram_role: two"))
    assert cloud.changed() == ["DetachInstanceRamRole", "AttachInstanceRamRole"]


def test_a_host_name_takes_effect_at_the_next_restart(cloud: Cloud) -> None:
    cloud.settled(with_instance("hostname: one"))
    plan = cloud.plan(with_instance("hostname: two"))
    assert the_line(plan).note == "takes effect at the next restart"
    assert "StopInstances" not in operations(plan)


# What stands in the way of deleting it


def names(plan: Plan) -> Iterable[str]:
    return [guard.name for guard in plan.guards]


def test_deletion_protection_stops_a_destroy_with_its_reason(cloud: Cloud) -> None:
    text = with_instance("deletion_protection: true")
    cloud.settled(text)
    plan = cloud.plan(text, destroy=True)
    assert "deletion_protection is on" in blocked(plan)
    with pytest.raises(Refused, match="deletion_protection"):
        cloud.apply(plan)
    cloud.settled(with_instance("deletion_protection: false"))
    cloud.destroy(with_instance("deletion_protection: false"))


def test_deletion_protection_stops_a_replacement(cloud: Cloud) -> None:
    text = with_instance("deletion_protection: true")
    cloud.settled(text)
    assert "deletion_protection is on" in blocked(cloud.plan(text, replaces=("instance.web",)))


def test_a_subscription_cannot_be_released(cloud: Cloud) -> None:
    text = with_instance("charge_type: PrePaid", "period: 1")
    cloud.settled(text)
    plan = cloud.plan(text, destroy=True)
    assert re.search(r"a subscription until 20\d\d-.*PostPaid first", blocked(plan))


def test_becoming_a_subscription_with_renewal_is_one_change(cloud: Cloud) -> None:
    """The renewal of a machine that is none yet cannot be read, and is set once it is one."""
    cloud.settled(with_instance())
    text = with_instance("charge_type: PrePaid", "period: 2", "period_unit: Month",
                         "renewal: {status: AutoRenewal, period: 3}")  # fmt: skip
    plan = cloud.plan(text)
    assert not blocked(plan)
    assert operations(plan)[1:3] == ["ModifyInstanceChargeType", "ModifyInstanceAutoRenewAttribute"]
    cloud.apply(plan)
    cloud.assert_settled(text)


def test_one_young_subscription_hides_no_other_and_differs_from_nothing(cloud: Cloud) -> None:
    """The service refuses to tell of the renewal of a machine that has just come to run, and of all asked with it."""
    text = with_instance("count: 3", "charge_type: PrePaid", "period: 1",
                         "renewal: {status: AutoRenewal, period: 1}")  # fmt: skip
    cloud.settled(text)
    young = {"fault": "error", "action": "DescribeInstanceAutoRenewAttribute", "code": "InvalidParameter",
             "status": 400}  # fmt: skip
    cloud.faults({**young, "times": 2})
    plan = cloud.plan(text)
    assert plan.is_empty
    (warning,) = plan.warnings
    assert warning.address.name == "web" and "renewal.status of i-" in warning.summary
    cloud.faults({**young, "code": "Forbidden.RAM", "status": 403, "times": 99})
    with pytest.raises(ApiError, match=r"Forbidden\.RAM"):
        cloud.plan(text)


def test_a_period_for_later_is_not_sent_with_pay_as_you_go(cloud: Cloud) -> None:
    cloud.settled(with_instance("charge_type: PostPaid", "period: 2"))
    assert "Period" not in cloud.written("RunInstances")[0]["params"]


def test_a_subscription_needs_no_period(cloud: Cloud) -> None:
    cloud.settled(with_instance("charge_type: PrePaid"))
    assert cloud.written("RunInstances")[0]["params"]["Period"] == "1"


def test_back_to_pay_as_you_go_frees_it(cloud: Cloud) -> None:
    cloud.settled(with_instance("charge_type: PrePaid", "period: 1"))
    text = with_instance("charge_type: PostPaid", "period: 1")
    cloud.settled(text)
    cloud.destroy(text)


def test_a_machine_that_goes_says_what_goes_with_it(cloud: Cloud) -> None:
    text = with_instance("internet: {max_bandwidth_out: 5}", "data_disks: {logs: {category: cloud_essd, size: 20}}")
    cloud.settled(text)
    plan = cloud.plan(stack_of("vpc:\n  main: {cidr_block: 10.0.0.0/8}"))
    assert changes(plan)["instance.web"].loses == (
        "the system disk", "data disk logs (20 GiB)", f"the public address {cloud.instance()['PublicIp']}",
    )  # fmt: skip


def test_a_machine_is_shut_down_before_it_is_released(cloud: Cloud) -> None:
    text = with_instance()
    cloud.settled(text)
    cloud.destroy(text)
    (call,) = cloud.written("DeleteInstances")
    assert (call["params"]["Force"], call["params"]["ForceStop"]) == ("true", "false")


@pytest.mark.parametrize("broken", ["StopInstances", "ModifyInstanceSpec", "StartInstances", "UntagResources"])
def test_a_machine_that_a_cut_off_run_had_stopped_runs_again(cloud: Cloud, broken: str) -> None:
    """Nothing in the file says that it is to run: the mark on the machine does."""
    cloud.settled(with_instance(""))
    plan = cloud.plan(with_instance("").replace("ecs.g7.large", "ecs.g7.xlarge"))
    rule = {"fault": "error", "code": "Forbidden", "status": 403, "message": "no", "action": broken}
    cloud.service.faults.add([rule])
    assert cloud.try_apply(plan).failed
    cloud.service.faults.clear()
    cloud.settled(with_instance("").replace("ecs.g7.large", "ecs.g7.xlarge"))
    assert cloud.instance()["Status"] == "Running"
    assert ":restart" not in str(cloud.instance())


# How a machine is off

PUBLIC = "internet: {charge_type: PayByTraffic, max_bandwidth_out: 5}"
ECONOMY = "stopped_mode: StopCharging"


def stop_modes(cloud: Cloud) -> list[str | None]:
    return [entry["params"].get("StoppedMode") for entry in cloud.written("StopInstances")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (with_instance(), with_instance().replace("g7.large", "g7.xlarge")),
        (with_image(OLD_IMAGE), with_image(NEW_IMAGE, "reinstall")),
        (with_instance("private_ip: 10.0.1.10"), with_instance("private_ip: 10.0.1.11")),
    ],
)
def test_a_stop_that_a_start_follows_keeps_place_and_address(cloud: Cloud, before: str, after: str) -> None:
    cloud.settled(before)
    cloud.apply(after)
    assert stop_modes(cloud) == ["KeepCharging"]


@pytest.mark.parametrize(("more", "mode"), [("", "KeepCharging"), (ECONOMY, "StopCharging")])
def test_a_stop_for_good_is_as_the_file_says_whatever_the_account_has_as_its_default(
    cloud: Cloud, more: str, mode: str
) -> None:
    cloud.settled(with_instance())
    text = with_instance("state: stopped", more)
    plan = cloud.plan(text)
    assert mode in the_change(plan).attributes_by_name["state"].note
    cloud.apply(plan)
    assert stop_modes(cloud) == [mode]
    cloud.assert_settled(text)


def test_an_economical_stop_says_which_public_address_it_gives_up(cloud: Cloud) -> None:
    cloud.settled(with_instance(PUBLIC))
    address = cloud.instance()["PublicIp"]
    change = the_change(cloud.plan(with_instance(PUBLIC, "state: stopped", ECONOMY)))
    assert change.impacts == {Impact.NEW_ADDRESS, Impact.STOP}
    assert change.loses == (f"the public address {address}; its next start gives it a new public address",)
    assert the_change(cloud.plan(with_instance(PUBLIC, "state: stopped"))).loses == ()


def test_a_machine_that_is_off_is_not_started_for_another_mode(cloud: Cloud) -> None:
    cloud.settled(with_instance("state: stopped"))
    assert "start it first" in blocked(cloud.plan(with_instance("state: stopped", ECONOMY)))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ((ECONOMY,), "write state: stopped beside it"),
        (("state: running", ECONOMY), "write state: stopped beside it"),
        (("state: stopped", ECONOMY, "charge_type: PrePaid"), "pay-as-you-go"),
    ],
)
def test_a_mode_that_means_nothing_is_an_error_of_the_file(cloud: Cloud, more: tuple[str, ...], told: str) -> None:
    with pytest.raises(Rejected, match=told):
        cloud.load(with_instance(*more))
