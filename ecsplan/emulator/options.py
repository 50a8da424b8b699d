"""Start options of an emulator; plain values, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FAST_SETTLE = 0.005


@dataclass(frozen=True, slots=True)
class Options:
    """Latency is one figure or a spread in milliseconds; settle is how long a transition takes, in seconds.

    `data` is a SQLite file that keeps the account; `faults` a schedule (a file, or the list itself); `credentials`
    a file or a pair of id and secret. `settings` are those of settings.py; `quotas` override the catalogue's. The same
    `seed` gives the same ids, addresses and random faults again.
    """

    latency_ms: float | tuple[float, float] = 0.0
    settle: float = 2.0
    clock: str = "real"
    data: Path | None = None
    faults: Path | list[dict[str, Any]] | None = None
    seed: str | None = None
    credentials: Path | tuple[str, str] | None = None
    quotas: Mapping[str, int] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    log_size: int = 20_000

    def __post_init__(self) -> None:
        if self.clock not in ("real", "fast"):
            raise ValueError(f"clock is real or fast, not {self.clock}")
        if self.settle < 0:
            raise ValueError("settle can't be negative")

    @property
    def settle_seconds(self) -> float:
        """With the fast clock transitions take milliseconds, but still pass through every status."""
        return min(self.settle, FAST_SETTLE) if self.clock == "fast" else self.settle
