"""Differences between two stacks. Made by planner/compare.py."""

from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.change import AttributeChange


class Difference(Struct, frozen=True):
    """One address: in both stacks with these attributes apart, or in one alone (`only_in` is 0 or 1)."""

    address: Address
    attributes: tuple[AttributeChange, ...] = ()
    only_in: int | None = None
