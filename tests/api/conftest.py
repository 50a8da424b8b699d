"""A clock that only moves when somebody sleeps, and a service that is a script."""

import json
import random
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from ecsplan.api.calllog import CallRecord
from ecsplan.api.client import Client
from ecsplan.api.connect import connect

START = 1_767_323_045.0
KEYS = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "testid", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "testsecret"}


class FakeClock:
    def __init__(self) -> None:
        self.time = START
        self.sleeps: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.time += seconds


class FakeWire(BaseAdapter):
    """Answers each send with the next of `script`: a Response, an exception to raise, or what a call gives."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock
        self.script: Iterator[Any] = iter(())
        self.seen: list[PreparedRequest] = []

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        self.seen.append(request)
        self.clock.time += 0.02
        step = next(self.script, None)
        step = step(request) if callable(step) else step
        if isinstance(step, Exception):
            raise step
        # A Response that carries an error is false.
        answer: Response = a_response({"RequestId": "fine"}) if step is None else step
        answer.request, answer.url = request, request.url or ""
        return answer

    def close(self) -> None:
        pass

    def params(self, index: int = -1) -> dict[str, str]:
        sent = self.seen[index]
        body = sent.body or b""
        text = (body.decode() if isinstance(body, bytes) else body) or urlsplit(sent.url or "").query
        return dict(parse_qsl(text, keep_blank_values=True))


def a_response(body: Any, status: int = 200, **headers: str) -> Response:
    response = Response()
    response.status_code = status
    response.headers = CaseInsensitiveDict({name.replace("_", "-"): value for name, value in headers.items()})
    response.raw = BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
    return response


def a_refusal(code: str, status: int = 400, message: str = "no", **headers: str) -> Response:
    return a_response({"RequestId": "refused", "Code": code, "Message": message}, status, **headers)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def wire(clock: FakeClock) -> FakeWire:
    return FakeWire(clock)


@pytest.fixture
def log() -> list[CallRecord]:
    return []


@pytest.fixture
def play(clock: FakeClock, wire: FakeWire, log: list[CallRecord], tmp_path: Path) -> Callable[..., Client]:
    """`play(step, …)` gives a client whose service answers with these steps, then with successes."""

    def make(*steps: Any, **options: Any) -> Client:
        wire.script = iter(steps)
        settings = {"environ": KEYS, "home": tmp_path, "log": log.append, "seed": 1} | options
        return connect("cn-hangzhou", adapter=wire, clock=clock, **settings)

    return make


@pytest.fixture
def respond() -> Callable[..., Response]:
    return a_response


@pytest.fixture
def refuse() -> Callable[..., Response]:
    return a_refusal


@pytest.fixture
def chance() -> random.Random:
    return random.Random(7)
