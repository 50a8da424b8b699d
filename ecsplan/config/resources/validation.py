"""Declared blocks against the table of their kind: every fault at once, and what is sound as ParsedResources.

One still holds plain names where it refers to others; resolution.py finds what they mean. The shape of the file has
passed the schema (schema_gate.py); values are made canonical here, and what expressions turned out to be is judged.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from ecsplan.config.expressions.interpolation import evaluate
from ecsplan.config.expressions.repetition import written_at
from ecsplan.config.resources.declared_blocks import Declared
from ecsplan.config.resources.expansion import Block, attribute_nodes, mentions_member
from ecsplan.config.resources.lifecycle_block import lifecycle_of
from ecsplan.config.resources.nested_blocks import Shape
from ecsplan.config.resources.schedule_block import schedule_of
from ecsplan.config.syntax.faults import ExpressionError, Faults
from ecsplan.config.syntax.nodes import BROKEN, Node, mapping_of
from ecsplan.model.address import Address
from ecsplan.model.attribute import Attribute
from ecsplan.model.capabilities.inheriting import may_be_inherited
from ecsplan.model.composites import UnknownKey
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Rejected, Words
from ecsplan.model.quoting import shown
from ecsplan.model.resource import Lifecycle
from ecsplan.model.rules import Rule
from ecsplan.model.spelling import near, with_article
from ecsplan.model.texts import FileText
from ecsplan.model.values import Mistake, Unquoted


class ParsedResource(Struct, eq=False):
    """One resource whose values are parsed, and whose references are still names."""

    address: Address
    block: Block
    attributes: dict[str, Any]
    name: str
    name_is_managed: bool
    lifecycle: Lifecycle
    adopt: str | None
    nodes: dict[str, Node] = field(default_factory=dict)


def drafts_of(declared: Declared, faults: Faults) -> Iterator[ParsedResource]:
    """The sound part of every member of every block."""
    for block in declared.blocks.values():
        yield from _Reader(declared, block, faults).drafts()


class _Reader:
    """Reads one block: what is the same for all members once, the rest member by member."""

    def __init__(self, declared: Declared, block: Block, faults: Faults) -> None:
        self.declared, self.block, self.faults = declared, block, faults
        self.shape = declared.shapes[block.kind.name]
        self.unsound: set[str] = set()

    def drafts(self) -> Iterator[ParsedResource]:
        block = self.block
        pairs = dict(self._known_keys(self.shape, attribute_nodes(block), ""))
        nodes = {attribute.name: node for attribute, node in pairs.values()}
        varying = {name: pair for name, pair in pairs.items() if block.is_group and _varies(*pair)}
        pairs.pop("name", None)
        shared = self._values({name: pair for name, pair in pairs.items() if name not in varying}, None)
        varying.pop("name", None)
        lifecycle = lifecycle_of(block.node.value.get("lifecycle"), block.kind, block.scope, block.address, self.faults)
        if schedule := schedule_of(block, self.faults):
            lifecycle = replace(lifecycle, schedule=schedule)
        adopted = self._adopted()
        for address in block.addresses():
            named = self._name(address.key)
            attributes = dict(shared)
            if varying:
                attributes |= self._values(varying, address.key)
            if named[1]:
                attributes["name"] = named[0]
            yield ParsedResource(address, block, attributes, *named, lifecycle, adopted.get(address.key), nodes)

    def _known_keys(
        self, shape: Shape, members: Mapping[str, Node], prefix: str
    ) -> Iterator[tuple[str, tuple[Attribute, Node]]]:
        """The declared attributes with their nodes; what is missing is a fault. Unknown keys have been told."""
        for key, node in members.items():
            known = shape.members.get(key)
            if known is None or node.value is None or node.value is BROKEN:
                continue
            if isinstance(known, Shape):
                yield from self._known_keys(known, mapping_of(node), f"{prefix}{key}.")
            elif not known.computed:
                yield known.name, (known, node)
        for key in shape.required:
            is_given = not prefix and may_be_inherited(self.block.kind, key, members)
            if not is_given and (key not in members or members[key].value is None):
                self._missing(shape.members[key], prefix)

    def _missing(self, attribute: Attribute | Shape, prefix: str) -> None:
        if isinstance(attribute, Attribute):
            node = self.block.node.at(prefix.split(".")[:-1]) if prefix else self.block.node
            summary = f"{with_article(self.block.kind.name)} needs {attribute.name}"
            detail = f"write {attribute.name.rpartition('.')[2]}: {attribute.type.says}"
            self.faults.add(summary, detail, node.key_source, self.block.address, rule=Rule.MISSING_KEY)

    def _values(self, pairs: dict[str, tuple[Attribute, Node]], key: int | str | None) -> dict[str, object]:
        """The canonical values; what is unsound is said once for a whole group, and left out."""
        scope = self.block.scope_of(key)
        found = {}
        for name, (attribute, node) in pairs.items():
            if name in self.unsound:
                continue
            try:
                found[name] = self.declared.parsed(attribute, node, scope)
            except (Mistake, ExpressionError, Rejected) as error:
                self.unsound.add(name)
                self._refuse(error, node, key, f"{attribute.name}: ")
        return found

    def _refuse(
        self, error: Mistake | ExpressionError | Rejected, node: Node, key: int | str | None, what: str
    ) -> None:
        """A fault at the value that it is about, for one member where it is a member's."""
        address = Address(self.block.address.kind, self.block.address.name, key)
        if isinstance(error, Rejected):
            for diagnostic in error.diagnostics:
                self.faults.add(
                    what + diagnostic.summary, diagnostic.detail, diagnostic.source, address, rule=diagnostic.rule
                )
        elif isinstance(error, Mistake):
            place = written_at(node, error.path, self.block.scope_of(key), evaluate)
            source = place.key_source if place is not node and isinstance(error, UnknownKey) else place.source
            self.faults.add(what + error.summary, _with_hint(error, place), source, address, rule=error.rule)
        else:
            self.faults.add_failed(error, node, address, what)

    def _name(self, key: int | str | None) -> tuple[str, bool]:
        """The cloud name and whether it is managed; empty where the service would not take it."""
        if "name" in self.unsound:
            return "", False
        node = self.block.node.value.get("name", self.block.node)
        try:
            named = self.declared.name_of(self.block, key)
            self.declared.check_name(self.block, named[0])
        except (Mistake, ExpressionError) as error:
            self.unsound.add("name")
            self._refuse(error, node, key, "name: ")
            return "", False
        return named

    def _adopted(self) -> dict[int | str | None, str]:
        """The ids to be taken over, by member."""
        node = self.block.node.value.get("adopt")
        if node is None or node.value is None:
            return {}
        block = self.block
        if block.keys is None:
            return {None: node.value} if self._is_id(node) else {}
        if not isinstance(node.value, dict):
            self._fault("adopt of a group is a mapping", "write {0: id} or {key: id}, one for each member", node)
            return {}
        by_text = {str(key): key for key in block.keys}
        found: dict[int | str | None, str] = {}
        for text, child in mapping_of(node).items():
            if text not in by_text:
                detail = near(text, by_text, "members")
                self.faults.add(
                    f"adopt: there is no member {text}", detail, child.key_source, block.address, rule=Rule.ADOPT
                )
            elif self._is_id(child):
                found[by_text[text]] = child.value
        return found

    def _is_id(self, node: Node) -> bool:
        prefixes = self.block.kind.id_prefixes
        if isinstance(node.value, str) and node.value and (not prefixes or node.value.startswith(prefixes)):
            return True
        like = f" like {prefixes[0]}…" if prefixes else ""
        value = shown(node.value) if not isinstance(node.value, (dict, list)) else "a mapping or list"
        self._fault(f"adopt: {value} is not the id of {with_article(self.block.kind.name)}", f"write an id{like}", node)
        return False

    def _fault(self, summary: str, detail: str, node: Node) -> None:
        self.faults.add(summary, detail, node.source, self.block.address, rule=Rule.ADOPT)


def _varies(attribute: Attribute, node: Node) -> bool:
    """Whether members of a group may have different values; nobody knows what a template file mentions."""
    is_template = isinstance(attribute.type, FileText) and isinstance(node.value, dict) and "template" in node.value
    return is_template or mentions_member(node)


def _with_hint(mistake: Mistake, node: Node) -> Words:
    """Quoting does not make a text of an expression's number; the filter does."""
    if isinstance(mistake, Unquoted) and isinstance(node.value, str):
        return 'make a string of it in the expression, with "|string"'
    return mistake.words
