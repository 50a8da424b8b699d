"""How fast each action may be called: one budget per (product, region, action), shared by all workers.

`Pace` is the pure rule for one action, `Budget` the blocking door that `client` goes through. A budget
starts unlimited and learns from refusals alone, as the service publishes no numbers.

The rule. The first refusal shuts the door; one worker at a time knocks, after `x-acs-retry-after` or at
growing pauses, until it is let in. What was accepted since the cycle began, over the time until the door
opened, is the rate that the service grants, whether it counts by window or by bucket. From then on calls
are spaced at a little less, and the rate grows along a cubic: flat near the last known limit, steep once
past it. How slowly it grows follows the length of the last cycle, so that a limit by the minute is not
tested every second.
"""

import threading
from collections.abc import Callable
from enum import Enum

from msgspec import Struct, field

from ecsplan.model.clock import Clock

Key = tuple[str, str, str]

_TURN = 0.368  # where the cubic is flat; it starts at 1 - _TURN³ = 95 % of the measured rate
_DEEPEST_CUT = 0.6  # a burst that was refused says little about the rate that was not
# A door that opens at the first knock was hardly shut: others share the account, and refusals come by chance.
_LIGHT_CUT = 0.7
_SLOWEST_BY_CHANCE = 2.0  # calls per second
_FIRST_KNOCK = 0.05
_LONGEST_KNOCK = 6.0
_LONGEST_ADVICE = 120.0  # the vendor's own clients cap `x-acs-retry-after` here
_IDLE = 60.0  # the longest window known: what was accepted before such a pause says nothing
_FEWEST_CALLS = 100  # between two tests of the limit: what is refused stays a small share of the calls
_FIRST_CALLS = 10
_SLOWEST_GROWTH = 60.0


class Word(Enum):
    """What a send told about the pace of its action."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOTHING = "nothing"


class Permit(Struct, frozen=True):
    """Leave to send once; every permit must be given back."""

    key: Key
    number: int
    is_knock: bool = False


class Pace(Struct):
    """What is known about one action. Holds no clock and no lock: every method is told the time."""

    limit: float | None = None  # calls per second at the last refusal; None: never refused
    grown_from: float = 0.0  # when `limit` was learned
    growth: float = 1.0  # seconds in which the rate would double past the limit
    next_at: float = 0.0
    shut_until: float | None = None
    is_knocking: bool = False
    knock: float = _FIRST_KNOCK
    accepted: int = 0
    cycle_start: float | None = None
    last_accepted: float = 0.0
    sent: int = 0
    sent_when_shut: int = 0
    rate_when_shut: float | None = None
    knocks_refused: int = 0

    def rate(self, now: float) -> float | None:
        if self.limit is None:
            return None
        past = (now - self.grown_from) / self.growth - _TURN
        return self.limit * (1 + past * past * past)

    def wait(self, now: float) -> float | None:
        """Seconds until it is worth asking again, 0 for go; None: until the one who knocks is back."""
        if self.shut_until is not None:
            return None if self.is_knocking else max(0.0, self.shut_until - now)
        return max(0.0, self.next_at - now)

    def go(self, key: Key, now: float) -> Permit:
        """Takes the turn that `wait` said is there."""
        self.sent += 1
        if self.shut_until is not None:
            self.is_knocking = True
            return Permit(key, self.sent, is_knock=True)
        rate = self.rate(now)
        if rate is not None:
            # Sleeping is never exact: up to one turn lost that way may be caught up.
            self.next_at = max(self.next_at, now - 1 / rate) + 1 / rate
        return Permit(key, self.sent)

    def accept(self, permit: Permit, now: float) -> None:
        if permit.is_knock:
            self._open(now)
        if self.cycle_start is None or now - self.last_accepted > _IDLE:
            self.cycle_start, self.accepted = now, 0
        self.accepted += 1
        self.last_accepted = now

    def refuse(self, permit: Permit, now: float, advice: float | None, roll: float) -> None:
        """`advice` is the service's own wait in seconds, `roll` in [0, 1) spreads the knocks."""
        if permit.is_knock:
            self.is_knocking = False
            self.knocks_refused += 1
            self.knock = min(self.knock * 2, _LONGEST_KNOCK)
        elif self.shut_until is not None or permit.number <= self.sent_when_shut:
            return  # sent before the door was shut; it says nothing new
        else:
            self.knock = max(_FIRST_KNOCK, 1 / self.limit) if self.limit else _FIRST_KNOCK
            self.sent_when_shut, self.rate_when_shut, self.knocks_refused = self.sent, self.rate(now), 0
        pause = self.knock * (0.75 + 0.5 * roll)
        if advice is not None:
            pause = min(advice, _LONGEST_ADVICE) + 0.05 * roll
        self.shut_until = now + pause

    def give_up(self, permit: Permit) -> None:
        """The send ended with no word about its pace; the next in line may knock."""
        if permit.is_knock:
            self.is_knocking = False

    def _open(self, now: float) -> None:
        start = self.cycle_start if self.cycle_start is not None else now - self.knock
        length = max(now - start, 0.01)
        measured = max(self.accepted, 1) / length
        before = self.rate_when_shut
        if before is not None:
            cut = _DEEPEST_CUT if self.knocks_refused else _LIGHT_CUT
            measured = min(max(measured, before * cut), before)
            if not self.knocks_refused:
                measured = max(measured, min(self.limit or before, _SLOWEST_BY_CHANCE))
        self.limit, self.grown_from = measured, now
        # The first guess comes from a burst, and may be far too low: it is left behind quickly.
        calls = _FIRST_CALLS if before is None else _FEWEST_CALLS
        self.growth = min(max(2 * length, calls / measured), _SLOWEST_GROWTH)
        self.next_at = now + 1 / measured  # the knock that was let in was a call too
        self.shut_until, self.is_knocking = None, False
        self.cycle_start, self.accepted = now, 0


class Budget(Struct):
    """`acquire` blocks until the action may be sent; `give_back` tells what came of it."""

    clock: Clock
    roll: Callable[[], float]
    _paces: dict[Key, Pace] = field(default_factory=dict)
    _turn: threading.Condition = field(default_factory=threading.Condition)

    def acquire(self, key: Key) -> Permit:
        while True:
            with self._turn:
                pace = self._paces.setdefault(key, Pace())
                wait = pace.wait(self.clock.now())
                if wait == 0:
                    return pace.go(key, self.clock.now())
                if wait is None:
                    self._turn.wait()
                    continue
            self.clock.sleep(wait)

    def give_back(self, permit: Permit, word: Word, advice: float | None = None) -> None:
        """`advice` is what `x-acs-retry-after` asked for, in seconds."""
        with self._turn:
            pace, now = self._paces[permit.key], self.clock.now()
            if word is Word.ACCEPTED:
                pace.accept(permit, now)
            elif word is Word.REFUSED:
                pace.refuse(permit, now, advice, self.roll())
            else:
                pace.give_up(permit)
            self._turn.notify_all()
