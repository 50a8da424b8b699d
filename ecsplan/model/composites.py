"""Types made of others: references, lists, sets, maps and records; and walks over their canonical values.

See values.py for what canonical means.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeGuard

from msgspec import Struct

from ecsplan.model.address import NAME_PATTERN, Address, ForeignRef, Lookup, Ref, Secret, Template
from ecsplan.model.algebra import Fields, Leaf, Schema, Value, is_fields, members, of_fields, special
from ecsplan.model.diagnostic import Hint
from ecsplan.model.quoting import shown
from ecsplan.model.rules import Rule
from ecsplan.model.spelling import meant, with_article
from ecsplan.model.values import Mistake, Text, ValueType

if TYPE_CHECKING:
    from ecsplan.model.attribute import Attribute


class NamedRef(Struct, frozen=True):
    """A reference as the YAML spells it, before config/resources/resolution.py has found whom it means.

    With `or_literal`, a text that names no resource of the stack is itself the value (an image id). `attribute` is
    which attribute of it is meant (the disk in a slot of an instance).
    """

    text: str
    kinds: tuple[str, ...]
    or_literal: bool = False
    attribute: str = "id"


class Reference(ValueType):
    """Another resource by its plain name, an existing thing by its cloud id, or a look-up.

    `prefixes` are the shapes of the kind's cloud ids (`vsw-`); a name in that shape is refused elsewhere.
    """

    __slots__ = ("kinds", "or_literal", "prefixes")

    keys: tuple[str, ...] = ("stack", "name", "lookup")  # of the mappings that refer to something

    def __init__(self, *kinds: str, prefixes: tuple[str, ...], or_literal: bool = False) -> None:
        self.kinds, self.prefixes, self.or_literal = kinds, prefixes, or_literal

    @property
    def says(self) -> str:
        kinds = with_article(" or ".join(self.kinds))
        return f"the name of {kinds} of this stack, or an id" + (f" like {self.prefixes[0]}…" if self.prefixes else "")

    def schema(self) -> Schema:
        return {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/foreign"}, {"$ref": "#/$defs/lookup"}]}

    def parse(self, value: object) -> Value:
        if isinstance(value, str):
            is_id = bool(self.prefixes) and value.startswith(self.prefixes)
            return value if is_id else NamedRef(value, self.kinds, self.or_literal)
        if isinstance(value, Mapping):
            return self._parse_mapping(value)
        raise self.mistake(value)

    def _parse_mapping(self, value: Mapping[str, Any]) -> ForeignRef | Lookup:
        keys = set(value)
        if keys == {"stack", "name"} and all(isinstance(v, str) for v in value.values()):
            try:
                return ForeignRef(value["stack"], Address.parse(self._with_kind(value["name"])))
            except ValueError:
                raise Mistake(f"{shown(value['name'])} is not the name of a resource", "write app, web[0] …") from None
        if keys == {"lookup"} and isinstance(value["lookup"], Mapping):
            return self._parse_lookup(value["lookup"])
        odd = min((str(key) for key in keys if key not in self.keys), default="")
        right = f"write {self.says}, {{stack: …, name: …}} or {{lookup: {{name: …}}}}"
        found = ", ".join(sorted(map(str, keys))) or "no keys"
        raise Mistake(f"a mapping with {found} refers to nothing", meant(odd, self.keys, right))

    def _with_kind(self, name: str) -> str:
        """An address; where several kinds are possible, the name may have its kind in front."""
        has_kind = len(self.kinds) > 1 and name.startswith(tuple(f"{kind}." for kind in self.kinds))
        return name if has_kind else f"{self.kinds[0]}.{name}"

    def _parse_lookup(self, wanted: Mapping[str, Any]) -> Lookup:
        tags, kind = wanted.get("tags") or {}, wanted.get("kind", self.kinds[0])
        if set(wanted) - {"name", "tags", "kind"} or not set(wanted) - {"kind"} or not isinstance(tags, Mapping):
            raise Mistake("a lookup takes name and tags", "write {lookup: {name: …, tags: {key: value}}}")
        if kind not in self.kinds:
            raise Mistake(f"{shown(kind)} is not a kind that this refers to", f"write one of {', '.join(self.kinds)}")
        return Lookup(kind, wanted.get("name"), tuple(sorted((str(k), str(v)) for k, v in tags.items())))


class ListOf(ValueType):
    """An ordered list."""

    __slots__ = ("item", "maximum", "minimum")

    def __init__(self, item: ValueType, minimum: int = 0, maximum: int | None = None) -> None:
        self.item, self.minimum, self.maximum = item, minimum, maximum

    @property
    def says(self) -> str:
        return f"a list whose entries are each {self.item.says}"

    def schema(self) -> Schema:
        found: Schema = {"type": "array", "items": self.item.schema()}
        if self.minimum:
            found["minItems"] = self.minimum
        if self.maximum is not None:
            found["maxItems"] = self.maximum
        return found

    def parse(self, value: object) -> tuple[Value, ...]:
        if not isinstance(value, (list, tuple)):
            raise self.no_list(value)
        if len(value) < self.minimum or (self.maximum is not None and len(value) > self.maximum):
            bounds = f"{self.minimum} to {self.maximum}" if self.maximum is not None else f"at least {self.minimum}"
            entries = "1 entry is" if len(value) == 1 else f"{len(value)} entries are"
            raise Mistake(f"{entries} not allowed", f"write {bounds}")
        return tuple(parse_member(self.item, i, v) for i, v in enumerate(value))

    def no_list(self, value: object) -> Mistake:
        """The mistake for one thing where a list of them belongs."""
        mistake = self.mistake(value)
        if isinstance(value, (str, int, Mapping)):
            try:
                self.item.parse(value)
            except Mistake:
                return mistake
            written = "- {…}, as one entry of it" if isinstance(value, Mapping) else f"[{value}]"
            return Mistake(f"{shown(value)} is not a list", f"write {written}")
        return mistake

    def decode(self, wire: Any) -> tuple[Value, ...]:
        return tuple(self.item.decode(v) for v in wire or ())

    def encode(self, value: Value) -> object:
        return [self.item.encode(v) for v in members(value)]

    def show(self, value: Value, leaf: Leaf) -> str:
        shown = isinstance(value, tuple) and [self.item.show(item, leaf) for item in value]
        return f"[{', '.join(shown)}]" if shown else leaf(value)

    def claims(self, value: Value) -> Iterable[Hashable]:
        return [claim for item in members(value) if not is_deferred(item) for claim in self.item.claims(item)]

    def reaches(self, value: Value) -> Iterable[Hashable]:
        return [reach for item in members(value) if not is_deferred(item) for reach in self.item.reaches(item)]


class SetOf(ListOf):
    """A list whose order means nothing; duplicates are refused."""

    __slots__ = ()

    def identity(self, item: Value) -> Hashable:
        """What makes an item that item; the rest (a description) can change while it stays."""
        return item

    def parse(self, value: object) -> tuple[Value, ...]:
        parsed = super().parse(value)
        twice = first_repeated(parsed)
        if twice is not None and isinstance(value, (list, tuple)):
            raise Mistake(f"{shown(value[twice])} appears twice in the list", "remove one of the two", (twice,))
        return tuple(sorted(parsed, key=sort_key))

    def decode(self, wire: object) -> tuple[Value, ...]:
        return tuple(sorted(set(super().decode(wire)), key=sort_key))


def first_repeated(items: Iterable[Hashable]) -> int | None:
    """The place of the first item that equals an earlier one."""
    seen: set[Hashable] = set()
    for place, item in enumerate(items):
        if item in seen:
            return place
        seen.add(item)
    return None


_KEY = Text(1, 128)


class MapOf(ValueType):
    """A mapping from names to values of one type; canonical: pairs sorted by name."""

    __slots__ = ("item", "keys", "maximum")

    def __init__(self, item: ValueType, keys: Text = _KEY, maximum: int | None = None) -> None:
        self.item, self.keys, self.maximum = item, keys, maximum

    @property
    def says(self) -> str:
        return f"a mapping whose values are each {self.item.says}"

    def schema(self) -> Schema:
        most = {} if self.maximum is None else {"maxProperties": self.maximum}
        names = self.keys.schema()
        return {"type": "object", "propertyNames": names, "additionalProperties": self.item.schema(), **most}

    def parse(self, value: object) -> Fields:
        if not isinstance(value, Mapping):
            raise self.mistake(value)
        if self.maximum is not None and len(value) > self.maximum:
            raise Mistake(f"{len(value)} are too many", f"write at most {self.maximum}")
        items = value.items()
        return of_fields({str(parse_member(self.keys, k, k)): parse_member(self.item, k, item) for k, item in items})

    def decode(self, wire: Any) -> Fields:
        return tuple(sorted(((k, self.item.decode(v)) for k, v in (wire or {}).items()), key=lambda pair: pair[0]))

    def show(self, value: Value, leaf: Leaf) -> str:
        if not is_fields(value):
            return leaf(value)
        return " ".join(f"{leaf(key)}={self.item.show(item, leaf)}" for key, item in value)

    def is_made_anew(self, before: Value, after: Value) -> bool:
        """Whether what stands under a key is not changed from one value to the other, but goes, and another comes."""
        return False


class Record(ValueType):
    """A mapping with known members, inside a list or a map. Canonical: a sorted tuple of (name, value).

    `is_whole`: a member that is left out is not the same as one that is false, zero or empty.
    """

    __slots__ = ("by_name", "is_whole", "members", "what")

    def __init__(self, what: str, *members: "Attribute", is_whole: bool = False) -> None:
        self.what, self.members, self.is_whole = what, members, is_whole
        self.by_name = {member.name: member for member in members}

    @property
    def says(self) -> str:
        return f"{self.what} with {', '.join(self.by_name)}"

    def schema(self) -> Schema:
        properties = {}
        for member in self.members:
            properties[member.name] = {**member.schema()}
            if member.summary:
                properties[member.name]["description"] = member.summary
        found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
        required = [member.name for member in self.members if member.required]
        if required:
            found["required"] = required
        return found

    def parse(self, value: object) -> Fields:
        if not isinstance(value, Mapping):
            raise self.mistake(value)
        for key in value:
            if key not in self.by_name:
                raise unknown_key(key, self.by_name, self.what)
        for member in self.members:
            if member.required and value.get(member.name) is None:
                raise Mistake(f"{self.what} needs {member.name}", f"write {member.name}: {member.type.says}")
        parsed = [(key, parse_member(self.by_name[key], key, item)) for key, item in value.items() if item is not None]
        return tuple(sorted(parsed, key=lambda pair: pair[0]))

    def show(self, value: Value, leaf: Leaf) -> str:
        if not is_fields(value):
            return leaf(value)
        return " ".join(f"{leaf(name)}={self.show_member(name, item, leaf)}" for name, item in value)

    def show_member(self, name: str, value: Value, leaf: Leaf) -> str:
        """A member that it does not know is of the service alone."""
        member = self.by_name.get(name)
        return member.type.show(value, leaf) if member else leaf(value)


def members_of(kind: ValueType) -> tuple["Attribute", ...]:
    """The members of the mappings that a list or a map of such values has; none for other types."""
    while isinstance(kind, (ListOf, MapOf)):
        kind = kind.item
    return kind.members if isinstance(kind, Record) else ()


class UnknownKey(Mistake):
    """A mapping has a key that its type does not know: the key is what is wrong, not its value."""

    rule = Rule.UNKNOWN_KEY


def unknown_key(key: str, known: Iterable[str], what: str) -> UnknownKey:
    """The mistake for an unknown key, with the nearest known one."""

    def hint() -> str:
        import difflib

        near = difflib.get_close_matches(str(key), tuple(known), 1, 0.5)
        return Hint(f"did you mean {near[0]}?", key, near) if near else f"known keys: {', '.join(sorted(known))}"

    return UnknownKey(f"{what} has no key {key}", hint, (key,))


def parse_member(kind: "ValueType | Attribute", member: str | int, value: object) -> Value:
    """Parses a value inside another; a mistake then knows the way to it."""
    if is_deferred(value):
        return value
    try:
        return kind.parse(value)
    except Mistake as mistake:
        raise mistake.under(member) from None


_DEFERRED = (Ref, Template, Secret)  # a union would be made anew by each of a million calls


def is_deferred(value: object) -> TypeGuard[Ref | Template | Secret]:
    """Whether a value is known only after apply, or never shown: its type is checked when it is."""
    return isinstance(value, _DEFERRED)


def sort_key(value: object) -> tuple[str, str]:
    """An order over values of mixed types, the same in every run."""
    return (type(value).__name__, str(value))


def refs_in(value: object) -> Sequence[Ref]:
    """Every Ref inside a value, also those of templates."""
    found = special(value)
    if not found:
        return ()
    return [
        ref
        for leaf in found
        for ref in ((leaf,) if isinstance(leaf, Ref) else leaf.refs if isinstance(leaf, Template) else ())
    ]


def is_name(text: str) -> bool:
    return bool(NAME_PATTERN.match(text))
