"""Whose a thing is: adopted, moved, released, protected, found in other stacks; and tags that are not ours."""

import pytest

from ecsplan.model.call import Product
from ecsplan.model.change import Action, Cause
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.plan import Plan
from tests.kinds.cloud import (
    HEAD,
    INSTANCE,
    NETWORK,
    Cloud,
    changes,
    comes_before,
    stack_of,
    step,
    the_change,
    the_line,
    with_instance,
)

VPC = "vpc:\n  main: {cidr_block: 10.0.0.0/8}"


def another(stack: str, text: str) -> str:
    return HEAD.replace("stack: demo", f"stack: {stack}") + text


# Tags


def tagged(tags: str, life: str = "") -> str:
    return stack_of(f"vpc:\n  main: {{cidr_block: 10.0.0.0/8, tags: {tags}{life}}}")


def tag(cloud: Cloud, **pairs: str) -> None:
    (vpc,) = cloud.things("vpc")
    cloud.call(
        "TagResources", Product.VPC, ResourceType="VPC", ResourceId=[vpc.id],
        Tag=[{"Key": key, "Value": value} for key, value in pairs.items()],
    )  # fmt: skip


def their_tags(cloud: Cloud) -> dict[str, str]:
    (vpc,) = cloud.things("vpc")
    return {key: value for key, value in vpc.tags.items() if not key.startswith("ecsplan:")}


def test_tags_of_others_stay(cloud: Cloud) -> None:
    cloud.settled(tagged("{team: web}"))
    tag(cloud, owner="ops")
    cloud.assert_settled(tagged("{team: web}"))
    cloud.settled(tagged("{team: db}"))
    assert their_tags(cloud) == {"team": "db", "owner": "ops"}


def test_a_tag_that_the_file_no_longer_has_goes(cloud: Cloud) -> None:
    cloud.settled(tagged("{team: web, cost: '7'}"))
    tag(cloud, owner="ops")
    cloud.settled(tagged("{team: web}"))
    assert their_tags(cloud) == {"team": "web", "owner": "ops"}


def test_exclusive_tags_tolerate_no_others(cloud: Cloud) -> None:
    text = tagged("{team: web}", ", lifecycle: {exclusive: [tags]}")
    cloud.settled(text)
    tag(cloud, owner="ops")
    line = the_line(cloud.plan(text))
    assert (dict(line.before), dict(line.after)) == ({"team": "web", "owner": "ops"}, {"team": "web"})
    assert line.cause is Cause.DRIFT
    cloud.settled(text)
    assert their_tags(cloud) == {"team": "web"}


def test_a_tag_changed_outside_is_drift(cloud: Cloud) -> None:
    cloud.settled(tagged("{team: web}"))
    tag(cloud, team="theirs")
    assert the_line(cloud.plan(tagged("{team: web}"))).cause is Cause.DRIFT
    cloud.settled(tagged("{team: web}"))


def test_more_tags_than_there_is_room_for_are_refused_offline(cloud: Cloud) -> None:
    many = "{" + ", ".join(f"key{number}: a" for number in range(17)) + "}"
    with pytest.raises(Rejected, match="tags: 17 are too many"):
        cloud.load(tagged(many))
    most = "{" + ", ".join(f"key{number}: a" for number in range(16)) + "}"
    cloud.settled(tagged(most))


@pytest.mark.parametrize("key", ["aliyun.x", "acs:x", "http://x", "ecsplan:vpc"])
def test_tags_of_the_service_and_of_ours_are_refused_offline(cloud: Cloud, key: str) -> None:
    with pytest.raises(Rejected, match="is not a tag key"):
        cloud.load(tagged(f"{{'{key}': a}}"))


def test_a_tag_that_is_ignored_is_theirs(cloud: Cloud) -> None:
    text = tagged("{team: web, owner: us}", ", lifecycle: {ignore_changes: [tags.owner]}")
    cloud.settled(text)
    tag(cloud, owner="ops")
    cloud.assert_settled(text)
    cloud.settled(text.replace("team: web", "team: db"))
    assert their_tags(cloud) == {"team": "db", "owner": "ops"}


def test_a_changed_tag_is_never_missing_in_between(cloud: Cloud) -> None:
    cloud.settled(tagged("{team: web, cost: '7'}"))
    cloud.forget()
    cloud.settled(tagged("{team: db}"))
    assert cloud.writes() == ["TagResources", "UnTagResources"]
    (gone,) = cloud.written("UnTagResources")
    assert [value for key, value in gone["params"].items() if key.startswith("TagKey")] == ["cost", "ecsplan:vpc:open"]


def test_attributes_that_are_ignored_are_theirs(cloud: Cloud) -> None:
    text = with_instance("description: ours", "lifecycle: {ignore_changes: [description, system_disk]}")
    cloud.settled(text)
    cloud.call("ModifyInstanceAttribute", InstanceId=cloud.instance().id, Description="theirs")
    cloud.assert_settled(text)
    cloud.assert_settled(text.replace("size: 40", "size: 60"))


# Adoption


def foreign(cloud: Cloud, name: str = "byhand") -> str:
    answer = cloud.call("CreateVpc", Product.VPC, CidrBlock="10.0.0.0/8", VpcName=name)
    cloud.clock.advance(30)
    return str(answer["VpcId"])


def test_what_stands_there_is_adopted_as_it_is(cloud: Cloud) -> None:
    vpc = foreign(cloud)
    text = stack_of(f"vpc:\n  main: {{cidr_block: 10.0.0.0/8, adopt: {vpc}}}")
    plan = cloud.plan(text)
    assert (the_change(plan).action, the_change(plan).attributes) == (Action.ADOPT, ())
    cloud.apply(plan)
    cloud.assert_settled(text)
    assert [thing.id for thing in cloud.things("vpc")] == [vpc]
    cloud.assert_settled(stack_of(VPC))  # once owned, adopt is not needed any more
    cloud.destroy(text)


def test_an_adopted_thing_is_brought_into_line(cloud: Cloud) -> None:
    vpc = foreign(cloud)
    text = stack_of(f"vpc:\n  main: {{cidr_block: 10.0.0.0/8, name: ours, adopt: {vpc}}}")
    assert the_line(cloud.plan(text)).cause is Cause.PENDING
    cloud.settled(text)
    assert cloud.thing("vpc", "ours").id == vpc


def test_members_are_adopted_one_by_one(cloud: Cloud) -> None:
    cloud.settled(with_instance("count: 2"))
    ids = [cloud.instance(f"demo-web-000{number}").id for number in (0, 1)]
    for machine in cloud.things("instance"):
        cloud.service.account.set_tags(machine, {})
    for disk in cloud.things("disk"):
        cloud.service.account.set_tags(disk, {})
    text = with_instance("count: 2", f"adopt: {{0: {ids[1]}, 1: {ids[0]}}}")
    plan = cloud.plan(text)
    assert {change.action for change in changes(plan).values()} == {Action.ADOPT}
    cloud.apply(plan)
    cloud.assert_settled(text)
    assert cloud.instance("demo-web-0000").id == ids[1]


def test_what_is_not_there_cannot_be_adopted(cloud: Cloud) -> None:
    text = stack_of("vpc:\n  main: {cidr_block: 10.0.0.0/8, adopt: vpc-nowhere}", "security_group:\n  web: {vpc: main}")
    plan = cloud.plan(text)
    told = {str(guard.addresses[0]): guard.summary for guard in plan.guards}
    assert told["vpc.main"].startswith("adopt: there is no vpc vpc-nowhere in cn-hangzhou")
    assert told["security_group.web"] == "it names vpc.main, which is not told apart yet"


def test_what_another_stack_owns_cannot_be_adopted(cloud: Cloud) -> None:
    cloud.settled(another("network", stack_of(VPC)))
    (vpc,) = cloud.things("vpc")
    (guard,) = cloud.plan(stack_of(f"vpc:\n  main: {{cidr_block: 10.0.0.0/8, adopt: {vpc.id}}}")).guards
    assert f"{vpc.id} belongs to vpc.main of stack network" in guard.summary


def test_what_is_only_named_for_adoption_is_not_destroyed(cloud: Cloud) -> None:
    vpc = foreign(cloud)
    text = stack_of(f"vpc:\n  main: {{cidr_block: 10.0.0.0/8, adopt: {vpc}}}")
    assert cloud.plan(text, destroy=True).is_empty


# Moved and released


def test_another_address_for_the_same_thing(cloud: Cloud) -> None:
    cloud.settled(stack_of(VPC))
    (vpc,) = cloud.things("vpc")
    text = stack_of("vpc:\n  core: {cidr_block: 10.0.0.0/8}") + "moved:\n  - {from: vpc.main, to: vpc.core}\n"
    plan = cloud.plan(text)
    assert (the_change(plan).action, str(the_change(plan).moved_from)) == (Action.MOVE, "vpc.main")
    cloud.apply(plan)
    cloud.assert_settled(text)
    assert vpc.tags["ecsplan:vpc"] == "demo/vpc.core"


def test_a_released_thing_stays_and_is_nobodys(cloud: Cloud) -> None:
    cloud.settled(stack_of(VPC, "security_group:\n  web: {vpc: main}"))
    text = stack_of(VPC) + "released: [security_group.web]\n"
    plan = cloud.plan(text)
    assert the_change(plan).action is Action.RELEASE
    cloud.apply(plan)
    cloud.assert_settled(text)
    (group,) = cloud.things("securitygroup")
    assert not [key for key in group.tags if key.startswith("ecsplan:")]


def test_the_disks_of_a_released_machine_are_nobodys_either(cloud: Cloud) -> None:
    """Else they would be taken for orphans once the machine's new owner deletes it."""
    cloud.settled(with_instance("data_disks: {data: {category: cloud_essd, size: 40, keep: true}}"))
    text = stack_of(NETWORK) + "released: [instance.web]\n"
    cloud.settled(text)
    cloud.call("DeleteInstance", InstanceId=cloud.instance().id, Force=True)
    cloud.clock.advance(60)
    cloud.assert_settled(text)
    assert [disk["DiskName"] for disk in cloud.things("disk")] == ["data"]


def test_the_disks_of_a_moved_machine_move_along(cloud: Cloud) -> None:
    disks = "data_disks: {data: {category: cloud_essd, size: 40, keep: true}}"
    cloud.settled(with_instance(disks))
    text = with_instance(disks, name="front") + "moved:\n  - {from: instance.web, to: instance.front}\n"
    cloud.settled(text)
    assert cloud.disks(cloud.instance())["data"].tags["ecsplan:disk"] == "demo/instance.front.data_disks.data"
    disk = cloud.disks(cloud.instance())["data"]
    cloud.call("DetachDisk", DiskId=disk.id, InstanceId=cloud.instance().id)
    cloud.clock.advance(30)
    cloud.settled(text)
    assert cloud.disks(cloud.instance())["data"].id == disk.id


# Protection


PROTECTED = VPC.replace("/8}", "/8, lifecycle: {prevent_destroy: true}}")
EXTRA = "security_group:\n  web: {vpc: main}"


def test_a_protected_thing_survives_its_block_and_a_destroy(cloud: Cloud) -> None:
    cloud.settled(stack_of(PROTECTED, EXTRA))
    (vpc,) = cloud.things("vpc")
    assert vpc.tags["ecsplan:vpc:protected"] == "true"
    for plan in (
        cloud.plan(stack_of("vpc:\n  other: {cidr_block: 10.0.0.0/8}")),
        cloud.plan(stack_of(PROTECTED, EXTRA), destroy=True),
    ):
        assert "it is protected (prevent_destroy)" in "".join(guard.summary for guard in plan.guards)
        with pytest.raises(Refused, match="protected"):
            cloud.apply(plan)
    assert cloud.things("vpc")


def test_protection_is_lifted_by_applying_that_first(cloud: Cloud) -> None:
    cloud.settled(stack_of(PROTECTED))
    plan = cloud.plan(stack_of(VPC))
    assert [line.name for line in the_change(plan).attributes] == ["lifecycle.prevent_destroy"]
    cloud.apply(plan)
    cloud.assert_settled(stack_of(VPC))
    cloud.destroy(stack_of(VPC))


def test_protection_stops_a_replacement(cloud: Cloud) -> None:
    cloud.settled(stack_of(PROTECTED))
    plan = cloud.plan(stack_of(PROTECTED), replaces=("vpc.main",))
    assert "it is protected" in plan.guards[0].summary


# References


def test_depends_on_orders_what_nothing_else_does(cloud: Cloud) -> None:
    text = stack_of(VPC, "eip:\n  front: {bandwidth: 5, depends_on: [vpc.main]}")
    plan = cloud.plan(text)
    assert comes_before(plan, step(plan, "CreateVpc"), step(plan, "AllocateEipAddress"))
    cloud.apply(plan)
    cloud.assert_settled(text)
    cloud.destroy(text)


def test_a_thing_of_another_stack_is_found_by_its_tags(cloud: Cloud) -> None:
    cloud.settled(another("network", stack_of(NETWORK)))
    body = INSTANCE.replace("vswitch: app", "vswitch: {stack: network, name: app}").replace(
        "[web]", "[{stack: network, name: web}]"
    )
    text = "resources:\n  instance:\n    web:\n" + "".join(f"      {line}\n" for line in body.strip().splitlines())
    cloud.settled(text)
    assert cloud.instance()["VSwitchId"] == cloud.things("vswitch")[0].id
    cloud.apply(cloud.plan(text, destroy=True))
    assert len(cloud.things("vswitch")) == 1


def test_a_thing_that_another_stack_does_not_have_is_an_error(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match=r"vpc: vpc.main of stack network is not there"):
        cloud.plan(stack_of("security_group:\n  web: {vpc: {stack: network, name: main}}"))


def test_a_thing_is_found_by_name_and_tags(cloud: Cloud) -> None:
    vpc = foreign(cloud)
    cloud.call("TagResources", Product.VPC, ResourceType="VPC", ResourceId=[vpc], Tag=[{"Key": "env", "Value": "prod"}])
    foreign(cloud)
    text = stack_of("security_group:\n  web: {vpc: {lookup: {name: byhand, tags: {env: prod}}}}")
    cloud.settled(text)
    assert cloud.things("securitygroup")[0]["VpcId"] == vpc


def test_a_look_up_that_finds_several_is_an_error(cloud: Cloud) -> None:
    foreign(cloud)
    foreign(cloud)
    with pytest.raises(Rejected, match="is not one thing"):
        cloud.plan(stack_of("security_group:\n  web: {vpc: {lookup: {name: byhand}}}"))


def test_a_value_that_the_cloud_decides_is_filled_in(cloud: Cloud) -> None:
    text = with_instance(more='eip:\n  front: {bandwidth: 5, description: "for ${instance.web.private_ip}"}')
    cloud.settled(text)
    assert cloud.thing("eip", "demo-front")["Description"] == f"for {cloud.instance()['PrivateIpAddress']}"


# Objects whose tags the create call alone takes


def prefixes(*more: str, name: str = "offices", room: int = 5, top: str = "") -> str:
    body = ", ".join(["address_family: IPv4", f"max_entries: {room}", *more])
    return top + stack_of(f"prefix_list:\n  {name}: {{{body}}}\n")


def refusal(plan: Plan) -> str:
    return "".join(guard.summary + guard.detail for guard in plan.guards if guard.name == "blocked")


def test_what_only_its_create_call_tags_is_changed_without_writing_tags(cloud: Cloud) -> None:
    cloud.settled(prefixes())
    cloud.forget()
    cloud.settled(prefixes("description: of the company"))
    assert cloud.writes() == ["ModifyPrefixList"]


def test_what_only_its_create_call_tags_cannot_be_adopted(cloud: Cloud) -> None:
    found = cloud.call("CreatePrefixList", PrefixListName="x-y", AddressFamily="IPv4", MaxEntries=5)
    assert "it cannot be adopted" in refusal(cloud.plan(prefixes(f"adopt: {found['PrefixListId']}")))


def test_what_only_its_create_call_tags_keeps_its_address(cloud: Cloud) -> None:
    cloud.settled(prefixes())
    moved = "moved: [{from: prefix_list.offices, to: prefix_list.homes}]\n"
    assert "it cannot get another address" in refusal(cloud.plan(prefixes(name="homes", top=moved)))


def test_what_only_its_create_call_tags_is_not_replaced_by_making_the_new_one_first(cloud: Cloud) -> None:
    first = "lifecycle: {create_before_destroy: true}"
    cloud.settled(prefixes(first))
    assert "leave out create_before_destroy" in refusal(cloud.plan(prefixes(first, room=6)))


def test_what_only_its_create_call_tags_cannot_be_released(cloud: Cloud) -> None:
    cloud.settled(prefixes())
    text = "released: [prefix_list.offices]\n" + stack_of("vpc:\n  main: {cidr_block: 10.0.0.0/16}")
    assert "it cannot be released" in refusal(cloud.plan(text))
