"""Environments: named overlays that a stack file has itself, of which one is chosen with `-e NAME`.

Each is laid over the file as `-f` would be, and is a stack of its own: where it writes no `stack:`, the stack's name
gets the environment's behind it. A stack that has environments is never read without one: what would be planned then
is nothing that anybody runs.
"""

import re
from collections.abc import Callable

from msgspec import Struct

from ecsplan.config.syntax.faults import Faults
from ecsplan.config.syntax.nodes import Node, mapping_of, overlay
from ecsplan.config.syntax.relative_paths import beside
from ecsplan.model.quoting import shown
from ecsplan.model.rules import Rule
from ecsplan.model.spelling import near

KEY = "environments"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}\Z")
_SCOPE = ("stack", "region", "account")
_NOT_INSIDE = ("apiVersion", KEY)

ReadLayer = Callable[[str], Node | None]


class Environment(Struct, frozen=True):
    """The one that was chosen; `name` is empty where the stack has none. `suffix` goes behind the stack's name.

    `siblings` are the names of the stacks of the others, as far as the file tells them.
    """

    name: str = ""
    suffix: str = ""
    siblings: tuple[str, ...] = ()


NONE = Environment()


def in_environment(base: Node, name: str | None, read: ReadLayer, faults: Faults) -> tuple[Node, Environment]:
    """The stack with one of its environments laid over it; as it is where it has none and none is asked for.

    `read` reads the file or folder that an environment may be in. Raises Rejected where none or a wrong one is named.
    """
    declared = mapping_of(base.value.get(KEY))
    rest = Node({key: node for key, node in base.value.items() if key != KEY}, base.file, base.place, base.key)
    overlays = {key: _overlay_of(key, node, read, faults) for key, node in declared.items()}
    if base.value.get(KEY) is not None and base.value[KEY].value is not None and not declared:
        faults.add(
            f"{KEY} is not a mapping of names",
            f"write {KEY}: {{prod: {{…}}}}",
            base.value[KEY].source,
            rule=Rule.ENVIRONMENT,
        )
    elif name is None and declared:
        detail = f"environments: {', '.join(declared)}; name one: -e {next(iter(declared))}"
        faults.add(
            "the stack has environments, and none is named", detail, base.value[KEY].key_source, rule=Rule.ENVIRONMENT
        )
    elif name is not None and name not in declared:
        faults.add(
            f"-e {name}: the stack has no such environment", near(name, declared, "environments"), rule=Rule.ENVIRONMENT
        )
    _are_apart(overlays, rest, faults)
    faults.reject_if_any()
    if name is None:
        return rest, NONE
    chosen = overlays[name]
    assert chosen is not None
    others = (_stack_of(key, over, rest) for key, over in overlays.items() if key != name)
    suffix = "" if "stack" in chosen.value else f"-{name}"
    return overlay(rest, chosen), Environment(name, suffix, tuple(filter(None, others)))


def _overlay_of(name: str, node: Node, read: ReadLayer, faults: Faults) -> Node | None:
    if not _NAME.match(name):
        detail = "start with a small letter, go on with at most 31 small letters, digits and -"
        faults.add(f"{shown(name)} is not a name for an environment", detail, node.key_source, rule=Rule.ENVIRONMENT)
    found: Node | None = node
    if isinstance(node.value, str):
        found = read(beside(node.file, node.value))
    elif node.value is None:
        found = Node({}, node.file, node.place, node.key)
    if found is None:
        return None
    if not isinstance(found.value, dict):
        detail = "write what differs in it (stack, variables, resources …), or the path of an overlay file"
        faults.add(f"{KEY}.{name} is not a mapping", detail, node.source, rule=Rule.ENVIRONMENT)
        return None
    for key in _NOT_INSIDE:
        if key in found.value and (key == KEY or isinstance(node.value, dict)):
            faults.add(
                f"{KEY}.{name} has no key {key}",
                "write it at the top of the stack",
                found.value[key].key_source,
                rule=Rule.ENVIRONMENT,
            )
    return found


def _are_apart(overlays: dict[str, Node | None], base: Node, faults: Faults) -> None:
    """No two may be one stack: the one would change and delete what the other made."""
    seen: dict[tuple[str, ...], str] = {}
    for name, over in overlays.items():
        scope = (_stack_of(name, over, base), *(_text(over, base, key) for key in _SCOPE[1:]))
        if over is None or not scope[0]:
            continue
        first = seen.setdefault(scope, name)
        if first != name:
            place = over.value.get("stack", over)
            detail = f"write another stack: in one of the two, or leave it out: then it is NAME-{name}"
            faults.add(
                f"the environments {first} and {name} are the same stack, {scope[0]}",
                detail,
                place.source,
                rule=Rule.ENVIRONMENT,
            )


def _stack_of(name: str, over: Node | None, base: Node) -> str:
    """The name of an environment's stack; empty where an expression decides it."""
    found = _text(over, base, "stack")
    if "${" in found or not found:
        return ""
    return found if over is not None and "stack" in over.value else f"{found}-{name}"


def _text(over: Node | None, base: Node, key: str) -> str:
    for layer in (over, base):
        if layer is not None and key in layer.value and layer.value[key].value is not None:
            return str(layer.value[key].value)
    return ""
