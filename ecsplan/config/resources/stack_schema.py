"""The kinds as one JSON Schema (draft 2020-12) for editors; called by `ecsplan schema`.

All that stack_reader.py accepts is valid. It is looser where only the whole stack tells: what a resource requires may
come from defaults or from another file, so it is described, not demanded.
"""

import json
from collections.abc import Mapping

from ecsplan.config.expressions.repetition import FOR
from ecsplan.config.resources.lifecycle_block import ON_IMAGE_CHANGE, ON_USER_DATA_CHANGE
from ecsplan.config.resources.nested_blocks import Shape, shape_of
from ecsplan.config.resources.rollout_schema import rollout_schema, rollouts_schema
from ecsplan.config.resources.schedule_block import SCHEDULE
from ecsplan.config.resources.top_level import API_VERSION
from ecsplan.model.algebra import Schema
from ecsplan.model.attribute import Attribute
from ecsplan.model.capabilities.power import Power
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.safety import RISKS
from ecsplan.model.stack import STACK_NAME

EXPRESSION = r"\$\{"
"""The pattern of a text that has an expression in it."""
_EXPRESSION = {"$ref": "#/$defs/expression"}
_NAMES = {"pattern": r"^[A-Za-z_][A-Za-z0-9_-]*$"}
_TEXT: Schema = {"type": "string"}
_SHARE = {"type": ["integer", "string"], "pattern": r"^([0-9]+%?|all)$|\$\{"}
_DURATION = {"type": ["integer", "string"], "pattern": r"^[0-9]+[smh]?$|\$\{"}
_RISKS: Schema = {"type": "array", "items": {"enum": list(RISKS)}, "minItems": 1}
_ENVIRONMENT = {"description": "What differs in it.", "$ref": "#", "type": ["object", "null"]}


def schema_text(kinds: Kinds) -> str:
    """The schema as it stands in schemas/stack.schema.json, the same to the byte for the same kinds."""
    return json.dumps(stack_schema(kinds), indent=2, ensure_ascii=False) + "\n"


def stack_schema(kinds: Kinds) -> Schema:
    """A schema for one file of a stack, or for an overlay."""
    names = sorted(kinds)
    kind_refs = {name: {"$ref": f"#/$defs/kind-{name}"} for name in names}
    resources = {
        name: {
            "description": kinds[name].summary,
            "type": ["object", "null"],
            "propertyNames": _NAMES,
            "additionalProperties": kind_refs[name],
        }
        for name in names
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ecsplan stack",
        "description": "What Alibaba Cloud ECS should be: a stack of resources, or a part of one.",
        "type": "object",
        "properties": {
            "apiVersion": {"description": "The version of this language.", "const": API_VERSION},
            "stack": _described("The ownership scope, with account and region.", {**_TEXT, "pattern": STACK_NAME}),
            "region": _described("The region, like cn-hangzhou.", _TEXT),
            "account": _described(
                "The account that it must be applied to.", {"type": ["string", "integer"], "pattern": "^[0-9]{5,20}$"}
            ),
            "environments": {
                "description": "Named overlays, of which one is chosen with -e; each is a stack of its own.",
                "type": ["object", "null"],
                "propertyNames": {"pattern": "^[a-z][a-z0-9-]{0,31}$"},
                "additionalProperties": {"anyOf": [{"description": "A file or folder.", **_TEXT}, _ENVIRONMENT]},
            },
            "variables": _section("Values that come from outside, or are used in several places.", "variable"),
            "locals": _by_name("Values that are worked out of variables, by name."),
            "defaults": {
                "description": "What resources start from: tags for all, attributes by kind.",
                "type": ["object", "null"],
                "properties": {"tags": _described("Tags of every resource.", _tags()), **kind_refs},
                "additionalProperties": False,
            },
            "resources": {
                "description": "The resources, by kind and name.",
                "type": ["object", "null"],
                "properties": resources,
                "additionalProperties": False,
            },
            "rollouts": rollouts_schema(_SHARE, _DURATION, _NAMES, or_expression(_tags())),
            "moved": _described("Renamed resources.", _list_of({"$ref": "#/$defs/move"})),
            "released": _described("Addresses that the stack lets go of without deleting.", _list_of(_TEXT)),
            "outputs": _by_name("Values to be shown, by name."),
        },
        "additionalProperties": False,
        "$defs": _definitions() | {f"kind-{name}": _kind(kinds[name]) for name in names},
    }


def _described(text: str, schema: Schema) -> Schema:
    return {"description": text, **or_expression(schema)}


def _section(text: str, definition: str) -> Schema:
    members = {"$ref": f"#/$defs/{definition}"}
    return {"description": text, "type": ["object", "null"], "additionalProperties": members}


def _by_name(text: str) -> Schema:
    return {"description": text, "type": ["object", "null"], "propertyNames": _NAMES}


def _list_of(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _tags() -> Schema:
    return {"type": "object", "additionalProperties": _TEXT}


def _object(properties: Schema, *required: str) -> Schema:
    found: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**found, "required": list(required)} if required else found


def _definitions() -> Schema:
    version = {"description": "Raise it to have the secret written again.", "type": "integer", "minimum": 1}
    path = _described("A path relative to this file.", _TEXT)
    kind = {"description": "Which kind, where several are possible; the first if left out.", **_TEXT}
    lookup = _object({"name": or_expression(_TEXT), "tags": or_expression(_tags()), "kind": kind})
    return {
        "expression": {
            "description": "An expression ${…}, or nothing.",
            "type": ["string", "null"],
            "pattern": EXPRESSION,
        },
        "secret": {
            "description": "A value that does not stand in the file.",
            "anyOf": [
                _object({"env": _described("An environment variable.", _TEXT), "version": version}, "env", "version"),
                _object({"file": path, "version": version}, "file", "version"),
            ],
        },
        "for": {
            "description": "Repeats the entry, once for each member of a list or mapping: name in ${list}.",
            "type": "string",
        },
        "file": {"description": "A file, taken as it is.", **_object({"file": path}, "file")},
        "template": {"description": "A file with its ${…} filled in.", **_object({"template": path}, "template")},
        **{
            f"packed_{way}": {
                "description": "The same, packed with gzip, where the machine unpacks it.",
                **_object({way: path, "gzip": {"const": True}}, way, "gzip"),
            }
            for way in ("file", "template")
        },
        "foreign": {
            "description": "A resource of another stack.",
            **_object({"stack": _TEXT, "name": _TEXT}, "stack", "name"),
        },
        "lookup": {
            "description": "An existing object that no stack of yours owns; exactly one must fit.",
            **_object({"lookup": lookup}, "lookup"),
        },
        "move": _object({"from": _TEXT, "to": _TEXT}, "from", "to"),
        "variable": _variable(version),
        "lifecycle": _lifecycle(),
    }


def _variable(version: Schema) -> Schema:
    return _object(
        {
            "type": {"enum": ["string", "integer", "number", "boolean", "list", "map"]},
            "default": {"description": "Its value when nothing else sets it."},
            "description": _TEXT,
            "allowed": {"description": "The values that it may have.", "type": "array", "minItems": 1},
            "pattern": {"description": "A regular expression that the whole string fits.", **_TEXT},
            "env": {"description": "A secret: the environment variable that holds it.", **_TEXT},
            "file": {"description": "A secret: the file that holds it.", **_TEXT},
            "version": version,
        }
    )


def _lifecycle() -> Schema:
    boolean, names = {"type": "boolean"}, _list_of(_TEXT)
    kept = _object({"risks": _RISKS, "retention_days": {"type": ["integer", "string"]}}, "risks")
    described = {
        "prevent_destroy": ("Never delete or replace it.", boolean),
        "create_before_destroy": ("Make the new one before the old one goes.", boolean),
        "ignore_changes": ("Attributes that others may change.", names),
        "additive": ("Attributes whose live members that are not listed stay.", names),
        "exclusive": ("Attributes whose live members that are not listed are removed.", names),
        "on_image_change": ("What another image means.", {"enum": list(ON_IMAGE_CHANGE)}),
        "snapshot_before": (
            "Before what a snapshot of the disk is taken and kept; for 7 days if not said.",
            {"anyOf": [_RISKS, kept]},
        ),
        "on_user_data_change": ("What other user data means.", {"enum": list(ON_USER_DATA_CHANGE)}),
        "rollout": ("How a change goes through the members of a group.", rollout_schema(_SHARE, _DURATION)),
        "timeouts": ("How long to wait.", _object(dict.fromkeys(("create", "update", "delete"), _DURATION))),
    }
    properties = {key: _described(text, schema) for key, (text, schema) in described.items()}
    return {"description": "How it is to be treated.", **_object(properties), "type": ["object", "null"]}


def _kind(kind: Kind) -> Schema:
    number = {"type": "integer", "minimum": 0}
    meta = {
        "count": _described("Makes a group of this many members; they know their index.", number),
        "for_each": _described("Makes a group with a member for each key.", {"type": ["array", "object"]}),
        "adopt": {
            "description": "The id of an existing object to take over; for a group by key.",
            "type": ["string", "object", "null"],
        },
        "depends_on": {
            "description": "Resources that must be there before.",
            **_list_of(_TEXT),
            "type": ["array", "null"],
        },
        "lifecycle": {"$ref": "#/$defs/lifecycle"},
    }
    if kind.capability(Power) is not None:
        meta["schedule"] = SCHEDULE
    shape = _shape(shape_of(kind))
    return {
        "description": kind.summary,
        "type": ["object", "null"],
        "properties": shape["properties"] | meta,
        "additionalProperties": False,
        "examples": [kind.example],
    }


def _shape(shape: Shape) -> Schema:
    properties = {}
    for name, member in shape.members.items():
        if isinstance(member, Shape):
            properties[name] = {**_shape(member), "type": ["object", "null"]}
        elif not member.computed:
            properties[name] = _attribute(member)
    return _object(properties)


def _attribute(attribute: Attribute) -> Schema:
    words = [attribute.summary] if attribute.summary else []
    words += ["Required."] if attribute.required else []
    schema = {"$ref": "#/$defs/secret"} if attribute.sensitive else _repeatable(attribute.schema())
    return {"description": " ".join(words), **or_expression(schema)} if words else or_expression(schema)


def _repeatable(schema: Schema) -> Schema:
    """A schema, deep inside too, in which the mappings in a list may be repeated."""
    found = dict(schema)
    if isinstance(found.get("properties"), Mapping):
        found["properties"] = {name: _repeatable(inner) for name, inner in found["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(found.get(key), Mapping):
            found[key] = _repeatable(found[key])
    if "anyOf" in found:
        found["anyOf"] = [_repeatable(inner) for inner in found["anyOf"]]
    item = found.get("items", {})
    if "properties" in item:
        found["items"] = {**item, "properties": {**item["properties"], FOR: {"$ref": "#/$defs/for"}}}
    return found


def or_expression(schema: Schema) -> Schema:
    """A schema, deep inside too, that also takes an expression in place of any value."""
    found = dict(schema)
    if isinstance(found.get("items"), Mapping):
        found["items"] = or_expression(found["items"])
    if isinstance(found.get("additionalProperties"), Mapping):
        found["additionalProperties"] = or_expression(found["additionalProperties"])
    if isinstance(found.get("properties"), Mapping):
        found["properties"] = {name: or_expression(inner) for name, inner in found["properties"].items()}
    description = {"description": found.pop("description")} if "description" in found else {}
    if "anyOf" in found and len(found) == 1:
        return {**description, "anyOf": [*(or_expression_inside(inner) for inner in found["anyOf"]), _EXPRESSION]}
    return {**description, "anyOf": [found, _EXPRESSION]}


def or_expression_inside(schema: Schema) -> Schema:
    """One of several alternatives: its members may be expressions; that the whole may be one is said once."""
    deep = or_expression(schema)
    alternatives = deep.pop("anyOf")
    return {**deep, **alternatives[0]} if len(alternatives) == 2 else {**deep, "anyOf": alternatives}
