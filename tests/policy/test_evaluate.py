"""Facts of a plan against rules, windows and freezes."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.model.hours import Hours
from ecsplan.policy.classes import CLASSES, Fact
from ecsplan.policy.evaluate import World, evaluated
from ecsplan.policy.rules import Freeze, Limit, Policy, Rule, Scope, Window

WORLD = World("shop", live=10)


def at(text: str, zone: str = "Asia/Shanghai") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


NOW = at("2026-11-28T12:00")  # a Saturday


def scope(*classes: str, **more: object) -> Scope:
    return Scope(frozenset(classes), **more)  # type: ignore[arg-type]


def said(policy: Policy, *facts: Fact, now: float = NOW, world: World = WORLD) -> list[str]:
    return [finding.text for finding in evaluated(policy, facts, world, now)]


LOSS = Fact("data_loss", "disk.db", "disk", {"env": "prod"})


def test_without_rules_nothing_is_said():
    assert said(Policy(), LOSS) == []


def test_the_first_rule_that_is_about_a_fact_decides():
    first = Rule("scratch disks", scope("data_loss", addresses=("disk.scratch*",)), "allow")
    second = Rule("data", scope("data_loss"), "approvals", approvals=2, group="dba")
    scratch = Fact("data_loss", "disk.scratch[0]", "disk")
    assert said(Policy((first, second)), LOSS, scratch) == [
        "needs 2 approvals of dba: data loss on disk.db",
        "allowed: data loss on disk.scratch[0] (scratch disks)",
    ]


@pytest.mark.parametrize(
    ("narrowed", "holds"),
    [
        ({"kinds": frozenset({"disk"})}, True),
        ({"kinds": frozenset({"eip"})}, False),
        ({"addresses": ("disk.d?",)}, True),
        ({"addresses": ("instance.*",)}, False),
        ({"tags": {"env": "prod"}}, True),
        ({"tags": {"env": "pr*"}}, True),
        ({"tags": {"team": "*"}}, False),
        ({"stacks": ("sh*",)}, True),
        ({"stacks": ("other",)}, False),
    ],
)
def test_conditions_narrow_a_rule(narrowed: dict[str, object], holds: bool):
    rule = Rule("data", scope("data_loss", **narrowed), "forbid")
    assert bool(said(Policy((rule,)), LOSS)) is holds


def test_brackets_of_an_address_are_meant_as_they_stand():
    rule = Rule("first", scope("delete", addresses=("instance.web[0]",)), "forbid")
    assert said(Policy((rule,)), Fact("delete", "instance.web0")) == []
    assert said(Policy((rule,)), Fact("delete", "instance.web[0]")) == ["forbidden: delete on instance.web[0] (first)"]


def test_a_limit_is_exceeded_by_count_share_or_spend():
    facts = [Fact("delete", f"instance.web[{number}]") for number in range(4)]
    for limit, exceeded in (
        (Limit(count=3), True),
        (Limit(count=4), False),
        (Limit(share=0.3), True),
        (Limit(share=0.4), False),
    ):
        rule = Rule("many", scope("delete"), "forbid", more_than=limit)
        assert bool(said(Policy((rule,)), *facts)) is exceeded, limit
    spend = [Fact("spend", "instance.a", amount=60.0), Fact("spend", "instance.b", amount=60.0)]
    rule = Rule("budget", scope("spend"), "approvals", Limit(spend=100.0), 1, "finance")
    assert said(Policy((rule,)), *spend) == ["needs 1 approval of finance: spend on instance.a, instance.b"]


def test_a_price_that_is_not_known_is_beyond_any_limit():
    rule = Rule("budget", scope("spend"), "forbid", Limit(spend=1e9))
    assert said(Policy((rule,)), Fact("spend", "instance.a")) == ["forbidden: spend on instance.a (budget)"]


def test_a_rule_whose_limit_is_not_exceeded_leaves_the_facts_to_the_next():
    many = Rule("many", scope("reboot"), "forbid", Limit(count=5))
    few = Rule("few", scope("reboot"), "approvals", approvals=1)
    assert said(Policy((many, few)), Fact("reboot", "instance.a")) == ["needs 1 approval: reboot on instance.a"]


def test_outside_its_window_a_class_is_forbidden_until_it_opens():
    window = Window(scope("reboot"), (Hours.parse("Mon-Fri 22:00-06:00 Asia/Shanghai"),))
    (finding,) = evaluated(
        Policy(windows=(window,)), [Fact("reboot", "instance.a"), Fact("create", "eip.b")], WORLD, NOW
    )
    assert finding.effect == "forbid" and finding.class_ == "reboot" and finding.opens == at("2026-11-30T22:00")
    assert said(Policy(windows=(window,)), Fact("reboot", "instance.a"), now=at("2026-11-28T05:59")) == []


def test_of_two_windows_one_is_enough():
    windows = tuple(
        Window(scope("reboot"), (Hours.parse(text),)) for text in ("Sun 00:00-24:00 UTC", "Sat 00:00-24:00 UTC")
    )
    assert said(Policy(windows=windows), Fact("reboot", "instance.a")) == []


def test_a_freeze_forbids_from_one_time_to_another():
    freeze = Freeze(scope(), NOW - 1, NOW + 60, "Double Eleven")
    (finding,) = evaluated(Policy(freezes=(freeze,)), [LOSS], WORLD, NOW)
    assert finding.text == "forbidden: data loss on disk.db (freeze: Double Eleven)" and finding.opens == NOW + 60
    assert said(Policy(freezes=(freeze,)), LOSS, now=NOW + 60) == []


@given(st.lists(st.builds(Fact, st.sampled_from(sorted(CLASSES)), st.sampled_from(["a.a", "b.b", "c.c"])), max_size=8))
def test_every_fact_gets_one_answer_of_the_rules(facts: list[Fact]):
    rules = (Rule("one", scope("create", "delete"), "allow"), Rule("all", scope(), "approvals", approvals=1))
    found = evaluated(Policy(rules), facts, WORLD, NOW)
    answered = sorted({(finding.class_, address) for finding in found for address in finding.addresses})
    assert answered == sorted({(fact.class_, fact.address) for fact in facts})
    assert len(answered) == sum(len(finding.addresses) for finding in found)
