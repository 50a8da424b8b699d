"""The control API under /_emulator/: what was called, and what a test or a person may do to the account."""

from __future__ import annotations

import ipaddress
import json
import math
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from ecsplan.emulator import others
from ecsplan.emulator.account import Account, Thing
from ecsplan.emulator.balancing import make
from ecsplan.emulator.clock import Clock, Movable
from ecsplan.emulator.effects import Effects
from ecsplan.emulator.fault_forms import check
from ecsplan.emulator.faults import Faults
from ecsplan.emulator.journal import CallLog
from ecsplan.emulator.lifecycle import Lifecycle
from ecsplan.emulator.protocol import respond
from ecsplan.emulator.settings import Settings
from ecsplan.emulator.storage import export, replace
from ecsplan.emulator.tokens import Tokens
from ecsplan.emulator.wire import HttpRequest, HttpResponse, Refusal

PREFIX = "/_emulator/"
HEADER = "x-ecsplan-emulator"
FARTHEST = 100 * 365 * 86400.0  # seconds that the clock can be moved ahead in one go


class Controlled(Protocol):
    """What is controlled of a service (service.py)."""

    log: CallLog
    faults: Faults
    clock: Clock
    account: Account
    lifecycle: Lifecycle
    tokens: Tokens
    effects: Effects
    settings: Settings
    names: set[str]

    @property
    def lock(self) -> AbstractContextManager[bool]: ...

    def reset_account(self) -> None: ...

    def save(self) -> None: ...

    def act_outside(self, product: str, action: str, flat: Mapping[str, str]) -> list[Thing]: ...


class Mistake(Exception):
    """A control request that can't be followed; its text goes back with status 400."""


def answer(service: Controlled, request: HttpRequest) -> HttpResponse:
    name = request.target.partition("?")[0].removeprefix(PREFIX).strip("/")
    unwanted = _stranger(service, request, name)
    if unwanted:
        return _json(403, {"error": unwanted})
    route = ROUTES.get((request.method, name))
    if route is None:
        known = ", ".join(f"{method} {PREFIX}{path}" for method, path in ROUTES)
        return _json(404, {"error": f"{request.method} {PREFIX}{name} is not known. Known: {known}"})
    try:
        return _json(200, route(service, _read(request.body)))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, Mistake) as mistake:
        return _json(400, {"error": str(mistake)})


def _stranger(service: Controlled, request: HttpRequest, name: str) -> str:
    """Why this caller is refused: a web page may send requests here, by an address or by a name that it points here."""
    if "origin" in request.headers:
        return "the control API takes no requests of web pages (Origin)"
    host = request.headers.get("host", "")
    if host and not _is_known(_name_of(host), service.names):
        return f"the control API is not asked by the name {host!r}; use 127.0.0.1, localhost or the name of --host"
    if (request.method, name) != ("GET", "stats") and HEADER not in request.headers:
        return f"send the header {HEADER}: 1"
    return ""


def _name_of(host: str) -> str:
    """Without the port; `[::1]:8686` is `::1`."""
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _is_known(name: str, names: set[str]) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name.lower() == "localhost" or name in names
    return True


def _read(body: bytes) -> Any:
    """JSON with finite numbers alone; nothing is an empty object."""
    return json.loads(body, parse_constant=_no_number, parse_float=_finite) if body else {}


def _no_number(text: str) -> float:
    raise Mistake(f"{text} is not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Mistake(f"{text} is too large")
    return number


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


def _settings(service: Controlled, given: Any) -> Any:
    return service.settings.shown()


def _change_settings(service: Controlled, given: Any) -> Any:
    if not isinstance(given, dict):
        raise Mistake(f"send an object with some of {', '.join(service.settings.shown())}")
    with service.lock:
        service.settings.change(given)
    return service.settings.shown()


def _others(service: Controlled, given: Any) -> Any:
    """`{"service": S, "name": N}` with `"ids": [...]`, or with an `"action"` and its flat `"params"`, which the service
    then sends: what it makes, and those ids, are of service S, one of SERVICES or the number of another account; null
    gives them back.
    """
    what = 'send {"service": S, "name": N} with "ids": [...], or with "action": A and "params": {...}'
    if not isinstance(given, dict) or not {"service"} <= given.keys() <= OF_OTHERS or not given.keys() & OF_WHAT:
        raise Mistake(what)
    owner = given["service"]
    if owner is not None and owner not in others.SERVICES and not str(owner).isdecimal():
        raise Mistake(f"there is no service {owner}; known: {', '.join(others.SERVICES)}, or the number of an account")
    with service.lock:
        wanted = set(given.get("ids", ()))
        things = [thing for thing in service.account.all() if thing.id in wanted]
        if len(things) != len(wanted):
            raise Mistake(f"not here: {', '.join(sorted(wanted - {thing.id for thing in things}))}")
        if "action" in given:
            try:
                things += service.act_outside(given.get("product", "ecs"), given["action"], given.get("params", {}))
            except Refusal as refusal:
                raise Mistake(f"{given['action']}: {refusal.code}: {refusal.message}") from None
        if owner is None:
            others.unmark(service.account, things)
        else:
            others.mark(service.account, things, str(owner), str(given.get("name", "one")))
        service.effects.make_outside({thing.id for thing in things})
        service.save()
    return {"ids": [thing.id for thing in things]}


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
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 <= seconds <= FARTHEST:
        raise Mistake(f'send {{"advance": SECONDS}}, from 0 to {FARTHEST:.0f}')
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


OF_OTHERS = frozenset(("service", "name", "ids", "product", "action", "params"))
OF_WHAT = frozenset(("ids", "action"))


def _balancer(service: Controlled, given: Any) -> Any:
    """Makes a balancer, or listeners of one: see balancing.py."""
    with service.lock:
        made = make(service.account, given, service.clock.now())
        service.save()
    return made


ROUTES = {
    ("GET", "stats"): _stats,
    ("GET", "calls"): _calls,
    ("POST", "reset"): _reset,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _change_faults,
    ("GET", "settings"): _settings,
    ("POST", "settings"): _change_settings,
    ("POST", "clock"): _clock,
    ("POST", "balancer"): _balancer,
    ("GET", "state"): _state,
    ("PUT", "state"): _put_state,
    ("GET", "effects"): _effects,
    ("POST", "effects"): _change_effects,
    ("POST", "others"): _others,
    ("GET", "held"): _held,
    ("POST", "resume"): _resume,
}
