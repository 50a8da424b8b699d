"""Documentation of what is no attribute of a kind, drawn from the schema of stack files: sections of the file,
lifecycle, and members inside lists and mappings."""

from collections.abc import Iterable, Mapping
from typing import Any

from ecsplan.render.paint import Paint, unpainted

Schema = Mapping[str, Any]
_KINDS = "kind-"


def topics(schema: Schema) -> dict[str, Schema]:
    """What can be explained beside kinds, by name."""
    lifecycle = _inside(schema["$defs"]["lifecycle"], schema)
    kind = next(value for name, value in schema["$defs"].items() if name.startswith(_KINDS))
    meta = {name: kind["properties"][name] for name in ("count", "for_each", "adopt", "depends_on")}
    return {**lifecycle["properties"], **meta, **schema["properties"], "lifecycle": schema["$defs"]["lifecycle"]}


def found(schema: Schema, path: str) -> Schema | None:
    """The part of the schema that a dotted path leads to: `lifecycle.rollout`, `security_group.ingress.protocol`."""
    first, *rest = path.split(".")
    at: Schema | None = schema["$defs"].get(_KINDS + first) or topics(schema).get(first)
    for step in rest:
        at = _members(at, schema).get(step) if at is not None else None
    return at


def members_of(schema: Schema, path: str) -> Iterable[str]:
    """What can follow a path, for a hint."""
    at = found(schema, path)
    return _members(at, schema) if at is not None else ()


def schema_text(schema: Schema, path: str, paint: Paint = unpainted) -> str:
    """The description, what may stand there, and its members; the path must lead somewhere."""
    at = found(schema, path)
    assert at is not None
    lines = [paint(path, "bold")]
    lines += [f"    {at['description']}"] if at.get("description") else []
    lines += [f"    Value:    {words(at, schema)}"]
    members = _members(at, schema)
    if members:
        width = max(map(len, members))
        lines += ["", "Members"]
        for name, member in members.items():
            described = member.get("description") or _inside(member, schema).get("description")
            lines.append(f"    {paint(f'{name:<{width}}', 'bold')}  {described or words(member, schema)}")
    return "\n".join(lines) + "\n"


def schema_document(schema: Schema, path: str) -> dict[str, Any]:
    """The same for programs."""
    at = found(schema, path)
    assert at is not None
    return {
        "name": path,
        "summary": at.get("description"),
        "value": words(at, schema),
        "members": list(_members(at, schema)),
    }


def words(at: Schema, schema: Schema) -> str:
    """What a value may be."""
    inside = _inside(at, schema)
    if "const" in inside:
        return str(inside["const"])
    if "enum" in inside:
        return "one of " + ", ".join(map(str, inside["enum"]))
    kinds = inside.get("type", ())
    kind = kinds if isinstance(kinds, str) else " or ".join(one for one in kinds if one != "null")
    if kind == "array":
        return f"a list; each entry: {words(inside.get('items', {}), schema)}"
    if kind == "integer" and "minimum" in inside and "maximum" in inside:
        return f"a whole number from {inside['minimum']} to {inside['maximum']}"
    named = {"string": "text", "integer": "a whole number", "object": "a mapping", "boolean": "true or false"}
    return named.get(kind, kind) or "any value"


def _members(at: Schema, schema: Schema) -> dict[str, Schema]:
    """Of a list or a mapping of things, those of one of them."""
    inside = _inside(at, schema)
    for within in ("items", "additionalProperties"):
        if not inside.get("properties") and isinstance(inside.get(within), Mapping):
            return _members(inside[within], schema)
    return dict(inside.get("properties", {}))


def _inside(at: Schema, schema: Schema) -> Schema:
    """Without references, and without the expression that may stand in place of any value."""
    while True:
        if "$ref" in at:
            at = schema["$defs"][at["$ref"].rpartition("/")[2]]
        elif at.get("anyOf"):
            at = at["anyOf"][0]
        else:
            return at
