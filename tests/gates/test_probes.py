"""Real sockets that the test opens: TCP, HTTP and HTTPS, and a command of this machine."""

import http.server
import socket
import sys
from collections.abc import Iterator
from threading import Thread

import pytest

from ecsplan.gates.judging import Progress
from ecsplan.gates.measuring import Prober
from ecsplan.gates.probes import local, tcp, web
from ecsplan.model.gate import Check, CheckResult, Gate, Target

HERE = Target("i-1", "Running", "Running", "cn-hangzhou", "web", "127.0.0.1")


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = {"/health": 200, "/moved": 302}.get(self.path, 503)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(b"all is well")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def closed() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_an_open_port_passes_and_a_closed_one_fails(port: int, closed: int) -> None:
    assert tcp({"port": port}, HERE).result is CheckResult.PASSED
    found = tcp({"port": closed}, HERE)
    assert found.result is CheckResult.FAILED and "refused" in found.text.lower()
    assert tcp({"port": port, "host": "{public_ip}"}, HERE).text == "the machine has no such address"


@pytest.mark.parametrize(
    ("path", "more", "result"),
    [
        ("/health", {}, CheckResult.PASSED),
        ("/health", {"body": "well"}, CheckResult.PASSED),
        ("/health", {"body": "ill"}, CheckResult.FAILED),
        ("/moved", {}, CheckResult.PASSED),
        ("/moved", {"status": "200-299"}, CheckResult.FAILED),
        ("/other", {}, CheckResult.FAILED),
        ("/other", {"status": "503"}, CheckResult.PASSED),
    ],
)
def test_an_answer_passes_by_its_status_and_body(port: int, path: str, more: dict, result: CheckResult) -> None:
    assert web({"url": f"http://{{private_ip}}:{port}{path}", **more}, HERE).result is result


def test_no_answer_is_a_failure_with_its_reason(closed: int) -> None:
    found = web({"url": f"http://127.0.0.1:{closed}/"}, HERE)
    assert found.result is CheckResult.FAILED and "refused" in found.text.lower()


def test_a_certificate_is_verified_unless_the_check_says_otherwise(tmp_path) -> None:
    trustme = pytest.importorskip("trustme")
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        url = f"https://127.0.0.1:{server.server_address[1]}/health"
        assert "certificate" in web({"url": url}, HERE).text.lower()
        assert web({"url": url, "insecure": True}, HERE).result is CheckResult.PASSED
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_command_of_this_machine_passes_by_its_exit_code() -> None:
    assert (
        local({"run": (sys.executable, "-c", "import sys; sys.exit('{id}' != 'i-1')")}, HERE).result
        is CheckResult.PASSED
    )
    found = local({"run": (sys.executable, "-c", "import sys; sys.exit('not yet')")}, HERE)
    assert found.result is CheckResult.FAILED and "exit code 1: not yet" in found.text
    assert local({"run": ("/no/such/program",)}, HERE).is_final
    assert (
        "no end within"
        in local({"run": (sys.executable, "-c", "import time; time.sleep(9)"), "within": 0.1}, HERE).text
    )


def test_a_command_of_this_machine_runs_only_where_it_is_allowed() -> None:
    progress = Progress(Gate((Check("local", {"run": (sys.executable, "-c", "")}),)), 0.0)
    refused = Prober(lambda request: {}).look(progress, HERE)
    assert refused.is_final and "--allow-local-checks" in refused.text
    assert Prober(lambda request: {}, runs_commands=True).look(progress, HERE).result is CheckResult.PASSED
