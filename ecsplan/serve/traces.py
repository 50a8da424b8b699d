"""Traces of OpenTelemetry (extra `traces`): a span for a run, one for its stack, for each step and for each call.

Attributes follow the semantic conventions (cicd, vcs, rpc, cloud). They hold no parameters, no values and no secrets.
Without the extra, or without an address to send to, nothing is traced.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from ecsplan.model.sent import Sent

_ENDS = {"apply_done": True, "apply_failed": False}


@dataclass
class RunTrace:
    """One run. Without a tracer it does nothing. Called by several threads."""

    tracer: Any = None
    now: Callable[[], int] = time.time_ns
    _span: Any = None
    _steps: dict[str, Any] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def span(self, name: str, **attributes: str) -> Iterator[None]:
        """A span within the one that is open; what is told meanwhile lies in it."""
        if self.tracer is None:
            yield
            return
        outer = self._span
        self._span = self._started(name, self.now(), attributes)
        try:
            yield
        finally:
            self._span.end(self.now())
            self._span = outer

    def event(self, event: Mapping[str, Any]) -> None:
        """What an apply tells: steps that begin and end."""
        step = str(event.get("step") or "")
        if self.tracer is None or not step:
            return
        with self._lock:
            if event["type"] == "apply_start":
                attributes = {"ecsplan.step": step, "ecsplan.address": str(event.get("address") or "")}
                self._steps[step] = self._started(f"step {step}", self.now(), attributes)
            elif event["type"] in _ENDS and step in self._steps:
                span = self._steps.pop(step)
                _judge(span, _ENDS[event["type"]], str(event.get("code") or ""))
                span.end(self.now())

    def call(self, call: Sent) -> None:
        """A request that was answered, or was not."""
        if self.tracer is None:
            return
        end = self.now()
        span = self._started(f"{call.product} {call.operation}", end - int(call.seconds * 1e9), {
            "rpc.system": "aliyun", "rpc.service": str(call.product), "rpc.method": call.operation,
            "cloud.region": call.region, "aliyun.request_id": call.request_id or "",
            "http.request.resend_count": call.attempt - 1, "http.response.status_code": call.status or 0,
        })  # fmt: skip
        _judge(span, call.code is None and call.status is not None, call.code or "")
        span.end(end)

    def outcome(self, outcome: str) -> None:
        if self._span is not None:
            self._span.set_attribute("cicd.pipeline.result", outcome)
            _judge(self._span, outcome != "failed", outcome)

    def _started(self, name: str, at: int, attributes: Mapping[str, Any]) -> Any:
        from opentelemetry.trace import set_span_in_context

        within = set_span_in_context(self._span) if self._span is not None else None
        return self.tracer.start_span(name, context=within, attributes=dict(attributes), start_time=at)


def _judge(span: Any, is_well: bool, code: str) -> None:
    from opentelemetry.trace import Status, StatusCode

    if not is_well:
        span.set_status(Status(StatusCode.ERROR, code))


def tracer_of(environ: Mapping[str, str], version: str) -> Any:
    """What sends to the address that OTEL_EXPORTER_OTLP_ENDPOINT names; None without one. Raises ImportError."""
    if not (environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")):
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "ecsplan", "service.version": version}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("ecsplan", version)
