"""What is traced of a run: its stack, steps and calls, one within the other; nothing that is a secret."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

pytest.importorskip("opentelemetry.sdk.trace", reason="the extra traces is not installed")
pytest.importorskip("prometheus_client", reason="the extra server is not installed")

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from ecsplan.serve.loop import Loop, in_thread
from ecsplan.serve.traces import RunTrace, tracer_of
from tests.serve.world import KEYS, NET, until, world_in


def test_a_run_is_traced_with_its_stack_its_steps_and_its_calls(tmp_path: Path) -> None:
    kept, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    with world_in(tmp_path) as world:
        world.commit({"net/stack.yaml": NET})
        tools = world.tools()
        tools.tracer = provider.get_tracer("test")
        loop = Loop(tools)
        thread = in_thread(loop)
        until(lambda: "net" in loop.state.stacks and loop.state.stacks["net"].status == "applied")
        loop.stop()
        thread.join(60)
    spans = {span.name: span for span in kept.get_finished_spans()}
    run, stack, step, call = (spans[name] for name in ("run net", "stack net", "step create vpc.main", "vpc CreateVpc"))
    assert run.parent is None and stack.parent.span_id == run.context.span_id
    assert step.parent.span_id == call.parent.span_id == stack.context.span_id
    assert run.attributes["cicd.pipeline.result"] == "applied" and len(run.attributes["vcs.ref.head.revision"]) == 40
    assert call.attributes["rpc.method"] == "CreateVpc" and call.attributes["aliyun.request_id"]
    assert run.start_time <= stack.start_time <= step.start_time <= step.end_time <= stack.end_time <= run.end_time
    told = " ".join(span.to_json() for span in kept.get_finished_spans())
    assert KEYS["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] not in told and "10.0.0.0/16" not in told


def test_without_a_tracer_nothing_is_traced() -> None:
    trace = RunTrace()
    with trace.span("run"):
        trace.event({"type": "apply_start", "step": "vpc.main.create"})
        trace.outcome("applied")


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    received: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.path.encode() + self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", received
    server.shutdown()
    server.server_close()


def test_spans_go_to_the_collector_that_the_environment_names(
    collector: tuple[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, received = collector
    assert tracer_of({}, "1") is None
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
    tracer = tracer_of({"OTEL_EXPORTER_OTLP_ENDPOINT": url}, "1")
    with RunTrace(tracer).span("run shop"):
        pass
    tracer.span_processor.force_flush()
    assert received and received[0].startswith(b"/v1/traces") and b"run shop" in received[0]
