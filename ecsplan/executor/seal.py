"""The seal on each line of a journal: whoever does not have the secret of the access key cannot write one.

A journal is a file that a pull request, a cache or a shared folder can bring along. What it says is believed only where
each line carries a code (HMAC-SHA256) made with a key that is derived from that secret, over the line, its number and
the name of the file.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

_PURPOSE = b"ecsplan journal v1"
_DIGITS = 32
_BEFORE, _AFTER = '{"mac": "', '", '
_REST = len(_BEFORE) + _DIGITS + len(_AFTER)


def key_for(secret: str) -> bytes:
    """The key that a secret stands for here; nothing leads back from it."""
    return hmac.digest(secret.encode(), _PURPOSE, "sha256")


class Line(Struct, frozen=True):
    """A line that could be read. `number` counts from 1 in its file."""

    record: Mapping[str, object]
    number: int
    is_authentic: bool


@dataclass(frozen=True, slots=True)
class Seal:
    """For one file. Without a key nothing is authentic."""

    key: bytes = field(repr=False)
    name: str

    def line(self, number: int, record: Mapping[str, Any]) -> str:
        """A JSON line whose code comes first, so that it can be checked without writing the rest anew."""
        rest = json.dumps({"n": number, **record})[1:]
        return f"{_BEFORE}{self._code(rest)}{_AFTER}{rest}"

    def read(self, line: str) -> Line | None:
        """None for what is no record: a line that the power went out on, or of something else."""
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if not isinstance(found, dict):
            return None
        number = found.get("n")
        is_authentic = bool(self.key) and self._fits(line)
        return Line(found, number if type(number) is int else 0, is_authentic)

    def _fits(self, line: str) -> bool:
        code, rest = line[len(_BEFORE) : len(_BEFORE) + _DIGITS], line[_REST:]
        return line[:_REST] == f"{_BEFORE}{code}{_AFTER}" and hmac.compare_digest(
            code.encode(), self._code(rest).encode()
        )

    def _code(self, rest: str) -> str:
        text = f"{self.name}\n{rest}".encode(errors="surrogateescape")  # a name in a folder may be any bytes
        return hmac.digest(self.key, text, "sha256").hex()[:_DIGITS]


def holder_of(proof: str) -> str:
    """The name under which the lock is held by the run whose journal holds this proof.

    The name stands in the tags of the lock, for all to read; only that run's journal says what it is made of.
    """
    return f"ecsplan-{hashlib.sha256(proof.encode()).hexdigest()[:16]}"
