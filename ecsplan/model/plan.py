"""The plan: what will happen, in which order, by which calls; and the report of what did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

import msgspec
from msgspec import Struct

from ecsplan.model.address import Address
from ecsplan.model.asking import Probe
from ecsplan.model.attribute import Impact
from ecsplan.model.call import REPEATED, Call, ErrorClass
from ecsplan.model.change import Change
from ecsplan.model.diagnostic import Diagnostic, SourceRange
from ecsplan.model.gate import Gate
from ecsplan.model.kind import Kinds
from ecsplan.model.origin import Commit
from ecsplan.model.preflight import NO_PREFLIGHT, PreflightReport
from ecsplan.model.price import NO_PRICES, Prices
from ecsplan.model.reach import Reach
from ecsplan.model.recovery import Recovery
from ecsplan.model.running import Ran
from ecsplan.model.stack import Stack

Verb = Literal[
    "check", "create", "finish", "update", "run", "mark", "reboot", "stop", "start", "unmark", "restore", "release",
    "delete", "tag", "number", "gate", "pause", "drain", "drained", "undrain", "snapshot",
]  # fmt: skip


class StepId(Struct, frozen=True, order=True):
    """Unique in a plan and the same for the same input: the first address, the verb, and a number where needed."""

    address: str
    verb: str
    number: int = 0

    def __str__(self) -> str:
        return f"{self.verb} {self.address}" + (f" #{self.number}" if self.number else "")


CLOSES = "closes the window that it is in"


class Closing(Struct, frozen=True):
    """Makes a step the closing one of a window (a machine that was stopped is started again).

    It runs once every step of `after` has ended, well or not, and also while the run is being interrupted. It is due
    when one of `opened_by` took effect or may have; always, where that is empty: the window was open when the run
    began. It is not due once one of `unless` took effect or may have (the machine is being deleted).
    """

    after: tuple[StepId, ...] = ()
    opened_by: tuple[StepId, ...] = ()
    unless: tuple[StepId, ...] = ()


class Edge(Struct, frozen=True):
    """`later` waits for `earlier`, and why. `is_needed`: it must have been done; else it must only have ended."""

    earlier: StepId
    later: StepId
    why: str
    is_needed: bool = True


BRIEF = "a write to "
"""How the name of a lane begins in which one call follows the other, and not one step."""


class Step(Struct, frozen=True):
    """A node of the graph: calls that follow each other, for one or many addresses.

    One without calls is a barrier: what waits for all of a group, or of a wave, waits for it.
    `needs` have to be done before it. Steps of one `lane` never overlap; of a brief one, their calls do not. `wave`
    numbers the batches of a rolling change. `seconds` is an estimate, for the order of work and the time that the plan
    names. `sets` are the attributes that it sets, or slots of them. `why` are the reasons of `needs`, in their order.
    A `gate` has no calls: it ends when its addresses have passed its checks, or its pause is over.
    """

    id: StepId
    addresses: tuple[Address, ...]
    calls: tuple[Call, ...]
    needs: tuple[StepId, ...] = ()
    lane: str | None = None
    impacts: frozenset[Impact] = frozenset()
    wave: int = 0
    seconds: float = 1.0
    timeout: float = 1200.0
    closing: Closing | None = None
    question: Probe | None = None
    sets: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    gate: Gate | None = None

    @property
    def is_barrier(self) -> bool:
        return not self.calls and self.gate is None

    @property
    def is_lane_brief(self) -> bool:
        return self.lane is not None and self.lane.startswith(BRIEF)

    @property
    def impact(self) -> Impact:
        """The worst of them."""
        return max(self.impacts, default=Impact.NONE)

    @property
    def is_rescue(self) -> bool:
        """Whether it runs only where something fails; no call of it is expected."""
        return self.closing is not None and bool(self.closing.unless)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """What it waits for; a plan that an earlier version saved does not say why."""
        why = self.why or ("",) * len(self.needs)
        needed = [Edge(need, self.id, reason) for need, reason in zip(self.needs, why, strict=True)]
        closing = self.closing
        ended = dict.fromkeys((*closing.after, *closing.opened_by)) if closing is not None else {}
        return (*needed, *(Edge(step, self.id, CLOSES, is_needed=False) for step in ended if step not in self.needs))

    @property
    def comes_after(self) -> tuple[StepId, ...]:
        """All steps that must have ended before this one, whether or not they have to be done."""
        closing = self.closing
        return (*self.needs, *closing.after, *closing.opened_by) if closing is not None else self.needs


class Off(Struct, frozen=True):
    """A machine that is off, though nothing says that it should be.

    `by_us`: a run of ours stopped it and has not started it again; else it was found off, and nothing asks for more.
    """

    address: Address
    id: str
    why: str
    by_us: bool = True


class Guard(Struct, frozen=True):
    """Something that stops `apply` though the plan is shown: what, and how it is lifted."""

    name: str
    summary: str
    detail: str = ""
    addresses: tuple[Address, ...] = ()

    @property
    def diagnostic(self) -> Diagnostic:
        """The guard as a refusal says it: whom it is about, then what."""
        who = ", ".join(str(address) for address in self.addresses[:5])
        more = f" and {len(self.addresses) - 5} more" if len(self.addresses) > 5 else ""
        return Diagnostic(f"{who}{more}: {self.summary}" if who else self.summary, self.detail)


class Operation(Struct, frozen=True):
    """An operation by hand that a plan was made for: start, stop, reboot or reinit, with what was asked of it."""

    name: str
    addresses: tuple[str, ...]
    force: bool = False
    stop_charging: bool = False
    snapshot: str = ""
    drains: bool = True


class Asked(Struct, frozen=True):
    """What a person asked of a plan beside the stack itself; addresses as they were written. `only`: classes.

    With an `operation` the plan is of that, and not of a difference between the stack file and the cloud.
    """

    targets: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    destroy: bool = False
    refresh_full: bool = False
    only: tuple[str, ...] = ()
    on_drift: str = "revert"
    operation: Operation | None = None

    @property
    def is_part(self) -> bool:
        """Whether the plan leaves out some of what differs."""
        is_of_all = not (self.targets or self.excludes or self.only or self.operation)
        return not is_of_all or self.on_drift == "keep"


class Validity(Struct, frozen=True):
    """What bounds a saved plan: when it was made and until when it may be applied (seconds since 1970, 0 for no end),
    and the Git commit that must be checked out (empty: any)."""

    made: float = 0.0
    until: float = 0.0
    commit: str = ""


UNBOUND = Validity()


@dataclass(frozen=True, slots=True)
class Plan:
    """All that apply needs. `changes` include NOOPs; `guards` are what `apply` refuses.

    `definition` is the stack that was planned and `asked` what was asked of it: apply plans that again and refuses
    what has moved. `outputs` are canonical values. `digest` is over the content, the same for the same input.
    `live` and `calls_read`, `read_seconds` tell how the inventory was read; they are not part of the digest. Nor is
    `off`: the machines that were found off and that the plan leaves so, though the file does not say that they be.
    `left_out` are the addresses that would change, and that `--target` or `--exclude` leaves out. `preflight` is what
    the service was asked ahead, `prices` what its changes cost. `reach` is what the plan opens and closes, by the rules
    of security groups. `commits` are those of the lines that its changes come from. `valid` is what bounds it. Of a way
    back, `recoveries` say what can be had again and what cannot. `kinds` are those that it was made by: their types
    show its values.
    """

    stack: str
    region: str
    account: str | None
    changes: tuple[Change, ...]
    steps: tuple[Step, ...]
    guards: tuple[Guard, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    definition: Stack | None = None
    asked: Asked = field(default_factory=Asked)
    is_new_stack: bool = False
    digest: str = ""
    live: int = 0
    calls_read: int = 0
    read_seconds: float = 0.0
    ecsplan_version: str = ""
    off: tuple[Off, ...] = ()
    left_out: tuple[Address, ...] = ()
    preflight: PreflightReport = NO_PREFLIGHT
    prices: Prices = NO_PRICES
    reach: tuple[Reach, ...] = ()
    commits: Mapping[SourceRange, Commit] = field(default_factory=dict)
    valid: Validity = UNBOUND
    recoveries: tuple[Recovery, ...] = ()
    kinds: Kinds = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_destroy(self) -> bool:
        return self.asked.destroy

    @property
    def calls(self) -> int:
        return sum(len(step.calls) for step in self.steps if not step.is_rescue)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """What waits for what. With `steps` it is the graph of the plan; `ecsplan.graph` has it for networkx."""
        return tuple(edge for step in self.steps for edge in step.edges)

    @property
    def is_empty(self) -> bool:
        """Whether the cloud is as the stack says; a record that is out of date is no change."""
        return not self.guards and all(change.action.name == "NOOP" for change in self.changes)


class Status(Enum):
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOT_NEEDED = "not needed"  # a step for the case that another fails, and none did


class Result(Enum):
    """What became of a resource; the value is the word for it."""

    CREATED = "created"
    REPLACED = "replaced"
    UPDATED = "updated"
    DELETED = "deleted"
    ADOPTED = "adopted"
    MOVED = "moved"
    RELEASED = "released"
    FAILED = "failed"
    UNFINISHED = "not finished"
    NOT_STARTED = "not started"
    ROLLED_BACK = "rolled back"  # it failed, and has the values again that it had before
    LEFT_OUT = "left out"  # it has moved since the plan was made, or depends on what has


class Refusal(Struct, frozen=True):
    """Why one of several targets is not as it was to be; `code` and `message` are the service's, or ours."""

    code: str
    message: str


class Outcome(Struct, frozen=True):
    """What became of a step. `because` names the failed step for which it was skipped, `source` is where what it does
    is declared. `unchecked`: a question that nobody could answer, which neither passed nor failed; `code` and
    `message` say why. `refused` are those of several targets that failed, by id; empty where one answer is for all.
    `error` is what the service's refusal means, `request_ids` are those of all answers that its calls got.
    `ran` has each machine on which a command was run."""

    step: StepId
    addresses: tuple[Address, ...]
    status: Status
    code: str = ""
    message: str = ""
    request_id: str | None = None
    advice: str = ""
    because: StepId | None = None
    source: SourceRange | None = None
    unchecked: bool = False
    refused: Mapping[str, Refusal] = msgspec.field(default_factory=dict)
    error: ErrorClass | None = None
    request_ids: tuple[str, ...] = ()
    ran: tuple[Ran, ...] = ()

    @property
    def can_be_repeated(self) -> bool | None:
        """Whether the same may go well the next time, though nothing is changed for it; None without a refusal."""
        return None if self.error is None else self.error in REPEATED


class Report(Struct, frozen=True):
    """What apply did. `ids` are those that were born; `outputs` are filled where they could be.

    `results` has each resource that the plan changes. `has_effect`: something was changed, be it by a step that failed
    afterwards. `off` are the machines that are off at its end without being meant to be. `born_at`: when an answer
    named a new id. `left_out` has moved since the plan was made, or depends on what has; the value says what moved.
    `taken_back` are the members of a wave that failed and was to be rolled back: empty where they have their values
    again, else why not, or what else there is to say.
    `snapshots` were taken before what may lose data, by the ids of their disks. `is_shown`: lists show all that was
    made, and reads all that was changed.
    """

    outcomes: tuple[Outcome, ...]
    ids: Mapping[Address, str] = msgspec.field(default_factory=dict)
    outputs: Mapping[str, Any] = msgspec.field(default_factory=dict)
    interrupted: bool = False
    calls: int = 0
    seconds: float = 0.0
    off: tuple[Off, ...] = ()
    results: Mapping[Address, Result] = msgspec.field(default_factory=dict)
    has_effect: bool = False
    born_at: Mapping[str, float] = msgspec.field(default_factory=dict)
    left_out: Mapping[Address, str] = msgspec.field(default_factory=dict)
    taken_back: Mapping[Address, str] = msgspec.field(default_factory=dict)
    snapshots: Mapping[str, str] = msgspec.field(default_factory=dict)
    is_shown: bool = False

    @property
    def failed(self) -> tuple[Outcome, ...]:
        return tuple(o for o in self.outcomes if o.status is Status.FAILED)

    @property
    def skipped(self) -> tuple[Outcome, ...]:
        return tuple(o for o in self.outcomes if o.status is Status.SKIPPED)

    @property
    def is_complete(self) -> bool:
        return not self.failed and not self.skipped and not self.interrupted
