"""Which ids the runs of this folder made, deleted and retired: the sum of what a journal says."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from ecsplan.executor.records import Intent, Odd, intent_of, mapping, text, text_by_text, texts, whole
from ecsplan.model.address import Address, Span
from ecsplan.model.copying import replace
from ecsplan.model.marks import PREFIX, RETIRED, key_of, read_marks, read_tags


class Birth(Struct, frozen=True):
    """What an id was made as. `address` is a text, as it may be of another version, or of a part of a machine; `kind`
    is that of the id itself.

    Not `is_exact`: one of several that one call made, whose answer does not say which is which.
    """

    address: str
    kind: str
    is_exact: bool


class Births(Struct):
    """Takes records one by one, or the sum of them. `open` are the writes that no answer is known of."""

    ids: dict[str, Birth] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    retired: set[str] = field(default_factory=set)
    unretired: set[str] = field(default_factory=set)
    open: dict[int, Intent] = field(default_factory=dict)

    def take(self, record: Mapping[str, object]) -> None:
        """Raises Odd for a record that cannot be read; nothing of it is taken then."""
        if "intent" in record:
            intent = intent_of(record["intent"])
            self.open[intent.number] = intent
        elif "answer" in record:
            answer = mapping(record["answer"])
            ids, error = text_by_text(answer.get("ids")), text(answer.get("error"))
            asked = self.open.pop(whole(answer.get("number")), None)
            if asked is not None and not error:
                self._answered(asked, ids)
        elif "members" in record:
            for address, object_id in text_by_text(record["members"]).items():
                known = self.ids.get(object_id)
                self.ids[object_id] = Birth(address, known.kind if known else _kind(address), True)

    def _answered(self, intent: Intent, ids: Mapping[str, str]) -> None:
        for address, object_id in ids.items():
            self.ids[object_id] = Birth(address, intent.kind, len(intent.creates) == 1)
        self.removed |= set(intent.removes)
        for object_id in intent.removes:
            self.ids.pop(object_id, None)
        if intent.operation in ("TagResources", "UntagResources"):
            self._tagged(intent)

    def _tagged(self, intent: Intent) -> None:
        """A move or an adoption gives an id its address; being retired is a mark too."""
        ids = {one for one in _listed(intent.params.get("ResourceId")) if isinstance(one, str)}
        if intent.operation == "UntagResources":
            if key_of(intent.kind) in _listed(intent.params.get("TagKey")):  # it was released
                self.removed |= ids
                for object_id in ids:
                    self.ids.pop(object_id, None)
            if not {key_of(intent.kind, RETIRED), PREFIX + RETIRED}.isdisjoint(
                key for key in _listed(intent.params.get("TagKey")) if isinstance(key, str)
            ):
                self.retired -= ids
                self.unretired |= ids
            return
        tags = read_tags(tag for tag in _listed(intent.params.get("Tag")) if isinstance(tag, dict))
        marks = read_marks(tags, intent.kind)
        if key_of(intent.kind, RETIRED) in tags or PREFIX + RETIRED in tags:
            self.retired |= ids
            self.unretired -= ids
        owner = marks.owner
        if owner is not None:
            place = owner.part or owner.span or owner.address
            for object_id in ids:
                self._owned(object_id, Birth(str(place), intent.kind, owner.span is None and len(ids) == 1), owner.span)

    def _owned(self, object_id: str, birth: Birth, span: Span | None) -> None:
        """A mark that a batch shares tells less than what is known of one member of it."""
        known = self.ids.get(object_id)
        if known is not None and known.is_exact and span is not None and _is_in(span, known.address):
            return
        self.ids[object_id] = replace(birth, kind=known.kind) if known is not None else birth
        self.removed.discard(object_id)

    @property
    def made(self) -> dict[str, str]:
        """The ids that are to be there, and their kinds."""
        return {object_id: birth.kind for object_id, birth in self.ids.items() if birth.kind}

    @property
    def going(self) -> set[str]:
        """What was deleted, or may have been."""
        return self.removed | {object_id for intent in self.open.values() for object_id in intent.removes}

    def summary(self) -> dict[str, object]:
        """All but what is open, as one record."""
        ids = {object_id: [birth.address, birth.kind, birth.is_exact] for object_id, birth in self.ids.items()}
        told = {"removed": self.removed, "retired": self.retired, "unretired": self.unretired}
        return {"ids": ids, **{name: sorted(found) for name, found in told.items()}, "open": len(self.open)}

    def add(self, later: "Births") -> None:
        """What a later journal says, on top."""
        for object_id in later.removed:
            self.ids.pop(object_id, None)
        self.ids |= later.ids
        self.removed |= later.removed
        self.retired = (self.retired - later.unretired - later.removed) | later.retired

    @classmethod
    def of_summary(cls, record: Mapping[str, object]) -> "Births | None":
        """None where the record is no sum, or leaves out what is open. Raises Odd."""
        if record.get("open") != 0 or "ids" not in record:
            return None
        births = {object_id: _birth(row) for object_id, row in mapping(record["ids"]).items()}
        removed, retired, unretired = (set(texts(record.get(name))) for name in ("removed", "retired", "unretired"))
        return cls(births, removed, retired, unretired)


def _birth(row: object) -> Birth:
    if not isinstance(row, list) or len(row) != 3 or type(row[2]) is not bool:
        raise Odd
    return Birth(text(row[0]), text(row[1]), row[2])


def _listed(value: object) -> Iterator[Any]:
    yield from value if isinstance(value, list) else [value] if isinstance(value, str) else []


def _is_in(span: Span, text: str) -> bool:
    try:
        return Address.parse(text) in span
    except ValueError:  # of another version
        return False


def _kind(address: str) -> str:
    return address.partition(".")[0]
