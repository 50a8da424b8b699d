"""The channels of a checked document, their secrets taken from the environment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from ecsplan.model.notice import MOMENTS, Notice
from ecsplan.model.quoting import shown

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PORTS = {"implicit": 465, "starttls": 587, "none": 25}


class BadChannel(ValueError):
    """The message names the channel and what to set; it holds no secret."""


@dataclass(frozen=True, slots=True)
class Mail:
    """`tls` is implicit, starttls or none; `user` is empty where the server wants none."""

    host: str
    port: int
    tls: str
    sender: str
    to: tuple[str, ...]
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Channel:
    """`url` and `secret` are secrets both; `mail` is there for an e-mail channel alone."""

    name: str
    type: str
    on: frozenset[str] = frozenset(MOMENTS)
    stacks: tuple[str, ...] = ()
    template: str = ""
    url: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    mail: Mail | None = None

    def wants(self, notice: Notice) -> bool:
        if notice.kind == "test":
            return True
        about = not self.stacks or any(fnmatchcase(notice.stack, pattern) for pattern in self.stacks)
        return notice.kind in self.on and about


def channels_of(document: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[Channel, ...]:
    """The document must fit `notifications_schema`. Raises BadChannel for a secret that is not set, or no address."""
    return tuple(_channel(name, found, environ) for name, found in document["channels"].items())


def _channel(name: str, found: Mapping[str, Any], environ: Mapping[str, str]) -> Channel:
    channel = Channel(
        name, found["type"], frozenset(found.get("on", MOMENTS)), tuple(found.get("stacks", ())),
        found.get("template", ""), _value(name, found, "url", environ), _value(name, found, "secret", environ),
        _mail(name, found, environ) if found["type"] == "email" else None,
    )  # fmt: skip
    if channel.mail is None and not _is_safe(channel.url):
        raise BadChannel(f"channel {name}: its URL is not an https:// address")
    return channel


def _mail(name: str, found: Mapping[str, Any], environ: Mapping[str, str]) -> Mail:
    tls = found.get("tls", "starttls")
    mail = Mail(
        found["host"], found.get("port", _PORTS[tls]), tls, found["from"], tuple(found["to"]), found.get("user", ""),
        _value(name, found, "password", environ),
    )  # fmt: skip
    _refuse_breaks(name, (mail.sender, *mail.to))
    if tls == "none" and mail.password and mail.host not in _LOOPBACK:
        raise BadChannel(f"channel {name}: a password needs tls: implicit or starttls")
    return mail


def _refuse_breaks(name: str, addresses: Iterable[str]) -> None:
    for address in addresses:
        if not address.isprintable() or "@" not in address:
            raise BadChannel(f"channel {name}: {shown(address)} is not an address")


def _value(name: str, found: Mapping[str, Any], key: str, environ: Mapping[str, str]) -> str:
    value = found.get(key, "")
    if isinstance(value, str):
        return value
    variable = str(value["env"])
    held = environ.get(variable, "").strip()
    if not held:
        raise BadChannel(f"channel {name}: {key} is in {variable}, which is not set")
    return held


def _is_safe(url: str) -> bool:
    """Over TLS, or on this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    allowed = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    return bool(allowed and parts.hostname and url.isascii() and url.isprintable())
