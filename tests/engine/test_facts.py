"""The classes of change that a policy sees in a plan."""

import pytest

from ecsplan import engine
from ecsplan.engine.facts import facts_of
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Refused
from ecsplan.model.plan import Plan
from ecsplan.policy.evaluate import World, evaluated
from ecsplan.policy.rules import Policy, Rule, Scope
from tests.kinds.cloud import INSTANCE, KINDS, Cloud, stack_of, with_instance


def classes(cloud: Cloud, text: str, **options: object) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for fact in facts_of(cloud.plan(text, **options), KINDS):
        found.setdefault(fact.address, set()).add(fact.class_)
    return found


def test_what_is_made_and_what_is_as_it_was(cloud: Cloud) -> None:
    text = stack_of("vpc: {main: {cidr_block: 10.0.0.0/16}}")
    assert classes(cloud, text) == {"vpc.main": {"create"}}
    cloud.apply(text)
    assert classes(cloud, text) == {}


def test_a_change_in_place_is_an_update_and_a_stop_is_its_own_class(cloud: Cloud) -> None:
    cloud.apply(with_instance())
    assert classes(cloud, with_instance(body=INSTANCE + "description: web\n")) == {"instance.web": {"update"}}
    found = classes(cloud, with_instance(body=INSTANCE + "state: stopped\n"))
    assert "stop" in found["instance.web"] and "update" not in found["instance.web"]


def test_a_subscription_is_a_purchase(cloud: Cloud) -> None:
    cloud.apply(with_instance())
    found = classes(cloud, with_instance(body=INSTANCE + "charge_type: PrePaid\nperiod: 12\n"))
    assert "purchase" in found["instance.web"]


def test_what_is_destroyed(cloud: Cloud) -> None:
    cloud.apply(with_instance())
    found = classes(cloud, with_instance(), destroy=True)
    assert {"delete", "data_loss"} <= found["instance.web"] and found["vpc.main"] == {"delete"}


RULES = "ingress: [{protocol: tcp, ports: 22, cidr: 10.0.0.0/8}, {protocol: tcp, ports: 443, cidr: 0.0.0.0/0}]"


def with_rules(rules: str) -> str:
    return with_instance().replace("web: {vpc: main}", f"web: {{vpc: main, {rules}}}")


def test_access_that_is_opened_and_access_that_is_closed_are_told_apart(cloud: Cloud) -> None:
    cloud.apply(with_rules(RULES))
    wider = RULES.replace("ports: 22, cidr: 10.0.0.0/8", "ports: 22, cidr: 0.0.0.0/0")
    found = classes(cloud, with_rules(wider))
    assert found == {"instance.web": {"access_opened"}, "security_group.web": {"access_opened", "update"}}
    found = classes(cloud, with_rules(RULES.replace("ports: 22, cidr: 10.0.0.0/8", "ports: 22, cidr: 10.1.0.0/16")))
    assert found == {"instance.web": {"access_closed"}, "security_group.web": {"access_closed", "update"}}
    found = classes(cloud, with_rules(RULES.replace("ports: 22", "ports: 2222")))
    assert found["instance.web"] == {"access_opened", "access_closed"}


def test_a_rule_that_another_one_covers_opens_nothing(cloud: Cloud) -> None:
    cloud.apply(with_rules(RULES))
    more = RULES.replace("[", "[{protocol: tcp, ports: 443, cidr: 192.0.2.0/24}, ")
    assert classes(cloud, with_rules(more)) == {"security_group.web": {"update"}}


def test_a_new_machine_in_an_open_group_opens(cloud: Cloud) -> None:
    found = classes(cloud, with_rules(RULES))
    assert found["instance.web"] == {"create", "spend", "access_opened"}
    assert classes(cloud, with_instance())["instance.web"] == {"create", "spend"}


def test_a_saved_plan_has_the_same_facts(cloud: Cloud) -> None:
    cloud.apply(with_rules(RULES))
    plan = cloud.plan(with_rules(RULES.replace("ports: 22", "ports: 2222")))
    saved = engine.load_plan(engine.save_plan(plan))
    found = [{(fact.class_, fact.address) for fact in facts_of(one, KINDS)} for one in (saved, plan)]
    assert found[0] == found[1] and ("access_opened", "instance.web") in found[0]


def test_a_policy_forbids_what_opens_and_allows_what_closes(cloud: Cloud) -> None:
    cloud.apply(with_rules(RULES))
    policy = Policy((Rule("no doors", Scope(frozenset({"access_opened"})), "forbid"),))
    opens = facts_of(cloud.plan(with_rules(RULES.replace("10.0.0.0/8", "0.0.0.0/0"))), KINDS)
    closes = facts_of(cloud.plan(with_rules("ingress: []")), KINDS)
    assert [found.effect for found in evaluated(policy, opens, World("demo", 4), 0.0)] == ["forbid"]
    assert evaluated(policy, closes, World("demo", 4), 0.0) == []


TAGGED = "resources: {disk: {db: {zone: cn-hangzhou-h, category: cloud_essd, size: 40, tags: {env: ENV}}}}"


def saved_deletion(cloud: Cloud) -> Plan:
    """Of a disk with a tag that a policy asks about."""
    cloud.settled(TAGGED.replace("ENV", "prod"))
    return engine.load_plan(engine.save_plan(cloud.plan(TAGGED.replace("ENV", "prod"), destroy=True)))


def test_a_saved_plan_knows_the_live_tags_of_what_it_deletes(cloud: Cloud) -> None:
    plan = saved_deletion(cloud)
    assert {fact.tags.get("env") for fact in facts_of(plan, KINDS)} == {"prod"}
    policy = Policy((Rule("prod", Scope(frozenset(), tags={"env": "prod"}), "forbid"),))
    assert policy.tags == {"env"}
    assert next(iter(evaluated(policy, facts_of(plan, KINDS), World("demo", 1), 0.0))).effect == "forbid"


@pytest.mark.door("plan files")
def test_a_saved_plan_with_other_tags_than_the_live_ones_is_refused_where_a_policy_asks_about_them(
    cloud: Cloud,
) -> None:
    plan = saved_deletion(cloud)
    told = [
        replace(c, before=replace(c.before, tags={**c.before.tags, "env": "dev"})) for c in plan.changes if c.before
    ]
    forged = replace(plan, changes=tuple(told))
    with pytest.raises(Refused, match=r"disk\.db.*the tag env, which the policy asks about, is prod now; it was dev"):
        cloud.try_apply(forged, watched_tags=frozenset({"env"}))
    assert cloud.things("disk")
    cloud.apply(plan, watched_tags=frozenset({"env"}))
    assert not cloud.things("disk")
