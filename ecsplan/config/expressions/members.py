"""The members of lists, mappings and texts, as every way of writing an expression reaches them."""

from collections.abc import Mapping

from ecsplan.model.diagnostic import Words
from ecsplan.model.spelling import near

NO_MEMBER = object()


def member(holder: object, key: object) -> object:
    """`holder[key]`, or `holder.key` with a text as key; NO_MEMBER where there is none.

    YAML's keys are texts here: `m[80]` finds what is written as `80: x`.
    """
    if isinstance(key, bool):
        return NO_MEMBER
    if isinstance(holder, Mapping):
        return holder.get(str(key), NO_MEMBER) if isinstance(key, (str, int)) else NO_MEMBER
    if isinstance(holder, (list, tuple, str)) and isinstance(key, (int, slice)):
        try:
            return holder[key]
        except IndexError:
            return NO_MEMBER
    return NO_MEMBER


def known_members(holder: object, key: object) -> Words:
    """What could be asked for instead, for the detail of a message."""
    if isinstance(holder, Mapping):
        return near(str(key), map(str, holder), "members")
    if isinstance(holder, (list, tuple, str)) and isinstance(key, int):
        return f"it has {len(holder)} members, counted from 0"
    if isinstance(holder, str):
        return "it is a string"
    if isinstance(holder, (list, tuple)):
        return f"it is a list of {len(holder)} members, counted from 0"
    return "only lists, mappings and strings have members"
