"""One writer at a time, with no other service: a key pair named for the stack, since its name is unique in a region.

Used by the engine. ImportKeyPair of a constant public key is atomic; its tags say who holds it and until when. An
expired lock is taken over under a second such name, so that two who find it expired cannot both win.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from ecsplan.model.call import Api, ApiError, ErrorClass, Replay, Request
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
LEASE = 600.0
CHECK_EVERY = 120.0
TAKEOVER_LEASE = 60.0
DEAD_IN_A_ROW = 5
VISIBLE_WITHIN = 5.0  # seconds; a lock that was just made may not be in the list yet


class Clock(Protocol):
    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds a lock, as its tags say; `expires` in seconds since the epoch."""

    holder: str
    host: str
    pid: int
    expires: float

    @property
    def shown(self) -> str:
        shown = f"{self.holder} on {self.host} (process {self.pid})"
        if self.expires == float("inf"):
            return shown
        until = datetime.fromtimestamp(self.expires, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        return f"{shown}, until {until} unless it is renewed"


# The name is taken and the list does not show it: it was just made, or the key may not read it.
UNSEEN = Held("somebody that this key cannot see", "an unknown host", 0, float("inf"))


class LockTaken(Exception):
    """Somebody else holds the lock."""

    def __init__(self, held: Held) -> None:
        super().__init__(f"the stack is locked by {held.shown}")
        self.held = held


@dataclass(slots=True)
class StackLock:
    """The lock of one stack. `is_dead(held)` says whether a holder of this machine is known to be dead."""

    api: Api
    stack: str
    holder: str
    host: str
    pid: int
    clock: Clock
    is_dead: Callable[[Held], bool] = lambda held: False
    checked: float = field(default=0.0)
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
                self.checked = self.clock.now()
                return False
            held = self.look()
            if held is not None and held.holder == self.holder:
                self.checked = self.clock.now()
                return False
            is_free = held is not None and (self._is_over(held) or self.is_dead(held))
            if held is not None and is_free and self._take_over(held):
                self.taken_from = held.holder
                return True
            if self.clock.now() >= (taking_over if is_free else deadline if held else deadline + VISIBLE_WITHIN):
                raise LockTaken(held or UNSEEN)
            self.clock.sleep(0.5 if is_free else min(2.0, max(0.2, deadline - self.clock.now())))

    def _is_over(self, held: Held) -> bool:
        return held.expires < self.clock.now()

    def lost(self) -> str | None:
        """Checked and renewed now and then; why no more may be written, or None."""
        now = self.clock.now()
        if now - self.checked < CHECK_EVERY:
            return None
        held = self.look()
        if held is None or held.holder != self.holder:
            return f"the lock was lost to {held.shown}" if held else "the lock was broken by somebody"
        tags = [{"Key": EXPIRY, "Value": str(int(now + LEASE))}]
        params = {"ResourceType": "keypair", "ResourceId": [self.name], "Tag": tags}
        self.api.send(Request("TagResources", params, write=True))
        self.checked = now
        return None

    def release(self) -> bool:
        """Gives it up, if it is still ours; false where it cannot be seen: then it may be left behind."""
        deadline = self.clock.now() + VISIBLE_WITHIN
        while (held := self.look()) is None and self.clock.now() < deadline:
            self.clock.sleep(0.5)
        if held is not None and held.holder == self.holder:
            self._delete(self.name)
        return held is not None

    def look(self, name: str | None = None) -> Held | None:
        params = {"KeyPairName": name or self.name, "PageSize": 50}
        answer = self.api.send(Request("DescribeKeyPairs", params))
        pairs = (answer.get("KeyPairs") or {}).get("KeyPair") or []
        return next((_held(pair) for pair in pairs if pair.get("KeyPairName") == (name or self.name)), None)

    def _import(self, name: str, lease: float) -> bool:
        now = self.clock.now()
        tags = {HOLDER: self.holder, HOST: self.host, PID: str(self.pid), EXPIRY: str(int(now + lease))}
        params = {
            "KeyPairName": name,
            "PublicKeyBody": PUBLIC_KEY,
            "Tag": [{"Key": key, "Value": value} for key, value in tags.items()],
        }
        try:
            self.api.send(Request("ImportKeyPair", params, write=True, replay=Replay.NEVER))
        except ApiError as error:
            if error.unknown_outcome:
                held = self.look(name)
                return held is not None and held.holder == self.holder
            if error.error_class is ErrorClass.ALREADY or "AlreadyExist" in error.code or "Duplicate" in error.code:
                return False
            raise
        return True

    def _take_over(self, expected: Held) -> bool:
        """Only one of several who find the lock free gets the right to break it, and only while nothing has changed.

        That right is a second such name, made of the holder's: whoever broke it before has left it or died with it,
        and from one who died the right is got in the same way.
        """
        gates: list[str] = []
        victim = expected
        while len(gates) < DEAD_IN_A_ROW:
            gates.append(f"{self.name}:after-{victim.holder[:24]}")
            if self._import(gates[-1], TAKEOVER_LEASE):
                return self._break(expected, gates)
            holder = self.look(gates[-1])
            if holder is None or not self._is_over(holder):
                return False
            victim = holder
        return False

    def _break(self, expected: Held, gates: Sequence[str]) -> bool:
        try:
            if self.look() != expected:
                return False
            self._delete(self.name)
            if not self._import(self.name, LEASE):
                return False
            self.checked = self.clock.now()
            return True
        finally:
            for gate in gates:
                self._delete(gate)

    def _delete(self, name: str) -> None:
        try:
            self.api.send(Request("DeleteKeyPairs", {"KeyPairNames": f'["{name}"]'}, write=True))
        except ApiError as error:
            if error.error_class is not ErrorClass.ABSENT:
                raise


def _held(pair: Mapping[str, Any]) -> Held:
    tags = read_tags((pair.get("Tags") or {}).get("Tag"))
    expiry, pid = whole_number(tags.get(EXPIRY, "")), whole_number(tags.get(PID, ""))
    return Held(
        tags.get(HOLDER, "somebody"),
        tags.get(HOST, "an unknown host"),
        pid or 0,
        float("inf") if expiry is None else float(expiry),
    )


def break_lock(api: Api, stack: str, clock: Clock) -> Held | None:
    """Deletes the lock of a stack, whoever holds it; who that was, or None when nobody did."""
    lock = StackLock(api, stack, "", "", 0, clock)
    held = lock.look()
    if held is not None:
        lock._delete(lock.name)
    return held
