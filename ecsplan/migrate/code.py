"""The intent in `.tf` files, which neither a state nor the cloud has. Pure; hcl.py reads the files."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from ecsplan.migrate.sorting import Target
from ecsplan.model.capabilities.terraform import Terraform, kinds_by_type
from ecsplan.model.copying import replace
from ecsplan.model.export import Called
from ecsplan.model.kind import Kinds
from ecsplan.model.migration import Entry, Note

Place = tuple[tuple[str, ...], str, str]
"""The modules on the way to a block (without keys), its type and its name."""

_VARIABLE = re.compile(r"\$\{\s*var\.([A-Za-z_]\w*)\s*\}\Z")
_BLOCK = re.compile(r"(?:\$\{\s*)?([a-z]\w*)\.([A-Za-z_][\w-]*)(?:\s*\})?\Z")
_TAG = re.compile(r"tags(?:\[\"(?P<quoted>[^\"]+)\"\]|\.(?P<plain>[\w-]+))\Z")
_DURATION = re.compile(r"(\d{1,5})([hms])\Z")
_NO_COUNTERPART = ("replace_triggered_by", "precondition", "postcondition")


class Declared(Struct, frozen=True):
    """One resource block, with the file and the line where it begins."""

    attributes: Mapping[str, Any]
    source: str = ""


class Code(Struct):
    """All blocks of the files. `variables` are those of the root module; texts are without quotes."""

    resources: dict[Place, Declared] = field(default_factory=dict)
    variables: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    outputs: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    moved: list[tuple[str, str]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def place_of(entry: Entry) -> Place:
    return tuple(name for name, _ in entry.path), entry.type, entry.logical


def with_moves(entries: Iterable[Entry], code: Code) -> list[Entry]:
    """Entries under their new names, where the code renames what the state has under the old one."""
    found = []
    for entry in entries:
        for before, after in code.moved:
            entry = _moved(entry, before, after)
        if any(_is_under(entry, address) for address in code.removed):
            entry = replace(entry, problem="the code gives it up (a removed block)")
        found.append(entry)
    return found


_PLAIN_ADDRESS = re.compile(r'([a-z]\w*)\.([A-Za-z_][\w-]*)(?:\[(?:(\d{1,9})|"([^"\\]*)")\])?\Z')


def _moved(entry: Entry, before: str, after: str) -> Entry:
    """Resources of the root module, or of the module that both addresses begin with."""
    module, own = _apart(before)
    other, new = _apart(after)
    mine, _ = _apart(entry.address)
    old_match, new_match = _PLAIN_ADDRESS.match(own), _PLAIN_ADDRESS.match(new)
    if mine != module or module != other or not old_match or not new_match:
        return entry
    if (entry.type, entry.logical) != old_match.group(1, 2):
        return entry
    key = _key_of(old_match)
    if key is not None and key != entry.key:
        return entry
    now = _key_of(new_match)
    key = now if key is not None or now is not None else entry.key
    return replace(entry, type=new_match[1], logical=new_match[2], key=key)


def _key_of(found: re.Match[str]) -> int | str | None:
    return int(found[3]) if found[3] is not None else found[4]


def _apart(address: str) -> tuple[str, str]:
    """The module and the rest of an address whose keys hold no dots."""
    steps = address.rpartition(".")[0].rpartition(".")[0]
    return steps, address[len(steps) :].lstrip(".")


def _is_under(entry: Entry, address: str) -> bool:
    return entry.address == address or entry.address.startswith((f"{address}[", f"{address}."))


def with_intent(
    called: Mapping[Target, Called], objects: Mapping[Target, Entry], code: Code, kinds: Kinds
) -> dict[Target, Called]:
    """What is called so, with what its block says."""
    by_place: dict[Place, list[Target]] = {}
    for target, entry in objects.items():
        by_place.setdefault(place_of(entry), []).append(target)
    types = {name: of for name, (_, of) in kinds_by_type(kinds).items()}
    return {
        target: _with_block(one, objects[target], types.get(objects[target].type), code, by_place)
        for target, one in called.items()
    }


def _with_block(
    one: Called, entry: Entry, of: Terraform | None, code: Code, by_place: Mapping[Place, Sequence[Target]]
) -> Called:
    block = code.resources.get(place_of(entry))
    if block is None or of is None:
        return one
    declared = frozenset(map(of.present_name, block.attributes))
    told = [f for f in of.fields if f.is_told]
    lifecycle, remarks, unsaid = _lifecycle(of, block)
    return replace(
        one,
        said=frozenset(f.ours for f in told if f.theirs in declared),
        unsaid=frozenset(f.ours for f in told if f.theirs not in declared) | unsaid,
        lifecycle=lifecycle,
        depends_on=tuple(_depends_on(block, entry, by_place)),
        variables=_variables(of, block, code) if not entry.path else {},
        remarks=(*one.remarks, *remarks),
    )


def _variables(of: Terraform, block: Declared, code: Code) -> dict[str, str]:
    found = {}
    for name, value in block.attributes.items():
        used = _VARIABLE.match(value) if isinstance(value, str) else None
        ours = "count" if name == "count" else of.ours(name)
        if used and ours and used[1] in code.variables and not code.variables[used[1]].get("sensitive"):
            found[ours] = used[1]
    return found


def _lifecycle(of: Terraform, block: Declared) -> tuple[dict[str, Any], list[str], frozenset[str]]:
    """Our lifecycle, remarks on what has no counterpart, and attributes that are not to be said at all."""
    found: dict[str, Any] = {}
    remarks: list[str] = []
    unsaid: frozenset[str] = frozenset()
    for theirs in _blocks(block.attributes.get("lifecycle")):
        for name in ("prevent_destroy", "create_before_destroy"):
            if theirs.get(name) is True:
                found[name] = True
        ignored = theirs.get("ignore_changes")
        if ignored in ("all", "${all}"):
            unsaid = frozenset(f.ours for f in of.fields if f.ours != "name")
            remarks.append("ignore_changes = all: what is not needed is left to the cloud")
        elif isinstance(ignored, list):
            names, strange = _ignored(of, ignored)
            found |= {"ignore_changes": names} if names else {}
            remarks += [f"ignore_changes: no counterpart of {name}" for name in strange]
        remarks += [f"lifecycle: no counterpart of {name}" for name in _NO_COUNTERPART if name in theirs]
    timeouts = {
        verb: text
        for theirs in _blocks(block.attributes.get("timeouts"))
        for verb, text in theirs.items()
        if verb in ("create", "update", "delete") and isinstance(text, str) and _DURATION.match(text)
    }
    found |= {"timeouts": timeouts} if timeouts else {}
    remarks += [f"no counterpart of the {name}" for name in ("provisioner", "connection") if name in block.attributes]
    return found, remarks, unsaid


def _blocks(value: Any) -> Iterator[Mapping[str, Any]]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, Mapping):
            yield one


def _ignored(of: Terraform, names: Iterable[Any]) -> tuple[list[str], list[str]]:
    found: list[str] = []
    strange: list[str] = []
    for name in names:
        text = str(name).removeprefix("${").removesuffix("}").strip()
        tag = _TAG.match(text)
        ours = f"tags.{tag['quoted'] or tag['plain']}" if tag else of.ours(text)
        if text in ("data_disks", "network_interfaces"):
            ours = text
        (found if ours else strange).append(ours or text)
    return sorted(set(found)), strange


def _depends_on(block: Declared, entry: Entry, by_place: Mapping[Place, Sequence[Target]]) -> Iterator[Target]:
    path = tuple(name for name, _ in entry.path)
    listed = block.attributes.get("depends_on")
    for text in listed if isinstance(listed, list) else []:
        named = _BLOCK.match(text) if isinstance(text, str) else None
        if named:
            yield from by_place.get((path, named[1], named[2]), ())[:1]


def unmatched(entries: Sequence[Entry], code: Code) -> Iterator[Note]:
    """Where code and state do not have the same blocks."""
    known = {place_of(entry) for entry in entries}
    for place, block in code.resources.items():
        if place not in known and place[1].startswith("alicloud_"):
            address = ".".join([*(f"module.{name}" for name in place[0]), place[1], place[2]])
            yield Note(address, f"declared at {block.source}, and not in the state: not made yet")
    for entry in entries:
        if not entry.is_data and not entry.is_foreign and place_of(entry) not in code.resources:
            yield Note(entry.address, "not in the code: its next apply would destroy it")
