"""The language server: what editors ask, carried to engine/editing and back. pygls speaks the protocol.

Positions of the protocol count UTF-16 units (or what the editor agreed to); those of engine/editing count code points.
"""

import asyncio
import os
from typing import Any

from lsprotocol import types as t
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from ecsplan import __version__
from ecsplan.cli.hovering import hover_text
from ecsplan.engine import folders
from ecsplan.engine.editing import checking, completing, foreign, symbols
from ecsplan.engine.editing.context import context_at
from ecsplan.engine.editing.folding import folds as folding_of
from ecsplan.engine.editing.model import Edit, Folder, Span
from ecsplan.model.diagnostic import Rejected
from ecsplan.render.findings import help_link

QUIET = 0.2  # seconds without a keystroke after which a stack is checked
_SORTS = {
    "key": t.CompletionItemKind.Property,
    "required": t.CompletionItemKind.Property,
    "resource": t.CompletionItemKind.Reference,
    "variable": t.CompletionItemKind.Variable,
    "value": t.CompletionItemKind.Value,
}


class Server(LanguageServer):
    """Keeps of each file the last text that parsed, and of each folder which files have diagnostics."""

    def __init__(self) -> None:
        super().__init__("ecsplan", __version__, text_document_sync_kind=t.TextDocumentSyncKind.Incremental)
        self.good: dict[str, Any] = {}
        self.shown: dict[str, set[str]] = {}
        self.asked: dict[str, int] = {}
        self.plan = ""
        self.offers_keys = True

    def stack_of(self, uri: str) -> tuple[str, Folder] | None:
        """The folder of the stack that a document is part of; None where it is of another form."""
        file = to_fs_path(uri)
        if file is None or not folders.is_stack_text(self.workspace.get_text_document(uri).source):
            return None
        path = os.path.dirname(file)
        opened = {to_fs_path(known) or "": document.source for known, document in self.workspace.text_documents.items()}
        try:
            texts = checking.texts_of(
                path, {name: text for name, text in opened.items() if os.path.dirname(name) == path}
            )
        except Rejected:
            texts = {file: opened[file]} if file in opened else {}
        texts = {name: text for name, text in texts.items() if folders.is_stack_text(text)}
        path, texts = checking.stack_around(path, file, texts)
        folder = Folder(texts, self.good)
        self.good.update(folder.nodes)
        return path, folder

    def here(self, uri: str, position: t.Position) -> tuple[str, int, int]:
        """The file, line and column, in code points."""
        document = self.workspace.get_text_document(uri)
        at = document.position_codec.position_from_client_units(document.lines, position)
        return to_fs_path(uri) or "", at.line, at.character

    def range_of(self, span: Span) -> t.Range:
        document = self.workspace.get_text_document(uri_of(span.file))
        start, end = t.Position(span.line, span.column), t.Position(span.end_line, span.end_column)
        return document.position_codec.range_to_client_units(document.lines, t.Range(start, end))

    def location_of(self, span: Span) -> t.Location:
        return t.Location(uri_of(span.file), self.range_of(span))

    def edits_of(self, edits: list[Edit]) -> t.WorkspaceEdit:
        changes: dict[str, list[t.TextEdit]] = {}
        for edit in edits:
            changes.setdefault(uri_of(edit.span.file), []).append(t.TextEdit(self.range_of(edit.span), edit.text))
        return t.WorkspaceEdit(changes=changes)


def uri_of(file: str) -> str:
    return from_fs_path(os.path.abspath(file)) or ""


def server() -> Server:
    made = Server()
    _check_as_it_is_written(made)
    _answer_about_positions(made)
    _answer_about_documents(made)
    return made


def _check_as_it_is_written(made: Server) -> None:
    @made.feature(t.INITIALIZE)
    def initialize(ls: Server, params: t.InitializeParams) -> None:
        given = params.initialization_options
        settings = given if isinstance(given, dict) else {}
        ls.plan = str(settings.get("plan", ""))
        ls.offers_keys = settings.get("completion", "all") != "references"

    @made.feature(t.TEXT_DOCUMENT_DID_OPEN)
    async def opened(ls: Server, params: t.DidOpenTextDocumentParams) -> None:
        await _checked(ls, params.text_document.uri, 0.0)

    @made.feature(t.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(ls: Server, params: t.DidChangeTextDocumentParams) -> None:
        await _checked(ls, params.text_document.uri, QUIET)

    @made.feature(t.TEXT_DOCUMENT_DID_SAVE)
    async def saved(ls: Server, params: t.DidSaveTextDocumentParams) -> None:
        await _checked(ls, params.text_document.uri, 0.0)


async def _checked(ls: Server, uri: str, quiet: float) -> None:
    """Publishes the diagnostics of all files of the stack, unless somebody has written on meanwhile."""
    place = os.path.dirname(to_fs_path(uri) or "")
    turn = ls.asked[place] = ls.asked.get(place, 0) + 1
    await asyncio.sleep(quiet)
    if ls.asked[place] != turn:
        return
    found = ls.stack_of(uri)
    if found is None:
        return
    path, folder = found
    problems = await asyncio.to_thread(checking.problems, path, folder, os.environ)
    if ls.asked[place] != turn:
        return
    by_file: dict[str, list[t.Diagnostic]] = {file: [] for file in ls.shown.get(path, set()) | set(folder.texts)}
    for problem in problems:
        file = problem.span.file if os.path.isfile(problem.span.file) or problem.span.file in folder.texts else ""
        by_file.setdefault(file or to_fs_path(uri) or "", []).append(_diagnostic(ls, problem))
    ls.shown[path] = set(by_file)
    for file, diagnostics in by_file.items():
        ls.text_document_publish_diagnostics(t.PublishDiagnosticsParams(uri_of(file), diagnostics))


def _diagnostic(ls: Server, problem: checking.Problem) -> t.Diagnostic:
    rule = problem.rule
    return t.Diagnostic(
        ls.range_of(problem.span),
        problem.message,
        severity=t.DiagnosticSeverity.Error if problem.is_error else t.DiagnosticSeverity.Warning,
        code=rule.id if rule else None,
        code_description=t.CodeDescription(help_link(rule)) if rule else None,
        source="ecsplan",
        data=_fixes_of(ls, problem),
    )


def _fixes_of(ls: Server, problem: checking.Problem) -> dict[str, Any]:
    """The edits that would each mend it, as they come back with the question for code actions."""
    if problem.wrong is None:
        return {}
    at = ls.range_of(problem.wrong)
    return {
        "uri": uri_of(problem.wrong.file),
        "range": [at.start.line, at.start.character, at.end.line, at.end.character],
        "instead": list(problem.instead),
    }


def _answer_about_positions(made: Server) -> None:
    @made.feature(t.TEXT_DOCUMENT_COMPLETION, t.CompletionOptions(trigger_characters=[":", " ", "$", "{", "[", "."]))
    def complete(ls: Server, params: t.CompletionParams) -> list[t.CompletionItem]:
        found = ls.stack_of(params.text_document.uri)
        if found is None:
            return []
        _, folder = found
        file, line, column = ls.here(params.text_document.uri, params.position)
        at = context_at(folder.texts.get(file, ""), line, column)
        place = ls.range_of(Span(file, line, at.start, line, column))
        offers = completing.completions(folder, at, checking.shapes(), completing.region_of(folder))
        wanted = [offer for offer in offers if ls.offers_keys or offer.sort not in ("key", "required")]
        return [_item(offer, place, at.is_key and at.expression is None, number) for number, offer in enumerate(wanted)]

    @made.feature(t.TEXT_DOCUMENT_HOVER)
    def hover(ls: Server, params: t.HoverParams) -> t.Hover | None:
        found = ls.stack_of(params.text_document.uri)
        if found is None:
            return None
        path, folder = found
        file, line, column = ls.here(params.text_document.uri, params.position)
        every = symbols.uses(folder, checking.shapes())
        use = symbols.use_at(every, file, line, column)
        plan = checking.plan_at_hand(_beside(path), checking.stack_name(folder), ls.plan)
        text = hover_text(folder.texts.get(file, ""), line, column, use, plan)
        return t.Hover(t.MarkupContent(t.MarkupKind.Markdown, text)) if text else None

    @made.feature(t.TEXT_DOCUMENT_DEFINITION)
    def definition(ls: Server, params: t.DefinitionParams) -> list[t.Location]:
        every, use = _use(ls, params)
        spans = [o.span for o in every if use and o.symbol == use.symbol and o.is_declaration]
        return [ls.location_of(span) for span in spans or _in_other_stacks(ls, params)]

    @made.feature(t.TEXT_DOCUMENT_REFERENCES)
    def references(ls: Server, params: t.ReferenceParams) -> list[t.Location]:
        every, use = _use(ls, params)
        wanted = (o for o in every if use and o.symbol == use.symbol)
        return [ls.location_of(o.span) for o in wanted if params.context.include_declaration or not o.is_declaration]

    @made.feature(t.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepare(ls: Server, params: t.PrepareRenameParams) -> t.Range | None:
        _, use = _use(ls, params)
        return ls.range_of(use.span) if use else None

    @made.feature(t.TEXT_DOCUMENT_RENAME, t.RenameOptions(prepare_provider=True))
    def rename(ls: Server, params: t.RenameParams) -> t.WorkspaceEdit | None:
        found = ls.stack_of(params.text_document.uri)
        every, use = _use(ls, params)
        if found is None or use is None:
            return None
        try:
            return ls.edits_of(symbols.renamed(found[1], every, use, params.new_name))
        except symbols.CannotRename as error:
            ls.window_show_message(t.ShowMessageParams(t.MessageType.Error, str(error)))
            return None


def _use(ls: Server, params: Any) -> tuple[list[symbols.Use], symbols.Use | None]:
    """All uses of names in the folder, and the one at the position."""
    found = ls.stack_of(params.text_document.uri)
    if found is None:
        return [], None
    every = symbols.uses(found[1], checking.shapes())
    return every, symbols.use_at(every, *ls.here(params.text_document.uri, params.position))


def _in_other_stacks(ls: Server, params: Any) -> list[Span]:
    found = ls.stack_of(params.text_document.uri)
    if found is None:
        return []
    root = ls.workspace.root_path or os.path.dirname(found[0])
    return foreign.definitions(found[1], checking.shapes(), root, *ls.here(params.text_document.uri, params.position))


def _item(offer: completing.Completion, place: t.Range, is_key: bool, number: int) -> t.CompletionItem:
    text = f"{offer.text}: " if is_key else offer.text
    return t.CompletionItem(
        offer.text,
        kind=_SORTS[offer.sort],
        detail=("required: " if offer.sort == "required" else "") + offer.detail,
        text_edit=t.TextEdit(place, text),
        filter_text=offer.text,
        sort_text=f"{number:04}",
    )


def _answer_about_documents(made: Server) -> None:
    @made.feature(t.TEXT_DOCUMENT_CODE_ACTION, t.CodeActionOptions([t.CodeActionKind.QuickFix]))
    def actions(ls: Server, params: t.CodeActionParams) -> list[t.CodeAction]:
        return [action for one in params.context.diagnostics for action in _fixes(one)]

    @made.feature(t.TEXT_DOCUMENT_INLAY_HINT)
    def inlay(ls: Server, params: t.InlayHintParams) -> list[t.InlayHint]:
        found = ls.stack_of(params.text_document.uri)
        if found is None:
            return []
        path, folder = found
        plan = checking.plan_at_hand(_beside(path), checking.stack_name(folder), ls.plan)
        rows = checking.hints(folder, plan) if plan else []
        mine = [row for row in rows if row.span.file == to_fs_path(params.text_document.uri)]
        return [t.InlayHint(ls.range_of(row.span).end, f" {row.text}", tooltip="of the saved plan") for row in mine]

    @made.feature(t.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def outline(ls: Server, params: t.DocumentSymbolParams) -> list[t.DocumentSymbol]:
        found = ls.stack_of(params.text_document.uri)
        rows = symbols.declared(found[1]).items() if found else ()
        file = to_fs_path(params.text_document.uri)
        mine = [(str(symbol), symbol.kind, ls.range_of(span)) for symbol, span in rows if span.file == file]
        sort = {symbols.VARIABLE: t.SymbolKind.Variable}
        return [t.DocumentSymbol(name, sort.get(kind, t.SymbolKind.Object), at, at) for name, kind, at in mine]

    @made.feature(t.TEXT_DOCUMENT_FOLDING_RANGE)
    def folding(ls: Server, params: t.FoldingRangeParams) -> list[t.FoldingRange]:
        text = ls.workspace.get_text_document(params.text_document.uri).source
        return [t.FoldingRange(first, last) for first, last in folding_of(text)] if folders.is_stack_text(text) else []

    @made.feature(t.TEXT_DOCUMENT_FORMATTING)
    def layout(ls: Server, params: t.DocumentFormattingParams) -> list[t.TextEdit] | None:
        document = ls.workspace.get_text_document(params.text_document.uri)
        if not folders.is_stack_text(document.source):
            return None
        try:
            new = folders.formatted(document.source, document.path)
        except Rejected:
            return None
        whole = t.Range(t.Position(0, 0), t.Position(len(document.lines), 0))
        return [t.TextEdit(whole, new)] if new != document.source else []


def _fixes(one: t.Diagnostic) -> list[t.CodeAction]:
    """An action for each word that would be right instead of the wrong one."""
    data = one.data if isinstance(one.data, dict) else {}
    if not data.get("instead"):
        return []
    line, column, end_line, end_column = data["range"]
    where = t.Range(t.Position(line, column), t.Position(end_line, end_column))
    return [
        t.CodeAction(
            f"Change to {instead}",
            kind=t.CodeActionKind.QuickFix,
            diagnostics=[one],
            is_preferred=number == 0,
            edit=t.WorkspaceEdit(changes={data["uri"]: [t.TextEdit(where, str(instead))]}),
        )
        for number, instead in enumerate(data["instead"])
    ]


def _beside(path: str) -> str:
    return path if os.path.isdir(path) else os.path.dirname(path)
