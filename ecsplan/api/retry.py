"""The one policy per class of error: what to do after a send that was refused or never answered. Pure.

Called by `client` after each failed send. Nothing else in ecsplan retries. A removal that finds nothing is
an error here on its first send: whoever asked for it treats ABSENT as done, as the plan may be older than
the cloud. From the second send on it is a success, as the first may have done it.
"""

import re
from collections.abc import Callable
from enum import Enum

from msgspec import Struct, field

from ecsplan.api.answer import BAD_ANSWER, OUTAGE
from ecsplan.api.classify import is_removal, patience
from ecsplan.model.call import ApiError, ErrorClass, Replay, Request

THROTTLE_PATIENCE = 900.0
TRANSIENT_PATIENCE = 120.0
FEW_TRIES = 5
FEWEST_TRIES = 6  # time alone is no reason to give up: a slow budget may have taken it

_FEW_TRIES_CODES = frozenset(("Mayi.InternalError", "OperationDenied.ResourceControl", "UnknownError", BAD_ANSWER))
# The service says "too often" with these, and means it by the minute.
_SLOW_CODES = frozenset(("DiskInCoolingPeriod", "EipOperation.TooFrequently", "FrequentPurchase.EIP"))


class RetryStep(Enum):
    """What the client does next."""

    RESEND = "resend"
    DONE = "done"  # the wanted state holds: the answer counts as a success
    REFRESH = "refresh"  # new credentials, then send again
    SET_CLOCK = "set_clock"  # correct the clock by the answer's date, then send again
    OTHER_SIGNATURE = "other_signature"  # sign as the service knows it, then send again
    GIVE_UP = "give_up"


class Decision(Struct, frozen=True):
    step: RetryStep
    wait: float = 0.0


class Trail(Struct):
    """What has happened to one request so far; written by `note` alone."""

    sends: int = 0
    is_lost: bool = False  # an earlier send of this write may have been carried out
    was_refreshed: bool = False
    was_clock_set: bool = False
    was_signed_otherwise: bool = False
    counts: dict[ErrorClass, int] = field(default_factory=dict)
    since: dict[ErrorClass, float] = field(default_factory=dict)

    def note(self, request: Request, error: ApiError, now: float) -> None:
        kind = error.error_class
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.since.setdefault(kind, now)
        self.is_lost = self.is_lost or (request.write and error.unknown_outcome)
        # Any other word from the service means that the key was good: it may expire once more.
        self.was_refreshed = self.was_refreshed and kind is ErrorClass.AUTH_REFRESH


def decide(request: Request, error: ApiError, trail: Trail, now: float, roll: float) -> Decision:
    """After `trail.note`; `roll` in [0, 1) is the jitter."""
    policy = _POLICIES.get(error.error_class, _fatal)
    return policy(request, error, trail, now - trail.since[error.error_class], roll)


GIVE_UP = Decision(RetryStep.GIVE_UP)


def _throttle(request: Request, error: ApiError, trail: Trail, elapsed: float, roll: float) -> Decision:
    # No wait of its own: the budget of the action makes every worker wait, this one too.
    return Decision(RetryStep.RESEND) if elapsed < THROTTLE_PATIENCE else GIVE_UP


def _transient(request: Request, error: ApiError, trail: Trail, elapsed: float, roll: float) -> Decision:
    if request.write and request.replay is Replay.NEVER and error.unknown_outcome:
        return GIVE_UP
    tries = trail.counts[ErrorClass.TRANSIENT]
    has_token = request.write and request.replay is Replay.TOKEN
    if error.code in _FEW_TRIES_CODES and tries >= FEW_TRIES and not (error.code == "UnknownError" and has_token):
        return GIVE_UP
    # An outage has been waited out at the gate already.
    if error.code == OUTAGE or (elapsed >= TRANSIENT_PATIENCE and tries >= FEWEST_TRIES):
        return GIVE_UP
    return Decision(RetryStep.RESEND, _growing(0.25, 2.0, 5.0, tries, roll))


def _busy(request: Request, error: ApiError, trail: Trail, elapsed: float, roll: float) -> Decision:
    known = patience(request.operation, error.code, error.status, error.message)
    left = min(request.conflict_deadline, known or request.conflict_deadline) - elapsed
    if left <= 0:
        return GIVE_UP
    tries = trail.counts[error.error_class]
    first, longest = (5.0, 30.0) if error.code in _SLOW_CODES else (0.25, 5.0)
    # The last try comes at the deadline itself: the object may just have settled.
    return Decision(RetryStep.RESEND, min(left, _growing(first, 1.5, longest, tries, roll)))


def _new_token(request: Request, error: ApiError, trail: Trail, elapsed: float, roll: float) -> Decision:
    # What an earlier send may have made would be made a second time under another token: then it is waited for.
    is_bound = trail.is_lost or request.client_token is None
    return _busy(request, error, trail, elapsed, roll) if is_bound else GIVE_UP


def _done(request: Request, error: ApiError, trail: Trail, elapsed: float, roll: float) -> Decision:
    return Decision(RetryStep.DONE) if request.write else GIVE_UP


def _absent(request: Request, error: ApiError, trail: Trail, elapsed: float, roll: float) -> Decision:
    may_be_ours = request.write and request.replay is not Replay.NEVER and trail.sends >= 2
    is_done = may_be_ours and is_removal(request.operation) and not _names_several(request)
    return Decision(RetryStep.DONE) if is_done else GIVE_UP


def _names_several(request: Request) -> bool:
    """One of several that is gone refuses the whole call: the others are still there."""
    return any(
        len(value) > 1 if isinstance(value, (list, tuple)) else str(value).startswith("[") and "," in str(value)
        for value in request.params.values()
    )


def _already(request: Request, error: ApiError, trail: Trail, elapsed: float, roll: float) -> Decision:
    # Only after a lost answer: else somebody else has made it so, and the caller must look.
    return Decision(RetryStep.DONE) if trail.is_lost and request.replay is Replay.NATURAL else GIVE_UP


def _refresh(request: Request, error: ApiError, trail: Trail, elapsed: float, roll: float) -> Decision:
    return GIVE_UP if trail.was_refreshed else Decision(RetryStep.REFRESH)


def _clock(request: Request, error: ApiError, trail: Trail, elapsed: float, roll: float) -> Decision:
    return GIVE_UP if trail.was_clock_set else Decision(RetryStep.SET_CLOCK)


def _fatal(request: Request, error: ApiError, trail: Trail, elapsed: float, roll: float) -> Decision:
    if is_unknown_signature(error) and not trail.was_signed_otherwise:
        return Decision(RetryStep.OTHER_SIGNATURE)
    # A wrong signature has one innocent cause.
    if error.code == "SignatureDoesNotMatch":
        return _clock(request, error, trail, elapsed, roll)
    return GIVE_UP


_UNKNOWN_SIGNATURE = frozenset(
    f"{what}{part}"
    for what in ("Missing", "Invalid", "Unsupported")
    for part in ("SignatureVersion", "SignatureMethod", "Signature", "AccessKeyId", "Action", "Version")
) - {"InvalidAction", "InvalidVersion", "InvalidSignature"}
_NAMED = re.compile(r"AccessKeyId|Signature(Method|Version|Nonce)?\b|\bAction\b|\bVersion\b")


def is_unknown_signature(error: ApiError) -> bool:
    """Whether the service looks for what the other signature version sends: its parameters, or its headers."""
    if error.code in _UNKNOWN_SIGNATURE:
        return True
    return error.code == "MissingParameter" and _NAMED.search(error.message) is not None


_Policy = Callable[[Request, ApiError, Trail, float, float], Decision]

_POLICIES: dict[ErrorClass, _Policy] = {
    ErrorClass.THROTTLE: _throttle,
    ErrorClass.TRANSIENT: _transient,
    ErrorClass.CONFLICT: _busy,
    ErrorClass.IN_PROGRESS: _busy,
    ErrorClass.NEW_TOKEN: _new_token,
    ErrorClass.ABSENT: _absent,
    ErrorClass.DONE: _done,
    ErrorClass.ALREADY: _already,
    ErrorClass.AUTH_REFRESH: _refresh,
    ErrorClass.CLOCK: _clock,
    ErrorClass.DENIED: _fatal,
}


def _growing(first: float, factor: float, longest: float, tries: int, roll: float) -> float:
    """Exponential, then between a half and the whole of it, so that workers do not march in step."""
    full: float = min(longest, first * factor ** min(tries - 1, 30))
    return full * (0.5 + 0.5 * roll)
