"""The kinds: one file each. Every module that does not start with `_` must define KIND; there is no list to edit."""

import pkgutil
from functools import cache
from importlib import import_module

from ecsplan.kinds import _ownership
from ecsplan.model.kind import Kind, Kinds


@cache
def load_kinds() -> Kinds:
    """All kinds by name, in the order of their names."""
    found: dict[str, Kind] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        if not module.name.startswith("_"):
            kind: Kind = import_module(f"{__name__}.{module.name}").KIND
            found[kind.name] = checked(kind)
    return found


def checked(kind: Kind) -> Kind:
    """The kind; raises TypeError for one whose objects could not be owned."""
    fault = _ownership.fault(kind)
    if fault:
        raise TypeError(f"{kind.name}: {fault}")
    return kind
