"""Drift: changes in the cloud since the last apply, apart from those that the file asks for. Made by planner/."""

from dataclasses import dataclass, field
from enum import Enum

from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.change import Change
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.kind import Kinds
from ecsplan.model.plan import Off


class Moved(Enum):
    """What happened to an address behind the stack's back."""

    CHANGED = "changed"
    DELETED = "deleted"  # it was applied once, and is gone
    MISSING = "missing"  # it is not there, and no record tells whether it ever was
    DISOWNED = "disowned"  # it is there, without the tags that say whose it is
    STRANGER = "stranger"  # it carries the tags of a group, and is no member of it


class DriftFinding(Struct, frozen=True):
    """One thing that moved. `change` holds the lines that moved, and only those; `detail` says how it is known."""

    address: Address
    moved: Moved
    id: str = ""
    change: Change | None = None
    detail: str = ""


class Unchecked(Struct, frozen=True):
    """A declared attribute (`instance.user_data`) that could not be held against the cloud, and of which resources."""

    attribute: str
    addresses: tuple[Address, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Drift:
    """`pending` is what the next apply would do besides putting the findings right.

    `unchecked` is neither drift nor the absence of it. `off` are machines that are off though the file does not say so.
    """

    stack: str
    region: str
    account: str
    findings: tuple[DriftFinding, ...]
    pending: tuple[Change, ...]
    warnings: tuple[Diagnostic, ...] = ()
    live: int = 0
    calls_read: int = 0
    read_seconds: float = 0.0
    unchecked: tuple[Unchecked, ...] = ()
    off: tuple[Off, ...] = ()
    kinds: Kinds = field(default_factory=dict, compare=False, repr=False)
