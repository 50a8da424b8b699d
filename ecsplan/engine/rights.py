"""Every right that ecsplan may need, for the policy in the documentation: read from the tables and the code itself.

Used by cli/reference.py, policies.py and, for what a stack may come to, permitting.py, which tells what a plan needs.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from inspect import getsource
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from ecsplan.api.shapes import table
from ecsplan.kinds import load_kinds
from ecsplan.model.call import Product
from ecsplan.model.capabilities.outside import Outside
from ecsplan.model.kind import Kinds

_READS = ("Describe", "List", "Get", "Lookup")
_WRITERS = ("kinds", "planner", "executor", "power", "engine")
_TAGS = ("TagResources", "UntagResources", "UnTagResources")  # those of VPC have another spelling
_ALWAYS = (
    *("ecs:Describe*", "vpc:Describe*", "ram:PassRole"),
    *("ecs:TagResources", "ecs:UntagResources", "vpc:TagResources", "vpc:UnTagResources"),
)


def every_right() -> dict[str, Any]:
    """A RAM policy that is enough for every kind and command."""
    told = {f"{product.value}:{action}" for product, action in (*_writes(), *_reads_elsewhere(load_kinds()))}
    rights = [*_ALWAYS, *sorted(told - set(_ALWAYS))]
    return {"Version": "1", "Statement": [{"Effect": "Allow", "Resource": "*", "Action": rights}]}


def _reads_elsewhere(kinds: Kinds) -> Iterator[tuple[Product, str]]:
    """What the kinds read from products of which not all reads are allowed."""
    for kind in kinds.values():
        for detail in kind.listing.details:
            if f"{detail.product.value}:Describe*" not in _ALWAYS:
                yield detail.product, detail.operation


def _writes() -> Iterator[tuple[Product, str]]:
    """The actions that the code names and that change something. Those of a kind's file, and of a helper of kinds of
    one product alone, are of that product, unless a table or the call itself says otherwise."""
    told, elsewhere, products = dict(_told()), set(_elsewhere(load_kinds())), _products(load_kinds())
    yield from elsewhere
    aside = {action for _, action in elsewhere}
    for package in _WRITERS:
        for name, source in _sources(import_module(f"ecsplan.{package}")):
            product = products.get(name, Product.ECS) if package == "kinds" else Product.ECS
            said = dict(_said(source))
            for word in re.findall(r'"([A-Z][A-Za-z0-9]+)"', source):
                if word in table() and word not in _TAGS and not word.startswith(_READS) and word not in aside:
                    yield told.get(word) or said.get(word, product), word


def _said(source: str) -> Iterator[tuple[str, Product]]:
    """The products of calls that are made with one: `Call("CreateSnatEntry", …, Product.VPC)`."""
    for node in ast.walk(ast.parse(source)):
        first = node.args[0] if isinstance(node, ast.Call) and node.args else None
        if isinstance(node, ast.Call) and isinstance(first, ast.Constant) and isinstance(first.value, str):
            for value in (*node.args, *(keyword.value for keyword in node.keywords)):
                if isinstance(value, ast.Attribute) and ast.unparse(value.value) == "Product":
                    yield first.value, Product[value.attr]


def _products(kinds: Kinds) -> dict[str, Product]:
    """By the name of a file of kinds: the product of the kinds that it is for, where that is one."""
    sources = dict(_sources(import_module("ecsplan.kinds")))
    users: dict[str, set[Product]] = {}
    for kind in kinds.values():
        for file in _closure(kind.name, sources):
            users.setdefault(file, set()).add(kind.product)
    alone = {file: found.pop() for file, found in users.items() if len(found) == 1}
    return alone | {kind.name: kind.product for kind in kinds.values()}


def writes_of(names: Collection[str], kinds: Kinds) -> set[str]:
    """The actions that change something and that the files of some kinds name, with those of tags: `ecs:CreateDisk`."""
    told = dict(_told())
    sources = dict(_sources(import_module("ecsplan.kinds")))
    aside = {action for _, action in _elsewhere(kinds)}
    ours, others = (
        {
            one
            for kind in kinds.values()
            if (kind.name in names) is is_used
            for one in (kind.create.operation, kind.delete.operation)
        }
        for is_used in (True, False)
    )
    found = {f"{product}:{tags}" for product, tags in zip(("ecs", "ecs", "vpc", "vpc"), _BOTH_TAGS, strict=True)}
    for name in names:
        for word in re.findall(r'"([A-Z][A-Za-z0-9]+)"', "".join(map(sources.__getitem__, _closure(name, sources)))):
            if word in others - ours or word in aside:
                continue  # what makes and deletes a kind that is not used, or is of a service that few need
            if word in table() and word not in _TAGS and not word.startswith(_READS):
                found.add(f"{told.get(word, kinds[name].product).value}:{word}")
    return found


def elsewhere_of(declared: Collection[tuple[str, str]], kinds: Kinds) -> set[str]:
    """The actions of other products that some attributes, by kind and name, need: `alb:AddServersToServerGroup`."""
    found = set()
    for kind in kinds.values():
        outside = kind.capability(Outside)
        for name, (product, actions) in outside.actions.items() if outside is not None else ():
            if (kind.name, name) in declared:
                found |= {f"{product.value}:{action}" for action in actions}
    return found


def _elsewhere(kinds: Kinds) -> Iterator[tuple[Product, str]]:
    for kind in kinds.values():
        outside = kind.capability(Outside)
        for product, actions in outside.actions.values() if outside is not None else ():
            yield from ((product, action) for action in actions)


_BOTH_TAGS = ("TagResources", "UntagResources", "TagResources", "UnTagResources")
_HELPERS = re.compile(r"\b_[a-z_]+\b")


def _closure(name: str, sources: Mapping[str, str]) -> list[str]:
    """The file of a kind, and those of the helpers that it and they import."""
    todo, seen = [name], {name}
    while todo:
        for line in _imports(sources[todo.pop()]):
            more = [helper for helper in _HELPERS.findall(line) if helper in sources and helper not in seen]
            seen.update(more)
            todo += more
    return sorted(seen)


def _imports(source: str) -> list[str]:
    return re.findall(r"^from ecsplan\.kinds[^\n(]*(?:\([^)]*\)|[^\n(]*)", source, re.MULTILINE)


def _told() -> Iterator[tuple[str, Product]]:
    for kind in load_kinds().values():
        yield kind.create.operation, kind.create.product or kind.product
        yield kind.delete.operation, kind.delete.product or kind.product
        yield from ((u.operation, u.product or kind.product) for u in kind.updates if u.operation and u.build is None)


def _sources(package: ModuleType) -> Iterator[tuple[str, str]]:
    for module in iter_modules(package.__path__):
        yield module.name, getsource(import_module(f"{package.__name__}.{module.name}"))
