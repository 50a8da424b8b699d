"""Every right that ecsplan may need, for the policy in the documentation: read from the tables and the code itself.

Used by cli/reference.py and policies.py alone; what one plan needs is told by permitting.py.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from inspect import getsource
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from ecsplan.api.shapes import table
from ecsplan.kinds import load_kinds
from ecsplan.model.call import Product

_READS = ("Describe", "List", "Get")
_WRITERS = ("kinds", "plan", "apply", "power", "engine")
_TAGS = ("TagResources", "UntagResources", "UnTagResources")  # those of VPC have another spelling
_ALWAYS = (
    *("ecs:Describe*", "vpc:Describe*", "ram:PassRole"),
    *("ecs:TagResources", "ecs:UntagResources", "vpc:TagResources", "vpc:UnTagResources"),
)


def every_right() -> dict[str, Any]:
    """A RAM policy that is enough for every kind and command."""
    rights = [*_ALWAYS, *sorted({f"{product.value}:{action}" for product, action in _writes()} - set(_ALWAYS))]
    return {"Version": "1", "Statement": [{"Effect": "Allow", "Resource": "*", "Action": rights}]}


def _writes() -> Iterator[tuple[Product, str]]:
    """The actions that the code names and that change something. Those of a kind's file are of its product, unless
    one of its tables says otherwise."""
    told = dict(_told())
    for package in _WRITERS:
        for name, source in _sources(import_module(f"ecsplan.{package}")):
            kind = load_kinds().get(name) if package == "kinds" else None
            for word in re.findall(r'"([A-Z][A-Za-z0-9]+)"', source):
                if word in table() and word not in _TAGS and not word.startswith(_READS):
                    yield told.get(word, kind.product if kind is not None else Product.ECS), word


def _told() -> Iterator[tuple[str, Product]]:
    for kind in load_kinds().values():
        yield kind.create.operation, kind.create.product or kind.product
        yield kind.delete.operation, kind.delete.product or kind.product
        yield from ((u.operation, u.product or kind.product) for u in kind.updates if u.operation and u.build is None)


def _sources(package: ModuleType) -> Iterator[tuple[str, str]]:
    for module in iter_modules(package.__path__):
        yield module.name, getsource(import_module(f"{package.__name__}.{module.name}"))
