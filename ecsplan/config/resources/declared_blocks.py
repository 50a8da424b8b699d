"""The declared blocks as a whole: cloud names, parsed attributes, and what expressions may ask about them."""

from collections.abc import Mapping, Sequence
from typing import Any

from ecsplan.config.expressions.interpolation import evaluate
from ecsplan.config.expressions.scope import Scope
from ecsplan.config.resources.expansion import Block, Blocks, mentions_member
from ecsplan.config.resources.name_lookup import checked_member, find_named, resolved
from ecsplan.config.resources.nested_blocks import Shape, attribute_names
from ecsplan.config.syntax.faults import ExpressionError
from ecsplan.config.syntax.nodes import Node, place_of, plain
from ecsplan.config.syntax.relative_paths import beside, relative_to
from ecsplan.config.syntax.source_files import Files
from ecsplan.model.address import Address, Ref, Secret, Template
from ecsplan.model.attribute import Attribute
from ecsplan.model.composites import Reference
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.record_form import has_secret
from ecsplan.model.rules import Rule
from ecsplan.model.spelling import near, with_article
from ecsplan.model.texts import BINARY, PACKED, FileText, SecretText
from ecsplan.model.values import Mistake

_DEEPEST_CHAIN = 24


class Declared:
    """Answers `${kind.name.attribute}`; the values are made when asked for, and kept."""

    def __init__(self, stack: str, blocks: Blocks, shapes: Mapping[str, Shape], files: Files) -> None:
        self.stack, self.blocks, self.shapes, self.files = stack, blocks, shapes, files
        self._known: dict[tuple[Address, str], Any] = {}
        self._asked: list[str] = []
        self._parsed: dict[tuple[int, str], Any] = {}

    def is_kind(self, name: str) -> bool:
        return name in self.shapes

    def declared_kinds(self) -> set[str]:
        return {address.kind for address in self.blocks}

    def is_declared(self, kind: str, name: str) -> bool:
        return Address(kind, name) in self.blocks

    def is_block(self, kind: str, attribute: str) -> bool:
        return isinstance(_member_at(self.shapes[kind], attribute), Shape)

    def keys_of(self, kind: str, name: str) -> Sequence[int | str]:
        block = self.blocks.get(Address(kind, name))
        if block is None:
            hint = near(name, self.blocks.names_of(kind), f"every {kind}")
            raise ExpressionError(f"there is no {kind} called {name}", hint, rule=Rule.REFERENCE)
        if block.is_broken:
            raise ExpressionError(f"the members of {block.address} are not known", is_said=True)
        if block.keys is None:
            raise ExpressionError(f"{block.address} is a single resource", f"write {block.address} without [*]")
        return block.keys

    def value_of(self, kind: str, name: str, key: int | str | None, attribute: str) -> Any:
        address = self._existing(kind, name, key)
        if not attribute:
            raise ExpressionError(f"{address} is a whole resource", f"say which attribute, like {address}.id")
        if attribute == "id":
            return Ref(address)
        asked = (address, attribute)
        if asked not in self._known:
            try:
                self._known[asked] = self._asked_value(address, attribute)
            except ExpressionError as error:
                self._known[asked] = error
        known = self._known[asked]
        if isinstance(known, ExpressionError):  # a new one: its place is that of whoever asks
            raise ExpressionError(known.summary, known.words, is_said=known.is_said, rule=known.rule)
        return known

    def _existing(self, kind: str, name: str, key: int | str | None) -> Address:
        address = Address(kind, name, key)
        if address.group in self.blocks:
            return checked_member(address, self.blocks)
        hint = near(name, self.blocks.names_of(kind), f"every {kind}")
        raise ExpressionError(f"there is no {kind} called {name}", hint, rule=Rule.REFERENCE)

    def _asked_value(self, address: Address, attribute: str) -> Any:
        """Follows an attribute of another resource, which may itself be an expression."""
        shown = f"{address}.{attribute}"
        if shown in self._asked:
            path = [*self._asked[self._asked.index(shown) :], shown]
            raise ExpressionError(f"{shown} refers to itself", " → ".join(path))
        if len(self._asked) >= _DEEPEST_CHAIN:
            raise ExpressionError(
                "a chain of expressions is too long", f"at most {_DEEPEST_CHAIN} may follow each other"
            )
        self._asked.append(shown)
        try:
            return self._value_in(self.blocks[address.group], address, attribute)
        finally:
            self._asked.pop()

    def _value_in(self, block: Block, address: Address, path: str) -> Any:
        if path == "name":
            return self.name_of(block, address.key)[0]
        attribute, inner = self._attribute_at(block, path)
        if attribute.computed:
            return Ref(address, attribute.name)
        node = _node_at(block.node, attribute.name)
        if node is None:
            if attribute.read_as is False:
                detail = f"the cloud does not tell it: declare {attribute.name} there, or use a variable"
                raise ExpressionError(f"{address} does not declare {attribute.name}", detail)
            return Ref(address, attribute.name)
        if isinstance(attribute.type, FileText) and isinstance(node.value, dict):
            raise ExpressionError(
                f"{address}.{attribute.name} comes from a file, and no expression can read it",
                "what may be shown stands in the stack file; where the same file is meant, name it there too",
            )
        return self._declared_value(attribute, node, block.scope_of(address.key), inner)

    def _attribute_at(self, block: Block, path: str) -> tuple[Attribute, list[str]]:
        """The attribute that a dotted path leads to, and what follows into its value (`tags.team`)."""
        steps = path.split(".")
        for count in range(len(steps), 0, -1):
            found = _member_at(self.shapes[block.kind.name], ".".join(steps[:count]))
            if isinstance(found, Attribute):
                return found, steps[count:]
            if found is not None:
                detail = f"members: {', '.join(found.members)}"
                raise ExpressionError(f"{path} of {with_article(block.kind.name)} is a block", detail)
        hint = near(path, [*attribute_names(block.kind), "id"], "attributes")
        raise ExpressionError(f"{with_article(block.kind.name)} has no attribute {path}", hint, rule=Rule.REFERENCE)

    def _declared_value(self, attribute: Attribute, node: Node, scope: Scope, inner: list[str]) -> Any:
        try:
            value = self.parsed(attribute, node, scope)
            value = resolved(value, attribute.type, lambda named: find_named(named, self.blocks))
        except (Mistake, ExpressionError) as error:
            # Where the attribute stands its fault is said too; here, where it is used, stands another.
            is_said = isinstance(error, ExpressionError) and error.is_said
            summary = f"{attribute.name} cannot be used: {error.summary}"
            raise ExpressionError(summary, error.words, is_said=is_said) from None
        except Rejected as error:
            raise ExpressionError(f"{attribute.name} cannot be used: {error.diagnostics[0].summary}") from None
        if isinstance(value, (str, int, float, Ref, Secret, Template)):
            if inner:
                raise ExpressionError(f"{attribute.name} has no members", "only lists and mappings have some")
            return value
        found = evaluate(node, scope)
        for step in inner:
            if not isinstance(found, dict) or step not in found:
                known = found if isinstance(found, dict) else ()
                raise ExpressionError(f"{attribute.name} has no member {step}", near(step, known, "members"))
            found = found[step]
        return found

    def parsed(self, attribute: Attribute, node: Node, scope: Scope) -> Any:
        """The canonical value of an attribute, plain names still in it. Raises ExpressionError or Mistake."""
        kind = attribute.type
        if isinstance(kind, FileText) and isinstance(node.value, dict):
            value = self._file_text(node, scope, kind)
        else:
            value = evaluate(node, scope)
        if attribute.sensitive or isinstance(kind, SecretText):
            return self._secret(kind, value, node)
        if isinstance(value, Secret) and not isinstance(kind, FileText):
            detail = "anybody who may read the account sees it; a secret goes into a password or into user data"
            raise Mistake("a secret cannot be written here", detail)
        if isinstance(value, (Ref, Template, Secret)):
            return _fitting(attribute, value)
        return self._canonical(attribute, value)

    def _canonical(self, attribute: Attribute, value: object) -> Any:
        """Of a list, made once for all members that say the same: they then share it."""
        key = (id(attribute), repr(value)) if isinstance(value, list) else None
        found = self._parsed.get(key) if key is not None else None
        if found is not None:
            return found
        found = attribute.parse(value)
        if isinstance(found, tuple) and has_secret(found):
            raise Mistake("a secret cannot be one part of a larger value", "only a whole attribute can be secret")
        if key is not None:
            self._parsed[key] = found
        return found

    def _secret(self, kind: object, value: object, node: Node) -> Secret:
        if isinstance(value, Secret):
            return value
        if isinstance(value, (Ref, Template)):
            raise Mistake("a value known only after apply is not a secret", f"write {SecretText().says}")
        secret: Secret = SecretText().parse(value)
        return relative_to(node.file, secret)

    def _file_text(self, node: Node, scope: Scope, of: FileText) -> Any:
        """`{file: PATH}` as it is, `{template: PATH}` with its expressions filled in; packed with `gzip: true`."""
        ways = {key: child for key, child in node.value.items() if key != "gzip" or not of.base64}
        if len(ways) != 1 or not set(ways) <= {"file", "template"}:
            raise Mistake("a mapping here has one key, file or template", "write {file: PATH} or {template: PATH}")
        (way, child), *_ = ways.items()
        is_packed = len(ways) < len(node.value)
        if is_packed and evaluate(node.value["gzip"], scope) is not True:
            raise Mistake("gzip is true, or left out", "write gzip: true", ("gzip",))
        path = evaluate(child, scope)
        if not isinstance(path, str) or not path:
            raise Mistake(f"{way} is not a path", f"write {{{way}: PATH}}", (way,))
        full = beside(node.file, path)
        if way == "file":
            text = self.files.any(full, child.source) if of.base64 else self.files.text(full, child.source)
        else:
            text = self._filled_in(full, self.files.text(full, child.source), scope)
        if not is_packed:
            return text
        if not isinstance(text, str):
            raise Mistake("what is known only after apply, or secret, cannot be packed", "remove gzip", ("gzip",))
        if text.startswith((PACKED, BINARY)):
            raise Mistake(f"{path} is not a string: it is sent as it is", "remove gzip", ("gzip",))
        return PACKED + text

    @staticmethod
    def _filled_in(full: str, text: str, scope: Scope) -> Any:
        try:
            return evaluate(Node(text, full), scope)
        except ExpressionError as error:
            if error.node is not None and error.node.file == full:
                error.node = Node(None, full, _place_in(text, error.offset or 0))
            raise

    def name_of(self, block: Block, key: int | str | None) -> tuple[str, bool]:
        """The cloud name of a resource, and whether it is managed. Raises ExpressionError or Mistake."""
        node = _node_at(block.node, "name")
        default = f"{self.stack}-{block.address.name}"
        if node is None:
            return _numbered(default, key), key is not None
        attribute = self.shapes[block.kind.name].members.get("name")
        scope = block.scope_of(key)
        declared = self.parsed(attribute, node, scope) if isinstance(attribute, Attribute) else plain(node)
        if not isinstance(declared, str):
            raise Mistake("a name must be known and must not be secret", "write a string, with variables only")
        # A name that says its own number or key is the name; one that is the same for all gets the ordered suffix.
        return declared if mentions_member(node) else _numbered(declared, key), True

    def check_name(self, block: Block, name: str) -> None:
        """Raises Mistake for a name that the service would refuse."""
        attribute = self.shapes[block.kind.name].members["name"]
        assert isinstance(attribute, Attribute)  # every kind has one
        attribute.type.parse(name)


def _numbered(name: str, key: int | str | None) -> str:
    if key is None:
        return name
    return f"{name}-{key:04d}" if isinstance(key, int) else f"{name}-{key}"


def _fitting(attribute: Attribute, value: Any) -> Any:
    """A value known later, if it can be what the attribute wants at all."""
    kind: Any = attribute.type
    is_object = isinstance(kind, Reference) and isinstance(value, Ref) and value.attribute == "id"
    if is_object and value.address.kind not in kind.kinds:
        summary = f"{value.address} is {with_article(value.address.kind)}, not {with_article(' or '.join(kind.kinds))}"
        raise Mistake(summary, f"write {kind.says}")
    return value


def _place_in(text: str, offset: int) -> int:
    return place_of(text.count("\n", 0, offset), offset - (text.rfind("\n", 0, offset) + 1))


def _member_at(shape: Shape, path: str) -> Attribute | Shape | None:
    found: Attribute | Shape | None = shape
    for step in path.split("."):
        if not isinstance(found, Shape):
            return None
        found = found.members.get(step)
    return found


def _node_at(node: Node, path: str) -> Node | None:
    """The declared node at a dotted path; null counts as not declared."""
    found: Any = node
    for step in path.split("."):
        if not isinstance(found.value, dict) or step not in found.value:
            return None
        found = found.value[step]
    return None if found.value is None else found
