"""Metrics for Prometheus. Labels are bounded: stacks and outcomes, never an address, an id or an account."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from ecsplan.serve.core import FINAL, State
from ecsplan.serve.runner import Result

_SECONDS = (1, 5, 15, 60, 300, 900, 3600)
STATUSES = ("new", "running", "suspended", *FINAL)


class Metrics:
    """A registry of its own."""

    def __init__(self, version: str) -> None:
        self.registry = CollectorRegistry()
        of = self.registry
        self._runs = Counter("ecsplan_runs", "Runs that ended.", ["stack", "outcome"], registry=of)
        self._seconds = Histogram("ecsplan_run_duration_seconds", "How long runs took.", buckets=_SECONDS, registry=of)
        self._status = Gauge("ecsplan_stack_status", "1 for the status of a stack.", ["stack", "status"], registry=of)
        self._last = Gauge("ecsplan_last_run_timestamp_seconds", "The end of the last run.", ["stack"], registry=of)
        self._good = Gauge("ecsplan_last_success_timestamp_seconds", "The last good run.", ["stack"], registry=of)
        self._drift = Gauge("ecsplan_drift", "Resources that were changed outside.", ["stack"], registry=of)
        self._changes = Gauge("ecsplan_changes", "Changes that wait, by their class.", ["stack", "class"], registry=of)
        self._fetches = Counter("ecsplan_fetches", "Looks at the branch.", ["outcome"], registry=of)
        self._undelivered = Counter("ecsplan_notifications_failed", "Messages that were not sent.", registry=of)
        Gauge("ecsplan_build_info", "1, with the version.", ["version"], registry=of).labels(version).set(1)

    def ended(self, path: str, result: Result, seconds: float) -> None:
        self._runs.labels(path, result.outcome).inc()
        self._seconds.observe(seconds)
        self._drift.labels(path).set(result.drift)
        for class_ in [labels[1] for labels in list(self._changes._metrics) if labels[0] == path]:
            self._changes.remove(path, class_)
        for class_, count in result.changes.items():
            self._changes.labels(path, class_).set(count)

    def fetched(self, is_done: bool) -> None:
        self._fetches.labels("done" if is_done else "failed").inc()

    def not_sent(self, count: int) -> None:
        self._undelivered.inc(count)

    def text(self, state: State) -> bytes:
        self._status.clear()
        for path, one in state.stacks.items():
            self._status.labels(path, "suspended" if one.is_suspended else one.status).set(1)
            self._last.labels(path).set(one.ended)
            self._good.labels(path).set(one.succeeded)
        return generate_latest(self.registry)
