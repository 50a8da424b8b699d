"""Parameters in (parsed by their declared type), answers and errors out, as JSON or XML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ecsplan.emulator.contract import Contract, Fields, Words
from ecsplan.emulator.wire import HttpResponse, Refusal, invalid, missing

TRUE = frozenset(("true", "True", "TRUE", "1"))
FALSE = frozenset(("false", "False", "FALSE", "0"))
ABSENT = object()
NOT_IN_XML = dict.fromkeys(code for code in range(32) if code not in (9, 10, 13))


def parse_parameters(contract: Contract, flat: Mapping[str, str]) -> dict[str, Any]:
    """`Tag.1.Key=a` becomes `{"Tag": [{"Key": "a"}]}`; names that the action does not know are ignored."""
    known = contract.request.types
    scalars: dict[str, Any] = {}
    nested: dict[str, dict[str, Any]] = {}
    for key, text in flat.items():
        name, dot, rest = key.partition(".")
        kind = known.get(name)
        if kind is None:
            continue
        if dot:
            _plant(nested.setdefault(name, {}), rest, text)
        elif isinstance(kind, str | Words):
            value = _scalar(kind, text, name)
            if value is not ABSENT:
                scalars[name] = value
        elif isinstance(kind, list) and text:
            nested.setdefault(name, {})["1"] = text
    for name, tree in nested.items():
        value = _typed(known[name], tree, name)
        if value is not ABSENT:
            scalars[name] = value
    for name in contract.request.required:
        if scalars.get(name) in (None, "", []):
            raise missing(name)
    return scalars


def _plant(tree: dict[str, Any], path: str, text: str) -> None:
    *parents, leaf = path.split(".")
    for part in parents:
        tree = tree.setdefault(part, {})
        if not isinstance(tree, dict):
            return
    tree.setdefault(leaf, text)


def _typed(kind: Any, tree: Any, name: str) -> Any:
    if isinstance(kind, list):
        return _list(kind[0], tree, name)
    if isinstance(kind, Fields):
        return _struct(kind, tree, name)
    return _scalar(kind, tree, name) if isinstance(tree, str) else ABSENT


def _list(item: Any, tree: Any, name: str) -> Any:
    """Indexes start at 1; gaps close up, order is by number."""
    if not isinstance(tree, dict):
        return ABSENT
    numbered = sorted((int(index), index) for index in tree if index.isdecimal() and index.isascii())
    if len(numbered) != len(tree):
        raise invalid(name, "Its elements are numbered from 1.")
    if numbered and numbered[0][0] < 1:
        raise invalid(name, "Its elements are numbered from 1.")
    values = (_typed(item, tree[index], f"{name}.{index}") for _, index in numbered)
    return [value for value in values if value is not ABSENT]


def _struct(fields: Fields, tree: Any, name: str) -> Any:
    if not isinstance(tree, dict):
        return ABSENT
    values = {}
    for key, sub in tree.items():
        kind = fields.types.get(key)
        if kind is not None:
            value = _typed(kind, sub, f"{name}.{key}")
            if value is not ABSENT:
                values[key] = value
    for key in fields.required:
        if key not in values:
            raise missing(f"{name}.{key}")
    return values


def _scalar(kind: str | Words, text: str, name: str) -> Any:
    if kind == "s":
        return text
    if isinstance(kind, Words):
        if text and text.casefold() not in kind.folded:
            code = f"Invalid{name.rsplit('.', 1)[-1]}.ValueNotSupported"
            raise invalid(name, f"It is one of: {', '.join(kind.listed)}.", code)
        return text
    if not text:
        return ABSENT
    if kind == "b":
        if text in TRUE:
            return True
        if text in FALSE:
            return False
        raise invalid(name, "It is true or false.")
    try:
        if kind == "i":
            number = int(text)
            if not -(2**63) <= number < 2**63 or "_" in text:
                raise ValueError(text)
            return number
        fraction = float(text)
    except ValueError:
        raise invalid(name, "It is a number.") from None
    if fraction != fraction or fraction in (float("inf"), float("-inf")):
        raise invalid(name, "It is a number.")
    return fraction


def json_list(text: str, name: str, limit: int) -> list[str]:
    """The service's lists in one string: `["a","b"]`."""
    try:
        values = json.loads(text)
    except ValueError:
        raise invalid(name, "It is a JSON array.", f"Invalid{name}.Malformed") from None
    if isinstance(values, str):
        values = [values]
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise invalid(name, "It is a JSON array of strings.", f"Invalid{name}.Malformed")
    if len(values) > limit:
        raise invalid(name, f"It holds at most {limit} items.", f"Invalid{name}.Malformed")
    return values


def answer(action: str, body: Mapping[str, Any], as_json: bool, status: int = 200) -> HttpResponse:
    if as_json:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return respond(status, "application/json;charset=utf-8", text)
    return respond(status, "text/xml;charset=utf-8", _document(f"{action}Response", body))


def error(refusal: Refusal, request_id: str, host: str, as_json: bool) -> HttpResponse:
    body = {
        "RequestId": request_id,
        "HostId": host,
        "Code": refusal.code,
        "Message": refusal.message,
        "Recommend": f"https://api.aliyun.com/troubleshoot?q={refusal.code}&requestId={request_id}",
    }
    if as_json:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return respond(refusal.status, "application/json;charset=utf-8", text, refusal.headers)
    return respond(refusal.status, "text/xml;charset=utf-8", _document("Error", body), refusal.headers)


def failure(status: int, code: str) -> HttpResponse:
    """What never came to be a call, as the gateway words it."""
    message = "The request processing has failed due to some unknown error, exception or failure."
    return error(Refusal(status, code, message), "", "", as_json=True)


def respond(status: int, kind: str, text: str, extra: Mapping[str, str] | None = None) -> HttpResponse:
    body = text.encode("utf-8", "replace")  # half of a surrogate pair has no place in UTF-8
    headers = {"Content-Type": kind, "Content-Length": str(len(body))}
    if extra:
        headers.update(extra)
    return HttpResponse(status, headers, body)


def _document(root: str, body: Mapping[str, Any]) -> str:
    parts = [f"<?xml version='1.0' encoding='UTF-8'?><{root}>"]
    for name, value in body.items():
        _element(parts, name, value)
    parts.append(f"</{root}>")
    return "".join(parts)


def _element(parts: list[str], name: str, value: Any) -> None:
    if isinstance(value, list | tuple):
        for item in value:
            _element(parts, name, item)
    elif isinstance(value, Mapping):
        parts.append(f"<{name}>")
        for key, inner in value.items():
            _element(parts, key, inner)
        parts.append(f"</{name}>")
    else:
        text = ("true" if value else "false") if isinstance(value, bool) else _escaped(str(value))
        parts.append(f"<{name}>{text}</{name}>")


def _escaped(text: str) -> str:
    """Control characters have no place in XML 1.0, not even escaped."""
    text = text.translate(NOT_IN_XML)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
