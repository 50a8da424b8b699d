"""A record of each send, with every secret masked.

Made by `client`, read by whoever writes `--log-file`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

MASK = "***"

_SECRET_NAMES = frozenset(
    ("userdata", "privatekeybody", "securitytoken", "signature", "accesskeysecret", "commandcontent")
)
_SECRET_ENDINGS = ("password", "secret")


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One send and its answer; `code` is None when it went well, `status` None when no answer came."""

    operation: str
    product: str
    region: str
    params: Mapping[str, str] = field(repr=False)
    attempt: int
    seconds: float
    status: int | None
    request_id: str | None
    code: str | None


Log = Callable[[CallRecord], None]


def is_secret(name: str) -> bool:
    """By the last member of the wire name: `LaunchTemplateData.UserData` is as secret as `UserData`."""
    last = name.rsplit(".", 1)[-1].lower()
    return last in _SECRET_NAMES or last.endswith(_SECRET_ENDINGS)


def masked(params: Mapping[str, str]) -> dict[str, str]:
    return {name: MASK if is_secret(name) else value for name, value in params.items()}


def scrubbed(text: str, params: Mapping[str, str]) -> str:
    """The service may quote what it was given: no secret value survives in a message."""
    secrets = {value for name, value in params.items() if is_secret(name) and len(value) >= 4}
    for value in sorted(secrets, key=len, reverse=True):
        text = text.replace(value, MASK)
    return text
