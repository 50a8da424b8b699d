"""One digest of all that a stack declares, resolved; no secret takes part, only its source and version."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from ecsplan.model.address import Address, Ref, Secret
from ecsplan.model.resource import Resource
from ecsplan.model.stack import Stack


def digest_of(stack: Stack) -> str:
    """`sha256:…`, the same for the same declaration, wherever and in whatever order it is written."""
    content = {
        "name": stack.name,
        "region": stack.region,
        "account": stack.account,
        "resources": [_resource(r) for r in sorted(stack.resources, key=lambda r: r.address.sort_key)],
        "moved": [[str(move.before), str(move.after)] for move in stack.moved],
        "released": [str(address) for address in stack.released],
        "outputs": stack.outputs,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=_plain)
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _resource(resource: Resource) -> list[Any]:
    return [
        str(resource.address),
        resource.name,
        resource.name_is_managed,
        resource.attributes,
        [str(address) for address in resource.depends_on],
        resource.lifecycle,
        resource.adopt,
    ]


def _plain(value: Any) -> Any:
    """What JSON has no form for: the values of the model, each with the name of its type."""
    if isinstance(value, Address | Ref):
        return [type(value).__name__, str(value)]
    if isinstance(value, Secret):
        return ["Secret", value.source, value.version, [p for p in value.template if isinstance(p, str)]]
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, *(getattr(value, f.name) for f in fields(value))]
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    raise TypeError(f"{type(value).__name__} is no canonical value")
