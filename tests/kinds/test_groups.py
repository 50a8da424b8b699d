"""Members of a count: made together, told apart by their names, changed in waves, healed one by one."""

import re

import pytest

from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action, Cause
from ecsplan.model.marks import number_in_table
from ecsplan.model.plan import Plan
from tests.kinds.cloud import Cloud, changes, comes_before, step, the_change, the_line, with_instance


def members(count: int, *more: str, extra: str = "") -> str:
    return with_instance(f"count: {count}", *more, more=extra)


def rollout(many: object) -> str:
    return f"lifecycle: {{rollout: {{max_unavailable: {many}}}}}"


def waves(plan: Plan) -> list[list[str]]:
    """Which members each wave stops."""
    found: dict[int, list[str]] = {}
    for one in plan.steps:
        if one.id.verb == "stop":
            found.setdefault(one.wave, []).extend(str(found_address.key) for found_address in one.addresses)
    return [sorted(found[number], key=int) for number in sorted(found)]


def test_alike_members_are_one_call_and_have_ordered_names(cloud: Cloud) -> None:
    text = members(5)
    cloud.settled(text)
    (call,) = cloud.written("RunInstances")
    assert (call["params"]["Amount"], call["params"]["InstanceName"]) == ("5", "demo-web-[0,4]")
    assert {thing["InstanceName"] for thing in cloud.things("instance")} == {f"demo-web-000{n}" for n in range(5)}
    assert {thing.tags["ecsplan:instance"] for thing in cloud.things("instance")} == {"demo/instance.web[0..4]"}
    cloud.forget()
    cloud.destroy(text)
    assert cloud.writes().count("DeleteInstances") == 1


def test_a_type_change_of_ten_goes_in_waves_of_one(cloud: Cloud) -> None:
    cloud.settled(members(10))
    text = members(10).replace("g7.large", "g7.xlarge")
    plan = cloud.plan(text)
    assert waves(plan) == [[str(number)] for number in range(10)]
    for number in range(9):
        back = step(plan, "StartInstances", f"instance.web[{number}]")
        assert comes_before(plan, back, step(plan, "StopInstances", f"instance.web[{number + 1}]"))
    cloud.apply(plan)
    cloud.assert_settled(text)


@pytest.mark.parametrize(
    ("many", "sizes"),
    [(2, [2, 2, 2]), (5, [5, 1]), ('"50%"', [3, 3]), ('"1%"', [1] * 6), ("all", [6]), ('"100%"', [6])],
)
def test_how_many_may_be_away_is_the_files_choice(cloud: Cloud, many: object, sizes: list[int]) -> None:
    cloud.settled(members(6, rollout(many)))
    plan = cloud.plan(members(6, rollout(many)).replace("g7.large", "g7.xlarge"))
    assert [len(wave) for wave in waves(plan)] == sizes


def test_a_wave_that_fails_stops_the_group(cloud: Cloud) -> None:
    cloud.settled(members(3))
    plan = cloud.plan(members(3).replace("g7.large", "g7.xlarge"), preflight="off")
    cloud.service.faults.add([{"fault": "stock_out", "type": "ecs.g7.xlarge", "zone": "cn-hangzhou-h"}])
    report = cloud.try_apply(plan)
    assert [str(outcome.addresses[0]) for outcome in report.failed] == ["instance.web[0]"]
    assert {"instance.web[1]", "instance.web[2]"} <= {str(outcome.addresses[0]) for outcome in report.skipped}


def test_what_does_not_stop_a_machine_is_not_rolled(cloud: Cloud) -> None:
    cloud.settled(members(3))
    plan = cloud.plan(members(3, "description: words"))
    assert {one.wave for one in plan.steps} == {0}


def test_replacements_are_rolled_too(cloud: Cloud) -> None:
    cloud.settled(members(3))
    text = members(3, "system_disk: {category: cloud_auto, size: 40}").replace(
        "      system_disk: {category: cloud_essd, size: 40}\n", ""
    )
    plan = cloud.plan(text)
    assert {change.action for change in changes(plan).values()} == {Action.REPLACE}
    assert max(one.wave for one in plan.steps) == 3
    cloud.apply(plan)
    cloud.assert_settled(text)


def test_a_group_grows_at_its_end(cloud: Cloud) -> None:
    cloud.settled(members(2))
    plan = cloud.plan(members(4))
    assert {str(change.address) for change in changes(plan).values()} == {"instance.web[2]", "instance.web[3]"}
    assert [call.params["InstanceName"] for one in plan.steps for call in one.calls] == ["demo-web-[2,4]"]
    cloud.apply(plan)
    cloud.assert_settled(members(4))


def test_a_group_shrinks_from_its_end(cloud: Cloud) -> None:
    cloud.settled(members(4))
    plan = cloud.plan(members(2))
    found = changes(plan)
    assert set(found) == {"instance.web[2]", "instance.web[3]"}
    assert found["instance.web[3]"].reason == "instance.web no longer has this member"
    cloud.apply(plan)
    cloud.assert_settled(members(2))


def test_a_hole_is_filled_under_its_own_name(cloud: Cloud) -> None:
    cloud.settled(members(4))
    cloud.call("DeleteInstance", InstanceId=cloud.instance("demo-web-0001").id, Force=True)
    cloud.clock.advance(60)
    plan = cloud.plan(members(4))
    assert (str(the_change(plan).address), the_change(plan).action) == ("instance.web[1]", Action.CREATE)
    cloud.settled(members(4))
    assert cloud.instance("demo-web-0001")["Status"] == "Running"


def test_holes_that_follow_each_other_are_one_call(cloud: Cloud) -> None:
    cloud.settled(members(6))
    for number in (1, 3, 4):
        cloud.call("DeleteInstance", InstanceId=cloud.instance(f"demo-web-000{number}").id, Force=True)
    cloud.clock.advance(60)
    cloud.forget()
    cloud.settled(members(6))
    assert sorted(call["params"]["InstanceName"] for call in cloud.written("RunInstances")) == [
        "demo-web-0001", "demo-web-[3,4]",
    ]  # fmt: skip


def rename(cloud: Cloud, old: str, new: str) -> None:
    cloud.call("ModifyInstanceAttribute", InstanceId=cloud.instance(old).id, InstanceName=new)


def test_a_member_renamed_outside_is_drift_and_renamed_back(cloud: Cloud) -> None:
    cloud.settled(members(3))
    machine = cloud.instance("demo-web-0001").id
    rename(cloud, "demo-web-0001", "my-precious")
    plan = cloud.plan(members(3))
    line = the_line(plan)
    assert (str(the_change(plan).address), line.name, line.cause) == ("instance.web[1]", "name", Cause.DRIFT)
    cloud.settled(members(3))
    assert cloud.instance("demo-web-0001").id == machine


def test_two_members_renamed_outside_are_not_guessed_at(cloud: Cloud) -> None:
    cloud.settled(members(3))
    rename(cloud, "demo-web-0001", "my-precious")
    rename(cloud, "demo-web-0002", "your-precious")
    plan = cloud.plan(members(3), state_dir=None)
    assert sorted(warning.summary.split()[1] for warning in plan.warnings) == ["(my-precious)", "(your-precious)"]
    assert not plan.steps and {str(a) for guard in plan.guards for a in guard.addresses} == {
        "instance.web[1]", "instance.web[2]",
    }  # fmt: skip
    ids = {thing["InstanceName"]: thing.id for thing in cloud.things("instance")}
    told = members(3, f"adopt: {{1: {ids['my-precious']}, 2: {ids['your-precious']}}}")
    cloud.apply(cloud.plan(told, state_dir=None))
    assert {thing["InstanceName"]: thing.id for thing in cloud.things("instance")} == {
        "demo-web-0000": ids["demo-web-0000"],
        "demo-web-0001": ids["my-precious"], "demo-web-0002": ids["your-precious"],
    }  # fmt: skip
    cloud.assert_settled(members(3))


def test_a_renamed_member_that_something_names_is_not_guessed_at(cloud: Cloud) -> None:
    text = members(2, extra='eip:\n  front: {bandwidth: 5, instance: "web[1]"}')
    cloud.settled(text)
    machine = cloud.instance("demo-web-0001")
    machine.tags.pop("ecsplan:instance:members")  # as if the run had been cut off before it told who is who
    rename(cloud, "demo-web-0001", "my-precious")
    plan = cloud.plan(text, state_dir=None)
    assert "my-precious" in "".join(guard.summary for guard in plan.guards) and not plan.steps


def test_a_member_that_something_names_is_known_by_its_number_whatever_its_name(cloud: Cloud) -> None:
    text = members(3, extra='eip:\n  front: {bandwidth: 5, instance: "web[1]"}')
    cloud.settled(text)
    ids = {thing.id for thing in cloud.things("instance")}
    for number in range(3):
        rename(cloud, f"demo-web-000{number}", f"mine-{(number + 1) % 3}")
    plan = cloud.plan(text, state_dir=None)
    assert {change.action for change in changes(plan).values()} == {Action.UPDATE}
    cloud.apply(plan)
    cloud.assert_settled(text)
    assert {thing.id for thing in cloud.things("instance")} == ids


def test_members_that_are_named_only_later_are_told_by_their_numbers_from_then_on(cloud: Cloud) -> None:
    cloud.settled(members(3))
    text = members(3, extra='eip:\n  front: {bandwidth: 5, instance: "web[1]"}')
    assert changes(cloud.plan(text))["instance.web[0]"].impact is Impact.NONE
    cloud.settled(text)
    assert len({thing.tags["ecsplan:instance:members"] for thing in cloud.things("instance")}) == 1


def test_a_member_renamed_beyond_the_count_is_never_deleted_for_it(cloud: Cloud) -> None:
    cloud.settled(members(3))
    rename(cloud, "demo-web-0001", "spare-0009")
    plan = cloud.plan(members(3))
    assert not [change for change in plan.changes if change.action is Action.DELETE]
    cloud.settled(members(3))
    assert len(cloud.things("instance")) == 3


def test_strangers_go_with_a_destroy(cloud: Cloud) -> None:
    cloud.settled(members(3))
    rename(cloud, "demo-web-0001", "my-precious")
    rename(cloud, "demo-web-0002", "your-precious")
    cloud.destroy(members(3))


def test_a_new_name_for_a_group_renames_its_members(cloud: Cloud) -> None:
    cloud.settled(members(2))
    before = {thing.id for thing in cloud.things("instance")}
    text = members(2, "name: front")
    plan = cloud.plan(text)
    assert {line.cause for change in changes(plan).values() for line in change.attributes} == {Cause.PENDING}
    cloud.settled(text)
    assert {thing["InstanceName"] for thing in cloud.things("instance")} == {"front-0000", "front-0001"}
    assert {thing.id for thing in cloud.things("instance")} == before


def test_a_member_that_is_named_elsewhere_is_made_with_the_others_and_told_by_its_number(cloud: Cloud) -> None:
    text = members(3, extra='eip:\n  front: {bandwidth: 5, instance: "web[1]"}')
    cloud.settled(text)
    assert cloud.writes().count("RunInstances") == 1
    for number in range(3):
        machine = cloud.instance(f"demo-web-000{number}")
        assert machine.tags["ecsplan:instance"] == "demo/instance.web[0..2]"
        assert number_in_table(machine.tags["ecsplan:instance:members"], machine.id) == number
    cloud.destroy(text)


def test_members_that_differ_are_made_by_themselves(cloud: Cloud) -> None:
    text = members(3, 'private_ip: "10.0.1.${index + 10}"')
    cloud.settled(text)
    assert len(cloud.written("RunInstances")) == 3
    assert cloud.instance("demo-web-0002").tags["ecsplan:instance"] == "demo/instance.web[2]"


def test_a_group_by_keys_has_members_of_their_own(cloud: Cloud) -> None:
    text = with_instance("for_each: {blue: 1, green: 2}", 'description: "the ${each.key} one"')
    cloud.settled(text)
    assert {thing.tags["ecsplan:instance"] for thing in cloud.things("instance")} == {
        'demo/instance.web["blue"]', 'demo/instance.web["green"]',
    }  # fmt: skip
    fewer = text.replace("{blue: 1, green: 2}", "{green: 2}")
    assert str(the_change(cloud.plan(fewer)).address) == 'instance.web["blue"]'
    cloud.settled(fewer)


def test_a_group_that_becomes_a_single_one_keeps_its_first_member(cloud: Cloud) -> None:
    cloud.settled(members(3))
    first = cloud.instance("demo-web-0000").id
    plan = cloud.plan(with_instance())
    assert {key: change.action for key, change in changes(plan).items()} == {
        "instance.web": Action.MOVE, "instance.web[1]": Action.DELETE, "instance.web[2]": Action.DELETE,
    }  # fmt: skip
    cloud.apply(plan)
    cloud.assert_settled(with_instance())
    assert [thing.id for thing in cloud.things("instance")] == [first]


def test_a_single_one_that_becomes_a_group_is_its_first_member(cloud: Cloud) -> None:
    cloud.settled(with_instance())
    first = cloud.instance().id
    plan = cloud.plan(members(3))
    assert changes(plan)["instance.web[0]"].action is Action.MOVE
    assert changes(plan)["instance.web[0]"].attributes[0].cause is Cause.PENDING
    cloud.apply(plan)
    cloud.assert_settled(members(3))
    assert cloud.instance("demo-web-0000").id == first
    cloud.destroy(members(3))


def test_another_member_moves_out_of_its_group(cloud: Cloud) -> None:
    """It gets a mark of its own; the others go."""
    cloud.settled(members(3))
    machine = cloud.instance("demo-web-0001").id
    moved = with_instance() + "moved:\n  - {from: 'instance.web[1]', to: instance.web}\n"
    plan = cloud.plan(moved)
    assert set(changes(plan)) == {"instance.web", "instance.web[0]", "instance.web[2]"}
    cloud.apply(plan)
    cloud.assert_settled(moved)
    assert [thing.id for thing in cloud.things("instance")] == [machine]
    cloud.assert_settled(with_instance())


def test_a_member_moves_to_an_address_of_its_own(cloud: Cloud) -> None:
    cloud.settled(members(2))
    machine = cloud.instance("demo-web-0001").id
    text = with_instance(name="special") + "moved:\n  - {from: 'instance.web[1]', to: instance.special}\n"
    plan = cloud.plan(text)
    assert {key: change.action for key, change in changes(plan).items()} == {
        "instance.special": Action.MOVE, "instance.web[0]": Action.DELETE,
    }  # fmt: skip
    cloud.apply(plan)
    cloud.assert_settled(text)
    assert [thing.id for thing in cloud.things("instance")] == [machine]


def test_a_whole_group_moves(cloud: Cloud) -> None:
    cloud.settled(members(3))
    before = {thing.id for thing in cloud.things("instance")}
    text = re.sub("  instance:\n    web:", "  instance:\n    front:", members(3))
    text += "moved:\n  - {from: instance.web, to: instance.front}\n"
    plan = cloud.plan(text)
    assert {change.action for change in changes(plan).values()} == {Action.MOVE}
    cloud.apply(plan)
    cloud.assert_settled(text)
    assert {thing.id for thing in cloud.things("instance")} == before
    assert {thing["InstanceName"] for thing in cloud.things("instance")} == {f"demo-front-000{n}" for n in range(3)}
    cloud.destroy(text)


def test_tags_of_a_group_are_written_together(cloud: Cloud) -> None:
    cloud.settled(members(4))
    cloud.forget()
    cloud.settled(members(4, "tags: {team: web}"))
    assert cloud.writes() == ["TagResources"]


def test_members_by_keys_that_become_numbers_are_renamed_by_the_file_and_by_nobody_else(cloud: Cloud) -> None:
    cloud.settled(with_instance("for_each: [a, b]"))
    entries = (f"{{from: 'instance.web[\"{key}\"]', to: 'instance.web[{n}]'}}" for n, key in enumerate("ab"))
    plan = cloud.plan(with_instance("count: 2") + f"moved: [{', '.join(entries)}]\n")
    lines = [line for change in changes(plan).values() for line in change.attributes]
    assert {(line.name, line.cause) for line in lines} == {("name", Cause.PENDING)}
    assert not plan.warnings


def test_members_of_which_one_is_moved_onto_the_other_are_no_copies(cloud: Cloud) -> None:
    cloud.settled(with_instance("count: 3"))
    moved = "moved: [{from: 'instance.web[2]', to: 'instance.web[0]'}]\n"
    plan = cloud.plan(with_instance("count: 2") + moved)
    assert "goes to instance.web[0], which is live" in plan.guards[0].summary
    assert not any("copy" in warning.summary for warning in plan.warnings)
