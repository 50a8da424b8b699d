"""The top level of a stack file: which keys there are, the header, and moved, released and outputs."""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ecsplan.config.expressions.interpolation import evaluate
from ecsplan.config.expressions.scope import Scope
from ecsplan.config.syntax.environments import Environment
from ecsplan.config.syntax.faults import ExpressionError, Faults
from ecsplan.config.syntax.nodes import Node, mapping_of, plain
from ecsplan.model.composites import is_name
from ecsplan.model.copying import replace
from ecsplan.model.diagnostic import Hint
from ecsplan.model.quoting import shown
from ecsplan.model.regions import is_region, misspelt
from ecsplan.model.rules import Rule
from ecsplan.model.stack import STACK_NAME

API_VERSION = "ecsplan/v1"


class Header(Struct, frozen=True):
    name: str
    region: str
    account: str | None


def check_version(root: Node, faults: Faults) -> None:
    """The version of the language."""
    version = root.value.get("apiVersion")
    if version is None:
        faults.add("a stack needs apiVersion", f"write apiVersion: {API_VERSION}", root.source, rule=Rule.HEADER)
    elif version.value != API_VERSION:
        detail = Hint(f"this version of ecsplan reads {API_VERSION}", instead=[API_VERSION])
        faults.add(f"unknown apiVersion {_shown(version)}", detail, version.source, rule=Rule.HEADER)


def read_header(root: Node, scope: Scope, region: str | None, faults: Faults) -> Header:
    """The stack's name, region and account; a region from the command line wins."""
    name = _text(root, "stack", scope, faults)
    if name is None:
        _missing(root, "stack", "write stack: NAME (small letters, digits and -)", faults)
    elif not re.match(STACK_NAME, name) or name.endswith("\n"):
        detail = "start with a small letter, go on with at most 62 small letters, digits and -"
        faults.add(f"{shown(name)} is not a name for a stack", detail, root.value["stack"].source, rule=Rule.HEADER)
        name = None
    declared = _text(root, "region", scope, faults)
    found = region or declared
    if found is None:
        _missing(root, "region", "write region: cn-hangzhou, or say --region", faults)
    elif not is_region(found):
        source = root.value["region"].source if not region else None
        faults.add(f"{shown(found)} is not a region", "write one like cn-hangzhou", source, rule=Rule.HEADER)
    elif not region and (meant := misspelt(found)):
        detail = Hint(f"did you mean {meant}? (a region that is new: say --region {found})", found, [meant])
        faults.add(f"there is no region {shown(found)}", detail, root.value["region"].source, rule=Rule.HEADER)
    # Names are made of the stack's: without one they would all be at fault, too.
    return Header(name or "stack", found or "", _account(root, scope, faults))


def in_its_environment(header: Header, environment: Environment, root: Node, faults: Faults) -> Header:
    """The stack's name with that of its environment behind it."""
    name = header.name + environment.suffix
    if environment.suffix and not re.match(STACK_NAME, name):
        detail = f"write a shorter stack: there are 63 characters for it and {environment.suffix}"
        faults.add(f"{shown(name)} is not a name for a stack", detail, root.source, rule=Rule.HEADER)
    return replace(header, name=name)


def _missing(root: Node, key: str, detail: str, faults: Faults) -> None:
    """Silent when the key is there and wrong: that has been said."""
    if root.value.get(key) is None or root.value[key].value is None:
        faults.add(f"a stack needs {key}", detail, root.source, rule=Rule.HEADER)


def _text(root: Node, key: str, scope: Scope, faults: Faults) -> str | None:
    node = root.value.get(key)
    if node is None or node.value is None:
        return None
    value = evaluated(node, scope, faults)
    if isinstance(value, str):
        return value
    if value is not None:
        faults.add(f"{key} is {shown(value)}", "write a string", node.source, rule=Rule.HEADER)
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
        faults.add(f"{shown(value)} is not an account", detail, node.source, rule=Rule.HEADER)
    return None


def evaluated(node: Node, scope: Scope, faults: Faults) -> object:
    """The value, or None where it has a fault."""
    try:
        return evaluate(node, scope)
    except ExpressionError as error:
        faults.add_failed(error, node)
        return None


def _shown(node: Node) -> str:
    return shown(plain(node))


def read_outputs(root: Node, scope: Scope, faults: Faults) -> dict[str, Any]:
    found = {}
    for name, node in mapping_of(root.value.get("outputs")).items():
        if not is_name(name):
            detail = "start with a letter or _, go on with letters, digits, _ and -"
            faults.add(f"{name} is not a name for an output", detail, node.key_source, rule=Rule.NAME)
            continue
        value = evaluated(node, scope, faults)
        if value is not None:
            found[name] = canonical(value)
    return found


def canonical(value: object) -> object:
    """Plain values in the canonical form of the model: tuples, and sorted pairs for mappings."""
    if isinstance(value, Mapping):
        return tuple(sorted((str(key), canonical(item)) for key, item in value.items()))
    if isinstance(value, (list, tuple)):
        return tuple(canonical(item) for item in value)
    return value
