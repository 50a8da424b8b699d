"""The page, for people, and the answers for probes, Prometheus and webhooks.

Reading needs a token, writing another one: as `Authorization: Bearer`, or a session after a form. There is no script in
the page; forms carry a token of their session. What the loop shows is escaped by the templates.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from ecsplan import engine
from ecsplan.history.store import StoreError
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Refused, Rejected
from ecsplan.render.page import plan_page
from ecsplan.render.view import view
from ecsplan.serve.core import State
from ecsplan.serve.doors import Rates, Session, Sessions, is_hook, is_token
from ecsplan.serve.loop import Loop, Tools
from ecsplan.serve.pages import STYLE, Reader, history_page, login_page, run_page, stack_page, stacks_page
from ecsplan.serve.texts import LANGUAGES, language_of

COOKIE, LANGUAGE = "ecsplan_session", "ecsplan_language"
_YEAR = 365 * 86_400
_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_PLAN_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
}  # fmt: skip
_MOST_BODY = 1 << 20
Handler = Callable[[Request], Awaitable[Response]]


@dataclass
class Web:
    """The routes over one loop. `is_tls` is whether people come by https, which cookies are then bound to."""

    loop: Loop
    tools: Tools
    is_tls: bool = False
    now: Callable[[], float] = time.time
    sessions: Sessions = field(default_factory=Sessions)
    rates: Rates = field(default_factory=lambda: Rates(300.0))
    tries: Rates = field(default_factory=lambda: Rates(10.0))

    def app(self) -> Starlette:
        read, write = self._reading, self._writing
        return Starlette(
            routes=[
                Route("/healthz", self._health), Route("/readyz", self._ready),
                Route("/style.css", self._style), Route("/metrics", read(self._metrics)),
                Route("/login", self._login, methods=["GET", "POST"]),
                Route("/logout", write(self._logout, "read"), methods=["POST"]),
                Route("/hook", self._hook, methods=["POST"]),
                Route("/", read(self._stacks)), Route("/history", read(self._history)),
                Route("/status.json", read(self._status)),
                Route("/run/{path:path}", read(self._run)), Route("/plan/{path:path}", read(self._plan)),
                Route("/planfile/{path:path}", read(self._planfile)),
                Route("/do/{verb}/{path:path}", write(self._do), methods=["POST"]),
                Route("/stacks/{path:path}", read(self._stack)),
            ],
            middleware=[Middleware(BaseHTTPMiddleware, dispatch=self._guarded)],
        )  # fmt: skip

    async def _guarded(self, request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Rate, size and headers of every answer."""
        client = request.client.host if request.client else ""
        if request.url.path not in ("/healthz", "/readyz") and not self.rates.allows(client, self.now()):
            return PlainTextResponse("too many requests\n", 429, {"Retry-After": "10", **_HEADERS})
        if int(request.headers.get("content-length") or 0) > _MOST_BODY:
            return PlainTextResponse("too large\n", 413, _HEADERS)
        try:
            response = await call_next(request)
        except StoreError as error:
            return PlainTextResponse(f"the store: {error}\n", 503, {"Retry-After": "10", **_HEADERS})
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        if (chosen := request.query_params.get("lang", "")) in LANGUAGES:
            response.set_cookie(LANGUAGE, chosen, max_age=_YEAR, httponly=True, samesite="strict", secure=self.is_tls)
        for name, value in _HEADERS.items():
            response.headers[name] = value
        return response

    def _session(self, request: Request) -> Session | None:
        given = request.headers.get("authorization", "")
        settings = self.tools.settings
        if given.startswith("Bearer "):
            for level, token in (("write", settings.write_token), ("read", settings.read_token)):
                if is_token(given.removeprefix("Bearer ").strip(), token):
                    return Session(level, "")
            return None
        return self.sessions.read(request.cookies.get(COOKIE, ""), self.now())

    def _reading(self, then: Callable[[Request, Session], Awaitable[Response]]) -> Handler:
        async def handle(request: Request) -> Response:
            session = self._session(request)
            if session is None:
                if "text/html" in request.headers.get("accept", ""):
                    return RedirectResponse("/login", 303)
                return PlainTextResponse("a token is needed\n", 401, {"WWW-Authenticate": "Bearer"})
            return await then(request, session)

        return handle

    def _writing(
        self, then: Callable[[Request, Session, Any], Awaitable[Response]], level: str = "write"
    ) -> Handler:  # fmt: skip
        """A session's forms carry its token; a bearer token is sent by no browser on its own."""

        async def handle(request: Request) -> Response:
            session = self._session(request)
            if session is None or (level == "write" and session.level != "write"):
                return PlainTextResponse("the token for writing is needed\n", 403)
            form = await request.form(max_files=0, max_fields=10)
            if session.nonce and not self.sessions.is_form(session, str(form.get("form_token", ""))):
                return PlainTextResponse("the form is not of this session: load the page again\n", 403)
            return await then(request, session, form)

        return handle

    async def _health(self, request: Request) -> Response:
        """Alive: the loop went round within three of its longest pauses."""
        late = self.now() - self.loop.ticked > 3 * max(60.0, self.tools.settings.fetch)
        return PlainTextResponse("late\n" if late else "ok\n", 503 if late else 200)

    async def _ready(self, request: Request) -> Response:
        """Every stack has run once."""
        is_ready = self.loop.has_passed
        return PlainTextResponse("ok\n" if is_ready else "not yet\n", 200 if is_ready else 503)

    @property
    def _state(self) -> State:
        return self.loop.state

    async def _metrics(self, request: Request, session: Session) -> Response:
        return Response(self.tools.metrics.text(self._state), media_type="text/plain; version=0.0.4")

    async def _style(self, request: Request) -> Response:
        return Response(STYLE, media_type="text/css")

    async def _login(self, request: Request) -> Response:
        if request.method == "GET":
            return HTMLResponse(login_page(_reader(request)))
        if not self.tries.allows(request.client.host if request.client else "", self.now()):
            return HTMLResponse(login_page(_reader(request), "too_many"), 429)
        given = str((await request.form(max_files=0, max_fields=5)).get("token", "")).strip()
        settings = self.tools.settings
        level = next((name for name, token in (("write", settings.write_token), ("read", settings.read_token))
                      if is_token(given, token)), "")  # fmt: skip
        if not level:
            return HTMLResponse(login_page(_reader(request), "bad_token"), 403)
        response = RedirectResponse("/", 303)
        response.set_cookie(
            COOKIE, self.sessions.new(level, self.now()), httponly=True, samesite="strict", secure=self.is_tls
        )  # fmt: skip
        return response

    async def _logout(self, request: Request, session: Session, form: Any) -> Response:
        response = RedirectResponse("/login", 303)
        response.delete_cookie(COOKIE)
        return response

    async def _hook(self, request: Request) -> Response:
        body = await request.body()
        secret = self.tools.settings.hook_secret
        if not secret or not is_hook({k.lower(): v for k, v in request.headers.items()}, body, secret):
            return PlainTextResponse("the signature does not fit\n", 403)
        self.loop.look()
        return PlainTextResponse("looking\n", 202)

    def _of(self, request: Request, session: Session) -> Reader:
        token = self.sessions.form_token(session) if session.nonce else ""
        return replace(_reader(request), level=session.level, token=token)

    async def _stacks(self, request: Request, session: Session) -> Response:
        return HTMLResponse(stacks_page(self._state, self._of(request, session)))

    async def _history(self, request: Request, session: Session) -> Response:
        return HTMLResponse(history_page(self.tools.book.runs(most=200), self._of(request, session)))

    async def _stack(self, request: Request, session: Session) -> Response:
        one = self._state.stacks.get(request.path_params["path"])
        if one is None:
            return PlainTextResponse("there is no such stack\n", 404)
        runs = self.tools.book.runs(one.path)
        return HTMLResponse(stack_page(one, runs, bool(one.digest), self._of(request, session), self.now()))

    async def _run(self, request: Request, session: Session) -> Response:
        one = self._state.stacks.get(request.path_params["path"])
        if one is None:
            return PlainTextResponse("there is no such stack\n", 404)
        return HTMLResponse(run_page(one, self.loop.lines(one.path), self._of(request, session)))

    async def _status(self, request: Request, session: Session) -> Response:
        from starlette.responses import JSONResponse

        stacks = {
            path: {"status": one.status, "is_suspended": one.is_suspended, "commit": one.commit, "summary": one.summary}
            for path, one in self._state.stacks.items()
        }
        return JSONResponse({"commit": self._state.commit, "problem": self._state.problem, "stacks": stacks})

    async def _plan(self, request: Request, session: Session) -> Response:
        """The change set, a page of its own with its script; what it may load its own policy says too."""
        text = self._waiting(request)
        if not text:
            return PlainTextResponse("no plan waits\n", 404)
        try:
            page = await run_in_threadpool(_page_of, text)
        except (Refused, Rejected) as error:  # of another version
            return PlainTextResponse("".join(f"{one}\n" for one in error.diagnostics), 409)
        return HTMLResponse(page, headers={"Content-Security-Policy": _PLAN_POLICY})

    async def _planfile(self, request: Request, session: Session) -> Response:
        text = self._waiting(request)
        if not text:
            return PlainTextResponse("no plan waits\n", 404)
        headers = {"Content-Disposition": "attachment; filename=plan.json"}
        return PlainTextResponse(text, headers=headers)

    def _waiting(self, request: Request) -> str:
        path = request.path_params["path"]
        return self.tools.book.plan(path) if path in self._state.stacks else ""

    async def _do(self, request: Request, session: Session, form: Any) -> Response:
        path, verb = request.path_params["path"], request.path_params["verb"]
        if path not in self._state.stacks:
            return PlainTextResponse("there is no such stack\n", 404)
        match verb:
            case "run":
                self.loop.ask(path)
            case "suspend" | "resume":
                self.loop.suspend(path, verb == "suspend")
            case "approve":
                problem = self._approved(path, str(form.get("statement", "")), str(form.get("signature", "")))
                if problem:
                    return PlainTextResponse(f"{problem}\n", 400)
                self.loop.ask(path)
            case _:
                return PlainTextResponse("there is no such order\n", 404)
        return RedirectResponse(f"/stacks/{path}", 303)

    def _approved(self, path: str, statement: str, signature: str) -> str:
        """Keeps a signed statement. It counts only if the policy's signers made it of this plan."""
        text = statement.replace("\r\n", "\n").strip("\n") + "\n"
        signature = signature.replace("\r\n", "\n").strip() + "\n"
        if not text.startswith("{") or "BEGIN SSH SIGNATURE" not in signature or not signature.isascii():
            return "paste both files that ecsplan approve wrote: the statement (.json) and its signature (.json.sig)"
        if len(text) > 65_536 or len(signature) > 16_384:
            return "too long"
        self.tools.book.approve(path, text, signature, self.now())
        return ""


def _reader(request: Request) -> Reader:
    chosen = request.query_params.get("lang") or request.cookies.get(LANGUAGE, "")
    return Reader(language_of(chosen, request.headers.get("accept-language", "")))


def _page_of(text: str) -> str:
    return plan_page(view(engine.load_plan(text)))
