"""Both signatures of the service, verified: RPC v1 (HMAC-SHA1) and ACS3-HMAC-SHA256, with time window and nonces."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from ecsplan.emulator.clock import parse_time
from ecsplan.emulator.credentials import Credential, Credentials
from ecsplan.emulator.wire import HttpRequest, Refusal

WINDOW = 15 * 60
V3 = "ACS3-HMAC-SHA256"
Pairs = Sequence[tuple[str, str]]


def encode(text: str) -> str:
    """The service's percent-encoding: unreserved characters stay, a space is %20."""
    return quote(text, safe="-_.~")


def canonical_query(pairs: Pairs) -> str:
    return "&".join(f"{encode(key)}={encode(value)}" for key, value in sorted(pairs))


def string_to_sign_v1(method: str, pairs: Pairs) -> str:
    query = canonical_query([pair for pair in pairs if pair[0] != "Signature"])
    return f"{method}&%2F&{encode(query)}"


def sign_v1(secret: str, method: str, pairs: Pairs) -> str:
    digest = hmac.new(f"{secret}&".encode(), string_to_sign_v1(method, pairs).encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def canonical_request_v3(
    method: str, path: str, query: Pairs, headers: Mapping[str, str], signed: Sequence[str], payload_hash: str
) -> str:
    lines = "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in signed)
    return "\n".join((method, path, canonical_query(query), lines, ";".join(signed), payload_hash))


def sign_v3(secret: str, canonical: str) -> str:
    text = f"{V3}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class NonceStore:
    """Remembers nonces for at least a window, in two generations so that forgetting costs nothing."""

    def __init__(self) -> None:
        self._young: set[tuple[str, str]] = set()
        self._old: set[tuple[str, str]] = set()
        self._turned = 0.0
        self._lock = threading.Lock()

    def is_new(self, key_id: str, nonce: str, now: float) -> bool:
        with self._lock:
            if now - self._turned > 2 * WINDOW:
                self._old, self._young, self._turned = self._young, set(), now
            entry = (key_id, nonce)
            if entry in self._young or entry in self._old:
                return False
            self._young.add(entry)
            return True


class Verifier:
    """Says who sent a request, or refuses it: key, signature, time, nonce, token, in this order."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self.nonces = NonceStore()

    def verify(self, request: HttpRequest, query: Pairs, form: Pairs, now: float) -> Credential:
        authorization = request.headers.get("authorization", "")
        if authorization.startswith(V3):
            return self._verify_v3(request, query, authorization, now)
        return self._verify_v1(request, [*query, *form], now)

    def _verify_v1(self, request: HttpRequest, pairs: Pairs, now: float) -> Credential:
        params = dict(pairs)
        for name in ("AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Timestamp"):
            if not params.get(name):
                raise Refusal(400, f"Missing{name}", f"{name} is mandatory for this action.")
        if len(params) != len(pairs):
            raise Refusal(400, "IncompleteSignature", "A parameter was given more than once.")
        if params["SignatureMethod"] != "HMAC-SHA1" or params["SignatureVersion"] != "1.0":
            raise Refusal(400, "InvalidSignatureMethod", "Only HMAC-SHA1, version 1.0, is supported.")
        credential = self._known(params["AccessKeyId"])
        expected = sign_v1(credential.secret, request.method, pairs)
        if not hmac.compare_digest(expected.encode(), params["Signature"].encode()):
            raise self._mismatch(string_to_sign_v1(request.method, pairs))
        self._check_time(params["Timestamp"], now)
        self._check_nonce(credential, params["SignatureNonce"], now)
        self._credentials.check_token(credential, params.get("SecurityToken", ""), now)
        return credential

    def _verify_v3(self, request: HttpRequest, query: Pairs, authorization: str, now: float) -> Credential:
        headers = request.headers
        fields = dict(part.strip().partition("=")[::2] for part in authorization[len(V3) :].split(","))
        signed = [name for name in fields.get("SignedHeaders", "").split(";") if name]
        if not signed or not fields.get("Credential") or not fields.get("Signature"):
            raise Refusal(400, "IncompleteSignature", "The Authorization header is not complete.")
        unsigned = [n for n in headers if (n.startswith("x-acs-") or n in ("host", "content-type")) and n not in signed]
        needed = (
            "host",
            *(f"x-acs-{part}" for part in ("action", "version", "date", "signature-nonce", "content-sha256")),
        )
        absent = [name for name in needed if not headers.get(name)]
        if unsigned or absent:
            raise Refusal(400, "IncompleteSignature", f"Headers to send and to sign: {', '.join(unsigned + absent)}.")
        credential = self._known(fields["Credential"])
        path = request.target.partition("?")[0]
        payload = hashlib.sha256(request.body).hexdigest()
        canonical = canonical_request_v3(request.method, path, query, headers, signed, payload)
        genuine = hmac.compare_digest(sign_v3(credential.secret, canonical), fields["Signature"].lower())
        if not genuine or headers["x-acs-content-sha256"].lower() != payload:
            raise self._mismatch(f"{V3}\n{hashlib.sha256(canonical.encode()).hexdigest()}")
        self._check_time(headers["x-acs-date"], now)
        self._check_nonce(credential, headers["x-acs-signature-nonce"], now)
        self._credentials.check_token(credential, headers.get("x-acs-security-token", ""), now)
        return credential

    def _known(self, key_id: str) -> Credential:
        credential = self._credentials.find(key_id)
        if credential is None:
            raise Refusal(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
        return credential

    @staticmethod
    def _mismatch(ours: str) -> Refusal:
        return Refusal(
            400,
            "SignatureDoesNotMatch",
            f"Specified signature is not matched with our calculation. server string to sign is:{ours}",
        )

    @staticmethod
    def _check_time(text: str, now: float) -> None:
        moment = parse_time(text)
        if moment is None or len(text) != 20:
            raise Refusal(400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.")
        if abs(moment - now) > WINDOW:
            raise Refusal(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")

    def _check_nonce(self, credential: Credential, nonce: str, now: float) -> None:
        if not self.nonces.is_new(credential.key_id, nonce, now):
            raise Refusal(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
