"""The records of a journal, as values. Reading is total: a record of another shape is Odd, never a traceback."""

import math
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field


class Odd(Exception):
    """A record that is none of ours, or of another version."""


class Intent(Struct, frozen=True):
    """A write that was about to be sent, `at` that time. `creates` are addresses; no `token` where it takes none.

    `params` are for people and for what tags say; `body` is the digest of the whole.
    """

    number: int
    step: str
    operation: str
    product: str
    params: Mapping[str, Any] = field(default_factory=dict)
    body: str = ""
    token: str = ""
    creates: tuple[str, ...] = ()
    kind: str = ""
    id_path: str = ""
    removes: tuple[str, ...] = ()
    at: float = 0.0
    region: str | None = None


class Start(Struct, frozen=True):
    """The first line: whose journal it is. `proof` is what the holder's name in the lock is made of; `boot` tells one
    running kernel from another, where it can be told; `overlays` are those of the stack that is applied."""

    stack: str
    region: str
    proof: str
    operation: str
    at: float
    boot: str = ""
    overlays: tuple[str, ...] | None = None


def start_of(record: Mapping[str, Any]) -> Start:
    found = mapping(record.get("start"))
    return Start(
        text(found.get("stack")),
        text(found.get("region")),
        text(found.get("proof")),
        text(found.get("operation")),
        number(found.get("at")),
        text(found.get("boot", "")),
        None if found.get("overlays") is None else texts(found["overlays"]),
    )


def intent_of(value: object) -> Intent:
    found = mapping(value)
    region = found.get("region")
    return Intent(
        whole(found.get("number")),
        text(found.get("step")),
        text(found.get("operation")),
        text(found.get("product")),
        mapping(found.get("params")),
        text(found.get("body", "")),
        text(found.get("token", "")),
        texts(found.get("creates", [])),
        text(found.get("kind", "")),
        text(found.get("id_path", "")),
        texts(found.get("removes", [])),
        number(found.get("at", 0.0)),
        None if region is None else text(region),
    )


def mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Odd
    return value


def text(value: object) -> str:
    if not isinstance(value, str):
        raise Odd
    return value


def texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Odd
    return tuple(map(text, value))


def text_by_text(value: object) -> dict[str, str]:
    return {key: text(item) for key, item in mapping(value).items()}


def whole(value: object) -> int:
    if type(value) is not int:
        raise Odd
    return value


def number(value: Any) -> float:
    """Seconds; what is no finite number is Odd, as nobody can wait for it."""
    if type(value) not in (int, float):
        raise Odd
    try:
        found = float(value)
    except OverflowError:
        raise Odd from None
    if not math.isfinite(found):
        raise Odd
    return found
