"""Security group with its rules. ECS 2014-05-26: CreateSecurityGroup, AuthorizeSecurityGroup(Egress), …"""

from collections.abc import Iterable, Mapping

from ecsplan.kinds import _impacts, _needs
from ecsplan.kinds import _rule_calls as rule_calls
from ecsplan.kinds._limits import checks_of
from ecsplan.kinds._reach import ENTRIES, PORTS
from ecsplan.kinds._rules import Rules, read_rules
from ecsplan.kinds._shared import description, name, resource_group, resource_group_update, tags, tags_update
from ecsplan.model.address import Address
from ecsplan.model.algebra import Raw, fields, members
from ecsplan.model.attribute import Attribute, Impact
from ecsplan.model.call import Call, Replay
from ecsplan.model.capabilities.checks import Checks
from ecsplan.model.capabilities.exporting import Exporting
from ecsplan.model.capabilities.ordering import Ordering
from ecsplan.model.capabilities.ownership import Tagged
from ecsplan.model.capabilities.preflight import Preflight
from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.capabilities.ros import Ros
from ecsplan.model.capabilities.terraform import COMMON, Folded, Terraform, named
from ecsplan.model.change import Action, Change
from ecsplan.model.composites import Reference
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.inquiry import Inquiry
from ecsplan.model.kind import Create, Delete, Detail, Ids, Kind, Listing, Live, Paging, Update
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Choice


def _access_calls(change: Change) -> Iterable[Call]:
    """An enterprise group drops what its members send each other, and takes no other policy."""
    if change.desired("type") != "enterprise" and change.live("type") != "enterprise":
        wanted = change.attributes_by_name["inner_access"].after
        params = {"SecurityGroupId": change.id, "InnerAccessPolicy": wanted}
        yield Call("ModifySecurityGroupPolicy", params, kind="security_group", targets=(change.id,), token=True,
                   replay=Replay.TOKEN)  # fmt: skip


def fits_its_type(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """A normal group has few rules that name groups, an enterprise group none."""
    if resource.attributes.get("type") != "enterprise":
        yield from _few_groups(resource)
        return
    for direction in ("ingress", "egress"):
        if any("security_group" in fields(rule) for rule in members(resource.attributes.get(direction))):
            yield Diagnostic(
                f"{direction}: an enterprise group has no rules that name groups",
                "write the other side as a CIDR block or a prefix list, or use type: normal",
                resource.source_of(direction),
                resource.address,
                rule=Rule.COMBINATION,
            )


def _few_groups(resource: Resource) -> Iterable[Diagnostic]:
    rules = [rule for direction in ("ingress", "egress") for rule in members(resource.attributes.get(direction))]
    named = sum("security_group" in fields(rule) for rule in rules)
    if named > rule_calls.GROUP_RULES:
        yield Diagnostic(
            f"{named} rules name groups; a group takes {rule_calls.GROUP_RULES}",
            "write the other side of some as a CIDR block or a prefix list",
            resource.source_of("ingress"),
            resource.address,
            rule=Rule.LIMIT,
        )


def has_a_vpc(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """The classic network takes in nothing new; what lives there can be adopted as it is."""
    if "vpc" not in resource.attributes and resource.adopt is None:
        yield Diagnostic(
            "a security group needs vpc",
            "write vpc: NAME; only a group of the classic network has none, and has to be adopted (adopt: sg-…)",
            resource.source,
            resource.address,
            rule=Rule.MISSING_KEY,
        )


def notes(resource: Resource) -> Iterable[str]:
    if resource.attributes.get("type") == "enterprise" and not resource.attributes.get("egress"):
        yield "an enterprise group lets nothing out that no egress rule accepts, and the file has none"


def fits_its_quota(change: Change, live: Live) -> Iterable[str]:
    """More rules than a group takes, known from what it will have in the end."""
    if change.action in (Action.DELETE, Action.RELEASE):
        return
    sizes = rule_calls.sizes_of_lists(change)
    rules = rule_calls.wanted(change)
    total = sum(rule_calls.weight(rule, sizes) for rule in rules)
    lists = ", with each list counted as often as it has room for entries" if sizes else ""
    most = rule_calls.QUOTA
    if total > max(most, rule_calls.live_weight(change)):
        yield (
            f"{total} rules{lists}: a group takes at most {most}, in and out together; use wider ranges, or divide "
            "them among several groups"
        )
    named, most = sum("security_group" in fields(rule) for rule in rules), rule_calls.GROUP_RULES
    if named > max(most, rule_calls.live_group_rules(change)):
        yield (
            f"{named} rules name groups: a group takes at most {most} of these, in and out together; use ranges or "
            "prefix lists instead"
        )


def noted(change: Change) -> Iterable[str]:
    if change.action is Action.REPLACE and change.create_first:
        yield "what is in it moves to the new group once that has its rules"
    if change.action is not Action.REPLACE and rule_calls.turns_of(change).cuts:
        yield (
            f"there is no room for old and new rules at once (at most {rule_calls.QUOTA}): old ones go first, and what "
            "they let through is cut until the new ones are there"
        )


def _doomed(change: Change) -> Iterable[str]:
    return (change.before.id,) if change.action in (Action.DELETE, Action.REPLACE) and change.before is not None else ()


def _referring(change: Change, told: tuple[Raw, ...]) -> Iterable[tuple[str, str, str]]:
    """The groups whose rules name this one; one of another account has no name for us."""
    for raw in told:
        for one in (raw.get("ReferencingSecurityGroups") or {}).get("ReferencingSecurityGroup") or ():
            if one.get("SecurityGroupId") != raw.get("SecurityGroupId"):
                yield "security_group", str(one.get("SecurityGroupId")), ""


INQUIRIES = (
    Inquiry(
        "references",
        "rules of other groups that name this one",
        "DescribeSecurityGroupReferences",
        "SecurityGroupReferences.SecurityGroupReference",
        wanted=_doomed,
        about=lambda raw: (str(raw.get("SecurityGroupId")),),
        paging=Paging.NONE,
        ids=Ids("SecurityGroupId", "list", 10),
        holders=_referring,
    ),
    Inquiry(
        "prefix_lists",
        "how many entries prefix lists have room for",
        "DescribePrefixLists",
        "PrefixLists.PrefixList",
        wanted=rule_calls.named("prefix_list"),
        about=lambda raw: (str(raw.get("PrefixListId")),),
        ids=Ids("PrefixListId", "list", 100),
    ),
    Inquiry(
        "port_range_lists",
        "how many entries port lists have room for",
        "DescribePortRangeLists",
        "PortRangeLists",
        wanted=rule_calls.named("port_range_list"),
        about=lambda raw: (str(raw.get("PortRangeListId")),),
        ids=Ids("PortRangeListId", "list", 100),
    ),
    ENTRIES,
    PORTS,
)

ELSEWHERE = (
    Terraform(
        "alicloud_security_group",
        named(
            security_group_name="name", vpc_id="vpc", security_group_type="type",
            inner_access_policy="inner_access lower",
        ) + COMMON,
        renamed={"name": "security_group_name"},
        no_place=("ingress", "egress"),
        folded=(
            Folded("alicloud_security_group_rule", ("ingress", "egress")),
        ),
    ),
    Ros(
        "ALIYUN::ECS::SecurityGroup", "SecurityGroupId",
        {"security_group_name": "SecurityGroupName", "vpc_id": "VpcId", "security_group_type": "SecurityGroupType",
         "description": "Description", "resource_group_id": "ResourceGroupId", "tags": "Tags"},
    ),
)  # fmt: skip

KIND = Kind(
    name="security_group",
    summary="A firewall around instances, with its rules.",
    attributes=(
        name("security_group", "SecurityGroupName"),
        Attribute("vpc", "VpcId", Reference("vpc", prefixes=("vpc-",)),
                  "The VPC that it belongs to; only an adopted group of the classic network has none.",
                  fixed="replace", samples=("main", "second")),
        Attribute("type", "SecurityGroupType", Choice("normal", "enterprise"),
                  "normal (basic) or enterprise (advanced: no rules that name groups).",
                  fixed="replace", samples=("normal", "enterprise")),
        description("security_group"),
        Attribute("inner_access", None, Choice("accept", "drop"),
                  "Whether members reach each other; enterprise groups have no choice.",
                  read_as="@rules.InnerAccessPolicy", samples=("accept", "drop")),
        Attribute("ingress", None, Rules(), "Rules for what comes in. Exclusive: what is not listed is removed.",
                  afterwards="its rules stay; write ingress: false to remove them",
                  read_as=read_rules("ingress"),
                  samples=([{"protocol": "tcp", "ports": 443, "cidr": "0.0.0.0/0"}],
                           [{"protocol": "tcp", "ports": "80-90", "cidr": "10.0.0.0/8", "priority": 2},
                            {"protocol": "icmp", "cidr": "10.0.0.0/8", "policy": "drop", "description": "no ping"},
                            {"protocol": "tcp", "ports": 22, "ipv6_cidr": "2001:db8::/56"},
                            {"protocol": "all", "security_group": "web"},
                            {"protocol": "udp", "ports": 53, "source_ports": "1024-2047", "cidr": "10.0.0.0/8",
                             "dest_cidr": "10.0.100.0/24"}])),
        Attribute("egress", None, Rules("egress"), "Rules for what goes out. Exclusive: what is not listed is removed.",
                  afterwards="its rules stay; write egress: false to remove them",
                  read_as=read_rules("egress"),
                  samples=([{"protocol": "all", "cidr": "0.0.0.0/0"}],
                           [{"protocol": "udp", "ports": 53, "cidr": "100.64.0.0/10"},
                            {"protocol": "tcp", "ports": [80, 443], "security_group": "web"}])),
        resource_group(),
        tags("security_group"),
    ),
    listing=Listing(
        "DescribeSecurityGroups",
        items="SecurityGroups.SecurityGroup",
        id="SecurityGroupId",
        name="SecurityGroupName",
        paging=Paging.EITHER,
        ids=Ids("SecurityGroupIds"),
        dry_run=True,
        details=(
            Detail(
                "@rules",
                "DescribeSecurityGroupAttribute",
                items="Permissions.Permission",
                page_size=1000,
                ids=Ids("SecurityGroupId", "single", 1),
                attributes=("ingress", "egress", "inner_access"),
                holds_others=lambda raw: raw.get("GroupToGroupRuleCount") != 0,
            ),
        ),
    ),
    create=Create(
        "CreateSecurityGroup",
        id="SecurityGroupId",
        later=("ingress", "egress", "inner_access"),
        notes=notes,
        seconds=1.0,
    ),
    updates=(
        Update("ModifySecurityGroupAttribute", ("name", "description")),
        Update("ModifySecurityGroupPolicy", ("inner_access",), build=_access_calls, impacts=(Impact.ACCESS,)),
        Update(None, ("ingress", "egress"), build=rule_calls.calls, impacts=_impacts.of_rules),
        resource_group_update("securitygroup"),
        tags_update(),
    ),
    delete=Delete(
        "DeleteSecurityGroup",
        release=("ingress", "egress"),
        held_by=(("instance", "security_groups"), ("network_interface", "security_groups")),
        seconds=1.0,
    ),
    id_param="SecurityGroupId",
    id_prefixes=("sg-",),
    can=(
        Tagged("securitygroup"),
        Rights("ecs:securitygroup"),
        Checks((checks_of("security_group"), fits_its_type, has_a_vpc)),
        Preflight(INQUIRIES, hindered=fits_its_quota, noted=noted, needs=_needs.counted("security_groups")),
        Ordering(shields=True, ways=rule_calls.ways),
        Exporting(
            rank=3,
            word="group",
            defaults={"type": "normal", "inner_access": "accept"},
            noise={"inner_access": lambda value, values: values.get("type") == "enterprise"},
        ),
        *ELSEWHERE,
    ),
    example={"vpc": "main", "ingress": [{"protocol": "tcp", "ports": 443, "cidr": "0.0.0.0/0"}]},
    docs="https://help.aliyun.com/document_detail/25553.html",
)  # fmt: skip
