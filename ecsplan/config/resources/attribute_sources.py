"""Where attributes are written, found when somebody asks: most plans never do."""

from collections.abc import Iterator, Mapping

from ecsplan.config.syntax.nodes import Node
from ecsplan.model.diagnostic import SourceRange


class Places(Mapping[str, SourceRange]):
    """The place of each declared attribute of a resource, of a block around it, or of a member inside it."""

    __slots__ = ("_nodes", "_root")

    def __init__(self, root: Node, nodes: Mapping[str, Node]) -> None:
        self._root, self._nodes = root, nodes

    def __getitem__(self, name: str) -> SourceRange:
        node = self.node(name)
        if node is None:
            raise KeyError(name)
        return node.key_source

    def node(self, name: str) -> Node | None:
        """What is written at a dotted path."""
        return self._nodes.get(name) or self._find(self._root, name)

    def _find(self, node: Node, path: str) -> Node | None:
        """A member by its dotted path; a key may itself have dots."""
        members = node.value if isinstance(node.value, dict) else {}
        if path in members:
            return members[path]  # type: ignore[no-any-return]
        for key, child in members.items():
            if path.startswith(key + "."):
                return self._find(child, path[len(key) + 1 :])
        return None

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)
