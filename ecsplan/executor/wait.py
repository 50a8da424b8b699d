"""One poll for all who wait: a Describe for up to a hundred ids serves every waiter. Used by run.py.

Holds no clock of its own: run.py says what time it is and when to look.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from msgspec import Struct, field

from ecsplan.model.algebra import Raw
from ecsplan.model.call import ApiError, ErrorClass, Wait
from ecsplan.model.look import Look

Read = Callable[[str, Sequence[str]], Mapping[str, Raw]]

# Seconds: no look comes sooner after another; none comes later after the one before.
QUICK, USUAL, SLOWEST = 0.2, 1.0, 5.0
FIRST = 1.0  # the first look comes no later
# The next look comes after this part of the time that was waited by then: what is late by more holds up all that needs
# it. Looks at all of many are a call for each hundred: these come no sooner than USUAL.
LATE = 0.15
SOONER = 0.2  # of the time that an action typically takes, when it is first looked at: some clouds are faster
KNOWN = 0.9  # of the shortest time that the same action took in this run, when it is first looked at
NEARLY_ALL = 0.9
_MOMENT = 0.001  # seconds: sums of times are not exact
SAMPLE = 100  # ids that one call asks for; of more, so many are asked about first
VISIBLE_WITHIN = 90.0  # seconds; what the service says it made and does not show for so long is not there
VANISHED_AFTER = 10.0  # seconds; lists disagree, so that one read without an object is no proof that it went
REFUSED_FOR = 60.0  # seconds; a read that is refused for so long, and not for a passing reason, will stay so
_PASSING = (ErrorClass.THROTTLE, ErrorClass.TRANSIENT, ErrorClass.CONFLICT, ErrorClass.IN_PROGRESS, ErrorClass.CLOCK)


class Waiter(Struct, eq=False):
    """Waits until every id satisfies `wait`, after `action`, which typically takes `usual` seconds; `is_needed`: other
    steps go on with what is made as soon as it is there. `missed` is since
    when an id is missing that was seen before, or was to be seen since the beginning."""

    step: Any
    kind: str
    ids: set[str]
    wait: Wait
    since: float
    deadline: float
    is_birth: bool = False
    action: str = ""
    usual: float = 0.0
    is_needed: bool = False
    seen: set[str] = field(default_factory=set)
    missed: dict[str, float] = field(default_factory=dict)
    raws: dict[str, Raw] = field(default_factory=dict)
    problem: str = ""
    is_lost: bool = False
    refused_since: float | None = None
    refusal: ApiError | None = None

    def look(self, asked: Collection[str], found: Mapping[str, Raw], now: float) -> bool:
        """Takes one answer in; true when there is nothing left to wait for (`problem` says whether it went well).

        Only `asked` ids say anything: a poll that was under way when this one began to wait knows nothing of it.
        """
        for object_id in sorted(self.ids & set(asked)):
            raw = found.get(object_id)
            if raw is not None:
                self.seen.add(object_id)
                self.missed.pop(object_id, None)
                self.raws[object_id] = raw
            if self._holds(raw):
                self.ids.discard(object_id)
            elif raw is not None and str(raw.get("Status")) in self.wait.failed:
                self.problem = f"{object_id} went to {raw.get('Status')}"
            elif raw is None and not self.wait.absent:
                self._missed(object_id, now)
        return self.is_over(now)

    def refuse(self, unknown: Mapping[str, ApiError], now: float) -> None:
        """Takes in that reads of some ids failed. That is no absence, but nothing to wait for without an end either."""
        errors = [unknown[i] for i in sorted(self.ids & unknown.keys()) if not _is_passing(unknown[i])]
        if not errors:
            self.refused_since = None
            return
        self.refused_since = now if self.refused_since is None else self.refused_since
        has_ended = errors[0].error_class is ErrorClass.AUTH_REFRESH  # the client has tried to renew them
        if has_ended or now - self.refused_since >= REFUSED_FOR:
            self.refusal, self.problem = errors[0], f"cannot be read: {errors[0].code}"

    def _missed(self, object_id: str, now: float) -> None:
        """An object that a read did not show. What was made and never seen at all may have to be made again."""
        since = self.missed.setdefault(object_id, now)
        if object_id in self.seen and now - since >= VANISHED_AFTER:
            self.problem = f"{object_id} vanished"
        elif object_id not in self.seen and now - self.since > VISIBLE_WITHIN:
            self.is_lost = self.is_birth and not self.seen
            self.problem = f"{object_id} {'was answered as made and ' if self.is_birth else ''}cannot be found"

    def is_over(self, now: float) -> bool:
        """Whether all hold, something went wrong, or the time is up."""
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


def _is_passing(error: ApiError) -> bool:
    return error.error_class in _PASSING or error.unknown_outcome


def _at(raw: object, path: str) -> Any:
    for key in path.split("."):
        raw = raw.get(key) if isinstance(raw, Mapping) else None
    return raw


def _same(found: object, values: Sequence[Any]) -> bool:
    """A list, or a mapping by its keys, is as wanted where it holds one of the values."""
    if isinstance(found, (list, Mapping)):
        return any(value in found for value in values)
    return any(found == value or str(found) == str(value) for value in values)


class Round(Struct, frozen=True):
    """What is to be looked at now. `is_sample`: others are waited for as well; `are_to_go`: all of them are."""

    ids: list[str]
    is_sample: bool
    are_to_go: bool


class Poller(Struct):
    """The waiters by kind, and when each kind is looked at next.

    Of many a sample is asked about, another one each time, of every waiter some, until nearly all of it is as wanted,
    or some, where other steps go on with what is made.
    """

    waiters: dict[str, list[Waiter]] = field(default_factory=dict)
    due: dict[str, float] = field(default_factory=dict)
    moving: set[str] = field(default_factory=set)  # kinds whose last look found enough as wanted: all are asked about
    partial: set[str] = field(default_factory=set)  # kinds whose last look was at some of those that are waited for
    looks: dict[str, int] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)  # the shortest time of each action in this run, in seconds

    def add(self, waiter: Waiter, now: float) -> None:
        self.waiters.setdefault(waiter.kind, []).append(waiter)
        soon = now + self._first(waiter)
        self.due[waiter.kind] = min(self.due.get(waiter.kind, soon), soon)

    def _first(self, waiter: Waiter) -> float:
        """After how long it is looked at first. What only has to be seen is there at once."""
        if waiter.action in self.took:
            return max(QUICK, self.took[waiter.action] * KNOWN)
        is_only_to_be_seen = not waiter.wait.absent and not waiter.wait.conditions
        return QUICK if is_only_to_be_seen else min(FIRST, max(QUICK, waiter.usual * SOONER))

    def next_due(self, busy: Sequence[str]) -> tuple[float, str] | None:
        """When which kind is to be looked at, of those that nobody is looking at now."""
        times = [(at, kind) for kind, at in self.due.items() if kind not in busy]
        return min(times) if times else None

    def asked(self, kind: str, now: float) -> Round:
        """Those to ask about now: of more than one call asks for, those alone whose time has come. What goes is told
        by a list that gets ever shorter."""
        waiters = self.waiters.get(kind, [])
        everyone = _ids_of(waiters)
        are_to_go = all(waiter.wait.absent for waiter in waiters)
        is_whole = kind in self.moving
        if len(everyone) > SAMPLE and not are_to_go:
            waiters = self._ripe(kind, now) or waiters
            is_whole = is_whole and self._are_enough(kind, waiters)
        found = sorted(_ids_of(waiters))
        (self.partial.discard if is_whole or len(found) == len(everyone) <= SAMPLE else self.partial.add)(kind)
        if is_whole or len(found) <= SAMPLE:
            return Round(found, False, are_to_go)
        looks = self.looks[kind] = self.looks.get(kind, -1) + 1
        return Round(_sample([sorted(waiter.ids) for waiter in waiters], looks), True, are_to_go)

    def take(self, kind: str, asked: Collection[str], seen: Look, now: float) -> list[Waiter]:
        """Shows an answer to all waiters of a kind; answers those that are through."""
        told = set(asked) - seen.unknown.keys()
        through = []
        before = len(_ids_of(self.waiters.get(kind, ())))
        for waiter in self.waiters.get(kind, ()):
            if not waiter.ids.isdisjoint(asked):
                waiter.refuse(seen.unknown, now)
            if waiter.look(told, seen.found, now):
                through.append(waiter)
        left = _ids_of(self.waiters.get(kind, ()))
        is_moving = before - len(left) > self._enough(kind) * len(asked)
        (self.moving.add if is_moving else self.moving.discard)(kind)
        self._settle(kind, through, now)
        is_for_others = kind in self.moving and kind in self.partial and kind in self.due
        if is_for_others and not _ids_of(ripe := self._ripe(kind, now)) <= set(asked) and self._are_enough(kind, ripe):
            self.due[kind] = now
        return through

    def _ripe(self, kind: str, now: float) -> list[Waiter]:
        """Those that have waited long enough for a first look."""
        return [one for one in self.waiters.get(kind, ()) if now - one.since > self._first(one) - _MOMENT]

    def _are_enough(self, kind: str, ripe: Iterable[Waiter]) -> bool:
        """Where nothing goes on with some of them, all are looked at together, once nearly the last are ripe."""
        return len(_ids_of(ripe)) >= self._enough(kind) * len(_ids_of(self.waiters.get(kind, ())))

    def _enough(self, kind: str) -> float:
        """Which part of a sample has to be as wanted before all are asked about: a look at all is many calls."""
        is_needed = any(waiter.is_needed and not waiter.wait.absent for waiter in self.waiters.get(kind, ()))
        return 0.0 if is_needed else NEARLY_ALL

    def _settle(self, kind: str, through: list[Waiter], now: float) -> None:
        """Takes out those that are through; the others are looked at again."""
        for waiter in through:
            if waiter.action and not waiter.problem:
                self.took[waiter.action] = min(now - waiter.since, self.took.get(waiter.action, math.inf))
        out = set(map(id, through))
        left = [waiter for waiter in self.waiters.get(kind, ()) if id(waiter) not in out]
        if left:
            self.waiters[kind] = left
            self.due[kind] = min(now + self._pause(kind, now), max(now, min(waiter.deadline for waiter in left)))
        else:
            for table in (self.waiters, self.due):
                table.pop(kind, None)

    def _pause(self, kind: str, now: float) -> float:
        """Until the next look, as the youngest waiter needs it; one that is not looked at yet has its first look."""
        if kind in self.moving and kind in self.partial and self._enough(kind):
            return min(SLOWEST, max(QUICK, self._until_enough(kind, now)))
        is_whole = kind in self.moving and len(_ids_of(self.waiters[kind])) > SAMPLE
        pauses = (
            max(self._first(waiter) - (now - waiter.since), LATE * (now - waiter.since))
            for waiter in self.waiters[kind]
        )
        return min(SLOWEST, max(USUAL if is_whole else QUICK, min(pauses)))

    def _until_enough(self, kind: str, now: float) -> float:
        """In how many seconds as many are ripe as are looked at together."""
        waiters = sorted(self.waiters[kind], key=lambda waiter: waiter.since + self._first(waiter))
        counts = accumulate(len(waiter.ids) for waiter in waiters)
        wanted = self._enough(kind) * sum(len(waiter.ids) for waiter in waiters)
        last = next(waiter for waiter, count in zip(waiters, counts, strict=True) if count >= wanted)
        return last.since + self._first(last) - now

    @property
    def is_idle(self) -> bool:
        return not self.waiters


def _ids_of(waiters: Iterable[Waiter]) -> set[str]:
    return {object_id for waiter in waiters for object_id in waiter.ids}


def _sample(waited_for: Sequence[Sequence[str]], turn: int) -> list[str]:
    """As many as one call asks for, in turn one of each waiter; other ones each time."""
    share = -(-SAMPLE // len(waited_for))
    found: list[str] = []
    for ids in waited_for:
        start = turn * share % len(ids)
        found += [*ids[start:], *ids[:start]][:share]
    start = turn * SAMPLE % len(found)
    return sorted([*found[start:], *found[:start]][:SAMPLE])
