"""From the bytes of an HTTP answer to a mapping, or to the ApiError that it stands for. Pure.

Called by `client`. What is neither is a transport fault: somebody other than the service has answered.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec

from ecsplan.api.classify import classify
from ecsplan.model.call import ApiError, ErrorClass

NOT_SENT = "Transport.NotSent"
NO_ANSWER = "Transport.NoAnswer"
BAD_ANSWER = "Transport.BadAnswer"
OUTAGE = "Transport.Outage"
TLS = "Transport.Tls"
UNUSABLE = "Transport.Unusable"
TOO_LARGE = "Transport.TooLarge"
NO_HOST = "Transport.NoHost"

# An answer to a success may carry these in its Code.
_FINE = ("", "200", "ok", "success")

_LARGEST_XML = 1_000_000
_LONG = 50_000  # bytes


def read_answer(operation: str, status: int, body: bytes) -> Mapping[str, Any]:
    """The decoded body of a success; raises ApiError for everything else."""
    fields = _decoded(body)
    code = fields.get("Code") if fields is not None else None
    if fields is None or (status >= 400 and not isinstance(code, str)) or (status < 400 and not _is_ours(fields)):
        raise _foreign(operation, status)
    if status >= 400 or (code is not None and str(code).lower() not in _FINE):
        raise _refusal(operation, status, fields)
    failed = _failed_one(fields)
    if failed is not None:
        raise _refusal(operation, status, {**failed, "RequestId": fields["RequestId"]})
    return fields


def _failed_one(fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The first object that a call for several could not serve, where the answer counts such (AttachKeyPair)."""
    if str(fields.get("FailCount") or "0") == "0":
        return None
    lists = [inner for outer in fields.values() if isinstance(outer, dict) for inner in outer.values()]
    results = [item for found in lists if isinstance(found, list) for item in found if isinstance(item, dict)]
    refused = (item for item in results if str(item.get("Code") or "").lower() not in _FINE)
    return next(refused, {"Code": "PartialFailure", "Message": f"it failed for {fields['FailCount']} of them"})


def transport_error(operation: str, code: str, message: str) -> ApiError:
    """No answer came. Only what is known never to have left this machine has a known outcome."""
    fatal = code in (TLS, UNUSABLE, TOO_LARGE)
    return ApiError(
        operation,
        code,
        message,
        error_class=ErrorClass.FATAL if fatal else ErrorClass.TRANSIENT,
        unknown_outcome=code in (NO_ANSWER, BAD_ANSWER, TOO_LARGE),
    )


def _refusal(operation: str, status: int, fields: Mapping[str, Any]) -> ApiError:
    code = str(fields["Code"])
    message = str(fields.get("Message") or "")
    kind = classify(operation, code, status, message)
    detail = {name: fields[name] for name in ("AccessDeniedDetail", "Recommend", "HostId") if fields.get(name)}
    return ApiError(
        operation,
        code,
        message,
        error_class=kind,
        status=status,
        request_id=fields.get("RequestId"),
        unknown_outcome=kind is ErrorClass.TRANSIENT,
        detail=detail,
    )


def _foreign(operation: str, status: int) -> ApiError:
    """A proxy's page, a cut body, a bare 502: whether the service has seen the request is not known."""
    if status == 429:
        kind, code = ErrorClass.THROTTLE, "Http429"
    elif status >= 500:
        kind, code = ErrorClass.TRANSIENT, f"Http{status}"
    else:
        kind, code = ErrorClass.TRANSIENT, BAD_ANSWER
    message = f"HTTP {status} with a body that the service did not write"
    unknown = kind is ErrorClass.TRANSIENT
    return ApiError(operation, code, message, error_class=kind, status=status, unknown_outcome=unknown)


def _is_ours(fields: Mapping[str, Any]) -> bool:
    # `{}` from a proxy must never read as "nothing exists".
    return bool(fields.get("RequestId"))


def _decoded(body: bytes) -> Mapping[str, Any] | None:
    if body.lstrip()[:1] == b"<":
        return _from_xml(body)
    try:
        fields = _json(body)
    except (ValueError, RecursionError):
        return None
    return _with_upper_keys(fields) if isinstance(fields, dict) else None


def _json(body: bytes) -> Any:
    """Pages of long lists are read in half the time by msgspec; what it refuses (half of a surrogate pair, say) by the
    parser of Python, as is all that is short."""
    if len(body) > _LONG:
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            return msgspec.json.decode(body)
    return json.loads(body)


def _with_upper_keys(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Some products write `requestId`, `code`, `message`."""
    spelt = {name: fields[low] for name, low in _LOWER.items() if name not in fields and low in fields}
    return {**fields, **spelt} if spelt else fields


_LOWER = {
    name: name[0].lower() + name[1:]
    for name in ("RequestId", "Code", "Message", "HostId", "Recommend", "AccessDeniedDetail")
}


def _from_xml(body: bytes) -> Mapping[str, Any] | None:
    """Gateways answer failures as XML even when JSON was asked for; a success in XML is not read."""
    if len(body) > _LARGEST_XML or b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        return None
    from xml.etree import ElementTree  # seldom, and it costs at the start

    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return None
    return {child.tag: child.text or "" for child in root} if root.tag == "Error" else None
