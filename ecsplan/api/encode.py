"""Nested values to the flat text parameters of the RPC wire, and their percent-encoding.

Called by `sign` and `client`; which parameters go where is left to them.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote


def flatten(params: Mapping[str, Any]) -> dict[str, str]:
    """`{"Tag": [{"Key": "a"}]}` → `{"Tag.1.Key": "a"}`; None is left out, an empty string stays."""
    return {name: text for key, value in params.items() for name, text in _walk(key, value)}


def _walk(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if isinstance(value, Mapping):
        for key, member in value.items():
            yield from _walk(f"{name}.{key}", member)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value, start=1):
            yield from _walk(f"{name}.{index}", item)
    else:
        yield name, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # 20.0 read from JSON or YAML is a whole number to the service, which refuses the fraction.
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def percent(text: str) -> str:
    """RFC 3986: a space is %20, never +; `-_.~` stay."""
    return quote(text, safe="-_.~")


def canonical_query(params: Mapping[str, str]) -> str:
    """Sorted by the key's bytes before encoding: `Tag.10.Key` comes before `Tag.2.Key`.

    It is also a valid form body, and the one that v1 sends."""
    ordered = sorted(params.items(), key=lambda item: item[0].encode())
    return "&".join(f"{percent(key)}={percent(value)}" for key, value in ordered)
