"""The log of calls: counts by action and code, and a log of the calls with their secrets masked."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any

SECRETS = ("Password", "UserData", "SecurityToken", "Signature", "PrivateKeyBody")
COMMON = frozenset((
    "Action", "Version", "Format", "AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion",
    "SignatureNonce", "Timestamp", "SecurityToken",
))  # fmt: skip


# Whoever can connect fills the log, signed or not: what is kept of a call, and of all together, has an end.
LONGEST_NAME, MOST_ACTIONS, OTHERS = 128, 5000, "(others)"
LONGEST_VALUE, LARGEST_ENTRY, LARGEST_LOG = 4096, 64 * 1024, 64 * 1024 * 1024


def masked(params: Mapping[str, str]) -> dict[str, str]:
    """Without secrets and what every call has; long values, and whatever is too much for one entry, are cut."""
    kept: dict[str, str] = {}
    left = LARGEST_ENTRY
    for name, value in params.items():
        if name in COMMON:
            continue
        text = "***" if name.rsplit(".", 1)[-1] in SECRETS else value
        if len(text) > LONGEST_VALUE:
            text = f"{text[:LONGEST_VALUE]}… ({len(text)} characters)"
        left -= len(name) + len(text)
        if left < 0:
            kept["…"] = f"{len(params)} parameters"
            break
        kept[name] = text
    return kept


class CallLog:
    """Numbers the calls from 1; the numbers are those that fault schedules mean."""

    def __init__(self, size: int) -> None:
        self._lock = threading.Lock()
        self._most = size
        self._calls: deque[dict[str, Any]] = deque()
        self._weights: deque[int] = deque()
        self._weight = 0
        self._count: Counter[str] = Counter()
        self._errors: dict[str, Counter[str]] = {}
        self._lacking: Counter[str] = Counter()
        self.numbered = 0

    def lacked(self, product: str, action: str) -> None:
        """An action that the service has and this emulator has not."""
        with self._lock:
            self._lacking[f"{product}:{action}"] += 1

    def arrived(self, at: float, product: str, action: str, params: Mapping[str, str]) -> dict[str, Any]:
        """The entry, to be completed by `ended` and by the faults that hit it."""
        action = action[:LONGEST_NAME]
        kept = masked(params)
        entry: dict[str, Any] = {"product": product, "action": action, "time": at, "params": kept, "status": None}
        with self._lock:
            self.numbered += 1
            entry["n"] = self.numbered
            self._keep(entry, sum(map(len, kept)) + sum(map(len, kept.values())))
            if action in self._count or len(self._count) < MOST_ACTIONS:
                self._count[action] += 1
            else:
                self._count[OTHERS] += 1
        return entry

    def _keep(self, entry: dict[str, Any], weight: int) -> None:
        self._calls.append(entry)
        self._weights.append(weight)
        self._weight += weight
        while len(self._calls) > self._most or self._weight > LARGEST_LOG:
            self._calls.popleft()
            self._weight -= self._weights.popleft()

    def ended(self, entry: dict[str, Any], status: int, code: str = "", request_id: str = "") -> None:
        entry["status"] = status
        entry["request_id"] = request_id
        if code:
            entry["code"] = code
            with self._lock:
                action = entry["action"] if entry["action"] in self._count else OTHERS
                self._errors.setdefault(action, Counter())[code] += 1

    def stats(self) -> dict[str, Any]:
        with self._lock:
            actions = {
                action: {"calls": calls, "errors": dict(self._errors.get(action, {}))}
                for action, calls in sorted(self._count.items())
            }
            found = {"total": sum(self._count.values()), "actions": actions}
            return found | {"not_built": dict(self._lacking)} if self._lacking else found

    def calls(self) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(entry) for entry in self._calls]

    def reset(self) -> None:
        with self._lock:
            self._calls.clear()
            self._weights.clear()
            self._weight = 0
            self._count.clear()
            self._errors.clear()
            self._lacking.clear()
            self.numbered = 0
