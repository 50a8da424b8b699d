"""The changes of a plan as nodes: what makes a node another one, and what does not."""

from decimal import Decimal

import pytest

from ecsplan.kinds import load_kinds
from ecsplan.model.attribute import Impact
from ecsplan.model.change import Action, AttributeChange, Change
from ecsplan.model.copying import replace
from ecsplan.model.delta import Standing
from ecsplan.model.diagnostic import SourceRange
from ecsplan.model.plan import Plan
from ecsplan.model.price import PriceLine, Prices
from ecsplan.model.reach import Reach
from ecsplan.planner.nodes import deltas, nodes_of
from ecsplan.planner.planfile import digest_of, dumps
from ecsplan.planner.planread import loads
from tests.builders import a_plan, a_resource, a_stack, an_object, at

A = a_resource("box.a", width=3)
UPDATE = Change(at("box.a"), Action.UPDATE, an_object("box.a", width=2), A, (AttributeChange("width", 2, 3),))
DELETE = Change(at("box.b"), Action.DELETE, an_object("box.b", width=2))
STAYS = Change(at("box.c"), Action.NOOP, an_object("box.c"), a_resource("box.c"))


def a_plan_of(*changes: Change, **fields: object) -> Plan:
    declared = (change.after for change in changes if change.after is not None)
    plan = replace(a_plan(), changes=changes, steps=(), definition=a_stack(*declared), **fields)  # type: ignore[arg-type]
    return replace(plan, digest=digest_of(plan))


PLAN = a_plan_of(UPDATE, DELETE, STAYS)


def standings(old: Plan, new: Plan) -> dict[str, Standing]:
    return {str(delta.address): delta.standing for delta in deltas(old, new)}


def test_a_plan_has_a_node_for_each_change_also_after_it_was_saved() -> None:
    assert [str(node.address) for node in nodes_of(PLAN)] == ["box.a", "box.b"]
    assert [node.digest for node in nodes_of(loads(dumps(PLAN), load_kinds()))] == [
        node.digest for node in nodes_of(PLAN)
    ]


@pytest.mark.parametrize(
    "change",
    [
        replace(UPDATE, attributes=(AttributeChange("width", 2, 3, note="n", source=SourceRange("s.yaml", 9, 1)),)),
        replace(UPDATE, notes=("a newer image",)),
        replace(UPDATE, after=replace(A, source=SourceRange("s.yaml", 9, 1))),
        replace(UPDATE, before=an_object("box.a", width=2, status="Stopped")),
    ],
)
def test_where_it_stands_and_what_is_only_remarked_make_no_other_node(change: Change) -> None:
    assert standings(PLAN, a_plan_of(change, DELETE, STAYS)) == {"box.a": Standing.SAME, "box.b": Standing.SAME}


@pytest.mark.parametrize(
    ("fact", "change"),
    [
        (("width", "live"), replace(UPDATE, attributes=(AttributeChange("width", 1, 3),))),
        (("width", "planned"), replace(UPDATE, attributes=(AttributeChange("width", 2, 4),))),
        (("impact", ""), replace(UPDATE, impacts=frozenset({Impact.REBOOT}))),
        (("object", ""), replace(UPDATE, before=an_object("box.a", "id-other", width=2))),
        (("action", ""), replace(UPDATE, action=Action.REPLACE)),
        (("losses", ""), replace(UPDATE, loses=("a disk",))),
        (("blocked", ""), replace(UPDATE, blocked=("held",))),
        (("wood", "declared"), replace(UPDATE, after=a_resource("box.a", width=3, wood="oak"))),
        (("lifecycle.prevent_destroy", "declared"),
         replace(UPDATE, after=a_resource("box.a", lifecycle={"prevent_destroy": True}, width=3))),
    ],
)  # fmt: skip
def test_whatever_else_is_done_or_counted_on_makes_another_node(fact: tuple[str, str], change: Change) -> None:
    found = {delta.address: delta for delta in deltas(PLAN, a_plan_of(change, DELETE, STAYS))}
    assert found[at("box.a")].standing is Standing.CHANGED and found[at("box.b")].standing is Standing.SAME
    assert fact in [moved.fact for moved in found[at("box.a")].moved]


def test_what_it_opens_and_what_it_costs_belong_to_it() -> None:
    open_, price = Reach((at("box.a"),), "ingress", opened=("tcp 22",)), PriceLine(at("box.a"), None, Decimal(7))
    assert standings(PLAN, replace(PLAN, reach=(open_,)))["box.a"] is Standing.CHANGED
    assert standings(PLAN, replace(PLAN, prices=Prices(True, "CNY", (price,))))["box.a"] is Standing.CHANGED
    at_c = replace(open_, addresses=(at("box.c"),))
    assert standings(PLAN, replace(PLAN, reach=(at_c,)))["box.c"] is Standing.NEW


def test_two_deletions_of_one_address_are_told_apart_by_their_ids() -> None:
    retired = replace(DELETE, before=an_object("box.b", "id-old"))
    found = deltas(PLAN, a_plan_of(UPDATE, retired, STAYS))
    assert [(str(d.address), d.standing) for d in found] == [
        ("box.b", Standing.NEW), ("box.b", Standing.GONE), ("box.a", Standing.SAME)]  # fmt: skip
