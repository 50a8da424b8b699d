"""Which stack is handed out next, and what the end of a piece of work means. Pure.

A stack comes after those that it refers to. A piece of work that is lost with its worker is handed out again under a
new number; one that finds the stack locked, or the lists of a busy account moving, waits for a while.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import Struct

from ecsplan.model.copying import replace

MOST_TRIES = 5
DONE, ERROR, CHANGES, REFUSED, PARTLY = 0, 1, 2, 3, 4  # as exit statuses
LOST, BUSY, MOVED, PLANNED = "lost", "busy", "moved", "planned"
_WELL = (DONE, CHANGES)


class FleetWork(Struct, frozen=True):
    """`step` is plan, drift or apply; `number` counts what was handed out for this stack, so that no two are alike."""

    path: str
    step: str
    number: int
    digest: str = ""


class Done(Struct, frozen=True):
    """`outcome` is an exit status, or LOST, BUSY, MOVED (a list kept changing while it was read) or PLANNED (`digest`
    is that of the plan, to be applied)."""

    path: str
    outcome: int | str
    text: str = ""
    digest: str = ""
    worker: str = ""
    seconds: float = 0.0


class One(Struct, frozen=True):
    needs: tuple[str, ...]
    number: int = 0
    tries: int = 0
    digest: str = ""
    at_work: bool = False
    after: float = 0.0
    ended: int | None = None


@dataclass(frozen=True)
class Fleet:
    """`command` is plan, drift or apply. `stops`: what refers to a stack that did not end well is not tried."""

    command: str
    stacks: Mapping[str, One] = field(default_factory=dict)
    pause: float = 10.0

    @classmethod
    def of(cls, command: str, needs: Mapping[str, tuple[str, ...]], pause: float = 10.0) -> "Fleet":
        return cls(command, {path: One(tuple(needed)) for path, needed in needs.items()}, pause)

    def ready(self, now: float) -> list[FleetWork]:
        """What can be handed out now."""
        found = []
        for path, one in self.stacks.items():
            waits = one.at_work or one.ended is not None or one.after > now
            if not waits and all(self.stacks[need].ended is not None for need in one.needs):
                step = "apply" if self.command == "apply" and one.digest else self.command
                found.append(
                    FleetWork(path, "plan" if step == "apply" and not one.digest else step, one.number, one.digest)
                )
        return found

    def given(self, work: FleetWork) -> "Fleet":
        return self._with(work.path, at_work=True, number=work.number + 1)

    def ended(self, done: Done, now: float) -> "Fleet":
        one = self.stacks[done.path]
        if done.outcome == PLANNED:
            return self._with(done.path, at_work=False, digest=done.digest)
        if done.outcome in (LOST, BUSY, MOVED):
            tries = one.tries + (done.outcome != BUSY)
            if tries >= MOST_TRIES:
                return self._with(done.path, at_work=False, ended=ERROR)
            after = now + self.pause if done.outcome != LOST else 0.0
            return self._with(done.path, at_work=False, tries=tries, after=after)
        assert isinstance(done.outcome, int)
        return self._with(done.path, at_work=False, ended=done.outcome)

    def left_out(self) -> list[str]:
        """Stacks that are not tried, since one that they refer to did not end well; only an apply depends on that."""
        if self.command != "apply":
            return []
        return [
            path
            for path, one in self.stacks.items()
            if one.ended is None and not one.at_work
            and any(self.stacks[need].ended not in (None, *_WELL) for need in one.needs)
        ]  # fmt: skip

    def without(self, path: str) -> "Fleet":
        return self._with(path, ended=REFUSED)

    @property
    def is_over(self) -> bool:
        return all(one.ended is not None for one in self.stacks.values())

    def wake(self, now: float) -> float:
        """Seconds until a locked stack is tried again."""
        waits = [one.after - now for one in self.stacks.values() if one.ended is None and one.after > now]
        return min(waits, default=1.0)

    def _with(self, path: str, **changes: object) -> "Fleet":
        changed = replace(self.stacks[path], **changes)
        return replace(self, stacks={**self.stacks, path: changed})
