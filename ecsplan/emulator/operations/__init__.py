"""The actions, one file per family; a file is found by its name not starting with `_`.

A file holds tables `ECS`, `VPC`, `STS` or `TAG`: action name → function. A function takes a `Call` and returns the body
of the answer without RequestId. It raises `Refusal` to refuse; whatever it changed by then is undone, so it may check
and write in any order. DryRun, ClientToken, required parameters and their types are dealt with before and around it.
A kind of thing that can be tagged, or moved to another resource group, says so in `TAGGABLE = {(product, resource
type): kind}`. Things are made with `call.account.add(kind, region, id, data, tags)` and changed only through the
account; what comes later by itself with `call.in_settle(thing, Status="Available")`, or with the name of a function
registered by `lifecycle.effect`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

from ecsplan.emulator.call import Call

Operation = Callable[[Call], dict[str, Any]]


@cache
def _modules() -> tuple[ModuleType, ...]:
    names = sorted(info.name for info in pkgutil.iter_modules(__path__) if not info.name.startswith("_"))
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names)


@cache
def table(product: str) -> dict[str, Operation]:
    """Every built action of a product; two files that claim one action are a mistake."""
    whole: dict[str, Operation] = {}
    for module in _modules():
        part: dict[str, Operation] = getattr(module, product.upper(), {})
        twice = whole.keys() & part.keys()
        if twice:
            raise TypeError(f"{module.__name__} defines again: {', '.join(sorted(twice))}")
        whole.update(part)
    return whole


@cache
def taggable() -> dict[tuple[str, str], str]:
    """Resource types of the tag actions, with the product, to kinds."""
    kinds: dict[tuple[str, str], str] = {}
    for module in _modules():
        kinds.update(getattr(module, "TAGGABLE", {}))
    return kinds
