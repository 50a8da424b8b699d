"""Members of a group that are alike are compared once: it must come to what comparing each of them comes to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsplan.model.change import Action
from ecsplan.model.copying import replace
from ecsplan.model.resource import Lifecycle
from ecsplan.planner import diff as diffing
from tests.builders import a_box, a_live, a_resource, a_stack, changes_of, ref

SHELF = a_resource(width=3, wood="oak")
ODD = {
    "as applied": {},
    "grown": {"size": 30},
    "of another material": {"material": "tin"},
    "renamed": {"name": "elsewhere"},
    "retired": {"retired": True},
    "protected": {"is_protected": True},
    "not told of": {"unread": frozenset({"size"})},
    "on another shelf": {"shelf": "sh-other"},
    "of nobody": {"owner": None},
    "with other tags": {"tags": {"team": "a"}},
}
SIZES = (10, 10, 10, 20)
ON = ref("shelf.main")
LIFECYCLE = Lifecycle()


def the_changes(odd, shelf, *, apart):
    """Of members that share what members of a group share, or (`apart`) nothing."""
    resources, live, firsts = [SHELF], {"shelf.main": a_live(SHELF, **shelf)}, {}
    for number, (how, size) in enumerate(odd):
        text = f"box.a[{number}]"
        resource = replace(a_box(text, shelf=ON, size=size, material="steel"), lifecycle=LIFECYCLE)
        fields = dict(ODD[how])
        others = {
            name: fields.pop(name)
            for name in tuple(fields)
            if name in ("retired", "is_protected", "unread", "owner", "tags")
        }
        first = firsts.setdefault(size, a_live(resource))
        own = a_live(resource, f"bx-{number}", **fields)
        if not apart:
            own = replace(own, marks=first.marks, tags=first.tags, applied=first.applied)
        resources.append(resource)
        live[text] = replace(own, **others)
    return changes_of(a_stack(*resources), live)


@given(
    st.lists(st.tuples(st.sampled_from(sorted(ODD)), st.sampled_from(SIZES)), min_size=1, max_size=6),
    st.sampled_from([{}, {"wood": "pine"}]),
)
def test_members_come_to_the_same_whether_they_share_or_not(odd, shelf):
    shared, apart = (the_changes(odd, shelf, apart=apart) for apart in (False, True))
    assert [(c.address, c.action, c.attributes, c.after) for c in shared.values()] == [
        (c.address, c.action, c.attributes, c.after) for c in apart.values()
    ]


def test_of_members_that_are_alike_one_is_looked_at(monkeypatch):
    looked = []
    whole = diffing._change
    monkeypatch.setattr(
        diffing, "_change", lambda work, resource: looked.append(str(resource.address)) or whole(work, resource)
    )
    found = the_changes([("as applied", 10)] * 3 + [("grown", 10)] + [("as applied", 10)] * 2, {}, apart=False)
    assert looked == ["shelf.main", "box.a[0]", "box.a[3]"]
    assert [change.action for change in found.values()].count(Action.NOOP) == 6


@pytest.mark.parametrize("records", [("", "9:abcd"), ("9:abcd", "")])
def test_a_record_of_a_later_version_is_not_touched_beside_a_member_that_has_none(records):
    members = [a_box(f"box.a[{number}]", shelf=ON, size=10) for number in range(2)]
    live = {"shelf.main": a_live(SHELF)}
    for number, (box, text) in enumerate(zip(members, records, strict=True)):
        live[str(box.address)] = a_live(box, f"bx-{number}", tags={"ecsplan:box:applied": text})
    found = changes_of(a_stack(SHELF, *members), live)
    assert [found[str(box.address)].records for box in members] == [not text for text in records]
