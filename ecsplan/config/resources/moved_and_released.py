"""Renamed and released resources in a stack file: `moved` and `released`.

Both speak of resources, by their addresses, and of parts, by those of their slots (`instance.web.data_disks.logs`).
"""

from collections.abc import Iterable, Mapping

from ecsplan.config.resources.expansion import Blocks
from ecsplan.config.resources.name_lookup import checked_member
from ecsplan.config.syntax.faults import ExpressionError, Faults
from ecsplan.config.syntax.nodes import Node, mapping_of, plain
from ecsplan.model.address import Address, Part, Span, parse_place
from ecsplan.model.capabilities.parts import slots_of
from ecsplan.model.kind import Kinds
from ecsplan.model.quoting import shown
from ecsplan.model.rules import Rule
from ecsplan.model.spelling import meant, near, with_article
from ecsplan.model.stack import Move

Place = Address | Part


def read_moved(root: Node, blocks: Blocks, kinds: Kinds, faults: Faults) -> tuple[Move, ...]:
    found = []
    for node in _entries(root, "moved", "write [{from: kind.old, to: kind.new}]", faults):
        members = mapping_of(node)
        if set(members) != {"from", "to"}:
            _add_keys_of_move(members, node, faults)
            continue
        before, after = (_place(members[key], f"moved.{key}", kinds, faults) for key in ("from", "to"))
        if before is None or after is None or any(_is_broken(place, blocks) for place in (before, after)):
            continue
        if _kind_of(before, kinds) != _kind_of(after, kinds):
            detail = "both have one kind; a slot of data_disks is a disk, one of network_interfaces a network_interface"
            faults.add(
                f"{before} cannot become {with_article(_kind_of(after, kinds))}", detail, node.source, rule=Rule.MOVED
            )
        elif _is_declared(before, blocks):
            detail = "what is moved is no longer declared under its old name"
            faults.add(
                f"moved.from: {before} is still declared",
                detail,
                members["from"].source,
                _owner(before),
                rule=Rule.MOVED,
            )
        elif not _is_declared(after, blocks) and not _are_groups(before, after, blocks):
            hint = near(str(after), map(str, blocks), "resources")
            faults.add(f"moved.to: there is no {after}", hint, members["to"].source, _owner(after), rule=Rule.MOVED)
        else:
            found.append(Move(before, after, node.source))
    _no_doubles(found, faults)
    return tuple(found)


def _add_keys_of_move(members: Mapping[str, Node], node: Node, faults: Faults) -> None:
    odd = next((key for key in members if key not in ("from", "to")), "")
    detail = meant(odd, {"from", "to"} - set(members), "write {from: …, to: …}")
    place = members[odd].key_source if odd else node.source
    faults.add("an entry of moved has two keys, from and to", detail, place, rule=Rule.MOVED)


def _no_doubles(moves: Iterable[Move], faults: Faults) -> None:
    seen: dict[tuple[str, Place], Move] = {}
    for move in moves:
        for key in (("from", move.before), ("to", move.after)):
            if key in seen:
                detail = f"the first one is at {seen[key].source}; remove one of the two"
                faults.add(
                    f"moved: {key[1]} appears twice as {key[0]}", detail, move.source, _owner(key[1]), rule=Rule.MOVED
                )
            seen.setdefault(key, move)


def read_released(root: Node, blocks: Blocks, kinds: Kinds, faults: Faults) -> tuple[Place, ...]:
    found = []
    for node in _entries(root, "released", "write [kind.name]", faults):
        place = _place(node, "released", kinds, faults)
        if place is None:
            continue
        is_group = isinstance(place, Address) and place.key is None and place in blocks
        if is_group or _is_declared(place, blocks):
            detail = "take it out of resources, or out of released"
            faults.add(f"released: {place} is still declared", detail, node.source, _owner(place), rule=Rule.MOVED)
        else:
            found.append(place)
    return tuple(sorted(set(found), key=str))


def _entries(root: Node, key: str, detail: str, faults: Faults) -> list[Node]:
    node = root.value.get(key)
    if node is None or node.value is None:
        return []
    if isinstance(node.value, list):
        return node.value
    faults.add(f"{key} is not a list", detail, node.source, rule=Rule.MOVED)
    return []


def _place(node: Node, what: str, kinds: Kinds, faults: Faults) -> Place | None:
    if not isinstance(node.value, str):
        faults.add(f"{what}: {shown(plain(node))} is not an address", "write kind.name", node.source, rule=Rule.MOVED)
        return None
    try:
        place = parse_place(node.value)
        if isinstance(place, Span):
            raise ValueError(f"{shown(node.value)} is not an address; write each member, or kind.name for all")
        if isinstance(place, Part) and place.owner.kind in kinds and not _kind_of(place, kinds):
            raise ValueError(f"{place.owner.kind} has no slots called {place.attribute}")
        if _owner(place).kind not in kinds:
            detail = near(_owner(place).kind, kinds, "kinds")
            faults.add(f"{what}: {_owner(place).kind} is not a kind", detail, node.source, rule=Rule.MOVED)
            return None
    except ValueError as error:
        faults.add(f"{what}: {error}", "write kind.name, or kind.name.data_disks.slot", node.source, rule=Rule.MOVED)
        return None
    return place


def _kind_of(place: Place, kinds: Kinds) -> str:
    """The kind of what is there; empty for a part that there cannot be."""
    if isinstance(place, Address):
        return place.kind
    slots = slots_of(kinds[place.owner.kind]) if place.owner.kind in kinds else ()
    return next((spec.kind for spec in slots if spec.attribute == place.attribute), "")


def _owner(place: Place) -> Address:
    return place.owner if isinstance(place, Part) else place


def _is_declared(place: Place, blocks: Blocks) -> bool:
    address = _owner(place)
    if address.group not in blocks:
        return False
    try:
        checked_member(address, blocks)
    except ExpressionError:
        return False
    if isinstance(place, Address):
        return True
    declared = blocks[address.group].node.value.get(place.attribute)
    return declared is not None and place.slot in mapping_of(declared)


def _are_groups(before: Place, after: Place, blocks: Blocks) -> bool:
    """Whether a whole group moves, with all its members."""
    if isinstance(before, Part) or isinstance(after, Part):
        return False
    return before.key is None and after.key is None and after in blocks and blocks[after].is_group


def _is_broken(place: Place, blocks: Blocks) -> bool:
    """Whether nobody knows if it is declared; the reason has been said."""
    block = blocks.get(_owner(place).group)
    return block is not None and block.is_broken
