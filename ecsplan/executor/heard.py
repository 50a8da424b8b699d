"""Calls whose effect does not show in what they wait for: was one heard, and may it be sent again? See model Trace.

A machine that runs may have been rebooted or not; a disk that is in use may have been put back or not. So the status
that it waits for proves nothing: only one that is under way does. Used by sending.py.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from ecsplan.model.call import ApiError, Call, Wait, until


class Reads(Protocol):
    def read(self, kind: str, ids: list[str]) -> Mapping[str, Mapping[str, Any]]: ...


def effect_of(call: Call) -> Wait | None:
    """What shows that a call needs no second send."""
    return until(*call.trace.under_way) if call.trace is not None else call.wait


def may_be_sent_again(cloud: Reads, call: Call) -> bool:
    """After a lost answer: whether a second send does no harm. Not where that cannot be told."""
    if call.trace is None:
        return True
    try:
        return all(
            str(cloud.read(kind, [target]).get(target, {}).get(field) or "") == value
            for kind, target, field, value in call.trace.safe_while
        )
    except ApiError:
        return False
