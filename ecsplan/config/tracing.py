"""Where an attribute comes from: through the stack, its environment and overlays, defaults, variables and locals."""

import re
from collections.abc import Iterator, Sequence

from ecsplan.config.expressions.interpolation import Hole, split
from ecsplan.config.expressions.variable_sources import Outside, given_values
from ecsplan.config.resources.attribute_sources import Places
from ecsplan.config.stack_reader import Options, read_stack
from ecsplan.config.syntax.faults import Faults
from ecsplan.config.syntax.layers import layers_of, load_stack
from ecsplan.config.syntax.nodes import Node, mapping_of, plain
from ecsplan.config.syntax.source_files import Files
from ecsplan.model.address import Address
from ecsplan.model.algebra import Value, is_fields
from ecsplan.model.diagnostic import Diagnostic, Rejected, said
from ecsplan.model.kind import Kinds
from ecsplan.model.origin import Origin, Trace
from ecsplan.model.quoting import shown
from ecsplan.model.resource import Resource
from ecsplan.model.spelling import near

_SUBJECT = re.compile(r'([a-z][a-z0-9_]*\.[A-Za-z_][\w-]*(?:\[(?:[0-9]+|"(?:[^"\\]|\\.)*")\])?)\.(.+)\Z', re.ASCII)
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_LONGEST = 120


def trace(path: str, kinds: Kinds, options: Options, subject: str) -> Trace:
    """The origins of `ADDRESS.ATTRIBUTE`. Raises Rejected for a stack with faults, and for what it does not declare."""
    stack = read_stack(path, kinds, options)
    found = _SUBJECT.match(subject)
    if found is None:
        detail = "write ADDRESS.ATTRIBUTE, like instance.web[0].instance_type or disk.data.tags.team"
        raise Rejected([Diagnostic(f"{subject} is not an attribute of a resource", detail)])
    address, attribute = Address.parse(found[1]), found[2]
    resource = stack.by_address().get(address) or _any_member(stack.resources, address)
    if resource is None:
        known = near(str(address), map(str, stack.by_address()), "resources")
        raise Rejected([Diagnostic(f"the stack declares no {address}", said(known))])
    files = Files.around(path, *options.overlays, allowed=options.allow_paths)
    layers = list(layers_of(path, options.overlays, kinds, files, options.environment))
    spots = [*_spots(layers, address, attribute, of_defaults=True), *_spots(layers, address, attribute)]
    origins = tuple(_marked(spots))
    nodes = [node for (_, node), origin in zip(spots, origins, strict=True) if origin.counts]
    value = _value(resource, attribute)
    return Trace(address, attribute, value, origins, tuple(_names(nodes, path, kinds, options, files)))


def _any_member(resources: Sequence[Resource], address: Address) -> Resource | None:
    """A group is written once: its first member stands for it."""
    return next((resource for resource in resources if resource.address.group == address), None)


def _value(resource: Resource, attribute: str) -> Value:
    """The value of an attribute, or of a member of a map; None where it is not declared."""
    if attribute == "name":
        return resource.name
    name = max((n for n in resource.attributes if attribute == n or attribute.startswith(f"{n}.")), key=len, default="")
    value = resource.attributes.get(name)
    for step in filter(None, attribute.removeprefix(name).split(".")) if name else ():
        value = dict(value).get(step) if is_fields(value) else None
    return value


def _spots(
    layers: Sequence[tuple[str, Node]], address: Address, attribute: str, *, of_defaults: bool = False
) -> Iterator[tuple[str, Node]]:
    """The places that declare it, the weakest first: defaults before blocks, and each by layers."""
    for word, root in layers:
        if of_defaults:
            shared = mapping_of(root.value.get("defaults"))
            blocks = [(f"defaults of {word}", shared.get(address.kind))]
            if attribute.partition(".")[0] == "tags" and "tags" in shared:
                blocks.insert(0, (f"defaults of {word}", Node({"tags": shared["tags"]}, root.file)))
        else:
            of_kind = mapping_of(mapping_of(root.value.get("resources")).get(address.kind))
            blocks = [(word, of_kind.get(address.name))]
        for name, block in blocks:
            node = Places(block, {}).node(attribute) if block is not None else None
            if node is not None:
                yield name, node


def _marked(spots: Sequence[tuple[str, Node]]) -> Iterator[Origin]:
    """Maps merge: each says a part. Of anything else, and of what is removed, the strongest counts alone."""
    first = max((place for place, (_, node) in enumerate(spots) if not isinstance(node.value, dict)), default=0)
    for place, (word, node) in enumerate(spots):
        text = "(removed)" if node.value is None else _text(node)
        yield Origin(word, text, node.key_source, place >= first)


def _text(node: Node) -> str:
    text = node.value if isinstance(node.value, str) else shown(plain(node))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 2]} …"


def _names(nodes: Sequence[Node], path: str, kinds: Kinds, options: Options, files: Files) -> Iterator[Origin]:
    """Variables and locals that the values mention, and those that these mention in turn."""
    root, _ = load_stack(path, options.overlays, kinds=kinds, files=files, environment=options.environment)
    variables, local = mapping_of(root.value.get("variables")), mapping_of(root.value.get("locals"))
    outside = Outside(options.var_files, options.environ, options.variables, files)
    given = given_values(variables, outside, Faults())
    todo, seen = list(nodes), set[str]()
    while todo:
        for name in _mentioned(todo.pop(0)):
            if name in seen or (name not in variables and name not in local):
                continue
            seen.add(name)
            if name in local:
                yield Origin(f"local {name}", _text(local[name]), local[name].key_source)
                todo.append(local[name])
                continue
            declared = mapping_of(variables[name])
            default = declared.get("default")
            if name in given:
                value = given[name]
                text = value.text if value.text is not None else shown(value.value)
                hidden = "(secret)" if "secret" in declared else text
                yield Origin(f"variable {name}, from {value.origin}", hidden, value.source)
            if default is not None:
                yield Origin(f"variable {name}, its default", _text(default), default.key_source, name not in given)
                todo += [] if name in given else [default]
            elif name not in given:
                yield Origin(f"variable {name}", "(a secret)", variables[name].key_source)


def _mentioned(node: Node) -> Iterator[str]:
    if isinstance(node.value, str):
        holes = (part for part in split(node.value) if isinstance(part, Hole))
        yield from (name for hole in holes for name in _NAME.findall(_QUOTED.sub("", hole.code)))
    members = node.value.values() if isinstance(node.value, dict) else node.value
    if isinstance(node.value, (dict, list)):
        for child in members:
            yield from _mentioned(child)
