"""Holds answers, as they came, against the shape table: what differs is told in types and places, never in values.

Used by `doctor`. Names of members are part of the API where the table has an object; where it has anything, nothing
below is looked at.
"""

import re
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

from ecsplan.api.shapes import Shape, kind_of, table
from ecsplan.model.doctor import Conformance, Deviation

_WORDS = {"s": "a string", "i": "a whole number", "f": "a number", "b": "a boolean"}
_TYPES: Mapping[str, tuple[type, ...]] = {"s": (str,), "i": (int,), "f": (int, float), "b": (bool,)}
# A member of another name may be a key that the user has chosen.
_MEMBER = re.compile(r"[A-Z][A-Za-z0-9]{0,63}")
ABSENT = "absent"

_Key = tuple[str, str, str]  # operation, path, problem


class Comparison:
    """Takes in answers, from any thread, and tells in the end what differed."""

    def __init__(self) -> None:
        self._answers: Counter[str] = Counter()
        self._found: Counter[_Key] = Counter()
        self._seen: Counter[tuple[str, str]] = Counter()  # objects by operation and path
        self._members: Counter[tuple[str, str, str]] = Counter()  # members of them
        self._shapes: dict[tuple[str, str], Mapping[str, Shape]] = {}
        self._lock = threading.Lock()

    def take(self, operation: str, answer: Mapping[str, Any]) -> None:
        shape = table().get(operation)
        with self._lock:
            self._answers[operation] += 1
            if shape is None:
                self._found[operation, "", "is in no table"] += 1
            else:
                self._look(operation, "", answer, shape)

    def result(self) -> Conformance:
        with self._lock:
            absent = Counter(
                {
                    (operation, _under(path, name), ABSENT): seen - self._members[operation, path, name]
                    for (operation, path), seen in self._seen.items()
                    for name in self._shapes[operation, path]
                }
            )
            found = [
                Deviation(operation, path, problem, count, self._whole(operation, path))
                for (operation, path, problem), count in (self._found + absent).items()
            ]
            return Conformance(dict(sorted(self._answers.items())), tuple(sorted(found)))

    def _whole(self, operation: str, path: str) -> int:
        """How many objects there were that could have had the member at `path`."""
        return self._seen[operation, path.rpartition(".")[0].removesuffix("[]")] or self._answers[operation]

    def _look(self, operation: str, path: str, value: Any, shape: Shape) -> None:
        if shape == "*":
            return
        if isinstance(shape, list):
            self._look_in_list(operation, path, value, shape[0])
        elif isinstance(shape, dict):
            self._look_in_object(operation, path, value, shape)
        elif not _fits(value, shape):
            self._found[operation, path, f"{kind_of(value)}, documented as {_WORDS[shape]}"] += 1

    def _look_in_list(self, operation: str, path: str, value: Any, shape: Shape) -> None:
        if not isinstance(value, list):
            self._found[operation, path, f"{kind_of(value)}, documented as a list"] += 1
            return
        for item in value:
            self._look(operation, f"{path}[]", item, shape)

    def _look_in_object(self, operation: str, path: str, value: Any, shape: Mapping[str, Shape]) -> None:
        if not isinstance(value, Mapping):
            self._found[operation, path, f"{kind_of(value)}, documented as an object"] += 1
            return
        self._seen[operation, path] += 1
        self._shapes[operation, path] = shape
        for name, member in value.items():
            if name in shape:
                self._members[operation, path, name] += 1
                self._look(operation, _under(path, name), member, shape[name])
            else:
                told = name if _MEMBER.fullmatch(name) else "(a name of no member)"
                self._found[operation, _under(path, told), f"{kind_of(member)}, documented nowhere"] += 1


def _fits(value: Any, shape: str) -> bool:
    if isinstance(value, bool):
        return shape == "b"
    return isinstance(value, _TYPES[shape])


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
