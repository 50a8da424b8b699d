"""The whole emulator without sockets: a request in, an answer out. The server and tests call `Service.handle`."""

from __future__ import annotations

import math
import random
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from ecsplan.emulator import catalogue, contract, control, others, protocol, tokens
from ecsplan.emulator.account import OUTSIDE, Account, Cause, Event, Thing
from ecsplan.emulator.call import Call
from ecsplan.emulator.clock import Clock, RealClock, VirtualClock
from ecsplan.emulator.credentials import load_credentials
from ecsplan.emulator.effects import Effects
from ecsplan.emulator.faults import Faults, read_schedule
from ecsplan.emulator.journal import CallLog
from ecsplan.emulator.lags import Lags
from ecsplan.emulator.lifecycle import Lifecycle
from ecsplan.emulator.operations import Operation, table
from ecsplan.emulator.options import Options
from ecsplan.emulator.refusals import as_documented
from ecsplan.emulator.settings import Settings
from ecsplan.emulator.signature import V3, Verifier
from ecsplan.emulator.storage import Storage
from ecsplan.emulator.strikes import Answered, Detention, Strikes
from ecsplan.emulator.wire import ConnectionDropped, HttpRequest, HttpResponse, Refusal

__all__ = [
    "ConnectionDropped", "HttpRequest", "HttpResponse", "Options", "RealClock", "Service", "VirtualClock",
]  # fmt: skip

BATCH_DRY_RUN = frozenset(("StartInstances", "StopInstances", "RebootInstances", "DeleteInstances"))
FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class Incoming:
    """A request taken apart, before anything in it is believed."""

    request: HttpRequest
    query: list[tuple[str, str]]
    form: list[tuple[str, str]]
    flat: dict[str, str]
    action: str
    version: str
    as_json: bool
    host: str


class Service:
    """Thread-safe. `ConnectionDropped` comes out of `handle` where a fault breaks the transport."""

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        self.options = options
        self.clock: Clock = clock if clock is not None else RealClock()
        self.settings = Settings()
        self.settings.change(options.settings)
        self.credentials = load_credentials(options.credentials)
        seed, schedule = read_schedule(options.faults)
        self.faults = Faults(seed if seed is not None else options.seed)
        self.faults.add(schedule)
        self.account = Account(self.credentials.account, options.seed)
        self.tokens = tokens.Tokens()
        self.storage = Storage(Path(options.data)) if options.data is not None else None
        if self.storage is not None:
            self.storage.load(self.account, self.tokens)
        self.lifecycle = Lifecycle(self.account, Detention(self.faults))
        self.effects = Effects(self.account, self.clock.now())
        self.lags = Lags(self.settings, options.seed)
        self.account.witness = self._witness
        self.verifier = Verifier(self.credentials)
        self.log = CallLog(options.log_size)
        self.lock = threading.RLock()
        self.names: set[str] = set()  # that the server listens by, beside numbers and localhost
        self._dice = random.Random(options.seed)

    def _witness(self, events: list[Event]) -> None:
        self.effects.saw(events)
        if self.settings.lag:
            self.lags.saw(events)

    def interrupt(self) -> None:
        """Lets go of calls that a fault holds, so that a server can stop."""
        self.faults.holds.resume(answer=False)

    def close(self) -> None:
        """Nothing may be asked afterwards."""
        with self.lock:
            if self.storage is not None:
                self.storage.save(self.account, self.tokens)
                self.storage.close()
                self.storage = None

    def save(self) -> None:
        if self.storage is not None:
            self.storage.save(self.account, self.tokens)

    def reset_account(self) -> None:
        """An account as new: no objects, no remembered tokens."""
        with self.lock:
            for thing in list(self.account.all()):
                self.account.remove(thing)
            self.tokens.forget()
            self.save()

    def act_outside(self, product: str, action: str, flat: Mapping[str, str]) -> list[Thing]:
        """A call that another service or another account makes: what it has made, marked as nobody's so far."""
        agreed = contract.find(product, action)
        if agreed is None or action not in table(product):
            raise unknown_action(f"there is no {action} of {product.upper()} here")
        with self.lock:
            now, first = self.clock.now(), self.account.next_seq
            self.lifecycle.advance(now)
            params = protocol.parse_parameters(agreed, flat)
            call = Call(product, action, params, self.account, self.lifecycle, now, self.options.settle_seconds,
                        settings=self.settings, lags=self.lags)  # fmt: skip
            self._transact(table(product)[action], call, OUTSIDE, is_dry=False)
            self.save()
            return [thing for thing in self.account.all() if thing.seq >= first]

    def handle(self, request: HttpRequest) -> HttpResponse:
        if request.target.startswith(control.PREFIX):
            return control.answer(self, request)
        now = self.clock.now()
        incoming = take_apart(request)
        product = contract.VERSIONS.get(incoming.version, "")
        entry = self.log.arrived(now, product, incoming.action, incoming.flat)
        strikes = Strikes(self.faults, self.faults.strike(entry), entry)
        request_id = str(uuid.UUID(int=self._dice.getrandbits(128), version=4)).upper()
        as_json = incoming.as_json and not strikes.named("xml_when_json")
        try:
            response = self._response(incoming, product, now, strikes, request_id, as_json)
        except ConnectionDropped:
            self.log.ended(entry, 0)
            raise
        self.clock.sleep(self._latency())
        return dated(response, self._wall(now), request_id)

    def _response(
        self, incoming: Incoming, product: str, now: float, strikes: Strikes, request_id: str, as_json: bool
    ) -> HttpResponse:
        entry = strikes.entry
        try:
            body = self._answer(incoming, product, now, strikes)
            strikes.refuse_late()
        except Answered as answered:
            self.log.ended(entry, answered.response.status, "", request_id)
            return answered.response
        except Refusal as refusal:
            self.log.ended(entry, refusal.status, refusal.code, request_id)
            response = protocol.error(refusal, request_id, incoming.host, as_json)
        else:
            self.log.ended(entry, 200, "", request_id)
            response = protocol.answer(incoming.action, {"RequestId": request_id, **body}, as_json)
        self.clock.sleep(strikes.delays("after"))
        return strikes.spoil(response)

    def _wall(self, now: float) -> float:
        """The time that signatures are checked by; moving the account's time ahead is no part of it."""
        now -= self.clock.shift if isinstance(self.clock, RealClock) else 0.0
        return now + sum(float(rule.get("seconds", 0)) for rule in self.faults.standing("clock_skew"))

    def _latency(self) -> float:
        latency = self.options.latency_ms
        return (self._dice.uniform(*latency) if isinstance(latency, tuple) else latency) / 1000

    def _answer(self, incoming: Incoming, product: str, now: float, strikes: Strikes) -> Mapping[str, Any]:
        self.clock.sleep(strikes.delays("before"))
        credential = self.verifier.verify(incoming.request, incoming.query, incoming.form, self._wall(now))
        strikes.entry |= {"key": credential.key_id, "agent": incoming.request.headers.get("user-agent", "")[:200]}
        strikes.expire_token(self.credentials, credential.key_id, credential.token)
        if not product:
            raise Refusal(400, "NoSuchVersion", f"The specified Version {incoming.version} is not valid.")
        agreed = contract.find(product, incoming.action)
        if agreed is None:
            raise unknown_action(f"the {product.upper()} API has no {incoming.action}")
        strikes.refuse_early(now, bool(incoming.flat.get("ClientToken")))
        if incoming.action not in table(product):
            self.log.lacked(product, incoming.action)
            raise unknown_action(f"{incoming.action} exists, but this emulator has not built it")
        params = protocol.parse_parameters(agreed, incoming.flat)
        if credential.is_denied(product, incoming.action) or strikes.named("empty_by_permission"):
            return denied(agreed, params)
        call = Call(
            product,
            incoming.action,
            params,
            self.account,
            self.lifecycle,
            now,
            self.options.settle_seconds,
            region_of_host(incoming.host),
            credential,
            {**self.options.quotas, **self.settings.quotas},
            self.settings,
            self.lags,
            log=self.log.calls,
        )
        return self._with_token(call, agreed, strikes)

    def _with_token(self, call: Call, agreed: contract.Contract, strikes: Strikes) -> Mapping[str, Any]:
        is_dry = agreed.takes("DryRun") and call.params.get("DryRun") is True
        token = call.params.get("ClientToken") if agreed.takes("ClientToken") and not is_dry else None
        if not token:
            return self._carry_out(call, is_dry, None, strikes)
        tokens.check(token)
        key = tokens.Tokens.key(call.credential.account, call.product, call.action, token)
        with self.lock:
            self.tokens.lifetime = lifetime(self.faults)
            earlier = self.tokens.claim(key, tokens.digest(call.params), call.now)
        if earlier is not None:
            strikes.hold("before")
            strikes.hold("after")
            return earlier
        try:
            return self._carry_out(call, is_dry, key, strikes)
        finally:
            with self.lock:
                self.tokens.release(key)

    def _carry_out(self, call: Call, is_dry: bool, token_key: str | None, strikes: Strikes) -> Mapping[str, Any]:
        """All or nothing: what a refused or dry call changed is undone."""
        strikes.hold("before")
        with self.lock:
            call.now = self.clock.now()
            self.lifecycle.advance(call.now)
            strikes.meddle(self.account, self.lifecycle, call.now)
            strikes.bend(call)
            first_seq = self.account.next_seq
            cause = Cause(strikes.entry["n"], call.action, call.credential.key_id, call.params)
            try:
                body = self._transact(table(call.product)[call.action], call, cause, is_dry)
            except Refusal as refusal:
                if token_key is not None and self._keeps_failures(call):
                    self.tokens.refuse(token_key, refusal, call.now)
                    self.save()
                raise
            if is_dry:
                raise passed(call.action)
            if token_key is not None:
                self.tokens.settle(token_key, body, call.now)
            strikes.committed(self.account, first_seq, call)
            if self.account.touched or self.tokens.dirty or strikes.named("foreign_edit", "foreign_delete"):
                self.save()
        strikes.hold("after")
        return body

    def _keeps_failures(self, call: Call) -> bool:
        return self.settings.tokens_keep_failures and (call.product == "vpc" or call.action in tokens.KEEP_FAILURES)

    def _transact(self, operation: Operation, call: Call, cause: Cause, is_dry: bool) -> dict[str, Any]:
        self.account.cause = cause
        self.account.begin()
        kept = False
        try:
            if cause is not OUTSIDE:
                others.refuse(call)
            body = operation(call)
            kept = not is_dry
        except Refusal as refusal:
            raise as_documented(call.product, call.action, refusal) from None
        finally:
            if kept:
                self.account.commit()
            else:
                self.account.rollback()
            self.account.cause = OUTSIDE
        return body


def lifetime(faults: Faults) -> float:
    """How long tokens are remembered; faults make it short, or endless."""
    if faults.standing("token_replays_deleted_id"):
        return math.inf
    return min((float(rule.get("after", 0)) for rule in faults.standing("token_forgotten")), default=tokens.REMEMBERED)


def take_apart(request: HttpRequest) -> Incoming:
    _, _, query_text = request.target.partition("?")
    headers = request.headers
    query = parse_qsl(query_text, keep_blank_values=True)
    form: list[tuple[str, str]] = []
    if request.body and headers.get("content-type", FORM).startswith(FORM):
        form = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    flat = dict(query)
    flat.update(form)
    # Under signature v1 no header is signed, so none may say what to do.
    is_v3 = headers.get("authorization", "").startswith(V3)
    wanted = flat.get("Format", "").upper() or ("XML" if "xml" in headers.get("accept", "") or not is_v3 else "JSON")
    return Incoming(
        request, query, form, flat,
        action=headers.get("x-acs-action", "") if is_v3 else flat.get("Action", ""),
        version=headers.get("x-acs-version", "") if is_v3 else flat.get("Version", ""),
        as_json=wanted == "JSON",
        host=headers.get("host", "localhost"),
    )  # fmt: skip


def region_of_host(host: str) -> str:
    """`ecs.cn-hangzhou.aliyuncs.com` and `ecs-cn-hangzhou.aliyuncs.com` name a region, `127.0.0.1` does not."""
    if not host.endswith(".aliyuncs.com"):
        return ""
    for part in host.split("."):
        for prefix in ("", "ecs-", "vpc-"):
            if part.startswith(prefix) and catalogue.is_region(part.removeprefix(prefix)):
                return part.removeprefix(prefix)
    return ""


def denied(agreed: contract.Contract, params: Mapping[str, Any]) -> dict[str, Any]:
    """RAM answers a forbidden list with an empty one; only a dry run of it, and other calls, say Forbidden."""
    if not is_list(agreed) or params.get("DryRun") is True:
        raise Refusal(403, "Forbidden.RAM", "User not authorized to operate on the specified resource, or this API.")
    return empty_list(agreed, params)


def is_list(agreed: contract.Contract) -> bool:
    """A read that names no single thing and answers in pages."""
    asks_for_one = set(agreed.request.required) - {"RegionId", "ResourceType"}
    pages = agreed.response.keys() & {"TotalCount", "NextToken"}
    return agreed.name.startswith(("Describe", "List")) and bool(pages) and not asks_for_one


def empty_list(agreed: contract.Contract, params: Mapping[str, Any]) -> dict[str, Any]:
    """A few actions have their numbers as text."""
    numbers = {"TotalCount": 0, "PageNumber": params.get("PageNumber", 1), "PageSize": params.get("PageSize", 10)}
    told = {name: number for name, number in numbers.items() if name in agreed.response}
    body: dict[str, Any] = {name: str(n) if agreed.response[name] == "s" else n for name, n in told.items()}
    for name, shape in agreed.response.items():
        if isinstance(shape, dict):
            body[name] = {inner: [] for inner, sub in shape.items() if isinstance(sub, list)}
    return body


def unknown_action(why: str) -> Refusal:
    """One code for what the API does not have and for what was not built: a client can do the same about both."""
    return Refusal(
        404, "InvalidAction.NotFound", f"Specified api is not found, please check your url and method: {why}."
    )


def passed(action: str) -> Refusal:
    """A dry run that would have worked comes back as an error, under two spellings."""
    code = "DRYRUN.SUCCESS" if action in BATCH_DRY_RUN else "DryRunOperation"
    return Refusal(400, code, "Request validation has been passed with DryRun flag set.")


def dated(response: HttpResponse, now: float, request_id: str) -> HttpResponse:
    """Clients with a wrong clock correct it by the Date header."""
    headers = {**response.headers, "Date": formatdate(now, usegmt=True), "x-acs-request-id": request_id}
    return HttpResponse(response.status, headers, response.body, response.cut)
