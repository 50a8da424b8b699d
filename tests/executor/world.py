"""A cloud of a few lines under a clock that only moves when somebody sleeps, and one thread to do all work in."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from ecsplan.executor.fill import Filler
from ecsplan.executor.finding import Search
from ecsplan.executor.journal import Journal, file_name, open_journal
from ecsplan.executor.means import Means
from ecsplan.executor.records import Start
from ecsplan.executor.run import run
from ecsplan.executor.seal import Seal
from ecsplan.model.call import ApiError, ErrorClass, Request
from ecsplan.model.look import Look
from ecsplan.model.plan import Plan, Report, Status

START = 1_000_000.0
KEY, PROOF = b"a key", "a proof"


@dataclass
class VirtualClock:
    time: float = START

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += max(seconds, 0.001)


class Inline(Executor):
    """Does at once what it is given."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001
            future.set_exception(error)
        return future


def refusal(code: str, error_class: ErrorClass = ErrorClass.FATAL, *, unknown: bool = False) -> ApiError:
    return ApiError("Op", code, "no", error_class=error_class, unknown_outcome=unknown)


@dataclass
class Cloud:
    """Makes what it is told to. `refusals` are raised by the next calls of an operation; `settle` is how long a new
    thing takes to be Ready, `hidden` for how many reads it is unseen, `unlisted` for how many lists leave it out."""

    clock: VirtualClock
    settle: float = 1.0
    hidden: int = 0
    unlisted: int = 0
    refusals: dict[str, list[ApiError | None]] = field(default_factory=dict)
    poll_refusals: list[ApiError | None] = field(default_factory=list)
    sent: list[tuple[float, Request]] = field(default_factory=list)
    polls: list[tuple[float, str, tuple[str, ...]]] = field(default_factory=list)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    remembered: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    before_send: Callable[[Request], None] = lambda request: None
    status: str = "Ready"
    classify: Callable[[str, str], ErrorClass] = lambda operation, code: ErrorClass.FATAL

    region: str = "here"

    def send(self, request: Request) -> Mapping[str, Any]:
        self.before_send(request)
        self.sent.append((self.clock.now(), request))
        waiting = self.refusals.get(request.operation, [])
        error = waiting.pop(0) if waiting else None
        if error is not None:
            raise error
        if request.client_token in self.remembered:
            return self.remembered[request.client_token or ""]
        if request.operation == "Create":
            return self._made(request)
        if request.operation == "Delete":
            for object_id in [i for i in self.objects if i in str(request.params)]:
                del self.objects[object_id]
        return {}

    def _made(self, request: Request) -> Mapping[str, Any]:
        object_id = f"new-{len(self.sent)}"
        self.objects[object_id] = {"ready": self.clock.now() + self.settle, "hidden": self.hidden, **request.params}
        answer = {"Id": object_id, "RequestId": "r"}
        if request.client_token:
            self.remembered[request.client_token] = answer
        return answer

    def read(self, kind: str, ids: Sequence[str]) -> Mapping[str, Any]:
        self.polls.append((self.clock.now(), kind, tuple(ids)))
        error = self.poll_refusals.pop(0) if self.poll_refusals else None
        if error is not None:
            raise error
        return {i: raw for i in ids if (raw := self._seen(i)) is not None}

    def shown(self, kind: str, ids: Sequence[str]) -> set[str]:
        found = set(self.read(kind, ids))
        self.unlisted -= 1
        return found if self.unlisted < 0 else set()

    def ask(self, request: Request) -> Mapping[str, Any]:
        return self.send(request)

    create = update = delete = ask

    def wait(self, kind: str, ids: Sequence[str], **of: bool) -> Look:
        try:
            return Look(dict(self.read(kind, ids)))
        except ApiError as error:
            return Look(unknown=dict.fromkeys(ids, error))

    def tagged(self, kind: str) -> Mapping[str, Mapping[str, str]]:
        """A whole list: the ids that are seen, and their tags."""
        self.polls.append((self.clock.now(), kind, ()))
        error = self.poll_refusals.pop(0) if self.poll_refusals else None
        if error is not None:
            raise error
        seen = {i: raw for i in self.objects if (raw := self._seen(i)) is not None}
        return {i: {tag["Key"]: tag["Value"] for tag in raw.get("Tag", ())} for i, raw in seen.items()}

    def _seen(self, object_id: str) -> Mapping[str, Any] | None:
        found = self.objects.get(object_id)
        if found is None:
            return None
        if found["hidden"] > 0:
            found["hidden"] -= 1
            return None
        return {**found, "Status": self.status if self.clock.now() >= found["ready"] else "Pending"}

    @property
    def operations(self) -> list[str]:
        return [request.operation for _, request in self.sent]


@dataclass
class World:
    """One run after another of plans on one Cloud, each with a journal of its own."""

    folder: Path
    clock: VirtualClock = field(default_factory=VirtualClock)
    events: list[Mapping[str, Any]] = field(default_factory=list)
    stopped: Callable[[], bool] = lambda: False
    may_write: Callable[[], str | None] = lambda: None
    classify: Callable[[str, str], ErrorClass] = lambda operation, code: ErrorClass.FATAL
    parallelism: int = 10
    salt: str = ""
    search: Search = lambda kind, params: ()
    secrets: dict[str, str] = field(default_factory=dict)
    cloud: Cloud = field(init=False)
    filler: Filler = field(init=False)

    def __post_init__(self) -> None:
        self.cloud = Cloud(self.clock)

    def run(self, plan: Plan, name: str = "one") -> Report:
        self.filler = Filler(lambda secret: self.secrets[secret.env or ""], lambda path: "ssh-rsa AAAA")
        with open_journal(self.folder, plan.stack, name) as stream:
            journal = Journal(stream, Seal(KEY, file_name(plan.stack, name)))
            journal.start(Start(plan.stack, "here", PROOF, "apply", self.clock.now()))
            report = run(plan, self._means(journal))
            journal.end("complete", self.clock.now())
        return report

    def _means(self, journal: Journal) -> Means:
        self.cloud.classify = self.classify
        return Means(
            self.cloud, lambda kind, raw: {"address": raw.get("Address")},
            lambda kind: "Name", self.clock, Inline(), self.parallelism, journal, self.filler, self.stopped,
            self.events.append,
            self.may_write, self.cloud.tagged, self.salt, search=self.search,
        )  # fmt: skip


def statuses(report: Report) -> dict[str, str]:
    return {str(outcome.step): outcome.status.value for outcome in report.outcomes}


def only_failure(report: Report) -> tuple[str, str]:
    (found,) = [outcome for outcome in report.outcomes if outcome.status is Status.FAILED]
    return found.code, found.message


@dataclass
class KeyPairs:
    """Key pairs with unique names, for the lock. `turn` is taken before every call, for those who share the clock."""

    clock: VirtualClock
    pairs: dict[str, list[Mapping[str, str]]] = field(default_factory=dict)
    refusals: list[ApiError | None] = field(default_factory=list)
    lose_answer_of: int = 0
    blind: bool = False
    turn: Callable[[], None] = lambda: None
    region: str = "here"

    def send(self, request: Request) -> Mapping[str, Any]:
        self.turn()
        error = self.refusals.pop(0) if self.refusals else None
        if error is not None:
            raise error
        name = str(request.params.get("KeyPairName", ""))
        if request.operation == "ImportKeyPair":
            if name in self.pairs:
                raise refusal("KeyPair.AlreadyExist", ErrorClass.ALREADY)
            self.pairs[name] = request.params["Tag"]
            if self.lose_answer_of:
                self.lose_answer_of -= 1
                raise refusal("Timeout", ErrorClass.TRANSIENT, unknown=True)
        elif request.operation == "DeleteKeyPairs":
            self.pairs.pop(str(request.params["KeyPairNames"])[2:-2], None)
        elif request.operation == "TagResources":
            self._retag(request)
        elif not self.blind:
            found = [{"KeyPairName": n, "Tags": {"Tag": tags}} for n, tags in self.pairs.items() if n == name]
            return {"KeyPairs": {"KeyPair": found}}
        return {}

    def _retag(self, request: Request) -> None:
        (name,) = request.params["ResourceId"]
        fresh = {tag["Key"]: tag["Value"] for tag in request.params["Tag"]}
        before = {tag["Key"]: tag["Value"] for tag in self.pairs.get(name, [])}
        self.pairs[name] = [{"Key": key, "Value": value} for key, value in (before | fresh).items()]


class Turns:
    """Lets one of several threads go on at a time, drawn by a seed: every interleaving of their calls is possible."""

    def __init__(self, seed: int, clock: VirtualClock) -> None:
        self.chance, self.clock = Random(seed), clock
        self.waiting: dict[int, threading.Event] = {}
        self.arrived = threading.Condition()
        self.alive = 0

    def __call__(self) -> None:
        mine = threading.Event()
        with self.arrived:
            self.waiting[threading.get_ident()] = mine
            self.arrived.notify_all()
        mine.wait(10)

    def play(self, *acts: Callable[[], None]) -> None:
        threads = [threading.Thread(target=self._act, args=(act,)) for act in acts]
        self.alive = len(threads)
        for thread in threads:
            thread.start()
        while True:
            with self.arrived:
                self.arrived.wait_for(lambda: len(self.waiting) >= self.alive, 10)
                if not self.alive:
                    break
                chosen = self.chance.choice(sorted(self.waiting))
                event = self.waiting.pop(chosen)
            event.set()
        for thread in threads:
            thread.join(10)

    def _act(self, act: Callable[[], None]) -> None:
        try:
            act()
        finally:
            with self.arrived:
                self.alive -= 1
                self.arrived.notify_all()
