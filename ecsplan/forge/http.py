"""JSON over HTTP to a site: a token in a header, answers within bounds, repeats where they are safe."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests

MOST_BYTES = 16 << 20
TRIES = 4
TIMEOUT = (10.0, 30.0)  # seconds to connect, and between two bytes
LONGEST_WAIT = 60.0
_PAGES = 20


class ForgeError(Exception):
    """The site refused, or did not answer. `status` is 0 where there was no answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Http:
    """One site and one token. `sleep` waits; in tests it is told instead."""

    def __init__(self, base: str, headers: Mapping[str, str], sleep: Callable[[float], None]) -> None:
        self._base, self._sleep = base, sleep
        self._session = requests.Session()
        self._session.headers.update({"Accept": "application/json", "User-Agent": "ecsplan", **headers})
        # No .netrc: its password would replace the token.
        self._session.auth = _unchanged

    def send(self, method: str, path: str, body: Any = None, **query: str | int) -> Any:
        """The decoded answer, None for an empty one. Raises ForgeError.

        Reads are sent again after a failure of any kind; writes only where the site says that it did nothing (429, or
        403 with Retry-After): a comment is not made twice.
        """
        for attempt in range(1, TRIES + 1):
            last = attempt == TRIES
            try:
                with self._session.request(
                    method, self._base + path, json=body, params=query, timeout=TIMEOUT, allow_redirects=False,
                    stream=True,
                ) as reply:  # fmt: skip
                    text = _text(reply)
                    status, headers = reply.status_code, reply.headers
            except requests.RequestException as error:
                if last or method != "GET":
                    raise ForgeError(f"{method} {path}: {type(error).__name__}") from None
                self._sleep(2.0 ** (attempt - 1))
                continue
            if 200 <= status < 300:
                return _decoded(text, f"{method} {path}", status)
            wait = _wait(status, headers, method, attempt)
            if last or wait is None:
                raise ForgeError(f"{method} {path}: {status} {_message(text)}", status)
            self._sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def pages(self, path: str, size: str = "per_page", most: int = 100, **query: str | int) -> Iterator[Any]:
        """The entries of a list, page by page, until one is not full."""
        for page in range(1, _PAGES + 1):
            found = self.send("GET", path, **{size: most, "page": page, **query})
            if not isinstance(found, list):
                raise ForgeError(f"GET {path}: not a list")
            yield from found
            if len(found) < most:
                return


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _text(reply: requests.Response) -> str:
    found = bytearray()
    for piece in reply.iter_content(1 << 16):
        found += piece
        if len(found) > MOST_BYTES:
            raise ForgeError("the answer is too long", reply.status_code)
    return found.decode("utf-8", errors="replace")


def _decoded(text: str, what: str, status: int) -> Any:
    try:
        return json.loads(text) if text.strip() else None
    except ValueError:
        raise ForgeError(f"{what}: the answer is not JSON", status) from None


def _wait(status: int, headers: Mapping[str, str], method: str, attempt: int) -> float | None:
    """Seconds until the request may be sent again; None where it may not."""
    asked = headers.get("Retry-After", "")
    seconds = float(asked) if asked.isascii() and asked.isdigit() else None
    if status == 429 or (status == 403 and seconds is not None):
        return min(seconds if seconds is not None else 2.0**attempt, LONGEST_WAIT)
    if status >= 500 and method == "GET":
        return 2.0 ** (attempt - 1)
    return None


def _message(text: str) -> str:
    """What the site says, on one line; its other members may hold what was sent."""
    try:
        found = json.loads(text)
    except ValueError:
        return ""
    told = (found.get("message") or found.get("error") or found.get("errorMessage")) if isinstance(found, dict) else ""
    return " ".join(str(told or "").split())[:300]
