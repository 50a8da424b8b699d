"""The bounds of an answer, over a real socket: size as unpacked, and time however slowly it drips."""

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ecsplan.api import transport
from ecsplan.api.transport import MOST_BYTES, new_session, post
from ecsplan.model.call import ApiError, ErrorClass

Send = Callable[[BaseHTTPRequestHandler, threading.Event], None]


@contextmanager
def serving(send: Send) -> Iterator[str]:
    """A service on this machine that writes its answers with `send`, which stops at the event."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            try:
                send(self, ended)
            except OSError:
                self.close_connection = True

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/?Password=hush"
    finally:
        ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


def asked(url: str) -> transport.Reply:
    session = new_session(1, None, True)
    try:
        return post(session, "DescribeDisks", url, {}, b"", (5.0, 5.0))
    finally:
        session.close()


def refused(send: Send) -> ApiError:
    with serving(send) as url:
        try:
            asked(url)
        except ApiError as error:
            # Its frames hold the connection open, and the service waits for the end of that.
            error.__traceback__ = error.__context__ = None
            return error
    pytest.fail("it was answered")


def plain(body: bytes, **headers: str) -> Send:
    def send(handler: BaseHTTPRequestHandler, ended: threading.Event) -> None:
        handler.send_response(200)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return send


def test_an_answer_comes_as_it_was_sent() -> None:
    with serving(plain(gzip.compress(b'{"RequestId": "r"}'), Content_Encoding="gzip", X_Acs="1")) as url:
        reply = asked(url)
    assert (reply.status, reply.body, reply.headers["x-acs"]) == (200, b'{"RequestId": "r"}', "1")


@pytest.mark.door("size of an answer")
def test_an_answer_that_unpacks_to_more_than_any_list_is_given_up() -> None:
    packed = gzip.compress(bytes(1 << 20)) * ((MOST_BYTES >> 20) + 2)
    assert len(packed) < 1 << 20
    error = refused(plain(packed, Content_Encoding="gzip"))
    assert (error.code, error.error_class) == ("Transport.TooLarge", ErrorClass.FATAL)


def drips(*parts: bytes) -> Send:
    """These bytes, then one more from the last part again and again, without an end."""

    def send(handler: BaseHTTPRequestHandler, ended: threading.Event) -> None:
        for part in parts[:-1]:
            handler.wfile.write(part)
        while not ended.wait(0.02):
            handler.wfile.write(parts[-1])
        handler.close_connection = True

    return send


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.door("size of an answer")
@pytest.mark.parametrize(
    "send",
    [
        drips(OK, b"Content-Length: 9999\r\n\r\n", b" "),
        drips(OK, b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        drips(OK, b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
        drips(OK, b"X-Long: ", b"x"),
        drips(b"H"),
    ],
    ids=["body", "chunks", "size of a chunk", "headers", "status line"],
)
def test_an_answer_that_drips_for_ever_is_given_up_in_time(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LONGEST_ANSWER", 0.3)
    error = refused(send)
    assert (error.code, error.unknown_outcome) == ("Transport.NoAnswer", True)
    assert "hush" not in str(error)


def test_a_connection_serves_many_answers_each_in_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LONGEST_ANSWER", 5.0)
    with serving(plain(b"{}")) as url:
        session = new_session(1, None, True)
        try:
            bodies = {post(session, "DescribeDisks", url, {}, b"", (5.0, 5.0)).body for _ in range(5)}
        finally:
            session.close()
    assert bodies == {b"{}"}


def test_a_connection_that_closes_after_its_answer_loses_nothing() -> None:
    with serving(plain(b"x" * 100_000, Connection="close")) as url:
        assert len(asked(url).body) == 100_000


@pytest.mark.door("keys")
def test_a_header_that_the_library_refuses_is_not_quoted() -> None:
    """It may hold a token."""
    session = new_session(1, None, True)
    with pytest.raises(ApiError) as caught:
        post(session, "DescribeDisks", "http://127.0.0.1:9/", {"x-acs-security-token": "hush\n"}, b"", (1.0, 1.0))
    session.close()
    assert "hush" not in str(caught.value)
    assert "InvalidHeader" in str(caught.value)
