"""The reference of kinds and commands is complete and current, as are the other files that are made from the code."""

import pytest

from ecsplan import engine
from ecsplan.cli.manual import pages
from ecsplan.cli.reference import generated
from ecsplan.model.composites import members_of
from tests.docs.pages import ROOT

DOCS = ROOT / "docs"
COMMAND_PAGE = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name, _ in generated(ROOT)])
def test_a_generated_file_is_current(name: str) -> None:
    text = dict(generated(ROOT))[name]
    path = ROOT / name
    assert path.is_file() and path.read_text(encoding="utf-8") == text, "run: python -m ecsplan.cli.reference"


def test_no_generated_page_is_left_over() -> None:
    there = {path.relative_to(ROOT).as_posix() for path in (DOCS / "reference").rglob("*.md")}
    assert there == {name for name, _ in generated(ROOT) if name.startswith("docs/reference/")}


@pytest.mark.parametrize("page", list(pages()), ids=lambda page: page.name)
def test_a_command_and_its_options_are_documented_with_a_meaning(page) -> None:
    section = COMMAND_PAGE.partition(f"## `ecsplan {page.name}`\n")[2].partition("\n## ")[0]
    assert page.help and page.help in section
    for names, words in page.options:
        assert names.replace("|", "\\|") in section
        assert words, f"ecsplan {page.name} {names} has no help"


@pytest.mark.parametrize("kind", sorted(engine.kinds()))
def test_an_attribute_is_documented(kind: str) -> None:
    text = (DOCS / "reference" / "kinds" / f"{kind}.md").read_text(encoding="utf-8")
    attributes = engine.kinds()[kind].attributes
    names = [name for a in attributes for name in (a.name, *(member.name for member in members_of(a.type)))]
    assert not [name for name in names if f"`{name}`" not in text]
