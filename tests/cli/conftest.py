"""The command line in this process, over an engine whose answers a test sets."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from ecsplan import engine
from ecsplan.cli.main import main
from ecsplan.model.plan import Guard, Plan, Report
from ecsplan.model.resource import Resource
from ecsplan.model.stack import Stack
from tests.render.plans import a_report, every_action, resource

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str


@dataclass
class FakeEngine:
    """Stands for the engine; remembers what it was asked."""

    made: Plan = field(default_factory=every_action)
    report: Report = field(default_factory=a_report)
    guards: tuple[Guard, ...] = ()
    resources: tuple[Resource, ...] = field(default_factory=lambda: (resource("vpc.main"),))
    asked: dict[str, Any] = field(default_factory=dict)
    during: Callable[[Any], None] = lambda stop: None

    def load(self, path: str = ".", **options: Any) -> Stack:
        self.asked["load"] = {"path": path, **options}
        return Stack("web-prod", options.get("region") or "cn-hangzhou", self.resources)

    def environments(self, path: str = ".") -> tuple[str, ...]:
        return ()

    def connect(self, region: str, **options: Any) -> "FakeApi":
        self.asked["connect"] = {"region": region, **options}
        return FakeApi(region)

    def plan(self, _stack: Stack, _api: Any, options: Any = None) -> Plan:
        self.asked["plan"] = options
        return self.made

    def blocked(self, _plan: Plan, options: Any) -> tuple[Guard, ...]:
        self.asked["blocked"] = options
        return self.guards

    def session(
        self, _stack: Stack, _api: Any, planning: Any, applying: Any, approve: Any, events: Any = None, stop: Any = None
    ) -> tuple[Plan, Report | None]:
        self.asked["session"] = (planning, applying)
        if not approve(self.made):
            return self.made, None
        return self.made, self.apply(self.made, _api, applying, events=events, stop=stop)

    def apply(self, _plan: Plan, _api: Any, options: Any = None, *, events: Any = None, stop: Any = None) -> Report:
        self.asked["apply"] = options
        step, address = "create vpc.main", "vpc.main"
        events({"type": "diagnostic", "severity": "warning", "message": "asking again"})
        events({"type": "apply_start", "step": step, "address": address, "verb": "create", "addresses": 1})
        self.during(stop)
        events({"type": "apply_done", "step": step, "address": address, "seconds": 0.1})
        events({"type": "apply_start", "step": "create instance.db", "address": "instance.db"})
        events(
            {
                "type": "apply_failed",
                "step": "create instance.db",
                "address": "instance.db",
                "code": "NoStock",
                "message": "none left",
            }
        )
        events({"type": "apply_skipped", "step": "finish disk.a", "address": "disk.a", "because": "create instance.db"})
        return self.report


@dataclass
class FakeApi:
    region: str

    def send(self, _request: Any) -> Mapping[str, Any]:
        return {"Regions": {"Region": [{"RegionId": self.region}, {"RegionId": "cn-beijing"}]}}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    stands = FakeEngine()
    for name in ("load", "environments", "connect", "plan", "blocked", "session", "apply"):
        monkeypatch.setattr(engine, name, getattr(stands, name))
    return stands


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Ran]:
    """Runs a command line in an empty folder; `stdin` is what a person types, None where there is no terminal."""
    monkeypatch.chdir(tmp_path)

    def execute(*arguments: str, stdin: str | None = None) -> Ran:
        keyboard = StringIO(stdin or "")
        monkeypatch.setattr(keyboard, "isatty", lambda: stdin is not None, raising=False)
        monkeypatch.setattr(sys, "stdin", keyboard)
        status = main(arguments)
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return execute
