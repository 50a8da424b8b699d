"""What was called: counts by action and code, and a log of the calls with their secrets masked."""

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


def masked(params: Mapping[str, str]) -> dict[str, str]:
    return {
        name: "***" if name.rsplit(".", 1)[-1] in SECRETS else value
        for name, value in params.items()
        if name not in COMMON
    }


class CallLog:
    """Numbers the calls from 1; the numbers are those that fault schedules mean."""

    def __init__(self, size: int) -> None:
        self._lock = threading.Lock()
        self._calls: deque[dict[str, Any]] = deque(maxlen=size)
        self._count: Counter[str] = Counter()
        self._errors: dict[str, Counter[str]] = {}
        self.numbered = 0

    def arrived(self, at: float, product: str, action: str, params: Mapping[str, str]) -> dict[str, Any]:
        """The entry, to be completed by `ended` and by the faults that hit it."""
        entry: dict[str, Any] = {"product": product, "action": action, "time": at, "params": params, "status": None}
        with self._lock:
            self.numbered += 1
            entry["n"] = self.numbered
            self._calls.append(entry)
            self._count[action] += 1
        return entry

    def ended(self, entry: dict[str, Any], status: int, code: str = "", request_id: str = "") -> None:
        entry["status"] = status
        entry["request_id"] = request_id
        if code:
            entry["code"] = code
            with self._lock:
                self._errors.setdefault(entry["action"], Counter())[code] += 1

    def stats(self) -> dict[str, Any]:
        with self._lock:
            actions = {
                action: {"calls": calls, "errors": dict(self._errors.get(action, {}))}
                for action, calls in sorted(self._count.items())
            }
            return {"total": sum(self._count.values()), "actions": actions}

    def calls(self) -> list[dict[str, Any]]:
        with self._lock:
            return [{**entry, "params": masked(entry["params"])} for entry in self._calls]

    def reset(self) -> None:
        with self._lock:
            self._calls.clear()
            self._count.clear()
            self._errors.clear()
            self.numbered = 0
