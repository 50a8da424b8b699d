"""What the rows say, and how they fold."""

import html
import json
import re
from typing import Any

from ecsplan.model.address import Ref
from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action, AttributeChange, Cause, Change
from ecsplan.model.copying import replace
from ecsplan.model.plan import Asked, Plan, Step, StepId
from ecsplan.render.fold import fold
from ecsplan.render.json_format import plan_json
from ecsplan.render.markdown import LONGEST, plan_markdown
from ecsplan.render.text import plan_text
from ecsplan.render.timing import schedule
from ecsplan.render.view import ChangeRow, view
from tests.render.plans import address, every_action, live, resource, step


def a_plan(*changes: Change, steps: tuple[Step, ...] = (), **more: Any) -> Plan:
    return Plan("web-prod", "cn-hangzhou", None, changes, steps, **more)


def an_update(text: str, before: Any = 1, after: Any = 2, name: str = "size", **more: Any) -> Change:
    attributes = (AttributeChange(name, before, after),)
    return Change(address(text), Action.UPDATE, live(text, f"id-{text}"), resource(text), attributes, **more)


def rows(*changes: Change) -> tuple[ChangeRow, ...]:
    return fold(view(a_plan(*changes)).changes)


def test_dangerous_changes_come_first() -> None:
    actions = [row.label for row in fold(view(every_action()).changes)]

    assert actions[:3] == ["instance.db", "eip.old", "instance.web[0..2]"]
    assert actions[-2:] == ["disk.data", "vswitch.new"]


def test_blocked_changes_come_before_all_others() -> None:
    lost = frozenset({Impact.DATA_LOSS})
    found = rows(an_update("disk.a", impacts=lost), an_update("disk.b", blocked=("protected",)))

    assert [row.label for row in found] == ["disk.b", "disk.a"]


def test_the_same_update_of_many_blocks_is_one_row() -> None:
    found = rows(*(an_update(f"instance.web[{n}]") for n in range(300)), *(an_update(f"instance.i{n}") for n in "abcd"))

    assert [row.label for row in found] == ["304 instances (instance.ia, instance.ib, …)"]


def test_different_updates_stay_apart() -> None:
    assert len(rows(an_update("disk.a"), an_update("disk.b", after=3), an_update("eip.a"))) == 3


def test_new_resources_fold_within_their_block_only() -> None:
    found = rows(
        *(Change(address(f"disk.{n}"), Action.CREATE, after=resource(f"disk.{n}")) for n in ("a", "b[0]", "b[1]"))
    )

    assert [row.label for row in found] == ["disk.a", "disk.b[0..1]"]


def test_members_that_refer_to_each_other_by_number_fold() -> None:
    made = (
        Change(
            address(f"disk.data[{n}]"),
            Action.CREATE,
            after=resource(f"disk.data[{n}]", instance=Ref(address(f"instance.web[{n}]"))),
        )
        for n in range(3)
    )

    (row,) = rows(*made)

    assert row.attributes[0].text(row.own) == "instance.web[each] (known after apply)"


def test_live_resources_of_the_stack_go_by_their_address_and_id() -> None:
    machine = Change(address("instance.web"), Action.NOOP, live("instance.web", "i-1"), resource("instance.web"))
    made = Change(address("eip.a"), Action.CREATE, after=resource("eip.a", instance="i-1", zone="i-2"))

    (row,) = rows(machine, made)

    assert [attribute.text(row.own) for attribute in row.attributes] == ["instance.web (i-1)", "i-2"]
    assert row.attributes[0].after == "i-1"  # as programs get it


def test_members_that_refer_to_live_members_by_number_fold() -> None:
    machines = [
        Change(address(f"instance.web[{n}]"), Action.NOOP, live(f"instance.web[{n}]", f"i-{n}")) for n in range(3)
    ]
    made = [
        Change(address(f"eip.a[{n}]"), Action.CREATE, after=resource(f"eip.a[{n}]", instance=f"i-{n}"))
        for n in range(3)
    ]

    (row,) = rows(*machines, *made)

    assert row.attributes[0].text(row.own) == "instance.web[each]"


def test_a_member_whose_group_has_its_number_by_chance_folds_with_the_others() -> None:
    part = Ref(address("security_group.part[0]"))
    made = (
        Change(
            address(f"instance.n[{n}]"), Action.CREATE, after=resource(f"instance.n[{n}]", name=f"n-000{n}", group=part)
        )
        for n in range(3)
    )

    (row,) = rows(*made)

    assert [a.text(row.own) for a in row.attributes] == ["security_group.part[0] (known after apply)", "n-[each]"]


def test_a_member_alone_shows_the_member_that_it_refers_to() -> None:
    after = resource("disk.data[1]", instance=Ref(address("instance.web[1]")))

    (row,) = rows(Change(address("disk.data[1]"), Action.CREATE, after=after))

    assert row.attributes[0].text(row.own) == "instance.web[1] (known after apply)"


def test_what_folded_deletes_lose_is_kept_for_each() -> None:
    gone = (
        Change(address(f"eip.a[{n}]"), Action.DELETE, live(f"eip.a[{n}]", f"eip-{n}"), loses=(f"47.0.0.{n}",))
        for n in range(30)
    )

    (row,) = rows(*gone)

    assert row.loses == tuple(f"47.0.0.{n}" for n in range(30))
    assert "loses 10 more" in plan_text(view(a_plan(*(c for c in _deletes(30)))))


def _deletes(count: int) -> tuple[Change, ...]:
    return tuple(
        Change(address(f"eip.a[{n}]"), Action.DELETE, live(f"eip.a[{n}]", f"eip-{n}"), loses=(f"47.0.0.{n}",))
        for n in range(count)
    )


def test_waves_are_told_with_their_size() -> None:
    changes = tuple(an_update(f"instance.web[{n}]", impacts=frozenset({Impact.REBOOT})) for n in range(4))
    steps = tuple(
        Step(StepId(f"instance.web[{n}]", "update"), (address(f"instance.web[{n}]"),), (), wave=1 + n // 2)
        for n in range(4)
    )

    (row,) = fold(view(a_plan(*changes, steps=steps)).changes)

    assert row.effect == "reboot; in 2 waves of at most 2"


def test_a_replacement_says_which_comes_first() -> None:
    change = replace(an_update("disk.a"), action=Action.REPLACE, create_first=True)

    assert rows(change)[0].effect == "the new one first"


def test_maps_are_told_key_by_key_to_the_bottom() -> None:
    before = (("data", (("category", "cloud_essd"), ("size", 200))),)
    after = (("data", (("category", "cloud_essd"), ("size", 300))), ("logs", (("size", 20),)))

    (row,) = rows(an_update("instance.a", before, after, name="data_disks"))

    assert [(a.sign, a.name, a.text()) for a in row.attributes] == [
        ("~", "data_disks.data.size", "200 → 300"),
        ("+", "data_disks.logs.size", "20"),
    ]


def test_what_a_record_in_a_map_leaves_open_is_not_told_as_removed() -> None:
    before = (("data", (("encrypted", False), ("size", 200))), ("logs", (("size", 20),)))
    after = (("data", (("size", 300),)),)

    (row,) = rows(an_update("instance.a", before, after, name="data_disks"))

    assert [(a.sign, a.name, a.text()) for a in row.attributes] == [
        ("~", "data_disks.data.size", "200 → 300"),
        ("-", "data_disks.logs", "size=20"),
    ]


def test_a_list_in_another_order_is_told_whole() -> None:
    (row,) = rows(an_update("instance.a", ("b", "a"), ("a", "b"), name="servers"))

    assert row.attributes[0].text() == "[b, a] → [a, b]"


def test_a_value_that_turns_from_list_to_map_is_told_whole() -> None:
    (row,) = rows(an_update("instance.a", ("b", "a"), (("k", 1),), name="odd"))

    assert row.attributes[0].text() == "[b, a] → k=1"


def test_drift_is_a_word_of_its_own_and_mixed_causes_are_not() -> None:
    drift = AttributeChange("size", 1, 2, cause=Cause.DRIFT)
    pending = AttributeChange("name", "a", "b")

    assert rows(replace(an_update("disk.a"), attributes=(drift,)))[0].word == "drift"
    assert rows(replace(an_update("disk.a"), attributes=(drift, pending)))[0].word == "update"


def test_long_text_differences_are_cut() -> None:
    before, after = "\n".join(map(str, range(100))), "\n".join(str(-n) for n in range(100))

    text = plan_text(view(a_plan(an_update("instance.a", before, after, name="user_data"))))

    assert "more lines" in text


def test_empty_plans_say_so() -> None:
    kept = Change(address("vpc.a"), Action.NOOP, live("vpc.a", "vpc-1"), resource("vpc.a"))

    assert "No changes: the cloud is as the stack says (1 resource)." in plan_text(view(a_plan(kept)))
    assert "Nothing to destroy" in plan_text(view(a_plan(asked=Asked(destroy=True))))
    assert "**Nothing to destroy (1 resource)**" in plan_markdown(view(a_plan(kept, asked=Asked(destroy=True))))


def test_a_target_without_changes_says_how_many_others_are_left_out() -> None:
    kept = Change(address("vpc.a"), Action.NOOP, live("vpc.a", "vpc-1"), resource("vpc.a"))
    others = tuple(address(f"instance.web[{number}]") for number in range(3))
    part = view(a_plan(kept, asked=Asked(targets=("vpc.a",)), left_out=others))

    told = "No changes to what was asked for (1 resource); 3 left out (instance.web[0..2])"
    assert f"{told}." in plan_text(part) and html.unescape(plan_markdown(part)).count(f"**{told}**") == 1
    assert json.loads(plan_json(part))["left_out"] == [str(one) for one in others]


def test_a_row_of_several_names_each_with_its_id_on_demand() -> None:
    text = plan_text(view(a_plan(*(an_update(f"instance.web[{n}]") for n in range(3)))), verbose=True)

    assert [line.split() for line in text.splitlines() if line.startswith("    is ")] == [
        ["is", f"instance.web[{n}]", f"id-instance.web[{n}]"] for n in range(3)
    ]


def test_a_plan_of_steps_alone_is_not_empty() -> None:
    text = plan_text(view(a_plan(steps=(step("vpc.a", "tag", "TagResources"),), is_new_stack=True)))

    assert "No resource changes; 0 unchanged. 1 API call, about 5.0 s." in text
    assert "new stack in cn-hangzhou" in text


def test_many_calls_are_counted_by_operation() -> None:
    steps = tuple(step(f"disk.a[{n}]", "create", "CreateDisk", "AttachDisk") for n in range(30))

    text = plan_text(view(a_plan(steps=steps)))

    assert "API calls:  CreateDisk 30, AttachDisk 30" in text


def test_time_is_the_longest_of_path_lane_and_work() -> None:
    """a → b (path 4), lane of three (9), forty of 5 shared by ten (20)"""
    a = step("vpc.a", "create", seconds=2.0)
    b = step("vpc.b", "create", needs=(a.id,), seconds=2.0)
    lane = tuple(step(f"vswitch.a[{n}]", "create", seconds=3.0, lane="vpc") for n in range(3))
    work = tuple(step(f"disk.a[{n}]", "create", seconds=5.0) for n in range(40))

    assert schedule((b, a)).order == (a.id, b.id)
    assert schedule((b, a)).seconds == 4.0
    assert schedule((b, a, *lane)).seconds == 9.0
    assert schedule((b, a, *work)).seconds > 20.0
    assert schedule(()).seconds == 0.0


def test_markdown_of_a_huge_plan_keeps_within_the_limit_and_says_what_is_left_out() -> None:
    changes = (
        *(an_update(f"instance.web[{n}]", "a" * 150, f"{n}" + "b" * 140, name="description") for n in range(2000)),
        an_update("instance.db", impacts=frozenset({Impact.DATA_LOSS}), loses=("x" * 500,) * 50),
    )

    text = plan_markdown(view(a_plan(*changes)))

    assert len(text) <= LONGEST
    assert text.index("instance.db") < text.index("instance.web")
    assert "changes less dangerous than those above" in text


def test_markdown_of_one_long_text_is_cut() -> None:
    text = plan_markdown(view(a_plan(*_deletes(2000))))

    assert len(text) <= LONGEST
    assert "… (cut; see --format text)" in text


def test_markdown_leaves_nothing_active_of_what_others_wrote() -> None:
    hostile = "``` @team #12 <img src=x> | [a](b) *x* _y_ https://evil"

    text = plan_markdown(view(a_plan(replace(an_update("disk.a"), reason=hostile))))

    cell = next(line for line in text.splitlines() if line.startswith("| update"))
    shown = re.sub(r"&#\d+;", "", cell)
    assert not any(active in shown for active in ("`", "@", "#", "<img", "[", "*", "_y_", "https://"))
    assert cell.count("|") == 5
