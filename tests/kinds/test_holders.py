"""What keeps a group, a subnet or a VPC from going: known at plan, and named."""

from ecsplan.model.call import Product
from ecsplan.model.plan import Plan
from tests.kinds.cloud import INSTANCE, Cloud, changes, comes_before, stack_of, step

VPC = "vpc:\n  main: {cidr_block: 10.0.0.0/16}"


def groups(rules_of_web: str, rules_of_db: str = "[]", web: str = "", db: str = "") -> str:
    return stack_of(
        VPC,
        f"security_group:\n"
        f"  web: {{vpc: main, ingress: {rules_of_web}{web}}}\n"
        f"  db: {{vpc: main, ingress: {rules_of_db}{db}}}\n",
    )


def blocked(plan: Plan) -> list[str]:
    return [guard.summary for guard in plan.guards if guard.name == "blocked"]


def test_a_group_is_finished_before_a_machine_moves_into_it_and_old_rules_go_after_it_has(cloud: Cloud) -> None:
    """Another type is another group; the rules of both name the group itself."""
    network = VPC + "\nvswitch:\n  app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}"

    def around(kind: str, peer: str) -> str:
        rule = f"ingress: [{{protocol: tcp, ports: 443, {peer}}}]"
        body = "".join(f"    {line}\n" for line in INSTANCE.strip().splitlines())
        return stack_of(
            network, f"security_group:\n  web: {{vpc: main, type: {kind}, {rule}}}", f"instance:\n  web:\n{body}"
        )

    cloud.settled(around("normal", "security_group: web"))
    text = around("enterprise", "cidr: 0.0.0.0/0")
    plan = cloud.plan(text)
    assert "moves to the new group once that has its rules" in changes(plan)["security_group.web"].notes[-1]
    opened, moved, gone = (step(plan, name) for name in (
        "AuthorizeSecurityGroup", "ModifyInstanceAttribute", "DeleteSecurityGroup"))  # fmt: skip
    assert comes_before(plan, opened, moved) and comes_before(plan, moved, gone)
    cloud.forget()
    cloud.apply(plan)
    assert "RevokeSecurityGroup" not in cloud.writes()  # its own rules go with it
    cloud.assert_settled(text)


def test_two_groups_that_are_replaced_under_machines_keep_their_rules_until_those_have_moved(cloud: Cloud) -> None:
    network = VPC + "\nvswitch:\n  app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}"
    body = "".join(f"    {line}\n" for line in INSTANCE.strip().splitlines())
    text = stack_of(
        network,
        "security_group:\n  web: {vpc: main, ingress: [{protocol: tcp, ports: 1, security_group: db}]}\n"
        "  db: {vpc: main, ingress: [{protocol: tcp, ports: 2, security_group: web}]}",
        f"instance:\n  web:\n{body}",
    )
    cloud.settled(text)
    plan = cloud.plan(text, replaces=("security_group.web", "security_group.db"))
    moved = step(plan, "ModifyInstanceAttribute")
    revoked = [one for one in plan.steps if one.calls and one.calls[0].operation == "RevokeSecurityGroup"]
    opened = [one for one in plan.steps if one.calls and one.calls[0].operation == "AuthorizeSecurityGroup"]
    assert comes_before(plan, moved, next(one for one in revoked if "web" in str(one.addresses[0])))
    assert comes_before(plan, next(one for one in opened if "web" in str(one.addresses[0])), moved)
    cloud.apply(plan)
    cloud.assert_settled(text)


def test_an_interface_of_others_keeps_a_group_and_its_subnet_and_is_named(cloud: Cloud) -> None:
    text = stack_of(VPC, "vswitch:\n  app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}",
                    "security_group:\n  web: {vpc: main}")  # fmt: skip
    cloud.settled(text)
    made = cloud.call(
        "CreateNetworkInterface",
        VSwitchId=cloud.thing("vswitch", "demo-app").id,
        SecurityGroupId=cloud.thing("securitygroup", "demo-web").id,
        NetworkInterfaceName="left-over",
    )["NetworkInterfaceId"]
    reasons = blocked(cloud.plan(text, destroy=True))
    assert len(reasons) == 2
    assert all(f"still used by network_interface {made} (left-over), which this plan leaves" in r for r in reasons)


def test_a_rule_of_a_group_of_others_keeps_ours_and_is_named(cloud: Cloud) -> None:
    cloud.settled(groups("[]"))
    other = cloud.call("CreateSecurityGroup", VpcId=cloud.thing("vpc", "demo-main").id, SecurityGroupName="theirs")
    cloud.call("AuthorizeSecurityGroup", SecurityGroupId=other["SecurityGroupId"], Permissions=[
        {"IpProtocol": "TCP", "PortRange": "80/80", "SourceGroupId": cloud.thing("securitygroup", "demo-web").id}
    ])  # fmt: skip
    (reason,) = blocked(cloud.plan(stack_of(VPC, "security_group:\n  db: {vpc: main}")))
    assert f"still used by security_group {other['SecurityGroupId']} (theirs)" in reason


def test_rules_of_groups_that_go_as_well_or_let_go_keep_nothing(cloud: Cloud) -> None:
    text = groups("[{protocol: all, security_group: db}]", "[{protocol: all, security_group: web}]")
    cloud.settled(text)
    assert not blocked(cloud.plan(text, destroy=True))
    assert not blocked(cloud.plan(stack_of(VPC, "security_group:\n  db: {vpc: main, ingress: []}")))


def test_a_nat_gateway_keeps_its_subnet_and_its_vpc_and_is_named(cloud: Cloud) -> None:
    text = stack_of(VPC, "vswitch:\n  app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}")
    cloud.settled(text)
    made = cloud.call("CreateNatGateway", Product.VPC, VpcId=cloud.thing("vpc", "demo-main").id, NatType="Enhanced",
                      VSwitchId=cloud.thing("vswitch", "demo-app").id, Name="out", NetworkType="internet")  # fmt: skip
    reasons = blocked(cloud.plan(text, destroy=True))
    assert len(reasons) == 2
    assert all(f"NAT gateway {made['NatGatewayId']} (out)" in reason for reason in reasons)


def test_nothing_is_asked_for_that_nothing_needs(cloud: Cloud) -> None:
    text = groups("[]")
    cloud.settled(text)
    cloud.service.log.reset()
    cloud.plan(text.replace("vpc: main", "vpc: main, description: words", 1))
    asked = {entry["action"] for entry in cloud.service.log.calls()}
    assert not asked & {"DescribeSecurityGroupReferences", "DescribePrefixListAssociations"}


def test_a_key_that_may_not_look_is_a_warning(cloud: Cloud) -> None:
    text = groups("[]")
    cloud.settled(text)
    cloud.faults(
        {"fault": "error", "action": "DescribeSecurityGroupReferences", "code": "Forbidden.RAM", "status": 403}
    )
    plan = cloud.plan(text, destroy=True)
    assert any("could not be looked for (Forbidden.RAM)" in warning.summary for warning in plan.warnings)
    assert not blocked(plan)
