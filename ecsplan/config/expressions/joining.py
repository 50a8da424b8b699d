"""Puts known and unknown parts of one text together: a Template or a Secret where a part is not to be had now."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from ecsplan.config.expressions.value_bounds import MAXIMUM_TEXT, too_long
from ecsplan.config.syntax.budget import Budget
from ecsplan.config.syntax.faults import ExpressionError
from ecsplan.model.address import Ref, Secret, Template

MAXIMUM_PARTS = 5_000


def joined(parts: Sequence[Any], budget: Budget) -> Any:
    """One text, or a Template or Secret where a part is not known or not to be shown; bounded before it is made."""
    if len(parts) <= MAXIMUM_PARTS and all(type(part) is str for part in parts):  # nearly all
        characters = sum(map(len, parts))
        if characters > MAXIMUM_TEXT:
            raise too_long()
        budget.take("characters", characters)
        return "".join(parts)
    if sum(map(_size, parts)) > MAXIMUM_TEXT:
        raise too_long()
    secrets = [part for part in parts if isinstance(part, Secret)]
    flat = [inner for part in parts for inner in _inside(part)]
    if len(flat) > MAXIMUM_PARTS:
        raise ExpressionError(
            "the string has too many parts", f"at most {MAXIMUM_PARTS:,} expressions and strings between"
        )
    budget.take("characters", sum(map(_size, flat)))
    refs = [part for part in flat if isinstance(part, Ref)]
    if secrets and refs:
        detail = "give the secret an attribute of its own"
        raise ExpressionError("a string cannot hold both a secret and a value known only after apply", detail)
    if secrets:
        return Secret(max(part.version for part in secrets), template=tuple(_together(flat)))
    if refs:
        return Template(tuple(_together(flat)))
    return "".join(flat)


def _inside(part: object) -> Sequence[Any]:
    """A text that was itself put together, in its parts: texts inside texts would grow by powers."""
    if isinstance(part, Template):
        return part.parts
    return part.template if isinstance(part, Secret) and part.template else (part,)


def _size(part: object) -> int:
    """Characters of a part that are known now."""
    return sum(len(inner) for inner in _inside(part) if isinstance(inner, str))


def _together(parts: list[Any]) -> list[Any]:
    """Neighbouring texts as one."""
    found: list[object] = []
    for is_text, group in groupby(parts, lambda part: isinstance(part, str)):
        members = list(group)
        found += ["".join(members)] if is_text else members
    return found
