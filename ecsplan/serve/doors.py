"""Who may see and who may do: tokens, signed sessions, forms, webhooks, and how often. Pure; time is passed in."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import Struct

SESSION_SECONDS = 8 * 3600.0
_MOST_CLIENTS = 10_000


def is_token(given: str, wanted: str) -> bool:
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


class Session(Struct, frozen=True):
    """`level` is read or write; `nonce` makes the token of its forms."""

    level: str
    nonce: str


class Sessions:
    """Cookies that this process signed; a restart ends them all."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def new(self, level: str, now: float) -> str:
        text = f"{level}.{int(now + SESSION_SECONDS)}.{secrets.token_hex(16)}"
        return f"{text}.{self._sign('session', text)}"

    def read(self, cookie: str, now: float) -> Session | None:
        text, _, signature = cookie.rpartition(".")
        parts = text.split(".")
        if len(parts) != 3 or not hmac.compare_digest(signature.encode(), self._sign("session", text).encode()):
            return None
        level, until, nonce = parts
        return Session(level, nonce) if float(until) > now else None

    def form_token(self, session: Session) -> str:
        return self._sign("form", f"{session.level}.{session.nonce}")

    def is_form(self, session: Session, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.form_token(session).encode())

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.new(self._key, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


def is_hook(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """GitHub, Gitea and Forgejo sign the body; GitLab, Gitee and Codeup send the secret itself."""
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    for name in ("x-hub-signature-256", "x-gitea-signature", "x-forgejo-signature"):
        if name in headers:
            return hmac.compare_digest(headers[name].removeprefix("sha256=").encode(), wanted.encode())
    for name in ("x-gitlab-token", "x-gitee-token", "x-codeup-token"):
        if name in headers:
            return is_token(headers[name], secret)
    return False


@dataclass
class Rates:
    """So many a minute from one client; a bucket that fills evenly."""

    a_minute: float
    _held: dict[str, tuple[float, float]] = field(default_factory=dict)

    def allows(self, client: str, now: float) -> bool:
        left, at = self._held.get(client, (self.a_minute, now))
        left = min(self.a_minute, left + (now - at) * self.a_minute / 60.0)
        if len(self._held) > _MOST_CLIENTS:
            self._held.clear()
        self._held[client] = (left - 1.0 if left >= 1.0 else left, now)
        return left >= 1.0
