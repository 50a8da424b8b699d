"""Findings about an account: checks, and differences between its answers and the documents of the API."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from msgspec import Struct, field


class Health(Enum):
    """The value is the word for it."""

    OK = "ok"
    WARNING = "warning"  # works, and may surprise
    PROBLEM = "problem"  # a plan or an apply will fail
    UNKNOWN = "unknown"  # could not be found out


class DoctorCheck(Struct, frozen=True):
    """One thing that was looked at. `facts` are for programs: plain values."""

    name: str
    health: Health
    summary: str
    advice: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class Deviation(Struct, frozen=True, order=True):
    """How answers of an operation differ from the shape table; never a value. `path` has `[]` for a place in a list.

    `count` is how many objects at that path differ so, `of` how many were looked at.
    """

    operation: str
    path: str
    problem: str
    count: int
    of: int


class Conformance(Struct, frozen=True):
    """`answers` counts the answers that were held against the table, by operation."""

    answers: Mapping[str, int]
    deviations: tuple[Deviation, ...]


class Diagnosis(Struct, frozen=True):
    region: str
    checks: tuple[DoctorCheck, ...]
    conformance: Conformance | None = None

    @property
    def is_sound(self) -> bool:
        return all(check.health is not Health.PROBLEM for check in self.checks)
