"""Python's garbage collection, held back while something is built that stays. Used by config/ and the engine."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

_SELDOM = 20  # blocks of a process that goes on, until what they left in circles is looked for
_PART = 0.02  # of the time of such a process that may go into that: the more it holds, the seldomer
_ends = count(1)
_rest = [0.0]  # until when it is not looked for, in seconds of the monotonic clock


@contextmanager
def no_collection() -> Iterator[None]:
    """Nearly all that is made in the block stays: walking it again and again for garbage takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            # What was made is old from now on: the next collection of what is young would walk all of it.
            gc.freeze()
            gc.unfreeze()
            gc.enable()
            if next(_ends) % _SELDOM == 0 and time.monotonic() >= _rest[0]:
                _collect()


def _collect() -> None:
    began = time.monotonic()
    gc.collect()
    ended = time.monotonic()
    _rest[0] = ended + (ended - began) / _PART


def spare() -> None:
    """For a process that does one thing and ends: what it holds is walked for garbage seldom."""
    gc.set_threshold(100_000, 50, 100)
