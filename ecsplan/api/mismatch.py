"""Why a signature was refused: the service's own string to sign against ours, secrets left out.

Called by `client` for SignatureDoesNotMatch, whose message quotes what the service has signed.
"""

from difflib import ndiff
from urllib.parse import unquote

from ecsplan.api.calllog import MASK, is_secret
from ecsplan.api.sign import ALGORITHM, string_to_sign_v3

_QUOTES = ("string to sign is:", "StringToSign is:", "stringtosign:")


def explain(message: str, ours: str) -> str:
    """One line per difference; the message itself is dropped, as it may hold every parameter."""
    theirs = _quoted(message)
    if theirs is None:
        return "the access key secret is wrong, or something on the way changed the request"
    if theirs.strip() in (ours.strip(), string_to_sign_v3(ours)):
        return "both sides signed the same text, so the access key secret is wrong"
    if theirs.startswith(ALGORITHM):
        return "something on the way changed the request: the service quotes only a digest of what it signed"
    changed = [line for line in ndiff(_lines(ours), _lines(theirs)) if line[:2] in ("- ", "+ ")]
    return "the service signed something else than was sent (- ours, + the service's):\n" + "\n".join(changed)


def _quoted(message: str) -> str | None:
    for mark in _QUOTES:
        start = message.lower().find(mark.lower())
        if start >= 0:
            return message[start + len(mark) :].strip()
    return None


def _lines(text: str) -> list[str]:
    """V3 signs lines; v1 signs one line of parameters, encoded twice."""
    parts = unquote(text).split("&") if text.startswith(("POST&", "GET&")) else text.splitlines()
    return [_masked(part) for part in parts]


def _masked(part: str) -> str:
    for separator in ("=", ":"):
        name, found, _ = part.partition(separator)
        if found and (is_secret(name) or name.lower() == "x-acs-security-token"):
            return f"{name}{separator}{MASK}"
    return part
