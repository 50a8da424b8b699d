"""`--target` and `--exclude`: what was asked for, with what it needs, and nothing else."""

import pytest

from ecsplan.engine.select import selected
from ecsplan.model.change import Action
from ecsplan.model.diagnostic import Rejected
from ecsplan.model.plan import Asked
from tests.builders import KINDS, a_box, a_live, a_resource, a_stack, an_object, at, changes_of, ref

SHELF, FAR = a_resource(wood="oak", width=3), a_resource("shelf.far", width=3)


def chosen(stack, matched=None, *, targets=(), excludes=(), **more) -> dict[str, str]:
    """What is still to be done, by address; quiet ones left out."""
    changes = tuple(changes_of(stack, matched, **more).values())
    found = selected(changes, stack, KINDS, Asked(tuple(targets), tuple(excludes)))
    return {str(change.address): change.action.name for change in found if change.action is not Action.NOOP}


NEW = a_stack(SHELF, FAR, a_box(), a_box("box.g[0]"), a_box("box.g[1]"))


@pytest.mark.parametrize(
    ("target", "made"),
    [
        ("shelf.far", {"shelf.far"}),
        ("box.a", {"box.a", "shelf.main"}),
        ("box.g", {"box.g[0]", "box.g[1]", "shelf.main"}),
        ("box.g[*]", {"box.g[0]", "box.g[1]", "shelf.main"}),
        ("box.g[1]", {"box.g[1]", "shelf.main"}),
        ("shelf.*", {"shelf.main", "shelf.far"}),
    ],
)
def test_a_target_brings_what_it_needs(target, made):
    assert set(chosen(NEW, targets=[target])) == made


@pytest.mark.parametrize(
    ("exclude", "made"),
    [
        ("box.*", {"shelf.main", "shelf.far"}),
        ("shelf.main", {"shelf.far"}),
        ("box.g[0]", {"shelf.main", "shelf.far", "box.a", "box.g[1]"}),
    ],
)
def test_an_exclusion_takes_along_what_needs_it(exclude, made):
    assert set(chosen(NEW, excludes=[exclude])) == made


def test_an_exclusion_is_stronger_than_a_target():
    assert set(chosen(NEW, targets=["box.*", "shelf.far"], excludes=["shelf.main"])) == {"shelf.far"}


@pytest.mark.parametrize("text", ["box.zz", "nonsense", "tray.*"])
def test_what_is_no_address_of_the_plan_is_refused(text):
    with pytest.raises(Rejected, match=r"matches no resource of this plan|is not an address"):
        chosen(NEW, targets=[text])


def test_a_dependency_on_a_group_is_one_on_all_its_members():
    stack = a_stack(
        a_resource("shelf.row[0]"), a_resource("shelf.row[1]"), a_box(shelf="sh-x", depends_on=(at("shelf.row"),))
    )
    assert set(chosen(stack, targets=["box.a"])) == {"box.a", "shelf.row[0]", "shelf.row[1]"}


def test_what_is_left_out_is_said_and_stays():
    live = {"shelf.main": a_live(SHELF, width=1), "shelf.far": a_live(FAR, width=1)}
    stack = a_stack(SHELF, FAR)
    changes = tuple(changes_of(stack, live).values())
    found = selected(changes, stack, KINDS, Asked(("shelf.far",)))
    assert [(c.action, c.notes) for c in found] == [(Action.NOOP, ()), (Action.UPDATE, ())]


OLD = ((at("box.old"), an_object("box.old", shelf="sh-main")),)


def test_deleting_a_thing_brings_the_deletion_of_what_stands_on_it():
    orphans = ((at("shelf.main"), an_object()), *OLD)
    assert chosen(a_stack(), orphans=orphans, targets=["shelf.main"]) == {"shelf.main": "DELETE", "box.old": "DELETE"}


def test_a_target_never_brings_the_deletion_of_what_merely_stands_beside_it():
    live = {"shelf.main": a_live(SHELF)}
    assert chosen(a_stack(SHELF, a_box()), live, orphans=OLD, targets=["box.a"]) == {"box.a": "CREATE"}


def test_changing_a_thing_does_not_bring_the_deletion_of_what_stands_on_it():
    live = {"shelf.main": a_live(SHELF, width=1)}
    assert chosen(a_stack(SHELF), live, orphans=OLD, targets=["shelf.main"]) == {"shelf.main": "UPDATE"}


def test_replacing_a_thing_brings_those_who_must_move_over():
    boxes = (a_box(material="steel"), a_box("box.b", lids=(ref("box.a"),)))
    ids = {"shelf.main": "sh-main", "box.a": "bx-a"}
    live = {"shelf.main": a_live(SHELF), "box.a": a_live(boxes[0], material="tin"), "box.b": a_live(boxes[1], ids=ids)}
    found = chosen(a_stack(SHELF, *boxes), live, targets=["box.a"])
    assert found == {"box.a": "REPLACE", "box.b": "UPDATE"}
    assert chosen(a_stack(SHELF, *boxes), live, excludes=["box.b"]) == {}
