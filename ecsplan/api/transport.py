"""The HTTP library's door: one POST, and its answer read within bounds of size and time.

Used by `client` alone. What comes out is a Reply or a transport ApiError, never an exception of the library.
"""

import io
import re
import socket
import ssl
import time
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NoReturn

import requests
from msgspec import Struct
from requests import exceptions as failures
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NameResolutionError, NewConnectionError

from ecsplan.api import answer

Session = requests.Session
Adapter = BaseAdapter
"""What may stand in for the network; named here, as nobody else imports the HTTP library."""

MOST_BYTES = 32 << 20  # of an answer, unpacked; the largest known is some 3 MB (all instance types)
LONGEST_ANSWER = 60.0  # seconds from the request to the last byte
_PIECE = 16 << 10
# A URL holds every parameter, secrets too.
_URL = re.compile(r"\S*/\?\S+")


class Reply(Struct, frozen=True):
    """An answer as it came: `body` is unpacked, names of `headers` in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


READERS = 10
"""How many lists are read side by side, and how many pages of them, however few writes are sent at once."""


def new_session(parallelism: int, adapter: Adapter | None, verify: bool | str | None) -> requests.Session:
    """Keep-alive for that many workers, and for all that read on for them. `verify` set means loopback: no proxy of
    the environment is used.
    """
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    if verify is not None:
        session.trust_env, session.verify = False, verify
    # No retries down here: bytes that are sent twice carry one nonce, and are refused or done twice.
    chosen = adapter or _Adapter(pool_connections=8, pool_maxsize=connections(parallelism), max_retries=0)
    session.mount("https://", chosen)
    session.mount("http://", chosen)
    return session


def connections(parallelism: int) -> int:
    """How many are open at most: the workers of a run, and two pools of readers."""
    return parallelism + 4 + 2 * max(parallelism, READERS)


def post(
    session: requests.Session,
    operation: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    timeouts: tuple[float, float],
) -> Reply:
    """Sends once and reads the whole answer. Raises ApiError where there is none, or where it is beyond all bounds."""
    try:
        prepared = _prepared(session, url, headers, body)
        around = session.merge_environment_settings(prepared.url or url, {}, True, None, None)
        with session.send(prepared, timeout=timeouts, allow_redirects=False, **around) as response:
            return Reply(response.status_code, response.headers, _read(operation, response))
    except failures.RequestException as failure:
        _raise_transport(operation, failure)


def _prepared(session: requests.Session, url: str, headers: Mapping[str, str], body: bytes) -> requests.PreparedRequest:
    """The request as it is signed. `Session.post` would merge seven settings that are never set, at a fifth of the
    cost of a call, and would write an account of ~/.netrc over the signature."""
    prepared = requests.PreparedRequest()
    prepared.prepare_method("POST")
    prepared.prepare_url(url, None)
    prepared.prepare_headers({**session.headers, **headers})
    prepared.prepare_body(body, None)
    prepared.prepare_cookies({})
    prepared.prepare_hooks(None)
    return prepared


def _read(operation: str, response: requests.Response) -> bytes:
    found = bytearray()
    for piece in response.iter_content(_PIECE):
        found += piece
        if len(found) > MOST_BYTES:
            message = f"the answer is longer than {MOST_BYTES >> 20} MB"
            raise answer.transport_error(operation, answer.TOO_LARGE, message)
    return bytes(found)


class _Timed(io.RawIOBase):
    """A socket's file whose reads all end by one deadline, however slowly the bytes drip."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock, self._file = sock, sock.makefile("rb", buffering=0)
        self._patience, self._deadline = sock.gettimeout(), time.monotonic() + LONGEST_ANSWER

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"the answer was not complete after {LONGEST_ANSWER:.0f} s")
        self._sock.settimeout(left if self._patience is None else min(left, self._patience))
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Socket:
    """A socket, but for the file that its answers are read from."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        return io.BufferedReader(_Timed(self._sock))


class _Plain(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        self.sock = _Socket(self.sock)


class _Secure(HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        self.sock = _Socket(self.sock)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    """The library's own, over connections whose answers end in time."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


def _raise_transport(operation: str, failure: failures.RequestException) -> NoReturn:
    # Never `from failure`: it holds the request, and with it every parameter.
    raise answer.transport_error(operation, _transport_code(failure), _reason(failure)) from None


def _transport_code(failure: failures.RequestException) -> str:
    """Only what is proven to have failed before the first byte left may be called unsent."""
    chain = list(_causes(failure))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in chain):
        return answer.TLS
    if any(isinstance(cause, NameResolutionError) for cause in chain):
        return answer.NO_HOST
    if any(isinstance(cause, (NewConnectionError, ConnectTimeoutError)) for cause in chain):
        return answer.NOT_SENT
    if isinstance(failure, (failures.ConnectTimeout, failures.ProxyError)):
        return answer.NOT_SENT
    return answer.UNUSABLE if isinstance(failure, ValueError) else answer.NO_ANSWER


def _causes(failure: BaseException | None) -> list[BaseException]:
    """The HTTP library wraps in three ways: as argument, as `reason`, as cause."""
    found: list[BaseException] = []
    waiting = [failure]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            reason = one.reason if isinstance(one, MaxRetryError) else None
            waiting += [reason, one.__cause__, one.__context__, *one.args]
    return found


def _reason(failure: failures.RequestException) -> str:
    if isinstance(failure, ValueError):  # a header, a URL: quoted in full, with the token that it may hold
        return f"{type(failure).__name__}: the HTTP library refused to send it"
    innermost = _causes(failure)[-1]
    return f"{type(failure).__name__}: {_URL.sub('the URL', str(innermost))}"
