"""The way out: what a stack owns, or what no stack owns, as files of another tool that import it."""

import json
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from ecsplan.export.alike import Dialect, NotAlike, joined
from ecsplan.export.names import kept_name
from ecsplan.export.pieces import pieces
from ecsplan.export.yaml_text import document
from ecsplan.inventory.decode import bares, decoded
from ecsplan.inventory.match import match
from ecsplan.inventory.read import read_lists
from ecsplan.inventory.whole import read_whole_objects
from ecsplan.migrate import hcl_text
from ecsplan.migrate.made import Made, Ours
from ecsplan.migrate.naming import shortened
from ecsplan.migrate.outgoing import left_of, made_of
from ecsplan.migrate.ros_out import template
from ecsplan.migrate.sorting import Target
from ecsplan.model.address import Address
from ecsplan.model.call import Api
from ecsplan.model.capabilities.leaving import told as told_beside
from ecsplan.model.capabilities.terraform import Terraform, why_not
from ecsplan.model.export import Called, LeftOut, Told
from ecsplan.model.garbage import no_collection
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import Listed, LiveObject
from ecsplan.model.slots import seated
from ecsplan.model.stack import Stack
from ecsplan.provider.alibaba import opened
from ecsplan.provider.protocol import Provider

ROS_HEAD = """\
# Made from what the stack {stack} owns in {region}. A ROS stack takes it over by a change set of the type IMPORT, with
# ResourcesToImport as below; nothing is made or changed. Every resource has DeletionPolicy: Retain.
"""
HEAD = """\
# Made from what the stack {stack} owns in {region}, for Terraform 1.5 or newer. Beside it belong:
#   terraform {{ required_providers {{ alicloud = {{ source = "aliyun/alicloud" }} }} }}
#   provider "alicloud" {{ region = "{region}" }}
# terraform plan: imports and nothing else. Then release these in the stack file (released:), or delete its folder.
"""
PARTS = {"data_disks": "disk", "network_interfaces": "network_interface"}
TERRAFORM = Dialect(hcl_text.number, hcl_text.choice)


class Leaving(Struct, frozen=True):
    """The text, what it imports by address, and what it does not say."""

    text: str
    imported: Mapping[str, str]
    left_out: tuple[LeftOut, ...]


def leave(api: Api, kinds: Kinds, stack: Stack, tool: str = "terraform") -> Leaving:
    """Everything that the stack owns, as `.tf` with import blocks, or as a ROS template. Reads only."""
    with no_collection(), opened(api, kinds) as source:
        found = _owned(source, kinds, stack)
        names = {(obj.kind, obj.id): address for address, obj in found.items()}
        there = {name: of for name, kind in kinds.items() if (of := kind.capability(Terraform))}
        said = {name: of.written for name, of in there.items()}
        told = Told({t: Called(a.name, a.key, said=said.get(t[0], frozenset())) for t, a in names.items()})
        made, left = pieces(found.values(), kinds, (), told)
        ours = [
            Ours(
                piece.obj,
                piece.kind,
                there[piece.kind.name],
                piece.values,
                names[piece.key].name,
                names[piece.key].key,
                told_beside(piece.kind, piece.obj),
            )
            for piece in made
            if piece.kind.name in there
        ]
        left += [
            LeftOut(one.kind.name, one.obj.id, one.obj.name, why_not(one.kind))
            for one in made
            if one.kind.name not in there
        ]
        left += [one for each in ours for one in left_of(each)]
        if tool == "ros":
            text, imported, more = _ros(ours, stack)
            return Leaving(text, imported, (*left, *more))
        text, imported = _text(ours, stack)
        return Leaving(text, imported, tuple(left))


def _ros(ours: Sequence[Ours], stack: Stack) -> tuple[str, dict[str, str], list[LeftOut]]:
    speak = {one.target: _address(one.theirs.type, one.name, one.key, ()) for one in ours}
    of = [(one, made) for one in ours for made in made_of(one, speak.get)]
    body, imports, ids, left = template(
        [made for _, made in of], lambda made: _address(made.type, made.name, made.key, ())
    )
    whose = {id(made): one.obj for one, made in of}
    told = [LeftOut(obj.kind, obj.id, obj.name, why, made.type) for made, why in left for obj in [whose[id(made)]]]
    listed = "".join(f"# {line}\n" for line in json.dumps(imports, indent=1, ensure_ascii=False).splitlines())
    return ROS_HEAD.format(stack=stack.name, region=stack.region) + document(body) + listed, ids, told


def _owned(source: Provider, kinds: Kinds, stack: Stack) -> dict[Address, LiveObject]:
    """By address: resources, and the parts of machines under names of their own."""
    raws = read_lists(source, kinds.values(), source.reading.map)
    found = {a: o for a, o in match(raws, kinds, stack).matched.items() if o.owner and o.owner.stack == stack.name}
    known = {(obj.kind, obj.id) for obj in found.values()}
    objects = [obj for name, listed in raws.items() for obj in bares(kinds[name], listed)]
    for obj in objects:  # owned, and no longer in the file
        is_ours = obj.owner is not None and obj.owner.stack == stack.name and not obj.owner.is_part_of(obj.kind)
        if is_ours and (obj.kind, obj.id) not in known and obj.owner and isinstance(obj.owner.address, Address):
            found.setdefault(obj.owner.address, obj)
    found |= _parts(found, {(obj.kind, obj.id): obj for obj in objects}, kinds)
    by_target = {(obj.kind, obj.id): address for address, obj in found.items()}
    complete, _ = read_whole_objects(source, kinds, tuple(found.values()), source.reading.map)
    alive = {by_target[obj.kind, obj.id]: decoded(kinds, obj) for obj in complete}
    return dict(sorted(alive.items()))


def _parts(found: Mapping[Address, Listed], objects: Mapping[Target, Listed], kinds: Kinds) -> dict[Address, Listed]:
    """What stands in a slot of a machine is a resource of its own there."""
    taken: set[str] = {f"{address.kind}.{address.name}" for address in found}
    names: dict[tuple[str, str, str], str] = {}
    parts: dict[Address, Listed] = {}
    for address, obj in found.items():
        for attribute, kind in PARTS.items():
            for slot, part_id in (seated(obj).get(attribute) or {}).items():
                part = objects.get((kind, part_id))
                if part is None or address.kind != "instance":
                    continue
                group = (kind, address.name, slot)
                if group not in names:
                    used = {name.partition(".")[2] for name in taken if name.startswith(f"{kind}.")}
                    names[group] = kept_name(shortened(f"{address.name}_{slot}"), used, kinds[kind].id_prefixes)
                    taken.add(f"{kind}.{names[group]}")
                parts[Address(kind, names[group], address.key)] = part
    return parts


def _text(ours: Sequence[Ours], stack: Stack) -> tuple[str, dict[str, str]]:
    """The blocks, groups as `count` and `for_each` where their members are alike; then an import of every member."""
    split: set[tuple[str, str]] = set()
    while True:
        speak = {one.target: _address(one.theirs.type, one.name, one.key, split) for one in ours}
        groups: dict[tuple[str, str], list[Made]] = {}
        for one in ours:
            for made in made_of(one, speak.get):
                groups.setdefault((made.type, made.name), []).append(made)
        blocks, unlike = _blocks(groups, split)
        if not unlike:
            break
        split |= unlike
    imported = {
        _address(made.type, made.name, made.key, split): made.id for members in groups.values() for made in members
    }
    lines = [line for head, body in blocks for line in ("", *hcl_text.block(head, body))]
    for address, object_id in imported.items():
        lines += ["", *hcl_text.block("import", {"to": f"${{{address}}}", "id": object_id.replace("${", "$${")})]
    return HEAD.format(stack=stack.name, region=stack.region) + "\n".join(lines) + "\n", imported


def _address(kind: str, name: str, key: int | str | None, split: Iterable[tuple[str, str]]) -> str:
    if key is not None and (kind, name) in split:
        return f"{kind}.{_alone(name, key)}"
    return f"{kind}.{Address('x', name, key)!s}".replace(".x.", ".", 1)


def _alone(name: str, key: int | str) -> str:
    return kept_name(shortened(f"{name}_{key}"), (), ())


def _blocks(
    groups: Mapping[tuple[str, str], Sequence[Made]], split: set[tuple[str, str]]
) -> tuple[list[tuple[str, dict[str, object]]], set[tuple[str, str]]]:
    """Heads and bodies, and the groups that no block can say."""
    blocks: list[tuple[str, dict[str, object]]] = []
    unlike: set[tuple[str, str]] = set()
    for (kind, name), members in groups.items():
        keys = [made.key for made in members]
        if keys == [None] or (kind, name) in split:
            for made in members:
                own = name if made.key is None else _alone(name, made.key)
                blocks.append((f'resource "{kind}" "{own}"', dict(_with_lifecycle(made.body, [made]))))
            continue
        in_order = sorted(members, key=lambda made: (str(type(made.key)), made.key or 0))
        known = [made.key for made in in_order if made.key is not None]
        is_whole = all(isinstance(key, str) for key in known) or known == list(range(len(in_order)))
        try:
            if not is_whole or len(known) < len(in_order):
                raise NotAlike(name)
            rest, made_by = joined([made.body for made in in_order], known, with_table=True, dialect=TERRAFORM)
        except NotAlike:
            unlike.add((kind, name))
            continue
        body = _group_head(made_by) | _with_lifecycle(rest, in_order)
        blocks.append((f'resource "{kind}" "{name}"', body))
    return blocks, unlike


def _group_head(made_by: object) -> dict[str, object]:
    if isinstance(made_by, int):
        return {"count": made_by}
    if isinstance(made_by, list):
        return {"for_each": f"${{toset({hcl_text.listed(made_by)})}}"}
    return {"for_each": made_by}


def _with_lifecycle(body: Mapping[str, object], members: Sequence[Made]) -> dict[str, object]:
    ignored = list(dict.fromkeys(name for made in members for name in made.ignored))
    lifecycle = {"ignore_changes": [f"${{{name}}}" for name in ignored]} if ignored else {}
    return {**body, **({"lifecycle": lifecycle} if lifecycle else {})}
