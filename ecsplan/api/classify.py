"""From an error code to what a client should do about it: named facts, then general rules, then the HTTP status.

Called by `answer` and `retry`; the facts are in `codes`. The code decides, the message only where `codes` says so.
"""

import re
from collections.abc import Iterator

from ecsplan.api.codes import (
    FACTS,
    INFIXES,
    MISMATCH_PATTERN,
    NEVER_THERE_PATTERN,
    PREFIXES,
    REMOVALS,
    RENEWING,
    STATUS_PATTERN,
    SUFFIXES,
    Fact,
)
from ecsplan.model.call import ErrorClass, RefusalCause

_STATUS, _MISMATCH, _NEVER_THERE = map(re.compile, (STATUS_PATTERN, MISMATCH_PATTERN, NEVER_THERE_PATTERN))


def _by_code() -> dict[str, list[Fact]]:
    """The facts of each code, in lower case; those that hold for fewer cases first."""
    found: dict[str, list[Fact]] = {}
    for fact in FACTS:
        for code in fact.codes:
            found.setdefault(code.lower(), []).append(fact)
    for facts in found.values():
        facts.sort(key=lambda fact: -(4 * bool(fact.words) + 2 * bool(fact.actions) + (fact.status is not None)))
    return found


_FACTS_OF = _by_code()


def classify(operation: str, code: str, status: int | None, message: str = "") -> ErrorClass:
    """The class of a refusal; `status` speaks only where neither a fact nor a rule does."""
    kind = _meaning(operation, code, status, message)
    return ErrorClass.NEW_TOKEN if kind is ErrorClass.CONFLICT and operation in RENEWING else kind


def _meaning(operation: str, code: str, status: int | None, message: str) -> ErrorClass:
    fact = _fact_of(operation, code, status, message)
    if fact is not None:
        return fact.kind
    if RefusalCause.HELD.fits(code):
        # What hangs on it may still be vanishing; when nothing is being removed it will stay so.
        return ErrorClass.CONFLICT if is_removal(operation) else ErrorClass.FATAL
    return by_rule(code) or _by_status(status)


def patience(operation: str, code: str, status: int | None, message: str = "") -> float | None:
    """How long, in seconds, it is worth waiting for a busy object; None: as long as the caller has."""
    fact = _fact_of(operation, code, status, message)
    return fact.patience if fact is not None else None


def by_rule(code: str) -> ErrorClass | None:
    """What the shape of a code says, without any table of names."""
    if _NEVER_THERE.search(code) or _MISMATCH.search(code):
        return ErrorClass.FATAL
    rules: Iterator[ErrorClass] = (
        kind
        for test, table in ((str.startswith, PREFIXES), (str.__contains__, INFIXES), (str.endswith, SUFFIXES))
        for part, kind in table
        if test(code, part)
    )
    return ErrorClass.CONFLICT if _STATUS.match(code) else next(rules, None)


def is_removal(operation: str) -> bool:
    """Whether the call takes something away, so that finding it gone is what was wanted."""
    return operation.startswith(REMOVALS)


def _fact_of(operation: str, code: str, status: int | None, message: str) -> Fact | None:
    lowered = message.lower()
    facts = (*_FACTS_OF.get(code.lower(), ()), *_FACTS_OF["*"])
    return next((fact for fact in facts if _holds(fact, operation, status, lowered)), None)


def _holds(fact: Fact, operation: str, status: int | None, message: str) -> bool:
    return (
        (not fact.actions or operation in fact.actions)
        and (fact.status is None or fact.status == status)
        and fact.words in message
    )


def _by_status(status: int | None) -> ErrorClass:
    if status == 429:
        return ErrorClass.THROTTLE
    # No status at all is no answer at all.
    if status is None or status >= 500:
        return ErrorClass.TRANSIENT
    return ErrorClass.FATAL
