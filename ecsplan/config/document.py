"""The top level of a stack file: which keys there are, the header, and moved, released and outputs."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ecsplan.config.expand import Blocks
from ecsplan.config.expressions import evaluate
from ecsplan.config.faults import Faults
from ecsplan.config.files import TOP_KEYS
from ecsplan.config.node import Node, mapping_of, plain
from ecsplan.config.references import checked_member
from ecsplan.config.scope import ExpressionError, Scope
from ecsplan.config.words import near, with_article
from ecsplan.model.address import Address
from ecsplan.model.composites import is_name
from ecsplan.model.regions import is_region, misspelt
from ecsplan.model.stack import STACK_NAME, Move
from ecsplan.model.values import shown

API_VERSION = "ecsplan/v1"
_MAPPINGS = ("variables", "locals", "defaults", "resources", "outputs")


@dataclass(frozen=True, slots=True)
class Header:
    name: str
    region: str
    account: str | None


def check_top_level(root: Node, kinds: Collection[str], faults: Faults) -> None:
    """Unknown keys, sections of the wrong shape, and the version of the language."""
    for key, node in root.value.items():
        if key in kinds:
            detail = f"write resources: {{{key}: {{…}}}}, all kinds under one resources:"
            faults.add(f"{key} belongs under resources:", detail, node.key_source)
        elif key not in TOP_KEYS:
            faults.add(f"a stack has no key {key}", near(key, TOP_KEYS, "keys"), node.key_source)
        elif key in _MAPPINGS and not isinstance(node.value, dict | None):
            faults.add(f"{key} is not a mapping", f"write {key}: {{name: …}}", node.source)
    version = root.value.get("apiVersion")
    if version is None:
        faults.add("a stack needs apiVersion", f"write apiVersion: {API_VERSION}", root.source)
    elif version.value != API_VERSION:
        detail = f"this version of ecsplan reads {API_VERSION}"
        faults.add(f"unknown apiVersion {_shown(version)}", detail, version.source)


def read_header(root: Node, scope: Scope, region: str | None, faults: Faults) -> Header:
    """The stack's name, region and account; a region from the command line wins."""
    name = _text(root, "stack", scope, faults)
    if name is None:
        _missing(root, "stack", "write stack: NAME (small letters, digits and -)", faults)
    elif not re.match(STACK_NAME, name) or name.endswith("\n"):
        detail = "start with a small letter, go on with at most 62 small letters, digits and -"
        faults.add(f"{shown(name)} is not a name for a stack", detail, root.value["stack"].source)
        name = None
    declared = _text(root, "region", scope, faults)
    found = region or declared
    if found is None:
        _missing(root, "region", "write region: cn-hangzhou, or say --region", faults)
    elif not is_region(found):
        source = root.value["region"].source if not region else None
        faults.add(f"{shown(found)} is not a region", "write one like cn-hangzhou", source)
    elif not region and (meant := misspelt(found)):
        detail = f"did you mean {meant}? (a region that is new: say --region {found})"
        faults.add(f"there is no region {shown(found)}", detail, root.value["region"].source)
    # Names are made of the stack's: without one they would all be at fault, too.
    return Header(name or "stack", found or "", _account(root, scope, faults))


def _missing(root: Node, key: str, detail: str, faults: Faults) -> None:
    """Silent when the key is there and wrong: that has been said."""
    if root.value.get(key) is None or root.value[key].value is None:
        faults.add(f"a stack needs {key}", detail, root.source)


def _text(root: Node, key: str, scope: Scope, faults: Faults) -> str | None:
    node = root.value.get(key)
    if node is None or node.value is None:
        return None
    value = evaluated(node, scope, faults)
    if isinstance(value, str):
        return value
    if value is not None:
        faults.add(f"{key} is {shown(value)}", "write a text", node.source)
    return None


def _account(root: Node, scope: Scope, faults: Faults) -> str | None:
    node = root.value.get("account")
    if node is None or node.value is None:
        return None
    value = evaluated(node, scope, faults)
    # An account id that nobody quoted can only mean its digits.
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(text, str) and re.fullmatch(r"[0-9]{5,20}", text):
        return text
    if value is not None:
        detail = 'write the number of the account, like "1234567890123456"'
        faults.add(f"{shown(value)} is not an account", detail, node.source)
    return None


def evaluated(node: Node, scope: Scope, faults: Faults) -> Any:
    """The value, or None where it has a fault."""
    try:
        return evaluate(node, scope)
    except ExpressionError as error:
        faults.add_failed(error, node)
        return None


def _shown(node: Node) -> str:
    return shown(plain(node))


def read_moved(root: Node, blocks: Blocks, faults: Faults) -> tuple[Move, ...]:
    found = []
    for node in _entries(root, "moved", "write [{from: kind.old, to: kind.new}]", faults):
        members = mapping_of(node)
        if set(members) != {"from", "to"}:
            faults.add("an entry of moved has two keys, from and to", "write {from: …, to: …}", node.source)
            continue
        before, after = (_address(members[key], f"moved.{key}", faults) for key in ("from", "to"))
        if before is None or after is None or any(_is_broken(address, blocks) for address in (before, after)):
            continue
        if before.kind != after.kind:
            faults.add(f"{before} cannot become {with_article(after.kind)}", "both have one kind", node.source)
        elif _is_declared(before, blocks):
            detail = "a moved resource is no longer declared under its old name"
            faults.add(f"moved.from: {before} is still declared", detail, members["from"].source, before)
        elif not _is_declared(after, blocks) and not _are_groups(before, after, blocks):
            hint = near(str(after), map(str, blocks), "resources")
            faults.add(f"moved.to: there is no {after}", hint, members["to"].source, after)
        else:
            found.append(Move(before, after, node.source))
    _no_doubles(found, faults)
    return tuple(found)


def _no_doubles(moves: Iterable[Move], faults: Faults) -> None:
    seen: dict[tuple[str, Address], Move] = {}
    for move in moves:
        for key in (("from", move.before), ("to", move.after)):
            if key in seen:
                detail = f"the first one is at {seen[key].source}; remove one of the two"
                faults.add(f"moved: {key[1]} appears twice as {key[0]}", detail, move.source, key[1])
            seen.setdefault(key, move)


def read_released(root: Node, blocks: Blocks, faults: Faults) -> tuple[Address, ...]:
    found = []
    for node in _entries(root, "released", "write [kind.name]", faults):
        address = _address(node, "released", faults)
        if address is None:
            continue
        if address.group in blocks and (address.key is None or _is_declared(address, blocks)):
            detail = "take it out of resources, or out of released"
            faults.add(f"released: {address} is still declared", detail, node.source, address)
        else:
            found.append(address)
    return tuple(sorted(set(found), key=lambda address: address.sort_key))


def _entries(root: Node, key: str, detail: str, faults: Faults) -> list[Node]:
    node = root.value.get(key)
    if node is None or node.value is None:
        return []
    if isinstance(node.value, list):
        return node.value
    faults.add(f"{key} is not a list", detail, node.source)
    return []


def _address(node: Node, what: str, faults: Faults) -> Address | None:
    if not isinstance(node.value, str):
        value = _shown(node)
        faults.add(f"{what}: {value} is not an address", "write kind.name", node.source)
        return None
    try:
        return Address.parse(node.value)
    except ValueError as error:
        faults.add(f"{what}: {error}", "write kind.name", node.source)
        return None


def _is_declared(address: Address, blocks: Blocks) -> bool:
    if address.group not in blocks:
        return False
    try:
        checked_member(address, blocks)
    except ExpressionError:
        return False
    return True


def _are_groups(before: Address, after: Address, blocks: Blocks) -> bool:
    """Whether a whole group moves, with all its members."""
    return before.key is None and after.key is None and after in blocks and blocks[after].is_group


def _is_broken(address: Address, blocks: Blocks) -> bool:
    """Whether nobody knows if it is declared; the reason has been said."""
    block = blocks.get(address.group)
    return block is not None and block.is_broken


def read_outputs(root: Node, scope: Scope, faults: Faults) -> dict[str, Any]:
    found = {}
    for name, node in mapping_of(root.value.get("outputs")).items():
        if not is_name(name):
            detail = "start with a letter or _, go on with letters, digits, _ and -"
            faults.add(f"{name} is not a name for an output", detail, node.key_source)
            continue
        value = evaluated(node, scope, faults)
        if value is not None:
            found[name] = canonical(value)
    return found


def canonical(value: Any) -> Any:
    """Plain values in the canonical form of the model: tuples, and sorted pairs for mappings."""
    if isinstance(value, Mapping):
        return tuple(sorted((str(key), canonical(item)) for key, item in value.items()))
    if isinstance(value, list | tuple):
        return tuple(canonical(item) for item in value)
    return value
