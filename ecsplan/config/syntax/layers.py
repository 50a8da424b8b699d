"""Which files make a stack, and how they become one mapping: folders are joined, overlays are laid on top.

Reading itself is yaml_reader.py's; what is no part of the stack is told in foreign_documents.py.
"""

import os
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from ecsplan.config.syntax.budget import Budget
from ecsplan.config.syntax.environments import KEY, Environment, in_environment
from ecsplan.config.syntax.faults import Faults
from ecsplan.config.syntax.foreign_documents import OURS, is_foreign, stacks_below
from ecsplan.config.syntax.nodes import Node, mapping_of, overlay
from ecsplan.config.syntax.relative_paths import beside
from ecsplan.config.syntax.source_files import Files
from ecsplan.config.syntax.yaml_reader import document
from ecsplan.model.diagnostic import Diagnostic, Rejected, SourceRange
from ecsplan.model.rules import Rule

TOP_KEYS = (
    "apiVersion", "stack", "region", "account", "environments", "variables", "locals", "defaults", "resources",
    "rollouts", "outputs", "moved", "released",
)  # fmt: skip
_ENDINGS = (".yaml", ".yml")
_PLAN = "ecsplan-plan/"
# How many levels of a top-level key are shared out among the files of a folder; below, a key belongs to one file.
_SHARED_LEVELS = {
    "environments": 1, "resources": 2, "defaults": 2, "variables": 1, "locals": 1, "rollouts": 1, "outputs": 1,
}  # fmt: skip


def load_stack(
    path: str,
    overlays: Sequence[str] = (),
    budget: Budget | None = None,
    faults: Faults | None = None,
    kinds: Collection[str] = (),
    files: Files | None = None,
    environment: str | None = None,
) -> tuple[Node, Environment]:
    """The whole of what a path declares, in one of its environments, with its overlays in order.

    Raises Rejected. Remarks go to `faults`.
    """
    faults = Faults() if faults is None else faults
    reader = _Reader(files or Files.around(path, *overlays), budget or Budget(), faults, (*TOP_KEYS, *kinds))
    layers = [reader.layer(layer) for layer in (path, *overlays)]
    faults.reject_if_any()
    base, *above = (layer for layer in layers if layer is not None)
    merged, chosen = in_environment(base, environment, reader.layer, faults)
    for layer in above:
        if KEY in layer.value:
            faults.add(
                "an overlay has environments",
                "write them in the stack itself",
                layer.value[KEY].key_source,
                rule=Rule.ENVIRONMENT,
            )
        merged = overlay(merged, layer)
    faults.reject_if_any()
    return merged, chosen


def layers_of(
    path: str, overlays: Sequence[str], kinds: Collection[str], files: Files, environment: str | None
) -> Iterator[tuple[str, Node]]:
    """What a stack is made of, the weakest first, each with a word for it. The stack must have been read before."""
    reader = _Reader(files, Budget(), Faults(), (*TOP_KEYS, *kinds))
    base = reader.layer(path)
    if base is not None:
        yield "the stack", base
        chosen = mapping_of(base.value.get(KEY)).get(environment or "")
        layer = reader.layer(beside(chosen.file, chosen.value)) if chosen and isinstance(chosen.value, str) else chosen
        if layer is not None and isinstance(layer.value, dict):
            yield f"environment {environment}", layer
    for overlay_path in overlays:
        layer = reader.layer(overlay_path)
        if layer is not None:
            yield f"overlay {overlay_path}", layer


def environments_of(path: str, kinds: Collection[str]) -> tuple[str, ...]:
    """The names of the environments that a stack has. Raises Rejected."""
    faults = Faults()
    base = _Reader(Files.around(path), Budget(), faults, (*TOP_KEYS, *kinds)).layer(path)
    faults.reject_if_any()
    return tuple(mapping_of(base.value.get(KEY))) if base is not None else ()


class _Reader:
    """Reads files and folders; what is wrong with one of them goes to the faults, and the others are read."""

    def __init__(self, files: Files, budget: Budget, faults: Faults, known: Collection[str]) -> None:
        self.files, self.budget, self.faults, self.known = files, budget, faults, known

    def layer(self, path: str) -> Node | None:
        """A file, or the files directly in a folder as one."""
        joined: Node | None = None
        try:
            files = stack_files(path)
        except Rejected as error:
            self._take_all(error)
            return None
        found = [self._read(file, os.path.isdir(path)) for file in files]
        for loaded in (node for node in found if isinstance(node, Node)):
            joined = loaded if joined is None else _join(joined, loaded, self.faults)
        if joined is None and all(node is _FOREIGN for node in found):
            self._take_all(_nothing_in(path, files))
        return joined

    def _read(self, file: str, may_be_foreign: bool) -> object:
        """The file's Node; _FOREIGN for one that is no part of the stack; None where it has a fault."""
        try:
            text = self.files.stack_text(file)
            if may_be_foreign and is_foreign(text, self.known):
                summary = f"{os.path.basename(file)} is left out: it is not part of a stack"
                detail = "a part has stack, resources, variables, defaults …; to be quiet about it, call it _NAME.yaml"
                self.faults.warn(summary, detail, SourceRange(file, 1, 1), rule=Rule.FOREIGN_FILE)
                return _FOREIGN
            return _no_plan(document(text, file, self.budget))
        except Rejected as error:
            self._take_all(error)
            return None

    def _take_all(self, error: Rejected) -> None:
        for diagnostic in error.diagnostics:
            self.faults.take(diagnostic)


_FOREIGN = object()


def _no_plan(root: Node) -> Node:
    """A saved plan is JSON, which YAML includes: it is told before its keys are found wrong one by one."""
    form = root.value.get("format")
    if form is not None and isinstance(form.value, str) and form.value.startswith(_PLAN):
        detail = f"show it by `ecsplan show {root.file}`, carry it out by `ecsplan apply {root.file}`"
        raise Rejected(
            [Diagnostic(f"{root.file} is a saved plan, not a stack", detail, root.source, rule=Rule.NO_STACK)]
        )
    return root


def stack_files(path: str) -> list[str]:
    """The files that a path names, sorted. Raises Rejected where there are none."""
    if not os.path.isdir(path):
        return [os.path.normpath(path) if path else path]
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        summary = f"{path} cannot be read: {error.strerror}"
        raise Rejected(
            [Diagnostic(summary, "check its permissions", SourceRange(path, 1, 1), rule=Rule.UNREADABLE)]
        ) from None
    found = [n for n in names if n.endswith(_ENDINGS) and not n.startswith(("_", ".")) and not OURS.match(n)]
    files = [os.path.normpath(os.path.join(path, name)) for name in found]
    files = [file for file in files if not os.path.isdir(file)]
    if not files:
        raise _nothing_in(path)
    return files


def _nothing_in(path: str, left_out: Sequence[str] = ()) -> Rejected:
    below = list(islice(stacks_below(path), 11))
    if below:
        more = ", …" if len(below) > 10 else ""
        detail = f"stacks below: {', '.join(below[:10])}{more}; name one of these folders"
    else:
        detail = "a stack is a folder with *.yaml files directly in it; `ecsplan init` writes a first one"
    if left_out:
        names = ", ".join(map(os.path.basename, left_out[:5]))
        detail = f"without stack, resources, variables or defaults {names} is not part of one; {detail}"
    return Rejected([Diagnostic(f"there is no stack in {path}", detail, SourceRange(path, 1, 1), rule=Rule.NO_STACK)])


def _join(one: Node, other: Node, faults: Faults) -> Node:
    """Two files of a folder as one mapping: shared maps grow together, a key in both is a fault."""
    merged = dict(one.value)
    for key, child in other.value.items():
        merged[key] = _grown(merged[key], child, key, _SHARED_LEVELS.get(key, 0), faults) if key in merged else child
    return Node(merged, one.file, one.place)


def _grown(one: Node, other: Node, path: str, levels: int, faults: Faults) -> Node:
    if not (levels and isinstance(one.value, dict) and isinstance(other.value, dict)):
        detail = f"the first one is at {one.key_source}; keep one of the two"
        faults.add(f"{path} is declared in two files", detail, other.key_source, rule=Rule.DECLARED_TWICE)
        return one
    merged = dict(one.value)
    for key, child in other.value.items():
        inner = f"{path}.{key}"
        merged[key] = _grown(merged[key], child, inner, levels - 1, faults) if key in merged else child
    return Node(merged, one.file, one.place, one.key)
