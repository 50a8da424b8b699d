"""Drafts to Resources: names to Refs, depends_on to addresses, and what must be made before what.

Their order is dependency_order.py's.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from msgspec import Struct, field

from ecsplan.config.expressions.interpolation import evaluate
from ecsplan.config.expressions.repetition import written_at
from ecsplan.config.resources.attribute_sources import Places
from ecsplan.config.resources.expansion import Blocks
from ecsplan.config.resources.name_lookup import UnknownName, checked_member, find_named, resolved
from ecsplan.config.resources.validation import ParsedResource
from ecsplan.config.syntax.faults import ExpressionError, Faults
from ecsplan.config.syntax.nodes import Node
from ecsplan.model.address import Address, Ref
from ecsplan.model.composites import NamedRef
from ecsplan.model.diagnostic import Hint, SourceRange
from ecsplan.model.quoting import shown
from ecsplan.model.resource import Resource
from ecsplan.model.rules import Rule
from ecsplan.model.spelling import near
from ecsplan.model.values import Mistake

_MOST_COMPARED = 36

Edges = dict[Address, dict[Address, str]]


class Resolved(Struct):
    """Resources by address; `edges` says for each what must be made before it, and the attribute that says so.

    `groups` are the members of each group that something depends on: they are a node of their own between the two,
    as an edge for every pair would be millions.
    """

    resources: dict[Address, Resource] = field(default_factory=dict)
    edges: Edges = field(default_factory=dict)
    groups: dict[Address, tuple[Address, ...]] = field(default_factory=dict)


def resolve(drafts: Iterable[ParsedResource], blocks: Blocks, faults: Faults) -> Resolved:
    """Every ParsedResource with its names found. What means nobody goes to `faults`."""
    resolver = _Resolver(blocks, faults)
    found = Resolved()
    written: dict[Address, tuple[SourceRange, Places]] = {}
    for draft in drafts:
        depends_on = resolver.depends_on(draft)
        attributes = resolver.attributes(draft)
        node = draft.block.node
        if draft.block.address not in written:
            written[draft.block.address] = (node.key_source, Places(node, draft.nodes))
        resource = found.resources[draft.address] = Resource(
            draft.address,
            attributes,
            draft.name,
            draft.name_is_managed,
            depends_on,
            draft.lifecycle,
            draft.adopt,
            *written[draft.block.address],
        )
        found.edges[draft.address] = _edges(draft, resource)
        for needed in depends_on:
            if blocks[needed.group].is_group and needed.key is None and needed not in found.groups:
                found.groups[needed] = tuple(blocks[needed].addresses())
    return found


class _Resolver:
    """Finds names; what members of a group share is found once."""

    def __init__(self, blocks: Blocks, faults: Faults) -> None:
        self.blocks, self.faults = blocks, faults
        self._depends: dict[Address, tuple[Address, ...]] = {}
        self._types = {block.kind.name: {a.name: a.type for a in block.kind.attributes} for block in blocks.values()}
        self._shared: dict[tuple[Address, str, int], tuple[Any, Any]] = {}
        self._literals: set[NamedRef] = set()
        self._names: dict[str, list[str]] = {}
        for address in blocks:
            self._names.setdefault(address.kind, []).append(address.name)

    def attributes(self, draft: ParsedResource) -> dict[str, Any]:
        found = {}
        for name, value in draft.attributes.items():
            if isinstance(value, (NamedRef, tuple)):
                value = self._found(draft, name, value)
                if value is None:  # a fault, said already
                    continue
            found[name] = value
        return found

    def _found(self, draft: ParsedResource, name: str, value: object) -> object:
        key = (draft.block.address, name, id(value))
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = (value, self._resolved(draft, name, value))
        return shared[1]

    def _resolved(self, draft: ParsedResource, name: str, value: object) -> object:
        def find(named: NamedRef) -> Ref | str:
            found = find_named(named, self.blocks)
            if isinstance(found, str):
                self._warn_of_near_miss(named, draft.nodes[name])
            return found

        try:
            return resolved(value, self._types[draft.address.kind][name], find)
        except UnknownName as error:
            place = _spelling(draft.nodes[name], error.name) or draft.nodes[name]
            self.faults.add_failed(error, place, draft.block.address, f"{name}: ")
        except Mistake as error:
            scope = draft.block.scope_of(draft.address.key)
            place = written_at(draft.nodes[name], error.path, scope, evaluate)
            self.faults.add(f"{name}: {error.summary}", error.words, place.source, draft.block.address, rule=Rule.VALUE)
        return None

    def _warn_of_near_miss(self, named: NamedRef, node: Node) -> None:
        """A text that is an id or a name of the cloud, unless it was meant to be a resource of the stack."""
        if named in self._literals:
            return
        self._literals.add(named)
        names = [name for kind in named.kinds for name in self._names.get(kind, ())]
        # Each is compared with every name: a stack that names hundreds of foreign keys means it.
        close = get_close_matches(named.text, names[:1000], 1, 0.8) if len(self._literals) <= _MOST_COMPARED else []
        if close:
            detail = Hint(f"{named.kinds[0]}.{close[0]} is declared here; did you mean {close[0]}?", named.text, close)
            summary = f"{named.text} names nothing of this stack and is taken as it is"
            self.faults.warn(summary, detail, (_spelling(node, named.text) or node).source, rule=Rule.PLAIN_REFERENCE)

    def depends_on(self, draft: ParsedResource) -> tuple[Address, ...]:
        group = draft.block.address
        if group not in self._depends:
            node = draft.block.node.value.get("depends_on")
            found = set() if node is None or node.value is None else set(self._named_in(node, group))
            found -= {address for address in found if address.key is not None and address.group in found}
            self._depends[group] = tuple(sorted(found, key=lambda address: address.sort_key))
        return self._depends[group]

    def _named_in(self, node: Node, address: Address) -> Iterable[Address]:
        """What depends_on lists; the address of a group stands for all its members."""
        if not isinstance(node.value, list):
            self.faults.add("depends_on is not a list", "write [kind.name]", node.source, address, rule=Rule.DEPENDS_ON)
            return
        for item in node.value:
            try:
                named = Address.parse(item.value if isinstance(item.value, str) else shown(item.value))
                block = self.blocks.get(named.group)
                if block is None:
                    detail = near(str(named.group), map(str, self.blocks), "resources")
                    self.faults.add(
                        f"depends_on: there is no {named}", detail, item.source, address, rule=Rule.DEPENDS_ON
                    )
                elif named.key is None:
                    yield named
                else:
                    yield checked_member(named, self.blocks)
            except ValueError as error:
                self.faults.add(f"depends_on: {error}", "write [kind.name]", item.source, address, rule=Rule.DEPENDS_ON)
            except ExpressionError as error:
                self.faults.add_failed(error, item, address, "depends_on: ")


def _spelling(node: Node, name: str) -> Node | None:
    """The scalar inside a value that is this name."""
    if node.value == name:
        return node
    inner = node.value.values() if isinstance(node.value, dict) else node.value if isinstance(node.value, list) else ()
    return next((found for child in inner if (found := _spelling(child, name)) is not None), None)


def _edges(draft: ParsedResource, resource: Resource) -> dict[Address, str]:
    """What must be there when the create call is sent; what an update sets later orders nothing."""
    later = draft.block.kind.create.later
    found: dict[Address, str] = {}
    for name, ref in resource.refs:
        if name not in later:
            found.setdefault(ref.address, name)
    for address in resource.depends_on:
        found.setdefault(address, "depends_on")
    return found
