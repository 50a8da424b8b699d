"""Which files make a stack, and how they become one mapping: folders are joined, overlays are laid on top.

Reading itself is load.py's.
"""

import os
from collections.abc import Sequence

from ecsplan.config.budget import Budget
from ecsplan.config.faults import Faults
from ecsplan.config.load import load_file
from ecsplan.config.node import Node, overlay
from ecsplan.model.diagnostic import Diagnostic, Rejected, SourceRange

_ENDINGS = (".yaml", ".yml")
# How many levels of a top-level key are shared out among the files of a folder; below, a key belongs to one file.
_SHARED_LEVELS = {"resources": 2, "defaults": 2, "variables": 1, "locals": 1, "outputs": 1}


def load_stack(path: str, overlays: Sequence[str] = (), budget: Budget | None = None) -> Node:
    """The whole of what a path declares, with its overlays in order. Raises Rejected."""
    faults = Faults()
    layers = [_load_layer(layer, budget or Budget(), faults) for layer in (path, *overlays)]
    faults.reject_if_any()
    merged, *above = (layer for layer in layers if layer is not None)
    for layer in above:
        merged = overlay(merged, layer)
    return merged


def _load_layer(path: str, budget: Budget, faults: Faults) -> Node | None:
    """A file, or the files directly in a folder as one."""
    try:
        files = stack_files(path)
    except Rejected as error:
        _take_all(faults, error)
        return None
    joined: Node | None = None
    for file in files:
        try:
            loaded = load_file(file, budget)
        except Rejected as error:
            _take_all(faults, error)
            continue
        joined = loaded if joined is None else _join(joined, loaded, faults)
    return joined


def _take_all(faults: Faults, error: Rejected) -> None:
    for diagnostic in error.diagnostics:
        faults.take(diagnostic)


def stack_files(path: str) -> list[str]:
    """The files that a path names, sorted. Raises Rejected where there are none."""
    if not os.path.isdir(path):
        return [os.path.normpath(path) if path else path]
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        summary = f"{path} cannot be read: {error.strerror}"
        raise Rejected([Diagnostic(summary, "check its permissions", SourceRange(path, 1, 1))]) from None
    found = [n for n in names if n.endswith(_ENDINGS) and not n.startswith(("_", "."))]
    files = [os.path.normpath(os.path.join(path, name)) for name in found]
    files = [file for file in files if not os.path.isdir(file)]
    if not files:
        detail = "a stack is a folder with *.yaml files directly in it (names with _ or . in front are not read)"
        raise Rejected([Diagnostic(f"there is no stack in {path}", detail, SourceRange(path, 1, 1))])
    return files


def _join(one: Node, other: Node, faults: Faults) -> Node:
    """Two files of a folder as one mapping: shared maps grow together, a key in both is a fault."""
    merged = dict(one.value)
    for key, child in other.value.items():
        merged[key] = _grown(merged[key], child, key, _SHARED_LEVELS.get(key, 0), faults) if key in merged else child
    return Node(merged, one.file, one.place)


def _grown(one: Node, other: Node, path: str, levels: int, faults: Faults) -> Node:
    if not (levels and isinstance(one.value, dict) and isinstance(other.value, dict)):
        detail = f"the first one is at {one.key_source}; keep one of the two"
        faults.add(f"{path} is declared in two files", detail, other.key_source)
        return one
    merged = dict(one.value)
    for key, child in other.value.items():
        inner = f"{path}.{key}"
        merged[key] = _grown(merged[key], child, inner, levels - 1, faults) if key in merged else child
    return Node(merged, one.file, one.place, one.key)
