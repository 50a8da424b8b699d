"""The changes of a plan as nodes, and two plans held against each other node by node. Made by planner/nodes.py."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.change import Action

Fact = tuple[str, str]
"""What it is about (an attribute, or a word like `price`), and which side of it: live, planned, declared, or none."""

LIVE, PLANNED, DECLARED = "live", "planned", "declared"


class Node(Struct, frozen=True):
    """`digest` is the SHA-256 of the address and the facts, in hexadecimal.

    `id` is that of the live object, which tells several of one address apart where they go. `secret` are attributes
    whose values may not be shown.
    """

    address: Address
    action: Action
    id: str
    facts: Mapping[Fact, object]
    digest: str
    secret: frozenset[str] = frozenset()


class Standing(Enum):
    """How a node of a new plan stands to the old one; the value is the word for it."""

    CHANGED = "changed"
    NEW = "new"
    GONE = "gone"
    SAME = "same"


class FactChange(Struct, frozen=True):
    """A fact that is another one now: canonical values, None where it was not there, or is no more."""

    fact: Fact
    before: Any
    after: Any
    is_secret: bool = False


class Delta(Struct, frozen=True):
    """A node of two plans, or of one of them; `moved` are the facts in which they differ."""

    standing: Standing
    old: Node | None
    new: Node | None
    moved: tuple[FactChange, ...] = ()

    @property
    def address(self) -> Address:
        found = self.new or self.old
        assert found is not None
        return found.address
