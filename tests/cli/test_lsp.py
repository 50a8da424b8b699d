"""`ecsplan lsp`, driven by a client of the protocol over stdio."""

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls", reason="the extra lsp has the protocol")

from lsprotocol import types as t
from pygls.lsp.client import LanguageClient

from ecsplan import engine
from tests.kinds.cloud import Cloud

NET = """\
apiVersion: ecsplan/v1
stack: shop
region: cn-hangzhou
resources:
  vpc: {main: {cidr_block: 10.0.0.0/16}}
  vswitch: {app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24}}
  security_group: {web: {vpc: main}}
"""
WEB = """\
resources:
  instance:
    web: # 網頁 😀
      instance_type: ecs.g7.large
      image: {family: "acs:ubuntu_22_04_x64"}
      vswitch: ap
      security_groups: [web]
      system_disk: {category: cloud_essd, size: 40}
"""


class Editor:
    """An editor with one file open in a folder of two."""

    def __init__(self, client: LanguageClient, folder: Path) -> None:
        self.client, self.folder = client, folder
        self.told: asyncio.Queue[t.PublishDiagnosticsParams] = asyncio.Queue()
        self.file = t.TextDocumentIdentifier((folder / "web.yaml").as_uri())

    def open(self, text: str = WEB) -> None:
        document = t.TextDocumentItem(self.file.uri, t.LanguageKind("yaml"), 1, text)
        self.client.text_document_did_open(t.DidOpenTextDocumentParams(document))

    def write(self, version: int, text: str) -> None:
        identifier = t.VersionedTextDocumentIdentifier(version, self.file.uri)
        whole = [t.TextDocumentContentChangeWholeDocument(text)]
        self.client.text_document_did_change(t.DidChangeTextDocumentParams(identifier, whole))

    async def diagnostics(self, name: str = "web.yaml") -> list[t.Diagnostic]:
        while True:
            told = await asyncio.wait_for(self.told.get(), 60)
            if told.uri.endswith(name):
                return list(told.diagnostics)


def edited(folder: Path, use: Callable[[Editor], Awaitable[None]], **settings: str) -> None:
    async def go() -> None:
        client = LanguageClient("editor", "1")
        editor = Editor(client, folder)

        @client.feature(t.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def told(params: t.PublishDiagnosticsParams) -> None:
            editor.told.put_nowait(params)

        await client.start_io(sys.executable, "-P", "-m", "ecsplan", "lsp")
        await client.initialize_async(
            t.InitializeParams(
                capabilities=t.ClientCapabilities(),
                root_uri=folder.as_uri(),
                process_id=None,
                initialization_options=settings,
            )
        )
        client.initialized(t.InitializedParams())
        try:
            await use(editor)
        finally:
            await client.shutdown_async(None)
            client.exit(None)
            await client.stop()

    asyncio.run(go())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.yaml").write_text(NET, encoding="utf-8")
    (tmp_path / "web.yaml").write_text(WEB, encoding="utf-8")
    return tmp_path


def test_an_editor_is_told_of_faults_and_their_fixes_as_it_writes(folder: Path) -> None:
    async def use(editor: Editor) -> None:
        editor.open()
        (fault,) = await editor.diagnostics()
        assert (fault.code, fault.source, fault.range.start) == ("ECS401", "ecsplan", t.Position(5, 15))
        assert fault.range.end == t.Position(5, 17)
        about = t.CodeActionParams(editor.file, fault.range, t.CodeActionContext([fault]))
        (fix,) = await editor.client.text_document_code_action_async(about) or ()
        assert isinstance(fix, t.CodeAction) and fix.edit and fix.edit.changes
        (edit,) = fix.edit.changes[editor.file.uri]
        assert (fix.title, edit.range, edit.new_text) == ("Change to app", fault.range, "app")
        editor.write(2, WEB.replace("ap\n", "app\n"))
        assert await editor.diagnostics() == []
        editor.write(3, WEB.replace("ap\n", "app\n") + "      sytem: {\n")
        assert len(await editor.diagnostics()) == 1  # not YAML
        assert (folder / "web.yaml").read_text(encoding="utf-8") == WEB

    edited(folder, use)


def test_positions_count_utf_16_units_behind_signs_of_two(folder: Path) -> None:
    """The stack alone in its file: the folder has another one."""
    text = NET.replace("stack: shop", "stack: other").replace("{vpc: main}}", '{description: "😀😀", vpc: mian}}')
    (folder / "web.yaml").write_text(text, encoding="utf-8")

    async def use(editor: Editor) -> None:
        editor.open(text)
        (fault,) = await editor.diagnostics()
        line = text.split("\n")[6]
        start = len(line[: line.index("mian")].encode("utf-16-le")) // 2
        assert (fault.range.start, fault.range.end) == (t.Position(6, start), t.Position(6, start + 4))
        about = t.CodeActionParams(editor.file, fault.range, t.CodeActionContext([fault]))
        (fix,) = await editor.client.text_document_code_action_async(about) or ()
        assert isinstance(fix, t.CodeAction) and fix.edit and fix.edit.changes
        (edit,) = fix.edit.changes[editor.file.uri]
        assert (edit.range, edit.new_text) == (fault.range, "main")

    edited(folder, use)


def test_an_editor_asks_about_positions(folder: Path) -> None:
    async def use(editor: Editor) -> None:
        client, file = editor.client, editor.file
        editor.open()
        await editor.diagnostics()
        offered: Any = await client.text_document_completion_async(t.CompletionParams(file, t.Position(5, 17)))
        assert [item.label for item in offered] == ["app"]
        shown = await client.text_document_hover_async(t.HoverParams(file, t.Position(3, 10)))
        assert shown and isinstance(shown.contents, t.MarkupContent)
        assert "instance.instance_type" in shown.contents.value
        group = t.Position(6, 25)
        (place,) = await client.text_document_definition_async(t.DefinitionParams(file, group)) or ()  # type: ignore[misc]
        assert (place.uri.endswith("net.yaml"), place.range.start) == (True, t.Position(6, 19))
        context = t.ReferenceContext(include_declaration=True)
        places = await client.text_document_references_async(t.ReferenceParams(context, file, group))
        assert [found.uri.rpartition("/")[2] for found in places or ()] == ["net.yaml", "web.yaml"]
        done = await client.text_document_rename_async(t.RenameParams(file, group, "front"))
        assert done and done.changes
        texts = {uri.rpartition("/")[2]: [edit.new_text for edit in edits] for uri, edits in done.changes.items()}
        moved = "\nmoved:\n  - {from: security_group.web, to: security_group.front}\n"
        assert texts == {"net.yaml": ["front", moved], "web.yaml": ["front"]}
        outline: Any = await client.text_document_document_symbol_async(t.DocumentSymbolParams(file))
        assert [symbol.name for symbol in outline] == ["instance.web"]
        layout = t.DocumentFormattingParams(file, t.FormattingOptions(2, True))
        assert await client.text_document_formatting_async(layout) == ()

    edited(folder, use)


LARGER = NET + WEB.partition("\n")[2].replace("vswitch: ap\n", "vswitch: app\n").replace("g7.large", "g7.xlarge")


@pytest.fixture
def applied(folder: Path) -> Path:
    """A stack that is live, with a saved plan that makes its machine larger."""
    (folder / "net.yaml").unlink()
    (folder / "web.yaml").write_text(LARGER.replace("g7.xlarge", "g7.large"), encoding="utf-8")
    cloud = Cloud(folder)
    plan = engine.plan(engine.load(str(folder)), cloud.api)
    assert engine.apply(plan, cloud.api, engine.ApplyOptions(approved=True)).is_complete
    (folder / "web.yaml").write_text(LARGER, encoding="utf-8")
    plan = engine.plan(engine.load(str(folder)), cloud.api)
    cloud.service.close()
    (folder / "kept.json").write_text(engine.save_plan(plan), encoding="utf-8")
    return folder


def test_an_editor_folds_blocks_and_shows_what_a_saved_plan_knows(applied: Path) -> None:
    whole = t.Range(t.Position(0, 0), t.Position(100, 0))

    async def use(editor: Editor) -> None:
        client, file = editor.client, editor.file
        editor.open(LARGER)
        assert await editor.diagnostics() == []
        hints = await client.text_document_inlay_hint_async(t.InlayHintParams(file, whole)) or ()
        told = {LARGER.split("\n")[hint.position.line].strip()[:4]: str(hint.label) for hint in hints}
        assert told["vpc:"].startswith(" vpc-") and told["web:"].endswith(" Running, update"), told
        row = next(number for number, text in enumerate(LARGER.split("\n")) if "instance_type" in text)
        shown = await client.text_document_hover_async(t.HoverParams(file, t.Position(row, 9)))
        assert shown and isinstance(shown.contents, t.MarkupContent)
        lines = shown.contents.value.split("\n")
        assert "    The instance type." in lines  # its documentation, the impact of a change, this change, its price
        assert "    Changes:  in place, while Stopped: stop and start, billing" in lines
        assert "- instance.web: `ecs.g7.large` → `ecs.g7.xlarge` (stop and start)" in lines
        assert re.fullmatch(r"- instance\.web, CNY: [\d.]+ → [\d.]+ a month \(\+[\d.]+\)", lines[-1])
        folds = await client.text_document_folding_range_async(t.FoldingRangeParams(file)) or ()
        assert (3, LARGER.count("\n") - 1) in [(fold.start_line, fold.end_line) for fold in folds]

    edited(applied, use, plan=str(applied / "kept.json"))


OFFERED = {
    "  vswitch: {db: {zone: cn-hangz": "cn-hangzhou-h",
    "  instance: {db: {instance_type: ecs.g7": "ecs.g7.large",
    "  instance: {db: {image: {family: acs:ubu": "acs:ubuntu_22_04_x64",
    "  instance: {db: {system_disk: {category: cloud_e": "cloud_essd",
    "  security_group: {db: {ingress: [{protocol: t": "tcp",
    "  instance: {db: {security_groups: [w": "web",
    "  instance: {db: {instance_ty": "instance_type",
    "  inst": "instance",
}


def test_an_editor_is_offered_keys_names_types_zones_and_images(folder: Path) -> None:
    async def use(editor: Editor) -> None:
        editor.open("resources:\n")
        for version, (text, wanted) in enumerate(OFFERED.items(), 2):
            editor.write(version, f"resources:\n{text}")
            at = t.CompletionParams(editor.file, t.Position(1, len(text)))
            offered: Any = await editor.client.text_document_completion_async(at)
            (item,) = [item for item in offered if item.label == wanted]
            edit = item.text_edit
            assert edit and (edit.range.start.character, edit.range.end.character) == (
                len(text) - len(re.split(r"[ {\[]", text)[-1]),
                len(text),
            )

    edited(folder, use)


def test_an_editor_finds_a_resource_of_another_stack_of_the_workspace(tmp_path: Path) -> None:
    home = tmp_path / "stacks" / "web"
    for place, text in ((home, ""), (tmp_path / "net", NET), (tmp_path / "other", NET.replace("shop", "other"))):
        place.mkdir(parents=True)
        (place / "stack.yaml").write_text(text, encoding="utf-8")
    text = NET.partition("  vpc:")[0].replace("shop", "front") + (
        "  instance:\n    web: {vswitch: {stack: shop, name: app}, security_groups: [{stack: shop, name: web}]}\n"
    )

    async def use(editor: Editor) -> None:
        editor.file = t.TextDocumentIdentifier((home / "stack.yaml").as_uri())
        editor.open(text)
        row = text.split("\n")[5]
        for column, line in ((row.index("app") + 1, 5), (row.index("name: web") + 7, 6), (row.index("shop"), 5)):
            at = t.DefinitionParams(editor.file, t.Position(5, column))
            (place,) = await editor.client.text_document_definition_async(at) or ()  # type: ignore[misc]
            assert place.uri.endswith("/net/stack.yaml") and place.range.start.line == line

    edited(tmp_path, use)


def test_beside_another_server_an_editor_may_leave_the_keys_to_that_one(folder: Path) -> None:
    async def use(editor: Editor) -> None:
        editor.open()
        await editor.diagnostics()
        key: Any = await editor.client.text_document_completion_async(t.CompletionParams(editor.file, t.Position(3, 4)))
        name: Any = await editor.client.text_document_completion_async(
            t.CompletionParams(editor.file, t.Position(5, 17))
        )
        assert not key and [item.label for item in name] == ["app"]

    edited(folder, use, completion="references")
