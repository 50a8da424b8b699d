"""The keys that may call: id, secret, account, an optional STS token with its end, and denied actions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ecsplan.emulator.clock import parse_time
from ecsplan.emulator.wire import Refusal

DEFAULT_ACCOUNT = "1234567890123456"


@dataclass(frozen=True, slots=True)
class Credential:
    """`deny` holds patterns of `ecs:CreateDisk` form; `expires` is epoch seconds, for an STS token."""

    key_id: str
    secret: str
    account: str = DEFAULT_ACCOUNT
    token: str = ""
    expires: float | None = None
    deny: tuple[str, ...] = ()
    disabled: bool = False

    def is_denied(self, product: str, action: str) -> bool:
        name = f"{product}:{action}"
        return any(fnmatchcase(name, pattern) for pattern in self.deny)


DEFAULT = Credential("emulator", "emulator-secret")


class Credentials:
    """All keys by id; the account of the emulator is the first one's."""

    def __init__(self, keys: Iterable[Credential] = ()) -> None:
        self._keys = {key.key_id: key for key in (list(keys) or [DEFAULT])}
        self.account = next(iter(self._keys.values())).account

    def find(self, key_id: str) -> Credential | None:
        return self._keys.get(key_id)

    def put(self, key: Credential) -> None:
        self._keys[key.key_id] = key

    def first(self) -> Credential:
        return next(iter(self._keys.values()))

    @staticmethod
    def check_token(credential: Credential, token: str, now: float) -> None:
        """An STS key works only with its own token, and until the token ends."""
        if credential.disabled:
            raise Refusal(403, "InvalidAccessKeyId.Inactive", "Specified access key is disabled.")
        if credential.token and not token:
            raise Refusal(400, "MissingSecurityToken", "SecurityToken is mandatory for this action.")
        if token and not credential.token:
            raise Refusal(400, "InvalidSecurityToken.MismatchWithAccessKey", "Specified SecurityToken mismatch.")
        if token != credential.token:
            raise Refusal(400, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed.")
        if token and credential.expires is not None and now >= credential.expires:
            raise Refusal(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")


def load_credentials(source: Path | tuple[str, str] | None) -> Credentials:
    """A file holding one key or a list of keys as JSON, a pair of id and secret, or the default pair."""
    if source is None:
        return Credentials()
    if isinstance(source, tuple):
        return Credentials([Credential(*source)])
    try:
        entries = json.loads(source.read_text(encoding="utf-8"))
        if isinstance(entries, dict):
            entries = entries.get("credentials", [entries])
        if not isinstance(entries, list) or not entries:
            raise ValueError("it holds a list of keys")
        return Credentials([read_credential(entry) for entry in entries])
    except (ValueError, TypeError) as error:
        raise ValueError(f"{source}: {error}") from None


def read_credential(entry: dict[str, Any]) -> Credential:
    """One entry of the credentials file."""
    if not isinstance(entry, dict):
        raise ValueError(f"a key is an object, not {entry!r}")
    for name in ("access_key_id", "access_key_secret"):
        if not isinstance(entry.get(name), str):
            raise ValueError(f"a key needs {name}, a string")
    expires = entry.get("expires")
    return Credential(
        key_id=entry["access_key_id"],
        secret=entry["access_key_secret"],
        account=str(entry.get("account", DEFAULT_ACCOUNT)),
        token=entry.get("security_token", ""),
        expires=parse_time(expires) if isinstance(expires, str) else expires,
        deny=tuple(entry.get("deny", ())),
        disabled=bool(entry.get("disabled", False)),
    )
