"""The lock of a stack around whatever writes. Used by applying.py and operating.py."""

import os
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ecsplan.api.clock import Clock, SystemClock
from ecsplan.apply.journal import Journal, discard, open_journal, read_all
from ecsplan.apply.lock import Held, LockTaken, StackLock
from ecsplan.engine import ApplyOptions
from ecsplan.model.call import Api, ApiError
from ecsplan.model.diagnostic import Diagnostic, Refused


@dataclass(frozen=True, slots=True)
class Holding:
    """Who we are while we hold it, and the journal of what we write. No `lock` with --no-lock."""

    holder: str
    lock: StackLock | None
    clock: Clock
    journal: Journal

    @property
    def taken_from(self) -> str:
        """The dead holder whose lock it was; empty where it was free."""
        return self.lock.taken_from if self.lock else ""


@contextmanager
def locked(stack: str, api: Api, options: ApplyOptions) -> Iterator[Holding]:
    """Holds the lock while the block runs. Raises Refused while somebody else has it."""
    clock: Clock = getattr(getattr(api, "settings", None), "clock", None) or SystemClock()
    holder = f"ecsplan-{uuid.uuid4().hex[:12]}"
    state_dir, host, pid = Path(options.state_dir), socket.gethostname(), os.getpid()
    lock = StackLock(api, stack, holder, host, pid, clock, _is_dead(state_dir, stack)) if options.lock else None
    name = f"{int(clock.now() * 1000):015d}-{holder[-12:]}"
    with open_journal(state_dir, stack, name) as stream:  # there before the lock: the next run must know whose that is
        journal = Journal(stream)
        journal.start(stack, holder, host, pid, "", clock.now())
        try:
            if lock:
                lock.acquire(options.lock_timeout)
        except LockTaken as taken:
            discard(state_dir, stack, name)
            raise Refused([Diagnostic(str(taken), f"wait (--lock-timeout), or ecsplan unlock {stack}")]) from None
        try:
            yield Holding(holder, lock, clock, journal)
        finally:
            # Failing here must not hide how the run went: a lock that is left behind is known to be dead, and expires.
            with suppress(ApiError):
                is_free = lock is None or lock.release()
                if journal.is_unused and is_free:  # the next run must know whose lock was left behind
                    discard(state_dir, stack, name)


def _is_dead(state_dir: Path, stack: str) -> Callable[[Held], bool]:
    """A holder is known to be dead when our own journal names it and its process, on this host, is gone."""

    def check(held: Held) -> bool:
        ours = any(past.holder == held.holder for past in read_all(state_dir, stack))
        return ours and held.host == socket.gethostname() and not is_alive(held.pid)

    return check


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
