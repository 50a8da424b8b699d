"""A chat and a mail server in this process, which keep what they were sent and refuse what the real ones refuse."""

import base64
import hashlib
import hmac
import json
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

SECRET = "SEC-of-the-robot"
NOW = 1_700_000_000.0


@dataclass
class Chat:
    """`path` says which it is. `statuses` are answered instead, once each."""

    sent: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    url: str = ""

    def answer(self, target: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        path, query = urlsplit(target).path.strip("/"), parse_qs(urlsplit(target).query)
        if self.statuses:
            return self.statuses.pop(0), {}
        document = json.loads(body)
        self.sent.append((path, document, headers))
        if path == "dingtalk":
            return 200, {"errcode": 0 if self._is_dingtalk(document, query) else 310000}
        if path == "feishu":
            return 200, {"code": 0 if self._is_feishu(document, body) else 19021}
        if path == "wecom":
            text = document["markdown"]["content"]
            return 200, {"errcode": 0 if document["msgtype"] == "markdown" and len(text.encode()) <= 4_096 else 40058}
        if path == "slack":
            block = document["blocks"][0]["text"]
            return (200 if block["type"] == "mrkdwn" and len(block["text"]) <= 3_000 else 400), "ok"
        return 204, {}

    def _is_dingtalk(self, document: Any, query: dict[str, list[str]]) -> bool:
        moment = query["timestamp"][0]
        wanted = hmac.new(SECRET.encode(), f"{moment}\n{SECRET}".encode(), hashlib.sha256).digest()
        is_signed = base64.b64decode(query["sign"][0]) == wanted and abs(int(moment) - NOW * 1000) < 3_600_000
        text = document["markdown"]["text"]
        return bool(is_signed and query["access_token"] == ["T"] and "ecsplan" in text and len(text.encode()) <= 20_000)

    def _is_feishu(self, document: Any, body: bytes) -> bool:
        key = f"{document['timestamp']}\n{SECRET}".encode()
        wanted = base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
        return bool(document["sign"] == wanted and document["card"]["schema"] == "2.0" and len(body) <= 20 << 10)


@contextmanager
def chatting() -> Iterator[Chat]:
    chat = Chat()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = chat.answer(self.path, dict(self.headers), body)
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            if 300 <= status < 400:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    chat.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield chat
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Post:
    """What a mail server took: login, recipients and the message."""

    port: int = 0
    logins: list[tuple[str, str]] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)


@contextmanager
def mailing() -> Iterator[Post]:
    post = Post()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, text: str) -> None:
            self.wfile.write(text.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("220 test")
            while line := self.rfile.readline():
                words = line.decode().split()
                verb = words[0].upper()
                if verb == "EHLO":
                    self.say("250-test\r\n250 AUTH PLAIN")
                elif verb == "AUTH":
                    _, user, password = base64.b64decode(words[2]).decode().split("\0")
                    post.logins.append((user, password))
                    self.say("235 ok" if password == SECRET else "535 no")
                elif verb == "RCPT":
                    post.recipients.append(words[1])
                    self.say("250 ok")
                elif verb == "DATA":
                    self.say("354 go on")
                    post.messages.append(self.read_message())
                    self.say("250 ok")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

        def read_message(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line)
            return b"".join(lines)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    post.port = server.server_address[1]
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield post
    finally:
        server.shutdown()
        server.server_close()
