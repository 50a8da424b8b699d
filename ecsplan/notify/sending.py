"""Sends messages: HTTP without redirects, or SMTP. What goes wrong is told without URL and secret."""

import smtplib
import ssl
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

import requests

from ecsplan.model.notice import Notice
from ecsplan.notify.channels import Channel, Mail
from ecsplan.notify.forms import Post, posted, refusal
from ecsplan.notify.wording import BadTemplate, text_of, title_of

TRIES = 2
TIMEOUT = 5.0  # seconds, for each step of a try
_MOST_BYTES = 64 << 10


def deliver(
    channels: Iterable[Channel], notices: Sequence[Notice], now: Callable[[], float], new_id: Callable[[], str]
) -> list[str]:  # fmt: skip
    """One message a channel with all that it wants to hear; why some were not sent, each on a line."""
    failures = []
    for channel in channels:
        wanted = [notice for notice in notices if channel.wants(notice)]
        if wanted and (reason := _delivered(channel, wanted, now(), new_id())):
            failures.append(f"notification to {channel.name} ({channel.type}): {reason}")
    return failures


def _delivered(channel: Channel, notices: Sequence[Notice], now: float, delivery: str) -> str:
    try:
        if channel.mail is not None:
            return _mailed(channel.mail, _message(channel, channel.mail, notices, now))
        return _sent(channel.type, posted(channel, notices, now, delivery))
    except BadTemplate as bad:
        return f"template: {bad}"


def _sent(type_: str, post: Post) -> str:
    reason = ""
    for _ in range(TRIES):
        try:
            with requests.Session() as session:
                session.auth = _unchanged  # no .netrc
                reply = session.post(
                    post.url, data=post.body, headers=dict(post.headers), timeout=TIMEOUT, allow_redirects=False,
                    stream=True,
                )  # fmt: skip
                text = reply.raw.read(_MOST_BYTES, decode_content=True).decode("utf-8", "replace")
        except (requests.RequestException, OSError) as error:
            reason = type(error).__name__  # its text has the URL
            continue
        reason = refusal(type_, reply.status_code, text)
        if reply.status_code < 500:
            return reason
    return reason


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _message(channel: Channel, mail: Mail, notices: Sequence[Notice], now: float) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = title_of(notices)[:200]
    message["From"], message["To"] = mail.sender, ", ".join(mail.to)
    message["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    message["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2].strip("<> ") or "ecsplan")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text_of(channel, notices))
    return message


def _mailed(mail: Mail, message: EmailMessage) -> str:
    context = ssl.create_default_context()
    try:
        if mail.tls == "implicit":
            with smtplib.SMTP_SSL(mail.host, mail.port, timeout=TIMEOUT, context=context) as server:
                return _handed_over(server, mail, message)
        with smtplib.SMTP(mail.host, mail.port, timeout=TIMEOUT) as server:
            if mail.tls == "starttls":
                server.starttls(context=context)
            return _handed_over(server, mail, message)
    except smtplib.SMTPResponseException as error:
        return f"SMTP {error.smtp_code}"
    except (OSError, smtplib.SMTPException) as error:
        return type(error).__name__


def _handed_over(server: smtplib.SMTP, mail: Mail, message: EmailMessage) -> str:
    if mail.user:
        server.login(mail.user, mail.password)
    server.send_message(message)
    return ""
