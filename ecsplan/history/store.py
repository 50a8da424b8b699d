"""The protocol of a store of runs, and its errors."""

from collections.abc import Sequence
from typing import Protocol

from ecsplan.model.history import Run, StepRecord


class StoreError(Exception):
    """The store cannot be reached, read or written. The message names the store, without its password."""


class Store(Protocol):
    """Every method raises StoreError. Runs are found by their whole id; `recent` gives the newest first."""

    def begin(self, run: Run, *, is_alone: bool) -> None:
        """Records a run that is about to write. `is_alone`: it holds the lock, so that every other run of the stack
        that is recorded as running was cut off."""
        ...

    def add(self, run_id: str, number: int, step: StepRecord) -> None: ...

    def end(self, run_id: str, outcome: str, at: float) -> None: ...

    def recent(self, stack: str = "", region: str = "", limit: int = 0) -> Sequence[Run]:
        """Without their steps and plans; of one stack where one is named; all where there is no limit."""
        ...

    def find(self, run_id: str) -> Run | None:
        """A run with its steps and its plan."""
        ...

    def durations(self, limit: int) -> Sequence[tuple[tuple[str, ...], str, float]]:
        """The operations, the kind and the seconds of the newest steps that ended well."""
        ...

    def close(self) -> None: ...
