"""The control API under /_emulator/: what was called, and what a test or a person may do to the account."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from typing import Any, Protocol

from ecsplan.emulator.account import Account
from ecsplan.emulator.clock import Clock, Movable
from ecsplan.emulator.effects import Effects
from ecsplan.emulator.faults import Faults, check
from ecsplan.emulator.journal import CallLog
from ecsplan.emulator.lifecycle import Lifecycle
from ecsplan.emulator.protocol import respond
from ecsplan.emulator.storage import export, replace
from ecsplan.emulator.tokens import Tokens
from ecsplan.emulator.wire import HttpRequest, HttpResponse

PREFIX = "/_emulator/"


class Controlled(Protocol):
    """What is controlled of a service (service.py)."""

    log: CallLog
    faults: Faults
    clock: Clock
    account: Account
    lifecycle: Lifecycle
    tokens: Tokens
    effects: Effects

    @property
    def lock(self) -> AbstractContextManager[bool]: ...

    def reset_account(self) -> None: ...

    def save(self) -> None: ...


class Mistake(Exception):
    """A control request that can't be followed; its text goes back with status 400."""


def answer(service: Controlled, request: HttpRequest) -> HttpResponse:
    name = request.target.partition("?")[0].removeprefix(PREFIX).strip("/")
    route = ROUTES.get((request.method, name))
    if route is None:
        known = ", ".join(f"{method} {PREFIX}{path}" for method, path in ROUTES)
        return _json(404, {"error": f"{request.method} {PREFIX}{name} is not known. Known: {known}"})
    try:
        given = json.loads(request.body) if request.body else {}
        return _json(200, route(service, given))
    except (ValueError, KeyError, TypeError, Mistake) as mistake:
        return _json(400, {"error": str(mistake)})


def _json(status: int, body: Any) -> HttpResponse:
    return respond(status, "application/json;charset=utf-8", json.dumps(body, ensure_ascii=False))


def _stats(service: Controlled, given: Any) -> Any:
    return service.log.stats()


def _calls(service: Controlled, given: Any) -> Any:
    return {"calls": service.log.calls()}


def _reset(service: Controlled, given: Any) -> Any:
    what = given.get("what") if isinstance(given, dict) else None
    if what == "stats":
        service.log.reset()
        _mark(service)
    elif what == "account":
        service.reset_account()
    else:
        raise Mistake('send {"what": "stats"} or {"what": "account"}')
    return {"reset": what}


def _mark(service: Controlled) -> None:
    with service.lock:
        now = service.clock.now()
        service.lifecycle.advance(now)
        service.effects.mark(now)


def _effects(service: Controlled, given: Any) -> Any:
    with service.lock:
        now = service.clock.now()
        service.lifecycle.advance(now)
        return service.effects.report(now)


def _change_effects(service: Controlled, given: Any) -> Any:
    """`{"outside": true | [ids]}` says who made things, `{"adopted": [ids]}` that a caller took them over, `{"mark":
    true}` begins anew; in this order where several are given."""
    if not isinstance(given, dict) or not given or not given.keys() <= {"outside", "adopted", "mark"}:
        raise Mistake('send {"mark": true}, {"outside": true | [ids]} or {"adopted": [ids]}')
    done: dict[str, Any] = {}
    with service.lock:
        if given.get("outside"):
            done["outside"] = service.effects.make_outside(None if given["outside"] is True else given["outside"])
            service.save()
        if given.get("adopted"):
            service.effects.adopted |= set(given["adopted"])
            done["adopted"] = len(given["adopted"])
    if given.get("mark"):
        _mark(service)
        done["mark"] = service.effects.since
    return done


def _faults(service: Controlled, given: Any) -> Any:
    return {"faults": [rule.shown() for rule in service.faults.rules]}


def _change_faults(service: Controlled, given: Any) -> Any:
    """A list, or `{"add": [...]}`, adds; `{"clear": true}` or `{"clear": [ids]}` takes away; both in one go replace."""
    if isinstance(given, list):
        given = {"add": given}
    if not isinstance(given, dict) or not given.keys() <= {"add", "clear"} or not given:
        raise Mistake('send a list of faults, {"add": [...]} or {"clear": true | [ids]}')
    added = given.get("add", [])
    for spec in added:
        check(spec)
    if given.get("clear"):
        service.faults.clear(None if given["clear"] is True else given["clear"])
    service.faults.add(added)
    return _faults(service, None)


def _clock(service: Controlled, given: Any) -> Any:
    """Moves the account's time ahead: what is due by then has happened."""
    seconds = given.get("advance") if isinstance(given, dict) else None
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds < 0:
        raise Mistake('send {"advance": SECONDS}')
    clock = service.clock
    if not isinstance(clock, Movable):
        raise Mistake("this clock can't be moved")
    clock.advance(float(seconds))
    return {"now": clock.now()}


def _state(service: Controlled, given: Any) -> Any:
    with service.lock:
        service.lifecycle.advance(service.clock.now())
        return export(service.account)


def _put_state(service: Controlled, given: Any) -> Any:
    if not isinstance(given, dict):
        raise Mistake("send what GET state answered")
    with service.lock:
        replace(service.account, given)
        service.lifecycle.reload()
        service.tokens.forget()
        service.save()
    _mark(service)
    return {"things": len(given.get("things", []))}


def _held(service: Controlled, given: Any) -> Any:
    return {"held": service.faults.holds.held()}


def _resume(service: Controlled, given: Any) -> Any:
    """All held calls, or those of `{"ids": [...]}`; with `{"answer": false}` their clients are hung up on."""
    if not isinstance(given, dict):
        raise Mistake('send {}, {"ids": [...]} or {"answer": false}')
    return {"resumed": service.faults.holds.resume(given.get("ids"), bool(given.get("answer", True)))}


ROUTES = {
    ("GET", "stats"): _stats,
    ("GET", "calls"): _calls,
    ("POST", "reset"): _reset,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _change_faults,
    ("POST", "clock"): _clock,
    ("GET", "state"): _state,
    ("PUT", "state"): _put_state,
    ("GET", "effects"): _effects,
    ("POST", "effects"): _change_effects,
    ("GET", "held"): _held,
    ("POST", "resume"): _resume,
}
