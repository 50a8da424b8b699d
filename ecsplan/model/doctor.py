"""Findings about an account: checks, and differences between its answers and the documents of the API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Health(Enum):
    """The value is the word for it."""

    OK = "ok"
    WARNING = "warning"  # works, and may surprise
    PROBLEM = "problem"  # a plan or an apply will fail
    UNKNOWN = "unknown"  # could not be found out


@dataclass(frozen=True, slots=True)
class DoctorCheck:
    """One thing that was looked at. `facts` are for programs: plain values."""

    name: str
    health: Health
    summary: str
    advice: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class Deviation:
    """How answers of an operation differ from the shape table; never a value. `path` has `[]` for a place in a list.

    `count` is how many objects at that path differ so, `of` how many were looked at.
    """

    operation: str
    path: str
    problem: str
    count: int
    of: int


@dataclass(frozen=True, slots=True)
class Conformance:
    """`answers` counts the answers that were held against the table, by operation."""

    answers: Mapping[str, int]
    deviations: tuple[Deviation, ...]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    region: str
    checks: tuple[DoctorCheck, ...]
    conformance: Conformance | None = None

    @property
    def is_sound(self) -> bool:
        return all(check.health is not Health.PROBLEM for check in self.checks)
