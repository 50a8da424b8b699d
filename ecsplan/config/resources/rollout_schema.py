"""The JSON Schema of `lifecycle.rollout` and of `rollouts`, for editors; rollout_block.py judges."""

from collections.abc import Mapping

from ecsplan.config.resources.rollout_block import ORDERS, REACTIONS, forms
from ecsplan.model.algebra import Schema

_TYPES: Mapping[str, Schema] = {
    "text": {"type": ["string", "integer"]},
    "number": {"type": ["number", "string"]},
    "port": {"type": ["integer", "string"]},
    "flag": {"type": ["boolean", "string"]},
    "words": {"type": "array", "items": {"type": "string"}, "minItems": 1},
}


def rollout_schema(share: Schema, duration: Schema) -> Schema:
    """`share` and `duration` are the schemas of such values."""
    described = {
        "max_unavailable": ("How many members may be away at once.", share),
        "canary": ("The members that go first.", {"anyOf": [share, {"type": "array", "items": share, "minItems": 1}]}),
        "order": ("The order of the members.", {"enum": list(ORDERS)}),
        "pause": ("How long to wait after each canary.", duration),
        "drain": ("How long connections may take to end before a machine goes away; 30s if left out.", duration),
        "on_failure": ("What happens when a member does not pass.", {"enum": list(REACTIONS)}),
        "check": ("What each member must pass.", {"type": "array", "items": _check(duration), "minItems": 1}),
    }
    return _object({name: {"description": text, **schema} for name, (text, schema) in described.items()})


def rollouts_schema(share: Schema, duration: Schema, names: Schema, tags: Schema) -> Schema:
    """`rollouts` at the top level; `names` and `tags` are the schemas of such keys and values."""
    kinds = {"type": "array", "items": {"type": "string"}}
    own = {
        "tags": {"description": "What carries these tags is a member.", **tags},
        "kinds": {"description": "Kinds of members; machines if left out.", **kinds},
    }
    entry = _object(own | rollout_schema(share, duration)["properties"])
    return {
        "description": "What rolls together, across blocks and kinds, by name.",
        "type": ["object", "null"],
        "propertyNames": names,
        "additionalProperties": {**entry, "required": ["tags"]},
    }


def _check(duration: Schema) -> Schema:
    times = {"timeout": duration, "interval": duration}
    counts = {name: {"type": ["integer", "string"]} for name in ("retries", "successes")}
    return _object({**{kind: _form(*form) for kind, form in forms().items()}, **times, **counts})


def _form(plain: str, keys: Mapping[str, str], needed: tuple[str, ...]) -> Schema:
    if not keys:
        return {"const": True}
    whole = _object({name: _TYPES[form] for name, form in keys.items()})
    whole |= {"required": list(needed)} if needed else {}
    return {"anyOf": [_TYPES[keys[plain]], whole]} if plain else whole


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}
