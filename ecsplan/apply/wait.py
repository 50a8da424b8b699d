"""One poll for all who wait: a Describe for up to a hundred ids serves every waiter. Used by run.py.

Holds no clock of its own: run.py says what time it is and when to look.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ecsplan.model.call import Wait

Raw = Mapping[str, Any]
Read = Callable[[str, Sequence[str]], Mapping[str, Raw]]

FEW = 20
QUICK, USUAL, SLOWEST, GROWTH = 0.2, 1.0, 5.0, 1.5
VISIBLE_WITHIN = 90.0  # seconds; what the service says it made and does not show for so long is not there


@dataclass(slots=True)
class Waiter:
    """Waits until every id satisfies `wait`; `seen` are the ids that were ever answered."""

    step: Any
    kind: str
    ids: set[str]
    wait: Wait
    since: float
    deadline: float
    is_birth: bool = False
    seen: set[str] = field(default_factory=set)
    raws: dict[str, Raw] = field(default_factory=dict)
    problem: str = ""
    is_lost: bool = False

    def look(self, found: Mapping[str, Raw], now: float) -> bool:
        """Takes one answer in; true when there is nothing left to wait for (`problem` says whether it went well)."""
        for object_id in sorted(self.ids):
            raw = found.get(object_id)
            if raw is not None:
                self.seen.add(object_id)
                self.raws[object_id] = raw
            if self._holds(raw):
                self.ids.discard(object_id)
            elif raw is not None and str(raw.get("Status")) in self.wait.failed:
                self.problem = f"{object_id} went to {raw.get('Status')}"
            elif raw is None and object_id in self.seen and not self.wait.absent:
                self.problem = f"{object_id} vanished"
        lost = [i for i in sorted(self.ids) if i not in self.seen]
        if self.is_birth and lost and not self.problem and now - self.since > VISIBLE_WITHIN:
            self.is_lost = True
            self.problem = f"{lost[0]} was answered as made and cannot be found"
        if self.ids and not self.problem and now >= self.deadline:
            left = ", ".join(sorted(self.ids)[:3])
            self.problem = f"timed out after {now - self.since:.0f} s waiting for {left} to be {self.target}"
        return not self.ids or bool(self.problem)

    def _holds(self, raw: Raw | None) -> bool:
        if self.wait.absent:
            return raw is None
        if raw is None:
            return False
        return all(_same(_at(raw, path), values) for path, values in self.wait.conditions)

    @property
    def target(self) -> str:
        if self.wait.absent:
            return "gone"
        return ", ".join(f"{'/'.join(map(str, values))}" for _, values in self.wait.conditions) or "visible"


def _at(raw: Any, path: str) -> Any:
    for key in path.split("."):
        raw = raw.get(key) if isinstance(raw, Mapping) else None
    return raw


def _same(found: Any, values: Sequence[Any]) -> bool:
    return any(found == value or str(found) == str(value) for value in values)


@dataclass(slots=True)
class Poller:
    """The waiters by kind, and when each kind is looked at next."""

    waiters: dict[str, list[Waiter]] = field(default_factory=dict)
    due: dict[str, float] = field(default_factory=dict)
    pace: dict[str, float] = field(default_factory=dict)

    def add(self, waiter: Waiter, now: float) -> None:
        """A new waiter makes the pace quick again; many ids are looked at less often."""
        self.waiters.setdefault(waiter.kind, []).append(waiter)
        count = sum(len(w.ids) for w in self.waiters[waiter.kind])
        self.pace[waiter.kind] = QUICK if count <= FEW else USUAL
        soon = now + self.pace[waiter.kind]
        self.due[waiter.kind] = min(self.due.get(waiter.kind, soon), soon) if count <= FEW else soon

    def next_due(self, busy: Sequence[str]) -> tuple[float, str] | None:
        """When which kind is to be looked at, of those that nobody is looking at now."""
        times = [(at, kind) for kind, at in self.due.items() if kind not in busy]
        return min(times) if times else None

    def ids(self, kind: str) -> list[str]:
        return sorted({object_id for waiter in self.waiters.get(kind, ()) for object_id in waiter.ids})

    def take(self, kind: str, found: Mapping[str, Raw], now: float) -> list[Waiter]:
        """Shows an answer to all waiters of a kind; answers those that are through."""
        through = [waiter for waiter in self.waiters.get(kind, ()) if waiter.look(found, now)]
        left = [waiter for waiter in self.waiters.get(kind, ()) if waiter not in through]
        if left:
            self.waiters[kind] = left
            self.pace[kind] = min(SLOWEST, self.pace[kind] * GROWTH)
            self.due[kind] = now + self.pace[kind]
        else:
            for table in (self.waiters, self.pace, self.due):
                table.pop(kind, None)
        return through

    @property
    def is_idle(self) -> bool:
        return not self.waiters
