"""Limits that the service's documents set, as data: from one row come the type of a value, an offline check of values
that depend on others, and the test that holds file and service to it. The rows are in kinds/limits.py.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from msgspec import Struct, field

from ecsplan.model.address import Address
from ecsplan.model.algebra import Schema
from ecsplan.model.composites import is_deferred
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.quoting import shown
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Choice, Cidr, Integer, Offer, Offered, Text, ValueType


@dataclass(frozen=True, slots=True)
class Numbers(Integer):
    """One of a few whole numbers."""

    values: tuple[int, ...] = ()

    @property
    def says(self) -> str:
        return "one of " + ", ".join(map(str, self.values))

    def schema(self) -> Schema:
        return {"type": "integer", "enum": list(self.values)}

    def parse(self, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value not in self.values:
            raise self.mistake(value)
        return value


class LimitRule(Protocol):
    """What a value may be. `within` and `beyond` are samples on both sides of the limit, next to it."""

    @property
    def says(self) -> str: ...

    def fits(self, value: object) -> bool: ...

    def within(self) -> Sequence[object]: ...

    def beyond(self) -> Sequence[object]: ...


class Length(Struct, frozen=True):
    """A text of so many characters; `form` is a pattern for the whole of it, and `says` puts both in words.

    `right` and `wrong` are samples for the form.
    """

    low: int
    high: int
    form: str = ""
    rule: str = ""
    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        return self.rule or f"a string of {self.low} to {self.high} characters"

    def type(self, *, of: Offer | None = None) -> Text:
        """`of`: the text names something that the service offers."""
        words = (self.low, self.high, self.form or None, self.rule)
        return Text(*words) if of is None else Offered(*words, of)

    def fits(self, value: Any) -> bool:
        is_short_enough = isinstance(value, str) and self.low <= len(value) <= self.high
        return is_short_enough and (not self.form or re.search(re.sub(r"\$$", r"\\Z", self.form), value) is not None)

    def within(self) -> Sequence[str]:
        return [text for text in ("a" * self.low, "a" * self.high, *self.right) if self.fits(text)]

    def beyond(self) -> Sequence[str]:
        short = ["a" * (self.low - 1)] if self.low > 1 else []
        return [*short, "a" * (self.high + 1), *self.wrong]


class Range(Struct, frozen=True):
    """A whole number."""

    low: int
    high: int
    also: int | None = None  # one more number, with a meaning of its own

    @property
    def says(self) -> str:
        return self.type().says

    def type(self, *, as_text: bool = False) -> Integer:
        return Integer(self.low, self.high, as_text, self.also)

    def fits(self, value: object) -> bool:
        return isinstance(value, int) and (self.low <= value <= self.high or value == self.also)

    def within(self) -> Sequence[int]:
        return [number for number in (self.low, self.high, self.also) if number is not None]

    def beyond(self) -> Sequence[int]:
        return [number for number in (self.low - 1, self.high + 1) if number != self.also]


class OneOf(Struct, frozen=True):
    """One of a few numbers or words."""

    values: tuple[int | str, ...]
    wrong: tuple[int | str, ...]

    @property
    def says(self) -> str:
        return "one of " + ", ".join(map(str, self.values))

    def type(self) -> ValueType:
        numbers = tuple(value for value in self.values if isinstance(value, int))
        return Numbers(values=numbers) if numbers else Choice(*map(str, self.values))

    def fits(self, value: object) -> bool:
        return value in self.values

    def within(self) -> Sequence[int | str]:
        return self.values

    def beyond(self) -> Sequence[int | str]:
        return self.wrong


class Entries(Struct, frozen=True):
    """So many entries of a list or map; `sample` makes a value with a number of them."""

    high: int
    sample: Callable[[int], object]
    low: int = 0
    what: str = "entries"

    @property
    def says(self) -> str:
        return f"{self.low} to {self.high} {self.what}" if self.low else f"at most {self.high} {self.what}"

    def fits(self, value: object) -> bool:
        return isinstance(value, (tuple, list, Mapping)) and self.low <= len(value) <= self.high

    def within(self) -> Sequence[object]:
        return [self.sample(number) for number in {max(self.low, 1), self.high}]

    def beyond(self) -> Sequence[object]:
        return [self.sample(self.high + 1), *([self.sample(self.low - 1)] if self.low > 1 else [])]


class Each(Struct, frozen=True):
    """A rule for every entry of a list."""

    rule: Range

    @property
    def says(self) -> str:
        return f"a list whose entries are each {self.rule.says}"

    def type(self) -> Integer:
        """That of an entry."""
        return self.rule.type()

    def fits(self, value: object) -> bool:
        return isinstance(value, (tuple, list)) and all(map(self.rule.fits, value))

    def within(self) -> Sequence[object]:
        return [[value] for value in self.rule.within()]

    def beyond(self) -> Sequence[object]:
        return [[value] for value in self.rule.beyond()]


class Pairs(Struct, frozen=True):
    """A mapping with a rule for its keys and one for its values."""

    keys: Length
    values: Length

    @property
    def says(self) -> str:
        return f"a mapping of {self.keys.says} to {self.values.says}"

    def fits(self, value: object) -> bool:
        return isinstance(value, Mapping) and all(self.keys.fits(k) and self.values.fits(v) for k, v in value.items())

    def within(self) -> Sequence[object]:
        return [{key: value} for key in self.keys.within() for value in self.values.within()]

    def beyond(self) -> Sequence[object]:
        return [*({key: "v"} for key in self.keys.beyond()), *({"k": value} for value in self.values.beyond())]


class Computed(Struct, frozen=True):
    """A range that depends on what stands beside the value; `sample` is that, and the highest number then."""

    rule: Callable[[Mapping[str, Any]], Range | None]
    sample: tuple[Mapping[str, object], int]


class Absent(Struct, frozen=True):
    """Nothing: the service refuses or ignores what is declared here. `sample` is what a file might say."""

    sample: object
    instead: str = "remove it"

    @property
    def says(self) -> str:
        return "left out"

    def fits(self, value: object) -> bool:
        return value is None

    def within(self) -> Sequence[object]:
        return ()

    def beyond(self) -> Sequence[object]:
        return (self.sample,)


class Block(Struct, frozen=True):
    """An address range with a mask of so many bits, outside of `reserved`."""

    shortest: int
    longest: int
    reserved: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    def type(self) -> Cidr:
        return Cidr(shortest=self.shortest, longest=self.longest, reserved=self.reserved)

    @property
    def says(self) -> str:
        return self.type().says

    def fits(self, value: object) -> bool:
        try:
            self.type().parse(value)
        except ValueError:
            return False
        return True

    def within(self) -> Sequence[str]:
        return self.right

    def beyond(self) -> Sequence[str]:
        return self.wrong


When = Mapping[str, Collection[object]]


class Limit(Struct, frozen=True):
    """One documented limit.

    `path` is kind.attribute; `[]` stands for each entry of a map (`instance.data_disks[].size`). `when` are other
    attributes beside it with the values for which the limit holds, None for one that is not declared: the limit is
    then a check, else a part of the attribute's type. `because` says the case in words. `refusal` are the codes
    and statuses that the documents give for it; none where they are silent.
    `is_ignored`: the service passes over the value instead. `source`: the action and its parameter.
    """

    path: str
    rule: Any
    source: str
    refusal: tuple[tuple[str, int], ...] = ()
    when: When = field(default_factory=dict)
    because: str = ""
    is_ignored: bool = False

    @property
    def kind(self) -> str:
        return self.path.partition(".")[0]

    @property
    def attribute(self) -> str:
        return self.path.partition(".")[2]

    @property
    def is_checked(self) -> bool:
        """Whether it is a check, and no part of the attribute's type."""
        return bool(self.when) or isinstance(self.rule, Computed)


def check(limits: Iterable[Limit]) -> Callable[[Resource, Mapping[Address, Resource]], Iterator[Diagnostic]]:
    """A kind's check of the limits that depend on other attributes."""
    rows: dict[str, dict[str, list[Limit]]] = {}  # by the map whose entries they are about, "" for none; by attribute
    for limit in limits:
        if limit.is_checked:
            inside, _, name = limit.attribute.rpartition("[].")
            rows.setdefault(inside, {}).setdefault(name, []).append(limit)

    involved = sorted({name for inside, by_name in rows.items() for name in _involved(inside, by_name)})
    sound: set[tuple[Any, ...]] = set()

    def checked(resource: Resource, everything: Mapping[Address, Resource]) -> Iterator[Diagnostic]:
        # The members of a group are alike: what was found sound is not looked at again.
        values = tuple([resource.attributes.get(name) for name in involved])
        if values in sound:
            return
        faults = [
            fault
            for inside, by_name in rows.items()
            for where, holder in holders(inside, resource.attributes)
            for name in holder.keys() & by_name.keys()
            for limit in by_name[name]
            for fault in _checked(limit, resource, where, name, holder)
        ]
        yield from faults
        if not faults and len(sound) < _MOST_SOUND:
            sound.add(values)

    return checked


_MOST_SOUND = 1 << 12


def _involved(inside: str, by_name: Mapping[str, Sequence[Limit]]) -> Iterator[str]:
    """The attributes that checks look at: those of the values, and what stands beside them; a map is taken whole."""
    for name, limits in by_name.items():
        yield inside or name
        for limit in limits if not inside else ():
            yield from limit.when
            if isinstance(limit.rule, Computed):
                yield from limit.rule.sample[0]


def _checked(
    limit: Limit, resource: Resource, where: str, name: str, holder: Mapping[str, Any]
) -> Iterator[Diagnostic]:
    """The fault of one value, if it has one."""
    value = holder[name]
    if value is None or is_deferred(value) or (limit.when and not applies(limit.when, holder)):
        return
    rule = limit.rule.rule(holder) if isinstance(limit.rule, Computed) else limit.rule
    if rule is not None and not rule.fits(value):
        place = resource.source_of(f"{where}{name}")
        yield Diagnostic(
            *_words(rule, limit.because, f"{where}{name}", value), place, resource.address, rule=Rule.LIMIT
        )


def holders(name: str, values: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The resource itself, or each entry of the map of this name; with the path to it."""
    if not name:
        yield "", values
        return
    found = values.get(name)
    for slot, entry in found if isinstance(found, tuple) else ():
        if isinstance(entry, tuple):
            yield f"{name}.{slot}.", dict(entry)


def applies(when: When, holder: Mapping[str, object]) -> bool:
    return all(holder.get(name) in values for name, values in when.items())


def _words(rule: Any, because: str, name: str, value: Any) -> tuple[str, str]:
    if isinstance(rule, Absent):
        return f"{name} has no meaning {because}", rule.instead
    return f"{name}: {shown(value)} is not {rule.says} {because}", f"write {rule.says}"
