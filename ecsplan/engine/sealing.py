"""The key that seals the journals of a run, and tells whether earlier ones are of the same caller.

A long-lived access key is its own proof. A temporary one ends with its run, so the caller is known by account and role
instead, together with a random text that is no key of the cloud: it lies in the store that runners share, or in the
home of who runs ecsplan, where nobody who can write into a checkout can put it.
"""

from typing import Protocol, runtime_checkable

from ecsplan.api.credentials import CredentialSource, NoCredentials
from ecsplan.engine.caller import identity
from ecsplan.executor.seal import key_for
from ecsplan.executor.shelf import Shelf
from ecsplan.model.call import Api, ApiError


@runtime_checkable
class _Signing(Protocol):
    credentials: CredentialSource


def seal_key(api: Api, shelf: Shelf) -> bytes:
    """Empty, so that nothing is authentic, for an Api without an access key."""
    if not isinstance(api, _Signing):
        return b""
    try:
        credentials = api.credentials.current()
    except NoCredentials as error:
        raise ApiError("GetCallerIdentity", "NoCredentials", str(error)) from None
    secret = shelf.secret() if credentials.token else ""
    if not secret:
        return key_for(credentials.secret)
    return key_for(f"{secret}\n{caller_of(identity(api))}")


def caller_of(found: dict[str, str]) -> str:
    """Account and user, or account and role: the session of a role has another name each time."""
    arn = found["arn"]
    return f"{found['account']} {arn.rpartition('/')[0] if ':assumed-role/' in arn else arn}"
