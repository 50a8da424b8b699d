"""How canonical values look: as text for people, and as plain data for JSON.

Values arrive here already masked by view.py: a secret is a `Hidden`, never itself.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ecsplan.model.address import Address, Ref, Secret, Template
from ecsplan.model.algebra import is_fields
from ecsplan.model.call import Late, LocalKey
from ecsplan.model.change import Unknown
from ecsplan.model.unseen import spelled
from ecsplan.model.values import ValueType

LONGEST = 160


class Hidden(Struct, frozen=True):
    """What stands where a secret was."""

    version: int | None = None
    source: str = ""

    def __str__(self) -> str:
        return "(sensitive)" if self.version is None else f"(sensitive, version {self.version})"


class Named(str):
    """The id of a live resource of the stack; for people it goes by its address."""

    address: Address

    def __new__(cls, object_id: str, address: Address) -> "Named":
        found = super().__new__(cls, object_id)
        found.address = address
        return found


class Own(Struct, frozen=True):
    """The key of the member that a value belongs to. What is the member's own reads `[each]`, so that a group folds:
    its name, and with `folds_refs` a reference to the member of another group with the same key."""

    key: int | str
    folds_refs: bool = False


def masked(value: Any, sensitive: bool = False) -> Any:
    """The value with every secret in it hidden; all of it when the attribute itself is sensitive."""
    if isinstance(value, Secret):
        return Hidden(value.version, value.source)
    if isinstance(value, Late):
        return masked(value.value, sensitive or value.is_sensitive)
    if sensitive and not (value is None or isinstance(value, (Unknown, Hidden))):
        return Hidden()
    if isinstance(value, Mapping):
        return {key: masked(item) for key, item in value.items() if item is not None}  # None is never sent
    if isinstance(value, (tuple, list)):
        return tuple(masked(item) for item in value)
    return value


def named(value: Any, addresses: Mapping[str, Address]) -> Any:
    """The value with the ids of the stack's own resources known as such."""
    if isinstance(value, str):
        address = addresses.get(value)
        return value if address is None else Named(value, address)
    if isinstance(value, tuple):
        return tuple(named(item, addresses) for item in value)
    return value


def clean(text: str) -> str:
    """On one line, with control characters and their like spelled out: no value can redraw the terminal."""
    return spelled(text)


def shown(value: Any, own: Own | None = None, of: ValueType | None = None) -> str:
    """A value on one line; `own` is given where many members share the line. `of` is its type, which shows its own
    values; only a value without one (an output) is shown by its shape."""
    if of is not None:
        return of.show(value, lambda leaf: shown(leaf, own))
    if isinstance(value, tuple):
        return _collection(value, own)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{clean(str(key))}={shown(item, own)}" for key, item in value.items()) + "}"
    if isinstance(value, Named):
        return _member(Ref(value.address), own) if _is_folded(value.address, own) else f"{value.address} ({value})"
    if isinstance(value, str):
        return _text(_without_number(value, own))
    return _scalar(value, own)


def _scalar(value: Any, own: Own | None) -> str:
    if value is None:
        return "(none)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Ref):
        return f"{_member(value, own)} (known after apply)"
    if isinstance(value, Template):
        return f"{_text(str(value))} (known after apply)"
    if isinstance(value, Unknown):
        return "(not readable)"
    if isinstance(value, LocalKey):
        return f"(a key pair, made here; its private half goes to {clean(value.path)})"
    return clean(str(value))


def _is_folded(address: Address, own: Own | None) -> bool:
    return own is not None and own.folds_refs and address.key == own.key


def _member(ref: Ref, own: Own | None) -> str:
    if not _is_folded(ref.address, own):
        return str(ref)
    attribute = "" if ref.attribute == "id" else f".{ref.attribute}"
    return f"{ref.address.group}[each]{attribute}"


def _without_number(value: str, own: Own | None) -> str:
    """The name of a member (`web-prod-web-0003`) without what tells it from the others."""
    if own is None:
        return value
    ending = f"-{own.key:04d}" if isinstance(own.key, int) else f"-{own.key}"
    return value.removesuffix(ending) + "-[each]" if value.endswith(ending) else value


def _text(value: str) -> str:
    if "\n" in value.rstrip("\n"):
        lines = value.rstrip("\n").count("\n") + 1
        return f"(text of {lines} lines, {len(value.encode())} bytes)"
    if value == "" or value != value.strip():
        return f'"{clean(value)}"'
    return cut(clean(value))


def cut(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _collection(value: tuple[Any, ...], own: Own | None) -> str:
    if not value:
        return "(empty)"
    if is_fields(value):
        return " ".join(f"{clean(key)}={shown(item, own)}" for key, item in value)
    return "[" + ", ".join(shown(item, own) for item in value) + "]"


def plain(value: Any) -> Any:
    """A value as JSON carries it. What is not known yet, or not shown, is a mapping with one telling key."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return {key: plain(item) for key, item in value} if is_fields(value) else [plain(item) for item in value]
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    return _plain_object(value)


def _plain_object(value: Any) -> dict[str, Any]:
    if isinstance(value, (Ref, Template)):
        return {"known_after_apply": str(value)}
    if isinstance(value, Hidden):
        return _plain_hidden(value)
    if isinstance(value, Unknown):
        return {"unreadable": True}
    if isinstance(value, LocalKey):
        return {"local_key": value.path}
    return {"lookup": str(value)}


def _plain_hidden(value: Hidden) -> dict[str, Any]:
    found: dict[str, Any] = {"sensitive": True}
    if value.version is not None:
        found["version"] = value.version
    if value.source:
        found["source"] = value.source
    return found
