"""Rules as they are written and as they are told apart; groups that name each other."""

from typing import Any

import pytest

from ecsplan.kinds._rules import Ports, Rules, key_of, rule_changes
from ecsplan.model.change import Action, Cause
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.values import Mistake
from tests.kinds.cloud import NETWORK, Cloud, changes, comes_before, stack_of, step, the_change, the_line

VPC = "vpc:\n  main: {cidr_block: 10.0.0.0/16}"
HTTPS = {"protocol": "tcp", "ports": 443, "cidr": "0.0.0.0/0"}


def rules(*items: Any) -> Any:
    return Rules().parse(list(items))


@pytest.mark.parametrize(
    ("written", "canonical"), [(80, "80"), ("80", "80"), ("80-90", "80-90"), ("443-443", "443"), (65535, "65535")]
)
def test_ports_have_one_form(written: Any, canonical: str) -> None:
    assert Ports().parse(written) == canonical


@pytest.mark.parametrize("written", [0, 65536, "a", "80-", "-80", "90-80", True, None, "1-65536", 8.5])
def test_what_is_no_port_is_refused(written: Any) -> None:
    with pytest.raises(Mistake):
        Ports().parse(written)


def test_an_upside_down_range_says_what_would_be_right() -> None:
    with pytest.raises(Mistake, match="upside down") as caught:
        Ports().parse("90-80")
    assert caught.value.detail == "write 80-90"


def test_a_rule_gets_its_defaults() -> None:
    (rule,) = rules(HTTPS)
    assert dict(rule) == {**HTTPS, "ports": "443", "policy": "accept", "priority": 1}


def test_a_list_of_ports_is_as_many_rules() -> None:
    assert [dict(rule)["ports"] for rule in rules({**HTTPS, "ports": [80, "8000-8080"]})] == ["80", "8000-8080"]


@pytest.mark.parametrize(
    ("items", "summary"),
    [
        ([{"protocol": "tcp", "ports": 80}], "names no other side"),
        ([{**HTTPS, "security_group": "sg-1"}], "names cidr and security_group"),
        ([{"protocol": "udp", "cidr": "10.0.0.0/8"}], "needs ports"),
        ([{"protocol": "icmp", "ports": 80, "cidr": "10.0.0.0/8"}], "has no ports"),
        ([HTTPS, {**HTTPS, "description": "again"}], "appears twice"),
        ([{**HTTPS, "ports": [443, 443]}], "appears twice"),
        ([{**HTTPS, "colour": "red"}], "has no key colour"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_at_its_place(items: list[Any], summary: str) -> None:
    with pytest.raises(Mistake, match=summary) as caught:
        Rules().parse(items)
    assert caught.value.path[0] == len(items) - 1


def test_a_list_of_ranges_is_a_rule_for_each() -> None:
    """What a variable with the ranges of all offices is written into; without offices there is no rule."""
    found = [dict(rule) for rule in rules({**HTTPS, "ports": [80, 443], "cidr": ["203.0.113.0/29", "198.51.100.4/32"]})]
    assert {(rule["ports"], rule["cidr"]) for rule in found} == {
        ("80", "203.0.113.0/29"), ("80", "198.51.100.4/32"), ("443", "203.0.113.0/29"), ("443", "198.51.100.4/32"),
    }  # fmt: skip
    assert rules({**HTTPS, "cidr": []}) == ()
    assert len(rules({"protocol": "all", "security_group": ["sg-1", "sg-2"]})) == 2


def test_a_range_that_is_wrong_in_a_list_is_refused_in_its_rule() -> None:
    with pytest.raises(Mistake, match="host bits") as caught:
        Rules().parse([HTTPS, {**HTTPS, "cidr": ["10.0.0.0/8", "10.0.0.1/8"]}])
    assert caught.value.path == (1, "cidr")


def test_a_rule_does_not_become_millions() -> None:
    many = [f"10.{a}.{b}.0/24" for a in range(40) for b in range(40)]
    with pytest.raises(Mistake, match="more than 1,000 rules"):
        Rules().parse([{**HTTPS, "ports": list(range(1, 2000)), "cidr": many}])


def test_rules_are_a_list() -> None:
    with pytest.raises(Mistake):
        Rules().parse("tcp 443")


def test_rules_are_told_apart_by_all_but_their_description() -> None:
    live = rules({**HTTPS, "description": "old"}, {"protocol": "icmp", "cidr": "10.0.0.0/8"})
    desired = rules({**HTTPS, "description": "new"}, {**HTTPS, "priority": 2})
    added, removed, reworded = rule_changes(live, desired)
    assert [dict(rule)["priority"] for rule in added] == [2]
    assert [dict(rule)["protocol"] for rule in removed] == ["icmp"]
    assert [dict(rule)["description"] for rule in reworded] == ["new"]
    assert key_of(live[0]) != key_of(desired[1])


def test_a_description_that_is_not_declared_stays() -> None:
    assert Rules().matches(rules(HTTPS), rules({**HTTPS, "description": "by hand"}))


def test_the_service_answers_in_its_own_spelling() -> None:
    (rule,) = Rules().decode(
        [{"Direction": "egress", "IpProtocol": "TCP", "PortRange": "80/90", "Policy": "Drop", "Priority": "7",
          "DestCidrIp": "10.0.0.1", "Description": "odd"}]
    )  # fmt: skip
    assert dict(rule) == {
        "protocol": "tcp", "ports": "80-90", "policy": "drop", "priority": 7, "cidr": "10.0.0.1/32",
        "description": "odd",
    }  # fmt: skip


def groups(rules_of_web: str, rules_of_db: str = "[]", *, web: str = "", db: str = "") -> str:
    return stack_of(
        VPC,
        f"security_group:\n"
        f"  web: {{vpc: main, ingress: {rules_of_web}{web}}}\n"
        f"  db: {{vpc: main, ingress: {rules_of_db}{db}}}\n",
    )


@pytest.mark.parametrize(
    ("attributes", "summary"),
    [
        ("ingress: [{protocol: all, security_group: db}]", "ingress: an enterprise group has no rules that name"),
        ("egress: [{protocol: all, security_group: db}]", "egress: an enterprise group has no rules that name"),
        ("inner_access: accept", "inner_access has no meaning for type: enterprise"),
    ],
)
def test_what_an_enterprise_group_cannot_have_is_refused_offline(cloud: Cloud, attributes: str, summary: str) -> None:
    group = f"security_group:\n  db: {{vpc: main}}\n  web: {{vpc: main, type: enterprise, {attributes}}}"
    with pytest.raises(Rejected, match=summary):
        cloud.load(stack_of(VPC, group))


def test_an_enterprise_group_may_say_what_holds_anyway(cloud: Cloud) -> None:
    text = stack_of(VPC, "security_group:\n  web: {vpc: main, type: enterprise, inner_access: drop}")
    cloud.settled(text)
    assert "ModifySecurityGroupPolicy" not in cloud.writes()


def test_an_editor_is_told_the_forms_of_ports() -> None:
    assert [form.get("type") for form in Ports().schema()["anyOf"]] == ["integer", "string", "array"]


FROM_DB = "[{protocol: tcp, ports: 9100, security_group: db}]"
FROM_WEB = "[{protocol: tcp, ports: 5432, security_group: web}]"


def test_two_groups_that_name_each_other(cloud: Cloud) -> None:
    """Both creates, then both rules; changed; and the rules across let go before either delete."""
    text = groups(FROM_DB, FROM_WEB)
    plan = cloud.plan(text)
    for owner, other in (("web", "db"), ("db", "web")):
        rule = step(plan, "AuthorizeSecurityGroup", f"security_group.{owner}")
        assert comes_before(plan, step(plan, "CreateSecurityGroup", f"security_group.{other}"), rule)
    cloud.apply(plan)
    cloud.assert_settled(text)

    changed = groups("[{protocol: tcp, ports: 9200, security_group: db}]", FROM_WEB)
    cloud.forget()
    cloud.settled(changed)
    assert cloud.changed() == ["AuthorizeSecurityGroup", "RevokeSecurityGroup"]

    plan = cloud.plan(changed, destroy=True)
    for owner, other in (("web", "db"), ("db", "web")):
        letting_go = step(plan, "RevokeSecurityGroup", f"security_group.{owner}")
        assert comes_before(plan, letting_go, step(plan, "DeleteSecurityGroup", f"security_group.{other}"))
    cloud.destroy(changed)


def test_renaming_a_group_that_others_name_changes_nothing_else(cloud: Cloud) -> None:
    cloud.settled(groups("[]", FROM_WEB))
    renamed = groups("[]", FROM_WEB, web=", name: front")
    change = the_change(cloud.plan(renamed))
    assert (change.action, change.impact.text, [line.name for line in change.attributes]) == (
        Action.UPDATE, "none", ["name"],
    )  # fmt: skip
    cloud.forget()
    cloud.settled(renamed)
    assert cloud.changed() == ["ModifySecurityGroupAttribute"]


def test_replacing_a_group_that_another_names_moves_the_rule(cloud: Cloud) -> None:
    cloud.settled(groups("[]", FROM_WEB))
    text = groups("[]", FROM_WEB, web=", type: enterprise")
    plan = cloud.plan(text)
    assert changes(plan)["security_group.web"].action is Action.REPLACE
    assert changes(plan)["security_group.web"].create_first  # the rule of db has to move over
    cloud.apply(plan)
    cloud.assert_settled(text)
    cloud.destroy(text)


def test_one_group_leaves_while_the_other_still_names_it(cloud: Cloud) -> None:
    cloud.settled(groups(FROM_DB, FROM_WEB))
    alone = stack_of(VPC, "security_group:\n  web: {vpc: main, ingress: []}")
    plan = cloud.plan(alone)
    assert comes_before(
        plan,
        step(plan, "RevokeSecurityGroup", "security_group.web"),
        step(plan, "DeleteSecurityGroup", "security_group.db"),
    )
    cloud.apply(plan)
    cloud.assert_settled(alone)


def test_a_rule_added_outside_is_drift_and_goes(cloud: Cloud) -> None:
    text = groups("[{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}]")
    cloud.settled(text)
    add_ssh(cloud)
    line = the_line(cloud.plan(text))
    assert (line.name, line.cause) == ("ingress", Cause.DRIFT)
    cloud.settled(text)


def test_a_rule_removed_outside_comes_back(cloud: Cloud) -> None:
    text = groups("[{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}]")
    cloud.settled(text)
    group = cloud.thing("securitygroup", "demo-web")
    cloud.call("RevokeSecurityGroup", SecurityGroupId=group.id, SecurityGroupRuleId=[rule_ids(cloud, group.id)[0]])
    assert the_line(cloud.plan(text)).cause is Cause.DRIFT
    cloud.settled(text)


def test_rules_that_are_additive_leave_others_alone(cloud: Cloud) -> None:
    text = groups("[{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}]", web=", lifecycle: {additive: [ingress]}")
    cloud.settled(text)
    add_ssh(cloud)
    cloud.assert_settled(text)
    more = groups("[{protocol: tcp, ports: [443, 80], cidr: 0.0.0.0/0}]", web=", lifecycle: {additive: [ingress]}")
    cloud.settled(more)
    assert len(rule_ids(cloud, cloud.thing("securitygroup", "demo-web").id)) == 3


def test_only_a_description_changes_in_place(cloud: Cloud) -> None:
    cloud.settled(groups("[{protocol: tcp, ports: 443, cidr: 0.0.0.0/0, description: old}]"))
    cloud.forget()
    cloud.settled(groups("[{protocol: tcp, ports: 443, cidr: 0.0.0.0/0, description: new}]"))
    assert cloud.changed() == ["ModifySecurityGroupRule"]


def test_only_an_egress_description_changes_in_place(cloud: Cloud) -> None:
    cloud.settled(groups("[]", web=", egress: [{protocol: all, cidr: 0.0.0.0/0, description: old}]"))
    cloud.forget()
    cloud.settled(groups("[]", web=", egress: [{protocol: all, cidr: 0.0.0.0/0, description: new}]"))
    assert cloud.changed() == ["ModifySecurityGroupEgressRule"]


def test_more_rules_than_one_call_takes(cloud: Cloud) -> None:
    many = "[" + ", ".join(f"{{protocol: tcp, ports: {port}, cidr: 0.0.0.0/0}}" for port in range(1000, 1150)) + "]"
    cloud.settled(groups(many))
    assert cloud.writes().count("AuthorizeSecurityGroup") == 2
    cloud.forget()
    cloud.settled(groups("[]"))
    assert cloud.writes().count("RevokeSecurityGroup") == 2


def test_rules_of_a_group_that_goes_are_not_revoked(cloud: Cloud) -> None:
    text = groups("[{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}]")
    cloud.settled(text)
    cloud.forget()
    cloud.destroy(text)
    assert "RevokeSecurityGroup" not in cloud.writes()


def test_a_rule_may_name_its_own_group(cloud: Cloud) -> None:
    text = groups("[{protocol: all, security_group: web}]")
    cloud.settled(text)
    cloud.destroy(text)


def test_an_enterprise_group_without_egress_rules_is_said_to_let_nothing_out(cloud: Cloud) -> None:
    text = stack_of("vpc:\n  main: {cidr_block: 10.0.0.0/16}", "security_group:\n  web: {vpc: main, type: %s}")
    notes = {change.address.kind: change.notes for change in cloud.plan(text % "enterprise").changes}
    assert "lets nothing out" in notes["security_group"][0]
    assert not any(change.notes for change in cloud.plan(text % "normal").changes)


def add_ssh(cloud: Cloud) -> None:
    cloud.call(
        "AuthorizeSecurityGroup",
        SecurityGroupId=cloud.thing("securitygroup", "demo-web").id,
        Permissions=[{"IpProtocol": "TCP", "PortRange": "22/22", "SourceCidrIp": "0.0.0.0/0"}],
    )


def rule_ids(cloud: Cloud, group: str) -> list[str]:
    answer = cloud.call("DescribeSecurityGroupAttribute", SecurityGroupId=group, Direction="ingress")
    return [rule["SecurityGroupRuleId"] for rule in answer["Permissions"]["Permission"]]


PEER = "protocol: tcp, ports: 5432, security_group: sg-bp1of2another"
THEIRS = "account: '1342025168875946'"


def group_with(rule: str) -> str:
    return stack_of(NETWORK.replace("web: {vpc: main}", f"web: {{vpc: main, ingress: [{{{rule}}}]}}"))


def test_a_rule_for_a_group_of_another_account_says_whose_it_is(cloud: Cloud) -> None:
    """SourceGroupOwnerId is written, SourceGroupOwnerAccount is read; without the owner the group is not found."""
    cloud.settled(group_with(f"{PEER}, {THEIRS}"))
    (rule,) = cloud.things("securitygroup")[0]["Rules"]
    assert (rule["SourceGroupId"], rule["SourceGroupOwnerAccount"]) == ("sg-bp1of2another", "1342025168875946")
    cloud.assert_settled(group_with(PEER), records=True)  # one that is there need not be told whose it is
    cloud.settled(group_with(f"{PEER}, {THEIRS}, description: theirs"))
    cloud.settled(group_with(f"{PEER}, description: ours"))
    cloud.settled(group_with("protocol: tcp, ports: 22, cidr: 10.0.0.0/8"))
    assert [one.get("SourceGroupId") for one in cloud.things("securitygroup")[0]["Rules"]] == [None]


def test_an_account_is_that_of_a_group(cloud: Cloud) -> None:
    with pytest.raises(Rejected, match="account says whose group it is, and the rule names none"):
        cloud.load(group_with(f"protocol: tcp, ports: 22, cidr: 10.0.0.0/8, {THEIRS}"))


FIVE = "{protocol: udp, ports: 53, source_ports: 1024-2047, cidr: 10.0.0.0/8, %s: 10.0.1.0/24}"


def test_rules_of_both_near_sides_and_source_ports_settle_and_change(cloud: Cloud) -> None:
    """They tell a rule apart: another near side is another rule, which comes before the old one goes."""
    group = "security_group:\n  web: {vpc: main, ingress: [%s], egress: [%s]}\nvpc:\n  main: {cidr_block: 10.0.0.0/8}"
    text = stack_of(group % (FIVE % "dest_cidr", FIVE % "source_cidr"))
    cloud.settled(text)
    (rule,) = [rule for rule in cloud.things("securitygroup")[0]["Rules"] if rule["Direction"] == "ingress"]
    assert (rule["SourcePortRange"], rule["DestCidrIp"]) == ("1024/2047", "10.0.1.0/24")
    cloud.forget()
    cloud.settled(text.replace("10.0.1.0/24", "10.0.2.0/24"))
    ways = [action for action in cloud.changed() if action.endswith("SecurityGroup")]
    assert ways == ["AuthorizeSecurityGroup", "RevokeSecurityGroup"]


@pytest.mark.parametrize(
    ("rule", "member"),
    [
        ({**HTTPS, "source_cidr": "10.0.0.0/8"}, "source_cidr"),
        ({**HTTPS, "dest_ipv6_cidr": "2001:db8::/56"}, "dest_ipv6_cidr"),
        ({**HTTPS, "dest_cidr": "10.0.0.0/8", "dest_ipv6_cidr": "2001:db8::/56"}, "dest_ipv6_cidr"),
        ({"protocol": "icmp", "cidr": "10.0.0.0/8", "source_ports": 80}, "source_ports"),
    ],
)
def test_a_near_side_that_fits_nothing_is_refused_at_its_place(rule: dict[str, object], member: str) -> None:
    with pytest.raises(Mistake) as caught:
        Rules("ingress").parse([rule])
    assert caught.value.path == (0, member)


def test_a_list_of_ranges_becomes_rules_by_for_and_one_that_leaves_it_goes(cloud: Cloud) -> None:
    def offices(*ranges: str) -> str:
        dns = "{protocol: udp, ports: 53, cidr: 10.0.0.0/8}"
        entry = '{for: "office in ${offices}", protocol: tcp, ports: 22, cidr: "${office}"}'
        return (
            f"apiVersion: ecsplan/v1\nstack: demo\nregion: cn-hangzhou\nlocals: {{offices: [{', '.join(ranges)}]}}\n"
            f"resources:\n  vpc: {{main: {{cidr_block: 10.0.0.0/16}}}}\n"
            f"  security_group:\n    web: {{vpc: main, ingress: [{entry}, {dns}]}}\n"
        )

    cloud.settled(offices("203.0.113.0/29", "198.51.100.4/32"))
    plan = cloud.plan(offices("203.0.113.0/29"))
    line = the_line(plan)
    assert (len(line.before), len(line.after)) == (3, 2)
    cloud.settled(offices("203.0.113.0/29"))
