"""An account in virtual time, and processes that apply stacks to it and die where they are told to.

A `World` is one emulator under one clock. An `Actor` is one run of the tool: the real client over an adapter that
calls the emulator's handler, so that there is no socket, and every request can be lost at any point of its way.
"""

import contextlib
import itertools
import os
import pickle
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from ecsplan import engine
from ecsplan.api.client import Client
from ecsplan.api.connect import connect
from ecsplan.emulator.clock import VirtualClock
from ecsplan.emulator.options import Options
from ecsplan.emulator.service import Service
from ecsplan.emulator.storage import export
from ecsplan.emulator.storage import replace as replace_account
from ecsplan.emulator.wire import ConnectionDropped, HttpRequest
from ecsplan.emulator.wire import HttpResponse as Answer
from ecsplan.model.call import ApiError
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.model.plan import Plan, Report
from ecsplan.model.stack import Stack
from tests.support.effects import Seen, missing, neighbours, undeclared
from tests.survival import lagging
from tests.survival.inline import acting, simulated
from tests.survival.invariants import READS, Watch

START = 1_764_000_000.0
SETTLE = 2.0
LATENCY_MS = 20.0
DEADLINE = 3600.0  # seconds of virtual time that any run may take
KEYS = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-secret"}
ROOT = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
REGION = "cn-hangzhou"
LAGS = bool(os.environ.get("ECSPLAN_LAG"))  # every sweep in accounts that show each field late at random


class Boundary(Enum):
    """Where on its way a request is when the process dies."""

    BEFORE = "before sending"
    SENT = "after sending"
    COMMITTED = "after commit, before the answer"
    ANSWERED = "after the answer"


class Crash(BaseException):
    """The process is killed. Nothing catches it, and what `finally` blocks try to send is refused."""


class Overrun(BaseException):
    """A run went on beyond its deadline."""


@dataclass(frozen=True, slots=True)
class Death:
    """At which request of a run (from 1), and where on its way. `late`: a request that was sent is carried out only
    before the n-th request of the next run; None: never."""

    at: int
    boundary: Boundary
    late: int | None = 1

    def __str__(self) -> str:
        return f"call {self.at}, {self.boundary.value}"


class ActorClock:
    """The world's time as one process sees it. `offset` is how far its wall clock is off."""

    def __init__(self, world: "World", actor: "Actor", offset: float = 0.0) -> None:
        self.world, self.actor, self.offset = world, actor, offset

    def now(self) -> float:
        if self.actor.is_dead:
            raise Crash
        return self.world.clock.now() + self.offset

    def sleep(self, seconds: float) -> None:
        if self.actor.is_dead or self.actor.is_doomed:
            self.actor.die()
        self.world.pass_time(self.actor, seconds)


class Actor(BaseAdapter):
    """One process of the tool; the adapter that its client sends through."""

    def __init__(self, world: "World", stack: str, death: Death | None = None) -> None:
        super().__init__()
        self.world, self.stack, self.death = world, stack, death
        self.calls = 0
        self.is_dead = False
        self.is_doomed = False
        self.started = world.clock.now()
        self.log: list[str] = []
        self.on_call: Callable[[Actor, int, str], None] | None = None

    def die(self) -> None:
        self.is_dead = True
        raise Crash

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        if self.is_dead or self.is_doomed:
            self.die()
        with self.world.lock:
            self.calls += 1
            number = self.calls
        self.world.turn(self)
        if self.is_dead:
            raise Crash
        self.world.carry_out_late(number)
        wire = HttpRequest("POST", request.path_url, lowered(request.headers), request.body or b"")  # type: ignore[arg-type]
        action = wire.headers["x-acs-action"]
        self.log.append(action)
        if self.on_call is not None:
            self.on_call(self, number, action)
        where = self.death.boundary if self.death is not None and self.death.at == number else None
        if where is Boundary.BEFORE:
            self.die()
        if where is Boundary.SENT:
            assert self.death is not None
            if self.death.late is not None:
                self.world.late.append((self.death.late, self.stack, wire))
            self.die()
        try:
            answer = self.world.handle(self.stack, wire)
        except ConnectionDropped:
            if where is not None:
                self.die()
            raise requests.ConnectionError("dropped", request=request) from None
        if where is Boundary.COMMITTED:
            self.die()
        if where is Boundary.ANSWERED:
            self.is_doomed = True
        if answer.cut:
            raise requests.ConnectionError("cut", request=request)
        return response(request, answer)

    def close(self) -> None:
        pass


def lowered(headers: Mapping[str, Any]) -> dict[str, str]:
    return {name.lower(): value if isinstance(value, str) else value.decode() for name, value in headers.items()}


def parameters(wire: HttpRequest) -> dict[str, str]:
    """As they were sent: in the query, or in a form."""
    return dict(parse_qsl(wire.target.partition("?")[2]) + parse_qsl(wire.body.decode()))


def response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    made = requests.Response()
    made.status_code = answer.status
    made.headers.update(answer.headers)
    made.url = request.url or ""
    made.request = request
    made.raw = HTTPResponse(BytesIO(answer.body), preload_content=False)
    return made


@dataclass(frozen=True, slots=True)
class Run:
    """What became of one run: it died, it was refused, or it reported."""

    plan: Plan | None = None
    report: Report | None = None
    error: Exception | None = None
    died: bool = False
    calls: int = 0
    seconds: float = 0.0
    actions: tuple[str, ...] = ()
    events: tuple[Mapping[str, Any], ...] = ()

    @property
    def is_complete(self) -> bool:
        """What exit status 0 stands for."""
        if self.died or self.error is not None:
            return False
        return self.report.is_complete if self.report is not None else self.plan is not None and self.plan.is_empty

    def __str__(self) -> str:
        if self.died:
            return "died"
        if self.error is not None:
            return f"{type(self.error).__name__}: {self.error}"
        if self.report is None:
            return "nothing to do" if self.plan is not None and self.plan.is_empty else "declined"
        failed = [f"{o.step}: {o.code} {o.message}" for o in self.report.failed]
        return "; ".join(failed) or f"{len(self.report.skipped)} skipped" if not self.is_complete else "complete"


@dataclass(frozen=True, slots=True)
class Saved:
    """An account at rest, to start from again and again; `folder` holds the journals of those who made it."""

    things: bytes
    next_seq: int
    random: Any
    tokens: bytes
    time: float
    watch: bytes
    journals: tuple[tuple[str, str], ...]


@dataclass
class World:
    """`seed` decides ids, jitter and faults."""

    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    threads: bool = False
    parallelism: int = 4

    def __post_init__(self) -> None:
        self.clock = VirtualClock(START)
        given = {
            "latency_ms": LATENCY_MS,
            "settle": SETTLE,
            "seed": str(self.seed),
            "settings": lagging.account(self.seed) if LAGS else {},
            **self.options,
        }
        self.service = Service(Options(**given), self.clock)
        self.watch = Watch(self.service.account)
        self.lock = threading.RLock()
        self.late: list[tuple[int, str, HttpRequest]] = []
        self.folder = Path(tempfile.mkdtemp(prefix="survival-", dir=ROOT))
        self.deadline = DEADLINE
        self.turn: Callable[[Actor], None] = lambda actor: None
        self.doze: Callable[[Actor, float], None] | None = None
        self._seeds = itertools.count(self.seed * 1000 + 1)
        self._active, self._settled, self._blind = 0, True, False
        self._near: dict[str, set[str]] = {}

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> "World":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Time and the wire

    def pass_time(self, actor: Actor, seconds: float) -> None:
        if self.clock.now() - actor.started > self.deadline:
            self.watch.say(f"I6 a run of {actor.stack} went on for more than {self.deadline:.0f} s")
            raise Overrun
        if self.doze is not None:
            self.doze(actor, seconds)
        else:
            self.clock.sleep(seconds)

    def handle(self, stack: str, wire: HttpRequest) -> Answer:
        action = wire.headers["x-acs-action"]
        with self.lock:
            self.watch.before(action)
            try:
                return self.service.handle(wire)
            finally:
                if not action.startswith(READS):
                    self.watch.after(stack, action, parameters(wire))

    def carry_out_late(self, number: int) -> None:
        """Requests of dead processes that the service comes to only now."""
        due = [entry for entry in self.late if entry[0] <= number]
        self.late = [entry for entry in self.late if entry[0] > number]
        for _, stack, wire in due:
            with contextlib.suppress(ConnectionDropped):
                self.handle(stack, wire)

    def faults(self, *specs: Mapping[str, Any]) -> None:
        self.service.faults.add(specs)

    def put_image(self, image_id: str, region: str) -> None:
        """Somebody else's image, of no stack."""
        data = {"ImageName": image_id, "ImageOwnerAlias": "self", "Status": "Available", "Progress": "100%",
                "CreationTime": "2026-01-01T00:00:00Z", "OSName": "Linux", "OSNameEn": "Linux", "OSType": "linux",
                "Platform": "Others Linux", "Architecture": "x86_64", "Size": 40, "BootMode": "BIOS",
                "DiskDeviceMappings": [], "SnapshotIds": []}  # fmt: skip
        self.service.account.add("image", region, image_id, data)
        self.watch.foreign.add(image_id)

    # Runs

    def client(self, actor: Actor, offset: float = 0.0, environ: Mapping[str, str] = KEYS) -> Client:
        return connect(
            REGION,
            environ={**environ, "ECSPLAN_ENDPOINT": "http://127.0.0.1:1"},
            home=self.folder,
            adapter=actor,
            clock=ActorClock(self, actor, offset),
            seed=next(self._seeds),
        )

    @property
    def state_dir(self) -> Path:
        return self.folder / "state"

    def apply_options(self, **more: Any) -> engine.ApplyOptions:
        given = {"approved": True, "allow_destroy": 1000, "parallelism": self.parallelism, "environ": {}, **more}
        return engine.ApplyOptions(state_dir=str(self.state_dir), **given)

    def apply(
        self,
        what: Stack | Plan,
        *,
        death: Death | None = None,
        destroy: bool = False,
        options: engine.ApplyOptions | None = None,
        plan_options: engine.PlanOptions | None = None,
        stop: Any = None,
        on_call: Callable[[Actor, int, str], None] | None = None,
        offset: float = 0.0,
        environ: Mapping[str, str] = KEYS,
    ) -> Run:
        """One run of the tool, from a stack or from a saved plan."""
        name = what.name if isinstance(what, Stack) else what.stack
        actor = Actor(self, name, death)
        actor.on_call = on_call
        with self._held_to_its_word(what) as ended, simulated(self.threads):
            run = self.play(
                actor,
                lambda api, events: self._carry_out(
                    what,
                    api,
                    events,
                    options or self.apply_options(),
                    plan_options or engine.PlanOptions(destroy=destroy),
                    stop,
                ),
                offset,
                environ,
            )
            ended.append(run)
        return run

    @contextlib.contextmanager
    def _held_to_its_word(self, what: Stack | Plan) -> Iterator[list[Run]]:
        """I7: nothing happens to a thing but what approved plans declared since the last complete run; and what the
        plan of a complete run declared has come. A saved plan may find that somebody else has done it already."""
        if self._settled and not self._active:
            self._near = self._at_rest()
            self.service.effects.mark(self.clock.now())
            self.watch.promised.clear()
            self._blind = bool(self.late)  # what somebody without a plan sent may be carried out in between
        self._active += 1
        ended: list[Run] = []
        yield ended
        self._active -= 1
        (run,) = ended
        self._settled = run.is_complete
        if self._blind:
            return
        seen = Seen.of(self.service.effects.report(self.clock.now()), self._near, self._at_rest())
        for line in undeclared(self.watch.promised, seen):
            self.watch.say(f"I7 {line}")
        if run.is_complete and run.plan is not None and isinstance(what, Stack):
            for line in missing([change for change in run.plan.changes if change in self.watch.promised], seen):
                self.watch.say(f"I7 {line}")

    def _at_rest(self) -> dict[str, set[str]]:
        self.service.lifecycle.advance(self.clock.now())
        return neighbours(self.service.account)

    def _carry_out(
        self,
        what: Stack | Plan,
        api: Client,
        events: list[Mapping[str, Any]],
        options: engine.ApplyOptions,
        plan_options: engine.PlanOptions,
        stop: Any,
    ) -> tuple[Plan, Report | None]:
        if isinstance(what, Plan):
            self.watch.approve(what)
            return what, engine.apply(what, api, options, events=events.append, stop=stop)
        return engine.session(what, api, plan_options, options, self._approve, events.append, stop)

    def _approve(self, plan: Plan) -> bool:
        self.watch.approve(plan)
        return True

    def play(
        self,
        actor: Actor,
        work: Callable[[Client, list[Mapping[str, Any]]], tuple[Plan | None, Report | None]],
        offset: float = 0.0,
        environ: Mapping[str, str] = KEYS,
    ) -> Run:
        """Runs `work` as one process, and says how it ended."""
        acting.one = actor
        events: list[Mapping[str, Any]] = []
        found: dict[str, Any] = {}
        try:
            found["plan"], found["report"] = work(self.client(actor, offset, environ), events)
        except (Crash, Overrun):
            found = {"died": True}
        except (Refused, Rejected, ApiError) as error:
            found = {"error": error}
        finally:
            acting.one = None
        seconds = self.clock.now() - actor.started
        return Run(calls=actor.calls, seconds=seconds, actions=tuple(actor.log), events=tuple(events), **found)

    def plan(self, stack: Stack, **options: Any) -> Plan:
        """A plan of somebody who looks on; raises as the engine does."""
        actor = Actor(self, stack.name)
        with simulated(self.threads):
            run = self.play(actor, lambda api, _: (engine.plan(stack, api, engine.PlanOptions(**options)), None))
        if run.error is not None:
            raise run.error
        assert run.plan is not None
        return run.plan

    def check_settled(self, stack: Stack, destroy: bool = False, leaves: tuple[str, ...] = ()) -> None:
        """I4: whoever said that it is complete is taken at his word. `leaves` are changes that a next plan has to show:
        a disk that was kept and whose machine is gone."""
        self.service.faults.clear()
        try:
            plan = self.plan(stack, destroy=destroy)
        except Rejected as error:
            self.watch.say(f"I4 complete, but a fresh plan says: {error}")
            return
        changes = [f"{c.action.name} {c.address}" for c in plan.changes if c.action.name != "NOOP"]
        left = [text for text in changes if not text.startswith(leaves or "-")]
        if left or (plan.steps and not changes):
            self.watch.say(f"I4 complete, but a fresh plan has: {', '.join(left) or plan.steps}")

    def wait(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    # From one world to the next

    def save(self) -> Saved:
        self.service.lifecycle.advance(self.clock.now())
        journals = [
            (str(path.relative_to(self.folder)), path.read_text())
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        ]
        account = self.service.account
        return Saved(
            pickle.dumps(export(account)),
            account.next_seq,
            account.random.getstate(),
            pickle.dumps(self.service.tokens.entries),
            self.clock.now(),
            pickle.dumps([self.watch.named, self.watch.foreign, self.watch.released, self.watch.imaged]),
            tuple(journals),
        )

    @classmethod
    def of(cls, saved: Saved, **settings: Any) -> "World":
        world = cls(**settings)
        world.clock.advance(saved.time - world.clock.now())
        account = world.service.account
        replace_account(account, pickle.loads(saved.things))
        account.next_seq = saved.next_seq
        account.random.setstate(saved.random)
        world.service.lifecycle.reload()
        world.service.tokens.entries.update(pickle.loads(saved.tokens))
        watch = world.watch
        watch.named, watch.foreign, watch.released, watch.imaged = pickle.loads(saved.watch)
        for name, text in saved.journals:
            path = world.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return world

    def forget_journals(self) -> None:
        """As on another machine."""
        shutil.rmtree(self.state_dir, ignore_errors=True)
