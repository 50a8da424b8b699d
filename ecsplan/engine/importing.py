"""Import: what another tool keeps, as a stack file that adopts it, by the road of export, with a report.

Its state says what is meant, the cloud what it is like, its code what was intended.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ecsplan.engine.exporting import Choice, LiveObjects, loaded, proven, read_live, refuse_known
from ecsplan.export.document import OFFLINE, export
from ecsplan.inventory.decode import without_parts
from ecsplan.kinds import load_kinds
from ecsplan.migrate import handover
from ecsplan.migrate.code import Code, place_of, unmatched, with_intent, with_moves
from ecsplan.migrate.naming import called
from ecsplan.migrate.outputs import not_taken, outputs_of
from ecsplan.migrate.parts import attached, slots
from ecsplan.migrate.rules import rules_of, with_rules
from ecsplan.migrate.sorting import Sorted, Target, sort
from ecsplan.migrate.sources import entries_of
from ecsplan.migrate.telling import outcomes, parts_of, referring, region_in, remarks, secrets, unsaid
from ecsplan.migrate.values import theirs_alone, values_of
from ecsplan.model.address import Address
from ecsplan.model.call import Api
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.export import Called, Exported, LeftOut, NamesParts, Told
from ecsplan.model.garbage import no_collection
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.marks import user_tags
from ecsplan.model.migration import Entry, Migration, Note, StateDifference
from ecsplan.model.resource import Listed, LiveObject
from ecsplan.model.told import told
from ecsplan.provider.alibaba import opened

GONE = "not found in {}: deleted by hand, or of another region (import each with its own --region)"


class ImportSource(Struct, frozen=True):
    """What is brought over: the tool, its entries, and its code where there is one."""

    tool: str
    entries: Sequence[Entry]
    code: Code | None = None

    @property
    def region(self) -> str:
        """That of most objects; empty where none says it."""
        return region_in(self.entries)


def read_source(
    tool: str, text: str, file: str = "-", code: str | None = None, resources: str | None = None
) -> ImportSource:
    """`text` is what the tool keeps, called `file` in messages; `code` the folder of its files, `resources` the text of
    the second file of ROS. Raises Rejected.
    """
    return ImportSource(tool, *entries_of(tool, text, file, code, resources, load_kinds()))


def bring_over(source: ImportSource, api: Api | None, stack: str, region: str = "") -> Migration:
    """What another tool keeps, as a stack file whose plan shows adoptions only, and a report. Reads only.

    Without `api` the values are those of the state, in `region`, and nothing is proven.
    """
    if api is None:
        return import_offline(load_kinds(), stack, region or source.region or "cn-hangzhou", source)
    return import_stack(api, load_kinds(), stack, source)


def import_stack(api: Api, kinds: Kinds, stack: str, source: ImportSource) -> Migration:
    entries = _entries(source)
    found = sort(entries, kinds)
    absent: dict[Target, str] = {}

    def choose(objects: Sequence[Listed]) -> Choice:
        live = {(obj.kind, obj.id): obj for obj in objects}
        for target in found.objects:
            obj = live.get(target)
            if obj is None:
                absent[target] = GONE.format(api.region)
            elif obj.owner is not None:
                absent[target] = f"the stack {obj.owner.stack} owns it already"
        return [live[target] for target in found.objects if target not in absent], ()

    with no_collection(), opened(api, kinds) as reading:
        live = read_live(reading, kinds, choose)
        refuse_known(live, stack)
        live, live_only = _prepared(live, found, stack, source.code, absent)
        made = proven(live, stack)
        return _report(source, entries, found, made, live, absent, live_only, is_proven=True)


def import_offline(kinds: Kinds, stack: str, region: str, source: ImportSource) -> Migration:
    """Without an account: values are those of the state, and nothing is proven."""
    entries = _entries(source)
    found = sort(entries, kinds)
    more = attached(found.folds)
    objects = tuple(_remote(target, entry, kinds, more.get(target, {})) for target, entry in found.objects.items())
    live = LiveObjects(kinds, region, {}, objects, (), ())
    live, live_only = _prepared(live, found, stack, source.code, {})
    made = export(live.chosen, (), kinds, stack, region, told=live.told, header=OFFLINE)
    made = _readable(live, made, stack, region)
    return _report(source, entries, found, made, live, {}, live_only, is_proven=False)


def _readable(live: LiveObjects, made: Exported, stack: str, region: str) -> Exported:
    """The file without what the reader refuses: a state may hold what a file cannot say."""
    dropped: dict[tuple[str, str], LeftOut] = {}
    for _ in range(20):
        try:
            loaded(made.text, live.kinds)
        except Rejected as rejected:
            blamed = {
                (object_id, ""): LeftOut(address.kind, object_id, str(address), one.summary)
                for one in rejected.diagnostics
                for address, object_id in made.adopted.items()
                if one.address in (address, address.group)
            }
            if not blamed:
                raise
            dropped |= blamed
            made = export(
                live.chosen, (), live.kinds, stack, region, dropped, live.told, OFFLINE
            )  # fmt: skip
            continue
        break
    return replace(made, left_out=(*made.left_out, *dropped.values()))


def _entries(source: ImportSource) -> list[Entry]:
    return list(source.entries) if source.code is None else with_moves(source.entries, source.code)


def _remote(target: Target, entry: Entry, kinds: Kinds, attached: Mapping[str, object]) -> LiveObject:
    """An object as the state has it."""
    values, _ = values_of(entry, kinds[target[0]])
    values |= {name: value for name, value in attached.items() if name not in values}
    disks = slots(entry, kinds[target[0]]) if target[0] == "instance" else None
    values |= {"data_disks": disks} if disks else {}
    tags = dict(values.pop("tags", ()))
    return LiveObject(target[0], target[1], str(values.get("name") or ""), "", tags, attributes=values)


def _prepared(
    live: LiveObjects, found: Sorted, stack: str, code: Code | None, absent: Mapping[Target, str]
) -> tuple[LiveObjects, tuple[Note, ...]]:
    """The live objects as the file is to have them: disks of their own are no slots, rules are those of the state."""
    here = {target: entry for target, entry in found.objects.items() if target not in absent}
    names = called(here, stack)
    if code is not None:
        names = with_intent(names, here, code, live.kinds)
    names = {
        target: _remarked(one, found.objects[target], live.kinds[target[0]], code) for target, one in names.items()
    }
    for fold in found.folds:  # said by an attachment, wherever else it is not
        for target, attribute in fold.targets:
            if target in names:
                one = names[target]
                names[target] = replace(one, said=one.said | {attribute}, unsaid=one.unsaid - {attribute})
    own_disks = {object_id for kind, object_id in here if kind == "disk"}
    rules = rules_of(found.folds, live.kinds)
    chosen, live_only = [], []
    for obj in live.chosen:
        if obj.kind == "security_group" and (obj.kind, obj.id) in names:
            target = (obj.kind, obj.id)
            obj, names[target], notes = with_rules(obj, names[target], rules.get(obj.id, {}), live.kinds)
            live_only += [Note(here[target].address, text) for text in notes]
        elif own_disks:
            obj = without_parts(live.kinds, obj, own_disks)
        chosen.append(obj)
    outputs = outputs_of(code, here, live.kinds) if code is not None else {}
    said = Told(names, remarks(found, absent), _descriptions(code), outputs)
    return replace(live, chosen=tuple(chosen), told=said), tuple(live_only)


def _descriptions(code: Code | None) -> dict[str, str]:
    variables = code.variables if code else {}
    texts = {name: body.get("description") for name, body in variables.items()}
    return {name: text for name, text in texts.items() if isinstance(text, str) and "${" not in text}


def _remarked(one: Called, entry: Entry, kind: Kind, code: Code | None) -> Called:
    names = sorted(theirs_alone(entry, kind, _declared(entry, code)))
    text = f"stays as it is, since ecsplan has no attribute for it: {', '.join(names)}"
    return replace(one, remarks=(*one.remarks, *([text] if names else [])), unsaid=one.unsaid | {"user_data"})


def _declared(entry: Entry, code: Code | None) -> frozenset[str] | None:
    block = code.resources.get(place_of(entry)) if code else None
    return frozenset(block.attributes) if block else None


def _report(
    source: ImportSource,
    entries: Sequence[Entry],
    found: Sorted,
    made: Exported,
    live: LiveObjects,
    absent: Mapping[Target, str],
    live_only: tuple[Note, ...],
    *,
    is_proven: bool,
) -> Migration:
    addresses = {(address.kind, object_id): address for address, object_id in made.adopted.items()}
    reasons = {(one.kind, one.id): one.why for one in made.left_out if not one.attribute} | dict(absent)
    parts = _parts(live, addresses)
    fates = outcomes(entries, found, addresses, parts, reasons)
    files, forget = handover.of(source.tool, fates, entries)
    code = source.code
    alone = [
        (target, name)
        for target, entry in found.objects.items()
        if target in addresses
        for name in theirs_alone(entry, live.kinds[target[0]], _declared(entry, code))
    ]
    return Migration(
        tool=source.tool,
        made=made,
        is_proven=is_proven,
        outcomes=fates,
        unsaid=unsaid(made.left_out, addresses, alone),
        differences=tuple(_differences(found, live, addresses)) if is_proven else (),
        theirs=tuple(Note(found.objects[target].address, name) for target, name in alone),
        secrets=secrets(found, addresses, made.stack),
        live_only=live_only,
        code=(*code.notes, *unmatched(entries, code), *not_taken(code, live.told.outputs)) if code else (),
        forget=forget,
        files=files,
        refers=referring(entries, found, addresses),
    )


def _parts(live: LiveObjects, addresses: Mapping[Target, Address]) -> dict[str, str]:
    found: dict[str, str] = {}
    for obj in live.chosen:
        address = addresses.get((obj.kind, obj.id))
        if address is not None and obj.was_read:
            slots: dict[str, str] = {}
            for attribute in live.kinds[obj.kind].attributes:
                if isinstance(attribute.type, NamesParts):
                    slots |= obj.fact(attribute.type.declared)[1]
            found |= dict(parts_of(str(address), slots, obj.attributes.get("system_disk.id")))
    return found


def _differences(found: Sorted, live: LiveObjects, addresses: Mapping[Target, Address]) -> list[StateDifference]:
    """Where the state is older than the cloud."""
    chosen = {(obj.kind, obj.id): obj for obj in live.chosen}
    differences = []
    for target, entry in found.objects.items():
        if target not in addresses:
            continue
        kind = live.kinds[target[0]]
        values, _ = values_of(entry, kind)
        obj = chosen[target]
        own = {**obj.attributes, "tags": user_tags(obj.tags)} | ({"name": obj.name} if "name" in values else {})
        for name, value in values.items():
            attribute = kind.attribute(name)
            if name == "user_data" or own.get(name) is None:
                continue
            if not attribute.type.matches(value, own[name]):
                differences.append(StateDifference(entry.address, name, told(value), told(own[name])))
    return differences
