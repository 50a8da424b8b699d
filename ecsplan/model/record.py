"""The record of what was applied, in tags of the object itself: what the file declared, as far as it was really done.

One line for each declared attribute that is not secret, by name: `size=200`, `tags.team="web"`, of a slot for each of
its members (`data_disks.data.size=200`), of a secret only its version (`password=v2`). What a value is held as is in
record_form.py, how lines become tags in record_text.py. So four things are told apart: never declared (no line),
pending (the line is what is live), drift (the line is what the file says), and both.

What a run is about to change stands in a tag of its own until it is done (`open`): it was so before, or was not there.
A run that is killed in between, or whose calls are refused, leaves it there, and nothing that it did is called drift.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from ecsplan.model import record_form, record_old, record_text
from ecsplan.model.composites import MapOf, Record
from ecsplan.model.digits import whole_number
from ecsplan.model.record_form import NO_NAMES, Naming, digest, forms
from ecsplan.model.values import ValueType

if TYPE_CHECKING:
    from ecsplan.model.kind import Kind

Lines = Mapping[str, str | None]
ALL = ""  # the name of the one line of a record that holds no more than a digest of all lines
LET_GO = "-"  # how `open` says that a thing is being deleted or replaced, and may have let go of this already
PAIR = 2 * record_form.DIGEST  # characters of a key and its value in a map that is too large for lines


@dataclass(frozen=True, eq=False)
class Applied:
    """A record as it was read. `open` has what is being changed: as it was before, None where it was not there.

    `digests` is a record of the format before this one: values without names, so that nobody can tell what was
    declared.
    """

    lines: Lines = field(default_factory=dict)
    open: Lines = field(default_factory=dict)
    digests: frozenset[str] | None = None

    @property
    def is_exact(self) -> bool:
        """Whether a name without a line was never applied."""
        return self.digests is None and ALL not in self.lines

    def line(self, name: str) -> str | None:
        """How the value of a name is held; None where there is no line of it."""
        if name in self.lines:
            return self.lines[name]
        outer, _, key = name.partition(".")
        code = self.lines.get(outer) or ""
        return _in_pairs(name, key, code[1:]) if code.startswith("%") else None

    def has(self, name: str) -> bool | None:
        """Whether a name was applied; None where the record cannot tell."""
        return (self.line(name) is not None) if self.is_exact else None

    def has_any(self, name: str) -> bool | None:
        """Whether a name, or anything under it, was applied."""
        if not self.is_exact:
            return None
        return self.line(name) is not None or any(other.startswith(f"{name}.") for other in self.lines)

    def holds(
        self, name: str, of: ValueType | None, value: object, naming: Naming = NO_NAMES, *, is_live: bool = False
    ) -> bool:
        """Whether a value is what was applied. `is_live`: it was read, and may have what the file leaves open."""
        if self.digests is not None:
            return not self.digests.isdisjoint(record_old.digests(name, value, naming))
        form = self.line(name)
        return form is not None and record_form.holds(name, of, form, value, naming, is_live=is_live)

    def opened(self, name: str) -> str | None:
        """How a name that is being changed was held before, "" where it was not there; None where nobody changes it."""
        if not self.open:
            return None
        if ALL in self.open:
            return ""
        while name:
            if name in self.open:
                return self.open[name] or ""
            name = name.rpartition(".")[0]
        return None

    def version(self, name: str) -> int | None:
        """Which version of a secret was applied."""
        form = self.lines.get(name) or ""
        return whole_number(form[1:]) if form[:1] == "v" else None

    def value(self, name: str) -> tuple[bool, Any]:
        """Whether the applied value is kept, and if so the value."""
        form = self.line(name)
        return (False, None) if form is None else record_form.shown(form)

    def says(self, lines: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether this is the record of these lines, in whichever of their forms."""
        if ALL in self.lines:
            return self.lines[ALL] == all_of(lines)
        if any(self.line(name) not in held for name, held in lines.items()):
            return False
        pairs = [form for form in self.lines.values() if form and form.startswith("%")]
        return len(lines) == len(self.lines) - len(pairs) + sum(len(form[1:]) // PAIR for form in pairs)

    @cached_property
    def covers(self) -> frozenset[str]:
        """The names, and those of the maps that they are keys of."""
        found = set()
        for name in self.names():
            while name:
                found.add(name)
                name = name.rpartition(".")[0]
        return frozenset(found)

    def names(self) -> Iterator[str]:
        """The names of what was applied, as far as they are kept."""
        return (name for name in self.lines if name != ALL)


def _in_pairs(name: str, key: str, code: str) -> str | None:
    wanted = digest("", key)
    for at in range(0, len(code), PAIR):
        if code[at : at + record_form.DIGEST] == wanted:
            return "#" + code[at + record_form.DIGEST : at + PAIR]
    return None


# Writing


def lines_of(kind: "Kind", attributes: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """A line for each declared attribute: its name, and the forms that its value can be held in, the best first."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in attributes.items():
        attribute = kind.attribute(name)
        if not attribute.only_at_birth:
            found.update(_lines(name, attribute.type, value))
    return {name: held for name, held in found.items() if held}


def _lines(name: str, of: ValueType | None, value: object) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not isinstance(of, MapOf) or not isinstance(value, tuple):
        yield name, forms(name, of, value)
        return
    if not value:
        yield name, ("{}",)
    for key, item in value:
        if isinstance(of.item, Record) and isinstance(item, tuple):
            yield from _slot(f"{name}.{key}", of.item, item)
        else:
            yield f"{name}.{key}", forms(f"{name}.{key}", of.item, item)


def _slot(name: str, of: Record, members: tuple[tuple[str, object], ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not members:
        yield name, ("{}",)
    for member, value in members:
        yield f"{name}.{member}", forms(f"{name}.{member}", of.by_name[member].type, value)


def texts(kind: "Kind", lines: Mapping[str, tuple[str, ...]], tags: int) -> list[str]:
    """The values of at most so many tags that hold the lines."""
    maps = tuple(a.name for a in kind.attributes if isinstance(a.type, MapOf) and not isinstance(a.type.item, Record))
    untold = tuple(a.name for a in kind.attributes if (a.read_as is False and a.name != "tags") or a.compare_by_digest)
    return list(_texts(tuple(sorted(lines.items())), maps, untold, tags))


@lru_cache(maxsize=4096)
def _texts(
    lines: tuple[tuple[str, tuple[str, ...]], ...], maps: tuple[str, ...], untold: tuple[str, ...], tags: int
) -> tuple[str, ...]:
    found = record_text.first_that_fits(_ever_shorter(dict(lines), maps, untold), tags)
    return tuple(record_text.cut(record_text.pack(found)))


def _ever_shorter(
    lines: Mapping[str, tuple[str, ...]], maps: tuple[str, ...], untold: tuple[str, ...]
) -> Iterator[Lines]:
    """The longest values become digests one after the other, then maps lose the names of their keys, then all that can
    be read instead is one digest, and last everything: what the service does not tell is known by its line alone."""
    left = {name: list(held) for name, held in lines.items()}
    while True:
        yield {name: held[0] for name, held in left.items()}
        longest = max((name for name, held in left.items() if len(held) > 1), key=lambda n: len(left[n][0]), default="")
        if not longest:
            break
        left[longest].pop(0)
    shortest = {name: held[-1] for name, held in lines.items()}
    for name in maps:
        keys = sorted(key for key in shortest if key.startswith(f"{name}.") and shortest[key].startswith("#"))
        if keys:
            code = "".join(digest("", key[len(name) + 1 :]) + shortest.pop(key)[1:] for key in keys)
            shortest[name] = f"%{code}"
    yield shortest
    told_by_line = {name: form for name, form in shortest.items() if name in untold or form.startswith("?")}
    yield {ALL: all_of(lines), **told_by_line}
    yield {ALL: all_of(lines)}


def all_of(lines: Mapping[str, tuple[str, ...]]) -> str:
    """One digest of all lines, for a record that would not fit otherwise."""
    text = "\n".join(f"{name}={held[-1]}" for name, held in sorted(lines.items()))
    return f"#{digest('', text)}{digest('more', text)}"


def open_text(lines: Lines) -> str:
    """The value of the one tag that says what is being changed; where it would not fit, that anything may be."""
    return record_text.pack(record_text.first_that_fits(_ever_vaguer(lines), 1))


def _ever_vaguer(lines: Lines) -> Iterator[Lines]:
    yield lines
    yield dict.fromkeys(lines)
    yield {ALL: None}


@lru_cache(maxsize=4096)
def read(texts: tuple[str, ...], opened: str = "", versions: str = "") -> Applied | None:
    """What the values of the tags say; None where they are missing, damaged, or of a format that is not known.

    `opened` is the tag that says what is being changed, `versions` that of secrets, which the format before had. Alike
    members of a group share one answer.
    """
    if not texts:
        return None
    begun = (record_text.unpack(opened) or {ALL: None}) if opened else {}
    old = record_old.read(*texts[:2])
    if old is not None:
        return Applied(record_old.read_versions(versions), begun, old)
    lines = record_text.unpack_any(texts)
    return None if lines is None else Applied(lines, begun)


def is_readable(text: str) -> bool:
    """Whether a tag has a format that this version writes or has written; a later one is not touched."""
    return not text or text.startswith((record_text.FORMAT, record_old.FORMAT))
