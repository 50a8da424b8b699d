"""One writer at a time, with no other service: a key pair named for the stack, since its name is unique in a region.

Used by the engine. ImportKeyPair of a constant public key is atomic; its tags say who holds it and until when. An
expired lock is taken over under a second such name, so that two who find it expired cannot both win.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, field

from ecsplan.model.call import Api, ApiError, ErrorClass, Replay, Request
from ecsplan.model.clock import Clock
from ecsplan.model.digits import whole_number
from ecsplan.model.marks import read_tags

PREFIX = "ecsplan-lock:"
# The public half of a key whose private half was thrown away: nobody can log in with it.
PUBLIC_KEY = (
    "ssh-rsa "
    "AAAAB3NzaC1yc2EAAAADAQABAAABAQCvF2stN6eJtflLzBcbWzI26bOVjtDnJwpQzphsZ7BZGvi6/l1xCjytDUMjXJRkmegkzu/i"
    "ydjdVPbwL8GvQK+dJdSYmoBTmBHFeQmWIEiA/B+koVjUyWJzGxwwrqIUeFa+RlAjFQHCg8N68grocFB39Z5mewlKPkW1AHmLwz9x"
    "Ptd+4vR5XUiD5PhEtcF3T/k5EZb4RZZebn1qoX5k4XuHOC0JNNEctAO/0loAvG4GckpnxKEnvjrzELIDXqB65kYd35aIT092Dh1r"
    "zlv1Vpm4YYshmvbmEX8+Cr3SNqUTtpQ3/RscbY9XqNylS7Gp/Me9mALsAcIG4IeubovSiK7f"
    " ecsplan-lock"
)
HOLDER, HOST, PID, EXPIRY = "ecsplan:holder", "ecsplan:host", "ecsplan:pid", "ecsplan:expiry"
USER, OPERATION, SINCE = "ecsplan:user", "ecsplan:operation", "ecsplan:since"
LEASE = 600.0
CHECK_EVERY = 30.0  # seconds after which a run looks whether the lock is still its own, before it writes
RENEW_EVERY = 120.0
TAKEOVER_LEASE = 60.0
DEAD_IN_A_ROW = 5
VISIBLE_WITHIN = 5.0  # seconds; a lock that was just made may not be in the list yet
SKEW = 5.0  # seconds that our clock may be off the service's before a lease is written anew
_LATEST = 253_402_300_799  # the end of the year 9999; what lies beyond is no moment
_PLAIN_HOLDER = re.compile(r"[A-Za-z0-9-]{1,24}", re.ASCII)
_LONGEST_TAG = 128


class Holder(Struct, frozen=True):
    """Who we are, as the tags of our lock tell others."""

    name: str
    host: str
    pid: int
    user: str = ""
    operation: str = ""


class HeldLock(Struct, frozen=True):
    """Who holds a lock, as its tags say: anybody may have written them. Times in seconds since the epoch by the
    service's clock; None where there is none that can be read: nobody knows when it ends, and it does not expire."""

    holder: str
    host: str
    pid: int | None
    expires: float | None
    user: str = ""
    operation: str = ""
    since: float | None = None

    @property
    def shown(self) -> str:
        process = f"process {self.pid}" if self.pid is not None else "an unknown process"
        who = f"{self.holder} on {self.host} ({process})"
        if self.operation:
            by = f", run by {self.user}" if self.user else ""
            who = f"ecsplan {self.operation}{by} on {self.host} ({process}, {self.holder})"
        since = f" since {_moment(self.since)}" if self.since is not None else ""
        until = f", until {_moment(self.expires)} unless it is renewed" if self.expires is not None else ""
        return f"{who}{since}{until}"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


# The name is taken and the list does not show it: it was just made, or the key may not read it.
UNSEEN = HeldLock("somebody that this key cannot see", "an unknown host", None, None)


class LockTaken(Exception):
    """Somebody else holds the lock."""

    def __init__(self, held: HeldLock) -> None:
        super().__init__(f"the stack is locked by {held.shown}")
        self.held = held


class StackLock(Struct):
    """The lock of one stack. `there()` is the time by the service's clock: leases are measured by that alone, as ours
    may be wrong. `is_dead(held)` says whether a holder of this machine is known to be dead."""

    api: Api
    stack: str
    me: Holder
    clock: Clock
    there: Callable[[], float]
    is_dead: Callable[[HeldLock], bool] = lambda held: False
    checked: float = field(default=0.0)
    renewed: float = field(default=0.0)
    taken_from: str = field(default="")  # the dead holder whose lock it was

    @property
    def name(self) -> str:
        return PREFIX + self.stack

    def acquire(self, timeout: float = 0.0) -> bool:
        """Takes the lock, or raises LockTaken after `timeout` seconds. True when it was taken from a dead holder."""
        deadline = self.clock.now() + timeout
        taking_over = deadline + TAKEOVER_LEASE  # so long somebody else may be at taking a dead one's lock
        while True:
            if self._import(self.name, LEASE):
                return self._taken()
            held = self.look()
            if held is not None and held.holder == self.me.name:
                return self._taken()
            is_free = held is not None and self._is_free(held)
            if held is not None and is_free and self._take_over(held):
                return self._taken(held.holder)
            if self.clock.now() >= (taking_over if is_free else deadline if held else deadline + VISIBLE_WITHIN):
                raise LockTaken(held or UNSEEN)
            self.clock.sleep(0.5 if is_free else min(2.0, max(0.2, deadline - self.clock.now())))

    def _taken(self, holder: str = "") -> bool:
        self.checked = self.renewed = self.clock.now()
        self.taken_from = holder
        return bool(holder)

    def _is_free(self, held: HeldLock) -> bool:
        is_over = held.expires is not None and held.expires < self.there()
        return is_over or self.is_dead(held)

    def lost(self) -> str | None:
        """Looked at and renewed now and then; why no more may be written, or None."""
        now = self.clock.now()
        if 0 <= now - self.checked < CHECK_EVERY:
            return None
        held = self.look()
        if held is None or held.holder != self.me.name:
            return f"the lock was lost to {held.shown}" if held else "the lock was broken by somebody"
        self.checked = now
        if not 0 <= now - self.renewed < RENEW_EVERY:
            self._renew(self.name, LEASE)
            self.renewed = now
        return None

    def _renew(self, name: str, lease: float) -> None:
        tags = [{"Key": EXPIRY, "Value": str(int(self.there() + lease))}]
        params = {"ResourceType": "keypair", "ResourceId": [name], "Tag": tags}
        self.api.send(Request("TagResources", params, write=True))

    def release(self) -> bool:
        """Gives it up, if it is still ours; false where it cannot be seen: then it may be left behind."""
        deadline = self.clock.now() + VISIBLE_WITHIN
        while (held := self.look()) is None and self.clock.now() < deadline:
            self.clock.sleep(0.5)
        if held is not None and held.holder == self.me.name:
            self._delete(self.name)
        return held is not None

    def look(self, name: str | None = None) -> HeldLock | None:
        params = {"KeyPairName": name or self.name, "PageSize": 50}
        answer = self.api.send(Request("DescribeKeyPairs", params))
        pairs = (answer.get("KeyPairs") or {}).get("KeyPair") or []
        return next((_held(pair) for pair in pairs if pair.get("KeyPairName") == (name or self.name)), None)

    def _import(self, name: str, lease: float) -> bool:
        assumed = self.there()
        params = {"KeyPairName": name, "PublicKeyBody": PUBLIC_KEY, "Tag": self._tags(assumed, lease)}
        try:
            self.api.send(Request("ImportKeyPair", params, write=True, replay=Replay.NEVER))
        except ApiError as error:
            if error.unknown_outcome:
                held = self.look(name)
                return held is not None and held.holder == self.me.name
            if error.error_class is ErrorClass.ALREADY:
                return False
            raise
        if abs(self.there() - assumed) > SKEW:  # it was the first answer that told the service's time
            self._renew(name, lease)
        return True

    def _tags(self, now: float, lease: float) -> list[dict[str, str]]:
        me = self.me
        tags = {HOLDER: me.name, HOST: me.host, PID: str(me.pid), EXPIRY: str(int(now + lease)), SINCE: str(int(now))}
        tags |= {USER: me.user, OPERATION: me.operation}
        return [{"Key": key, "Value": value[:_LONGEST_TAG]} for key, value in tags.items() if value]

    def _take_over(self, expected: HeldLock) -> bool:
        """Only one of several who find the lock free gets the right to break it, and only while nothing has changed.

        That right is a second such name, made of the holder's: whoever broke it before has left it or died with it,
        and from one who died the right is got in the same way.
        """
        gates: list[str] = []
        victim = expected
        while len(gates) < DEAD_IN_A_ROW:
            gates.append(f"{self.name}:after-{_in_a_name(victim.holder)}")
            if self._import(gates[-1], TAKEOVER_LEASE):
                return self._break(expected, gates)
            holder = self.look(gates[-1])
            if holder is None or not self._is_free(holder):
                return False
            victim = holder
        return False

    def _break(self, expected: HeldLock, gates: Sequence[str]) -> bool:
        try:
            if self.look() != expected:
                return False
            self._delete(self.name)
            return self._import(self.name, LEASE)
        finally:
            for gate in gates:
                self._delete(gate)

    def _delete(self, name: str) -> None:
        try:
            self.api.send(Request("DeleteKeyPairs", {"KeyPairNames": json.dumps([name])}, write=True))
        except ApiError as error:
            if error.error_class is not ErrorClass.ABSENT:
                raise


def _in_a_name(holder: str) -> str:
    """Its holder as a part of a key pair's name, the same for all who find it: a tag may hold anything."""
    return (
        holder if _PLAIN_HOLDER.fullmatch(holder) else hashlib.sha256(holder.encode(errors="replace")).hexdigest()[:24]
    )


def _held(pair: Mapping[str, Any]) -> HeldLock:
    tags = read_tags((pair.get("Tags") or {}).get("Tag"))
    return HeldLock(
        tags.get(HOLDER) or "somebody",
        tags.get(HOST) or "an unknown host",
        _whole(tags.get(PID, "")),
        _whole(tags.get(EXPIRY, "")),
        tags.get(USER, ""),
        tags.get(OPERATION, ""),
        _whole(tags.get(SINCE, "")),
    )


def _whole(text: str) -> int | None:
    """A number that can be a moment, or a process; anything else is not known."""
    found = whole_number(text)
    return found if found is not None and found <= _LATEST else None


def break_lock(api: Api, stack: str, clock: Clock) -> HeldLock | None:
    """Deletes the lock of a stack, whoever holds it; who that was, or None when nobody did."""
    lock = StackLock(api, stack, Holder("", "", 0), clock, clock.now)
    held = lock.look()
    if held is not None:
        lock._delete(lock.name)
    return held
