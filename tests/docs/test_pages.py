"""Whoever types what a page shows sees it work: commands run, files are valid, printed output is what is printed.

After a change of what commands print: ECSPLAN_REWRITE=1 pytest tests/docs/test_pages.py
"""

import json
import os
import re
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
import yaml

from ecsplan import engine
from ecsplan.cli.main import root
from ecsplan.engine.notifying import read_channels
from ecsplan.engine.policies import policy_in
from tests.docs.pages import EVERY, PAGES, ROOT, Block, blocks, words
from tests.docs.session import reading

VARIES = re.compile(
    r"\b\d+(\.\d+)? s\b|read in \d+ calls|\b\d+ min\b|\b\d{1,3}(\.\d{1,3}){3}\b|\b[a-z]{1,3}-bp1\w+|\b[0-9a-f]{64}\b"
)
REWRITES = bool(os.environ.get("ECSPLAN_REWRITE"))
PARSED = {"yaml": yaml.safe_load, "json": json.loads}


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=name_of)
def test_a_page_can_be_followed(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with reading(tmp_path, monkeypatch, capsys) as session:
        for block in blocks(page):
            command = block.marked("output of")
            if name := block.marked("file"):
                session.write(name, block)
            elif command:
                check_output(block, session.printed[command])
            elif block.is_run and block.language == "sh":
                session.shell(block)
            elif block.is_run and block.language == "python":
                session.python(block)


def check_output(block: Block, printed: str) -> None:
    if VARIES.sub("…", block.text) == VARIES.sub("…", printed):
        return
    assert REWRITES, f"{block} is not what is printed; run with ECSPLAN_REWRITE=1\n{printed}"
    for page in (block.page, block.page.with_suffix(".zh.md")):
        if page.is_file():
            head = f"<!-- {block.marker} -->\n```{block.language}\n"
            text = page.read_text(encoding="utf-8")
            page.write_text(text.replace(head + block.text, head + printed), encoding="utf-8")


@pytest.mark.parametrize("block", [block for block in EVERY if block.language in PARSED], ids=str)
def test_a_data_block_is_of_its_language(block: Block) -> None:
    PARSED[block.language](block.text)


def is_policy(block: Block) -> bool:
    return "\nkind: Policy" in block.text


def is_stack(block: Block) -> bool:
    return "\nkind: " not in block.text


WHOLE = [block for block in EVERY if block.language == "yaml" and "\napiVersion:" in f"\n{block.text}"]


@pytest.mark.parametrize("block", [block for block in WHOLE if is_policy(block)], ids=str)
def test_a_policy_is_valid(block: Block) -> None:
    assert policy_in(block.text, str(block)).rules


@pytest.mark.parametrize("block", [block for block in WHOLE if "\nkind: Notifications" in block.text], ids=str)
def test_channels_are_valid(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "channels.yaml"
    path.write_text(block.text, encoding="utf-8")
    held = dict.fromkeys(re.findall(r"env: (\w+)", block.text), "https://chat.example/robot")
    assert read_channels(str(path), held)


@pytest.mark.parametrize("block", [block for block in WHOLE if is_stack(block)], ids=str)
def test_a_stack_file_is_valid(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "stack.yaml"
    path.write_text(block.text, encoding="utf-8")
    for environment in engine.environments(str(path)) or (None,):
        assert engine.load(str(path), environment=environment).resources


def is_part_of_a_stack(block: Block) -> bool:
    parsed = yaml.safe_load(block.text) if block.language == "yaml" else None
    return (
        isinstance(parsed, dict)
        and "apiVersion" not in parsed
        and set(parsed) <= set(engine.stack_schema()["properties"])
    )


@pytest.mark.parametrize("block", [block for block in EVERY if is_part_of_a_stack(block)], ids=str)
def test_a_part_of_a_stack_file_fits_the_schema(block: Block) -> None:
    jsonschema.validate(yaml.safe_load(block.text), engine.stack_schema())


def shown_commands() -> list[tuple[str, str]]:
    """Every line that begins with `ecsplan`, in shell blocks and in the steps of workflows, run or not."""
    found = [(str(block), line) for block in EVERY if block.language == "sh" for line in block.command_lines()]
    workflows = [block for block in EVERY if block.language == "yaml" and "run:" in block.text]
    found += [(str(block), line) for block in workflows for line in steps(yaml.safe_load(block.text))]
    return [(place, line) for place, line in found if line.startswith("ecsplan ")]


def steps(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [line.strip() for line in str(value["run"]).splitlines()] if "run" in value else []
        return [*own, *(line for inner in value.values() for line in steps(inner))]
    return [line for inner in value for line in steps(inner)] if isinstance(value, list) else []


@pytest.mark.parametrize(("place", "line"), shown_commands())
def test_a_shown_command_has_the_options_that_it_is_shown_with(place: str, line: str) -> None:
    said = words(re.split(r" (?:\|\|?|>|&&) ", line)[0])
    command: click.Command = root
    context = click.Context(root, info_name="ecsplan")
    while isinstance(command, click.Group):
        said = said[1:]
        found = command.get_command(context, said[0])
        assert found is not None, place
        command = found
    command.make_context(said[0], said[1:], parent=context)
