"""Attributes and updates that many kinds have: name, description, tags, resource group. Used by kinds only."""

from typing import Any

from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Product
from ecsplan.model.composites import MapOf
from ecsplan.model.kind import Update
from ecsplan.model.values import Mistake, Text

NAME = Text(2, 128, r"^(?!https?://)[A-Za-z\u4e00-\u9fff]", "a name of 2 to 128 characters that starts with a letter")
DESCRIPTION = Text(
    2, 256, r"^(?!https?://)", "a text of 2 to 256 characters that does not start with http:// or https://"
)
MOST_TAGS = 16


def name(wire: str, *, read_as: str | None = None) -> Attribute:
    """The cloud name; every kind has one. It defaults to STACK-NAME and is then not compared."""
    return Attribute(
        "name",
        wire,
        NAME,
        "The name in the cloud; STACK-NAME if left out.",
        read_as=read_as,
        samples=("conformance-one", "conformance-two"),
    )


def description(wire: str = "Description") -> Attribute:
    """Most services take no empty text: what is once written can be changed, and never cleared."""
    return Attribute(
        "description",
        wire,
        DESCRIPTION,
        "What it is for.",
        afterwards="write another text; the service cannot clear it",
        samples=("first words", "second words"),
    )


class Tags(MapOf):
    """The service takes 20 on a resource; the rest is ours (`ecsplan:stack` and its like)."""

    __slots__ = ()

    def parse(self, value: Any) -> tuple[tuple[str, Any], ...]:
        parsed = super().parse(value)
        if len(parsed) > MOST_TAGS:
            raise Mistake(f"{len(parsed)} tags are too many", f"write at most {MOST_TAGS}")
        return parsed


def tags() -> Attribute:
    """Tags are additive: only keys that were applied before are removed (`lifecycle.exclusive: [tags]` opts in)."""
    return Attribute(
        "tags",
        None,
        Tags(
            Text(0, 128),
            Text(1, 128, r"^(?!aliyun|acs:|https?://|ecsplan:)", "a tag key of 1 to 128 characters, not a system one"),
        ),
        "Tags, beside the ones that mark ownership; at most 16.",
        read_as=False,
        samples=({"team": "web"}, {"team": "db", "cost": "7"}),
    )


def tags_update() -> Update:
    """Tags are written by plan/steps.py, together with the ownership tags."""
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
