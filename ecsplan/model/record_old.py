"""The record in the format before the present one, which is only read: `1:` and a digest for each value.

Four base64url characters of SHA-256(name, canonical value) each, without the name; `ecsplan:secrets` had the versions.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from typing import Any

from ecsplan.model.address import ForeignRef, Lookup, Ref, Template
from ecsplan.model.algebra import Value, is_fields, mapped
from ecsplan.model.composites import sort_key
from ecsplan.model.digits import whole_number
from ecsplan.model.record_form import NO_NAMES, Naming

FORMAT = "1:"
LENGTH = 4  # characters of a digest


def read(text: str, more: str = "") -> frozenset[str] | None:
    """The digests of the tag and its continuation; None where they are of another format."""
    if not text.startswith(FORMAT):
        return None
    found = text.removeprefix(FORMAT) + more.removeprefix(FORMAT)
    return frozenset(found[at : at + LENGTH] for at in range(0, len(found), LENGTH))


def read_versions(text: str) -> dict[str, str | None]:
    """`password=2 user_data=1` as lines of the present format."""
    pairs = (part.partition("=") for part in text.split())
    return {name: f"v{version}" for name, _, version in pairs if whole_number(version) is not None}


def digest(name: str, value: object) -> str:
    text = json.dumps([name, _plain(value)], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return urlsafe_b64encode(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())[:LENGTH].decode()


def digests(name: str, value: Any, naming: Naming = NO_NAMES) -> Iterator[str]:
    """Those that a value may have: an id may have been a reference, and a set of these is in their order."""
    yield digest(name, value)
    named = as_refs(value, naming)
    if named != value:
        yield digest(name, named)
    if isinstance(named, tuple):
        yield digest(name, tuple(sorted(named, key=sort_key)))


def flat(attributes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Attributes as they were digested: each key of a map (tags, data disks) for itself."""
    for name, value in attributes.items():
        if is_fields(value):
            yield from ((f"{name}.{key}", item) for key, item in value)
        else:
            yield name, value


def as_refs(value: Value, naming: Naming) -> Value:
    return mapped(value, lambda leaf: naming.refs.get(leaf, leaf) if isinstance(leaf, str) else leaf)


def _plain(value: object) -> Any:
    if isinstance(value, (Ref, ForeignRef, Lookup)):
        return {"ref": str(value)}
    if isinstance(value, Template):
        return {"template": [_plain(part) for part in value.parts]}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
