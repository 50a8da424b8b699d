"""How people name a resource, and the values a plan may not know yet.

Used everywhere; knows nothing of YAML, kinds or the cloud.
"""

import json
import re
from functools import lru_cache

from msgspec import Struct

from ecsplan.model.quoting import shown

_NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
_ADDRESS = re.compile(
    rf'^(?P<kind>[a-z][a-z0-9_]*)\.(?P<name>{_NAME})(?:\[(?P<key>[0-9]{{1,9}}|"(?:[^"\\]|\\.)*")\])?\Z'
)
_PART = re.compile(r"^(?P<owner>.+)\.(?P<attribute>[a-z][a-z0-9_]*)\.(?P<slot>[A-Za-z0-9_-]+)\Z")
_SPAN = re.compile(r"^(?P<group>[^\[]+)\[(?P<first>[0-9]{1,9})\.\.(?P<last>[0-9]{1,9})\]\Z")
NAME_PATTERN = re.compile(rf"^{_NAME}\Z")


class Address(Struct, frozen=True, cache_hash=True):
    """`kind.name`, `kind.name[0]` (count) or `kind.name["key"]` (for_each); at most 128 characters."""

    kind: str
    name: str
    key: int | str | None = None

    def __str__(self) -> str:
        if self.key is None:
            return f"{self.kind}.{self.name}"
        shown = self.key if isinstance(self.key, int) else json.dumps(self.key, ensure_ascii=False)
        return f"{self.kind}.{self.name}[{shown}]"

    def __lt__(self, other: "Address") -> bool:
        return self.sort_key < other.sort_key

    def __le__(self, other: "Address") -> bool:
        return self == other or self < other

    @property
    def sort_key(self) -> tuple[str, str, int, int, str]:
        """Members of a group in the order of their numbers, not of their digits."""
        if self.key is None:
            return (self.kind, self.name, 0, 0, "")
        if isinstance(self.key, int):
            return (self.kind, self.name, 1, self.key, "")
        return (self.kind, self.name, 2, 0, self.key)

    @property
    def group(self) -> "Address":
        """The address without its key: the block in the YAML."""
        return self if self.key is None else _group_of(self.kind, self.name)

    @classmethod
    def parse(cls, text: str) -> "Address":
        """The address that a text spells. Raises ValueError with what would be right."""
        found = _ADDRESS.match(text)
        if not found:
            raise ValueError(f'{shown(text)} is not an address; write kind.name, kind.name[0] or kind.name["key"]')
        key = found["key"]
        if key is None:
            return cls(found["kind"], found["name"])
        return cls(found["kind"], found["name"], json.loads(key) if key.startswith('"') else int(key))


class Part(Struct, frozen=True, cache_hash=True):
    """A part of a resource that has a place of its own: `instance.web[0].data_disks.data`."""

    owner: Address
    attribute: str
    slot: str

    def __str__(self) -> str:
        return f"{self.owner}.{self.attribute}.{self.slot}"

    def __lt__(self, other: "Part") -> bool:
        return (self.owner, self.attribute, self.slot) < (other.owner, other.attribute, other.slot)

    def __le__(self, other: "Part") -> bool:
        return self == other or self < other

    @property
    def name(self) -> str:
        """The part within its owner: `data_disks.data`."""
        return f"{self.attribute}.{self.slot}"

    @classmethod
    def parse(cls, text: str) -> "Part":
        """The part that a text spells. Raises ValueError with what would be right."""
        found = _PART.match(text)
        if not found:
            raise ValueError(f"{shown(text)} is not a part; write kind.name.data_disks.slot")
        return cls(Address.parse(found["owner"]), found["attribute"], found["slot"])


@lru_cache(maxsize=1 << 14)
def _group_of(kind: str, name: str) -> Address:
    return Address(kind, name)


class Span(Struct, frozen=True):
    """Members of a group that one call made together, and whose marks are alike: `instance.web[0..2]`."""

    group: Address
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.group}[{self.first}..{self.last}]"

    def __contains__(self, address: Address) -> bool:
        return address.group == self.group and isinstance(address.key, int) and self.first <= address.key <= self.last

    @classmethod
    def parse(cls, text: str) -> "Span":
        """The span that a text spells. Raises ValueError with what would be right."""
        found = _SPAN.match(text)
        if not found or int(found["first"]) > int(found["last"]):
            raise ValueError(f"{shown(text)} is not a range of members; write kind.name[0..2]")
        return cls(Address.parse(found["group"]), int(found["first"]), int(found["last"]))


def means(pattern: str, address: Address) -> bool:
    """Whether a pattern covers an address: `instance.web[0]`, the group `instance.web`, members `instance.web[0..2]`,
    or with `*` for anything: `instance.w*`, `instance.*`, `instance.web[*]` (a single resource, too).
    """
    if _SPAN.match(pattern):
        return address in Span.parse(pattern)
    spelled = ".*".join(re.escape(piece) for piece in pattern.removesuffix("[*]").split("*"))
    return any(re.fullmatch(spelled, str(one)) for one in (address, address.group))


Place = Address | Part | Span
"""Where a mark says that an object belongs."""


def parse_place(text: str) -> Place:
    """An address, a part or a span. Raises ValueError where it is none of them."""
    try:
        if _SPAN.match(text):  # a message is made of each text that is refused, and lists have thousands of marks
            return Span.parse(text)
        return Address.parse(text) if _ADDRESS.match(text) else Part.parse(text)
    except ValueError:
        forms = 'kind.name, kind.name[0], kind.name["key"], or kind.name.data_disks.slot'
        raise ValueError(f"{shown(text)} is not an address; write {forms}") from None


class Ref(Struct, frozen=True):
    """An attribute of another resource: the one kind of value that a plan may not know yet."""

    address: Address
    attribute: str = "id"

    def __str__(self) -> str:
        return str(self.address) if self.attribute == "id" else f"{self.address}.{self.attribute}"


class Template(Struct, frozen=True):
    """A text with holes that `apply` fills, from an expression over attributes that the cloud decides."""

    parts: tuple["str | Ref", ...]

    @property
    def refs(self) -> tuple[Ref, ...]:
        return tuple(part for part in self.parts if isinstance(part, Ref))

    def __str__(self) -> str:
        return "".join(part if isinstance(part, str) else f"${{{part}}}" for part in self.parts)


class Secret(Struct, frozen=True):
    """A value that is never written anywhere: where it comes from, and the version that makes it change.

    `env` or `file` is set, or `expression` for a text that mentions other secrets (`sources` then).
    """

    version: int
    env: str | None = None
    file: str | None = None
    template: tuple["str | Secret", ...] = ()

    @property
    def source(self) -> str:
        """The source's name, fit to be shown: `environment variable DB_PASSWORD`."""
        if self.env is not None:
            return f"environment variable {self.env}"
        if self.file is not None:
            return f"file {self.file}"
        return " and ".join(part.source for part in self.template if isinstance(part, Secret))

    def __str__(self) -> str:
        return f"(sensitive, version {self.version})"


class ForeignRef(Struct, frozen=True):
    """A resource of another stack, found through its ownership tags: `{stack: network, name: app}`."""

    stack: str
    address: Address

    def __str__(self) -> str:
        return f"{self.address} of stack {self.stack}"


class Lookup(Struct, frozen=True):
    """Any existing object of a kind, found by name and tags; none or several is an error."""

    kind: str
    name: str | None = None
    tags: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        wanted = ([f"name {self.name}"] if self.name else []) + [f"{k}={v}" for k, v in self.tags]
        return f"{self.kind} with {', '.join(wanted)}"


Unresolved = ForeignRef | Lookup
