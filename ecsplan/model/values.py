"""The types that attribute values may have: what the YAML may say, and the one canonical form.

Canonical values are hashable: text, numbers, booleans, sorted tuples for sets, tuples of pairs for mappings,
and the reference values of address.py. Desired and live values are both canonical, so equality is the diff.
"""

import ipaddress
import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from ecsplan.model.algebra import Leaf, Schema, Value
from ecsplan.model.diagnostic import Words, said
from ecsplan.model.quoting import shown
from ecsplan.model.rules import Rule
from ecsplan.model.spelling import meant


class Mistake(ValueError):
    """A value of the wrong type or out of range. `path` leads to the wrong member inside; `under` extends it."""

    rule = Rule.VALUE

    def __init__(self, summary: str, detail: Words = "", path: tuple[str | int, ...] = ()) -> None:
        super().__init__(summary)
        self.summary, self.words, self.path = summary, detail, path

    @property
    def detail(self) -> str:
        return said(self.words)

    def under(self, member: str | int) -> "Mistake":
        self.path = (member, *self.path)
        return self


class Unfit(Mistake):
    """A value that is not what its type takes: the summary says what that is, and no second line says it again."""

    def __init__(self, value: object, says: str, hint: Words = "") -> None:
        super().__init__(f"{shown(value)} is not {says}", hint)
        self.value = value


class Unquoted(Unfit):
    """A number where a text belongs."""


class Offer(Enum):
    """What the service offers by name: the command that lists it is `ecsplan catalog LISTING`."""

    INSTANCE_TYPE = "instance-types"
    ZONE = "zones"
    IMAGE_FAMILY = "images"

    @property
    def listing(self) -> str:
        return self.value


class ValueType:
    """`parse` makes the canonical form or raises Mistake; `schema` is its JSON Schema.

    `decode` makes the canonical form of what the service answered; `encode` what the request carries.
    """

    words: tuple[str, ...] = ()  # what may be written, where it is one of a few words

    def schema(self) -> Schema:
        raise NotImplementedError

    def parse(self, value: object) -> Value:
        raise NotImplementedError

    def decode(self, wire: Any) -> Value:
        """Live values are not judged, only brought to canonical form; None and '' mean absent."""
        return None if wire is None or wire == "" else wire

    def encode(self, value: Value) -> object:
        return value

    def show(self, value: Value, leaf: Leaf) -> str:
        """The value on one line, for people; `leaf` shows what is no collection, or not known yet."""
        return leaf(value)

    def is_comparable(self, desired: Value) -> bool:
        """Whether a live value can be held against this desired one; if not, the applied digest decides."""
        return True

    def merged(self, desired: Value, live: Value) -> Value:
        """What is wanted where the file only adds (`lifecycle.additive`)."""
        raise NotImplementedError

    def filled(self, desired: Value, live: Value) -> Value:
        """The desired value with what the file leaves open as it is live."""
        return desired

    def matches(self, desired: Value, live: Value) -> bool:
        """Whether the live value is as desired; types override it where the file may leave things open."""
        return bool(desired == live)

    def claims(self, value: Value) -> Iterable[Hashable]:
        """What an object with this value has to itself, where no two may have values that collide."""
        return () if value is None else (value,)

    def reaches(self, value: Value) -> Iterable[Hashable]:
        """What collides with it: two values do where one reaches what the other claims."""
        return self.claims(value)

    def offer(self, value: Value) -> tuple[Offer, str] | None:
        """What the value names among what the service offers, if it does."""
        return None

    @property
    def says(self) -> str:
        """What would be right, for messages and documentation: `a whole number from 20 to 500`."""
        raise NotImplementedError

    def mistake(self, value: object, summary: str | None = None) -> Mistake:
        if summary:
            return Mistake(summary, meant(value, self.words, f"write {self.says}"))
        return Unfit(value, self.says, meant(value, self.words, ""))


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
            return "a string"
        return f"a string of {self.minimum} to {self.maximum} characters"

    def schema(self) -> Schema:
        found: Schema = {"type": "string"}
        if self.minimum:
            found["minLength"] = self.minimum
        if self.maximum is not None:
            found["maxLength"] = self.maximum
        if self.pattern:
            found["pattern"] = self.pattern
        return found

    def parse(self, value: object) -> str:
        if isinstance(value, (int, float)):
            raise Unquoted(value, self.says, f'quote it: "{value}"')
        if not isinstance(value, str):
            raise self.mistake(value)
        if len(value) < self.minimum or (self.maximum is not None and len(value) > self.maximum):
            raise self.mistake(value)
        # `$` would let a line break pass at the end.
        if self.pattern and not re.search(re.sub(r"\$$", r"\\Z", self.pattern), value):
            raise self.mistake(value)
        return value


@dataclass(frozen=True, slots=True)
class Offered(Text):
    """The name of something that the service offers."""

    of: Offer = Offer.ZONE

    def offer(self, value: Value) -> tuple[Offer, str] | None:
        return (self.of, value) if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class Integer(ValueType):
    minimum: int | None = None
    maximum: int | None = None
    as_text: bool = False  # the API spells this number as a string
    also: int | None = None  # a number outside of the range, with a meaning of its own

    @property
    def says(self) -> str:
        low, high = self.minimum, self.maximum
        if low is not None and high is not None:
            return f"a whole number from {low} to {high}" + ("" if self.also is None else f", or {self.also}")
        if low is not None:
            return f"a whole number of at least {low}"
        return "a whole number" if high is None else f"a whole number of at most {high}"

    def schema(self) -> Schema:
        found: Schema = {"type": "integer"}
        if self.minimum is not None:
            found["minimum"] = self.minimum
        if self.maximum is not None:
            found["maximum"] = self.maximum
        if self.also is not None:
            return {"anyOf": [found, {"const": self.also}]}
        return found

    def parse(self, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.mistake(value)
        if value == self.also:
            return value
        if (self.minimum is not None and value < self.minimum) or (self.maximum is not None and value > self.maximum):
            raise self.mistake(value)
        return value

    def decode(self, wire: Any) -> int | None:
        return None if wire is None or wire == "" else int(wire)

    def encode(self, value: Value) -> object:
        return str(value) if self.as_text and isinstance(value, int) else value


@dataclass(frozen=True, slots=True)
class Number(ValueType):
    minimum: float | None = None

    @property
    def says(self) -> str:
        return "a number" if self.minimum is None else f"a number of at least {self.minimum:g}"

    def schema(self) -> Schema:
        return {"type": "number"} if self.minimum is None else {"type": "number", "minimum": self.minimum}

    def parse(self, value: object) -> float:
        if not isinstance(value, (int, float)) or isinstance(value, bool):
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
    words = ("true", "false")

    @property
    def says(self) -> str:
        return "true or false"

    def schema(self) -> Schema:
        return {"type": "boolean"}

    def parse(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise self.mistake(value)
        return value

    def decode(self, wire: object) -> bool | None:
        if wire is None or wire == "":
            return None
        if isinstance(self.true, str):
            return str(wire).lower() == self.true.lower()
        return wire if isinstance(wire, bool) else str(wire).lower() == "true"

    def encode(self, value: Value) -> object:
        return (self.true if value else self.false) if isinstance(value, bool) else value


class Choice(ValueType):
    """One of a few words; the service's answer may be in another case."""

    __slots__ = ("values", "words")

    def __init__(self, *values: str) -> None:
        self.values = self.words = values

    @property
    def says(self) -> str:
        return "one of " + ", ".join(self.values)

    def schema(self) -> Schema:
        return {"type": "string", "enum": list(self.values)}

    def parse(self, value: object) -> str:
        if value not in self.values:
            raise self.mistake(value)
        return str(value)

    def decode(self, wire: object) -> str | None:
        if wire is None or wire == "":
            return None
        return next((v for v in self.values if v.lower() == str(wire).lower()), str(wire))


@dataclass(frozen=True, slots=True)
class Cidr(ValueType):
    """An address range; host bits are refused in the YAML and cleared in what the service answers."""

    version: int = 4
    shortest: int = 0
    longest: int | None = None
    reserved: tuple[str, ...] = ()  # ranges that it must not touch

    @property
    def says(self) -> str:
        sample = "10.0.0.0/16" if self.version == 4 else "2001:db8::/56"
        masks = f" with a mask of {self.shortest} to {self.longest}" if self.longest is not None else ""
        return f"an IPv{self.version} CIDR block{masks}, like {sample}"

    def schema(self) -> Schema:
        if self.version == 6:
            return {"type": "string", "pattern": r"^[0-9a-fA-F:.]+/[0-9]{1,3}$"}
        return {"type": "string", "pattern": r"^([0-9]{1,3}\.){3}[0-9]{1,3}(/[0-9]{1,2})?$"}

    def parse(self, value: object) -> str:
        if not isinstance(value, str):
            raise self.mistake(value)
        try:
            network = ipaddress.ip_network(value, strict=False)
        except ValueError:
            raise self.mistake(value) from None
        if network.version != self.version:
            raise self.mistake(value)
        if "/" in value and str(network.network_address) != str(ipaddress.ip_interface(value).ip):
            raise Mistake(f"{shown(value)} has host bits set", f"write {network}")
        if self.longest is not None and not self.shortest <= network.prefixlen <= self.longest:
            raise self.mistake(value)
        taken = next((text for text in self.reserved if network.overlaps(ipaddress.ip_network(text))), None)
        if taken is not None:
            raise Mistake(f"{shown(value)} touches {taken}, which is reserved", f"write a range outside of {taken}")
        return str(network)

    def decode(self, wire: object) -> str | None:
        return None if wire is None or wire == "" else str(ipaddress.ip_network(str(wire), strict=False))

    def reaches(self, value: Value) -> Iterable[Hashable]:
        """Ranges collide as soon as they overlap: then one of them lies in the other."""
        network = ipaddress.ip_network(str(value))
        return [str(network.supernet(new_prefix=length)) for length in range(network.prefixlen + 1)]


@dataclass(frozen=True, slots=True)
class IpAddress(ValueType):
    version: int = 4

    @property
    def says(self) -> str:
        return f"an IPv{self.version} address, like {'10.0.1.7' if self.version == 4 else '2001:db8::7'}"

    def schema(self) -> Schema:
        return {"type": "string", "format": f"ipv{self.version}"}

    def parse(self, value: object) -> str:
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

    def schema(self) -> Schema:
        return {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?Z$"}

    def parse(self, value: object) -> str:
        if not isinstance(value, str) or not re.match(self.schema()["pattern"], value):
            raise self.mistake(value)
        try:
            moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            raise self.mistake(value) from None
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")

    def decode(self, wire: object) -> str | None:
        if wire is None or wire == "":
            return None
        return datetime.fromisoformat(str(wire).replace("Z", "+00:00")).strftime("%Y-%m-%dT%H:%MZ")

    def encode(self, value: Value) -> object:
        return value[:-1] + ":00Z" if isinstance(value, str) else value
