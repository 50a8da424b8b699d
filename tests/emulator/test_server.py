"""HTTP over sockets: keep-alive, chunks, broken requests, TLS, dropped connections, and a clean end."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import requests

from ecsplan.emulator import server as server_module
from ecsplan.emulator.main import is_loopback, serve
from ecsplan.emulator.server import EmulatorServer
from ecsplan.emulator.service import HttpRequest, HttpResponse, Options, Service, VirtualClock
from ecsplan.emulator.testing import running_emulator

from .client import CONTROL, Client, build_world, flatten, v1_request, v3_request

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def server() -> Iterator[EmulatorServer]:
    with running_emulator(clock="fast") as server:
        yield server


def query(action: str = "DescribeRegions", **more: str) -> str:
    return v1_request({"Action": action, **more}, "ecs", time.time()).target


def exchange(server: EmulatorServer, raw: bytes) -> bytes:
    with socket.create_connection((server.host, server.port), timeout=10) as line:
        line.sendall(raw)
        parts = []
        while chunk := line.recv(65536):
            parts.append(chunk)
        return b"".join(parts)


def test_many_calls_on_one_connection(server: EmulatorServer) -> None:
    line = http.client.HTTPConnection(server.host, server.port)
    line.connect()
    port = line.sock.getsockname()
    for _ in range(3):
        line.request("GET", query())
        response = line.getresponse()
        assert json.loads(response.read())["Regions"]
        assert line.sock.getsockname() == port
    line.close()


def test_requests_and_urllib_work(server: EmulatorServer) -> None:
    with requests.Session() as session:
        assert session.get(server.url + query(), timeout=5).json()["RequestId"]
        posted = session.post(
            server.url + v1_request({"Action": "DescribeRegions"}, "ecs", time.time(), method="POST").target
        )
        assert posted.status_code == 200
    with urllib.request.urlopen(server.url + query(), timeout=5) as answer:
        assert json.loads(answer.read())["Regions"]


def test_a_form_in_chunks(server: EmulatorServer) -> None:
    request = v1_request({"Action": "DescribeRegions"}, "ecs", time.time(), method="POST", form=True)
    line = http.client.HTTPConnection(server.host, server.port)
    pieces = iter([request.body[:50], request.body[50:]])
    line.request("POST", "/", pieces, {"Content-Type": request.headers["content-type"]}, encode_chunked=True)
    assert line.getresponse().status == 200
    line.close()


def test_two_requests_in_one_packet(server: EmulatorServer) -> None:
    one = f"GET {query()} HTTP/1.1\r\nHost: x\r\n\r\n"
    two = f"GET {query()} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert exchange(server, (one + two).encode()).count(b"HTTP/1.1 200 OK") == 2


def test_a_line_break_after_a_form_is_no_request(server: EmulatorServer) -> None:
    request = v1_request({"Action": "DescribeRegions"}, "ecs", time.time(), method="POST", form=True)
    kind = "Content-Type: application/x-www-form-urlencoded"
    head = f"POST / HTTP/1.1\r\n{kind}\r\nContent-Length: {len(request.body)}\r\n\r\n"
    last = f"\r\nGET {query()} HTTP/1.1\r\nConnection: close\r\n\r\n"
    assert exchange(server, head.encode() + request.body + last.encode()).count(b"HTTP/1.1 200 OK") == 2


def test_a_body_that_waits_to_be_asked_for(server: EmulatorServer) -> None:
    request = v1_request({"Action": "DescribeRegions"}, "ecs", time.time(), method="POST", form=True)
    head = (
        f"POST / HTTP/1.1\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: {len(request.body)}\r\n\r\n"
    )
    with socket.create_connection((server.host, server.port), timeout=10) as line:
        line.sendall(head.encode())
        assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(request.body)
        assert line.recv(15) == b"HTTP/1.1 200 OK"


def test_many_clients_at_once_share_one_account(server: EmulatorServer) -> None:
    """Eight threads make machines in one vSwitch: nobody gets another's address, and every answer is kept."""
    world = build_world(Client(server.service))
    made: list[str] = []
    order = flatten({
        "Action": "RunInstances", "RegionId": "cn-hangzhou", "VSwitchId": world.vswitch, "SecurityGroupId": world.group,
        "InstanceType": "ecs.g7.large", "ImageFamily": "acs:ubuntu_22_04_x64", "Amount": 5,
    })  # fmt: skip

    def run() -> None:
        line = http.client.HTTPConnection(server.host, server.port)
        for _ in range(10):
            line.request("GET", v1_request(order, "ecs", time.time()).target)
            made.extend(json.loads(line.getresponse().read())["InstanceIdSets"]["InstanceIdSet"])
        line.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    account = server.service.account
    addresses = {eni["PrivateIpAddress"] for eni in account.everywhere("eni")}
    assert len(made) == len(set(made)) == len(addresses) == account.count("instance", "cn-hangzhou") == 400


def test_head_has_no_body(server: EmulatorServer) -> None:
    answer = exchange(server, b"HEAD /?Action=X HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 9999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_not_http_ends_the_connection(server: EmulatorServer, raw: bytes) -> None:
    with socket.create_connection((server.host, server.port), timeout=10) as line:
        line.sendall(raw)
        with contextlib.suppress(ConnectionResetError):
            assert line.recv(100) == b""
    with urllib.request.urlopen(server.url + "/_emulator/stats", timeout=5) as answer:
        assert answer.status == 200


def test_dropped_and_cut_answers_reach_the_socket(server: EmulatorServer) -> None:
    server.service.faults.add([{"fault": "drop_before_commit"}, {"fault": "cut_body", "from": 2, "n": 10}])
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url + query(), timeout=5)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(server.url + query(), timeout=5)
    assert requests.get(server.url + query(), timeout=5).status_code == 200


CRASHING = """
import sys, time, urllib.request
sys.path[:0] = sys.argv[2:]
from emulator.client import flatten, v1_request
order = flatten({"Action": "CreateDisk", "RegionId": "cn-hangzhou", "ZoneId": "cn-hangzhou-h", "Size": 40})
urllib.request.urlopen(sys.argv[1] + v1_request(order, "ecs", time.time()).target).read()
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_client_is_killed_while_its_call_is_held(server: EmulatorServer, when: str) -> None:
    """The call goes on without it, as a request does that has left the machine."""
    service = server.service
    service.faults.add([{"fault": "hold", "action": "CreateDisk", "when": when}])
    paths = [str(ROOT), str(ROOT / "tests")]
    with subprocess.Popen([sys.executable, "-c", CRASHING, server.url, *paths]) as client:
        assert service.faults.holds.wait(1, 30)
        assert service.account.count("disk", "cn-hangzhou") == (when == "after")
        client.kill()
    requests.post(f"{server.url}/_emulator/resume", json={}, headers=CONTROL, timeout=5)
    end = time.monotonic() + 10
    held = [""]
    while (held or service.account.count("disk", "cn-hangzhou") != 1) and time.monotonic() < end:
        held = requests.get(f"{server.url}/_emulator/held", headers=CONTROL, timeout=5).json()["held"]
    assert service.account.count("disk", "cn-hangzhou") == 1
    assert held == []


def test_stopping_lets_held_calls_go() -> None:
    with running_emulator() as server:
        server.service.faults.add([{"fault": "hold"}])
        failed = []

        def ask() -> None:
            try:
                requests.get(server.url + query("DescribeZones", RegionId="cn-hangzhou"), timeout=20)
            except requests.ConnectionError as error:
                failed.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        assert server.service.faults.holds.wait(1, 10)
    thread.join(10)
    assert len(failed) == 1


def test_latency_is_waited_for() -> None:
    with running_emulator(latency_ms=30) as server:
        begun = time.perf_counter()
        requests.get(server.url + query(), timeout=5)
        assert time.perf_counter() - begun >= 0.03


def test_latency_may_be_a_spread() -> None:
    clock = VirtualClock()
    service = Service(Options(latency_ms=(10, 50), seed="1"), clock)
    times = []
    for _ in range(20):
        before = clock.now()
        service.handle(v1_request({"Action": "DescribeRegions"}, "ecs", before))
        times.append(clock.now() - before)
    assert 0.01 <= min(times) < max(times) <= 0.05


def test_tls_with_a_certificate(tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make_certificate(cert, key)
    with running_emulator() as plain:
        server = EmulatorServer(plain.service, tls_cert=cert, tls_key=key)
        with server:
            assert server.url.startswith("https://")
            context = ssl.create_default_context(cafile=str(cert))
            request = v3_request({"Action": "DescribeRegions"}, "ecs", time.time(), method="GET")
            line = http.client.HTTPSConnection("127.0.0.1", server.port, context=context)
            line.request("GET", "/", headers=dict(request.headers))
            response = line.getresponse()
            assert (response.status, "Regions" in json.loads(response.read())) == (200, True)
            line.close()
            with pytest.raises(requests.ConnectionError):
                requests.get(server.url.replace("https", "http"), timeout=5)
            silent = socket.create_connection((server.host, server.port))
        with silent, contextlib.suppress(ConnectionResetError):
            assert silent.recv(1) == b""  # the server has stopped without waiting for its handshake


def make_certificate(cert: Path, key: Path) -> None:
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip


SERVE = "from ecsplan.emulator.main import serve; import sys; sys.exit(serve(**eval(sys.argv[1])))"


def test_serve_says_where_it_is_and_ends_on_interrupt(tmp_path: Path) -> None:
    arguments = {"port": 0, "clock": "fast", "seed": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, repr(arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        banner = "".join(process.stdout.readline() for _ in range(6))
        url = banner.split("ECSPLAN_ENDPOINT=")[1].split()[0]
        assert "ALIBABA_CLOUD_ACCESS_KEY_ID=emulator" in banner
        assert requests.get(url + query(), timeout=5).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert process.stderr.read() == "emulator: stopped\n"


def test_serve_refuses_a_taken_port(server: EmulatorServer) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVE, repr({"port": server.port})], capture_output=True, text=True, cwd=ROOT, timeout=20
    )
    assert done.returncode == 1
    assert "can't listen" in done.stderr


def test_loopback_is_recognised() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "10.0.0.1")] == [
        True, True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "raw",
    [
        b"POST / HTTP/1.1\r\nContent-Length: 5000000\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4C4B40\r\n",
        b"GET /" + b"x" * 70_000,
    ],
)
def test_a_request_that_is_too_large_is_refused_and_the_rest_goes_on(server: EmulatorServer, raw: bytes) -> None:
    with socket.create_connection((server.host, server.port), timeout=10) as line:
        line.sendall(raw)
        assert line.recv(100).startswith(b"HTTP/1.1 413 ")
    assert requests.get(server.url + query(), timeout=5).status_code == 200


def test_chunks_are_counted_together(server: EmulatorServer) -> None:
    with socket.create_connection((server.host, server.port), timeout=10) as line:
        line.sendall(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        with contextlib.suppress(ConnectionError):
            for _ in range(5):
                line.sendall(chunk)
        assert line.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_state_may_be_larger_than_a_call(server: EmulatorServer) -> None:
    state = requests.get(f"{server.url}/_emulator/state", headers=CONTROL, timeout=10).json()
    state["note"] = "x" * 6_000_000
    assert requests.put(f"{server.url}/_emulator/state", json=state, headers=CONTROL, timeout=10).status_code == 200


def test_connections_that_say_nothing_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "IDLE", 0.05)
    with running_emulator() as server:
        with socket.create_connection((server.host, server.port), timeout=10) as line:
            assert line.recv(1) == b""
        assert requests.get(server.url + query(), timeout=5).status_code == 200


def test_a_request_that_comes_byte_by_byte_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "WHOLE", 0.0)
    with running_emulator() as server, socket.create_connection((server.host, server.port), timeout=10) as line:
        line.sendall(b"GET / HT")
        time.sleep(0.01)
        with contextlib.suppress(ConnectionError):
            line.sendall(b"TP/1.1")
            assert line.recv(1) == b""


def test_there_is_an_end_to_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "CONNECTIONS", 2)
    with running_emulator() as server, contextlib.ExitStack() as stack:
        lines = [
            stack.enter_context(socket.create_connection((server.host, server.port), timeout=10)) for _ in range(3)
        ]
        with contextlib.suppress(ConnectionResetError):
            assert lines[2].recv(1) == b""


def test_a_mistake_of_its_own_is_an_internal_error(server: EmulatorServer, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(request: HttpRequest) -> HttpResponse:
        raise ZeroDivisionError("planted")

    with mock.patch.object(server.service, "handle", broken):
        answer = requests.get(server.url + query(), timeout=5)
    assert (answer.status_code, answer.json()["Code"]) == (500, "InternalError")
    assert "planted" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--credentials", "[1]"), ("--credentials", "{}"), ("--credentials", "7"), ("--credentials", "not json"),
        ("--credentials", '[{"access_key_id": 1}]'),
        ("--faults", "[1]"), ("--faults", '{"faults": 3}'), ("--faults", "nonsense"),
    ],
)  # fmt: skip
def test_files_that_are_wrong_are_said_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, text: str
) -> None:
    path = tmp_path / "given.json"
    path.write_text(text)
    given: Any = {option.removeprefix("--"): path}
    assert serve(port=0, **given) == 1
    assert capsys.readouterr().err.startswith(f"emulator: {path}: ")
