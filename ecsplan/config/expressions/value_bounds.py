"""How large a single value of an expression may be. What a whole load may take is in budget.py."""

import math
from typing import Any

from ecsplan.config.syntax.faults import ExpressionError

MAXIMUM_TEXT = 65_536
MAXIMUM_ITEMS = 100_000
_LARGEST = 2**63


def too_long() -> ExpressionError:
    return ExpressionError("the result is too long", f"a string may have at most {MAXIMUM_TEXT:,} characters")


def bounded_integer(value: int) -> int:
    if not -_LARGEST <= value < _LARGEST:
        raise ExpressionError("the number is too large", "a whole number may have at most 63 bits")
    return value


def bounded_value(value: object) -> Any:
    """A value of bounded size, looked at without its members."""
    if isinstance(value, int):
        return bounded_integer(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ExpressionError("the number is too large", "write a smaller one")
    if isinstance(value, str) and len(value) > MAXIMUM_TEXT:
        raise too_long()
    if isinstance(value, (list, tuple, dict)) and len(value) > MAXIMUM_ITEMS:
        raise ExpressionError("the result is too long", f"a list may have at most {MAXIMUM_ITEMS:,} members")
    return value
