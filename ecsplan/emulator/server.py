"""HTTP/1.1 over plain sockets, one thread a connection; lean, since header parsing is most of a small call's cost."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
import time
import traceback
from pathlib import Path
from types import TracebackType
from typing import Self

from ecsplan.emulator.control import PREFIX
from ecsplan.emulator.protocol import failure
from ecsplan.emulator.service import Service
from ecsplan.emulator.wire import ConnectionDropped, HttpRequest, HttpResponse

HEADERS_LIMIT = 64 * 1024
# The largest request of the API is a hundred machines with user data; the control API takes a whole account.
BODY_LIMIT, STATE_LIMIT = 4 * 1024 * 1024, 512 * 1024 * 1024
IDLE, WHOLE = 120.0, 300.0  # seconds: between two reads of a connection, and for a whole request
CONNECTIONS = 1000
REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 409: "Conflict", 413: "Too Large",
           429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
           504: "Gateway Timeout"}  # fmt: skip


class BadRequest(Exception):
    """Not HTTP as we can read it, or too much of it; with a status that is answered, and the connection ends."""

    def __init__(self, status: int = 0) -> None:
        super().__init__(status)
        self.status = status


class EmulatorServer:
    """Serves one Service; `with EmulatorServer(service) as server: … server.url`."""

    def __init__(
        self, service: Service, host: str = "127.0.0.1", port: int = 0,
        tls_cert: Path | str | None = None, tls_key: Path | str | None = None,
    ) -> None:  # fmt: skip
        self.service = service
        self._tls: ssl.SSLContext | None = None
        if tls_cert is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(tls_cert, tls_key)
        self._listener = socket.create_server((host, port), backlog=256, family=_family(host))
        self.host, self.port = self._listener.getsockname()[:2]
        service.names.add(host.lower())
        self._open: set[socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()
        self._stopping = False
        self._acceptor = threading.Thread(target=self._accept, name="emulator-accept", daemon=True)

    @property
    def url(self) -> str:
        scheme = "https" if self._tls else "http"
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{shown}:{self.port}"

    def start(self) -> Self:
        self._acceptor.start()
        return self

    def stop(self) -> None:
        """Closes the port and every connection, and waits for their threads."""
        self._stopping = True
        _shut(self._listener)
        if self._acceptor.is_alive():
            self._acceptor.join()
        self.service.interrupt()
        with self._lock:
            for connection in list(self._open):
                _shut(connection)
            threads = list(self._threads)
        for thread in threads:
            thread.join(timeout=5)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _accept(self) -> None:
        while not self._stopping:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                break
            thread = threading.Thread(target=self._converse, args=(connection,), daemon=True)
            with self._lock:
                is_full = len(self._open) >= CONNECTIONS
                if not is_full:
                    self._open.add(connection)
                    self._threads.add(thread)
            if is_full:
                connection.close()
            else:
                thread.start()
        self._listener.close()

    def _converse(self, connection: socket.socket) -> None:
        """One connection from handshake to close. A client may vanish at any byte: that is no error of ours."""
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(IDLE)
            connection = self._secured(connection)
            reader = Reader(connection)
            while not self._stopping and self._exchange(connection, reader):
                pass
        except (OSError, BadRequest):
            pass
        finally:
            with self._lock:
                self._open.discard(connection)
                self._threads.discard(threading.current_thread())
            connection.close()

    def _secured(self, connection: socket.socket) -> socket.socket:
        """The connection to read from, its handshake done where it speaks TLS."""
        if self._tls is None:
            return connection
        secured = self._wrapped(connection, self._tls)
        try:
            secured.do_handshake()
        except OSError:
            with self._lock:
                self._open.discard(secured)
            secured.close()
            raise
        return secured

    def _wrapped(self, connection: socket.socket, tls: ssl.SSLContext) -> ssl.SSLSocket:
        """Known to `stop` before the handshake, which a client may never finish."""
        with self._lock:
            self._open.discard(connection)
            secured = tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            self._open.add(secured)
        return secured

    def _exchange(self, connection: socket.socket, reader: Reader) -> bool:
        """One request and its answer; False ends the connection."""
        try:
            request = reader.read_request()
        except BadRequest as bad:
            if bad.status:
                connection.sendall(_written(failure(bad.status, "InvalidParameter.TooLarge"), False, False))
            return False
        if request is None:
            return False
        try:
            response = self.service.handle(request)
        except ConnectionDropped:
            return False
        except Exception:  # noqa: BLE001
            # A mistake of the emulator's own: told to whoever runs it, and to the client as the service would.
            traceback.print_exc(file=sys.stderr)
            response = failure(500, "InternalError")
        keep = request.headers.get("connection", "").lower() != "close" and not response.cut
        connection.sendall(_written(response, keep, request.method == "HEAD"))
        return keep


class Reader:
    """Takes requests off a socket; what was read beyond one is kept for the next."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = b""
        self._begun = 0.0

    def read_request(self) -> HttpRequest | None:
        """None when the client has closed between requests."""
        # Old clients end a form with a line break that no Content-Length counts.
        self._buffer = self._buffer.lstrip(b"\r\n")
        self._begun = 0.0
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > HEADERS_LIMIT:
                raise BadRequest(413)
            chunk = self._connection.recv(65536)
            if not chunk:
                return None
            self._check_pace()
            self._buffer = (self._buffer + chunk).lstrip(b"\r\n")
        head = self._buffer[:end].decode("latin-1")
        self._buffer = self._buffer[end + 4 :]
        first, *lines = head.split("\r\n")
        method, _, rest = first.partition(" ")
        target, _, protocol = rest.rpartition(" ")
        if not protocol.startswith("HTTP/1."):
            raise BadRequest
        headers = _headers(lines)
        if protocol == "HTTP/1.0":
            headers.setdefault("connection", "close")
        if headers.get("expect", "").lower() == "100-continue":
            self._connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if target.startswith(("http://", "https://")):  # as sent to a proxy
            target = "/" + target.split("/", 3)[3] if target.count("/") > 2 else "/"
        limit = STATE_LIMIT if target.startswith(PREFIX) else BODY_LIMIT
        return HttpRequest(method, target, headers, self._body(headers, limit))

    def _body(self, headers: dict[str, str], limit: int) -> bytes:
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self._chunks(limit)
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdecimal()) or len(length) > 12:
            raise BadRequest
        if int(length) > limit:
            raise BadRequest(413)
        return self._take(int(length))

    def _chunks(self, limit: int) -> bytes:
        parts: list[bytes] = []
        while True:
            size = _hexadecimal(self._line().partition(b";")[0])
            limit -= size
            if limit < 0:
                raise BadRequest(413)
            if size == 0:
                while trailer := self._line():
                    limit -= len(trailer)
                    if limit < 0:
                        raise BadRequest(413)
                return b"".join(parts)
            parts.append(self._take(size))
            self._line()

    def _line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > HEADERS_LIMIT:
                raise BadRequest
            self._more()
        line, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        return line

    def _take(self, length: int) -> bytes:
        while len(self._buffer) < length:
            self._more()
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        return body

    def _more(self) -> None:
        chunk = self._connection.recv(262144)
        if not chunk:
            raise BadRequest
        self._check_pace()
        self._buffer += chunk

    def _check_pace(self) -> None:
        """A request that comes byte by byte would hold its thread for ever."""
        now = time.monotonic()
        self._begun = self._begun or now
        if now - self._begun > WHOLE:
            raise BadRequest


def _hexadecimal(digits: bytes) -> int:
    if not 0 < len(digits) <= 8 or digits.strip(b"0123456789abcdefABCDEF"):
        raise BadRequest
    return int(digits, 16)


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip()
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


def _written(response: HttpResponse, keep: bool, head_only: bool) -> bytes:
    lines = [f"HTTP/1.1 {response.status} {REASONS.get(response.status, 'Status')}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    lines.append("Connection: keep-alive" if keep else "Connection: close")
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    return head if head_only else head + response.body


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        connection.close()
