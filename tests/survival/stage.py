"""Several appliers in one world, one call at a time, in an order that a seed decides.

Each applier is a thread, but only one of them runs: whoever is about to send or to sleep hands over. Time moves only
when all of them sleep, so that a schedule is the same each time.
"""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from unittest import mock

from tests.survival import world as worlds
from tests.survival.inline import simulated
from tests.survival.world import Run, World


@dataclass(slots=True)
class Part:
    """One applier: when it goes on, and what became of it."""

    work: Callable[[], Run]
    wakes: float
    run: Run | None = None
    ended: float = 0.0
    error: BaseException | None = None
    go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


class Stage:
    """`stay` is how likely it is that who ran last runs on."""

    def __init__(self, world: World, seed: int, stay: float) -> None:
        self.world, self.chance, self.stay = world, random.Random(seed), stay
        self.parts: list[Part] = []
        self.handed_over = threading.Semaphore(0)
        self.own = threading.local()

    def add(self, work: Callable[[], Run], after: float = 0.0) -> Part:
        part = Part(work, self.world.clock.now() + after)
        self.parts.append(part)
        return part

    def play(self) -> None:
        """Until all have ended."""
        threads = [threading.Thread(target=self._perform, args=(part,), daemon=True) for part in self.parts]
        with self._directed():
            for thread in threads:
                thread.start()
            last: Part | None = None
            while waiting := [part for part in self.parts if part.run is None and part.error is None]:
                last = self._next(waiting, last)
                last.go.release()
                self.handed_over.acquire()
        for part in self.parts:
            if part.error is not None:
                raise part.error

    @contextmanager
    def _directed(self) -> Iterator[None]:
        world = self.world
        world.turn = lambda actor: self._hand_over(0.0)
        world.doze = lambda actor, seconds: self._hand_over(seconds)
        with simulated(), mock.patch.object(worlds, "simulated", lambda threads=False: nullcontext()):
            yield
        world.turn, world.doze = (lambda actor: None), None

    def _next(self, waiting: list[Part], last: Part | None) -> Part:
        clock = self.world.clock
        first = min(part.wakes for part in waiting)
        if first > clock.now():
            clock.sleep(first - clock.now())
        ready = [part for part in waiting if part.wakes <= clock.now()]
        if last in ready and self.chance.random() < self.stay:
            return last  # type: ignore[return-value]
        return self.chance.choice(ready)

    def _perform(self, part: Part) -> None:
        self.own.part = part
        part.go.acquire()
        try:
            part.run = part.work()
        except BaseException as error:  # noqa: BLE001
            part.error = error
        part.ended = self.world.clock.now()
        self.handed_over.release()

    def _hand_over(self, seconds: float) -> None:
        part: Part = self.own.part
        part.wakes = self.world.clock.now() + max(0.0, seconds)
        self.handed_over.release()
        part.go.acquire()
