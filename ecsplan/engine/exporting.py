"""Export: read what is live, write a stack file of it, and see by its own plan that it says nothing but the truth."""

import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from ecsplan.config.stack_reader import read_stack
from ecsplan.export.document import export
from ecsplan.inventory.decode import bares, decoded
from ecsplan.inventory.identity.theirs import why_refused
from ecsplan.inventory.listed import with_details
from ecsplan.inventory.lookup import looked_up
from ecsplan.inventory.match import match
from ecsplan.inventory.unmanaged import unmanaged
from ecsplan.inventory.whole import read_whole_objects
from ecsplan.model.algebra import Raw
from ecsplan.model.call import Api
from ecsplan.model.change import Action
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Diagnostic, Rejected, SourceRange
from ecsplan.model.export import NOTHING_TOLD, Called, Exported, LeftOut, Told
from ecsplan.model.garbage import no_collection
from ecsplan.model.inventory import Inventory
from ecsplan.model.keepers import RUN_BY_THEMSELVES
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.resource import Listed, LiveObject, RemoteObject
from ecsplan.model.selection import Selection, Unmanaged
from ecsplan.model.stack import Stack
from ecsplan.planner.diff import diff
from ecsplan.provider.alibaba import opened
from ecsplan.provider.protocol import Provider

MOST_ROUNDS = 20
ATTRIBUTES_AT = 6  # so far the attributes of a block are indented; deeper lines are inside of one
_KEY = re.compile(r"([A-Za-z_]\w*):")
_ADOPTED = "its own plan would change it: left to the cloud"
REFUSED = "not taken over, since a stack file may not say it here: {}"


Choice = tuple[Sequence[Listed], Sequence[LeftOut]]
"""The objects that a file is to hold, and those that it is not to, with the reason."""


class LiveObjects(Struct, frozen=True):
    """All that was read. `chosen` are complete and decoded, `raws` hold their details too.

    `told` is what else is known of them.
    """

    kinds: Kinds
    region: str
    raws: Mapping[str, list[Raw]]
    chosen: tuple[LiveObject, ...]
    owned: tuple[RemoteObject, ...]
    left: tuple[LeftOut, ...]
    told: Told = NOTHING_TOLD


def export_stack(api: Api, kinds: Kinds, stack: str, selection: Selection, with_tools: bool) -> Exported:
    """See `engine.export`."""

    def choose(objects: Sequence[Listed]) -> Choice:
        found = unmanaged(objects, selection)
        left = [one for one in found if _is_theirs(one, kinds, with_tools)]
        told = [LeftOut(o.obj.kind, o.obj.id, o.obj.name, f"{o.tool} runs it ({o.because})") for o in left]
        return [one.obj for one in found if one not in left], told

    with no_collection(), opened(api, kinds) as source:
        live = read_live(source, kinds, choose)
    refuse_known(live, stack)
    return proven(live, stack)


def _is_theirs(one: Unmanaged[Listed], kinds: Kinds, with_tools: bool) -> bool:
    """What no file may name stays out whatever is asked."""
    return bool(why_refused(one.obj, kinds)) or (one.tool in RUN_BY_THEMSELVES and not with_tools)


def refuse_known(live: LiveObjects, stack: str) -> None:
    if any(obj.owner is not None and obj.owner.stack == stack for obj in live.owned):
        detail = "choose another name (--stack); what that stack has would be deleted by the file"
        raise Rejected([Diagnostic(f"the stack {stack} owns objects in {live.region} already", detail)])


def read_live(source: Provider, kinds: Kinds, choose: Callable[[Sequence[Listed]], Choice]) -> LiveObjects:
    raws = source.list(kinds)
    objects = [obj for name, found in raws.items() for obj in bares(kinds[name], found)]
    picked, left = choose(objects)
    read, unasked = read_whole_objects(source, kinds, picked, source.reading.map)
    chosen = tuple(decoded(kinds, obj) for obj in read)
    unread = (LeftOut(kind, "", "", f"it may not be read ({code})", name) for (kind, name), code in unasked.items())
    left = [*left, *unread]
    whole = with_details(raws, read, kinds)
    owned = tuple(obj for obj in objects if obj.owner is not None)
    return LiveObjects(kinds, source.region, whole, chosen, owned, tuple(left))


def proven(live: LiveObjects, stack: str) -> Exported:
    """The file, once its plan shows adoptions only. What it would change by that plan is taken out of it."""
    dropped: dict[tuple[str, str], LeftOut] = {}
    for _ in range(MOST_ROUNDS):
        made = export(live.chosen, live.owned, live.kinds, stack, live.region, dropped, live.told)
        wrong = _wrong(live, made)
        if not wrong:
            left = (*live.left, *made.left_out, *dropped.values())
            return replace(made, left_out=tuple(sorted(left, key=lambda one: (one.kind, one.name, one.id))))
        known = {(one.id, one.attribute) for one in wrong} <= dropped.keys()
        if any(not one.attribute or known for one in wrong):  # before an object goes, what else was said of it
            live, was_said = _without_intent(live, {(one.kind, one.id) for one in wrong})
            if was_said:
                continue
        dropped |= {(one.id, "" if known else one.attribute): one for one in wrong}  # what did not help: all of it
    raise Rejected([Diagnostic("no stack file could be made of what is live", "export fewer kinds (--kind)")])


def _without_intent(live: LiveObjects, of: Collection[tuple[str, str]]) -> tuple[LiveObjects, bool]:
    """Lifecycle and order of another tool's files, where a file of ours may not say them."""
    bare = {
        target: replace(one, lifecycle={}, depends_on=(), remarks=(*one.remarks, REFUSED.format(", ".join(_said(one)))))
        for target, one in live.told.called.items()
        if target in of and _said(one)
    }
    return replace(live, told=replace(live.told, called={**live.told.called, **bare})), bool(bare)


def _said(one: Called) -> list[str]:
    return [*one.lifecycle, *(["depends_on"] if one.depends_on else [])]


def _wrong(live: LiveObjects, made: Exported) -> list[LeftOut]:
    """What the file would change, or may not say."""
    try:
        stack = loaded(made.text, live.kinds)
        found = match(live.raws, live.kinds, stack)
        stack = looked_up(stack, found.objects)
    except Rejected as rejected:
        return list(_rejected(live, rejected, made))
    declared = stack.by_address()
    matched = {
        address: decoded(live.kinds, obj, declared[address].attributes) for address, obj in found.matched.items()
    }
    wrong: list[LeftOut] = []
    for change in diff(stack, Inventory(live.region, found.objects, matched), live.kinds):
        obj = change.before
        assert obj is not None
        wrong += [LeftOut(obj.kind, obj.id, obj.name, _ADOPTED, line.name) for line in change.attributes]
        if change.action not in (Action.ADOPT, Action.NOOP) and not change.attributes:
            wrong.append(LeftOut(obj.kind, obj.id, obj.name, change.reason or _ADOPTED))
    return wrong


def loaded(text: str, kinds: Kinds) -> Stack:
    """Through the very reader that will read it later."""
    with tempfile.TemporaryDirectory(prefix="ecsplan-export-") as folder:
        path = Path(folder) / "stack.yaml"
        path.write_text(text, encoding="utf-8")
        return read_stack(str(path), kinds)


def _rejected(live: LiveObjects, rejected: Rejected, made: Exported) -> Iterable[LeftOut]:
    """Whose block it is that the reader does not take; a fault of nobody is ours."""
    blamed: dict[tuple[str, str], str] = {}
    for diagnostic in rejected.diagnostics:
        for address, object_id in made.adopted.items():
            if diagnostic.address in (address, address.group):
                for attribute in _at_fault(live.kinds[address.kind], made.text, diagnostic):
                    blamed[object_id, attribute] = diagnostic.summary
    if not blamed:
        raise rejected
    for obj in live.chosen:
        for attribute in [name for object_id, name in blamed if object_id == obj.id]:
            yield LeftOut(obj.kind, obj.id, obj.name, blamed[obj.id, attribute], attribute)


def _at_fault(kind: Kind, text: str, diagnostic: Diagnostic) -> tuple[str, ...]:
    """The attributes that stand at the place of a fault; an empty name, for the whole object, where none can go."""
    tops = {attribute.name.partition(".")[0] for attribute in kind.attributes}
    top = _top_at(text.splitlines(), diagnostic.source, tops) if diagnostic.source else None
    found = [attribute for attribute in kind.attributes if attribute.name.partition(".")[0] == top]
    may_go = found and not any(attribute.required for attribute in found)
    return tuple(attribute.name for attribute in found) if may_go else ("",)


def _top_at(lines: Sequence[str], source: SourceRange, tops: Collection[str]) -> str | None:
    """The attribute, or the block of attributes, that a place lies in: on its line, or on one further out."""
    line = lines[source.line - 1]
    here = [(m[1], line.count("{", 0, m.start()) - line.count("}", 0, m.start())) for m in _KEY.finditer(line)
            if m.start() <= source.column]  # fmt: skip
    indent = len(line) - len(line.lstrip())
    if here and here[0][0] in tops and indent <= ATTRIBUTES_AT:
        return here[0][0]
    inside = [key for key, depth in here if depth == 1 and key in tops and indent < ATTRIBUTES_AT]
    if inside:
        return inside[-1]
    for outer in reversed(lines[: source.line - 1]):
        key = _KEY.match(outer.lstrip(" -"))
        if key and len(outer) - len(outer.lstrip()) < indent:
            indent = len(outer) - len(outer.lstrip())
            if key[1] in tops and indent <= ATTRIBUTES_AT:
                return key[1]
    return None
