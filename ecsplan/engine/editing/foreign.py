"""Names that belong to another stack of the workspace, as `{stack: net, name: app}` says them."""

from collections.abc import Iterator, Mapping

from ecsplan.config.resources.nested_blocks import Shape
from ecsplan.config.syntax.nodes import Node
from ecsplan.engine.editing import checking
from ecsplan.engine.editing.model import Folder, Span
from ecsplan.engine.editing.symbols import Symbol, declared, kinds_named
from ecsplan.engine.folders import stack_folders
from ecsplan.model.diagnostic import Rejected

_KEYS = {"stack", "name"}


def definitions(
    folder: Folder, shapes: Mapping[str, Shape], root: str, file: str, line: int, column: int
) -> list[Span]:
    """Where the resource of another stack that is named at a position is declared, below the root of the workspace."""
    found = next(_named_at(folder, folder.nodes.get(file), shapes, (), (line, column)), None)
    if found is None:
        return []
    stack, symbols = found
    known = (declared(other) for other in _stacks_called(stack, root))
    return [span for names in known for symbol, span in names.items() if symbol in symbols]


def _named_at(
    folder: Folder, node: Node | None, shapes: Mapping[str, Shape], path: tuple[str, ...], at: tuple[int, int]
) -> Iterator[tuple[str, set[Symbol]]]:
    if node is None or not isinstance(node.value, (dict, list)):
        return
    if isinstance(node.value, list):
        for child in node.value:
            yield from _named_at(folder, child, shapes, path, at)
    elif set(node.value) == _KEYS and any(_is_at(folder, child, at) for child in node.value.values()):
        stack, name = str(node.value["stack"].value), str(node.value["name"].value).partition("[")[0]
        kind, dot, bare = name.rpartition(".")
        yield stack, {Symbol(kind, bare)} if dot else {Symbol(one, name) for one in kinds_named(path, shapes)}
    else:
        for key, child in node.value.items():
            yield from _named_at(folder, child, shapes, (*path, key), at)


def _is_at(folder: Folder, node: Node, at: tuple[int, int]) -> bool:
    return folder.span(node.source.file, node.source.line, node.source.column).holds(*at)


def _stacks_called(name: str, root: str) -> Iterator[Folder]:
    try:
        paths = stack_folders(root)
    except OSError:
        return  # a folder that cannot be read; the editor has no place to say so
    for path in paths:
        try:
            folder = Folder(checking.texts_of(path, {}))
        except Rejected:
            continue  # its own faults are told where it is open
        if checking.stack_name(folder) == name:
            yield folder
