"""Stacks as the marks on live objects tell them: what lives, and where it was applied from is not known."""

from collections.abc import Mapping

from msgspec import Struct


class LiveStack(Struct, frozen=True):
    """A stack in one region: how many objects it owns there, by kind. A disk inside a machine is not counted."""

    name: str
    region: str
    kinds: Mapping[str, int]

    @property
    def count(self) -> int:
        return sum(self.kinds.values())
