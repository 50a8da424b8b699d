"""Two stacks held against each other as they are declared."""

from ecsplan.model.copying import replace
from ecsplan.model.resource import Lifecycle
from ecsplan.planner.compare import compare
from tests.builders import KINDS, a_box, a_stack


def test_what_is_alike_is_not_told() -> None:
    assert compare(a_stack(a_box()), a_stack(a_box()), KINDS) == ()


def test_what_differs_is_told_with_both_values() -> None:
    (found,) = compare(a_stack(a_box(motor="small")), a_stack(a_box(motor="big")), KINDS)
    assert str(found.address) == "box.a" and found.only_in is None
    assert [(one.name, one.before, one.after) for one in found.attributes] == [("motor", "small", "big")]


def test_what_is_in_one_alone_is_told() -> None:
    found = compare(a_stack(a_box()), a_stack(a_box(), a_box("box.b")), KINDS)
    assert [(str(one.address), one.only_in) for one in found] == [("box.b", 1)]


def test_a_guard_that_one_of_them_lacks_is_told() -> None:
    guarded = replace(a_box(), lifecycle=Lifecycle(prevent_destroy=True))
    (found,) = compare(a_stack(a_box()), a_stack(guarded), KINDS)
    assert [(one.name, one.before, one.after) for one in found.attributes] == [
        ("lifecycle.prevent_destroy", False, True)
    ]


def test_names_that_differ_by_their_stacks_only_do_not_count() -> None:
    one = replace(a_stack(a_box(name="dev-a")), name="dev")
    other = replace(a_stack(a_box(name="prod-a")), name="prod")
    assert compare(one, other, KINDS) == ()
