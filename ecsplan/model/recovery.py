"""Recoverability of the changes of a plan. Judged by planner/recovering.py, shown by `ecsplan rollback`."""

from enum import Enum

from msgspec import Struct

from ecsplan.model.address import Address


class Sort(Enum):
    REVERSIBLE = "reversible"
    LOSSY = "lossy"
    IMPOSSIBLE = "impossible"


class Recovery(Struct, frozen=True):
    """`attribute` is empty for the whole resource. `why` says what the way back does, or what stands in the way."""

    address: Address
    sort: Sort
    why: str
    attribute: str = ""
