"""Entries of lists that rules of security groups name: each a range with a description. Used by kinds only."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ecsplan.model.address import Address
from ecsplan.model.algebra import Value, fields, members
from ecsplan.model.attribute import Attribute
from ecsplan.model.call import Call, Params
from ecsplan.model.change import Change
from ecsplan.model.composites import Record, SetOf, is_deferred
from ecsplan.model.diagnostic import Diagnostic
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.values import Text, ValueType

AT_ONCE = 200
"""Entries that one call adds, and that one call removes."""


class Entries(SetOf):
    """Ranges with their descriptions. Canonical: records, of which no two have the same range.

    `key` is the member that has the range, `wire` its name on the wire.
    """

    __slots__ = ("key", "wire")

    def __init__(self, key: str, wire: str, of: ValueType, doc: str) -> None:
        self.key, self.wire = key, wire
        super().__init__(
            Record(
                "an entry",
                Attribute(key, wire, of, doc, required=True),
                Attribute("description", "Description", Text(2, 32, "^(?!https?://)", "a string of 2 to 32 characters "
                          "that does not start with http:// or https://"), "What it is; as it was, if left out."),
            ),
            maximum=AT_ONCE,
        )  # fmt: skip

    @property
    def range(self) -> ValueType:
        assert isinstance(self.item, Record)
        return self.item.by_name[self.key].type

    def parse(self, value: object) -> tuple[Value, ...]:
        parsed = super().parse(value)
        ranges = [fields(entry)[self.key] for entry in parsed]
        twice = next((one for place, one in enumerate(ranges) if one in ranges[:place]), None)
        if twice is not None:
            raise self.mistake(value, f"{twice} appears twice in the list")
        return parsed

    def decode(self, wire: Any) -> tuple[Value, ...]:
        rows = [{self.key: self.range.decode(row[self.wire]), "description": row.get("Description")}
                for row in wire or ()]  # fmt: skip
        return tuple(sorted(tuple(sorted((k, v) for k, v in row.items() if v)) for row in rows))

    def encode(self, value: Value) -> list[Params]:
        return [self._row(entry) for entry in members(value)]

    def filled(self, desired: Value, live: Value) -> Value:
        """An entry of which the file says the range alone keeps its description."""
        said = {fields(entry)[self.key]: entry for entry in members(live)}
        wanted = ((entry, fields(entry)) for entry in members(desired))
        kept = (entry if len(record) > 1 else said.get(record[self.key], entry) for entry, record in wanted)
        return tuple(sorted(kept, key=lambda entry: [(name, str(item)) for name, item in fields(entry).items()]))

    def matches(self, desired: Value, live: Value) -> bool:
        return bool(self.filled(desired, live) == live)

    def _row(self, entry: Value) -> Params:
        record = fields(entry)
        words = {"Description": record["description"]} if "description" in record else {}
        return {self.wire: self.range.encode(record[self.key]), **words}

    def calls(self, change: Change, operation: str, id_param: str) -> Iterator[Call]:
        """A range that is added again has its description changed, and is never removed in the same call."""
        line = change.attributes_by_name["entries"]
        before, after = members(line.before), members(line.after)
        kept = {fields(entry)[self.key] for entry in after}
        added = [self._row(entry) for entry in after if entry not in before]
        gone = (fields(entry)[self.key] for entry in before if fields(entry)[self.key] not in kept)
        removed = [{self.wire: self.range.encode(one)} for one in gone]
        *first, last = [removed[start : start + AT_ONCE] for start in range(0, len(removed), AT_ONCE)] or [[]]
        for more, fewer in (*(([], some) for some in first), (added, last)):
            rows = {"AddEntry": more, "RemoveEntry": fewer}
            yield Call(operation, {id_param: change.id, **{name: found for name, found in rows.items() if found}},
                       targets=(change.id,))  # fmt: skip


def room(resource: Resource, everything: Mapping[Address, Resource]) -> Iterable[Diagnostic]:
    """There is room for all entries."""
    entries, most = known(resource), resource.attributes.get("max_entries")
    if isinstance(most, int) and len(entries) > most:
        yield Diagnostic(
            f"{len(entries)} entries, and max_entries is {most}",
            "write a higher max_entries; it cannot grow later",
            resource.source_of("entries"),
            resource.address,
            rule=Rule.LIMIT,
        )


def known(resource: Resource) -> Sequence[Value]:
    """The entries, where the file says them and none waits for a value."""
    entries = resource.attributes.get("entries")
    return () if not isinstance(entries, tuple) or any(map(is_deferred, entries)) else entries
