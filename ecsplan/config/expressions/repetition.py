"""An entry of a list that stands for several: `{for: "block in ${blocks}", cidr: "${block}"}` is one for each block.

`for` names what is repeated over: a list with one name, or a mapping with two, `"key, value in ${sizes}"`. What it
names is known in the entry, and in what stands inside it. interpolation.py evaluates such entries in every list.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ecsplan.config.expressions.scope import Scope
from ecsplan.config.expressions.value_bounds import MAXIMUM_ITEMS
from ecsplan.config.syntax.faults import ExpressionError
from ecsplan.config.syntax.nodes import Node
from ecsplan.model.address import Ref, Secret, Template

FOR = "for"
_NAMES = re.compile(r"\s*([A-Za-z_]\w*)(?:\s*,\s*([A-Za-z_]\w*))?\s+in\s+(\$\{.*\})\s*\Z", re.DOTALL | re.ASCII)
WRITE = 'write for: "name in ${list}", or for: "key, value in ${mapping}"'

Evaluate = Callable[[Node, Scope], object]


def is_repeated(node: Node) -> bool:
    return type(node.value) is dict and FOR in node.value


def repeated(node: Node, scope: Scope, evaluate: Evaluate) -> Iterator[tuple[Node, Scope]]:
    """The entry without its `for`, once for each value, with what is known in it. Raises ExpressionError."""
    said = node.value[FOR]
    body = Node({key: child for key, child in node.value.items() if key != FOR}, node.file, node.place, node.key)
    try:
        names, over = _read(said.value, scope)
        for values in _values(evaluate(Node(over, said.file, said.place, said.key), scope), names):
            yield body, scope.with_names(**dict(zip(names, values, strict=True)))
    except ExpressionError as error:
        error.node = error.node or said
        raise


def written_at(node: Node, path: Iterable[str | int], scope: Scope, evaluate: Evaluate) -> Node:
    """Where the member at the end of `path` of the value is written, or the nearest one that is on the way to it."""
    for step in path:
        entries = node.value if isinstance(node.value, list) else ()
        if isinstance(step, int) and any(map(is_repeated, entries)):
            found = _entry(entries, step, scope, evaluate)
            if found is None:
                break
            node, scope = found
        else:
            node = node.at((step,))
    return node


def _entry(entries: Sequence[Node], place: int, scope: Scope, evaluate: Evaluate) -> tuple[Node, Scope] | None:
    all_of_them = (
        one
        for child in entries
        for one in (repeated(child, scope, evaluate) if is_repeated(child) else [(child, scope)])
    )
    return next((one for number, one in enumerate(all_of_them) if number == place), None)


def _read(text: object, scope: Scope) -> tuple[tuple[str, ...], str]:
    """The names, and the expression that they come from."""
    found = _NAMES.match(text) if isinstance(text, str) else None
    if found is None:
        raise ExpressionError("this does not say what to repeat over", WRITE)
    names = tuple(name for name in found.groups()[:2] if name)
    for number, name in enumerate(names):
        if name in scope.names or scope.is_resource_kind(name) or name in names[:number]:
            raise ExpressionError(f"{name} has a meaning already", "choose another name")
    return names, found[3]


def _values(over: object, names: Sequence[str]) -> Iterable[tuple[object, ...]]:
    if isinstance(over, (Ref, Template, Secret)):
        raise ExpressionError("how many there are is not known before apply", "repeat over a list that the file gives")
    if not isinstance(over, (list, Mapping)):
        raise ExpressionError("only a list or a mapping can be repeated over", WRITE)
    if len(over) > MAXIMUM_ITEMS:
        raise ExpressionError("the list is too long", f"it may have at most {MAXIMUM_ITEMS:,} members")
    if isinstance(over, Mapping) is (len(names) == 1):
        what = "a mapping has keys and values" if len(names) == 1 else "a list has no keys"
        raise ExpressionError(what, WRITE)
    return over.items() if isinstance(over, Mapping) else ((item,) for item in over)
