"""The documented members of each answer, and an answer fitted to them. Pure, but for the table that is read once.

Called by `client` for every answer, so that nobody behind it meets a value of another type than documented: numbers in
digits become numbers, null lists become empty ones, and what fits in no way is a BadAnswer that names its place. What
is documented nowhere stays as it is.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from ecsplan.api.unread import UNREAD, name_machines
from ecsplan.model.call import BadAnswer

Shape = Any
"""`s i f b`: string, whole number, number, boolean; a mapping of members; a list of one shape; `*`: anything.

An answer is fitted to a shape whose letters are Python types (`object` for anything)."""

_WHOLE, _NUMBER = re.compile(r"-?[0-9]{1,18}"), re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?")
_WORDS: Mapping[type, str] = {str: "a string", int: "a whole number", float: "a number", bool: "a boolean"}
_TYPES: Mapping[str, type] = {"s": str, "i": int, "f": float, "b": bool, "*": object}
_DROPPED = None  # stands in a shape for a member that nothing reads


@cache
def table() -> Mapping[str, Shape]:
    """The shape of each action that ecsplan calls. Made by tests/api/make_shapes.py of the API's own files."""
    text = files("ecsplan.api").joinpath("shapes.json").read_text(encoding="utf-8")
    found: Mapping[str, Shape] = json.loads(text)
    return found


@cache
def _lean(operation: str) -> Shape:
    """The shape of an action in types, less what nothing reads."""
    shape = table().get(operation)
    return None if shape is None else _without(shape, UNREAD.get(operation, frozenset()))


def _without(shape: Shape, names: frozenset[str]) -> Shape:
    if isinstance(shape, list):
        return [_without(shape[0], names)]
    if not isinstance(shape, Mapping):
        return _TYPES[shape]
    return {name: _DROPPED if name in names else _without(inner, names) for name, inner in shape.items()}


def fitted(operation: str, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer, or a copy of the types that are documented, without what nothing reads. What is equal inside of its
    items is one object: nobody may change it.

    Raises BadAnswer for what is something else.
    """
    shape = _lean(operation)
    if shape is None:
        return answer
    if operation == "DescribeDisks":
        name_machines(answer)
    try:
        fit: Mapping[str, Any] = _fit(answer, shape, _Last())
        return fit
    except _Misfit as misfit:
        whose = f" of {misfit.owner}" if misfit.owner else ""
        # The service has answered a success: what it could not say, a write has done all the same.
        raise BadAnswer(operation, f"{misfit.place}{whose} {misfit.problem}", unknown_outcome=True) from None


class _Misfit(ValueError):
    """Where in the answer, of which object, and what is wrong; never the value, which may be a secret."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem, self.place, self.owner = problem, "", ""

    def inside(self, name: str) -> None:
        """The place is told from the inside out."""
        self.place = name + ("." if self.place and not self.place.startswith("[") else "") + self.place


class _Last:
    """The shared values of the items of one answer: equal texts, and by its shape, of each object inside of an item,
    what came last, and what it was fitted to."""

    __slots__ = ("objects", "texts")

    def __init__(self) -> None:
        self.objects: dict[int, tuple[Any, Any]] = {}
        self.texts: dict[str, str] = {}


def _fit(value: Any, shape: Shape, last: _Last) -> Any:
    if type(shape) is dict:
        return _object(value, shape, last)
    if type(shape) is list:
        return _list(value, shape[0], last)
    return value if value is None or shape is object else _scalar(value, shape)


def _object(value: Any, shape: Mapping[str, Shape], last: _Last) -> Mapping[str, Any]:
    if type(value) is not dict:
        if value is None:
            return {}
        raise _Misfit(f"is {kind_of(value)}, not an object")
    copy: dict[str, Any] = {}
    share = last.texts.setdefault
    for name, member in value.items():
        found = type(member)
        wanted = shape.get(name, found)  # what is documented nowhere is as it should be
        # Nearly all members of tens of thousands of objects are as documented, and most of their texts are the same.
        if found is wanted:
            copy[name] = share(member, member) if found is str else member
        elif wanted is not _DROPPED:
            copy[name] = _member(name, member, wanted, last, value)
    return copy


def _member(name: str, member: Any, wanted: Shape, last: _Last, owner: Mapping[str, Any]) -> Any:
    # Tags, locks and options are alike in most items: to compare them is cheaper than to fit and keep them all.
    came, fit = last.objects.get(id(wanted), _NOTHING)
    if came is not None and came == member:
        return fit
    try:
        fit = _fit(member, wanted, last)
    except _Misfit as misfit:
        misfit.inside(name)
        misfit.owner = misfit.owner or _name_of(owner)
        raise
    if type(wanted) is dict:
        last.objects[id(wanted)] = (member, fit)
    return fit


def _list(value: Any, shape: Shape, last: _Last) -> list[Any]:
    if type(value) is not list:
        if value is None:
            return []
        raise _Misfit(f"is {kind_of(value)}, not a list")
    fit = []
    for number, item in enumerate(value):
        try:
            fit.append(_fit(item, shape, last))
        except _Misfit as misfit:
            misfit.inside(f"[{number}]")
            raise
    return fit


def _scalar(value: Any, shape: type) -> Any:
    if type(value) is shape:
        return value
    if isinstance(value, (dict, list)):
        raise _Misfit(f"is {kind_of(value)}, not {_WORDS[shape]}")
    if value == "" and shape is not str:
        return None
    fit = _CONVERTED[shape](value)
    if fit is None:
        raise _Misfit(f"is {kind_of(value)} that is not {_WORDS[shape]}")
    return fit


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _whole(value: Any) -> int | None:
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value) else None
    return int(value) if float(value).is_integer() else None


def _number(value: Any) -> float | int | None:
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else None
    return value if not isinstance(value, bool) else None


def _boolean(value: Any) -> bool | None:
    return {"true": True, "false": False, "1": True, "0": False}.get(str(value).lower())


_NOTHING = (None, None)
_NO_NAMES = ("RegionId", "RequestId", "ZoneId", "OwnerId")
_CONVERTED: Mapping[type, Callable[[Any], Any]] = {str: _text, int: _whole, float: _number, bool: _boolean}


def _name_of(value: Mapping[str, Any]) -> str:
    """The id of the object that a member belongs to, where it has one."""
    ids = (value[name] for name in value if name.endswith(("Id", "Name")) and name not in _NO_NAMES)
    return next((one for one in ids if isinstance(one, str) and one), "")


def kind_of(value: Any) -> str:
    """The type of a value of an answer, in the words of JSON; never the value, which may be a secret."""
    if isinstance(value, bool):
        return "a boolean"
    names = ((str, "a string"), (int | float, "a number"), (Mapping, "an object"), (list | tuple, "a list"))
    return next((name for kind, name in names if isinstance(value, kind)), "null")
