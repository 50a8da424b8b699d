"""The client: signs a request, sends it, reads the answer, and asks `retry` what to do when it failed.

Made by `connect`, used by inventory and apply as an `Api`; safe to share between threads. What waits or
decides is in the modules beside this one; here is only the order of things, and the HTTP library.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from ecsplan.api import answer
from ecsplan.api.budget import Budget, Key, Word
from ecsplan.api.calllog import CallRecord, Log, masked, scrubbed
from ecsplan.api.credentials import CredentialSource, NoCredentials
from ecsplan.api.encode import flatten
from ecsplan.api.endpoints import BadEndpoint, Endpoints
from ecsplan.api.gate import Gate, Health, ServiceIsDown
from ecsplan.api.mismatch import explain
from ecsplan.api.retry import RetryStep, Trail, decide
from ecsplan.api.shapes import fitted
from ecsplan.api.sign import Credentials, Signature, Stamp, Unsigned, other, sign
from ecsplan.api.transport import Reply, Session, post
from ecsplan.model.call import ApiError, ErrorClass, Request
from ecsplan.model.clock import Clock
from ecsplan.model.copying import replace
from ecsplan.model.regions import KNOWN, misspelt

# Where the region's parameter is spelt otherwise.
_REGION = dict.fromkeys(
    (
        "CreateAutoSnapshotPolicy",
        "ModifyAutoSnapshotPolicyEx",
        "DeleteAutoSnapshotPolicy",
        "ApplyAutoSnapshotPolicy",
        "CancelAutoSnapshotPolicy",
    ),
    "regionId",
)
NO_REGION = "InvalidRegionId.NotFound"
_WORTH_A_CORRECTION = 60.0  # seconds; the service tolerates fifteen minutes


_LATE = 1.0  # seconds; the last try of a busy object comes at its deadline itself
_BUSY = (ErrorClass.CONFLICT, ErrorClass.IN_PROGRESS, ErrorClass.NEW_TOKEN)
GIVEN_UP = "not sent: the run was told to stop before its turn came"


class _NotSent(Exception):
    """The request waited for its turn for so long that nobody wants it any more."""


class Settings(Struct, frozen=True):
    """What a client is given besides where to go and as whom; `roll` returns a number in [0, 1).

    `notice` tells the user what went otherwise than asked for: another signature version. `witness` is shown every
    answer as it came.
    """

    clock: Clock
    roll: Callable[[], float]
    nonce: Callable[[], str]
    user_agent: str
    log: Log | None = None
    signature: Signature = Signature.V3
    notice: Callable[[str], None] = lambda text: None
    witness: Callable[[str, Mapping[str, Any]], None] = lambda operation, answer: None
    timeouts: tuple[float, float] = (5.0, 30.0)  # to connect, and between two bytes of the answer
    budget: Budget | None = None  # of the account, where several clients share one


class _Job(Struct):
    """One request on its way: what stays the same over its sends, and what the last send left."""

    request: Request
    region: str
    url: str
    params: Mapping[str, str]
    trail: Trail
    signature: Signature
    credentials: Credentials | None = None
    string_to_sign: str = ""
    advice: float | None = None
    server_time: float | None = None
    was_clock_off: bool = False
    last: ApiError | None = None
    send_by: float | None = None  # no send may leave later, however long its turn took to come

    @property
    def key(self) -> Key:
        return (self.request.product.value, self.region, self.request.operation)


@dataclass(slots=True)
class Client:
    """Implements `Cloud`. `calls` counts every send, retries too."""

    region: str
    credentials: CredentialSource
    endpoints: Endpoints
    session: Session
    settings: Settings
    calls: int = 0
    _clock_offset: float = 0.0
    _service_ahead: float = 0.0
    _signature: Signature = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _refreshing: threading.Lock = field(default_factory=threading.Lock)
    _gates: dict[str, Gate] = field(default_factory=dict)
    _budget: Budget = field(init=False)
    _ended: tuple[Credentials, ApiError] | None = None  # a key that the service no longer takes, and its words

    def __post_init__(self) -> None:
        self._signature = self.settings.signature
        self._budget = self.settings.budget or Budget(self.settings.clock, self.settings.roll)

    def send(self, request: Request) -> Mapping[str, Any]:
        """The decoded body of a success; `ApiError` once the policies have nothing left to try."""
        region = request.region or self.region
        params = {_REGION.get(request.operation, "RegionId"): region, **flatten(request.params)}
        if request.client_token is not None:
            params["ClientToken"] = request.client_token
        trail = Trail(is_lost=request.may_be_done)
        try:
            url = self.endpoints.url(request.product, region)
        except BadEndpoint as error:
            raise ApiError(request.operation, "InvalidRegionId.Malformed", str(error)) from None
        job = _Job(request, region, url, params, trail, self._signature)
        while True:
            try:
                return self._within_budget(job)
            except _NotSent:
                raise _final(
                    job, job.last or answer.transport_error(request.operation, answer.NOT_SENT, GIVEN_UP)
                ) from None
            except ApiError as error:
                settled = self._after(job, error)
            if settled is not None:
                return settled

    @property
    def signature(self) -> Signature:
        """The version that is in use: another than asked for, where the service does not know that one."""
        return self._signature

    @contextmanager
    def shown_to(self, witness: Callable[[str, Mapping[str, Any]], None]) -> Iterator[None]:
        """Every answer that comes meanwhile is shown to `witness`, as it came."""
        before, self.settings = self.settings, replace(self.settings, witness=witness)
        try:
            yield
        finally:
            self.settings = before

    @property
    def clock(self) -> Clock:
        return self.settings.clock

    def server_now(self) -> float:
        """The time by the service's clock, as its last answer told it, to a second; ours before the first answer."""
        return self.settings.clock.now() + self._service_ahead

    def close(self) -> None:
        self.session.close()

    def _within_budget(self, job: _Job) -> Mapping[str, Any]:
        permit = self._budget.acquire(job.key)
        word = Word.NOTHING
        job.advice = None
        try:
            self._check_that_it_is_wanted(job)
            body = self._within_gate(job)
            word = Word.ACCEPTED
            return body
        except ApiError as error:
            word = _word(error)
            raise
        finally:
            self._budget.give_back(permit, word, job.advice)

    def _check_that_it_is_wanted(self, job: _Job) -> None:
        """Raises _NotSent where the caller has given up, or its time is over, while the request waited for its turn.

        What an ended key would sign is not sent, either: it gets the answer that the first such request got.
        """
        is_off = job.request.is_off is not None and job.request.is_off()
        if is_off or (job.send_by is not None and self.settings.clock.now() > job.send_by):
            raise _NotSent
        ended = self._ended
        if ended is not None:
            job.credentials, error = ended
            if not self._refreshed(job.credentials):
                raise ApiError(job.request.operation, error.code, error.message, error_class=error.error_class)
            self._ended = None

    def _within_gate(self, job: _Job) -> Mapping[str, Any]:
        gate = self._gate(job.url)
        try:
            passed = gate.enter()
        except ServiceIsDown as down:
            raise answer.transport_error(job.request.operation, answer.OUTAGE, str(down)) from None
        health, words = Health.UNKNOWN, ""
        try:
            body = self._exchange(job)
            health = Health.UP
            return body
        except ApiError as error:
            health, words = _health(error), f"{error.code}: {scrubbed(error.message, job.params)}"
            raise
        finally:
            gate.leave(passed, health, words)

    def _exchange(self, job: _Job) -> Mapping[str, Any]:
        """One send, and one line in the log whatever comes of it."""
        started = self.settings.clock.now()
        signed_at = started + self._clock_offset
        job.trail.sends += 1
        job.server_time = None
        status, request_id, code = None, None, None
        try:
            reply = self._post(job, signed_at)
            status = reply.status
            job.advice = _advice(reply.headers)
            job.server_time = _date(reply.headers)
            if job.server_time is not None:
                self._service_ahead = job.server_time - self.settings.clock.now()
            body = answer.read_answer(job.request.operation, status, reply.body)
            request_id = str(body["RequestId"])
            self.settings.witness(job.request.operation, body)
            return fitted(job.request.operation, body)
        except ApiError as error:
            request_id, code = error.request_id, error.code
            self._watch_clock(job, error, signed_at)
            raise
        finally:
            seconds = self.settings.clock.now() - started
            self._tell(job, seconds, status, request_id, code)

    def _post(self, job: _Job, signed_at: float) -> Reply:
        request = job.request
        try:
            job.credentials = self.credentials.current()
        except NoCredentials as error:
            raise ApiError(request.operation, "NoCredentials", str(error), error_class=ErrorClass.DENIED) from error
        agent = self.settings.user_agent
        unsigned = Unsigned(urlsplit(job.url).netloc, request.operation, request.product.version, job.params, agent)
        stamp = Stamp(signed_at, self.settings.nonce())
        signed = sign(unsigned, job.credentials, stamp, job.signature)
        job.string_to_sign = signed.string_to_sign
        with self._lock:
            self.calls += 1
        url = f"{job.url}/" + (f"?{signed.query}" if signed.query else "")
        try:
            return post(self.session, request.operation, url, signed.headers, signed.body, self.settings.timeouts)
        except ApiError as error:
            if error.code != answer.NO_HOST or self.endpoints.override or job.region in KNOWN:
                raise
            raise ApiError(request.operation, NO_REGION, f"there is no host {urlsplit(job.url).netloc}") from None

    def _watch_clock(self, job: _Job, error: ApiError, signed_at: float) -> None:
        """Corrects the clock before anybody else signs with it; `_prepared` asks whether it was off."""
        job.was_clock_off = False
        if error.error_class is not ErrorClass.CLOCK and error.code != "SignatureDoesNotMatch":
            return
        if job.server_time is not None and abs(job.server_time - signed_at) >= _WORTH_A_CORRECTION:
            self._clock_offset = job.server_time - self.settings.clock.now()
            job.was_clock_off = True

    def _after(self, job: _Job, error: ApiError) -> Mapping[str, Any] | None:
        """What `retry` says about a failed send, done; None: send again."""
        now = self.settings.clock.now()
        job.trail.note(job.request, error, now)
        decision = decide(job.request, error, job.trail, now, self.settings.roll())
        if decision.step is RetryStep.DONE:
            return {"RequestId": error.request_id or ""}
        if decision.step is RetryStep.GIVE_UP or not self._prepared(job, decision.step):
            if error.error_class is ErrorClass.AUTH_REFRESH and job.credentials is not None:
                self._ended = job.credentials, error
            raise _final(job, error)
        job.last = error
        busy_until = job.trail.since[error.error_class] + job.request.conflict_deadline + _LATE
        job.send_by = busy_until if error.error_class in _BUSY else None
        if job.request.retrying is not None:
            job.request.retrying(error, decision.wait)
        # While the service is down the gate does the waiting, or the two waits would add up.
        if decision.wait and not self._gate(job.url).is_shut:
            self.settings.clock.sleep(decision.wait)
        return None

    def _prepared(self, job: _Job, step: RetryStep) -> bool:
        """What must come before the next send; false if that would be in vain."""
        if step is RetryStep.REFRESH:
            job.trail.was_refreshed = True
            return self._refreshed(job.credentials)
        if step is RetryStep.SET_CLOCK:
            job.trail.was_clock_set = True
            return job.was_clock_off
        if step is RetryStep.OTHER_SIGNATURE:
            job.trail.was_signed_otherwise = True
            return self._signed_otherwise(job)
        return True

    def _signed_otherwise(self, job: _Job) -> bool:
        """Goes on with the other signature version, for this request and all that follow."""
        refused, job.signature = job.signature, other(job.signature)
        with self._lock:
            is_first, self._signature = self._signature is refused, job.signature
        if is_first:
            self.settings.notice(
                f"{urlsplit(job.url).netloc} does not know signature {refused.value}: going on with"
                f" {job.signature.value} (--signature {job.signature.value} says so from the start)"
            )
        return True

    def _refreshed(self, used: Credentials | None) -> bool:
        with self._refreshing:
            try:
                # Another worker may have been faster: one refresh serves all.
                if self.credentials.current() == used:
                    self.credentials.refresh()
                return self.credentials.current() != used
            except NoCredentials:
                return False

    def _gate(self, url: str) -> Gate:
        with self._lock:
            if url not in self._gates:
                self._gates[url] = Gate(self.settings.clock, self.settings.roll)
            return self._gates[url]

    def _tell(self, job: _Job, seconds: float, status: int | None, request_id: str | None, code: str | None) -> None:
        if self.settings.log is None:
            return
        product, region, operation = job.key
        attempt = job.trail.sends
        self.settings.log(
            CallRecord(operation, product, region, masked(job.params), attempt, seconds, status, request_id, code)
        )


def _word(error: ApiError) -> Word:
    if error.error_class is ErrorClass.THROTTLE:
        return Word.REFUSED
    return Word.NOTHING if error.status is None else Word.ACCEPTED


def _health(error: ApiError) -> Health:
    if error.code in (answer.NOT_SENT, answer.NO_HOST):
        return Health.UNREACHABLE
    if error.error_class is not ErrorClass.TRANSIENT:
        return Health.UP if error.status is not None else Health.UNKNOWN
    is_silent = error.status is None or error.code == answer.BAD_ANSWER
    return Health.DOWN if is_silent or (error.status or 0) >= 500 else Health.UP


def _final(job: _Job, error: ApiError) -> ApiError:
    """The error as the caller gets it: no secret in it, and honest about every send before the last."""
    message = scrubbed(error.message, job.params)
    if error.code == "SignatureDoesNotMatch":
        message = explain(error.message, job.string_to_sign)
    if error.code == NO_REGION:
        meant = misspelt(job.region)
        message += f" (region {job.region}{f': did you mean {meant}?' if meant else ''})"
    return ApiError(
        error.operation,
        error.code,
        message,
        error_class=error.error_class,
        status=error.status,
        request_id=error.request_id,
        unknown_outcome=job.trail.is_lost,
        detail=error.detail,
    )


def _advice(headers: Mapping[str, str]) -> float | None:
    """`x-acs-retry-after` counts milliseconds."""
    text = headers.get("x-acs-retry-after", "")
    return int(text) / 1000 if text.isascii() and text.isdigit() and int(text) > 0 else None


def _date(headers: Mapping[str, str]) -> float | None:
    try:
        return parsedate_to_datetime(headers["Date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return None
