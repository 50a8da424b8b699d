"""One gate while it is watched: the progress of each of its machines, or a pause. Used by the engine for a run."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ecsplan.gates.judging import Progress
from ecsplan.gates.measuring import Prober
from ecsplan.model.address import Address
from ecsplan.model.gate import Gate, Measurement, Target

AT_ONCE = 8  # looks side by side
SHOWN = 3

Found = list[tuple[Address, Measurement]]


class Watch:
    """`find` reads a machine as it is live; None where it is not there."""

    def __init__(
        self, gate: Gate, addresses: Sequence[Address], find: Callable[[Address], Target | None], prober: Prober
    ) -> None:
        self.gate, self._addresses, self._find, self._prober = gate, tuple(addresses), find, prober
        self._began = 0.0
        self._progress: dict[Address, Progress] = {}

    def begin(self, now: float) -> float | None:
        self._began = now
        self._progress = {address: Progress(self.gate, now) for address in self._addresses} if self.gate.checks else {}
        return now + self.gate.pause if self.gate.pause else now

    def look(self) -> Found:
        """Reads and probes; takes as long as the slowest probe."""
        due = [address for address, progress in self._progress.items() if not progress.is_over]
        if len(due) == 1:
            return [self._one(due[0])]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(self._one, due))

    def _one(self, address: Address) -> tuple[Address, Measurement]:
        return address, self._prober.look(self._progress[address], self._find(address))

    def take(self, found: Found, now: float) -> float | None:
        times = [at for address, one in found if (at := self._progress[address].take(one, now)) is not None]
        return min(times) if times and not self._failed else None

    @property
    def _failed(self) -> Mapping[Address, str]:
        return {address: progress.reason for address, progress in self._progress.items() if progress.reason}

    @property
    def failure(self) -> str:
        told = [f"{address}: {reason}" for address, reason in self._failed.items()]
        return "; ".join(told[:SHOWN]) + (f" and {len(told) - SHOWN} more" if len(told) > SHOWN else "")

    @property
    def detail(self) -> dict[str, Any]:
        return {"gate": {str(address): list(progress.done) for address, progress in self._progress.items()}}
