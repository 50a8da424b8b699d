"""The record of what was applied, as marks of the live object: digests of attributes, and versions of secrets.

Written by plan/, read by inventory/; model/marks.py has the keys. No secret and no hash of one ever enters a tag.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.model.address import Address, ForeignRef, Lookup, Ref, Secret, Template
from ecsplan.model.digits import whole_number
from ecsplan.model.marks import APPLIED, APPLIED_MORE, LONGEST, SECRETS
from ecsplan.model.resource import RemoteObject

FORMAT = "1:"
DIGEST = 4  # characters of a digest
PER_TAG = (LONGEST - len(FORMAT)) // DIGEST


def read_applied(marks: Mapping[str, str]) -> frozenset[str] | None:
    """The digests of what was applied last; None where the mark is missing or of another format."""
    text = marks.get(APPLIED)
    if text is None or not text.startswith(FORMAT):
        return None
    text = text.removeprefix(FORMAT) + marks.get(APPLIED_MORE, "").removeprefix(FORMAT)
    return frozenset(text[at : at + DIGEST] for at in range(0, len(text), DIGEST))


def read_secret_versions(marks: Mapping[str, str]) -> dict[str, int]:
    """Which version of each secret attribute was applied: `password=2 user_data=1`."""
    pairs = (part.partition("=") for part in marks.get(SECRETS, "").split())
    versions = {name: whole_number(version) for name, _, version in pairs}
    return {name: version for name, version in versions.items() if version is not None}


def digest(name: str, value: Any) -> str:
    """The digest of one attribute. References count by address, so that it is known before the id is."""
    text = json.dumps([name, _plain(value)], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest())[:DIGEST].decode()


def applied_tags(attributes: Mapping[str, Any]) -> dict[str, str]:
    """The marks that record what was applied, by name: the digests, their continuation, and secret versions."""
    whole = {digest(name, value) for name, value in attributes.items() if not (has_secret(value) or _is_map(value))}
    by_key = {digest(name, value) for name, value in flat(attributes) if not has_secret(value)} - whole
    # Where there are too many, those are left out that only tell who moved.
    digests = [*sorted(whole), *sorted(by_key)]
    marks = {APPLIED: FORMAT + "".join(digests[:PER_TAG])}
    if digests[PER_TAG:]:
        marks[APPLIED_MORE] = FORMAT + "".join(digests[PER_TAG : 2 * PER_TAG])
    versions = {name: value.version for name, value in flat(attributes) if isinstance(value, Secret)}
    if versions:
        marks[SECRETS] = " ".join(f"{name}={version}" for name, version in sorted(versions.items()))
    return marks


def flat(attributes: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Attributes as they are digested: each key of a map (tags, data disks) counts for itself."""
    for name, value in attributes.items():
        if _is_map(value):
            for key, item in value:
                yield f"{name}.{key}", item
        else:
            yield name, value


def _is_map(value: Any) -> bool:
    """Whether a canonical value is that of a MapOf: pairs, each with a name."""
    return (
        isinstance(value, tuple)
        and bool(value)
        and all(isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str) for item in value)
    )


def was_applied(obj: RemoteObject, name: str, value: Any) -> bool:
    """Whether an attribute was declared so when the object was last written; its block may be gone by now."""
    return obj.applied is not None and all(digest(*pair) in obj.applied for pair in flat({name: value}))


def has_secret(value: Any) -> bool:
    if isinstance(value, Secret):
        return True
    return isinstance(value, tuple) and any(has_secret(item) for item in value)


def _plain(value: Any) -> Any:
    if isinstance(value, Ref | ForeignRef | Lookup):
        return {"ref": str(value)}
    if isinstance(value, Template):
        return {"template": [_plain(part) for part in value.parts]}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def as_refs(value: Any, owned: Mapping[str, Address]) -> Any:
    """A live value with the ids of our own objects turned into Refs, so that its digest can be compared."""
    if isinstance(value, str):
        return Ref(owned[value]) if value in owned else value
    if isinstance(value, tuple):
        return tuple(as_refs(item, owned) for item in value)
    return value
