"""YAML text to Nodes that know file, line and column; the only reader of files and the only user of PyYAML here.

Goes through the parser's events in one loop, so that no depth of nesting can exhaust the stack. What the keys mean
is left to the later steps. Which files make a stack is in layers.py.
"""

import re
from typing import Any

import yaml

from ecsplan.config.syntax.budget import Budget, OverBudget
from ecsplan.config.syntax.characters import Slip, slip_in_key, slip_in_line, slip_in_value
from ecsplan.config.syntax.nodes import Node, place_of
from ecsplan.config.syntax.scalars import MAPPING_TAG, SEQUENCE_TAG, core_value, tag_text, tagged_value
from ecsplan.model.diagnostic import Diagnostic, Rejected, SourceRange
from ecsplan.model.rules import Rule

_DEEPEST = 64
_ALIASED_NODES = 100_000
_QUOTE_IT = 'quote the expression: "${…}"'

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def document(text: str, path: str, budget: Budget | None = None) -> Node:
    """The one YAML document of a file's text; a mapping. Raises Rejected."""
    node = parse(text, path, budget)
    if not isinstance(node.value, dict):
        what = "a list" if isinstance(node.value, list) else "a single value"
        raise _rejected(f"{path} holds {what} where a mapping belongs", "write key: value lines", node.source)
    return node


def parse(text: str, file: str, budget: Budget | None = None) -> Node:
    """The one YAML document of a text. Raises Rejected with the first thing that does not parse."""
    try:
        return _Composer(file, text, budget or Budget()).compose(_Parser(text))
    except yaml.MarkedYAMLError as error:
        raise _rejected(*_explained(error, text, file)) from None
    except yaml.reader.ReaderError as error:
        offset = int(error.position)
        source = SourceRange(file, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))
        raise _rejected("a character that YAML does not allow", "remove it, or escape it in quotes", source) from None


def _explained(error: yaml.MarkedYAMLError, text: str, file: str) -> tuple[str, str, SourceRange]:
    """What is wrong, what to do, and where. The parser stops at the first thing that does not fit what came before."""
    problem = error.problem or error.context or "this is not YAML"
    summary = f"not valid YAML: {problem}" + (f" {error.context}" if error.context and error.problem else "")
    seen, begun = error.problem_mark or error.context_mark, error.context_mark or error.problem_mark
    source = _source(file, seen)
    if seen is None or begun is None:
        return summary, "check the indentation and the quotes", source
    lines = text.splitlines()
    there = range(min(begun.line, len(lines) - 1), min(seen.line, len(lines) - 1) + 1)
    slips = ((line, found) for line in there if not lines[line].isascii() and (found := slip_in_line(lines[line])))
    line, slip = next(slips, (0, None))
    if slip is not None:
        return slip[1], slip[2], SourceRange(file, line + 1, slip[0] + 1)
    # In flow style the brace of an unquoted ${ opens a mapping; the parser only sees a comma missing.
    if any(re.search(r"(?<![\"'\w])\$\{", lines[line]) for line in {there[0], there[-1]}):
        return summary, _QUOTE_IT, source
    if "exceeded max" in problem:
        return "nested too deeply", f"at most {_DEEPEST} levels are read", source
    if "cannot start any token" in problem and any("\t" in lines[line][:40] for line in {there[0], there[-1]}):
        return summary, "indent with spaces; YAML does not allow tabs", source
    if seen.line > begun.line and ("expected ',' or" in problem or "end of stream" in problem):
        opened = lines[begun.line][begun.column : begun.column + 1]
        comma = "" if opened in "\"'" else f", or write the comma that is missing before line {seen.line + 1}"
        return f"the {opened} is not closed", f"close it{comma}", _source(file, begun)
    return summary, "check the indentation and the quotes around it", source


def _source(file: str, mark: Any) -> SourceRange:
    return SourceRange(file, mark.line + 1, mark.column + 1) if mark is not None else SourceRange(file, 1, 1)


def _rejected(summary: str, detail: str, source: SourceRange) -> Rejected:
    return Rejected([Diagnostic(summary, detail, source, rule=Rule.SYNTAX)])


class _Open:
    """A mapping or sequence whose end has not come yet."""

    __slots__ = ("anchor", "key", "key_place", "node", "size_before", "value")

    def __init__(self, node: Node, anchor: str | None, size_before: int) -> None:
        self.node, self.value, self.anchor, self.size_before = node, node.value, anchor, size_before
        self.key: str | None = None
        self.key_place: int | None = None


class _Composer:
    """One pass over the events of one document."""

    def __init__(self, file: str, text: str, budget: Budget) -> None:
        self.file, self.text, self.budget, self.most = file, text, budget, budget.left["values"]
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.open: list[_Open] = []
        self.size = 0
        self.aliased = 0
        self.root: Node | None = None

    def compose(self, parser: Any) -> Node:
        steps = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._start,
            yaml.SequenceStartEvent: self._start,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }
        while not isinstance(event := parser.get_event(), (yaml.StreamEndEvent, type(None))):
            step = steps.get(type(event))
            if step is not None:
                step(event)
        if self.root is None or self.root.value is None:
            raise self._fault(f"{self.file} is empty", "write a mapping", place_of(0, 0))
        self.budget.take("values", self.size)
        return self.root

    def _document(self, event: Any) -> None:
        if self.root is not None:
            place = place_of(event.start_mark.line, event.start_mark.column)
            raise self._fault("a second document in one file", "put it in a file of its own", place)

    def _scalar(self, event: Any) -> None:
        mark = event.start_mark
        place = place_of(mark.line, mark.column)
        owner = self.open[-1] if self.open else None
        is_key = owner is not None and owner.key is None and type(owner.value) is dict
        if event.implicit[0] and not event.value.isascii():
            self._refuse_slip(event, slip_in_key(event.value) if is_key else slip_in_value(event.value))
        if owner is not None and is_key:
            self._take_key(owner, event, place)
            return
        try:
            if event.implicit[0] and event.tag is None:
                value = core_value(event.value)
            elif event.implicit[1] or event.tag in (None, "!"):
                value = event.value
            else:
                value = tagged_value(event.tag, event.value)
        except ValueError as error:
            raise self._fault(str(error), "quote it to make it a string", place) from None
        self._put(Node(value, self.file, place), event.anchor)

    def _refuse_slip(self, event: Any, slip: Slip | None) -> None:
        """A value or key without quotes in which a character is not what it looks like."""
        if slip is None:
            return
        lines, mark = self.text.splitlines(), event.start_mark
        # The text may go on over several lines, and is joined with spaces.
        for line in range(mark.line, min(event.end_mark.line + 1, len(lines))):
            column = lines[line].find(event.value[slip[0]], mark.column if line == mark.line else 0)
            if column >= 0:
                raise self._fault(slip[1], slip[2], place_of(line, column))
        raise self._fault(slip[1], slip[2], place_of(mark.line, mark.column))

    def _take_key(self, owner: _Open, event: Any, place: int) -> None:
        key = event.value
        if event.implicit[0]:
            if key == "<<":
                detail = "merge keys are not part of YAML 1.2; repeat the keys, or use defaults"
                raise self._fault("the merge key << is not read", detail, place)
            if core_value_is_null(key):
                raise self._fault("a key is missing before the colon", "write key: value", place)
        elif not event.implicit[1] and event.tag not in (None, "!", "tag:yaml.org,2002:str"):
            raise self._fault(f"the tag {tag_text(event.tag)} is not allowed", "remove it", place)
        if key in owner.value:
            first = owner.value[key].key_source
            detail = f"the first one is at {first}; remove one of the two"
            raise self._fault(f"the key {key} appears twice in one mapping", detail, place)
        owner.key, owner.key_place = key, place
        if event.anchor is not None:
            self.anchors[event.anchor] = (Node(key, self.file, place), 1)

    def _start(self, event: Any) -> None:
        mark = event.start_mark
        place = place_of(mark.line, mark.column)
        is_mapping = type(event) is yaml.MappingStartEvent
        if event.tag not in (None, "!", MAPPING_TAG if is_mapping else SEQUENCE_TAG):
            detail = "only plain values, lists and mappings are read; remove the tag"
            raise self._fault(f"the tag {tag_text(event.tag)} is not allowed", detail, place)
        if len(self.open) >= _DEEPEST:
            raise self._fault("nested too deeply", f"at most {_DEEPEST} levels are read", place)
        if self.open and type(self.open[-1].value) is dict and self.open[-1].key is None:
            raise self._fault("a key must be a string", "write key: value (and quote an expression)", place)
        node = Node({} if is_mapping else [], self.file, place)
        self.open.append(_Open(node, event.anchor, self.size))

    def _end(self, _: object) -> None:
        done = self.open.pop()
        self._put(done.node, done.anchor, 1 + self.size - done.size_before)

    def _alias(self, event: Any) -> None:
        place = place_of(event.start_mark.line, event.start_mark.column)
        known = self.anchors.get(event.anchor)
        if known is None:
            detail = f"write &{event.anchor} at an earlier value, outside of it"
            raise self._fault(f"the alias *{event.anchor} refers to nothing, or to itself", detail, place)
        node, size = known
        self.aliased += size
        if self.aliased > _ALIASED_NODES:
            detail = f"aliases may stand for at most {_ALIASED_NODES:,} values in one file"
            raise self._fault("aliases expand to too many values", detail, place)
        owner = self.open[-1]
        if type(owner.value) is dict and owner.key is None:
            raise self._fault("an alias cannot be a key", "write the key itself", place)
        self.size += size - 1
        self._put(Node(node.value, self.file, place), None)

    def _put(self, node: Node, anchor: str | None, size: int = 1) -> None:
        self.size += 1
        if self.size > self.most:
            self._overspend(node)
        if anchor is not None:
            self.anchors[anchor] = (node, size)
        if not self.open:
            self.root = node
            return
        owner = self.open[-1]
        if type(owner.value) is list:
            owner.value.append(node)
            return
        node.key = owner.key_place
        owner.value[owner.key] = node
        owner.key = None

    def _overspend(self, node: Node) -> None:
        try:
            self.budget.take("values", self.size)
        except OverBudget as error:
            error.node = node
            raise

    def _fault(self, summary: str, detail: str, place: int) -> Rejected:
        return _rejected(summary, detail, Node(None, self.file, place).source)


def core_value_is_null(text: str) -> bool:
    return text in ("", "~", "null")
