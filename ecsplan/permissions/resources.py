"""Which resource of RAM each parameter of a call names, and the actions that RAM does not narrow.

What is of a kind stands in its file (Rights); here is the rest. Source: the RAM authorization tables of ECS
(2014-05-26) and VPC (2016-04-28), and the resource fields of the actions' own pages. Where two of them disagree the
wider one is written down: a right that is missing stops a run half-way.
"""

from collections.abc import Mapping

from msgspec import Struct, field

from ecsplan.model.capabilities.rights import Rights
from ecsplan.model.kind import Kinds
from ecsplan.model.marks import PREFIX

EVERYTHING = "*"

_OTHERS: Mapping[str, str] = {
    "DeploymentSetId": "ecs:deploymentset",
    "DedicatedHostId": "ecs:ddh",
    "RamRoleName": "ram:role",
}
"""Parameters that name what is no kind."""

NOT_NARROWED = frozenset({
    "RunInstances", "CreateInstance", "AuthorizeSecurityGroup", "AuthorizeSecurityGroupEgress",
    "ModifySecurityGroupRule", "ModifySecurityGroupEgressRule", "ResetDisks", "CreateDeploymentSet", "CreatePrefixList",
    "CancelTask",
})  # fmt: skip
"""Actions that take no resource, or for which the tables disagree: they need `*`."""

WITHOUT_RIGHTS = frozenset({"GetCallerIdentity"})


class Arns(Struct, frozen=True):
    """The ARN types: by the parameter that holds an id; by the ResourceType of TagResources, in lower case; and of
    what an action makes, which is asked for as TYPE/* beside the resources that its parameters name. `marks` are the
    keys of the tags that say whose an object of the type is."""

    by_parameter: Mapping[str, str]
    by_tagged: Mapping[str, str]
    made: Mapping[str, tuple[str, ...]]
    marks: Mapping[str, str] = field(default_factory=dict)


def arns_of(kinds: Kinds) -> Arns:
    """What the kinds say of themselves; the create call of one that says nothing needs `*`."""
    by_parameter, by_tagged = dict(_OTHERS), dict[str, str]()
    made: dict[str, tuple[str, ...]] = {}
    for kind in kinds.values():
        rights = kind.capability(Rights)
        if rights is None:
            made[kind.create.operation] = ("",)
            continue
        by_parameter |= dict.fromkeys((kind.id_param, *rights.parameters), rights.type)
        if kind.ownership.tag_type:
            by_tagged[kind.ownership.tag_type.lower()] = rights.type
        made |= dict.fromkeys((kind.create.operation, *rights.made_by), (rights.type,))
        made[kind.create.operation] += rights.makes
    marks = {
        rights.type: f"{PREFIX}{kind.name}"
        for kind in kinds.values()
        if (rights := kind.capability(Rights)) is not None and kind.ownership.tag_type
    }
    return Arns(by_parameter, by_tagged, made, marks)
