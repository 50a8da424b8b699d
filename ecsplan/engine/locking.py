"""The lock of a stack around whatever writes, and the journal of what is written. Used by all that write."""

import getpass
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import Struct

from ecsplan.engine import ApplyOptions
from ecsplan.engine.sealing import seal_key
from ecsplan.engine.shelves import journals
from ecsplan.executor.history import is_dead
from ecsplan.executor.journal import Journal, file_name
from ecsplan.executor.lock import HeldLock, Holder, LockTaken, StackLock
from ecsplan.executor.records import Start
from ecsplan.executor.seal import Seal, holder_of
from ecsplan.executor.shelf import Shelf
from ecsplan.model.call import Api, ApiError
from ecsplan.model.clock import Clock
from ecsplan.model.diagnostic import Diagnostic, Locked, Rejected
from ecsplan.provider.alibaba import clock_of
from ecsplan.provider.cloud import cloud_of

_MAY_NOT = ("Forbidden", "Forbidden.RAM", "Forbidden.SubUser", "Forbbiden", "Forbbiden.SubUser", "NoPermission")
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Holding(Struct, frozen=True):
    """Who we are while we hold it, and the journal of what we write. No `lock` with --no-lock.

    `key` seals our journal, and tells whether an earlier one is authentic.
    """

    holder: str
    lock: StackLock | None
    clock: Clock
    journal: Journal
    key: bytes

    @property
    def taken_from(self) -> str:
        """The dead holder whose lock it was; empty where it was free."""
        return self.lock.taken_from if self.lock else ""


@contextmanager
def locked(
    stack: str, api: Api, options: ApplyOptions, operation: str, overlays: tuple[str, ...] | None = None
) -> Iterator[Holding]:
    """Holds the lock while the block runs; `overlays` are noted. Raises Refused while somebody else has it."""
    clock = clock_of(api)
    shelf, proof = journals(options.state_dir, options.store), secrets.token_hex(16)
    key, holder = seal_key(api, shelf), holder_of(proof)
    lock = _lock(stack, api, options, operation, holder, clock, shelf)
    name = f"{int(clock.now() * 1000):015d}-{holder.removeprefix('ecsplan-')}"
    with shelf.create(file_name(stack, name)) as stream:  # before the lock: the next run must know whose that is
        journal = Journal(stream, Seal(key, file_name(stack, name)))
        journal.start(Start(stack, api.region, proof, operation, clock.now(), boot_id(), overlays))
        try:
            if lock:
                lock.acquire(options.lock_timeout)
        except (LockTaken, ApiError) as error:
            if isinstance(error, LockTaken) or not error.unknown_outcome:
                shelf.discard(file_name(stack, name))
            raise _explained(error, stack) from None
        try:
            yield Holding(holder, lock, clock, journal, key)
        finally:
            # Failing here must not hide how the run went: a lock that is left behind is known to be dead, and expires.
            with suppress(ApiError):
                is_free = lock is None or lock.release()
                if journal.is_unused and is_free:  # the next run must know whose lock was left behind
                    shelf.discard(file_name(stack, name))


def _lock(
    stack: str, api: Api, options: ApplyOptions, operation: str, holder: str, clock: Clock, shelf: Shelf
) -> StackLock | None:
    if not options.lock:
        return None
    host = socket.gethostname()

    def is_known_dead(held: HeldLock) -> bool:
        return is_dead(shelf, stack, held.holder, boot_id(), is_same_host=held.host == host)

    me = Holder(holder, host, os.getpid(), user_name(), operation)
    return StackLock(api, stack, me, clock, cloud_of(api).server_now, is_known_dead)


def _explained(error: LockTaken | ApiError, stack: str) -> Exception:
    if isinstance(error, LockTaken):
        return Locked([Diagnostic(str(error), f"wait (--lock-timeout), or ecsplan unlock {stack}")])
    if error.operation == "ImportKeyPair" and error.code in _MAY_NOT:
        return Rejected(
            [
                Diagnostic(
                    f"the key may not lock the stack: {error}",
                    "allow it ecs:ImportKeyPair, ecs:DescribeKeyPairs, ecs:DeleteKeyPairs and ecs:TagResources; or "
                    "give --no-lock, if no other run applies this stack at the same time",
                )
            ]
        )
    return error


def user_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a number that no account has, as in containers
        return f"user {os.getuid()}" if hasattr(os, "getuid") else ""


def boot_id() -> str:
    """What tells one running kernel from another; empty where nothing does."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
