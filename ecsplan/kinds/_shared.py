"""Attributes and updates that many kinds have: name, description, tags, resource group. Used by kinds only."""

from typing import Literal

from ecsplan.kinds._limits import rule, types_of
from ecsplan.model.algebra import Value
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Params, Product
from ecsplan.model.composites import MapOf, Reference, SetOf
from ecsplan.model.kind import Update
from ecsplan.model.limits import Length, Pairs
from ecsplan.model.marks import MOST_ON_AN_OBJECT, marks_at_most
from ecsplan.model.values import Boolean, Choice, Offer, Offered, Text

Fixed = Literal["replace", "refuse"] | None

GROUPS = SetOf(Reference("security_group", prefixes=("sg-",)), 1, rule("instance.security_groups").high)

# What the list of instances leaves out, or answers empty, unless it is asked for. Whatever reads that list has these.
INSTANCES: Params = {
    "AdditionalAttributes": (
        "META_OPTIONS",
        "NETWORK_PRIMARY_ENI_IP",
        "LOGIN_AS_NON_ROOT",
        "PRIVATE_DNS_OPTIONS",
        "CPU_OPTIONS_TOPOLOGY_TYPE",
    )
}

ZONE = Offered(3, 64, of=Offer.ZONE)


class Told(Choice):
    """A choice that the service answers empty, or not at all, where it is as it was at birth.

    `default` is what it is then; None: it means nothing then, and is as declared.
    """

    __slots__ = ("default",)

    def __init__(self, *values: str, default: str | None) -> None:
        super().__init__(*values)
        self.default = default

    def matches(self, desired: Value, live: Value) -> bool:
        return self.default in (None, desired) if live is None else bool(desired == live)


class Switch(Boolean):
    """Off where the service does not tell it."""

    __slots__ = ()

    def decode(self, wire: object) -> bool:
        return bool(super().decode(wire))


def name(of: str | Length, wire: str, *, read_as: str | None = None, fixed: Fixed = None) -> Attribute:
    """The cloud name; every kind has one. It defaults to STACK-NAME and is then not compared. `of` is the rule of its
    signs, or the kind in whose table of limits that stands."""
    return Attribute(
        "name",
        wire,
        types_of(of)("name") if isinstance(of, str) else of.type(),
        "The name in the cloud; STACK-NAME if left out.",
        read_as=read_as,
        fixed=fixed,
        samples=("conformance-one", "conformance-two"),
    )


def description(of: str | Length, wire: str = "Description", *, read_as: str | None = None) -> Attribute:
    """Most services take no empty text: what is once written can be changed, and never cleared."""
    return Attribute(
        "description",
        wire,
        types_of(of)("description") if isinstance(of, str) else of.type(),
        "What it is for.",
        read_as=read_as,
        afterwards="write another text; the service cannot clear it",
        samples=("first words", "second words"),
    )


def tags(of: str | Pairs, *, fixed: Fixed = None) -> Attribute:
    """Tags are additive: only keys that were applied before are removed (`lifecycle.exclusive: [tags]` opts in)."""
    pairs: Pairs = rule(f"{of}.tags") if isinstance(of, str) else of
    most = MOST_ON_AN_OBJECT - marks_at_most()
    return Attribute(
        "tags",
        None,
        MapOf(pairs.values.type(), pairs.keys.type(), most),
        f"Tags, beside the ones that mark ownership; at most {most}.",
        read_as=False,
        fixed=fixed,
        samples=({"team": "web"}, {"team": "db", "cost": "7"}),
    )


def tags_update() -> Update:
    """Tags are written by planner/steps.py, together with the ownership tags."""
    return Update("TagResources", ("tags",))


def resource_group() -> Attribute:
    return Attribute(
        "resource_group",
        "ResourceGroupId",
        Text(4, 64, r"^rg-[a-z0-9]+$", "the id of a resource group, like rg-acfmxazb4ph6aiy"),
        "The resource group that it belongs to.",
        samples=("rg-acfmone", "rg-acfmtwo"),
    )


def resource_group_update(resource_type: str, product: Product = Product.ECS) -> Update:
    """JoinResourceGroup of ECS, MoveResourceGroup of VPC: one object a call."""
    if product is Product.VPC:
        return Update(
            "MoveResourceGroup",
            ("resource_group",),
            wire={"resource_group": "NewResourceGroupId"},
            params={"ResourceType": resource_type},
            id="ResourceId",
        )
    return Update("JoinResourceGroup", ("resource_group",), params={"ResourceType": resource_type}, id="ResourceId")
