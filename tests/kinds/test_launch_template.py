"""Launch templates: a change is another version with all that it is to have, and the default follows it."""

from base64 import b64decode
from typing import Any

import pytest

from ecsplan.model.change import Cause
from ecsplan.model.diagnostic import Rejected
from tests.kinds.cloud import NETWORK, Cloud, changes, shown, stack_of, the_change, with_instance

TEMPLATE = "launch_template: {web: {instance_type: ecs.g7.large, system_disk: {category: cloud_essd, size: 40}MORE}}\n"


def template(*lines: str) -> str:
    return stack_of(TEMPLATE.replace("MORE", "".join(f", {line}" for line in lines)))


def live(cloud: Cloud) -> Any:
    (found,) = cloud.things("launchtemplate")
    return found


def newest(cloud: Cloud) -> dict[str, Any]:
    version: dict[str, Any] = live(cloud)["Versions"][-1]["Data"]
    return version


def test_a_change_is_another_version_which_becomes_the_default(cloud: Cloud) -> None:
    cloud.settled(template())
    cloud.settled(template("hostname: web"))
    assert (live(cloud)["LatestVersionNumber"], live(cloud)["DefaultVersionNumber"]) == (2, 2)
    assert newest(cloud)["HostName"] == "web"
    assert newest(cloud)["SystemDisk"] == {"Category": "cloud_essd", "Size": 40}, "all of it is there again"


def test_what_others_added_to_the_newest_version_is_carried_along(cloud: Cloud) -> None:
    cloud.settled(template("hostname: web"))
    data = dict(newest(cloud)) | {
        "InstanceName": "theirs",
        "SecurityGroupIds": ["sg-1"],
        "NetworkInterface": [{"VSwitchId": "vsw-1", "SecurityGroupIds": ["sg-1"]}],
        "Tag": [{"Key": "team", "Value": "web"}],
    }
    cloud.call("CreateLaunchTemplateVersion", LaunchTemplateId=live(cloud).id, **data)
    cloud.settled(template("hostname: app"))
    assert {**data, "HostName": "app"} == newest(cloud)


def test_a_default_that_a_person_moved_back_is_moved_again_without_another_version(cloud: Cloud) -> None:
    text = template("hostname: web", "default_version: latest")
    cloud.settled(template("default_version: latest"))
    cloud.settled(text)
    cloud.call("ModifyLaunchTemplateDefaultVersion", LaunchTemplateId=live(cloud).id, DefaultVersionNumber=1)
    plan = cloud.plan(text)
    assert [line.name for line in the_change(plan).attributes] == ["default_version"], shown(plan)
    cloud.settled(text)
    assert (live(cloud)["LatestVersionNumber"], live(cloud)["DefaultVersionNumber"]) == (2, 2)
    cloud.assert_settled(template("hostname: web"), records=True)


def test_a_default_that_the_file_holds_stays_where_it_is(cloud: Cloud) -> None:
    cloud.settled(template("default_version: 1"))
    cloud.settled(template("hostname: web", "default_version: 1"))
    assert (live(cloud)["LatestVersionNumber"], live(cloud)["DefaultVersionNumber"]) == (2, 1)
    cloud.settled(template("hostname: web", "default_version: latest"))
    assert live(cloud)["DefaultVersionNumber"] == 2


def test_the_oldest_versions_go_when_they_are_too_many_and_the_default_never_does(cloud: Cloud) -> None:
    cloud.settled(template("default_version: 1"))
    for name in ("a", "b"):
        cloud.settled(template(f"hostname: host-{name}", "default_version: 1"))
    text = template("hostname: host-c", "default_version: 1", "keep_versions: 2")
    assert the_change(cloud.plan(text)).notes == ("keep_versions: version 2, version 3 of it will be deleted",)
    cloud.settled(text)
    assert [version["VersionNumber"] for version in live(cloud)["Versions"]] == [1, 4]


def test_a_template_without_room_for_another_version_is_known_at_plan(cloud: Cloud) -> None:
    cloud.settled(template())
    for number in range(29):
        cloud.call("CreateLaunchTemplateVersion", LaunchTemplateId=live(cloud).id, HostName=f"host-{number}")
    plan = cloud.plan(template("hostname: web"))
    assert [guard.summary.split(":")[0] for guard in plan.guards if guard.name == "blocked"] == [
        "it has 30 versions, of which a template has at most 30"
    ]
    cloud.settled(template("hostname: web", "keep_versions: 5"))
    assert len(live(cloud)["Versions"]) == 5


def test_another_name_is_another_template(cloud: Cloud) -> None:
    cloud.settled(template())
    before = live(cloud).id
    cloud.settled(template("name: another"))
    assert live(cloud).id != before


@pytest.mark.parametrize("value", ["newest", "0", "true"])
def test_a_default_is_latest_or_a_number(cloud: Cloud, value: str) -> None:
    with pytest.raises(Rejected, match="latest, or the number of a version"):
        changes(cloud.plan(template(f"default_version: {value}")))


def test_a_machine_has_what_its_template_gives_and_the_file_leaves_out(cloud: Cloud) -> None:
    """By the version that the same plan makes the default one; a machine that lives stays as it is."""
    made = "launch_template: {web: {user_data: 'echo TEXT', hostname: from-template, ram_role: from-template}}\n"
    one = made.replace("TEXT", "one")
    cloud.settled(with_instance("launch_template: web", "hostname: from-file", more=one))
    machine = cloud.instance()
    assert (machine["HostName"], machine["RamRoleName"]) == ("from-file", "from-template")
    assert b64decode(machine["UserData"]) == b"echo one"

    two = made.replace("TEXT", "two")
    cloud.settled(with_instance("launch_template: web", "hostname: from-file", more=two))
    assert b64decode(cloud.instance()["UserData"]) == b"echo one"

    pinned = ("launch_template: web", "launch_template_version: 1", "hostname: from-file", "count: 2")
    cloud.settled(with_instance(*pinned, more=two))
    assert {b64decode(thing["UserData"]) for thing in cloud.things("instance")} == {b"echo one"}


def test_the_disk_of_a_template_counts_where_the_file_says_none(cloud: Cloud) -> None:
    disk = "launch_template: {web: {system_disk: {category: cloud_auto, size: 60}}}\n"
    text = with_instance("launch_template: web", more=disk).replace(
        "system_disk: {category: cloud_essd, size: 40}", "description: without a disk"
    )
    cloud.settled(text)
    (system,) = [thing for thing in cloud.things("disk") if thing["Type"] == "system"]
    assert (system["Category"], system["Size"]) == ("cloud_auto", 60)


# What a template of the stack gives is planned, shown and compared like what the file says

GIVES = """launch_template:
  web: {instance_type: ecs.g7.large, image: ubuntu_22_04_x64_20G_alibase_20260522.vhd, vswitch: app,
        security_groups: [web], system_disk: {category: cloud_essd, size: 40}}
"""


def bare(*lines: str, gives: str = GIVES) -> str:
    return with_instance(*lines, body="launch_template: web\n", more=gives)


def test_a_machine_may_leave_all_to_its_template_and_the_plan_shows_what_it_gets(cloud: Cloud) -> None:
    plan = cloud.plan(bare())
    made = changes(plan)["instance.web"]
    assert made.desired("instance_type") == "ecs.g7.large" and made.desired("system_disk.size") == 40
    cloud.settled(bare())
    assert cloud.instance()["InstanceType"] == "ecs.g7.large"
    cloud.destroy(bare())


def test_another_version_of_a_template_changes_no_machine_and_makes_new_ones_by_it(cloud: Cloud) -> None:
    cloud.settled(bare("count: 1"))
    (first,) = cloud.things("instance")
    larger = bare("count: 2", gives=GIVES.replace("ecs.g7.large", "ecs.g7.xlarge"))
    plan = cloud.plan(larger)
    assert {name for name in changes(plan) if name.startswith("instance")} == {"instance.web[1]"}, shown(plan)
    (line,) = changes(plan)["launch_template.web"].attributes
    assert line.note == "a new version; machines that are there stay as they are"
    cloud.settled(larger)
    assert sorted(one["InstanceType"] for one in cloud.things("instance")) == ["ecs.g7.large", "ecs.g7.xlarge"]
    assert first["InstanceType"] == "ecs.g7.large"


def test_a_machine_that_somebody_changed_is_drift_from_what_its_template_gave(cloud: Cloud) -> None:
    text = bare("state: running")
    cloud.settled(text)
    cloud.service.account.change(cloud.instance(), InstanceType="ecs.g7.2xlarge")
    line = changes(cloud.plan(text))["instance.web"].attributes_by_name["instance_type"]
    assert (line.before, line.after, line.cause) == ("ecs.g7.2xlarge", "ecs.g7.large", Cause.DRIFT)
    cloud.apply(text)
    assert cloud.instance()["InstanceType"] == "ecs.g7.large"


def test_what_the_file_says_itself_counts_before_what_the_template_gives(cloud: Cloud) -> None:
    text = bare("instance_type: ecs.g7.xlarge")
    cloud.settled(text)
    assert cloud.instance()["InstanceType"] == "ecs.g7.xlarge"
    cloud.assert_settled(bare())  # from now on the template says it, and the machine stays as it was made


@pytest.mark.parametrize(
    ("lines", "gives", "words"),
    [
        ((), GIVES.replace("security_groups: [web], ", ""), "launch_template.web does not give it"),
        (("launch_template_version: 1",), GIVES, "what launch_template_version names may say another than the file"),
        ((), GIVES.replace("web: {", "web: {default_version: 1, "), "the default_version of launch_template.web"),
    ],
)
def test_what_neither_file_nor_template_says_is_told_offline(
    cloud: Cloud, lines: tuple[str, ...], gives: str, words: str
) -> None:
    with pytest.raises(Rejected) as told:
        cloud.load(bare(*lines, gives=gives))
    assert "needs security_groups" in str(told.value) and words in str(told.value)


def test_a_template_by_its_id_gives_nothing_that_the_file_must_say(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match=r"needs image, and what lt-bp1a2b3c gives is not in this file"):
        cloud.load(with_instance(body="launch_template: lt-bp1a2b3c\n"))


def test_a_template_has_one_further_interface_for_what_others_make_by_it(cloud: Cloud) -> None:
    more = ", network_interfaces: [{vswitch: app, security_groups: [web], name: inner, delete_on_release: true}]}"
    gives = stack_of(NETWORK, GIVES.replace("size: 40}}", "size: 40}" + more))
    cloud.settled(gives)
    cloud.call("RunInstances", LaunchTemplateId=live(cloud).id)
    cloud.clock.advance(60)
    (second,) = [thing for thing in cloud.things("eni") if thing["Type"] == "Secondary"]
    group, subnet = cloud.thing("securitygroup", "demo-web").id, cloud.thing("vswitch", "demo-app").id
    assert (second["NetworkInterfaceName"], second["VSwitchId"]) == ("inner", subnet)
    assert second["SecurityGroupIds"] == [group]
    cloud.settled(gives.replace("inner", "outer"))
    assert newest(cloud)["NetworkInterface"][0]["NetworkInterfaceName"] == "outer"


def test_what_a_template_says_of_the_system_disk_is_had_as_a_whole(cloud: Cloud) -> None:
    """RunInstances takes the system disk from the template, or from the call, and never half of each."""
    cloud.settled(bare(gives=GIVES.replace("size: 40}}", "size: 40, encrypted: true}}")))
    (system,) = [thing for thing in cloud.things("disk") if thing["Type"] == "system"]
    assert system["Encrypted"] and system["Size"] == 40
