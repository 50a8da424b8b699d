"""Declared blocks with their defaults, and the members that `count` and `for_each` make of them."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from ecsplan.config.expressions.interpolation import MAXIMUM_CODE, Hole, evaluate, split
from ecsplan.config.expressions.scope import Scope
from ecsplan.config.resources.nested_blocks import META_KEYS, Shape
from ecsplan.config.syntax.budget import OverBudget
from ecsplan.config.syntax.faults import ExpressionError, Faults
from ecsplan.config.syntax.nodes import Node, beneath, mapping_of
from ecsplan.model.address import Address, Ref, Secret, Template
from ecsplan.model.copying import replace
from ecsplan.model.kind import Kind, Kinds
from ecsplan.model.quoting import shown
from ecsplan.model.rules import Rule

MAXIMUM_MEMBERS = 100_000
_LONGEST_ADDRESS = 128
_MENTIONS_A_RESOURCE = re.compile(r"\b[a-z_]+\.\w+(?:\[[^]]*\])?\.\w+")
_MEMBER_NAMES = re.compile(r"(?<![\w.])(?:each|index)(?!\w)")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")


class Block(Struct, eq=False):
    """One entry under resources: a single resource, or a group with its keys.

    `values` has what `each.value` is for each key. `is_broken`: nobody knows which members there are.
    """

    address: Address
    kind: Kind
    node: Node
    scope: Scope
    keys: tuple[int | str, ...] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    is_broken: bool = False

    @property
    def is_group(self) -> bool:
        return self.keys is not None

    def has(self, key: int | str) -> bool:
        """Whether a group has this member; asked of groups of many thousands."""
        if isinstance(key, str):
            return key in self.values
        return self.keys is not None and not self.values and 0 <= key < len(self.keys)

    def addresses(self) -> Iterator[Address]:
        if self.keys is None:
            yield self.address
            return
        for key in self.keys:
            yield Address(self.address.kind, self.address.name, key)

    def scope_of(self, key: int | str | None) -> Scope:
        """What names mean inside one member."""
        if key is None:
            return self.scope
        if isinstance(key, int):
            return self.scope.with_names(index=key)
        return self.scope.with_names(each={"key": key, "value": self.values[key]})


class Blocks(dict[Address, Block]):
    """Every declared block by its address, in the order of the file."""

    @cached_property
    def kinds_called(self) -> Mapping[str, Sequence[str]]:
        """The kinds that have a block of this name."""
        found: dict[str, list[str]] = {}
        for address in self:
            found.setdefault(address.name, []).append(address.kind)
        return found

    def names_of(self, *kinds: str) -> Iterator[str]:
        return (address.name for address in self if address.kind in kinds)


def blocks_of(
    resources: Node | None,
    defaults: Node | None,
    kinds: Kinds,
    shapes: Mapping[str, Shape],
    scope: Scope,
    faults: Faults,
) -> Blocks:
    shared = mapping_of(defaults)
    _check_defaults(shared, kinds, faults)
    found = Blocks()
    for kind_name, declared in mapping_of(resources).items():
        kind = kinds[kind_name]
        under = _defaults_for(kind, shapes[kind_name], shared)
        for name, node in mapping_of(declared).items():
            block = _block(kind, name, node, under, scope, kinds, faults)
            if block is not None:
                found[block.address] = block
    return found


def _check_defaults(shared: Mapping[str, Node], kinds: Kinds, faults: Faults) -> None:
    """What a resource says of its members is no default."""
    for key in shared.keys() & kinds.keys():
        for name, child in mapping_of(shared[key]).items():
            if name in META_KEYS and name != "lifecycle":
                faults.add(
                    f"defaults.{key} cannot have {name}",
                    "write it where the resource is",
                    child.key_source,
                    rule=Rule.UNKNOWN_KEY,
                )


def _defaults_for(kind: Kind, shape: Shape, shared: Mapping[str, Node]) -> Node | None:
    """What every resource of a kind starts from."""
    tags = shared.get("tags")
    own = shared.get(kind.name)
    merged = Node({}, "", 0)
    if tags is not None and isinstance(tags.value, dict) and "tags" in shape.members:
        merged = Node({"tags": tags}, tags.file, tags.place)
    if own is not None and isinstance(own.value, dict):
        known = {k: v for k, v in own.value.items() if k in shape.members or k == "lifecycle"}
        merged = beneath(merged, Node(known, own.file, own.place))
    return merged if merged.value else None


def _block(
    kind: Kind, name: str, node: Node, under: Node | None, scope: Scope, kinds: Kinds, faults: Faults
) -> Block | None:
    address = Address(kind.name, name)
    prefix = next((p for k in kinds.values() for p in k.id_prefixes if name.startswith(p)), None)
    if prefix is not None:
        detail = f"choose one that does not start with {prefix}: such a string is an id everywhere else"
        faults.add(f"the name {name} has the shape of a cloud id", detail, node.key_source, address, rule=Rule.NAME)
        return None
    if node.value is None:
        node = Node({}, node.file, node.place, node.key)
    block = Block(address, kind, node if under is None else beneath(under, node), scope)
    _find_members(block, faults)
    longest = max((str(a) for a in block.addresses()), key=len, default=str(address))
    if len(longest) > _LONGEST_ADDRESS:
        detail = f"an address has at most {_LONGEST_ADDRESS} characters; shorten the name or the key"
        faults.add(
            f"the address {longest[:60]}… has {len(longest)} characters", detail, node.key_source, rule=Rule.NAME
        )
        return None
    return block


def _find_members(block: Block, faults: Faults) -> None:
    before = len(faults)
    count, for_each = (_declared(block, key) for key in ("count", "for_each"))
    if count is not None and for_each is not None:
        faults.add(
            "count and for_each exclude each other",
            "remove one of the two",
            for_each.key_source,
            block.address,
            rule=Rule.COUNT,
        )
        block.keys = ()
    elif count is not None:
        block.keys = tuple(range(_count(block, count, faults)))
    elif for_each is not None:
        block.values = _for_each(block, for_each, faults)
        block.keys = tuple(block.values)
    _take_members(block, count or for_each or block.node)
    block.is_broken = block.is_broken or len(faults) > before


def _take_members(block: Block, node: Node) -> None:
    try:
        block.scope.budget.take("resources", 1 if block.keys is None else len(block.keys))
    except OverBudget as error:
        error.node = node
        raise


def _declared(block: Block, key: str) -> Node | None:
    node: Node | None = block.node.value.get(key)
    return None if node is None or node.value is None else node


def _known(block: Block, node: Node, faults: Faults) -> object:
    """A value that decides which resources exist: it must be known now."""
    try:
        value = evaluate(node, replace(block.scope, resources=None))
    except ExpressionError as error:
        if _MENTIONS_A_RESOURCE.search(str(node.value)[:MAXIMUM_CODE]):
            error.words = "what a resource has cannot decide how many there are"
        block.is_broken = True
        faults.add_failed(error, node, block.address)
        return None
    if isinstance(value, (Ref, Secret, Template)):
        faults.add(
            "how many there are cannot depend on a secret",
            "use a plain variable",
            node.source,
            block.address,
            rule=Rule.COUNT,
        )
        return None
    return value


def _count(block: Block, node: Node, faults: Faults) -> int:
    before = len(faults)
    value = _known(block, node, faults)
    if block.is_broken or len(faults) > before:
        return 0
    if not isinstance(value, int) or isinstance(value, bool):
        faults.add(
            f"count is {shown(value)}",
            "write a whole number, or an expression",
            node.source,
            block.address,
            rule=Rule.COUNT,
        )
        return 0
    if not 0 <= value <= MAXIMUM_MEMBERS:
        detail = f"write a number from 0 to {MAXIMUM_MEMBERS:,}"
        faults.add(f"count is {value}", detail, node.source, block.address, rule=Rule.COUNT)
        return 0
    return value


def _for_each(block: Block, node: Node, faults: Faults) -> Mapping[str, object]:
    """The values by key: of a list of texts each is its own value."""
    before = len(faults)
    value = _known(block, node, faults)
    if block.is_broken or len(faults) > before:
        return {}
    detail = "write a list of strings, or a mapping"
    if isinstance(value, dict):
        found = value
    elif isinstance(value, list) and all(isinstance(item, str) for item in value):
        found = {item: item for item in value}
        twice = next((item for item, times in Counter(value).items() if times > 1), None)
        if twice is not None:
            summary = f"{shown(twice)} appears twice in for_each"
            faults.add(summary, "remove one of the two", node.source, block.address, rule=Rule.COUNT)
    else:
        faults.add(f"for_each is {shown(value)}", detail, node.source, block.address, rule=Rule.COUNT)
        return {}
    if len(found) > MAXIMUM_MEMBERS or not all(isinstance(key, str) and key for key in found):
        faults.add("for_each has a key that is empty, or too many", detail, node.source, block.address, rule=Rule.COUNT)
        return {}
    return found


def mentions_member(node: Node) -> bool:
    """Whether a value differs from member to member: an expression in it says `each` or `index`."""
    value = node.value
    if isinstance(value, str):
        return "${" in value and any(_names_member(part.code) for part in _parts(value))
    if isinstance(value, dict):
        return any(mentions_member(child) for child in value.values())
    return isinstance(value, list) and any(mentions_member(child) for child in value)


def _parts(text: str) -> Iterator[Hole]:
    try:
        yield from (part for part in split(text) if isinstance(part, Hole))
    except ExpressionError:
        return  # it is told where the text is evaluated


def _names_member(code: str) -> bool:
    return _MEMBER_NAMES.search(_QUOTED.sub("", code)) is not None


def attribute_nodes(block: Block) -> dict[str, Node]:
    """What the block says beside count, for_each, adopt, depends_on and lifecycle."""
    return {key: child for key, child in block.node.value.items() if key not in META_KEYS}
