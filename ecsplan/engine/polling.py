"""Waits by shared polls: one Describe for a hundred objects serves all who wait. Used by the operations."""

from collections.abc import Callable, Iterator

from ecsplan.api.clock import Clock
from ecsplan.apply.wait import Poller, Waiter
from ecsplan.model.kind import Kinds
from ecsplan.provider.protocol import Provider

LONGEST_NAP = 0.5  # seconds; so soon a Ctrl-C is noticed


def through(
    poller: Poller, source: Provider, kinds: Kinds, clock: Clock, is_stopped: Callable[[], bool]
) -> Iterator[Waiter]:
    """The waiters, each as it is through; ends when none is left, or at once when it `is_stopped`."""
    while (due := poller.next_due(())) is not None:
        if is_stopped():
            return
        at, kind = due
        pause = at - clock.now()
        if pause > 0:
            clock.sleep(min(pause, LONGEST_NAP))
            continue
        asked = poller.ids(kind)
        yield from poller.take(kind, asked, source.wait(kind, asked), clock.now())
