"""A text as the request that each chat wants, and what its answer says. Pure; `now` is in seconds since 1970."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import asdict

from ecsplan.model.notice import Notice
from ecsplan.notify import signing
from ecsplan.notify.channels import Channel
from ecsplan.notify.wording import text_of, title_of

_COLOURS = {"failure": "red", "drift": "orange", "approval": "orange", "success": "green", "test": "blue"}


@dataclass(frozen=True, slots=True)
class Post:
    """`url` may hold a token."""

    url: str = field(repr=False)
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def posted(channel: Channel, notices: Sequence[Notice], now: float, delivery: str) -> Post:
    """`delivery` is an id of this message. Raises BadTemplate."""
    title, text = title_of(notices), text_of(channel, notices)
    if channel.type == "webhook":
        return _webhook(channel, notices, title, text, now, delivery)
    url, document = channel.url, _DOCUMENTS[channel.type](title, text, notices)
    if channel.type == "dingtalk" and channel.secret:
        url = signing.dingtalk(url, channel.secret, now)
    if channel.type == "feishu" and channel.secret:
        document = {**signing.feishu(channel.secret, now), **document}
    return Post(url, _json(document), {"Content-Type": "application/json; charset=utf-8"})


def _dingtalk(title: str, text: str, _: Sequence[Notice]) -> dict[str, Any]:
    return {"msgtype": "markdown", "markdown": {"title": title[:100], "text": text}, "at": {"isAtAll": False}}


def _feishu(title: str, text: str, notices: Sequence[Notice]) -> dict[str, Any]:
    colour = next(_COLOURS[kind] for kind in _COLOURS if any(notice.kind == kind for notice in notices))
    head = {"title": {"tag": "plain_text", "content": title[:100]}, "template": colour}
    card = {"schema": "2.0", "header": head, "body": {"elements": [{"tag": "markdown", "content": text}]}}
    return {"msg_type": "interactive", "card": card}


def _wecom(_title: str, text: str, _: Sequence[Notice]) -> dict[str, Any]:
    return {"msgtype": "markdown", "markdown": {"content": text}}


def _slack(title: str, text: str, _: Sequence[Notice]) -> dict[str, Any]:
    return {
        "text": title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}],
        "unfurl_links": False,
    }


_DOCUMENTS = {"dingtalk": _dingtalk, "feishu": _feishu, "wecom": _wecom, "slack": _slack}


def _webhook(
    channel: Channel, notices: Sequence[Notice], title: str, text: str, now: float, delivery: str
) -> Post:  # fmt: skip
    """The time is in the body too, so that the signature covers it."""
    document = {
        "format": "ecsplan-notice/v1", "at": int(now), "delivery": delivery, "title": title, "text": text,
        "notices": [asdict(notice) for notice in notices],
    }  # fmt: skip
    body = _json(document)
    headers = {
        "Content-Type": "application/json; charset=utf-8", "X-Ecsplan-Timestamp": str(int(now)),
        "X-Ecsplan-Delivery": delivery,
    }  # fmt: skip
    if channel.secret:
        headers["X-Signature"] = signing.webhook(body, channel.secret)
    return Post(channel.url, body, headers)


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


def refusal(type_: str, status: int, text: str) -> str:
    """Why the chat did not take a message; empty if it did. Several answer 200 and say no in the body."""
    if not 200 <= status < 300:
        return f"HTTP {status}"
    key = {"dingtalk": "errcode", "wecom": "errcode", "feishu": "code"}.get(type_)
    if key is None:
        return ""
    try:
        found = json.loads(text)
    except ValueError:
        return "the answer is not JSON"
    code = found.get(key, found.get("StatusCode")) if isinstance(found, dict) else None
    return "" if code == 0 else f"code {code}" if isinstance(code, int) else "no code in the answer"
