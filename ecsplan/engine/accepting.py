"""Drift as a change of the file: the stack is edited so that it says what is live. See `cli/drift`."""

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from ecsplan.config.syntax.editing import CannotEdit, Edit, edited, places
from ecsplan.config.syntax.yaml_reader import document
from ecsplan.engine import kinds as all_kinds
from ecsplan.export.values import References, plain
from ecsplan.export.yaml_text import flow
from ecsplan.files.opening import BadFile, read_regular
from ecsplan.model.address import Address, Secret
from ecsplan.model.algebra import members
from ecsplan.model.change import AttributeChange, Cause
from ecsplan.model.composites import ListOf, Record
from ecsplan.model.diagnostic import Rejected, SourceRange
from ecsplan.model.drift import Drift, DriftFinding, Moved
from ecsplan.model.resource import Resource
from ecsplan.model.stack import Stack
from ecsplan.model.values import ValueType

_LARGEST = 16 << 20
_WHY = {
    Moved.DELETED: "remove its block if it is to stay away",
    Moved.MISSING: "remove its block if it is to stay away",
    Moved.DISOWNED: "its tags say that no stack owns it: adopt it, or remove its block",
    Moved.STRANGER: "raise the count, or apply the stack to delete it",
}


class Accepted(Struct, frozen=True):
    """`patch` is a unified diff from the root folder; `accepted` what it takes over, `left` what not, and why."""

    patch: str
    accepted: tuple[str, ...]
    left: tuple[tuple[str, str], ...]
    texts: Mapping[str, str] = field(default_factory=dict)


def accept(stack: Stack, drift: Drift, root: Path) -> Accepted:
    """Reads the files of the stack and writes nothing. `root` is what the paths of the patch begin at."""
    shared = Counter(
        (place, name) for one in stack.resources for name, place in one.sources.items()
    )  # of a group, of defaults  # fmt: skip
    left: list[tuple[str, str]] = []
    edits: dict[str, list[tuple[Edit, str]]] = {}
    by_address = stack.by_address()
    for finding in drift.findings:
        if finding.moved is not Moved.CHANGED or finding.change is None:
            left.append((str(finding.address), _WHY.get(finding.moved, "it cannot be said in the file")))
            continue
        for attribute in _moved(finding):
            told = f"{finding.address}.{attribute.name}"
            found = _edit(by_address[finding.address], attribute, shared)
            if isinstance(found, str):
                left.append((told, found))
            else:
                place, edit = found
                edits.setdefault(place.file, []).append((edit, told))
    texts, accepted = {}, []
    for file, wanted in edits.items():
        old = _text(file)
        new, done, not_done = _edited(old, file, wanted)
        accepted += done
        left += not_done
        if new != old:
            texts[file] = new
    return Accepted("".join(_patch(texts, root)), tuple(sorted(accepted)), tuple(sorted(left)), texts)


def _moved(finding: DriftFinding) -> Iterator[AttributeChange]:
    assert finding.change is not None
    yield from (one for one in finding.change.attributes if one.cause is not Cause.PENDING)


def _edit(
    resource: Resource, attribute: AttributeChange, shared: Mapping[tuple[SourceRange, str], int]
) -> tuple[SourceRange, Edit] | str:
    """Where the live value goes, or why it cannot be written."""
    place = resource.sources.get(attribute.name)
    if place is None:
        return "it is not written in the file on its own"
    if shared[place, attribute.name] > 1:
        return f"{shared[place, attribute.name]} resources share what is written at {place}"
    if attribute.sensitive or isinstance(attribute.before, Secret):
        return "it is a secret"
    type_ = _type(resource.address, attribute.name)
    if type_ is None:
        return "it is a part of a value"
    live = attribute.before
    if live is None:
        return place, Edit(place.line, place.column, None)
    value = plain(type_, live, References())
    if isinstance(type_, ListOf):
        items = tuple((flow(plain(type_.item, item, References())), item) for item in members(live))
        return place, Edit(place.line, place.column, flow(value), items, type_.item.parse)
    return place, Edit(place.line, place.column, flow(value))


def _type(address: Address, name: str) -> ValueType | None:
    """The type of an attribute, or of a member of one (`system_disk.size`)."""
    head, _, rest = name.partition(".")
    found: Any = next((one.type for one in all_kinds()[address.kind].attributes if one.name == head), None)
    while found is not None and rest:
        head, _, rest = rest.partition(".")
        found = found.by_name[head].type if isinstance(found, Record) and head in found.by_name else None
    return found if isinstance(found, ValueType) else None


def _edited(
    text: str, file: str, wanted: Iterable[tuple[Edit, str]]
) -> tuple[str, list[str], list[tuple[str, str]]]:  # fmt: skip
    """From the end to the beginning, and read again after each: what would break the file is left."""
    told = {id(edit): name for edit, name in wanted}
    done, left = [], []
    for edit in places([edit for edit, _ in wanted]):
        try:
            new = edited(text, edit)
            document(new, file)
        except (CannotEdit, Rejected) as error:
            why = str(error) if isinstance(error, CannotEdit) else "the file would not be valid"
            left.append((told[id(edit)], why))
            continue
        text = new
        done.append(told[id(edit)])
    return text, done, left


def _text(file: str) -> str:
    try:
        return read_regular(Path(file), _LARGEST).decode("utf-8")
    except BadFile as bad:
        raise CannotEdit(f"{file} {bad.reason}") from None


def _patch(texts: Mapping[str, str], root: Path) -> Iterator[str]:
    for file, new in sorted(texts.items()):
        path = Path(file).resolve()
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
        old = _text(file).splitlines(keepends=True)
        for line in difflib.unified_diff(old, new.splitlines(keepends=True), f"a/{name}", f"b/{name}"):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
