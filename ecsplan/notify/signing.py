"""How each chat wants to see that a message is ours. Sources: the pages on custom robots of DingTalk and Feishu."""

import base64
import hashlib
import hmac
from urllib.parse import quote_plus


def dingtalk(url: str, secret: str, now: float) -> str:
    """The URL with time (milliseconds) and signature: the secret is the key, and a part of what is signed."""
    moment = str(int(now * 1000))
    sign = _base64(hmac.new(secret.encode(), f"{moment}\n{secret}".encode(), hashlib.sha256).digest())
    return f"{url}{'&' if '?' in url else '?'}timestamp={moment}&sign={quote_plus(sign)}"


def feishu(secret: str, now: float) -> dict[str, str]:
    """Members of the body: time (seconds), and the signature of nothing under time and secret as the key."""
    moment = str(int(now))
    sign = _base64(hmac.new(f"{moment}\n{secret}".encode(), b"", hashlib.sha256).digest())
    return {"timestamp": moment, "sign": sign}


def webhook(body: bytes, secret: str) -> str:
    """`sha256=` and the HMAC of the body in hexadecimal."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
