"""The means of a run, and a step that is under way. Used by run.py, sending.py and others."""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from ecsplan.executor.blind import Tagged
from ecsplan.executor.fill import Filler
from ecsplan.executor.finding import Search
from ecsplan.executor.gating import Watch
from ecsplan.executor.journal import Journal
from ecsplan.model.asking import Answer
from ecsplan.model.call import ApiError, Call
from ecsplan.model.clock import Clock
from ecsplan.model.plan import Refusal, Step
from ecsplan.provider.protocol import Carrier

if TYPE_CHECKING:
    from ecsplan.executor.commanding import Running

Event = Mapping[str, Any]


class Means(Struct, frozen=True):
    """What a run is given: the way to the cloud, the clock, and whom to tell.

    `decode(kind, raw)` answers the attributes of a raw object. `may_write` is asked before a
    write and answers why not (the lock is lost), or None. `is_stopped`: somebody asked for no new call. `executor`
    bounds how many calls are under way. `tagged` reads the list of a kind again, `search` what it has under some
    parameters. `salt` sets the client tokens of this life of the stack apart from those of earlier ones, where this
    machine knows of any. `watch` makes what a gate is watched with. `hidden` are the
    secrets that the stack names, to be kept out of what commands say.
    """

    cloud: Carrier
    decode: Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
    name_field: Callable[[str], str]
    clock: Clock
    executor: Executor
    parallelism: int
    journal: Journal
    filler: Filler
    is_stopped: Callable[[], bool]
    tell: Callable[[Event], None]
    may_write: Callable[[], str | None]
    tagged: Tagged
    salt: str = ""
    search: Search = lambda kind, params: ()
    watch: Callable[[Step], Watch] | None = None
    hidden: Callable[[], Collection[str]] = tuple


class Job(Struct):
    """A step under way: which of its calls, which attempt, and since when it has been trying.

    `answers` are those to its questions. `problem` is a refusal for some of its targets, told once the others are
    through. `is_unlocked`: it closes a window although the lock is lost; another run may be at work.
    """

    step: Step
    call_number: int = 0
    attempt: int = 0
    renewals: int = 0  # of its client token, after refusals that the service replays
    started: float = 0.0
    unseen_since: float | None = None
    answers: list[Answer] = field(default_factory=list)
    problem: ApiError | None = None
    is_unlocked: bool = False
    is_cut: bool = False  # the run was told to stop: what is under way is not sent again
    told: dict[str, float] = field(default_factory=dict)  # when it was told last that it is retried, by code
    refused: dict[str, Refusal] = field(default_factory=dict)
    request_ids: list[str] = field(default_factory=list)  # of its answers
    watch: "Watch | Running | None" = None  # of a gate, or of a command
    bell: "Future[None] | None" = None  # of a call in a brief lane: it rings when that is refused as busy

    @property
    def call(self) -> Call:
        return self.step.calls[self.call_number]

    def ring(self) -> None:
        """By the worker that sends the call: others of its lane need not wait for it now."""
        bell = self.bell
        if bell is not None and not bell.done():
            bell.set_result(None)

    def left_behind(self, ids: Collection[str], code: str, message: str) -> None:
        """Of several targets, these did not get where they were to go."""
        if len(self.call.targets) > 1:
            self.refused |= dict.fromkeys(ids, Refusal(code, message))
