"""`lifecycle.rollout`: how a change goes through a group, and what each member must pass. Used by lifecycle_block.py.

Raises Mistake with the place inside the block.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from ecsplan.model.gate import KINDS, TIMES, Pairs
from ecsplan.model.quoting import shown
from ecsplan.model.spelling import near
from ecsplan.model.values import Mistake

KEYS = ("max_unavailable", "canary", "order", "pause", "drain", "on_failure", "check")
ORDERS, REACTIONS = ("address", "reverse"), ("stop", "continue", "roll_back")
_SHARE = re.compile(r"([0-9]{1,6})(%?)$")
_STATUS = re.compile(r"([1-5][0-9]{2})(-[1-5][0-9]{2})?$")
_DURATION = re.compile(r"([0-9]{1,9})([smh]?)$")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def rollout_of(value: object) -> dict[str, object]:
    """The fields of a Lifecycle."""
    if not isinstance(value, Mapping):
        raise Mistake(f"rollout is {shown(value)}", f"write a mapping; keys: {', '.join(KEYS)}")
    found: dict[str, Any] = {}
    for key, item in value.items():
        if key not in _READERS:
            raise Mistake(f"rollout has no key {key}", near(key, KEYS, "keys"), (key,))
        found |= _READERS[key](item)
    return found


def _max_unavailable(value: object) -> dict[str, object]:
    return {"max_unavailable": _share(value, "max_unavailable", ("max_unavailable",))}


def _share(value: object, name: str, path: tuple[Any, ...]) -> str:
    text = str(value)
    share = _SHARE.match(text)
    is_right = text == "all" or (share and 1 <= int(share[1]) <= (100 if share[2] else 100_000))
    if not is_right or isinstance(value, bool):
        raise Mistake(f"{name}: {shown(value)} is not a valid share", "write a number such as 2, or 10% or all", path)
    return text


def _canary(value: object) -> dict[str, object]:
    items = value if isinstance(value, list) else [value]
    return {"canary": tuple(_share(item, "canary", ("canary", place)) for place, item in enumerate(items))}


def _choice(name: str, words: tuple[str, ...]) -> Callable[[object], dict[str, object]]:
    def read(value: object) -> dict[str, object]:
        if value not in words:
            raise Mistake(f"{name}: {shown(value)} is none of {', '.join(words)}", f"write {words[0]}", (name,))
        return {name: value}

    return read


def _pause(value: object) -> dict[str, object]:
    return {"pause": _seconds(value, ("pause",))}


def _drain(value: object) -> dict[str, object]:
    is_none = str(value) in ("0", "0s") and not isinstance(value, bool)
    return {"drain": 0.0 if is_none else _seconds(value, ("drain",))}


def _seconds(value: object, path: tuple[Any, ...]) -> float:
    match = _DURATION.match(str(value))
    if match is None or isinstance(value, bool) or not int(match[1]):
        raise Mistake(f"{path[-1]}: {shown(value)} is not a duration", "write seconds, or 90s, 10m, 2h", path)
    return float(int(match[1]) * _UNITS[match[2]])


def _whole(value: object, name: str, low: int, high: int, path: tuple[Any, ...]) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Mistake(f"{name}: {shown(value)} is not a number from {low} to {high}", f"write {name}: {low}", path)
    return value


def _checks(value: object) -> dict[str, object]:
    if not isinstance(value, list) or not value:
        raise Mistake(f"check is {shown(value)}", "write a list, such as [{tcp: 443}]", ("check",))
    return {"checks": tuple(_check(item, ("check", place)) for place, item in enumerate(value))}


def _check(value: Any, path: tuple[Any, ...]) -> Pairs:
    kinds = [key for key in value if key in KINDS] if isinstance(value, Mapping) else []
    if len(kinds) != 1:
        raise Mistake("a check names one of its kinds", f"one of {', '.join(KINDS)}, such as {{tcp: 443}}", path)
    kind = kinds[0]
    found: dict[str, Any] = {"kind": kind, **_settings(kind, value[kind], (*path, kind))}
    for name, item in value.items():
        if name in ("timeout", "interval"):
            found[name] = _seconds(item, (*path, name))
        elif name in ("retries", "successes"):
            found[name] = _whole(item, name, 0 if name == "retries" else 1, 1000, (*path, name))
        elif name != kind:
            raise Mistake(f"a check has no key {name}", near(name, (kind, *TIMES), "keys"), (*path, name))
    return tuple(sorted(found.items()))


# kind: (the key that a plain value stands for, all keys with their type, those that must be given)
_TEXT, _NUMBER, _PORT, _FLAG, _WORDS = "text", "number", "port", "flag", "words"
_FORMS: Mapping[str, tuple[str, Mapping[str, str], tuple[str, ...]]] = {
    "status": ("", {}, ()),
    "assistant": ("", {}, ()),
    "command": ("run", {"run": _TEXT, "user": _TEXT, "type": _TEXT, "within": _PORT}, ("run",)),
    "tcp": ("port", {"port": _PORT, "host": _TEXT}, ("port",)),
    "http": ("url", {"url": _TEXT, "status": _TEXT, "body": _TEXT, "insecure": _FLAG}, ("url",)),
    "balancer": ("", {"clb": _TEXT, "port": _PORT, "alb": _TEXT, "nlb": _TEXT}, ()),
    "metric": (
        "",
        {"name": _TEXT, "namespace": _TEXT, "statistic": _TEXT, "period": _PORT, "below": _NUMBER, "above": _NUMBER},
        ("name",),
    ),
    "local": ("run", {"run": _WORDS, "within": _NUMBER}, ("run",)),
}


def forms() -> Mapping[str, tuple[str, Mapping[str, str], tuple[str, ...]]]:
    """The key that a plain value of each kind of check stands for, all its keys with their form, and those it needs."""
    return _FORMS


def _settings(kind: str, value: object, path: tuple[Any, ...]) -> dict[str, Any]:
    plain, keys, needed = _FORMS[kind]
    if not isinstance(value, Mapping):
        if not plain and value is not True:
            example = "{clb: lb-…, port: 80}" if kind == "balancer" else "{name: CPUUtilization, below: 80}"
            raise Mistake(f"{kind}: {shown(value)}", "write true" if not keys else f"write {example}", path)
        value = {plain: value} if plain else {}
    found = {}
    for name, item in value.items():
        if name not in keys:
            raise Mistake(f"{kind} has no key {name}", near(name, keys, "keys"), (*path, name))
        found[name] = _typed(keys[name], name, item, (*path, name))
    for name in needed:
        if name not in found:
            raise Mistake(f"{kind} needs {name}", f"write {kind}: {{{name}: …}}", path)
    _complete(kind, found, path)
    return found


def _typed(form: str, name: str, value: object, path: tuple[Any, ...]) -> Any:
    if form == _PORT:
        return _whole(value, name, 1, 65535, path)
    if form == _TEXT and isinstance(value, (str, int)) and not isinstance(value, bool) and str(value):
        return str(value)
    if form == _NUMBER and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if form == _FLAG and isinstance(value, bool):
        return value
    if form == _WORDS and isinstance(value, list) and value and all(isinstance(word, str) for word in value):
        return tuple(value)
    wanted = {_TEXT: "a string", _NUMBER: "a number", _FLAG: "true or false", _WORDS: "a list of words"}[form]
    raise Mistake(f"{name}: {shown(value)} is not {wanted}", f"write {wanted}", path)


def _complete(kind: str, found: Mapping[str, Any], path: tuple[Any, ...]) -> None:
    """What its keys mean together."""
    if kind == "balancer" and sum(name in found for name in ("clb", "alb", "nlb")) != 1:
        raise Mistake("a balancer is named by one of clb, alb and nlb", "write {alb: lsn-…} or {clb: lb-…}", path)
    if kind == "metric" and not {"below", "above"} & found.keys():
        raise Mistake("a metric is below or above a number", "write {name: CPUUtilization, below: 80}", path)
    if kind == "http":
        if not found["url"].startswith(("http://", "https://")):
            raise Mistake(f"url: {shown(found['url'])} is not a URL", "write http://{private_ip}:8080/health", path)
        if "status" in found and not _STATUS.match(found["status"]):
            raise Mistake(f"status: {shown(found['status'])}", "write 200 or 200-299", (*path, "status"))


_READERS: Mapping[str, Callable[[object], dict[str, object]]] = {
    "max_unavailable": _max_unavailable,
    "canary": _canary,
    "order": _choice("order", ORDERS),
    "pause": _pause,
    "drain": _drain,
    "on_failure": _choice("on_failure", REACTIONS),
    "check": _checks,
}
