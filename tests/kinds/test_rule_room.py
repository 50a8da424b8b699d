"""Rules of a security group change in place, or within the room that the group has for both old and new ones."""

from collections.abc import Mapping
from typing import Any

import pytest

from ecsplan.model.diagnostic import Rejected
from ecsplan.model.plan import Plan
from tests.kinds.cloud import Cloud, stack_of, the_change

VPC = "vpc:\n  main: {cidr_block: 10.0.0.0/16}"


def groups(rules_of_web: str, rules_of_db: str = "[]", web: str = "", db: str = "") -> str:
    return stack_of(
        VPC,
        f"security_group:\n"
        f"  web: {{vpc: main, ingress: {rules_of_web}{web}}}\n"
        f"  db: {{vpc: main, ingress: {rules_of_db}{db}}}\n",
    )


def many(count: int, priority: int = 1, port: int = 443, more: str = "") -> str:
    rows = (
        f"{{protocol: tcp, ports: {port}, cidr: 203.0.{n // 250}.{n % 250}/32, priority: {priority}{more}}}"
        for n in range(count)
    )
    return groups("[" + ", ".join(rows) + "]")


def blocked(plan: Plan) -> list[str]:
    return [guard.summary for guard in plan.guards if guard.name == "blocked"]


def live(cloud: Cloud) -> list[Mapping[str, Any]]:
    return list(cloud.thing("securitygroup", "demo-web")["Rules"])


def test_another_priority_of_every_rule_changes_each_in_place(cloud: Cloud) -> None:
    """150 rules: twice as many would not fit, and none of them is missing for a moment."""
    cloud.settled(many(150))
    before = {rule["SecurityGroupRuleId"] for rule in live(cloud)}
    cloud.forget()
    cloud.settled(many(150, priority=10, more=", policy: drop"))
    assert set(cloud.changed()) == {"ModifySecurityGroupRule"}
    assert {rule["SecurityGroupRuleId"] for rule in live(cloud)} == before


def test_a_rule_for_another_port_comes_before_the_old_one_goes(cloud: Cloud) -> None:
    cloud.settled(many(20))
    cloud.forget()
    cloud.settled(many(20, port=80))
    assert cloud.changed() == ["AuthorizeSecurityGroup", "RevokeSecurityGroup"]


def test_where_there_is_no_room_for_both_old_rules_go_first_in_batches_and_the_plan_says_so(cloud: Cloud) -> None:
    cloud.settled(many(180))
    text = many(180, port=80)
    plan = cloud.plan(text)
    (note,) = the_change(plan).notes
    assert note.startswith("there is no room for old and new rules at once (at most 200): old ones go first")
    cloud.forget()
    cloud.apply(plan)
    assert cloud.changed() == [
        "AuthorizeSecurityGroup", "RevokeSecurityGroup", "AuthorizeSecurityGroup", "RevokeSecurityGroup",
        "AuthorizeSecurityGroup",
    ]  # fmt: skip
    cloud.assert_settled(text)


def test_rules_of_both_directions_share_the_room(cloud: Cloud) -> None:
    """150 in and 50 out become 50 in and 150 out: nothing fits before something has gone."""

    def both(inward: int, outward: int) -> str:
        rows = [
            ", ".join(f"{{protocol: tcp, ports: {port}, cidr: 10.0.0.{n}/32}}" for n in range(count))
            for port, count in ((80, inward), (81, outward))
        ]
        return groups(f"[{rows[0]}]", web=f", egress: [{rows[1]}]")

    cloud.settled(both(150, 50))
    cloud.settled(both(50, 150))


def test_more_rules_than_a_group_takes_are_known_at_plan(cloud: Cloud) -> None:
    (reason,) = blocked(cloud.plan(many(201)))
    assert reason.startswith("201 rules: a group takes at most 200, in and out together")
    assert not blocked(cloud.plan(many(200)))


def test_a_prefix_list_counts_as_often_as_it_has_room_for_entries(cloud: Cloud) -> None:
    made = cloud.call("CreatePrefixList", PrefixListName="many", AddressFamily="IPv4", MaxEntries=120,
                      Entry=[{"Cidr": "10.0.0.0/8"}])["PrefixListId"]  # fmt: skip
    listed = f"{{protocol: tcp, ports: 22, prefix_list: {made}}}"
    text = many(81).replace("[{", "[" + listed + ", {", 1)
    (reason,) = blocked(cloud.plan(text))
    assert reason.startswith("201 rules, with each list counted as often as it has room for entries")
    cloud.settled(many(80).replace("[{", "[" + listed + ", {", 1))


def test_a_port_list_counts_as_often_as_it_has_room_for_entries(cloud: Cloud) -> None:
    made = cloud.call("CreatePortRangeList", PortRangeListName="many", MaxEntries=120,
                      Entry=[{"PortRange": "443/443"}])["PortRangeListId"]  # fmt: skip
    listed = f"{{protocol: tcp, port_range_list: {made}, cidr: 10.0.0.0/8}}"
    text = many(81).replace("[{", "[" + listed + ", {", 1)
    (reason,) = blocked(cloud.plan(text))
    assert reason.startswith("201 rules, with each list counted as often as it has room for entries")
    cloud.settled(many(80).replace("[{", "[" + listed + ", {", 1))


def test_more_than_twenty_rules_that_name_groups_are_known_offline(cloud: Cloud) -> None:
    def naming(count: int) -> str:
        return groups(
            "[" + ", ".join(f"{{protocol: tcp, ports: {n + 1}, security_group: db}}" for n in range(count)) + "]"
        )

    with pytest.raises(Rejected, match="21 rules name groups; a group takes 20"):
        cloud.load(naming(21))
    cloud.settled(naming(20))
