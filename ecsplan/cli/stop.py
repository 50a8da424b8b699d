"""Ctrl-C: the first lets what runs finish and sends nothing new, the second ends the process at once."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from ecsplan.cli import exits
from ecsplan.cli.output import say


class Stop:
    """Before the first write, an interruption ends the command like any other; `writing` tells since when it waits."""

    def __init__(self) -> None:
        self.requested = Event()
        self.writing = False

    def request(self) -> None:
        self.requested.set()

    def interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self.requested.is_set():
            os._exit(exits.INTERRUPTED)
        if not self.writing:
            raise KeyboardInterrupt
        self.request()
        say("interrupted: waiting for the calls that run, and starting again what was stopped for a change;")
        say("once more ends at once, and may leave machines off")


@contextmanager
def interruptible() -> Iterator[Stop]:
    """Handles Ctrl-C and a polite kill while the block runs."""
    stop = Stop()
    before = {number: signal.signal(number, stop.interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
