import os
from pathlib import Path
from typing import Any

import pytest

from ecsplan.config.syntax.foreign_documents import all_stacks_below, stacks_below
from ecsplan.config.syntax.layers import load_stack, stack_files
from ecsplan.config.syntax.nodes import Node, plain
from tests.config.workshop import Workshop


def loaded(*asked: Any) -> Node:
    return load_stack(*asked)[0]


def test_the_files_directly_in_a_folder_form_one_stack(work: Workshop) -> None:
    work.write("a.yaml", "resources: {net: {a: {}}, box: {x: {}}}\nmoved: []\n")
    work.write("b.yml", "resources: {net: {b: {}}}\nvariables: {v: {}}\n")
    for ignored in ("_c.yaml", ".d.yaml", "e.txt", "sub/f.yaml"):
        work.write(ignored, "resources: {net: {z: {}}}")
    expected = {"net": {"a": {}, "b": {}}, "box": {"x": {}}}
    assert plain(loaded(str(work.folder)))["resources"] == expected


def test_one_resource_in_two_files_is_refused_with_both_places(work: Workshop) -> None:
    work.write("a.yaml", "resources:\n  net:\n    a: {cidr: 10.0.0.0/8}\n")
    work.write("b.yaml", "resources:\n  net:\n    a: {tags: {}}\n")
    found = work.refused(lambda: loaded(str(work.folder)))
    assert "resources.net.a is declared in two files" in found
    assert "b.yaml:3:5" in found
    assert "a.yaml:3:5" in found


@pytest.mark.parametrize("text", ["stack: x\n", "moved: []\n", "variables: {v: {}}\n", "outputs: {o: 1}\n"])
def test_one_key_in_two_files_is_refused(work: Workshop, text: str) -> None:
    work.write("a.yaml", text)
    work.write("b.yaml", text)
    assert "is declared in two files" in work.refused(lambda: loaded(str(work.folder)))


def test_defaults_grow_across_files(work: Workshop) -> None:
    work.write("a.yaml", "defaults: {tags: {a: '1'}}\n")
    work.write("b.yaml", "defaults: {tags: {b: '2'}, box: {size: 1}}\n")
    expected = {"tags": {"a": "1", "b": "2"}, "box": {"size": 1}}
    assert plain(loaded(str(work.folder)))["defaults"] == expected


def test_overlays_merge_maps_replace_lists_and_null_removes(work: Workshop) -> None:
    base = work.write("s.yaml", "a: {b: {c: 1, d: 2}, l: [1, 2]}\nx: 1\n")
    one = work.write("over/one.yaml", "a: {b: {c: 3, e: 4}, l: [9]}\nx: null\nmissing: null\n")
    two = work.write("over/two.yaml", "a: {b: {d: null}}\nnew: {k: v}\n")
    merged = loaded(base, [one, two])
    assert plain(merged) == {"a": {"b": {"c": 3, "e": 4}, "l": [9]}, "new": {"k": "v"}}
    assert merged.at(("a", "b", "c")).file.endswith("one.yaml")


def test_an_overlay_may_be_a_folder(work: Workshop) -> None:
    base = work.write("s.yaml", "stack: a\n")
    work.write("production/x.yaml", "outputs: {b: 2}\n")
    assert plain(loaded(base, [str(work.folder / "production")])) == {"stack": "a", "outputs": {"b": 2}}


def test_faults_of_all_files_come_together(work: Workshop) -> None:
    work.write("a.yaml", "resources: [\n")
    work.write("b.yaml", "")
    found = work.refused(lambda: loaded(str(work.folder), [str(work.folder / "none.yaml")]))
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
    found = work.refused(lambda: loaded(work.write("s.yaml", "- 1\n"), [str(tmp_path / "empty")]))
    assert len(found.diagnostics) == 2


STACK = "apiVersion: ecsplan/v1\nstack: demo\nregion: cn-hangzhou\nresources: {net: {a: {}}}\n"
FOREIGN = {
    "values.yaml": "env: prod\ncidr: 10.0.0.0/16\n",
    "pipeline.yml": "on: push\njobs:\n  plan: {}\n",
    "gitlab.yaml": "variables: {A: b}\nstages: [plan]\nimage: python\nplan:\n  script: [!reference [a, b]]\n",
    "ros.yaml": "ROSTemplateFormatVersion: '2015-09-01'\nResources:\n  Vpc: {Type: ALIYUN::ECS::VPC, Id: !Ref X}\n",
    "k8s.yaml": "apiVersion: apps/v1\nkind: Deployment\n---\napiVersion: v1\nkind: Service\n",
    "kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nresources: [a.yaml]\n",
    "compose.yaml": "services:\n  web: {image: nginx}\n",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_another_tool_reads_beside_the_stack_is_left_out_with_a_remark(work: Workshop, name: str) -> None:
    work.write("stack.yaml", STACK)
    work.write(name, FOREIGN[name])
    stack = work.read()
    assert len(stack.resources) == 1
    assert [w.summary for w in stack.warnings] == [f"{name} is left out: it is not part of a stack"]


def test_our_own_documents_of_another_form_are_left_out_without_a_word(work: Workshop) -> None:
    work.write("stack.yaml", STACK)
    work.write("ecsplan.policy.yaml", "apiVersion: ecsplan/v1\npolicy: {}\n")
    assert work.read().warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        "resource: {net: {b: {}}}\n",
        "net: {b: {}}\n",
        "variabels: {v: {default: 1}}\n",
        "defaults: {tags: {}}\njobs: 1\n",
        "apiVersion: ecsplan/v2\nresources: {}\n",
        "resources: {net: {b: {}}}\njobs: {}\n",
    ],
)
def test_a_part_with_a_slip_is_refused_and_not_left_out(work: Workshop, text: str) -> None:
    """Left out, what it declares would be gone from the stack, and deleted."""
    work.write("stack.yaml", STACK)
    work.write("part.yaml", text)
    assert "part.yaml" in work.refused(work.read)


def test_a_file_that_is_named_is_read_whatever_it_holds(work: Workshop) -> None:
    work.write("values.yaml", FOREIGN["values.yaml"])
    assert "a stack has no key env" in work.refused(lambda: work.read("values.yaml"))


def test_stacks_below_a_folder_without_one_are_named(work: Workshop) -> None:
    for folder in ("network", "shop/dev", ".hidden"):
        work.write(f"{folder}/stack.yaml", STACK)
    work.write("shop/dev/overlays/x.yaml", "resources: {}\n")
    work.write("values.yaml", FOREIGN["values.yaml"])
    found = work.refused(work.read)
    assert "there is no stack in" in found
    assert "stacks below: network, shop/dev; name one of these folders" in found
    assert "values.yaml is not part of one" in found


def test_a_saved_plan_is_no_stack(work: Workshop) -> None:
    work.write("p.json", '{"format": "ecsplan-plan/v1", "changes": [], "digest": "x"}\n')
    found = work.refused(lambda: work.read("p.json")).only
    assert "is a saved plan, not a stack" in found.summary
    assert "ecsplan apply" in found.detail


def test_every_stack_below_a_folder_is_found_however_many_and_however_deep(work: Workshop) -> None:
    """One that is passed over would be missing from a plan, an apply and a drift of all."""
    head = "apiVersion: ecsplan/v1\nstack: s\nregion: cn-hangzhou\n"
    for number in range(501):
        (work.folder / f"a{number:03d}").mkdir()
    names = ["z", "teams/one/production/cn-hangzhou/shop/web"]
    for name in names:
        (work.folder / name).mkdir(parents=True)
        (work.folder / name / "stack.yaml").write_text("# a long licence\n" * 1_000 + head, encoding="utf-8")
    assert sorted(all_stacks_below(str(work.folder))) == sorted(names)
    assert list(stacks_below(str(work.folder))) == []  # for a message a look at a few will do


def test_a_folder_that_cannot_be_read_is_told(work: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    (work.folder / "closed").mkdir()
    seen = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return seen(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(PermissionError):
        list(all_stacks_below(str(work.folder)))
