"""One digest of all that a stack declares, resolved; no secret takes part, only its source and version."""

import hashlib
import json

from ecsplan.model.encoding import to_json
from ecsplan.model.once import once
from ecsplan.model.resource import Lifecycle
from ecsplan.model.stack import Stack

_SETTINGS = Lifecycle.__struct_fields__


def digest_of(stack: Stack) -> str:
    """`sha256:…`, the same for the same declaration, wherever and in whatever order it is written."""
    content = {
        "name": stack.name,
        "region": stack.region,
        "account": stack.account,
        "resources": _resources(stack),
        "moved": [[str(move.before), str(move.after)] for move in stack.moved],
        "released": [str(address) for address in stack.released],
        "outputs": stack.outputs,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=to_json)
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _resources(stack: Stack) -> list[list[object]]:
    settings = once(lambda lifecycle: [getattr(lifecycle, name) for name in _SETTINGS])
    return [
        [
            str(resource.address),
            resource.name,
            resource.name_is_managed,
            resource.attributes,
            [str(address) for address in resource.depends_on],
            settings(resource.lifecycle),
            resource.adopt,
        ]
        for resource in sorted(stack.resources, key=lambda one: one.address.sort_key)
    ]
