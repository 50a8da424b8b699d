"""Definitions, references and renaming over the files of a folder."""

from collections.abc import Sequence

import pytest

from ecsplan.engine.editing import checking, symbols
from ecsplan.engine.editing.model import Edit, Folder
from ecsplan.engine.editing.symbols import CannotRename, Symbol, renamed, use_at, uses

NET = """\
apiVersion: ecsplan/v1
stack: shop
region: cn-hangzhou
variables:
  size: {default: 40}
resources:
  vpc: {main: {cidr_block: 10.0.0.0/16}}
  vswitch:
    app: {vpc: main, zone: cn-hangzhou-h, cidr_block: 10.0.1.0/24, description: "in ${vpc.main.id}"}
  security_group: {web: {vpc: main}}
"""
WEB = """\
resources:
  instance:
    web:
      instance_type: ecs.g7.large
      image: {family: "acs:ubuntu_22_04_x64"}
      vswitch: app
      security_groups: [web]
      system_disk: {category: cloud_essd, size: "${size}"}
      depends_on: [security_group.web]
"""


def folder(**texts: str) -> Folder:
    return Folder(texts or {"net.yaml": NET, "web.yaml": WEB})


def found(symbol: Symbol, of: Folder | None = None) -> list[str]:
    """The texts at all places of a symbol, with file and line."""
    of = of or folder()
    rows = [use for use in uses(of, checking.shapes()) if use.symbol == symbol]
    return [f"{use.span.file}:{use.span.line + 1} {of.slice(use.span)}" for use in rows]


def applied(of: Folder, edits: Sequence[Edit]) -> dict[str, str]:
    texts = dict(of.texts)
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        lines = texts[edit.span.file].split("\n")
        row = lines[edit.span.line]
        lines[edit.span.line] = row[: edit.span.column] + edit.text + row[edit.span.end_column :]
        texts[edit.span.file] = "\n".join(lines)
    return texts


def rename(of: Folder, symbol: Symbol, name: str) -> dict[str, str]:
    every = uses(of, checking.shapes())
    use = next(use for use in every if use.symbol == symbol)
    return applied(of, renamed(of, every, use, name))


def test_a_resource_is_found_where_it_is_declared_and_wherever_it_is_named() -> None:
    assert found(Symbol("vpc", "main")) == ["net.yaml:7 main", "net.yaml:9 main", "net.yaml:9 main", "net.yaml:10 main"]
    assert found(Symbol("security_group", "web")) == ["net.yaml:10 web", "web.yaml:7 web", "web.yaml:9 web"]
    assert found(Symbol("vswitch", "app")) == ["net.yaml:9 app", "web.yaml:6 app"]


def test_a_name_of_another_kind_is_not_meant() -> None:
    assert found(Symbol("instance", "web")) == ["web.yaml:3 web"]


def test_a_variable_is_found_in_expressions() -> None:
    assert found(Symbol(symbols.VARIABLE, "size")) == ["net.yaml:5 size", "web.yaml:8 size"]


def test_the_use_under_a_position() -> None:
    use = use_at(uses(folder(), checking.shapes()), "web.yaml", 5, 16)
    assert use is not None and use.symbol == Symbol("vswitch", "app")


def test_a_renamed_resource_is_moved_and_the_stack_stays_right() -> None:
    made = rename(folder(), Symbol("security_group", "web"), "front")
    assert "security_groups: [front]" in made["web.yaml"]
    assert "depends_on: [security_group.front]" in made["web.yaml"]
    assert made["net.yaml"].endswith("\nmoved:\n  - {from: security_group.web, to: security_group.front}\n")
    texts = {f"/nowhere/{name}": text for name, text in made.items()}
    problems = checking.problems("/nowhere", Folder(texts), {})
    assert [problem.message for problem in problems if problem.is_error and "/nowhere" not in problem.message] == []


def test_a_second_renaming_adds_to_moved_and_leaves_old_entries() -> None:
    text = NET + "moved:\n  # renamed in May\n  - {from: vpc.old, to: vpc.main}\n"
    made = rename(folder(**{"net.yaml": text}), Symbol("vpc", "main"), "core")["net.yaml"]
    assert "  - {from: vpc.main, to: vpc.core}\n  - {from: vpc.old, to: vpc.main}\n" in made


def test_a_renamed_variable_needs_no_moved() -> None:
    made = rename(folder(), Symbol(symbols.VARIABLE, "size"), "gigabytes")
    assert 'size: "${gigabytes}"' in made["web.yaml"]
    assert "  gigabytes: {default: 40}" in made["net.yaml"]
    assert "moved" not in made["net.yaml"]


@pytest.mark.parametrize("name", ["9x", "a b", "", "web"])
def test_a_name_that_is_none_or_is_taken_is_refused(name: str) -> None:
    of = folder(**{"net.yaml": NET.replace("{web: {vpc: main}}", "{front: {vpc: main}, web: {vpc: main}}")})
    with pytest.raises(CannotRename):
        rename(of, Symbol("security_group", "front"), name)


def test_a_text_that_does_not_parse_keeps_its_last_names() -> None:
    before = folder()
    now = Folder({"net.yaml": NET + "outputs: {\n", "web.yaml": WEB}, before.nodes)
    assert Symbol("vpc", "main") in symbols.declared(now)


def test_hints_tell_the_live_id_of_a_saved_plan() -> None:
    from tests.render.plans import every_action

    plan = every_action()
    live = next(change for change in plan.changes if change.before is not None)
    kind, name = live.address.kind, live.address.name
    of = folder(**{"a.yaml": f"resources:\n  {kind}: {{{name}: {{}}}}\n"})
    (hint,) = checking.hints(of, plan)
    assert live.before is not None and live.before.id in hint.text
