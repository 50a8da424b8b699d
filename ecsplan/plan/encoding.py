"""Plan values to plain JSON and back: references, templates, secrets by their source's name. Used by planfile.py."""

from collections.abc import Mapping
from typing import Any

from ecsplan.model.address import Address, ForeignRef, Lookup, Part, Ref, Secret, Span, Template, parse_place
from ecsplan.model.call import Late, LocalKey
from ecsplan.model.change import NEVER, UNKNOWN, Never, Unknown
from ecsplan.model.composites import PLAIN
from ecsplan.model.diagnostic import SourceRange


def to_json(value: Any) -> Any:
    """A canonical value as JSON. No secret is in it: a Secret is its source and version."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, Ref):
        return {"$ref": str(value.address), "attribute": value.attribute}
    if isinstance(value, Template):
        return {"$template": [to_json(part) for part in value.parts]}
    if isinstance(value, Secret):
        return {
            "$secret": {
                "version": value.version,
                "env": value.env,
                "file": value.file,
                "template": [to_json(part) for part in value.template],
            }
        }
    if isinstance(value, ForeignRef):
        return {"$foreign": {"stack": value.stack, "address": str(value.address)}}
    if isinstance(value, Lookup):
        return {"$lookup": {"kind": value.kind, "name": value.name, "tags": [list(pair) for pair in value.tags]}}
    if isinstance(value, Late):
        return {"$late": to_json(value.value)}
    if isinstance(value, LocalKey):
        return {"$local_key": value.path}
    if isinstance(value, Unknown):
        return {"$unknown": True}
    if isinstance(value, Never):
        return {"$never": True}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return value


def from_json(value: Any) -> Any:
    """The canonical value again; every list becomes a tuple. Raises KeyError or ValueError on what it cannot be."""
    if isinstance(value, list):
        return tuple(from_json(item) for item in value)
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return Ref(Address.parse(value["$ref"]), value["attribute"])
    if "$template" in value:
        return Template(from_json(value["$template"]))
    if "$secret" in value:
        found = value["$secret"]
        return Secret(found["version"], found["env"], found["file"], from_json(found["template"]))
    if "$foreign" in value:
        return ForeignRef(value["$foreign"]["stack"], Address.parse(value["$foreign"]["address"]))
    if "$lookup" in value:
        found = value["$lookup"]
        return Lookup(found["kind"], found["name"], from_json(found["tags"]))
    if "$late" in value:
        inner = from_json(value["$late"])
        return Late(inner, lambda filled: filled)
    if "$local_key" in value:
        return LocalKey(value["$local_key"])
    if "$unknown" in value:
        return UNKNOWN
    if "$never" in value:
        return NEVER
    return {key: from_json(item) for key, item in value.items()}


def place_of(text: str) -> Address | Part:
    """An address, or that of a slot. Raises ValueError."""
    place = parse_place(text)
    if isinstance(place, Span):
        raise ValueError(f"{text!r} is not an address")
    return place


def place_to_text(source: SourceRange | None) -> str | None:
    return str(source) if source else None


def text_to_place(text: str | None) -> SourceRange | None:
    if text is None:
        return None
    file, line, column = text.rsplit(":", 2)
    return SourceRange(file, int(line), int(column))
