"""What plans open and close, in words."""

import pytest

from ecsplan import engine
from ecsplan.model.call import Product, Request
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Refused
from ecsplan.model.plan import Plan
from ecsplan.planner.planfile import digest_of
from tests.kinds.cloud import Cloud

MACHINE = """{instance_type: ecs.g7.large, image: {family: "acs:ubuntu_22_04_x64"}, vswitch: app,
          system_disk: {category: cloud_essd, size: 40}"""
STACK = f"""\
apiVersion: ecsplan/v1
stack: demo
region: cn-hangzhou
resources:
  vpc: {{main: {{cidr_block: 10.0.0.0/16}}}}
  vswitch: {{app: {{vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}}}}
  security_group:
    web:
      vpc: main
      ingress: [{{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}}, {{protocol: tcp, ports: 22, cidr: 10.0.0.0/8}}]
    db: {{vpc: main, ingress: [{{protocol: tcp, ports: 3306, security_group: web}}]}}
  instance:
    web: {MACHINE}, security_groups: [web], count: 2}}
    db: {MACHINE}, security_groups: [db]}}
"""


@pytest.fixture
def live(cloud: Cloud) -> Cloud:
    cloud.apply(STACK)
    return cloud


def said(plan: Plan) -> list[str]:
    found = []
    for reach in plan.reach:
        who = ", ".join(str(address) for address in reach.addresses)
        found += [f"{who} {reach.direction} + {line}" for line in reach.opened]
        found += [f"{who} {reach.direction} - {line}" for line in reach.closed]
        found += [f"{who} {reach.direction} ? {line}" for line in reach.unknown]
    return found


WEB = "instance.web[0], instance.web[1]"


def test_a_plan_without_changes_opens_nothing(live: Cloud) -> None:
    assert said(live.plan(STACK)) == []


def test_a_port_for_the_world(live: Cloud) -> None:
    text = STACK.replace("ports: 22, cidr: 10.0.0.0/8", "ports: 22, cidr: 0.0.0.0/0")
    assert said(live.plan(text)) == [f"{WEB} ingress + tcp 22 to 0.0.0.0/0 (partly open before)"]


def test_the_only_way_in_for_ssh(live: Cloud) -> None:
    text = STACK.replace(", {protocol: tcp, ports: 22, cidr: 10.0.0.0/8}", "")
    assert said(live.plan(text)) == [f"{WEB} ingress - tcp 22 to 10.0.0.0/8"]


def test_another_group_of_a_machine(live: Cloud) -> None:
    text = STACK.replace("security_groups: [db]", "security_groups: [db, web]")
    assert said(live.plan(text)) == [
        "instance.db ingress + all to group web (partly open before)",
        "instance.db ingress + tcp 22 to 10.0.0.0/8",
        "instance.db ingress + tcp 443 to 0.0.0.0/0",
    ]


def test_members_that_no_longer_reach_each_other(live: Cloud) -> None:
    text = STACK.replace("db: {vpc: main,", "db: {vpc: main, inner_access: drop,")
    assert said(live.plan(text)) == ["instance.db ingress - all to group db"]


def test_a_rule_that_changes_its_words_alone_opens_nothing(live: Cloud) -> None:
    text = STACK.replace("ports: 443, cidr: 0.0.0.0/0", "ports: 443, cidr: 0.0.0.0/0, description: web")
    assert said(live.plan(text)) == []


NEW = "    late: {vpc: main, ingress: [{protocol: tcp, ports: 8080, cidr: 0.0.0.0/0}]}\n"


def test_a_new_machine_is_reachable_as_its_groups_let_in(live: Cloud) -> None:
    text = STACK.replace("count: 2", "count: 3")
    assert said(live.plan(text)) == [
        "instance.web[2] ingress + tcp 22 to 10.0.0.0/8",
        "instance.web[2] ingress + tcp 443 to 0.0.0.0/0",
    ]


def test_a_machine_that_goes_is_told_of_elsewhere(live: Cloud) -> None:
    assert said(live.plan(STACK.replace("count: 2", "count: 1"))) == []


def test_the_last_way_in_is_named(live: Cloud) -> None:
    text = STACK.replace(", {protocol: tcp, ports: 22, cidr: 10.0.0.0/8}", "")
    assert [reach.last_way_in for reach in live.plan(text).reach] == [("ssh",)]
    narrower = STACK.replace("ports: 22, cidr: 10.0.0.0/8", "ports: 22, cidr: 10.0.3.0/24")
    found = live.plan(narrower).reach
    assert [reach.last_way_in for reach in found] == [()] and found[0].closed


def test_a_rule_of_another_group_stays_a_way_in(live: Cloud) -> None:
    text = STACK.replace("security_groups: [db]", "security_groups: [db, web]")
    live.apply(text)
    without = text.replace("{protocol: tcp, ports: 22, cidr: 10.0.0.0/8}", "{protocol: icmp, cidr: 10.0.0.0/8}")
    more = without.replace("ports: 3306, security_group: web}", "ports: 3306, security_group: web}, "
                           "{protocol: tcp, ports: 22, cidr: 10.9.0.0/16}")  # fmt: skip
    assert [(reach.addresses[0].name, reach.last_way_in) for reach in live.plan(more).reach] == [
        ("db", ()),
        ("web", ("ssh",)),
    ]


def test_a_drop_of_one_group_that_goes_opens_what_another_accepts(live: Cloud) -> None:
    drop = "{protocol: tcp, ports: 443, cidr: 192.0.2.0/24, policy: drop}"
    text = STACK.replace("security_groups: [db]", "security_groups: [db, web]")
    live.apply(text.replace("ports: 3306, security_group: web}", f"ports: 3306, security_group: web}}, {drop}"))
    assert said(live.plan(text)) == ["instance.db ingress + tcp 443 to 192.0.2.0/24"]


def test_ipv6_and_what_goes_out(live: Cloud) -> None:
    v6 = STACK.replace("{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}",
                       '{protocol: tcp, ports: 443, cidr: 0.0.0.0/0}, '
                       '{protocol: tcp, ports: 443, ipv6_cidr: "2001:db8::/32"}')  # fmt: skip
    assert said(live.plan(v6)) == [f"{WEB} ingress + tcp 443 to 2001:db8::/32"]
    shut = STACK.replace("db: {vpc: main,", "db: {vpc: main, egress: [{protocol: all, cidr: 0.0.0.0/0, policy: drop}],")
    assert said(live.plan(shut)) == ["instance.db egress - all to 0.0.0.0/0"]


def test_an_enterprise_group_lets_nothing_out_by_itself(live: Cloud) -> None:
    both = STACK.replace("  instance:\n", "    safe: {vpc: main, type: enterprise}\n  instance:\n")
    live.apply(both)
    plan = live.plan(both.replace("security_groups: [db]", "security_groups: [safe]"))
    assert said(plan) == [
        "instance.db egress - all to 0.0.0.0/0",
        "instance.db egress - all to ::/0",
        "instance.db ingress - all to group db",
        "instance.db ingress - tcp 3306 to group web",
    ]


def test_a_group_that_no_machine_of_the_plan_is_in(live: Cloud) -> None:
    live.apply(STACK.replace("  instance:\n", NEW + "  instance:\n"))
    text = STACK.replace("  instance:\n", NEW.replace("8080", "8081") + "  instance:\n")
    assert said(live.plan(text)) == [
        "security_group.late ingress + tcp 8081 to 0.0.0.0/0",
        "security_group.late ingress - tcp 8080 to 0.0.0.0/0",
    ]


def test_a_group_that_is_replaced_keeps_its_name(live: Cloud) -> None:
    text = STACK.replace("db: {vpc: main, ingress:", "db: {vpc: main, type: enterprise, ingress:").replace(
        "security_group: web}]}", "cidr: 10.0.0.0/8}]}"
    )
    lines = said(live.plan(text))
    assert "instance.db ingress + tcp 3306 to 10.0.0.0/8" in lines
    assert "instance.db ingress - tcp 3306 to group web" in lines


def others_group(live: Cloud, *rules: dict[str, object]) -> str:
    vpc = live.api.send(Request("DescribeVpcs", {}, Product.VPC))["Vpcs"]["Vpc"][0]["VpcId"]
    made = str(live.api.send(Request("CreateSecurityGroup", {"VpcId": vpc, "SecurityGroupName": "others"}))[
        "SecurityGroupId"])  # fmt: skip
    for rule in rules:
        live.api.send(Request("AuthorizeSecurityGroup", {"SecurityGroupId": made, "Permissions": [rule]}))
    return made


def test_the_rules_of_a_group_of_others_are_read_when_a_machine_comes_into_it(live: Cloud) -> None:
    made = others_group(live, {"IpProtocol": "tcp", "PortRange": "22/22", "SourceCidrIp": "0.0.0.0/0"})
    text = STACK.replace("security_groups: [db]", f"security_groups: [db, {made}]")
    assert said(live.plan(text)) == [
        f"instance.db ingress + all to group {made}",
        "instance.db ingress + tcp 22 to 0.0.0.0/0",
    ]


def test_a_group_of_others_that_is_not_read_is_named(live: Cloud) -> None:
    made = others_group(live)
    text = STACK.replace("security_groups: [db]", f"security_groups: [db, {made}]")
    live.apply(text)
    assert said(live.plan(text.replace("ports: 3306", "ports: 3307"))) == [
        "instance.db ingress + tcp 3307 to group web",
        "instance.db ingress - tcp 3306 to group web",
        f"instance.db ingress ? {made}",
    ]


def test_entries_of_prefix_lists_are_read(live: Cloud) -> None:
    entries = [{"Cidr": "10.0.0.0/8"}, {"Cidr": "192.0.2.0/24"}]
    made = live.api.send(Request("CreatePrefixList", {"PrefixListName": "offices", "AddressFamily": "IPv4",
                                 "MaxEntries": 5, "Entry": entries}))["PrefixListId"]  # fmt: skip
    text = STACK.replace("ports: 22, cidr: 10.0.0.0/8", f"ports: 22, prefix_list: {made}")
    assert said(live.plan(text)) == [f"{WEB} ingress + tcp 22 to prefix list {made} (partly open before)"]
    live.apply(text)
    drop = text.replace("{protocol: tcp, ports: 443,", "{protocol: tcp, ports: 22, cidr: 192.0.2.0/24, policy: drop}, "
                        "{protocol: tcp, ports: 443,")  # fmt: skip
    assert said(live.plan(drop)) == [f"{WEB} ingress - tcp 22 to 192.0.2.0/24"]


def test_entries_of_port_lists_are_read(live: Cloud) -> None:
    made = live.call("CreatePortRangeList", PortRangeListName="web", MaxEntries=5,
                     Entry=[{"PortRange": "80/80"}, {"PortRange": "8000/8080"}])["PortRangeListId"]  # fmt: skip
    text = STACK.replace("ports: 22, cidr: 10.0.0.0/8", f"port_range_list: {made}, cidr: 10.0.0.0/8")
    assert said(live.plan(text)) == [
        f"{WEB} ingress + tcp 80 to 10.0.0.0/8",
        f"{WEB} ingress + tcp 8000-8080 to 10.0.0.0/8",
        f"{WEB} ingress - tcp 22 to 10.0.0.0/8",
    ]


def test_an_interface_of_a_machine_has_groups_of_its_own(live: Cloud) -> None:
    slot = "network_interfaces: {control: {vswitch: app, security_groups: [db]}}"
    text = STACK.replace("security_groups: [db]}", f"security_groups: [db], {slot}}}")
    live.apply(text)
    moved = text.replace("{vswitch: app, security_groups: [db]}", "{vswitch: app, security_groups: [web]}")
    assert "instance.db ingress + tcp 22 to 10.0.0.0/8" in said(live.plan(moved))


def test_what_is_left_out_of_a_plan_opens_nothing(live: Cloud) -> None:
    text = STACK.replace("ports: 22, cidr: 10.0.0.0/8", "ports: 22, cidr: 0.0.0.0/0")
    assert said(live.plan(text, targets=("vpc.main",))) == []
    assert said(live.plan(text, excludes=("security_group.web",))) == []


def test_the_plan_holds_it_and_a_saved_plan_too(live: Cloud) -> None:
    plan = live.plan(STACK.replace("ports: 22, cidr: 10.0.0.0/8", "ports: 22, cidr: 0.0.0.0/0"))
    assert plan.reach and engine.load_plan(engine.save_plan(plan)).reach == plan.reach
    hidden = replace(plan, reach=())
    assert digest_of(hidden) != plan.digest


def test_a_saved_plan_that_hides_what_it_opens_is_refused(live: Cloud) -> None:
    plan = live.plan(STACK.replace("ports: 22, cidr: 10.0.0.0/8", "ports: 22, cidr: 0.0.0.0/0"))
    with pytest.raises(Refused, match="it would open tcp 22 to"):
        live.apply(replace(plan, reach=()))
