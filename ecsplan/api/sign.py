"""Request signatures: RPC v1 (HMAC-SHA1) and V3 (ACS3-HMAC-SHA256). Pure: time and nonce are given.

Called by `client`, which sends exactly what comes out. Every send needs a new `Stamp`.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum

from msgspec import Struct

from ecsplan.api.encode import canonical_query, percent

ALGORITHM = "ACS3-HMAC-SHA256"
FORM = "application/x-www-form-urlencoded"


class Signature(Enum):
    V1 = "v1"
    V3 = "v3"


def other(version: Signature) -> Signature:
    return Signature.V1 if version is Signature.V3 else Signature.V3


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key, and the token when it is temporary."""

    key_id: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


class Stamp(Struct, frozen=True):
    """What makes one send unique."""

    seconds: float
    nonce: str

    @property
    def text(self) -> str:
        return datetime.fromtimestamp(self.seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Unsigned(Struct, frozen=True):
    """One request to one host: the action, its flat parameters, and our name."""

    host: str
    action: str
    version: str
    params: Mapping[str, str]
    user_agent: str


@dataclass(frozen=True, slots=True)
class Signed:
    """Headers, query and form body, ready for POST /; `string_to_sign` is kept for a report of a mismatch.

    V3 sends all parameters in the query and no body, as the official SDK does; v1 sends them all in the body.
    """

    headers: Mapping[str, str]
    query: str = field(repr=False)
    body: bytes = field(repr=False)
    string_to_sign: str = field(repr=False)


def sign(request: Unsigned, credentials: Credentials, stamp: Stamp, version: Signature) -> Signed:
    return (sign_v3 if version is Signature.V3 else sign_v1)(request, credentials, stamp)


def sign_v1(request: Unsigned, credentials: Credentials, stamp: Stamp) -> Signed:
    params = {
        **request.params,
        "Action": request.action,
        "Version": request.version,
        "Format": "JSON",
        "AccessKeyId": credentials.key_id,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": stamp.nonce,
        "Timestamp": stamp.text,
    }
    if credentials.token:
        params["SecurityToken"] = credentials.token
    text = string_to_sign_v1("POST", params)
    body = canonical_query({**params, "Signature": signature_v1(text, credentials.secret)})
    headers = {"host": request.host, "user-agent": request.user_agent, "content-type": FORM}
    return Signed(headers, "", body.encode(), text)


def string_to_sign_v1(method: str, params: Mapping[str, str]) -> str:
    return f"{method}&%2F&{percent(canonical_query(params))}"


def signature_v1(text: str, secret: str) -> str:
    digest = hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def sign_v3(request: Unsigned, credentials: Credentials, stamp: Stamp) -> Signed:
    signed = {
        "host": request.host,
        "x-acs-action": request.action,
        "x-acs-version": request.version,
        "x-acs-date": stamp.text,
        "x-acs-signature-nonce": stamp.nonce,
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
    }
    if credentials.token:
        signed["x-acs-accesskey-id"] = credentials.key_id
        signed["x-acs-security-token"] = credentials.token
    canonical = canonical_request_v3("POST", request.params, signed, b"")
    # A proxy may rewrite these two, so they go unsigned.
    free = {"accept": "application/json", "user-agent": request.user_agent}
    authorization = authorization_v3(canonical, signed, credentials)
    headers = {**signed, **free, "authorization": authorization}
    return Signed(headers, canonical_query(request.params), b"", canonical)


def canonical_request_v3(method: str, query: Mapping[str, str], signed: Mapping[str, str], body: bytes) -> str:
    lines = "".join(f"{name}:{value.strip()}\n" for name, value in sorted(signed.items()))
    digest = hashlib.sha256(body).hexdigest()
    return "\n".join((method, "/", canonical_query(query), lines, _names(signed), digest))


def string_to_sign_v3(canonical: str) -> str:
    return f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"


def signature_v3(canonical: str, secret: str) -> str:
    return hmac.new(secret.encode(), string_to_sign_v3(canonical).encode(), hashlib.sha256).hexdigest()


def authorization_v3(canonical: str, signed: Mapping[str, str], credentials: Credentials) -> str:
    signature = signature_v3(canonical, credentials.secret)
    return f"{ALGORITHM} Credential={credentials.key_id},SignedHeaders={_names(signed)},Signature={signature}"


def _names(signed: Mapping[str, str]) -> str:
    return ";".join(sorted(signed))
