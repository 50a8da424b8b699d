"""The contract of ClientToken: the first answer again, a mismatch refused, and a call still in progress said so."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecsplan.emulator.wire import Refusal

# Neither product documents how long a token is remembered; a day is our reading.
REMEMBERED = 24 * 3600.0
CROWD = 10_000
IN_PROGRESS = "LastTokenProcessing"
REFUSED = "refused"
# The official provider takes a new token for these after a conflict, and the same one for RunInstances.
KEEP_FAILURES = frozenset(("AttachInstanceRamRole",))


@dataclass(slots=True)
class Remembered:
    """`body` is None while the first call runs. Of a call that was refused it holds nothing but REFUSED: status, code
    and message."""

    digest: str
    body: dict[str, Any] | None
    at: float


def digest(params: Mapping[str, Any]) -> str:
    """Nonce, time and signature are no parameters, so a signed retry has the same digest."""
    text = json.dumps(params, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def check(token: str) -> None:
    if len(token) > 64 or not token.isascii():
        raise Refusal(400, "InvalidClientToken.ValueNotSupported", "The ClientToken is at most 64 ASCII characters.")


class Tokens:
    """Remembered answers by (account key, product, action, token)."""

    def __init__(self) -> None:
        self.entries: dict[str, Remembered] = {}
        self.dirty: set[str] = set()
        self.lifetime = REMEMBERED
        self._crowd = CROWD

    @staticmethod
    def key(account: str, product: str, action: str, token: str) -> str:
        return f"{account}/{product}/{action}/{token}"

    def claim(self, key: str, parameters: str, now: float) -> dict[str, Any] | None:
        """The answer of the first call with this token; None when this is the first."""
        if len(self.entries) >= self._crowd:
            self._forget_old(now)
        entry = self.entries.get(key)
        if entry is None or (entry.body is not None and now - entry.at > self.lifetime):
            self.entries[key] = Remembered(parameters, None, now)
            return None
        if entry.digest != parameters:
            raise Refusal(400, "IdempotentParameterMismatch", "The client token was used with other parameters.")
        if entry.body is None:
            raise Refusal(403, IN_PROGRESS, "The last token request is processing, please try again later.")
        if REFUSED in entry.body:
            raise Refusal(*entry.body[REFUSED])
        return entry.body

    def refuse(self, key: str, refusal: Refusal, now: float) -> None:
        """The failure is what the token stands for from now on."""
        self.settle(key, {REFUSED: [refusal.status, refusal.code, refusal.message]}, now)

    def settle(self, key: str, body: dict[str, Any], now: float) -> None:
        entry = self.entries[key]
        entry.body, entry.at = body, now
        self.dirty.add(key)

    def release(self, key: str) -> None:
        """The call failed: the token is free again."""
        entry = self.entries.get(key)
        if entry is not None and entry.body is None:
            del self.entries[key]

    def _forget_old(self, now: float) -> None:
        old = [key for key, e in self.entries.items() if e.body is not None and now - e.at > self.lifetime]
        for key in old:
            del self.entries[key]
        self.dirty.update(old)
        self._crowd = len(self.entries) + CROWD

    def forget(self) -> None:
        self.dirty.update(self.entries)
        self.entries.clear()
