import os
from pathlib import Path

import pytest

from ecsplan.config.files import load_stack, stack_files
from ecsplan.config.node import plain

from .workshop import Workshop


def test_the_files_directly_in_a_folder_form_one_stack(work: Workshop) -> None:
    work.write("a.yaml", "resources: {net: {a: {}}, box: {x: {}}}\nmoved: []\n")
    work.write("b.yml", "resources: {net: {b: {}}}\nvariables: {v: {}}\n")
    for ignored in ("_c.yaml", ".d.yaml", "e.txt", "sub/f.yaml"):
        work.write(ignored, "resources: {net: {z: {}}}")
    expected = {"net": {"a": {}, "b": {}}, "box": {"x": {}}}
    assert plain(load_stack(str(work.folder)))["resources"] == expected


def test_one_resource_in_two_files_is_refused_with_both_places(work: Workshop) -> None:
    work.write("a.yaml", "resources:\n  net:\n    a: {cidr: 10.0.0.0/8}\n")
    work.write("b.yaml", "resources:\n  net:\n    a: {tags: {}}\n")
    found = work.refused(lambda: load_stack(str(work.folder)))
    assert "resources.net.a is declared in two files" in found
    assert "b.yaml:3:5" in found
    assert "a.yaml:3:5" in found


@pytest.mark.parametrize("text", ["stack: x\n", "moved: []\n", "variables: {v: {}}\n", "outputs: {o: 1}\n"])
def test_one_key_in_two_files_is_refused(work: Workshop, text: str) -> None:
    work.write("a.yaml", text)
    work.write("b.yaml", text)
    assert "is declared in two files" in work.refused(lambda: load_stack(str(work.folder)))


def test_defaults_grow_across_files(work: Workshop) -> None:
    work.write("a.yaml", "defaults: {tags: {a: '1'}}\n")
    work.write("b.yaml", "defaults: {tags: {b: '2'}, box: {size: 1}}\n")
    expected = {"tags": {"a": "1", "b": "2"}, "box": {"size": 1}}
    assert plain(load_stack(str(work.folder)))["defaults"] == expected


def test_overlays_merge_maps_replace_lists_and_null_removes(work: Workshop) -> None:
    base = work.write("s.yaml", "a: {b: {c: 1, d: 2}, l: [1, 2]}\nx: 1\n")
    one = work.write("over/one.yaml", "a: {b: {c: 3, e: 4}, l: [9]}\nx: null\nmissing: null\n")
    two = work.write("over/two.yaml", "a: {b: {d: null}}\nnew: {k: v}\n")
    merged = load_stack(base, [one, two])
    assert plain(merged) == {"a": {"b": {"c": 3, "e": 4}, "l": [9]}, "new": {"k": "v"}}
    assert merged.at(("a", "b", "c")).file.endswith("one.yaml")


def test_an_overlay_may_be_a_folder(work: Workshop) -> None:
    base = work.write("s.yaml", "a: 1\n")
    work.write("production/x.yaml", "b: 2\n")
    assert plain(load_stack(base, [str(work.folder / "production")])) == {"a": 1, "b": 2}


def test_faults_of_all_files_come_together(work: Workshop) -> None:
    work.write("a.yaml", "a: [\n")
    work.write("b.yaml", "")
    found = work.refused(lambda: load_stack(str(work.folder), [str(work.folder / "none.yaml")]))
    assert len(found.diagnostics) == 3


def test_a_folder_without_stacks_is_refused(work: Workshop, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").mkdir()
    assert "there is no stack in" in work.refused(lambda: stack_files(str(tmp_path)))


def test_a_folder_that_may_not_be_listed_is_refused(work: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "listdir", forbidden)
    assert "cannot be read: Permission denied" in work.refused(lambda: stack_files(str(work.folder)))


def test_places_are_named_as_the_person_named_the_path(work: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    work.write("s.yaml", "a: 1")
    monkeypatch.chdir(work.folder)
    assert stack_files(".") == ["s.yaml"]
    assert stack_files("./s.yaml") == ["s.yaml"]


def test_an_overlay_folder_without_files_is_refused_with_the_rest(work: Workshop, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    found = work.refused(lambda: load_stack(work.write("s.yaml", "- 1\n"), [str(tmp_path / "empty")]))
    assert len(found.diagnostics) == 2
