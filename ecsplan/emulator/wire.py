"""The messages that pass between the socket (or a test) and the service, and a lost connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """`target` is path and query as sent; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """`cut` says that the connection ends after `body`, short of the announced Content-Length."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False


class ConnectionDropped(Exception):
    """The service hangs up without an answer; whether the call was carried out is not told."""


class Refusal(Exception):
    """An error of the service: an HTTP status, a code and a message."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


def not_found(code: str, what: str, name: str) -> Refusal:
    """A 404 in the service's words."""
    return Refusal(404, code, f"The specified {what} {name} does not exist.")


def invalid(name: str, why: str = "", code: str = "InvalidParameter") -> Refusal:
    """A parameter whose value can't be."""
    return Refusal(400, code, f'The specified parameter "{name}" is not valid.' + (f" {why}" if why else ""))


def missing(name: str, code: str = "MissingParameter") -> Refusal:
    """A parameter that has to be there."""
    return Refusal(
        400, code, f'The input parameter "{name}" that is mandatory for processing this request is not supplied.'
    )
