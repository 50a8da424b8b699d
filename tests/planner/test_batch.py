"""Calls that the API takes together: runs of members, lists of ids, their limits; never a circle."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from ecsplan.model.call import Call, Merge
from ecsplan.model.plan import StepId
from ecsplan.planner.batch import merge
from ecsplan.planner.drafts import Draft
from ecsplan.planner.graph import Graph, Why
from tests.builders import KINDS, a_box, a_live, a_resource, a_stack, an_object, at, ref
from tests.planner.layout import steps_of, the_call, the_step, told

SHELF = a_resource()
LIVE = {"shelf.main": a_live(SHELF)}


def members(*numbers: int, **more):
    return tuple(a_box(f"box.a[{number}]", **more) for number in numbers)


def made(*boxes, **more):
    return steps_of(a_stack(SHELF, *boxes), LIVE, **more)


def test_alike_members_are_made_by_one_call():
    call = the_call(made(*members(0, 1, 2)), "RunBoxes box.a[0] ×3")
    assert (call.params["Amount"], call.params["Name"]) == (3, "lab-a-[0,4]")
    assert call.names == ("lab-a-0000", "lab-a-0001", "lab-a-0002")
    assert {tag["Key"]: tag["Value"] for tag in call.params["Tag"]}["ecsplan:box"] == "lab/box.a[0..2]"


def test_one_call_makes_no_more_than_its_limit():
    assert told(made(*members(*range(7)))) == ["RunBoxes box.a[0] ×3", "RunBoxes box.a[3] ×3", "RunBoxes box.a[6]"]


def test_numbers_that_do_not_follow_each_other_are_calls_of_their_own():
    assert told(made(*members(0, 1, 5, 6))) == ["RunBoxes box.a[0] ×2", "RunBoxes box.a[5] ×2"]


def test_numbers_of_more_digits_are_calls_of_their_own():
    """Asked for 10000 in four digits, the service writes 010000, which is another name."""
    steps = made(*members(9998, 9999, 10000, 10001))
    assert told(steps) == ["RunBoxes box.a[9998] ×2", "RunBoxes box.a[10000] ×2"]
    assert [the_call(steps, one).params["Name"] for one in told(steps)] == ["lab-a-[9998,4]", "lab-a-[10000,5]"]


def test_members_that_differ_are_made_singly():
    boxes = (a_box("box.a[0]"), a_box("box.a[1]", size=40), a_box("box.a[2]"))
    assert sorted(told(made(*boxes))) == ["RunBoxes box.a[0]", "RunBoxes box.a[1]", "RunBoxes box.a[2]"]


def test_members_that_something_names_by_number_are_made_together_and_told_apart_at_once():
    steps = made(*members(0, 1, 2), alone=("box.a[1]",))
    assert told(steps) == ["RunBoxes box.a[0] ×3", "TagResources box.a[0] ×3"]
    call = the_call(steps, "TagResources box.a[0] ×3")
    assert call.params["ResourceId"] == [ref("box.a[0]"), ref("box.a[1]"), ref("box.a[2]")]
    (tag,) = call.params["Tag"]
    assert tag["Key"] == "ecsplan:box:members" and tag["Value"].encode(["bx-7", "bx-8", "bx-9"]).startswith("0:")
    made_first, marked = steps
    assert marked.needs == (made_first.id,)


def test_members_of_a_map_are_made_singly():
    boxes = (a_box('box.a["x"]'), a_box('box.a["y"]'))
    assert len(made(*boxes)) == 2


def test_deletes_go_together_up_to_their_limit():
    orphans = tuple((at(f"box.{name}"), an_object(f"box.{name}")) for name in "abcde")
    steps = steps_of(a_stack(), orphans=orphans)
    assert told(steps) == ["DeleteBoxes box.a ×2", "DeleteBoxes box.c ×2", "DeleteBoxes box.e"]
    assert the_call(steps, "DeleteBoxes box.a ×2").params == {"Ids": ["bx-a", "bx-b"]}


def test_a_merged_step_is_as_grave_and_as_patient_as_the_worst_in_it():
    def draft(name: str, **more) -> Draft:
        call = Call("Do", kind="box", targets=(name,), merge=Merge("Ids", 9))
        return Draft(StepId(f"box.{name}", "update"), (at(f"box.{name}"),), (call,), **more)

    drafts = [draft("a", timeout=5.0, seconds=9.0), draft("b", timeout=60.0, seconds=1.0)]
    graph = Graph()
    for one in drafts:
        graph.add(one.id)
    (joined,), _ = merge({one.id: one for one in drafts}, graph, KINDS, ())
    assert (joined.timeout, joined.seconds) == (60.0, 9.0)


def test_a_merged_step_needs_what_any_of_it_needs():
    boxes = [an_object(f"box.{name}", lids=(f"bx-{other}",)) for name, other in (("a", "b"), ("b", "a"))]
    steps = steps_of(a_stack(), orphans=tuple((at(f"box.{box.id[3:]}"), box) for box in boxes))
    assert {str(need) for need in the_step(steps, "DeleteBoxes box.a ×2").needs} == {"release box.a", "release box.b"}


@given(st.integers(0, 10**6))
@settings(max_examples=200, deadline=None)
def test_merging_never_makes_a_circle_and_loses_nobody(seed):
    drafts, graph = a_random_graph(Random(seed))
    merged, found = merge(drafts, graph, KINDS, ())
    found.generations(())
    assert sorted(a for draft in merged for a in draft.addresses) == sorted(d.addresses[0] for d in drafts.values())
    seen: set[StepId] = set()
    for draft in merged:
        assert seen.issuperset(found.needs(draft.id))  # the order of the plan keeps every need
        seen.add(draft.id)


def a_random_graph(chance: Random) -> tuple[dict[StepId, Draft], Graph]:
    drafts: dict[StepId, Draft] = {}
    graph = Graph()
    for number in range(chance.randint(1, 15)):
        address = at(f"box.n{number}")
        operation = chance.choice(["DeleteBoxes", "StopBoxes", "Odd", "barrier"])
        join = Merge("Ids", chance.randint(2, 4)) if operation not in ("Odd", "barrier") else None
        call = Call(operation, kind="box", targets=(f"bx-{number}",), merge=join)
        calls = () if operation == "barrier" else (call,)
        step = StepId(str(address), "update")
        graph.add(step)
        for need in [step for step in drafts if chance.random() < 0.2]:
            graph.need(step, need, Why.REFERS)
        drafts[step] = Draft(step, (address,), calls, wave=chance.randint(0, 1))
    return drafts, graph
