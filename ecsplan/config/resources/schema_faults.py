"""Faults that the schema finds, in words that help: which value it is, and what to write instead. Used by
schema_gate.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from ecsplan.config.expressions.repetition import FOR, WRITE
from ecsplan.config.resources.nested_blocks import Shape
from ecsplan.config.syntax.nodes import Node, plain
from ecsplan.model.address import Address, Ref
from ecsplan.model.attribute import Attribute
from ecsplan.model.composites import ListOf, MapOf, Record, UnknownKey
from ecsplan.model.diagnostic import Words
from ecsplan.model.kind import Kinds
from ecsplan.model.quoting import shown
from ecsplan.model.rules import Rule
from ecsplan.model.spelling import near, with_article
from ecsplan.model.texts import FileText, SecretText
from ecsplan.model.values import Mistake, Text, ValueType

_UNKNOWN = Ref(Address("unknown", "unknown"))
_TYPES = {"object": "a mapping", "array": "a list", "string": "a string", "integer": "a whole number",
          "boolean": "true or false", "number": "a number"}  # fmt: skip


class Told(Struct, frozen=True):
    """A fault in words. `is_final`: no later step has better ones.

    `is_key`: it is about the key of the node. `parent` and `key`: the node is to be taken out, not only broken.
    """

    node: Node
    summary: str
    detail: Words
    address: Address | None = None
    is_final: bool = True
    is_key: bool = False
    parent: Node | None = None
    key: str = ""
    rule: Rule = Rule.VALUE


class Explainer:
    """Knows which part of the language a path is in: the file, a kind, a block, the value of an attribute."""

    def __init__(self, kinds: Kinds, shapes: Mapping[str, Shape]) -> None:
        self.kinds, self.shapes = kinds, shapes

    def told(self, root: Node, error: Any) -> Iterable[Told]:
        """One for each key that is unknown, else one."""
        path: Sequence[str | int] = list(error.absolute_path)
        node = root.at(path)
        match path:
            case ["resources"] if error.validator == "additionalProperties":
                yield from self._kinds(node)
            case ["resources" | "defaults", kind, *rest] if kind in self.kinds:
                yield from self._in_kind(root, node, str(path[0]), str(kind), rest, error)
            case ["defaults", "tags"] if error.validator == "type":
                above, detail = root.value["defaults"], "write tags: {key: value}"
                yield Told(node, "defaults.tags is not a mapping", detail, parent=above, key="tags")
            case ["defaults"] if error.validator == "additionalProperties":
                yield from _unknown(node, error, "defaults has no key {}", [*self.kinds, "tags"], "known keys")
            case []:
                yield from self._top(root, error)
            case ["resources" | "defaults" | "variables" | "locals" | "outputs" as section] if (
                error.validator == "type"
            ):
                yield Told(
                    node, f"{section} is not a mapping", f"write {section}: {{name: …}}", parent=root, key=section
                )
            case _:
                yield Told(node, *_words(path, error), is_final=False)

    def _top(self, root: Node, error: Any) -> Iterable[Told]:
        known = list(error.schema["properties"])
        for key in _extra(error):
            node = root.value[key]
            if key in self.kinds:
                detail: Words = f"write resources: {{{key}: {{…}}}}, all kinds under one resources:"
                yield Told(
                    node,
                    f"{key} belongs under resources:",
                    detail,
                    is_key=True,
                    parent=root,
                    key=key,
                    rule=Rule.UNKNOWN_KEY,
                )
            else:
                hint = near(key, known, "keys")
                yield Told(
                    node, f"a stack has no key {key}", hint, is_key=True, parent=root, key=key, rule=Rule.UNKNOWN_KEY
                )

    def _kinds(self, node: Node) -> Iterable[Told]:
        for key in [key for key in node.value if key not in self.kinds]:
            hint = near(key, self.kinds, "known kinds")
            yield Told(
                node.value[key], f"{key} is not a kind", hint, is_key=True, parent=node, key=key, rule=Rule.UNKNOWN_KEY
            )

    def _in_kind(
        self, root: Node, node: Node, section: str, kind: str, rest: Sequence[str | int], error: Any
    ) -> Iterable[Told]:
        above = root.at([section])
        if not rest and section == "resources":
            if error.validator == "type":
                detail = "write the names of the resources, each with its attributes: {main: {…}}"
                yield Told(node, f"resources.{kind} is not a mapping", detail, parent=above, key=kind)
            else:  # of propertyNames
                name = str(error.instance)
                detail = "start with a letter or _, go on with letters, digits, _ and -"
                inner, of = node.value[name], Address(kind, name)
                summary = f"{name} is not a name for a resource"
                yield Told(inner, summary, detail, of, is_key=True, parent=node, key=name, rule=Rule.NAME)
            return
        address = Address(kind, str(rest[0])) if section == "resources" else None
        holder = root.at([section, kind, *rest[:1]]) if address else root.at([section, kind])
        inside = list(rest[1:] if address else rest)
        where = str(address) if address else f"defaults.{kind}"
        if not inside and error.validator == "type":
            detail = f"write {rest[0] if address else kind}: {{attribute: value}}"
            parent, key = (root.at([section, kind]), str(rest[0])) if address else (above, kind)
            yield Told(node, f"{where} is not a mapping", detail, address, parent=parent, key=key)
        else:
            yield from self._in_body(kind, self.shapes[kind], holder, inside, error, address)

    def _in_body(
        self, kind: str, shape: Shape, node: Node, inside: list[str | int], error: Any, address: Address | None
    ) -> Iterable[Told]:
        """In the body of a resource: unknown keys, blocks, and values of attributes."""
        walked: list[str] = []
        while inside:
            known = shape.members.get(str(inside[0]))
            if known is None:  # count, for_each, adopt, depends_on, lifecycle
                yield Told(node.at(inside[:2]), *_words([*walked, *inside], error), address, is_final=False)
                return
            node = node.at(inside[:1])
            walked.append(str(inside.pop(0)))
            if isinstance(known, Attribute):
                yield _value(known, node, inside, error, address)
                return
            shape = known
        if error.validator == "additionalProperties":
            yield from _unknown_attributes(kind, shape, walked, node, error, address)
        else:
            name = ".".join(walked)
            yield Told(node, f"{name} is not a mapping", f"write {name}: {_as_block(shape, node)}", address)


def _unknown_attributes(
    kind: str, shape: Shape, walked: list[str], node: Node, error: object, address: Address | None
) -> Iterable[Told]:
    whole = with_article(kind) if address else f"defaults.{kind}"
    what = f"{'.'.join(walked)} of {whole}" if walked else whole
    known = [*shape.members, *shape.meta]
    for key in _extra(error):
        inner = node.value[key]
        if key in shape.members:
            summary, hint = f"{'.'.join([*walked, key])} is decided by the cloud and cannot be set", "remove it"
            yield Told(inner, summary, hint, address, is_key=True, parent=node, key=key, rule=Rule.UNKNOWN_KEY)
        else:
            hint_near = near(key, known, "known attributes")
            yield Told(
                inner,
                f"{what} has no attribute {key}",
                hint_near,
                address,
                is_key=True,
                parent=node,
                key=key,
                rule=Rule.UNKNOWN_KEY,
            )


def _unknown(node: Node, error: object, summary: str, known: Iterable[str], what: str) -> Iterable[Told]:
    for key in _extra(error):
        yield Told(
            node.value[key],
            summary.format(key),
            near(key, known, what),
            is_key=True,
            parent=node,
            key=key,
            rule=Rule.UNKNOWN_KEY,
        )


def _extra(error: Any) -> list[str]:
    return [key for key in error.instance if key not in error.schema.get("properties", {})]


def _value(attribute: Attribute, node: Node, inside: list[str | int], error: object, address: Address | None) -> Told:
    """The value of an attribute, or one inside it, in the words of its type."""
    kind: ValueType = SecretText() if attribute.sensitive else attribute.type
    if isinstance(kind, FileText) and isinstance(node.value, dict):
        ways = [key for key in node.value if key != "gzip"]
        way = ways[0] if len(ways) == 1 else ""
        if way in ("file", "template") and "gzip" in node.value and kind.base64:
            return Told(node.value["gzip"], f"{attribute.name}: gzip is true, or left out", "write gzip: true", address)
        if way in ("file", "template"):
            return Told(node.value[way], f"{attribute.name}: {way} is not a path", f"write {{{way}: PATH}}", address)
        summary = f"{attribute.name}: a mapping here has one key, file or template"
        return Told(node, summary, "write {file: PATH} or {template: PATH}", address)
    is_entry = False
    while inside:
        step = inside[0]
        if step == FOR:
            return Told(node.at([step]), f"{attribute.name}: for is not a string", WRITE, address, is_final=False)
        if isinstance(kind, (ListOf, MapOf)):
            kind = kind.item
        elif isinstance(kind, Record) and step in kind.by_name:
            kind = kind.by_name[str(step)].type
        else:
            break
        node, is_entry = node.at(inside[:1]), isinstance(step, int)
        inside = inside[1:]
    mistake = _mistake(kind, _without_expressions(_once(plain(node)) if is_entry else plain(node)))
    at = node.at(mistake.path)
    is_key = at is not node and isinstance(mistake, UnknownKey)
    return Told(
        at,
        f"{attribute.name}: {mistake.summary}",
        mistake.words,
        address,
        is_key=is_key,
        rule=mistake.rule,
    )


def _mistake(kind: ValueType, value: object) -> Mistake:
    """Why the type does not take the value."""
    try:
        kind.parse(value)
    except Mistake as mistake:
        return mistake
    return kind.mistake(value)


def _without_expressions(value: object) -> object:
    """The value with what is not known yet where expressions stand inside it."""
    if isinstance(value, dict):
        return {key: _unknown_if_expression(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_unknown_if_expression(_once(inner)) for inner in value]
    return value


def _once(entry: object) -> object:
    """An entry that is repeated, as one of those that it makes."""
    return {key: inner for key, inner in entry.items() if key != FOR} if isinstance(entry, dict) else entry


def _unknown_if_expression(value: object) -> object:
    return _UNKNOWN if isinstance(value, str) and "${" in value else _without_expressions(value)


def _as_block(shape: Shape, node: Node) -> str:
    """A block as one value may have been meant: `{size: 40}` for 40."""
    for name, member in shape.members.items():
        if isinstance(member, Attribute) and not member.computed and _takes(member, node.value):
            return f"{{{name}: {shown(node.value)}}}"
    return f"{{{', '.join(shape.members)}}}"


def _takes(attribute: Attribute, value: object) -> bool:
    try:
        attribute.type.parse(value)
    except Mistake:
        return False
    return not isinstance(attribute.type, Text) or attribute.required


def _words(path: Sequence[str | int], error: Any) -> tuple[str, Words]:
    """Words from the schema alone, for what no type describes."""
    where = ".".join(map(str, path))
    schema = error.schema
    if error.validator == "additionalProperties":
        extra = _extra(error)[0]
        return f"{where} has no key {extra}", near(extra, schema.get("properties", ()), "keys")
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        return f"{where} needs {missing}", f"write {missing}: …"
    if error.validator == "enum":
        hint = near(str(error.instance), map(str, error.validator_value), "one of")
        return f"{where}: {shown(error.instance)} is not known", hint
    kinds = schema.get("type", ())
    wanted = " or ".join(_TYPES[k] for k in ([kinds] if isinstance(kinds, str) else kinds) if k in _TYPES)
    described = schema.get("description", "")
    return f"{where}: {shown(error.instance)} is not allowed here", described or f"write {wanted or 'another value'}"
