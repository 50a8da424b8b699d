"""Canonical values to plain JSON and back: references, templates, secrets by their source. The only encoder."""

from collections.abc import Callable, Mapping
from typing import Any

from ecsplan.model.address import Address, ForeignRef, Lookup, Part, Ref, Secret, Span, Template, parse_place
from ecsplan.model.algebra import PLAIN
from ecsplan.model.call import Late, LocalKey
from ecsplan.model.change import NEVER, UNKNOWN, Never, Unknown
from ecsplan.model.diagnostic import SourceRange
from ecsplan.model.quoting import shown


def to_json(value: object) -> Any:
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
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, frozenset):
        return sorted((to_json(item) for item in value), key=str)
    raise TypeError(f"{type(value).__name__} is not a canonical value")


def from_json(value: object) -> Any:
    """The canonical value again; every list becomes a tuple. Raises KeyError or ValueError on what it cannot be."""
    if isinstance(value, list):
        return tuple(from_json(item) for item in value)
    if not isinstance(value, dict):
        return value
    for mark, read in _READERS.items():
        if mark in value:
            return read(value)
    return {key: from_json(item) for key, item in value.items()}


def place_of(text: str) -> Address | Part:
    """An address, or that of a slot. Raises ValueError."""
    place = parse_place(text)
    if isinstance(place, Span):
        raise ValueError(f"{shown(text)} is not an address")
    return place


def place_to_text(source: SourceRange | None) -> str | None:
    return str(source) if source else None


def text_to_place(text: str | None) -> SourceRange | None:
    if text is None:
        return None
    file, line, column = text.rsplit(":", 2)
    return SourceRange(file, int(line), int(column))


def _ref(value: Mapping[str, Any]) -> Ref:
    return Ref(_address(value["$ref"]), _text(value["attribute"]))


def _template(value: Mapping[str, Any]) -> Template:
    parts = from_json(value["$template"])
    if not isinstance(parts, tuple) or not all(isinstance(part, (str, Ref)) for part in parts):
        raise ValueError("a template is a list of strings and references")
    return Template(parts)


def _secret(value: Mapping[str, Any]) -> Secret:
    found = value["$secret"]
    version, template = found["version"], from_json(found["template"])
    if type(version) is not int or not isinstance(template, tuple):
        raise ValueError("a secret has a version, which is a whole number")
    if not all(isinstance(part, (str, Secret)) for part in template):
        raise ValueError("the parts of a secret are strings and secrets")
    return Secret(version, _text_or_none(found["env"]), _text_or_none(found["file"]), template)


def _foreign(value: Mapping[str, Any]) -> ForeignRef:
    return ForeignRef(_text(value["$foreign"]["stack"]), _address(value["$foreign"]["address"]))


def _lookup(value: Mapping[str, Any]) -> Lookup:
    found = value["$lookup"]
    tags = tuple((_text(name), _text(item)) for name, item in found["tags"])
    return Lookup(_text(found["kind"]), _text_or_none(found["name"]), tags)


def _address(value: object) -> Address:
    return Address.parse(_text(value))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{str(value)[:60]} is not a string")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "$ref": _ref,
    "$template": _template,
    "$secret": _secret,
    "$foreign": _foreign,
    "$lookup": _lookup,
    "$late": lambda value: Late(from_json(value["$late"]), lambda filled: filled),
    "$local_key": lambda value: LocalKey(_text(value["$local_key"])),
    "$unknown": lambda value: UNKNOWN,
    "$never": lambda value: NEVER,
}
