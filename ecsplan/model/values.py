"""The types that attribute values may have: what the YAML may say, and the one canonical form.

Canonical values are hashable: text, numbers, booleans, sorted tuples for sets, tuples of pairs for mappings,
and the reference values of address.py. Desired and live values are both canonical, so equality is the diff.
"""

import ipaddress
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ecsplan.model.address import NAME_PATTERN, Address, ForeignRef, Lookup, Ref, Secret, Template

if TYPE_CHECKING:
    from ecsplan.model.attribute import Attribute


class Mistake(ValueError):
    """A value of the wrong type or out of range. `path` leads to the wrong member inside the value."""

    def __init__(self, summary: str, detail: str = "", path: tuple[str | int, ...] = ()) -> None:
        super().__init__(summary)
        self.summary, self.detail, self.path = summary, detail, path

    def under(self, member: str | int) -> "Mistake":
        return Mistake(self.summary, self.detail, (member, *self.path))


@dataclass(frozen=True, slots=True)
class NamedRef:
    """A reference as the YAML spells it, before config/resolve.py has found whom it means.

    With `or_literal`, a text that names no resource of the stack is itself the value (an image id).
    """

    text: str
    kinds: tuple[str, ...]
    or_literal: bool = False


class ValueType:
    """`parse` makes the canonical form or raises Mistake; `schema` is its JSON Schema.

    `decode` makes the canonical form of what the service answered; `encode` what the request carries.
    """

    def schema(self) -> dict[str, Any]:
        raise NotImplementedError

    def parse(self, value: Any) -> Any:
        raise NotImplementedError

    def decode(self, wire: Any) -> Any:
        """Live values are not judged, only brought to canonical form; None and '' mean absent."""
        return None if wire is None or wire == "" else wire

    def encode(self, value: Any) -> Any:
        return value

    @property
    def says(self) -> str:
        """What would be right, for messages and documentation: `a whole number from 20 to 500`."""
        raise NotImplementedError

    def mistake(self, value: Any, summary: str | None = None) -> Mistake:
        return Mistake(summary or f"{shown(value)} is not {self.says}", f"write {self.says}")


def shown(value: Any) -> str:
    """A value as a message quotes it, cut to a readable length."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None:
        return "nothing"
    text = repr(value) if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


@dataclass(frozen=True, slots=True)
class Text(ValueType):
    """A string; `rule` puts the pattern in words."""

    minimum: int = 0
    maximum: int | None = None
    pattern: str | None = None
    rule: str = ""

    @property
    def says(self) -> str:
        if self.rule:
            return self.rule
        if self.maximum is None:
            return "a text"
        return f"a text of {self.minimum} to {self.maximum} characters"

    def schema(self) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "string"}
        if self.minimum:
            found["minLength"] = self.minimum
        if self.maximum is not None:
            found["maxLength"] = self.maximum
        if self.pattern:
            found["pattern"] = self.pattern
        return found

    def parse(self, value: Any) -> str:
        if not isinstance(value, str):
            hint = f' (quote it: "{value}")' if isinstance(value, int | float) else ""
            raise Mistake(f"{shown(value)} is not {self.says}", f"write {self.says}{hint}")
        if len(value) < self.minimum or (self.maximum is not None and len(value) > self.maximum):
            raise self.mistake(value)
        if self.pattern and not re.search(self.pattern, value):
            raise self.mistake(value)
        return value


@dataclass(frozen=True, slots=True)
class Integer(ValueType):
    minimum: int | None = None
    maximum: int | None = None
    as_text: bool = False  # the API spells this number as a string

    @property
    def says(self) -> str:
        low, high = self.minimum, self.maximum
        if low is not None and high is not None:
            return f"a whole number from {low} to {high}"
        if low is not None:
            return f"a whole number of at least {low}"
        return "a whole number" if high is None else f"a whole number of at most {high}"

    def schema(self) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "integer"}
        if self.minimum is not None:
            found["minimum"] = self.minimum
        if self.maximum is not None:
            found["maximum"] = self.maximum
        return found

    def parse(self, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.mistake(value)
        if (self.minimum is not None and value < self.minimum) or (self.maximum is not None and value > self.maximum):
            raise self.mistake(value)
        return value

    def decode(self, wire: Any) -> int | None:
        return None if wire is None or wire == "" else int(wire)

    def encode(self, value: Any) -> Any:
        return str(value) if self.as_text and isinstance(value, int) else value


@dataclass(frozen=True, slots=True)
class Number(ValueType):
    minimum: float | None = None

    @property
    def says(self) -> str:
        return "a number" if self.minimum is None else f"a number of at least {self.minimum:g}"

    def schema(self) -> dict[str, Any]:
        return {"type": "number"} if self.minimum is None else {"type": "number", "minimum": self.minimum}

    def parse(self, value: Any) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.mistake(value)
        if self.minimum is not None and value < self.minimum:
            raise self.mistake(value)
        return float(value)

    def decode(self, wire: Any) -> float | None:
        return None if wire is None or wire == "" else float(wire)


@dataclass(frozen=True, slots=True)
class Boolean(ValueType):
    true: str | bool = True  # how the API spells it, where it is no boolean there
    false: str | bool = False

    @property
    def says(self) -> str:
        return "true or false"

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}

    def parse(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self.mistake(value)
        return value

    def decode(self, wire: Any) -> bool | None:
        if wire is None or wire == "":
            return None
        if isinstance(self.true, str):
            return str(wire).lower() == self.true.lower()
        return wire if isinstance(wire, bool) else str(wire).lower() == "true"

    def encode(self, value: Any) -> Any:
        return (self.true if value else self.false) if isinstance(value, bool) else value


class Choice(ValueType):
    """One of a few words; the service's answer may be in another case."""

    __slots__ = ("values",)

    def __init__(self, *values: str) -> None:
        self.values = values

    @property
    def says(self) -> str:
        return "one of " + ", ".join(self.values)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.values)}

    def parse(self, value: Any) -> str:
        if value not in self.values:
            raise self.mistake(value)
        return str(value)

    def decode(self, wire: Any) -> str | None:
        if wire is None or wire == "":
            return None
        return next((v for v in self.values if v.lower() == str(wire).lower()), str(wire))


@dataclass(frozen=True, slots=True)
class Cidr(ValueType):
    """An address range; host bits are refused in the YAML and cleared in what the service answers."""

    version: int = 4
    shortest: int = 0
    longest: int | None = None

    @property
    def says(self) -> str:
        sample = "10.0.0.0/16" if self.version == 4 else "2001:db8::/56"
        masks = f" with a mask of {self.shortest} to {self.longest}" if self.longest is not None else ""
        return f"an IPv{self.version} CIDR block{masks}, like {sample}"

    def schema(self) -> dict[str, Any]:
        if self.version == 6:
            return {"type": "string", "pattern": r"^[0-9a-fA-F:.]+/\d{1,3}$"}
        return {"type": "string", "pattern": r"^(\d{1,3}\.){3}\d{1,3}(/\d{1,2})?$"}

    def parse(self, value: Any) -> str:
        if not isinstance(value, str):
            raise self.mistake(value)
        try:
            network = ipaddress.ip_network(value, strict=False)
        except ValueError:
            raise self.mistake(value) from None
        if network.version != self.version:
            raise self.mistake(value)
        if "/" in value and str(network.network_address) != str(ipaddress.ip_interface(value).ip):
            raise Mistake(f"{value!r} has host bits set", f"write {network}")
        if self.longest is not None and not self.shortest <= network.prefixlen <= self.longest:
            raise self.mistake(value)
        return str(network)

    def decode(self, wire: Any) -> str | None:
        return None if wire is None or wire == "" else str(ipaddress.ip_network(str(wire), strict=False))


@dataclass(frozen=True, slots=True)
class IpAddress(ValueType):
    version: int = 4

    @property
    def says(self) -> str:
        return f"an IPv{self.version} address, like {'10.0.1.7' if self.version == 4 else '2001:db8::7'}"

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": f"ipv{self.version}"}

    def parse(self, value: Any) -> str:
        try:
            address = ipaddress.ip_address(value) if isinstance(value, str) else None
        except ValueError:
            address = None
        if address is None or address.version != self.version:
            raise self.mistake(value)
        return str(address)


@dataclass(frozen=True, slots=True)
class Instant(ValueType):
    """A moment, compared by the minute: the service cuts seconds off."""

    @property
    def says(self) -> str:
        return "a UTC time like 2026-12-31T18:00Z"

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$"}

    def parse(self, value: Any) -> str:
        if not isinstance(value, str) or not re.match(self.schema()["pattern"], value):
            raise self.mistake(value)
        try:
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            raise self.mistake(value) from None
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")

    def decode(self, wire: Any) -> str | None:
        if wire is None or wire == "":
            return None
        return datetime.fromisoformat(str(wire).replace("Z", "+00:00")).strftime("%Y-%m-%dT%H:%MZ")

    def encode(self, value: Any) -> Any:
        return value[:-1] + ":00Z" if isinstance(value, str) else value


class Reference(ValueType):
    """Another resource by its plain name, an existing thing by its cloud id, or a look-up.

    `prefixes` are the shapes of the kind's cloud ids (`vsw-`); a name in that shape is refused elsewhere.
    """

    __slots__ = ("kinds", "prefixes")

    def __init__(self, *kinds: str, prefixes: tuple[str, ...]) -> None:
        self.kinds, self.prefixes = kinds, prefixes

    @property
    def says(self) -> str:
        kinds = " or ".join(self.kinds)
        return f"the name of a {kinds} of this stack, or an id like {self.prefixes[0]}…"

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/foreign"}, {"$ref": "#/$defs/lookup"}]}

    def parse(self, value: Any) -> Any:
        if isinstance(value, str):
            return value if value.startswith(self.prefixes) else NamedRef(value, self.kinds)
        if isinstance(value, Mapping):
            return self._parse_mapping(value)
        raise self.mistake(value)

    def _parse_mapping(self, value: Mapping[str, Any]) -> Any:
        keys = set(value)
        if keys == {"stack", "name"} and all(isinstance(v, str) for v in value.values()):
            try:
                return ForeignRef(value["stack"], Address.parse(f"{self.kinds[0]}.{value['name']}"))
            except ValueError:
                raise Mistake(f"{shown(value['name'])} is not the name of a resource", "write app, web[0] …") from None
        if keys == {"lookup"} and isinstance(value["lookup"], Mapping):
            wanted = value["lookup"]
            unknown = set(wanted) - {"name", "tags"}
            tags = wanted.get("tags") or {}
            if unknown or not wanted or not isinstance(tags, Mapping):
                raise Mistake("a lookup takes name and tags", "write {lookup: {name: …, tags: {key: value}}}")
            return Lookup(self.kinds[0], wanted.get("name"), tuple(sorted((str(k), str(v)) for k, v in tags.items())))
        raise Mistake(
            f"a mapping with {', '.join(sorted(map(str, keys))) or 'no keys'} refers to nothing",
            f"write {self.says}, {{stack: …, name: …}} or {{lookup: {{name: …}}}}",
        )


@dataclass(frozen=True, slots=True)
class FileText(ValueType):
    """A text, or `{file: PATH}` (as it is) or `{template: PATH}` (interpolated); config/ reads the files.

    `base64`: the API wants and answers it so.
    """

    maximum_bytes: int = 32768
    base64: bool = False

    @property
    def says(self) -> str:
        return f"a text of at most {self.maximum_bytes} bytes, {{file: PATH}} or {{template: PATH}}"

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/file"}, {"$ref": "#/$defs/template"}]}

    def parse(self, value: Any) -> str:
        if not isinstance(value, str) or len(value.encode()) > self.maximum_bytes:
            raise self.mistake(value)
        return value

    def decode(self, wire: Any) -> str | None:
        if wire is None or wire == "":
            return None
        return b64decode(wire).decode("utf-8", "replace") if self.base64 else str(wire).strip()

    def encode(self, value: Any) -> Any:
        return b64encode(value.encode()).decode() if self.base64 else value


@dataclass(frozen=True, slots=True)
class SecretText(ValueType):
    """A value that is never written in the stack file: `{env: NAME, version: 1}` or `{file: PATH, version: 1}`."""

    @property
    def says(self) -> str:
        return "{env: NAME, version: 1} or {file: PATH, version: 1}"

    def schema(self) -> dict[str, Any]:
        return {"$ref": "#/$defs/secret"}

    def parse(self, value: Any) -> Secret:
        if isinstance(value, Mapping) and set(value) in ({"env", "version"}, {"file", "version"}):
            version = Integer(minimum=1).parse(value["version"])
            source = value.get("env", value.get("file"))
            if isinstance(source, str) and source:
                return Secret(version, env=value.get("env"), file=value.get("file"))
        raise self.mistake(value if isinstance(value, Mapping) else "(hidden)", "a secret does not stand in the file")


class ListOf(ValueType):
    """An ordered list."""

    __slots__ = ("item", "maximum", "minimum")

    def __init__(self, item: ValueType, minimum: int = 0, maximum: int | None = None) -> None:
        self.item, self.minimum, self.maximum = item, minimum, maximum

    @property
    def says(self) -> str:
        return f"a list of {plural(self.item.says)}"

    def schema(self) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "array", "items": self.item.schema()}
        if self.minimum:
            found["minItems"] = self.minimum
        if self.maximum is not None:
            found["maxItems"] = self.maximum
        return found

    def parse(self, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise self.mistake(value)
        if len(value) < self.minimum or (self.maximum is not None and len(value) > self.maximum):
            bounds = f"{self.minimum} to {self.maximum}" if self.maximum is not None else f"at least {self.minimum}"
            raise Mistake(f"{len(value)} entries are not allowed", f"write {bounds} entries")
        return tuple(parse_member(self.item, i, v) for i, v in enumerate(value))

    def decode(self, wire: Any) -> tuple[Any, ...]:
        return tuple(self.item.decode(v) for v in wire or ())

    def encode(self, value: Any) -> Any:
        return [self.item.encode(v) for v in value]


class SetOf(ListOf):
    """A list whose order means nothing; duplicates are refused."""

    __slots__ = ()

    def parse(self, value: Any) -> tuple[Any, ...]:
        parsed = super().parse(value)
        for place, item in enumerate(parsed):
            if item in parsed[:place]:
                raise Mistake(f"{shown(value[place])} stands twice in the list", "remove one of the two", (place,))
        return tuple(sorted(parsed, key=sort_key))

    def decode(self, wire: Any) -> tuple[Any, ...]:
        return tuple(sorted(set(super().decode(wire)), key=sort_key))


class MapOf(ValueType):
    """A mapping from names to values of one type; canonical: pairs sorted by name."""

    __slots__ = ("item", "keys")

    def __init__(self, item: ValueType, keys: Text = Text(1, 128)) -> None:
        self.item, self.keys = item, keys

    @property
    def says(self) -> str:
        return f"a mapping of names to {plural(self.item.says)}"

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.item.schema()}

    def parse(self, value: Any) -> tuple[tuple[str, Any], ...]:
        if not isinstance(value, Mapping):
            raise self.mistake(value)
        pairs = []
        for key, item in value.items():
            pairs.append((parse_member(self.keys, key, key), parse_member(self.item, key, item)))
        return tuple(sorted(pairs, key=lambda pair: pair[0]))

    def decode(self, wire: Any) -> tuple[tuple[str, Any], ...]:
        return tuple(sorted(((k, self.item.decode(v)) for k, v in (wire or {}).items()), key=lambda pair: pair[0]))


class Record(ValueType):
    """A mapping with known members, inside a list or a map. Canonical: a sorted tuple of (name, value)."""

    __slots__ = ("by_name", "members", "what")

    def __init__(self, what: str, *members: "Attribute") -> None:
        self.what, self.members = what, members
        self.by_name = {member.name: member for member in members}

    @property
    def says(self) -> str:
        return f"{self.what} with {', '.join(self.by_name)}"

    def schema(self) -> dict[str, Any]:
        properties = {}
        for member in self.members:
            properties[member.name] = {**member.type.schema()}
            if member.summary:
                properties[member.name]["description"] = member.summary
        found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
        required = [member.name for member in self.members if member.required]
        if required:
            found["required"] = required
        return found

    def parse(self, value: Any) -> tuple[tuple[str, Any], ...]:
        if not isinstance(value, Mapping):
            raise self.mistake(value)
        for key in value:
            if key not in self.by_name:
                raise unknown_key(key, self.by_name, self.what)
        for member in self.members:
            if member.required and value.get(member.name) is None:
                raise Mistake(f"{self.what} needs {member.name}", f"write {member.name}: {member.type.says}")
        parsed = [
            (key, parse_member(self.by_name[key].type, key, item)) for key, item in value.items() if item is not None
        ]
        return tuple(sorted(parsed, key=lambda pair: pair[0]))


def unknown_key(key: Any, known: Mapping[str, Any], what: str) -> Mistake:
    """The mistake for a key that nobody knows, with the nearest known one."""
    import difflib

    near = difflib.get_close_matches(str(key), known, 1, 0.5)
    hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(sorted(known))}"
    return Mistake(f"{what} has no key {key}", hint, (key,))


def parse_member(kind: ValueType, member: str | int, value: Any) -> Any:
    """Parses a value inside another; a mistake then knows the way to it."""
    if is_deferred(value):
        return value
    try:
        return kind.parse(value)
    except Mistake as mistake:
        raise mistake.under(member) from None


def is_deferred(value: Any) -> bool:
    """Whether a value is known only after apply, or never shown: its type is checked when it is."""
    return isinstance(value, Ref | Template | Secret)


def plural(says: str) -> str:
    return says.removeprefix("a ").removeprefix("an ")


def sort_key(value: Any) -> tuple[str, str]:
    """An order over values of mixed types, the same in every run."""
    return (type(value).__name__, str(value))


def refs_in(value: Any) -> Iterator[Ref]:
    """Every Ref inside a canonical value."""
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, Template):
        yield from value.refs
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from refs_in(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from refs_in(item)


def is_name(text: str) -> bool:
    return bool(NAME_PATTERN.match(text))
