"""Pages are connected, links lead somewhere, keys and packages are explained, and the READMEs agree."""

import re
from pathlib import Path

import pytest

from ecsplan import engine
from ecsplan.config.expressions.functions import FUNCTIONS, TESTS
from ecsplan.config.expressions.jinja import EVERY_FILTER
from tests.docs.pages import PAGES, ROOT, blocks

DOCS = ROOT / "docs"
LANGUAGE = (DOCS / "stack-file.md").read_text(encoding="utf-8")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def test_every_package_has_its_line_in_the_architecture() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    packages = sorted(path.parent.name for path in (ROOT / "ecsplan").glob("*/__init__.py"))
    assert not [name for name in packages if f"`ecsplan/{name}`" not in text]


@pytest.mark.parametrize("kind", sorted(engine.kinds()))
def test_a_kind_has_an_example_that_declares_it(kind: str) -> None:
    stack = engine.load(str(ROOT / "examples" / "kinds" / f"{kind}.yaml"))
    assert any(resource.address.kind == kind for resource in stack.resources)


def test_every_key_of_the_stack_file_is_explained() -> None:
    schema = engine.stack_schema()
    names = [
        *schema["properties"],
        *schema["$defs"]["lifecycle"]["properties"],
        *schema["$defs"]["variable"]["properties"],
    ]
    assert not [name for name in names if f"`{name}`" not in LANGUAGE]


def test_every_filter_function_and_test_of_expressions_is_explained() -> None:
    table = LANGUAGE.partition("| write | meaning |")[2].partition("\n\n")[0]
    written = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]+)`", table))))
    assert not {*EVERY_FILTER, *FUNCTIONS, *TESTS} - written


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.zh.md"], ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        name, _, anchor = target.partition("#")
        if ":" in name:
            continue
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), target
        if anchor and path.suffix == ".md":
            assert anchor in anchors(path), target


def anchors(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_page_can_be_reached_from_the_readme() -> None:
    todo, seen = [ROOT / "README.md"], set()
    while todo:
        page = todo.pop()
        seen.add(page)
        targets = [
            (page.parent / t.partition("#")[0]).resolve() for t in LINK.findall(page.read_text(encoding="utf-8"))
        ]
        todo += [path for path in targets if path.suffix == ".md" and path.is_file() and path not in seen]
    assert not [path for path in PAGES if path.is_relative_to(DOCS) and path.resolve() not in seen]


def test_the_readme_stays_short() -> None:
    assert (ROOT / "README.md").read_text(encoding="utf-8").count("\n") <= 150


def test_the_chinese_readme_has_the_code_blocks_of_the_english_one() -> None:
    english, chinese = (blocks(ROOT / name) for name in ("README.md", "README.zh.md"))
    assert [(b.marker, b.language, without_comments(b.text)) for b in chinese] == [
        (b.marker, b.language, without_comments(b.text)) for b in english
    ]


def without_comments(text: str) -> list[str]:
    return [line.partition(" # ")[0].rstrip() for line in text.splitlines()]


def test_the_chinese_readme_has_the_sections_and_links_of_the_english_one() -> None:
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md"))
    shapes = [
        re.findall(r"^(#+) ", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M) for text in (english, chinese)
    ]
    assert shapes[0] == shapes[1]
    own = {"README.md", "README.zh.md"}
    assert sorted(set(LINK.findall(english)) - own) == sorted(set(LINK.findall(chinese)) - own)
