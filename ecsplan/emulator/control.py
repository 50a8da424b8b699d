"""The control API under /_emulator/: what was called, and what a test or a person may do to the account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ecsplan.emulator.protocol import respond
from ecsplan.emulator.wire import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from ecsplan.emulator.service import Service

PREFIX = "/_emulator/"


class Mistake(Exception):
    """A control request that can't be followed; its text goes back with status 400."""


def answer(service: Service, request: HttpRequest) -> HttpResponse:
    name = request.target.partition("?")[0].removeprefix(PREFIX).strip("/")
    route = ROUTES.get((request.method, name))
    if route is None:
        known = ", ".join(f"{method} {PREFIX}{path}" for method, path in ROUTES)
        return _json(404, {"error": f"{request.method} {PREFIX}{name} is not known. Known: {known}"})
    try:
        given = json.loads(request.body) if request.body else {}
        return _json(200, route(service, given))
    except (ValueError, Mistake) as mistake:
        return _json(400, {"error": str(mistake)})


def _json(status: int, body: Any) -> HttpResponse:
    return respond(status, "application/json;charset=utf-8", json.dumps(body, ensure_ascii=False))


def _stats(service: Service, given: Any) -> Any:
    return service.log.stats()


def _calls(service: Service, given: Any) -> Any:
    return {"calls": service.log.calls()}


def _reset(service: Service, given: Any) -> Any:
    what = given.get("what") if isinstance(given, dict) else None
    if what == "stats":
        service.log.reset()
    elif what == "account":
        service.reset_account()
    else:
        raise Mistake('send {"what": "stats"} or {"what": "account"}')
    return {"reset": what}


ROUTES = {
    ("GET", "stats"): _stats,
    ("GET", "calls"): _calls,
    ("POST", "reset"): _reset,
}
