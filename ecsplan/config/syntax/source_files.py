"""The files of one load: where they may lie (files/reach.py), and which of them are stack files, whose lines errors may
show. The only reader of files in this folder."""

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping

from ecsplan.config.syntax.budget import Budget
from ecsplan.config.syntax.nodes import Node
from ecsplan.config.syntax.suppressions import suppressions_in
from ecsplan.config.syntax.yaml_reader import document
from ecsplan.files.opening import BadFile
from ecsplan.files.reach import Reach
from ecsplan.model.address import Secret
from ecsplan.model.diagnostic import Diagnostic, Rejected, SourceRange
from ecsplan.model.rules import Rule
from ecsplan.model.suppression import Suppression
from ecsplan.model.texts import canonical_text

MAXIMUM_BYTES = 10_000_000


class Files:
    """`shown` are the paths of YAML files that were read; a line of any other file is never in an error.

    `unsaved` are texts by path that stand for what is on the disk: an editor has them.
    """

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self.shown: dict[str, None] = {}
        self.unsaved: Mapping[str, str] = {}
        self.suppressions: dict[Suppression | Diagnostic, None] = {}

    @classmethod
    def around(cls, *paths: str, allowed: Iterable[str] = ()) -> "Files":
        """What a stack at these paths may name, and what is allowed besides."""
        try:
            return cls(Reach.of(paths, allowed))
        except BadFile as bad:
            raise _refusal(paths[0], bad, SourceRange(paths[0], 1, 1)) from None

    def document(self, path: str, budget: Budget | None = None, *, is_named: bool = False) -> Node:
        """The mapping that a YAML file holds. Raises Rejected."""
        return document(self.stack_text(path, is_named=is_named), path, budget)

    def stack_text(self, path: str, *, is_named: bool = False) -> str:
        """The text of a YAML file. `is_named`: by the operator, and not by what the stack or its folder holds."""
        text = self.text(path, is_named=is_named)
        self.shown[path] = None
        self.suppressions.update(dict.fromkeys(suppressions_in(text, path)))
        return text

    def text(self, path: str, source: SourceRange | None = None, *, is_named: bool = False) -> str:
        """The text of a UTF-8 file. Raises Rejected, at `source` (where the file is named) if that is given."""
        if path in self.unsaved:
            return self.unsaved[path]
        data = self._data(path, source, is_named=is_named)
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start)
            column = error.start - (data.rfind(b"\n", 0, error.start) + 1)
            place = source or SourceRange(path, line + 1, column + 1)
            summary = f"{path} is not UTF-8 text (byte {error.start})"
            raise Rejected([Diagnostic(summary, "save it as UTF-8", place, rule=Rule.UNREADABLE)]) from None

    def any(self, path: str, source: SourceRange | None = None) -> str:
        """The content of a file that need not be text, in the form that FileText has."""
        if path in self.unsaved:
            return self.unsaved[path]
        return canonical_text(self._data(path, source).removeprefix(BOM_UTF8))

    def _data(self, path: str, source: SourceRange | None, *, is_named: bool = False) -> bytes:
        try:
            return (self.reach.read_named if is_named else self.reach.read)(path, MAXIMUM_BYTES)
        except BadFile as bad:
            raise _refusal(path, bad, source or SourceRange(path, 1, 1)) from None

    def refused(self, path: str, *, is_key: bool = False) -> BadFile | None:
        """Why a stack may not name a path at all, whether the file is there or not. `is_key`: that of a private key."""
        try:
            (self.reach.with_keys() if is_key else self.reach).check(path)
        except BadFile as bad:
            return bad
        return None


def secret_files(value: object) -> Iterator[str]:
    """The paths of the files that a secret comes from."""
    if isinstance(value, Secret):
        yield from [value.file] if value.file is not None else []
        yield from (path for part in value.template for path in secret_files(part))


def _refusal(path: str, bad: BadFile, place: SourceRange) -> Rejected:
    return Rejected(
        [
            Diagnostic(
                f"{path} {bad.reason}", bad.detail or "check the path and its permissions", place, rule=Rule.UNREADABLE
            )
        ]
    )
