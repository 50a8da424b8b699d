"""Questions to the service ahead of a change: would it be carried out? Nothing is stopped or deleted before they pass.

Kinds make them of a change, steps of a plan carry them, apply sends them. They only read, or are dry runs.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from enum import Enum
from typing import Any

from msgspec import Struct

from ecsplan.model.call import ApiError, Call, ErrorClass

Answer = Mapping[str, Any] | ApiError
Answers = Sequence[Answer]


class Checked(Enum):
    PASSED = "passed"
    REFUSED = "refused"
    UNCHECKED = "unchecked"  # nobody could look; that is neither a pass nor a failure


class Verdict(Struct, frozen=True):
    """What the answers mean. `code` and `message` say what stands against the change, or why nobody could look."""

    finding: Checked
    code: str = ""
    message: str = ""
    advice: str = ""


PASSED = Verdict(Checked.PASSED)


class Probe(Struct, frozen=True):
    """All of `calls` are sent, in order, and `judge` gets one answer for each.

    Questions of one `shape` have the same answer: a thousand alike machines are asked about once.
    """

    shape: tuple[Hashable, ...]
    calls: tuple[Call, ...]
    judge: Callable[[Answers], Verdict]


# A dry run that ends with one of these has not come as far as to look at what matters.
_NOT_EVALUATED = (
    ErrorClass.THROTTLE,
    ErrorClass.TRANSIENT,
    ErrorClass.CONFLICT,
    ErrorClass.IN_PROGRESS,
    ErrorClass.NEW_TOKEN,
    ErrorClass.AUTH_REFRESH,
    ErrorClass.CLOCK,
)
_NOT_LET_IN = (ErrorClass.THROTTLE, ErrorClass.TRANSIENT, ErrorClass.AUTH_REFRESH, ErrorClass.CLOCK)
_STATUS_CODES = ("InvalidInstanceStatus.NotStopped", "InvalidStatus.ValueNotSupported", "DryRun.InvalidAmount")
# Words in codes of refusals that are for the sake of something which goes before: its room, its name, its address.
_IN_THE_WAY = ("Quota", "LimitExceed", "IpNotEnough", "Exhausted", "Duplicat", "AlreadyExist", "AlreadyUsed", "Overlap")


def dry_run(answers: Answers, *, frees_room: bool = False) -> Verdict:
    """The verdict of one dry run. Its success is an error; a refusal has the code of the real call.

    A machine that runs is refused for its status before anything else is looked at: that tells nothing. With
    `frees_room`, neither does a quota that is used up or a name that is taken: something goes before the new one comes.
    """
    (answer,) = answers
    if not isinstance(answer, ApiError) or answer.error_class in (ErrorClass.DRY_RUN, ErrorClass.DONE):
        return PASSED
    if answer.error_class in _NOT_EVALUATED or answer.code in _STATUS_CODES:
        return unchecked(answer)
    if frees_room and any(word in answer.code for word in _IN_THE_WAY):
        return unchecked(answer)
    return Verdict(Checked.REFUSED, answer.code, answer.message)


def permitted(answers: Answers) -> Verdict:
    """Whether the key may call it, as a dry run tells: a refusal for anything else (a status, something in the way) is
    no answer to that, and may be over by then."""
    (answer,) = answers
    if isinstance(answer, ApiError) and answer.error_class is ErrorClass.DENIED:
        return refused(answer.code, answer.message)
    return unchecked(answer) if isinstance(answer, ApiError) and answer.error_class in _NOT_LET_IN else PASSED


def unchecked(error: ApiError) -> Verdict:
    return Verdict(Checked.UNCHECKED, error.code, error.message)


def refused(code: str, message: str, advice: str = "") -> Verdict:
    return Verdict(Checked.REFUSED, code, message, advice)
