"""Live objects to the text of a stack file. Called by the engine, which reads them and checks the text; pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ecsplan.export.blocks import blocks, is_foldable
from ecsplan.export.intent import remark_of, variables
from ecsplan.export.pieces import Dropped, pieces
from ecsplan.export.yaml_text import Commented, comments, document
from ecsplan.model.address import Address
from ecsplan.model.capabilities.exporting import exporting
from ecsplan.model.export import NOTHING_TOLD, Exported, Told
from ecsplan.model.kind import Kinds
from ecsplan.model.resource import LiveObject, RemoteObject

SCHEMA = "https://raw.githubusercontent.com/ecsplan/ecsplan/main/schemas/stack.schema.json"
# What says what a thing is for stands with it, however many happen to share it.
_EACH_ITS_OWN = {
    *("name", "tags", "description", "cidr_block", "zone", "instance_type", "hostname", "private_ip", "public_key"),
    *("user_data", "size", "bandwidth", "state", "stopped_mode", "internet"),
}
HEADER = """\
# yaml-language-server: $schema={schema}
# Made from what is live in {region}. The first plan shows adoptions only; once applied, adopt: has served.
"""
OFFLINE = """\
# yaml-language-server: $schema={schema}
# Made without an account, for {region}: whether the first plan shows adoptions only is still to be seen.
"""


def export(
    objects: Sequence[LiveObject],
    owned: Iterable[RemoteObject],
    kinds: Kinds,
    stack: str,
    region: str,
    dropped: Dropped = (),
    told: Told = NOTHING_TOLD,
    header: str = HEADER,
) -> Exported:
    """`owned` are what other stacks own and may be referred to; `dropped` must not be written (see pieces.py)."""
    found, left = pieces(objects, kinds, dropped, told)
    bodies = blocks(found, kinds, stack, owned, told)
    adopted = {address: piece.obj.id for block, _ in bodies for address, piece in block.addresses()}
    declared = variables(bodies, told)
    by_kind: dict[str, dict[str, Any]] = {}
    for block, body in bodies:
        by_kind.setdefault(block.first.kind.name, {})[block.name] = body
    defaults = _fold(by_kind, kinds)
    for block, body in bodies:
        if remark := remark_of(block):
            by_kind[block.first.kind.name][block.name] = Commented(body, remark)
    content: dict[str, Any] = {"apiVersion": "ecsplan/v1", "stack": stack, "region": region}
    content |= {name: value for name, value in (("variables", declared), ("defaults", defaults)) if value}
    ordered = {kind: by_kind[kind] for kind in sorted(by_kind, key=lambda kind: (exporting(kinds[kind]).rank, kind))}
    text = header.format(schema=SCHEMA, region=region) + "".join(f"# {line}\n" for line in comments(told.remarks))
    outputs = _outputs(told, adopted)
    content |= {"resources": ordered} | ({"outputs": outputs} if outputs else {})
    return Exported(text + document(content), stack, adopted, tuple(left))


def _outputs(told: Told, adopted: Mapping[Address, str]) -> dict[str, str]:
    """Those of objects that the file has."""
    names = {(address.kind, own): address for address, own in adopted.items()}
    return {name: f"${{{names[of]}.{attribute}}}" for name, (of, attribute) in told.outputs.items() if of in names}


def _fold(by_kind: Mapping[str, dict[str, Any]], kinds: Kinds) -> dict[str, Any]:
    """Takes what is common to all out of the bodies: tags of everything, then attributes of one kind."""
    defaults: dict[str, Any] = {}
    tagged = [body for kind, bodies in by_kind.items() if _has_tags(kind, kinds) for body in bodies.values()]
    common = _common_tags(tagged)
    if common:
        defaults["tags"] = common
        for body in tagged:
            _without(body, "tags", common)
    for kind, bodies in by_kind.items():
        shared = _shared(list(bodies.values()), _foldable(kind, kinds))
        if shared:
            defaults[kind] = shared
            for body in bodies.values():
                for name in shared:
                    del body[name]
    return defaults


def _has_tags(kind: str, kinds: Kinds) -> bool:
    return any(attribute.name == "tags" for attribute in kinds[kind].attributes)


def _common_tags(bodies: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    if len(bodies) < 2:
        return {}
    first = bodies[0].get("tags", {})
    return {key: value for key, value in first.items() if all(b.get("tags", {}).get(key) == value for b in bodies)}


def _without(body: dict[str, Any], name: str, common: Mapping[str, Any]) -> None:
    rest = {key: value for key, value in body[name].items() if key not in common}
    if rest:
        body[name] = rest
    else:
        del body[name]


def _foldable(kind: str, kinds: Kinds) -> set[str]:
    """Names at the top of a body: an attribute, or a block all of whose members are plain."""
    tops: dict[str, bool] = {}
    for attribute in kinds[kind].attributes:
        top = attribute.name.partition(".")[0]
        tops[top] = tops.get(top, True) and is_foldable(attribute.type)
    return {top for top, may in tops.items() if may} - _EACH_ITS_OWN


def _shared(bodies: Sequence[Mapping[str, object]], names: set[str]) -> dict[str, object]:
    if len(bodies) < 2:
        return {}
    first = bodies[0]
    return {
        name: value
        for name, value in first.items()
        if name in names and not isinstance(value, Commented) and all(body.get(name) == value for body in bodies)
    }
